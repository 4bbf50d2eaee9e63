/** The command of operation that halts: `stop`. What it is made of is loaded when it is asked for. */

import { actingInPlace, examples, type PlaceFlags, type Registrar } from './in-place.ts';
import { acting, checkReason } from './operating.ts';
import type { StopFlags } from './acting/stop.ts';

const registerStop: Registrar = (program, io, end) => {
  acting(program.command('stop'))
    .description('stop one run before its next call, and no other; what it has begun is left to the next run')
    .argument('<run>', 'the run by the beginning of its id, or as `runs` and `status` print it')
    .option('--reason <text>', 'why; the run tells it')
    .addHelpText(
      'after',
      examples('runbook stop 0b8f6d --reason "the old host is well again"', 'runbook stop carry-..cfee0123'),
    )
    .action(async (run: string, flags: PlaceFlags & StopFlags) => {
      checkReason('stop', flags.reason);
      const { stopRun } = await import('./acting/stop.ts');
      end(await actingInPlace(io, flags, (place) => stopRun(io, place, run, flags)));
    });
};

/** Registers the command that halts. */
export const registerHalting: Registrar = (program, io, end) => {
  for (const register of [registerStop]) register(program, io, end);
};
