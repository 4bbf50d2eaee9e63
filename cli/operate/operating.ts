/** The commands of operation that act: `run`, `undo`, `switch`, `mode`. What they are made of is loaded when one of them is asked for. */

import type { Command } from 'commander';
import { printable } from '../../shared/kernel/printable.ts';
import { UsageError, type CommandIo } from '../terminal.ts';
import type { ModeFlags } from './acting/mode.ts';
import type { FollowFlags, RunFlags } from './acting/run.ts';
import type { SwitchFlags } from './acting/switch.ts';
import type { UndoFlags } from './acting/undo.ts';
import { didYouMean } from './did-you-mean.ts';
import { actingInPlace, examples, inPlace, withPlaceOptions, type PlaceFlags, type Registrar } from './in-place.ts';

function collected(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Adds the options that every command that acts has. */
export function acting(command: Command): Command {
  return withPlaceOptions(command).option('--json', 'print { place, … }, one document');
}

/** Longest reason that runbooks read in a request (`shared/kernel/triggers/request.ts`); a row of the ledger takes no longer one. */
const LONGEST_REASON = 1_024;

/** @throws UsageError for a reason that is longer than what is kept */
export function checkReason(command: string, reason = ''): void {
  if (reason.length > LONGEST_REASON)
    throw new UsageError(
      `${command}: the --reason has ${reason.length} characters, at most ${LONGEST_REASON} are kept: say where the rest stands`,
    );
}

/** @throws UsageError for one that is not there */
export function demandReason(command: string, reason = ''): void {
  // Zero-width characters are no word to whoever asks why.
  const shown = printable(reason, () => '').trim();
  if (shown === '') throw new UsageError(`${command}: give a --reason; it is kept, and told to whoever asks`);
  checkReason(command, reason);
}

function demandWait({ planExitCode, wait, world }: PlaceFlags & FollowFlags): void {
  if (planExitCode === true && wait !== true && world === undefined)
    throw new UsageError('--plan-exit-code goes with --wait: nobody knows the plan before');
}

/** What a command of two ways does where none of them is named: it says how it stands. */
function standing(
  command: Command,
  ways: readonly string[],
  tell: (flags: PlaceFlags & { readonly json?: true }) => Promise<void>,
): void {
  acting(command)
    .usage(`[${ways.join('|')}] [options]`)
    .argument('[words...]')
    // What belongs to a way that was mistyped is no second mistake.
    .allowUnknownOption()
    .action(async ([word]: readonly string[], flags: PlaceFlags & { readonly json?: true }) => {
      if (word?.startsWith('-') === true) throw new UsageError(`unknown option '${word}'`);
      if (word !== undefined) {
        const right = ways.map((way) => `${command.name()} ${way}`).join(' or ');
        throw new UsageError(`unknown command '${word}': say ${right}${didYouMean(word, ways)}`);
      }
      await tell(flags);
    });
}

function registerOff(parent: Command, io: CommandIo, end: (code: number) => void): void {
  acting(parent.command('off'))
    .description('stop all runbooks, or one: each run looks before each call')
    .argument('[runbook]', 'all when none is named')
    .option('--reason <text>', 'why')
    .option('--from <time>', 'a freeze, which begins later: 2026-12-23T18:00:00Z, or 30m, 2h, 3d from now')
    .option('--until <time>', 'ends by itself: a time, or so long after --from, without it from now')
    .option('--replace', 'exactly this; else nothing is shortened that is off for longer, or is going to be')
    .action(async (name: string | undefined, _own: object, command: Command) => {
      // Also what was typed before the way.
      const flags = command.optsWithGlobals<PlaceFlags & SwitchFlags>();
      demandReason('switch off', flags.reason);
      const { turnSwitch } = await import('./acting/switch.ts');
      end(await actingInPlace(io, flags, (place) => turnSwitch(io, place, { way: 'off', name, flags })));
    });
}

const registerSwitch: Registrar = (program, io, end) => {
  const parent = program
    .command('switch')
    .description(
      'off: stop all runbooks, or one, before the next call of each; on: let them act again; alone: how it is',
    )
    .helpCommand(false)
    .addHelpText(
      'after',
      examples(
        'runbook switch',
        'runbook switch off --reason "network change"',
        'runbook switch off heal-bastion --reason patching --until 2h',
        'runbook switch off --reason "year end" --from 2026-12-23T18:00:00Z --until 14d',
        'runbook switch on --reason "the change is done"',
      ),
    );
  standing(parent, ['off', 'on'], async (flags) => {
    const { tellSwitches } = await import('./acting/how-it-stands.ts');
    end(await inPlace(io, flags, (place) => tellSwitches(io, place, flags.json === true)));
  });
  registerOff(parent, io, end);
  acting(parent.command('on'))
    .description('let all runbooks act again, or one; a freeze that was to come is called off')
    .argument('[runbook]', 'what was switched off by this name; all when none is named')
    .option('--reason <text>', 'why')
    .action(async (name: string | undefined, _own: object, command: Command) => {
      const flags = command.optsWithGlobals<PlaceFlags & SwitchFlags>();
      checkReason('switch on', flags.reason);
      const { turnSwitch } = await import('./acting/switch.ts');
      end(await actingInPlace(io, flags, (place) => turnSwitch(io, place, { way: 'on', name, flags })));
    });
};

const registerMode: Registrar = (program, io, end) => {
  const parent = program
    .command('mode')
    .description(
      'plan: runs say what they would do and stop; apply: they act; alone: how it is. No deployment flips it',
    )
    .helpCommand(false)
    .addHelpText(
      'after',
      examples(
        'runbook mode',
        'runbook mode plan --reason "new here"',
        'runbook mode apply heal-bastion --reason "its plans were right for a week"',
      ),
    );
  standing(parent, ['plan', 'apply'], async (flags) => {
    const { tellModes } = await import('./acting/how-it-stands.ts');
    end(await inPlace(io, flags, (place) => tellModes(io, place, flags.json === true)));
  });
  for (const mode of ['plan', 'apply'] as const) {
    acting(parent.command(mode))
      .description(mode === 'plan' ? 'have all runbooks, or one, only plan' : 'let all runbooks, or one, act')
      .argument('[runbook]', 'all when none is named')
      .option('--reason <text>', 'why')
      .action(async (name: string | undefined, _own: object, command: Command) => {
        const flags = command.optsWithGlobals<PlaceFlags & ModeFlags>();
        demandReason(`mode ${mode}`, flags.reason);
        const { setMode } = await import('./acting/mode.ts');
        end(await actingInPlace(io, flags, (place) => setMode(io, place, { mode, name, flags })));
      });
  }
};

const registerRun: Registrar = (program, io, end) => {
  acting(program.command('run'))
    .description(
      'start a runbook by your request, once; Ctrl-C stops following, not the run (in a world it ends the run)',
    )
    .argument('<runbook>', 'its name; `runbook list` has them')
    .option('--target <id>', 'an id, a name or an ARN; without it whatever the runbook finds')
    .option('--param <key=value>', 'of the runbook, once for each; numbers, true, […] and {…} as JSON', collected)
    .option('--dry-run', 'print the plan, change nothing')
    .option('--reason <text>', 'why; it goes with the request')
    .option('--wait', 'follow it to its end and print what it came to; on a world always')
    .option(
      '--token <token>',
      'the start that printed this token, not another one; of a plain runbook once it is on record',
    )
    .option('--plan-exit-code', 'with --wait: end with 5 when it has only planned, and the plan has calls')
    .addHelpText(
      'after',
      examples(
        'runbook run heal-bastion --dry-run --wait',
        'runbook run reassign-elastic-ip --param action=reconcile --world incident.json',
        'runbook run block-address --param action=block --param address=203.0.113.7',
      ),
    )
    .action(async (name: string, flags: PlaceFlags & RunFlags) => {
      demandWait(flags);
      checkReason('run', flags.reason);
      const { startRunbook } = await import('./acting/run.ts');
      end(await actingInPlace(io, flags, (place) => startRunbook(io, place, name, flags)));
    });
};

const registerUndo: Registrar = (program, io, end) => {
  acting(program.command('undo'))
    .description('have the runbook take a run back, behind its guards; nothing is sent where another run came after it')
    .argument('<run[/target]>', 'the run by the beginning of its id, or as `runs` and `status` print it')
    .option('--dry-run', 'print the plan, change nothing')
    .option('--reason <text>', 'why; it goes with the request')
    .option('--anyway', 'also where another run has changed the same since')
    .option('--wait', 'follow it to its end and print what it came to; on a world always')
    .option('--token <token>', 'the start that printed this token, not another one')
    .option('--plan-exit-code', 'with --wait: end with 5 when it has only planned, and the plan has calls')
    .addHelpText(
      'after',
      examples(
        'runbook undo 0b8f6d --dry-run --wait',
        'runbook undo 0b8f6d --reason "the old host is well again"',
        'runbook undo 0b8f6d/eipalloc-04c8e2a6f1b3d9570 --world incident.json',
      ),
    )
    .action(async (run: string, flags: PlaceFlags & UndoFlags) => {
      demandWait(flags);
      checkReason('undo', flags.reason);
      const { undoRun } = await import('./acting/undo.ts');
      end(await actingInPlace(io, flags, (place) => undoRun(io, place, run, flags)));
    });
};

/** Registers the commands that act. */
export const registerOperating: Registrar = (program, io, end) => {
  for (const register of [registerRun, registerUndo, registerSwitch, registerMode]) register(program, io, end);
};
