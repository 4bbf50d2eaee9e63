/** The commands of operation that act: `switch`, `mode`, `run`. What they are made of is loaded when one of them is asked for. */

import { InvalidArgumentError, Option, type Command } from 'commander';
import type { CommandIo } from '../terminal.ts';
import type { ModeFlags } from './acting/mode.ts';
import type { RunFlags } from './acting/run.ts';
import type { SwitchFlags } from './acting/switch.ts';

function accountId(text: string): string {
  if (!/^\d{12}$/u.test(text)) throw new InvalidArgumentError('expected a 12-digit account id.');
  return text;
}

function collected(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** What says where: the same for all of them. */
function withPlace(command: Command): Command {
  return command
    .option('--world <world.json>', 'in a world file, which keeps what is done')
    .option('--stack <prefix>', "only the stack whose names begin so; else all that are found in the account's Region")
    .addOption(new Option('--account <id>', 'refuse credentials of any other account').argParser(accountId))
    .option('--json', 'print one JSON document');
}

const SWITCH_EXAMPLES = `
Examples:
  runbook switch off --reason "network change"             stop all, now
  runbook switch off heal-bastion --reason patching --until 2h
  runbook switch off --reason "year end" --from 2026-12-23T18:00:00Z --until 14d
  runbook switch on --reason "change is done"

Off never shortens: what is off until later, or is planned to be, stays so, unless --replace.`;

function addSwitch(program: Command, io: CommandIo, end: (code: number) => void): void {
  const command = program
    .command('switch')
    .description('off: stop all runbooks, or one, before the next call of each; on: let them act again')
    .helpCommand(false)
    .addHelpText('after', SWITCH_EXAMPLES);
  withPlace(command.command('off'))
    .description('stop all runbooks, or one; every run looks before each call')
    .argument('[runbook]', 'all when none is named')
    .option('--reason <text>', 'why; whoever finds it off reads it')
    .option('--from <time>', 'a freeze that begins later: 2026-12-23T18:00:00Z, or 30m, 2h, 3d from now')
    .option('--until <time>', 'ends by itself: a time, or so long after --from, else from now')
    .option('--replace', 'exactly this, also where it is off for longer already')
    .action(async (runbook: string | undefined, flags: SwitchFlags) => {
      const { switchOff } = await import('./acting/switch.ts');
      end(await switchOff(io, runbook, flags));
    });
  withPlace(command.command('on'))
    .description('let all runbooks act again, or one; a freeze that was to come is called off')
    .argument('[runbook]', 'what was switched off by this name; all when none is named')
    .option('--reason <text>', 'why')
    .action(async (runbook: string | undefined, flags: SwitchFlags) => {
      const { switchOn } = await import('./acting/switch.ts');
      end(await switchOn(io, runbook, flags));
    });
}

const MODE_EXAMPLES = `
Examples:
  runbook mode plan --reason "new here"                    nothing acts; every run says what it would do
  runbook mode apply heal-bastion --reason "plans were right for a week"`;

function addMode(program: Command, io: CommandIo, end: (code: number) => void): void {
  const command = program
    .command('mode')
    .description(
      'plan: runs print what they would do and stop; apply: they act. Kept in the ledger: no deployment flips it',
    )
    .helpCommand(false)
    .addHelpText('after', MODE_EXAMPLES);
  for (const mode of ['plan', 'apply'] as const) {
    withPlace(command.command(mode))
      .description(mode === 'plan' ? 'have all runbooks, or one, only plan' : 'let all runbooks, or one, act')
      .argument('[runbook]', 'all when none is named')
      .option('--reason <text>', 'why; it is kept with the mode')
      .action(async (runbook: string | undefined, flags: ModeFlags) => {
        const { setMode } = await import('./acting/mode.ts');
        end(await setMode(io, mode, runbook, flags));
      });
  }
}

const RUN_EXAMPLES = `
Examples:
  runbook run heal-bastion --dry-run --wait                a smoke test: what would it do?
  runbook run reassign-elastic-ip --target eipalloc-1 --reason "i-0a1 is going" --wait
  runbook run block-address --param network=203.0.113.7/32 --param until=2h
  runbook run heal-bastion --world incident.json           on the simulator`;

function addRun(program: Command, io: CommandIo, end: (code: number) => void): void {
  withPlace(program.command('run'))
    .description('start a runbook by your request, once; Ctrl-C stops following, not the run')
    .argument('<runbook>', 'its name; `runbook list` has them')
    .option('--target <id>', 'an id, a name or an ARN; else whatever the runbook finds')
    .option(
      '--param <key=value>',
      'a parameter of the runbook, may be repeated; numbers, true, [..] and {..} as JSON',
      collected,
    )
    .option('--dry-run', 'print the plan, change nothing')
    .option('--reason <text>', 'why; it goes with the request')
    .option('--wait', 'follow it to its end and print what it came to; on a world always')
    .option('--token <token>', 'the start that printed this token, again: a durable runbook is started once')
    .option('--plan-exit-code', 'end with 5 when the plan has calls')
    .addHelpText('after', RUN_EXAMPLES)
    .action(async (runbook: string, flags: RunFlags) => {
      const { startRunbook } = await import('./acting/run.ts');
      end(await startRunbook(io, runbook, flags));
    });
}

/** Adds the commands that act. `end` hears the exit code. */
export function registerOperating(program: Command, io: CommandIo, end: (code: number) => void): void {
  addRun(program, io, end);
  addSwitch(program, io, end);
  addMode(program, io, end);
}
