/** `runbook run NAME`: starts a runbook by a person's request, once, and follows it if that is wanted. */

import { printResults } from '../../handle.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { EXIT, exitCodeOf, planExitCodeOf, refuseBadInput, type ShownResult } from '../../results.ts';
import { StoppedError, UsageError, type CommandIo } from '../../terminal.ts';
import { inStack, nextLine } from '../command-line.ts';
import { complain } from '../complain.ts';
import { placeAsJson } from '../place-as-json.ts';
import { documentOf } from '../show/hidden.ts';
import type { ManualRequest, Operation, Place, Stack, Started } from '../place.ts';
import { modeStanding, switchesOf, switchStanding } from '../row-standing.ts';
import { guardedIn } from '../take-back.ts';
import { spanText } from '../times.ts';
import { UnknownStartError } from '../unknown-start.ts';
import { follow, type Followed, type RunUnderWay } from './follow.ts';
import { demandReadable, requestOf } from './request.ts';
import { ALL, note, scopeIn } from './stacks.ts';
import { askedOf, demandSame, repeatText, startOnRecord, startToken } from './token.ts';

/** How what was started is followed, and told. */
export interface FollowFlags {
  readonly json?: true;
  readonly wait?: true;
  readonly token?: string;
  readonly planExitCode?: true;
}

/** How a runbook is started. */
export interface RunFlags extends FollowFlags {
  readonly target?: string;
  readonly param?: readonly string[];
  readonly dryRun?: true;
  readonly reason?: string;
}

/** Lambda begins what it has taken within seconds. */
const BEGUN_WITHIN_S = 60;
/** Of a runbook that this version does not know: no plain one of this version has longer. */
const LONGEST_S = 300;

/** The one stack that is meant. */
function stackOf({ stacks }: Place, runbook: string): Stack {
  const having = stacks.filter(({ runbooks }) => runbooks.some(({ name }) => name === runbook));
  const [stack, ...others] = having;
  if (stack === undefined || others.length > 0)
    throw new UsageError(`say in which stack, --stack: ${having.map(({ prefix }) => prefix).join(', ')}`);
  return stack;
}

/** What will keep the run from acting is known before it is started. Nothing is kept back: it says so itself, on record. */
async function sayHindrances(io: CommandIo, stack: Stack, { runbook, dryRun }: ManualRequest, now: string) {
  const say = (text: string): void => complain(io, text);
  try {
    const [switches, modes] = await Promise.all([stack.book.switches(), stack.book.modes()]);
    const off = switchesOf(switches, runbook).find((row) => switchStanding(row, now) === 'stopping');
    if (off !== undefined) say(`${off.scope} is off (${off.by}: ${off.reason}): the run will not act`);
    const { mode, from } = modeStanding(stack, modes, runbook);
    if (dryRun !== true && mode === 'plan') say(`the mode is plan (${from}): the run will plan, not act`);
  } catch (error) {
    say(`whether it may act is not known: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What the run is, and the row of the earlier start where it is one. */
interface Begun extends Started {
  readonly token: string;
  readonly before?: Operation;
}

function repeated(before: Operation, request: ManualRequest, token: string): Begun | undefined {
  demandSame(before, request, token);
  const { run } = before.more;
  return typeof run === 'string' ? { run, isRepeated: true, token, before } : undefined;
}

/** Starts it. Where nobody knows whether anything has begun, the error says where that is seen. */
async function begin(place: Place, stack: Stack, request: ManualRequest, token: string): Promise<Started> {
  try {
    return await stack.start(request, token);
  } catch (error) {
    if (!(error instanceof UnknownStartError)) throw error;
    const look = nextLine(inStack(place, stack.prefix), 'runs', '--since', '5m');
    throw new Error(`${error.message}; whether it was, shows ${look}`, { cause: error });
  }
}

/**
 * A run in a world is in this process and ends with it: what Ctrl-C leaves behind is said.
 * @throws StoppedError
 */
async function untilStopped(io: CommandIo, { file }: Place, starting: Promise<Started>): Promise<Started> {
  if (file === null) return starting;
  const stop = Promise.withResolvers<never>();
  const forget = io.onInterrupt(() => {
    stop.reject(new StoppedError(`stopped: a run in a world ends with the command, and ${file} is as it was`));
  });
  try {
    return await Promise.race([starting, stop.promise]);
  } finally {
    forget();
  }
}

/** A request that is to be sent. */
export interface Starting {
  readonly stack: Stack;
  readonly request: ManualRequest;
  /** What its row on record has besides. */
  readonly noted?: JsonObject;
}

/** Sends it, and puts it on record. */
async function send(io: CommandIo, place: Place, starting: Starting, token: string): Promise<Begun> {
  const { stack, request, noted = {} } = starting;
  const now = place.now();
  // Before it is sent: who loses the answer needs it.
  io.stderr.write(`token ${token} (the same start again: --token ${token})\n`);
  const started = await untilStopped(io, place, begin(place, stack, request, token));
  if (started.isRepeated) {
    const before = await startOnRecord(stack, token, { now, isLongAgo: true });
    if (before !== undefined) demandSame(before, request, token);
    return { ...started, token, ...(before === undefined ? {} : { before }) };
  }
  const { runbook: scope, reason = '' } = request;
  const more = { ...noted, run: started.run, token, ...askedOf(request) };
  await note(io, stack, {
    at: now,
    by: place.caller,
    what: 'run',
    scope,
    reason: typeof reason === 'string' ? reason : '',
    more,
  });
  return { ...started, token };
}

/** Starts it, unless its token has started it before; then that is said. */
async function start(io: CommandIo, place: Place, starting: Starting, typed: string | undefined): Promise<Begun> {
  const { stack, request } = starting;
  const token = startToken(typed);
  const before = typed === undefined ? undefined : await startOnRecord(stack, token, { now: place.now() });
  const known = before === undefined ? undefined : repeated(before, request, token);
  const begun = known ?? (await send(io, place, starting, token));
  if (begun.isRepeated) complain(io, repeatText(begun.before, token));
  return begun;
}

/**
 * Says how to see what becomes of it, where it is not waited for. By its whole id: as long as it has left no trace, what is shorter
 * leads to an older run that begins alike.
 */
function sayStarted(
  io: CommandIo,
  { place, stack, run, runbook }: RunUnderWay,
  { isRepeated, token }: Begun,
  json: boolean,
): void {
  if (json) {
    io.stdout.write(`${JSON.stringify({ place: placeAsJson(place), runbook, run, token, isRepeated }, null, 2)}\n`);
    return;
  }
  const begun = isRepeated ? 'was started before by this token' : 'started';
  io.stdout.write(`${runbook} ${begun}: run ${run}\n${nextLine(inStack(place, stack.prefix), 'show', run, '-f')}\n`);
}

/** How its end is told. */
interface Ending extends Pick<Begun, 'token' | 'isRepeated'> {
  readonly json: boolean;
}

async function sayEnd(
  io: CommandIo,
  under: RunUnderWay,
  { results, error }: Extract<Followed, { readonly kind: 'ended' }>,
  { token, isRepeated, json }: Ending,
): Promise<void> {
  const { place, stack, runbook, run } = under;
  if (json) {
    const document = { place: placeAsJson(place), runbook, run, token, isRepeated, results, ...(error && { error }) };
    io.stdout.write(`${JSON.stringify(documentOf(document, false), null, 2)}\n`);
    return;
  }
  const undo =
    place.kind === 'world'
      ? 'what would take it back, in the account that this world is of:'
      : 'to take it back, paste:';
  const none = `${runbook} ended, run ${run}: it left no record, so there was nothing to do`;
  const guarded = await guardedIn(place, stack, results);
  const shows = (of: string): string => nextLine(inStack(place, stack.prefix), 'show', of);
  printResults(io, results, { json: false, none, undo, guarded, shows });
  if (error !== undefined) complain(io, `${runbook} failed: ${error}`);
}

function codeOf(results: readonly ShownResult[], error: string | undefined, planExitCode: boolean): number {
  if (error !== undefined) return EXIT.failed;
  if (results.length === 0) return EXIT.ok;
  return planExitCode ? planExitCodeOf(results) : exitCodeOf(results);
}

/** A person's request leaves a record, also where there was nothing to do: without one it has not got so far. */
function withoutRecord({ place, stack, runbook, run, silentMs }: RunUnderWay): string {
  const functionName = stack.runbooks.find(({ name }) => name === runbook)?.functionName ?? runbook;
  const later = nextLine(inStack(place, stack.prefix), 'runs', '--runbook', runbook);
  return (
    `no record of the run has appeared in ${spanText(silentMs)}: Lambda has not begun it yet, or it failed before it could write one; ` +
    `its log is /aws/lambda/${functionName}, request ${run}; to look again: ${later}`
  );
}

/** Without a run nothing tells its record from that of another. */
function sayNameless(io: CommandIo, { place, stack, runbook }: RunUnderWay, isWaited: boolean): number {
  const look = nextLine(inStack(place, stack.prefix), 'runs', '--runbook', runbook, '--since', '10m');
  io.stderr.write(
    `runbook: ${runbook} was started, but AWS has not said as which run, so that it cannot be followed: ${look}\n`,
  );
  return isWaited ? EXIT.failed : EXIT.ok;
}

async function waited(
  io: CommandIo,
  under: RunUnderWay,
  { begun, flags }: { readonly begun: Begun; readonly flags: FollowFlags },
): Promise<number> {
  const again = nextLine(inStack(under.place, under.stack.prefix), 'show', under.run, '-f');
  let followed: Followed;
  try {
    followed = await follow(io, under);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    complain(io, `${why}; the run goes on; to follow it again: ${again}`);
    return EXIT.failed;
  }
  if (followed.kind === 'ended') {
    refuseBadInput(followed.results);
    const { token, isRepeated } = begun;
    await sayEnd(io, under, followed, { token, isRepeated, json: flags.json === true });
    return codeOf(followed.results, followed.error, flags.planExitCode === true);
  }
  const said = followed.kind === 'stopped' ? `the run goes on; to follow it again: ${again}` : withoutRecord(under);
  io.stderr.write(`runbook: ${said}\n`);
  return EXIT.failed;
}

/**
 * Starts what a person asks for, once, and follows it if that is wanted.
 * @throws UsageError where the runbook would not read the request, or its token stands for another one
 */
export async function startRequest(
  io: CommandIo,
  place: Place,
  starting: Starting,
  flags: FollowFlags,
): Promise<number> {
  const { stack, request } = starting;
  const { runbook } = request;
  const fn = (await io.functions()).find(({ summary }) => summary.name === runbook);
  // A stack may have a runbook that this version does not know: it reads its requests itself.
  if (fn !== undefined) demandReadable(request, fn);
  const started = await start(io, place, starting, flags.token);
  await place.keep();
  const silentMs = ((fn?.summary.timeoutSeconds ?? LONGEST_S) + BEGUN_WITHIN_S) * 1_000;
  const under: RunUnderWay = { place, stack, runbook, run: started.run, silentMs };
  const isWaited = flags.wait === true || place.kind === 'world';
  if (started.run === '') return sayNameless(io, under, isWaited);
  const code = isWaited ? await waited(io, under, { begun: started, flags }) : EXIT.ok;
  if (!isWaited) sayStarted(io, under, started, flags.json === true);
  return code;
}

/** Starts a runbook. */
export async function startRunbook(io: CommandIo, place: Place, name: string, flags: RunFlags): Promise<number> {
  if (name === ALL) throw new UsageError('run starts one runbook, by its name: `runbook list` has them');
  const runbook = scopeIn(place, name);
  const stack = stackOf(place, runbook);
  const { target, reason, param: params = [], dryRun = false } = flags;
  const typed = {
    runbook,
    params,
    dryRun,
    ...(target !== undefined && { target }),
    ...(reason !== undefined && { reason }),
  };
  const request = requestOf(typed, place.caller);
  const fn = (await io.functions()).find(({ summary }) => summary.name === runbook);
  // Before anything is asked of the ledger: a slip is told at once.
  if (fn !== undefined) demandReadable(request, fn);
  await sayHindrances(io, stack, request, place.now());
  return startRequest(io, place, { stack, request }, flags);
}
