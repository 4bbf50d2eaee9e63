/** The `runbook` command: arguments, and what becomes of errors. */

import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { BadInputError } from '../shared/kernel/errors.ts';
import { NotSimulatedError } from '../simulator/engine/model.ts';
import type { FaultMode } from './drill.ts';
import { indented, labelled, widthOf, withoutFeeds } from './layout.ts';
import { registerOperation } from './operate/commands.ts';
import { nearest } from './operate/did-you-mean.ts';
import { accountId, examples } from './operate/in-place.ts';
import { EXIT } from './results.ts';
import { registerDoctor } from './doctor/register.ts';
import { registerSnapshot } from './snapshot/register.ts';
import { guarded, NoRunbookError, StoppedError, UsageError, type CommandIo } from './terminal.ts';
import { whatIfWith } from './whatif/command.ts';

// The commands are loaded when they are asked for: the simulator and the SDK take a second, a line of help or a typing slip should not.

/** `worlds` is no fault of a drill: it has worlds of its own. */
const FAULT_MODES: readonly (FaultMode | 'worlds')[] = ['none', 'random', 'exhaustive', 'no-leases', 'worlds'];
const MOST_WORLDS = 1_000_000;
const LARGEST_SEED = 2 ** 32 - 1;

function seedOf(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/u.test(text) || seed > LARGEST_SEED)
    throw new InvalidArgumentError(`expected a whole number from 0 to ${LARGEST_SEED}.`);
  return seed;
}

function worldCount(text: string): number {
  const count = Number(text);
  if (!/^\d{1,7}$/u.test(text) || count < 1 || count > MOST_WORLDS)
    throw new InvalidArgumentError(`expected a whole number from 1 to ${MOST_WORLDS}.`);
  return count;
}

function ledgerPrefix(text: string): string {
  // The table is called PREFIX-control, and DynamoDB names have at most 255 characters.
  if (!/^[\w.-]{1,200}$/u.test(text))
    throw new InvalidArgumentError("expected the prefix of the deployed tables' names.");
  return text;
}

function seedOption(): Option {
  return new Option('--seed <n>', 'chooses the order of concurrent requests; the same seed, the same run')
    .argParser(seedOf)
    .default(1);
}

interface HandleFlags {
  readonly world?: string;
  readonly aws?: true;
  readonly dryRun?: true;
  readonly json?: true;
  readonly worldOut?: string;
  readonly seed: number;
  readonly apply?: true;
  readonly ledger?: string;
  readonly unsafeNoLedger?: true;
  readonly account?: string;
  readonly verbose?: true;
  readonly planExitCode?: true;
  readonly redact?: true;
}

const ONLY_AWS = ['apply', 'ledger', 'unsafeNoLedger', 'account', 'verbose'] as const;

function optionName(flag: string): string {
  return `--${flag.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)}`;
}

async function handle(io: CommandIo, event: string, flags: HandleFlags): Promise<number> {
  const json = flags.json === true;
  const dryRun = flags.dryRun === true;
  const planExitCode = flags.planExitCode === true;
  if ((flags.world === undefined) === (flags.aws === undefined))
    throw new UsageError('give either --world WORLD.json (the simulator) or --aws (your account)');
  if (flags.world !== undefined) {
    const misplaced = ONLY_AWS.find((flag) => flags[flag] !== undefined);
    if (misplaced !== undefined) throw new UsageError(`${optionName(misplaced)} goes with --aws`);
    const { handleOnWorld } = await import('./handle.ts');
    const { world, seed, worldOut } = flags;
    const redact = flags.redact === true;
    if (redact && !json) throw new UsageError('--redact goes with --json: what is for others to read is one document');
    return handleOnWorld(io, { event, world, dryRun, json, seed, worldOut, planExitCode, redact });
  }
  if (flags.worldOut !== undefined) throw new UsageError('--world-out goes with --world');
  if (flags.redact === true) throw new UsageError('--redact goes with --world');
  if (dryRun && flags.apply === true) throw new UsageError('--dry-run and --apply exclude each other');
  const { handleOnAws } = await import('./handle-aws.ts');
  return handleOnAws(io, {
    event,
    json,
    apply: flags.apply === true,
    ledger: flags.ledger,
    unsafeNoLedger: flags.unsafeNoLedger === true,
    account: flags.account,
    verbose: flags.verbose === true,
    planExitCode,
  });
}

interface DrillFlags {
  readonly seed: number;
  readonly faults: FaultMode | 'worlds';
  readonly json?: true;
  readonly replay?: string;
  readonly count?: number;
  readonly report?: string;
  readonly force?: true;
}

async function drill(io: CommandIo, names: readonly string[], flags: DrillFlags): Promise<number> {
  const { seed, faults, replay, count, report, force } = flags;
  const json = flags.json === true;
  if (force === true && report === undefined) throw new UsageError('--force goes with --report');
  if (faults === 'worlds') {
    if (report !== undefined) throw new UsageError('--report is of drills, and --faults worlds tries none');
    const { tryWorldsOut } = await import('./worlds.ts');
    return tryWorldsOut(io, { names, seed, count, json, replay });
  }
  if (count !== undefined) throw new UsageError('--count goes with --faults worlds');
  const { rehearseDrills } = await import('./drill.ts');
  const page = report === undefined ? undefined : { file: report, force: force === true };
  return rehearseDrills(io, { names, seed, faults, json, replay, page });
}

function addDrill(program: Command, io: CommandIo, end: (code: number) => void): void {
  program
    .command('drill')
    .description('rehearse incidents on the simulated AWS; one drill by name shows its whole story')
    .argument('[name...]', 'drills to rehearse, or with --faults worlds runbooks; all when none is named')
    .addOption(seedOption())
    .addOption(new Option('--faults <mode>', 'what goes wrong').choices(FAULT_MODES).default('none'))
    .option('--json', 'print { "drills": [ { name, runbooks, ok, schedules, violations, assumed } ] }')
    .option(
      '--replay <spec>',
      'run one drill with exactly these faults, or one world, as a violation printed them; ends with 2 if one struck nothing',
    )
    .addOption(new Option('--count <n>', 'with --faults worlds: how many').argParser(worldCount))
    .option('--report <file>', 'write what happened as one page to hand on; - is standard output')
    .option('--force', 'with --report: also over a file that is there')
    .addHelpText(
      'after',
      examples(
        'runbook drill',
        'runbook drill instance-dies',
        'runbook drill instance-dies --faults exhaustive --json',
        'runbook drill instance-dies --report drill.html',
      ),
    )
    .action(async (names: string[], flags: DrillFlags) => end(await drill(io, names, flags)));
}

function addCommands(program: Command, io: CommandIo, end: (code: number) => void): void {
  program
    .command('list')
    .description('the runbooks, and what starts them')
    .option('--json', 'print [{ name, host, disruptive, triggers }]')
    .addHelpText('after', examples('runbook list', 'runbook list --json'))
    .action(async (flags: { json?: true }) => {
      const { list } = await import('./list.ts');
      end(await list(io, { json: flags.json === true }));
    });
  addDrill(program, io, end);
  program
    .command('handle')
    .description('give one event, exactly as AWS delivers it, to every runbook it starts')
    .argument(
      '<event.json>',
      'the event; with --world also a list of { "after": "PT40S", "event": … }, or [] for none: what the world\'s script sets off',
    )
    .option('--world <world.json>', 'on the simulator, acting, until nothing happens any more')
    .option('--aws', 'in this process, with your own credentials; plans only, unless --apply')
    .option('--dry-run', 'print the plan, change nothing')
    .option('--plan-exit-code', 'end with 5 when a plan has calls')
    .option('--json', 'print { "results": […] }')
    .option('--redact', 'with --world --json: other ids, names, addresses and account, to be put into an issue')
    .option('--world-out <file>', 'write the world as the run left it; else nothing of the run is kept')
    .addOption(seedOption())
    .option('--apply', 'with --aws: act')
    .addOption(
      new Option('--ledger <prefix>', "with --aws: the deployed ledger, by its tables' prefix").argParser(ledgerPrefix),
    )
    .option('--unsafe-no-ledger', 'with --aws --apply: act without leases and without the kill switch')
    .addOption(
      new Option('--account <id>', 'with --aws: refuse to run with credentials of any other account').argParser(
        accountId,
      ),
    )
    .option('--verbose', 'with --aws: log lines and metrics on standard error')
    .addHelpText(
      'after',
      examples(
        'runbook handle event.json --world world.json --dry-run',
        'runbook handle event.json --world world.json --world-out incident.json',
        'runbook status --world incident.json                 how it stands then',
        'runbook handle event.json --aws --account 111122223333',
        'runbook handle event.json --aws --apply --ledger runbook-prod',
      ),
    )
    .action(async (event: string, flags: HandleFlags) => end(await handle(io, event, flags)));
}

const EXIT_CODES =
  'Exit codes: 0 done, nothing to do, planned, or waiting; 1 failed, or `status`: something needs a person; 2 bad usage or bad input; 3 no runbook matches; 4 refused; 5 with --plan-exit-code: the plan has calls; `whatif`: something that is lost does not recover; `snapshot`: something could not be read; `doctor`: something should be known (1: would not work)';

const PROGRAM_EXAMPLES = examples(
  'runbook                          how it stands: the same as `runbook status`',
  'runbook runs --since 7d --outcome failed,refused',
  'runbook drill instance-dies',
).trim();

/** Help in a pipe is a page, not a terminal. */
const PAGE_COLUMNS = 80;

/** Breaks what the formatting of help has left too long. */
function withinWidth(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => (line.length <= width ? line : indented(0, line.trim(), width).join('\n')))
    .join('\n');
}

/** Every command ends and writes as the program does, those below others too. */
function inherit(above: Command): void {
  for (const command of above.commands) {
    command.exitOverride().copyInheritedSettings(above);
    inherit(command);
  }
}

function programFor(io: CommandIo, end: (code: number) => void): Command {
  const width = io.stdout.isTTY ? widthOf(io.stdout) : PAGE_COLUMNS;
  const program = new Command('runbook')
    .description('Operations runbooks: how they stand and what they did, rehearsed and tried on your account.')
    .option('-V, --version', 'print the version, and the digest of what is deployed from here')
    .exitOverride()
    // `switch` and `mode` have options of their own, and so have their ways.
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => io.stdout.write(withinWidth(text, width)),
      // Errors are told once, in one form, where they are caught.
      writeErr: () => undefined,
      getOutHelpWidth: () => width,
    })
    .helpCommand(false)
    .configureHelp({
      formatItem: (term, room, description) => labelled([`  ${term.padEnd(room)}  `], description, width),
    })
    .addHelpText('after', `\n${PROGRAM_EXAMPLES}\n\n${EXIT_CODES}`);
  registerOperation(program, io, end);
  addCommands(program, io, end);
  whatIfWith(seedOption())(program, io, end);
  registerSnapshot(program, io, end);
  registerDoctor(program, io, end);
  inherit(program);
  return program;
}

function oneLine(text: string): string {
  return withoutFeeds(text.replace(/^error: /u, '')).trim();
}

/** Whether help was asked for, and is on standard output already. */
function isHelp({ code }: CommanderError): boolean {
  return code === 'commander.helpDisplayed';
}

/**
 * What to type where a runbook's name stands in the command's place. Their names have hyphens, and no command's has: the runbooks are
 * loaded for nothing else that was mistyped.
 */
async function runHint({ functions }: CommandIo, error: unknown, typed = ''): Promise<string> {
  if (!(error instanceof CommanderError) || error.code !== 'commander.unknownCommand' || !typed.includes('-'))
    return '';
  const name = nearest(
    typed.toLowerCase(),
    (await functions()).map(({ summary }) => summary.name),
  );
  return name === undefined ? '' : `; to start it: runbook run ${name}`;
}

function failureOf(error: unknown): { readonly line: string; readonly code: number } {
  if (error instanceof CommanderError) return { line: oneLine(error.message), code: EXIT.bad };
  if (error instanceof UsageError || error instanceof BadInputError)
    return { line: oneLine(error.message), code: EXIT.bad };
  if (error instanceof StoppedError) return { line: oneLine(error.message), code: EXIT.stopped };
  if (error instanceof NoRunbookError) return { line: oneLine(error.message), code: EXIT.noRunbook };
  if (error instanceof NotSimulatedError) return { line: oneLine(error.message), code: EXIT.failed };
  return {
    line: oneLine(error instanceof Error ? error.toString().replace(/^Error: /u, '') : String(error)),
    code: EXIT.failed,
  };
}

function isVersion([first, ...others]: readonly string[]): boolean {
  return (first === '--version' || first === '-V') && others.length === 0;
}

/** Options of no command are those of `status`: whoever types nothing else wants to know how it stands. */
function withCommand(argv: readonly string[]): readonly string[] {
  const [first] = argv;
  const isOfStatus = first === undefined || (first.startsWith('-') && first !== '--help' && first !== '-h');
  return isOfStatus ? ['status', ...argv] : argv;
}

/**
 * Runs the command.
 * @param argv arguments after the command's own name
 * @param outside what it writes to and reads from; whatever it writes is made printable on the way
 * @returns the exit code; never rejects
 */
export async function main(argv: readonly string[], outside: CommandIo): Promise<number> {
  const io = { ...outside, stdout: guarded(outside.stdout), stderr: guarded(outside.stderr) };
  let code: number = EXIT.ok;
  try {
    if (isVersion(argv)) {
      const { ownVersion } = await import('../build/source-version.ts');
      io.stdout.write(`${ownVersion()}\n`);
      return code;
    }
    await programFor(io, (ended) => {
      code = ended;
    }).parseAsync([...withCommand(argv)], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && isHelp(error)) return EXIT.ok;
    const failure = failureOf(error);
    io.stderr.write(`runbook: ${failure.line}${await runHint(io, error, argv[0])}\n`);
    if (failure.code === EXIT.failed && (io.env['RUNBOOK_DEBUG'] ?? '') !== '' && error instanceof Error)
      io.stderr.write(`${error.stack ?? ''}\n`);
    return failure.code;
  }
}
