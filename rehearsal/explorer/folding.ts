/**
 * Which requests of a run are alike, so that a fault at some of them has been tried at all. Reasons to be alike:
 *
 * - The same function, at the same step, sees the same account. Polls of one wait differ in nothing but the time.
 * - The same function, at the same step of a run that was set off alike and ends alike, in another drill (`across.ts`).
 * - A death leaves nothing behind but what was written before it. Between two writes of an invocation it does not matter
 *   before which of its reads it died.
 */

import { isRecord } from '../../simulator/engine/json.ts';
import { stateText, TIME } from './compare.ts';
import { tookEffect } from './effects.ts';
import {
  called,
  type FaultKind,
  type Invocation,
  type LoggedRequest,
  type SimulationResult,
  type Watcher,
} from '../../simulator/engine/run-types.ts';
import type { World } from '../../simulator/engine/model.ts';
import { isOfOwnState } from '../../simulator/engine/own-state.ts';

/** Requests of one class that are tried one by one. */
export const EXPLORED_OF_A_CLASS = 3;

/** How the account stood from a moment on: equal digests, equal accounts but for times. */
export interface Moment {
  readonly atMs: number;
  readonly digest: string;
}

const PERCENT = /"\d+%"/gu;

function digestOf(world: World): string {
  return stateText(world).replaceAll(TIME, '').replaceAll(PERCENT, '');
}

/** Takes down how the account stands whenever it changes. */
export function momentsInto(moments: Moment[]): Watcher {
  const numbers = new Map<string, string>();
  return {
    name: 'moments',
    check: (world) => {
      const text = digestOf(world);
      const digest = numbers.get(text) ?? `state ${numbers.size}`;
      numbers.set(text, digest);
      if (moments.at(-1)?.digest !== digest) moments.push({ atMs: world.clock.now(), digest });
      return undefined;
    },
  };
}

/** What an invocation is of, in words that are the same for each tick of a schedule. */
export function kindOfDelivery({ delivery, event }: Invocation): string {
  if (delivery < 0) return 'schedule';
  if (!isRecord(event)) return 'event';
  if (typeof event['detail-type'] === 'string') {
    const state: unknown = isRecord(event['detail']) ? event['detail']['state'] : undefined;
    return `${event['detail-type']} ${JSON.stringify(state) ?? ''}`;
  }
  return 'alarmData' in event ? 'alarm action' : Object.keys(event).join(' ');
}

/** What a checkpoint says of one step, in words that are the same in each turn of a run. */
interface Update {
  readonly action: string;
  readonly what: string;
}

function updatesOf({ call, input }: LoggedRequest): readonly Update[] {
  const updates: unknown = call === 'lambda:CheckpointDurableExecution' ? input['Updates'] : undefined;
  const all: readonly unknown[] = Array.isArray(updates) ? updates : [];
  return all.filter(isRecord).map(({ Action: action, Type: type, Name: name, SubType: subType }) => {
    // The turn of a loop stands in the name as a number.
    const step = String(name ?? subType).replaceAll(/\d+/gu, '#');
    return { action: String(action), what: `${String(type)} ${step}` };
  });
}

/** A checkpoint that only says that steps began tells the next invocation nothing: it begins them as well. */
function isOnlyBeginning(request: LoggedRequest): boolean {
  const updates = updatesOf(request);
  const isBeginning = ({ action, what }: Update): boolean => action === 'START' && /^(?:STEP|CONTEXT) /u.test(what);
  return updates.length > 0 && updates.every(isBeginning);
}

/** Whether something stands because of the request that a later invocation finds. */
function leavesSomething(request: LoggedRequest): boolean {
  return request.kind === 'write' && tookEffect(request) && !isOnlyBeginning(request);
}

/** A request in words that are the same in each turn of a run, for however many targets side by side. */
function wordsOf(request: LoggedRequest): string {
  const updates = updatesOf(request).map(({ action, what }) => `${action} ${what}`);
  return [called(request), ...[...new Set(updates)].toSorted()].join(' ');
}

function momentOf(moments: readonly Moment[], at: string): string {
  const atMs = Date.parse(at);
  return moments.findLast((moment) => moment.atMs <= atMs)?.digest ?? '';
}

/** Where an invocation is: what it wrote last, and what it has asked since. */
interface Place {
  readonly since: string;
  readonly asked: Map<string, number>;
}

/** What a request is alike to others by. */
export interface Likeness {
  /** Whose it is, what set it off, how that run ended, what it wrote last, and what it asks: the same in every drill. */
  readonly kind: string;
  /** The same, with how the account stood, and the how manieth of its kind it is since the last write: within a drill. */
  readonly place: string;
}

/** How the runs of each invocation ended, in words, for however many targets. */
export function endingsOf({ invocations, results }: SimulationResult): readonly string[] {
  return invocations.map(({ index }) => {
    const own = results.filter(({ invocation }) => invocation === index);
    const words = own.map(({ result }) => `${result.outcome} ${result.reason.split(':')[0] ?? ''}`);
    return [...new Set(words)].toSorted().join();
  });
}

/** What each request is alike to others by, in the order of the requests. */
export function likenesses(without: SimulationResult, moments: readonly Moment[]): readonly Likeness[] {
  const { requests, invocations } = without;
  const endings = endingsOf(without);
  const places = new Map<number, Place>();
  return requests.map((request) => {
    const { since, asked } = places.get(request.invocation) ?? { since: 'start', asked: new Map<string, number>() };
    const words = wordsOf(request);
    const nth = (asked.get(words) ?? 0) + 1;
    asked.set(words, nth);
    places.set(request.invocation, leavesSomething(request) ? { since: words, asked: new Map() } : { since, asked });
    const invocation = invocations[request.invocation];
    const delivery = invocation === undefined ? '' : kindOfDelivery(invocation);
    const kind = [invocation?.runbook, delivery, endings[request.invocation], since, words].join('|');
    return { kind, place: [kind, nth, momentOf(moments, request.at)].join('|') };
  });
}

/** The requests worth trying: of those alike within the drill, beyond the third only counted. Requests from outside Lambda are not ours. */
export function foldedRequests(
  { requests: all }: Pick<SimulationResult, 'requests'>,
  alike: readonly Likeness[],
): { readonly requests: readonly LoggedRequest[]; readonly folded: number } {
  const seen = new Map<string, number>();
  const ours = all.filter(({ invocation }) => invocation >= 0);
  const requests = all.filter((request, index) => {
    const name = alike[index]?.place ?? '';
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return request.invocation >= 0 && count <= EXPLORED_OF_A_CLASS;
  });
  return { requests, folded: ours.length - requests.length };
}

/** Writes that tell people or keep records: nothing is decided by them. */
const TELLING: ReadonlySet<string> = new Set(['events:PutEvents', 'ledger:record']);

/**
 * The checkpoints that stand beside a write: whose invocation, but for other checkpoints, asked for a change right before or
 * asks for one right after. Between reads a checkpoint that is lost costs a repeated read, whatever the runbook.
 */
export function checkpointsBesideWrites({ requests }: Pick<SimulationResult, 'requests'>): ReadonlySet<number> {
  const isChange = (one: LoggedRequest | undefined): boolean =>
    one !== undefined && one.kind === 'write' && tookEffect(one) && !TELLING.has(one.call);
  const beside = new Set<number>();
  const last = new Map<number, LoggedRequest>();
  const open = new Map<number, LoggedRequest[]>();
  for (const request of requests) {
    const { invocation } = request;
    const waiting = open.get(invocation) ?? [];
    if (isOfOwnState(request.call)) {
      open.set(invocation, [...waiting, request]);
      if (isChange(last.get(invocation))) beside.add(request.index);
      continue;
    }
    if (isChange(request)) for (const { index } of waiting) beside.add(index);
    last.set(invocation, request);
    open.set(invocation, []);
  }
  return beside;
}

/** Tells of each death whether one that leaves the same behind was asked about before. To be asked in the order of the requests. */
export function deathsOf({ requests }: SimulationResult): {
  readonly isNew: (request: LoggedRequest, kind: FaultKind) => boolean;
} {
  const writes = new Map<number, LoggedRequest[]>();
  for (const request of requests)
    if (leavesSomething(request)) writes.set(request.invocation, [...(writes.get(request.invocation) ?? []), request]);
  const known = new Set<string>();
  /** How many writes of the invocation have left it by then; what has left takes effect. */
  const left = ({ invocation, index, answeredAt = '' }: LoggedRequest, kind: FaultKind): number =>
    (writes.get(invocation) ?? []).filter(
      (write) => write.index < index || (kind === 'died-after' && (write.index === index || write.at < answeredAt)),
    ).length;
  return {
    isNew: (request, kind) => {
      if (kind !== 'died-before' && kind !== 'died-after') return true;
      const death = `${request.invocation} ${left(request, kind)}`;
      const isNew = !known.has(death);
      known.add(death);
      return isNew;
    },
  };
}
