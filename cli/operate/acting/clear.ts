/** `runbook clear TARGET`: takes away what nobody else will: a dead run's lease, what it announced, a quarantine. What lives is never broken. */

import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { ResourceState } from '../../../shared/kernel/ledger/ledger.ts';
import { EXIT, idOf } from '../../results.ts';
import { UsageError, type CommandIo } from '../../terminal.ts';
import { inStack, nextLine } from '../command-line.ts';
import { complain } from '../complain.ts';
import { placeAsJson } from '../place-as-json.ts';
import type { Place, Stack } from '../place.ts';
import { each, inOneLine, tried } from '../reading.ts';
import { isTarget } from '../runs/found.ts';
import { wholeMoment } from '../times.ts';
import { note, sayLines } from './stacks.ts';

/** What is to be cleared, and how. */
export interface ClearFlags {
  readonly json?: true;
  readonly reason?: string;
  /** Also what was announced and not settled. */
  readonly intent?: true;
  readonly dryRun?: true;
}

/** Who puts instances into quarantine. */
const QUARANTINES = 'reassign-elastic-ip';

/** A durable run may be woken late, milliseconds: it goes on by itself (`shared/kernel/report/watchdog.ts`). */
const GRACE_MS = { durable: 300_000, plain: 0 } as const;

/** What stands of a target in a stack. */
interface Left {
  readonly stack: Stack;
  readonly state: ResourceState;
}

/** All that stands of a target. */
interface Found {
  readonly left?: Left;
  /** Since when an instance is in quarantine. */
  readonly quarantine?: string;
}

/** What became of it. */
interface Cleared {
  readonly code:
    | 'cleared'
    | 'cleared-in-part'
    | 'would-clear'
    | 'nothing-to-clear'
    | 'at-work'
    | 'announced'
    | 'overtaken'
    | 'unread';
  readonly exit: number;
  /** Each a thought: what was, or would be; or why it is not. */
  readonly told: readonly string[];
  readonly lines?: readonly string[];
  readonly isNoted?: boolean;
}

/** A lease, or what was announced; memory is the runbook's own, and blocks nobody. */
function isLeft({ owner, history, isUnreadable }: ResourceState): boolean {
  return owner !== undefined || history.pending !== undefined || isUnreadable === true;
}

async function leftOf(place: Place, target: string): Promise<Left | undefined> {
  const all = await each(place.stacks, async (stack): Promise<readonly Left[]> => {
    const states = await stack.book.resources();
    return states.filter(({ resource }) => isTarget(target, resource)).map((state) => ({ stack, state }));
  });
  const found = all.flat().filter(({ state }) => isLeft(state));
  if (found.length < 2) return found[0];
  const named = found.map(({ stack, state }) => nextLine(inStack(place, stack.prefix), 'clear', state.resource));
  throw new UsageError(`${target}: ${found.length} targets are called so, say which: ${named.join(', ')}`);
}

/** An instance by its id, or by its ARN. */
const INSTANCE = /^(?:arn:[^:]+:ec2:[^:]*:\d*:instance\/)?(i-[0-9a-f]+)$/u;

async function look(place: Place, target: string): Promise<Found> {
  const left = await leftOf(place, target);
  const [, id] = INSTANCE.exec(target) ?? [];
  const quarantine = id === undefined ? undefined : await place.quarantineOf(id);
  return { ...(left === undefined ? {} : { left }), ...(quarantine === undefined ? {} : { quarantine }) };
}

function runIn({ owner = '' }: ResourceState): string {
  return owner.split('|')[0] ?? '';
}

/** Why the lease is not dead; `undefined`: it is, or there is none. */
async function aliveBecause({ stack, state }: Left, now: string): Promise<string | undefined> {
  const { owner, until = '', runbook } = state;
  if (owner === undefined) return undefined;
  const run = runIn(state);
  const whose = `run ${run} of ${runbook}`;
  const [endMs, nowMs] = [Date.parse(until), Date.parse(now)];
  // An end that cannot be read is none that is past.
  if (!(endMs <= nowMs)) return `${whose} has it in hand until ${wholeMoment(until)}`;
  const host = stack.runbooks.find(({ name }) => name === runbook)?.host ?? 'durable';
  const deadAt = new Date(endMs + GRACE_MS[host]).toISOString();
  if (Date.parse(deadAt) > nowMs)
    return `the lease of ${whose} ran out at ${wholeMoment(until)}; it may wake late, and is dead at ${wholeMoment(deadAt)}`;
  // Where Lambda cannot be asked the lease decides, as it does for the runbooks.
  const standing = await stack.standing(runbook, run).catch(() => undefined);
  return standing?.kind === 'running' ? `${whose} goes on, as Lambda says, although its lease has run out` : undefined;
}

function announced({ history: { pending } }: ResourceState): string {
  return pending === undefined ? '' : `${pending.intent}, announced at ${wholeMoment(pending.at)}`;
}

/** Why nothing may be cleared; `undefined`: something may. */
async function hindrance(
  place: Place,
  target: string,
  { left, quarantine }: Found,
  flags: ClearFlags,
): Promise<Cleared | undefined> {
  if (left === undefined) {
    const told = [`${target}: there is nothing to clear: no lease, nothing announced, no quarantine`];
    return quarantine === undefined ? { code: 'nothing-to-clear', exit: EXIT.ok, told } : undefined;
  }
  const { stack, state } = left;
  const home = inStack(place, stack.prefix);
  if (state.isUnreadable === true) {
    const told = [
      `${idOf(state.resource)}: this version cannot read its item in the ledger: clear it with the version that wrote it`,
    ];
    return { code: 'unread', exit: EXIT.failed, told };
  }
  const alive = await aliveBecause(left, place.now());
  if (alive !== undefined) {
    const lines = [nextLine(home, 'stop', runIn(state), '--reason', 'WHY')];
    return { code: 'at-work', exit: EXIT.refused, told: [`${idOf(state.resource)}: ${alive}`], lines };
  }
  // To give up what was begun is for whoever says so in a word of its own.
  if (state.owner !== undefined || quarantine !== undefined || flags.intent === true) return undefined;
  const told = [
    `${idOf(state.resource)}: ${announced(state)}: the next run finishes it. To give it up, so that nobody does:`,
  ];
  const lines = [nextLine(home, 'clear', target, '--intent', '--reason', 'WHY')];
  return { code: 'announced', exit: EXIT.refused, told, lines };
}

/** What is cleared, in words. */
function toldOf(place: Place, { left, quarantine }: Found, flags: ClearFlags): Pick<Cleared, 'told' | 'lines'> {
  const ofTag = quarantine === undefined ? [] : [`quarantine, since ${quarantine}: it may be given an address again`];
  if (left === undefined) return { told: ofTag };
  const { state, stack } = left;
  const { owner, until = '', runbook, resource, history } = state;
  const home = inStack(place, stack.prefix);
  const ofLease =
    owner === undefined ? [] : [`lease of run ${runIn(state)} of ${runbook}, which ran out at ${wholeMoment(until)}`];
  const given = `${announced(state)}: given up, nobody finishes it`;
  const stays = `${announced(state)}: that stays, the next run finishes it; --intent gives it up`;
  const ofIntent = history.pending === undefined ? [] : [flags.intent === true ? given : stays];
  // A run that has died may have left no record, by which it is found once its lease is gone.
  const lines = [nextLine(home, 'runs', '--target', resource)];
  return { told: [...ofLease, ...ofIntent, ...ofTag], ...(history.pending === undefined ? {} : { lines }) };
}

/** Takes it out of the ledger. A lost answer, or a lost condition, is looked up: what was wanted may stand there. */
async function clearLeft({ stack, state }: Left, isGivenUp: boolean): Promise<boolean> {
  const written = await tried(() => stack.book.clear(state, isGivenUp ? 'settle' : 'keep'));
  if (written.ok && written.value) return true;
  const now = (await stack.book.resources()).find(({ resource }) => resource === state.resource);
  const isGone = now?.owner === undefined && (!isGivenUp || now?.history.pending === undefined);
  if (!isGone && !written.ok) throw written.error;
  return isGone;
}

/** Takes the tag away; false: it has been written anew since. */
async function clearTag(place: Place, target: string, value: string): Promise<boolean> {
  const [, id = ''] = INSTANCE.exec(target) ?? [];
  await place.pardon(id, value);
  // EC2 may still show the old one for a while.
  const now = await place.quarantineOf(id);
  return now === undefined || now === value;
}

function noteOf(target: string, { left, quarantine }: Found, isGivenUp: boolean): JsonObject {
  const { owner, history } = left?.state ?? {};
  return {
    target: left?.state.resource ?? target,
    ...(owner === undefined ? {} : { lease: owner }),
    ...(isGivenUp && history?.pending !== undefined ? { intent: history.pending.intent } : {}),
    ...(quarantine === undefined ? {} : { quarantine }),
  };
}

/** What was taken away, and why of the rest it is not known. */
interface Taken {
  readonly taken: Found;
  readonly why?: string;
}

/** In order, so that what comes to nothing keeps the rest from being begun. */
async function takeAway(place: Place, target: string, { left, quarantine }: Found, isGivenUp: boolean): Promise<Taken> {
  if (left !== undefined && !(await clearLeft(left, isGivenUp))) return { taken: {} };
  const taken = left === undefined ? {} : { left };
  if (quarantine === undefined) return { taken };
  const lifted = await tried(() => clearTag(place, target, quarantine));
  if (lifted.ok) return { taken: lifted.value ? { ...taken, quarantine } : taken };
  // What is gone already is told, and put on record.
  if (left === undefined) throw lifted.error;
  return { taken, why: lifted.why };
}

/** Where it is put on record: the tag is of the account, and written by one runbook of some stack. */
function recordedIn({ stacks }: Place, { left }: Found): Stack | undefined {
  return left?.stack ?? stacks.find(({ runbooks }) => runbooks.some(({ name }) => name === QUARANTINES)) ?? stacks[0];
}

/** What that comes to, and what of it came to nothing. */
function verdictOn(target: string, found: Found, taken: Found, why?: string): Cleared {
  if (why !== undefined)
    return { code: 'cleared-in-part', exit: EXIT.failed, told: [`the quarantine is not known to be lifted: ${why}`] };
  if (Object.keys(taken).length === Object.keys(found).length) return { code: 'cleared', exit: EXIT.ok, told: [] };
  const told = [`${target}: somebody has written to it since it was read: look again`];
  return { code: 'overtaken', exit: EXIT.refused, told };
}

async function clear(io: CommandIo, place: Place, target: string, found: Found, flags: ClearFlags): Promise<Cleared> {
  const isGivenUp = flags.intent === true;
  const { taken, why } = await takeAway(place, target, found, isGivenUp);
  const { told: missed, ...verdict } = verdictOn(target, found, taken, why);
  if (Object.keys(taken).length === 0) return { ...verdict, told: missed };
  const { told, lines = [] } = toldOf(place, taken, flags);
  const stack = recordedIn(place, taken);
  const { caller: by } = place;
  const { reason = '' } = flags;
  const scope = taken.left?.state.runbook ?? QUARANTINES;
  const operation = { at: place.now(), by, what: 'clear', scope, reason, more: noteOf(target, taken, isGivenUp) };
  const isNoted = stack === undefined || (await note(io, stack, operation));
  return { ...verdict, told: [...missed, ...told], lines, isNoted };
}

async function outcome(io: CommandIo, place: Place, target: string, flags: ClearFlags): Promise<Cleared> {
  const found = await look(place, target);
  const hindered = await hindrance(place, target, found, flags);
  if (hindered !== undefined) return hindered;
  if (flags.dryRun === true) return { code: 'would-clear', exit: EXIT.ok, ...toldOf(place, found, flags) };
  return clear(io, place, target, found, flags);
}

const WORDS: { readonly [code in Cleared['code']]?: string } = {
  cleared: 'cleared',
  'cleared-in-part': 'cleared in part: look again',
  'would-clear': 'would be cleared',
};

function sayOutcome(io: CommandIo, target: string, { code, exit, told, lines = [] }: Cleared): void {
  const word = WORDS[code];
  if (word !== undefined) sayLines(io, [[0, `${idOf(target)}: ${word}`], ...told.map((text) => [2, text] as const)]);
  else if (exit === EXIT.ok) sayLines(io, [[0, told.join('; ')]]);
  else complain(io, `${code === 'overtaken' ? '' : 'nothing was cleared: '}${told.join('; ')}`);
  for (const line of lines) io.stdout.write(`${line}\n`);
}

/** Clears a target. */
export async function clearTarget(io: CommandIo, place: Place, target: string, flags: ClearFlags): Promise<number> {
  let done: Cleared;
  try {
    done = await outcome(io, place, target, flags);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    complain(io, `${target}: nothing is known to be cleared: ${inOneLine(error)}`);
    return EXIT.failed;
  }
  await place.keep();
  const { code, told, lines = [], exit, isNoted } = done;
  if (flags.json === true)
    io.stdout.write(`${JSON.stringify({ place: placeAsJson(place), target, code, told, lines }, null, 2)}\n`);
  else sayOutcome(io, target, done);
  return isNoted === false ? EXIT.failed : exit;
}
