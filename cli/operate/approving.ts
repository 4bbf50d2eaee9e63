/** The commands by which a person says yes or no to a plan that waits for them. What they are made of is loaded when one is asked for. */

import type { WordFlags } from './acting/approve.ts';
import { actingInPlace, examples, type PlaceFlags, type Registrar } from './in-place.ts';
import { acting, checkReason, demandReason } from './operating.ts';

const registerApprove: Registrar = (program, io, end) => {
  acting(program.command('approve'))
    .description('say yes to the plan that a run waits with; without --plan it is shown, with the line to type')
    .argument('<run[/target]>', 'the run by the beginning of its id, or as `runs` and `status` print it')
    .option('--plan <hash>', 'to exactly this plan')
    .option('--reason <text>', 'why; it is kept')
    .option('--yes', 'a disruptive plan, too, where nobody is at a terminal who could be asked once more')
    .addHelpText(
      'after',
      examples('runbook approve 0b8f6d', 'runbook approve 0b8f6d --plan 3f0c9a4be1d27c58a6b0e94d71f2c835'),
    )
    .action(async (run: string, flags: PlaceFlags & WordFlags) => {
      checkReason('approve', flags.reason);
      const { giveWord } = await import('./acting/approve.ts');
      end(await actingInPlace(io, flags, (place) => giveWord(io, place, run, { verdict: 'approve', flags })));
    });
};

const registerReject: Registrar = (program, io, end) => {
  acting(program.command('reject'))
    .description('say no to the plan that a run waits with')
    .argument('<run[/target]>', 'the run by the beginning of its id, or as `runs` and `status` print it')
    .option('--plan <hash>', 'to exactly this plan')
    .option('--reason <text>', 'why; it is kept, and told with the refusal')
    .addHelpText('after', examples('runbook reject 0b8f6d --plan 3f0c9a4be1d27c58a6b0e94d71f2c835 --reason "not now"'))
    .action(async (run: string, flags: PlaceFlags & WordFlags) => {
      demandReason('reject', flags.reason);
      const { giveWord } = await import('./acting/approve.ts');
      end(await actingInPlace(io, flags, (place) => giveWord(io, place, run, { verdict: 'reject', flags })));
    });
};

/** Registers them. */
export const registerApproving: Registrar = (program, io, end) => {
  for (const register of [registerApprove, registerReject]) register(program, io, end);
};
