/** The commands of whoever is on call: how it stands, what ran, and why. */

import { registerApproving } from './approving.ts';
import { examples, inPlace, withPlaceOptions, type PlaceFlags, type Registrar } from './in-place.ts';
import { registerOperating } from './operating.ts';
import { registerHalting } from './halting.ts';
import type { RunsFlags } from './runs/runs.ts';
import type { ShowFlags } from './show/show.ts';

const registerStatus: Registrar = (program, io, end) => {
  withPlaceOptions(program.command('status'))
    .description('is it over, what changed, must you act? `runbook` alone shows the same')
    .option('--json', 'print { place, stacks: […], verdict: { over, act, text, next } }')
    .addHelpText(
      'after',
      `${examples(
        'runbook status',
        'runbook status --stack runbook-prod --account 111122223333',
        'runbook status --world incident.json --json',
      )}\n\nEnds with 0 when nothing needs a person, with 1 when something does,\nor when something cannot be read.`,
    )
    .action(async (flags: PlaceFlags & { readonly json?: true }) => {
      const { status } = await import('./status/status.ts');
      end(await inPlace(io, flags, (place) => status(io, place, { json: flags.json === true })));
    });
};

const registerRuns: Registrar = (program, io, end) => {
  withPlaceOptions(program.command('runs'))
    .description('what ran, newest last, and what operators did in between')
    .option('--target <target>', 'of this target alone: its ARN or id, or what a run by hand was given')
    .option(
      '--since <time>',
      '90m, 24h, 7d, a day (UTC) or a time with its offset; 30 days at most (default: 24h; of a target: 30d)',
    )
    .option('--outcome <list>', 'with these outcomes alone: failed,refused')
    .option('--runbook <name>', 'of this runbook alone')
    .option('--watch', 'go on, and print what is new, until Ctrl-C')
    .option('--json', 'print { place, since, runs: […] }; with --watch one document a line')
    .addHelpText(
      'after',
      examples(
        'runbook runs --since 7d --outcome failed,refused',
        'runbook runs --target eipalloc-04c8e2a6f1b3d9570',
        'runbook runs --runbook heal-bastion --watch',
      ),
    )
    .action(async (flags: PlaceFlags & RunsFlags) => {
      const { runs } = await import('./runs/runs.ts');
      end(await inPlace(io, flags, (place) => runs(io, place, flags)));
    });
};

const registerShow: Registrar = (program, io, end) => {
  withPlaceOptions(program.command('show'))
    .description('a run: timeline, evidence for and against, what changed, how to take it back')
    .argument('<run[/target]>', 'the run by the beginning of its id, or as `runs` and `status` print it')
    .option('-f, --follow', 'follow it until it has ended; Ctrl-C stops following, not the run')
    .option('-v, --verbose', 'reads and checkpoints, too')
    .option('--show-data', 'bodies of messages and user data, too')
    .option('--plan-exit-code', 'end with 5 when it has only planned, and the plan has calls')
    .option('--json', 'print { place, stack, runbook, run, records: […], undo: […], … }')
    .option('--html <file>', 'write it as one page to hand on, in place of the lines; - is standard output')
    .option('--force', 'with --html: also over a file that is there')
    .addHelpText(
      'after',
      examples(
        'runbook show 0b8f6d',
        'runbook show 0b8f6d/eipalloc-04c8e2a6f1b3d9570 -v',
        'runbook show 0b8f6d -f --world incident.json',
        'runbook show 0b8f6d --html incident.html',
      ),
    )
    .action(async (run: string, flags: PlaceFlags & ShowFlags) => {
      const { show } = await import('./show/show.ts');
      end(await inPlace(io, flags, (place) => show(io, place, run, flags)));
    });
};

/** All commands of operation, in the order of the help: another part of them joins here. */
const REGISTRARS: readonly Registrar[] = [
  registerStatus,
  registerRuns,
  registerShow,
  registerOperating,
  registerApproving,
  registerHalting,
];

/** Registers the commands of operation. */
export const registerOperation: Registrar = (program, io, end) => {
  for (const register of REGISTRARS) register(program, io, end);
};
