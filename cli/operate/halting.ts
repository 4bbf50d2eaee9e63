/** The commands of operation about one run, or one target: `stop`, `clear`. What they are made of is loaded when they are asked for. */

import { actingInPlace, examples, type PlaceFlags, type Registrar } from './in-place.ts';
import type { ClearFlags } from './acting/clear.ts';
import type { StopFlags } from './acting/stop.ts';
import { acting, checkReason, demandReason } from './operating.ts';

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

const registerClear: Registrar = (program, io, end) => {
  acting(program.command('clear'))
    .description('take away what a dead run has left on a target: its lease, what it announced; or a quarantine')
    .argument('<target>', 'its id or ARN, as `status` prints it; of a quarantine the instance')
    .option('--reason <text>', 'why')
    .option('--intent', 'also what was announced and not settled: then nobody finishes it')
    .option('--dry-run', 'print what would be cleared, change nothing')
    .addHelpText(
      'after',
      examples(
        'runbook clear i-0a17c4e9b2d58f306 --dry-run --reason "repaired"',
        'runbook clear eipalloc-04c8e2a6f1b3d9570 --reason "its run was ended by hand"',
        'runbook clear eipalloc-04c8e2a6f1b3d9570 --intent --reason "moved by hand"',
      ),
    )
    .action(async (target: string, flags: PlaceFlags & ClearFlags) => {
      demandReason('clear', flags.reason);
      const { clearTarget } = await import('./acting/clear.ts');
      end(await actingInPlace(io, flags, (place) => clearTarget(io, place, target, flags)));
    });
};

/** Registers the commands about one run, or one target. */
export const registerHalting: Registrar = (program, io, end) => {
  for (const register of [registerStop, registerClear]) register(program, io, end);
};
