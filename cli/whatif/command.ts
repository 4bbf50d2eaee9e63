/** `runbook whatif` as it is typed. */

import { Option } from 'commander';
import { LOSS_KINDS, type LossKind } from '../../rehearsal/whatif/what-if.ts';
import { examples, type Registrar } from '../operate/in-place.ts';
import { UsageError } from '../terminal.ts';

interface WhatIfFlags {
  readonly loss?: readonly LossKind[];
  readonly pairs?: true;
  readonly save?: string;
  readonly json?: true;
  readonly html?: string;
  readonly force?: true;
  readonly seed: number;
}

const ENDS = `Ends with 0 when everything that a runbook looks after recovers, with 5 when
something does not, with 1 when a loss could not be played to its end.`;

/** Registers `whatif`. `seed`: the option of all commands that simulate. */
export function whatIfWith(seed: Option): Registrar {
  return (program, io, end) => {
    program
      .command('whatif')
      .description(
        'lose each thing in a world, one at a time: what recovers, how fast, with which data, and what does not',
      )
      .argument('<world.json>', 'an account as the simulator reads it; pasted outputs, too')
      .addOption(new Option('--loss <kinds...>', 'only losses of these kinds').choices(LOSS_KINDS))
      .option('--pairs', 'then each two at the same moment, as many as can be waited for')
      .option('--save <folder>', 'keep each loss as a drill below this folder; nothing is overwritten')
      .option('--html <file>', 'as a page to hand on; `-`: to standard output')
      .option('--force', 'with --html: write over a file that is there')
      .option('--json', 'print { lostAt, attended, reports: […], unattended, troubled, … }')
      .addOption(seed)
      .addHelpText(
        'after',
        `${examples(
          'runbook whatif examples/company.json',
          'runbook whatif account.json --loss zone volume --json',
          'runbook whatif account.json --pairs --save drills-of-ours',
          'runbook whatif account.json --html whatif.html',
        )}\n\n${ENDS}`,
      )
      .action(async (path: string, flags: WhatIfFlags) => {
        const { tellWhatIf } = await import('./whatif.ts');
        const { loss: kinds = LOSS_KINDS, pairs, save, json, html, force, seed: chosen } = flags;
        if (html === undefined && force === true) throw new UsageError('--force goes with --html');
        if (html === '-' && json === true) throw new UsageError('--json and --html - both write to standard output');
        const page = html === undefined ? undefined : { file: html, force: force === true };
        const asked = { path, kinds, pairs: pairs === true, save, json: json === true, page, seed: chosen };
        end(await tellWhatIf(io, asked));
      });
  };
}
