/**
 * `npm run conformance -- --aws`: plays the scenarios in a sandbox account of the user's, and writes what AWS answered, with names for ids.
 *
 * Exit codes: 0 done; 1 something was not recorded, or is left in the account; 2 bad usage; 4 refused, nothing was created.
 */

import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { UsageError } from '../../cli/terminal.ts';
import { printable } from '../../shared/kernel/printable.ts';
import { idIn } from '../on-simulator.ts';
import { placeFor } from '../place.ts';
import { ACCOUNT, type Scenario } from '../scenario.ts';
import { optionsOf, type RecordOptions } from './arguments.ts';
import { accountBeginning, type Patience } from './beginning.ts';
import { clean, type Passes, type Remaining } from './cleaning.ts';
import { recordedClients } from './clients.ts';
import { homeward, type Stage } from './exchange.ts';
import { beginJournal, closeJournal, unfinished, type Past } from './journal.ts';
import { leftoversIn } from './leftovers.ts';
import { listingLines, planned, type Planned } from './listing.ts';
import { SCENARIO_HOURS } from './prices.ts';
import { writeRecording } from './recorded.ts';
import { recorderFor } from './recorder.ts';
import { redactedNotes } from './redaction.ts';
import { callerIn, Refused, sandboxOf, stageOf, type Sandbox } from './sandbox.ts';

const HOUR_MS = 3_600_000;

function say(line: string): void {
  process.stdout.write(`${printable(line)}\n`);
}

/** How long things are waited for. */
interface Pace extends Patience {
  readonly cleaning: Passes;
}

const IN_AWS: Pace = { pauseMs: 5_000, looks: 120, cleaning: { passes: 60, pauseMs: 10_000 } };
/** An emulator on this machine has everything at once. */
const AT_HOME: Pace = { pauseMs: 50, looks: 20, cleaning: { passes: 6, pauseMs: 50 } };

function paceOf(env: NodeJS.ProcessEnv): Pace {
  return /^https?:\/\/(?:127\.0\.0\.1|localhost)[:/]/u.test(env['AWS_ENDPOINT_URL'] ?? '') ? AT_HOME : IN_AWS;
}

/** A person who stops it stops before the next request; what is there is taken away. */
function stopper(): { readonly isStopped: () => boolean } {
  let isStopped = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      isStopped = true;
      say(`${signal}: no further request; what was created is taken away first`);
    });
  return { isStopped: () => isStopped };
}

/** Asks a person to type the account's alias or number. */
async function consent({ alias, caller }: Sandbox, { isSure }: RecordOptions): Promise<void> {
  if (isSure) return;
  if (!process.stdin.isTTY) throw new Refused('nobody can be asked here: --yes says that you have read the list');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const typed = await terminal.question(printable(`Type ${alias} or ${caller.account} to go on: `));
    if (![alias, caller.account].includes(typed.trim())) throw new Refused('that is neither: nothing is done');
  } finally {
    terminal.close();
  }
}

function tellRemaining(run: string, left: readonly Remaining[]): void {
  for (const { kind, id, why } of left) say(`LEFT   ${run}: ${kind}${id === undefined ? '' : ` ${id}`}: ${why}`);
}

/** Takes away what one run has left. */
async function cleaned(past: Past, { cleaning }: Pace): Promise<boolean> {
  const left = await clean(past, leftoversIn(past.head.region), cleaning);
  tellRemaining(past.head.run, left);
  if (left.length === 0) closeJournal(past);
  return left.length === 0;
}

/** Takes away what earlier runs have left in this account and Region. */
async function cleanedAll({ caller }: Sandbox, { journals }: RecordOptions, pace: Pace): Promise<boolean> {
  let isWhole = true;
  for (const past of unfinished(journals)) {
    const { account, region, run, scenario } = past.head;
    if (account !== caller.account || region !== caller.region) {
      say(`${run} was in ${account} ${region}: not touched here`);
      continue;
    }
    const isClean = await cleaned(past, pace);
    say(`${run} (${scenario}): ${isClean ? 'nothing is left' : 'something is left'}`);
    isWhole &&= isClean;
  }
  return isWhole;
}

interface Session {
  readonly sandbox: Sandbox;
  readonly stage: Stage;
  readonly options: RecordOptions;
  readonly pace: Pace;
  readonly isStopped: () => boolean;
}

function secretsOf({ caller: { account, arn, userId }, alias }: Sandbox): readonly string[] {
  // The name of a role, and of the session: `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
  const names = arn.split('/').slice(1);
  // The example's number stands in every recording.
  const own = [account, alias, ...userId.split(':'), ...names].filter((secret) => secret.length > 3);
  return own.filter((secret) => secret !== ACCOUNT);
}

/** Plays one scenario in the account and writes what it saw. Returns why it was not written. */
async function recorded(scenario: Scenario, session: Session): Promise<string | undefined> {
  const { sandbox, stage, options, pace, isStopped } = session;
  const { account, region } = sandbox.caller;
  const run = `rbc-${randomBytes(6).toString('hex')}`;
  const journal = beginJournal(options.journals, { run, account, region, scenario: scenario.name });
  const until = Date.now() + SCENARIO_HOURS * HOUR_MS;
  const mayGoOn = (): void => {
    if (isStopped()) throw new Error('it was stopped');
    if (Date.now() > until) throw new Error(`it has taken ${SCENARIO_HOURS} h`);
  };
  const recorder = recorderFor({ stage, journal, mayGoOn, pauseMs: pace.pauseMs });
  try {
    const clients = recordedClients(region, recorder);
    const ids = await accountBeginning(clients, scenario.seed, pace);
    const { place, notes } = placeFor({ clients, id: idIn(ids), ...pace, keepsRequests: true });
    await scenario.play(place);
    const fault = recorder.fault();
    if (fault !== undefined) return fault;
    const names = new Map([...ids].map(([called, id]) => [id, called]));
    const told = redactedNotes(notes, { names, homeward: (text) => homeward(text, stage, run) });
    const day = new Date().toISOString().slice(0, 10);
    writeRecording(options.to, { scenario: scenario.name, recorded: day, notes: [...told] }, secretsOf(sandbox));
    return undefined;
  } catch (error) {
    return recorder.fault() ?? (error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  }
}

async function recordAll(plans: readonly Planned[], session: Session): Promise<number> {
  const { options, pace, isStopped } = session;
  let failed = 0;
  for (const { scenario } of plans) {
    if (isStopped()) break;
    const before = new Set(unfinished(options.journals).map(({ file }) => file));
    const fault = await recorded(scenario, session);
    say(
      `${fault === undefined ? 'recorded' : 'NOT RECORDED'}  ${scenario.name}${fault === undefined ? '' : `: ${fault}`}`,
    );
    const own = unfinished(options.journals).filter(({ file }) => !before.has(file));
    let isClean = true;
    for (const past of own) isClean = (await cleaned(past, pace)) && isClean;
    if (fault !== undefined || !isClean) failed += 1;
    // What is left would be in the way of the next one, and costs.
    if (!isClean) break;
  }
  return isStopped() || failed > 0 ? 1 : 0;
}

async function attempt(argv: readonly string[]): Promise<number> {
  const options = optionsOf(argv);
  const plans = options.cleans ? [] : await planned(options.scenarios);
  if (options.lists) {
    for (const line of listingLines(plans)) say(line);
    return 0;
  }
  const caller = await callerIn(process.env, options.region);
  say(`account ${caller.account}, Region ${caller.region}, as ${caller.arn}`);
  const sandbox = await sandboxOf(caller, options.account);
  say(`it says that it is a sandbox: ${sandbox.alias}`);
  const pace = paceOf(process.env);
  if (!options.cleans) for (const line of listingLines(plans)) say(line);
  await consent(sandbox, options);
  if (!(await cleanedAll(sandbox, options, pace))) return 1;
  if (options.cleans) return 0;
  const { isStopped } = stopper();
  const stage = await stageOf(caller);
  return recordAll(plans, { sandbox, stage, options, pace, isStopped });
}

/** Records, or says in one line why not. */
export async function record(argv: readonly string[]): Promise<number> {
  try {
    return await attempt(argv);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    process.stderr.write(`${printable(error.message)}\n`);
    if (error instanceof UsageError) return 2;
    return error instanceof Refused ? 4 : 1;
  }
}

if (import.meta.main) process.exitCode = await record(process.argv.slice(2));
