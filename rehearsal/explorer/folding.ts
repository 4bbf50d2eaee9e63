/**
 * Which requests of a run are alike, so that a fault at some of them has been tried at all. Two reasons to be alike:
 *
 * - The same function, at the same step, sees the same account. Polls of one wait differ in nothing but the time.
 * - A death leaves nothing behind but what was written before it. Between two writes of an invocation it does not matter
 *   before which of its reads it died.
 */

import { isRecord } from '../../simulator/engine/json.ts';
import { TIME } from './compare.ts';
import { tookEffect } from './effects.ts';
import type {
  FaultKind,
  Invocation,
  LoggedRequest,
  SimulationResult,
  Watcher,
} from '../../simulator/engine/run-types.ts';
import type { World } from '../../simulator/engine/model.ts';

/** Requests of one class that are tried one by one. */
export const EXPLORED_OF_A_CLASS = 3;

/** How the account stood from a moment on: equal digests, equal accounts but for times. */
export interface Moment {
  readonly atMs: number;
  readonly digest: string;
}

/** What grows by itself, or tells of the runs rather than of the account. */
const NOT_STATE: ReadonlySet<string> = new Set(['Samples', 'Entries']);
const PERCENT = /"\d+%"/gu;

function digestOf(world: World): string {
  const text = JSON.stringify(world.data, (key, value: unknown) => (NOT_STATE.has(key) ? undefined : value));
  return text.replaceAll(TIME, '').replaceAll(PERCENT, '');
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

/** A request in words that are the same in each turn of a run. */
function wordsOf(request: LoggedRequest): string {
  return [request.call, ...updatesOf(request).map(({ action, what }) => `${action} ${what}`)].join(' ');
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

/** A request's class: whose it is, what set it off, how that run ended, how the account stood, and its place in the run. */
function classesOf(
  { requests, invocations, results }: SimulationResult,
  moments: readonly Moment[],
): readonly string[] {
  const endings = invocations.map(({ index }) =>
    results
      .filter(({ invocation }) => invocation === index)
      .map(({ result }) => `${result.outcome} ${result.reason.split(':')[0] ?? ''}`)
      .join(),
  );
  const places = new Map<number, Place>();
  return requests.map((request) => {
    const { since, asked } = places.get(request.invocation) ?? { since: 'start', asked: new Map<string, number>() };
    const words = wordsOf(request);
    const nth = (asked.get(words) ?? 0) + 1;
    asked.set(words, nth);
    places.set(request.invocation, leavesSomething(request) ? { since: words, asked: new Map() } : { since, asked });
    const invocation = invocations[request.invocation];
    return [
      invocation?.runbook,
      invocation === undefined ? '' : kindOfDelivery(invocation),
      endings[request.invocation],
      momentOf(moments, request.at),
      since,
      nth,
      words,
    ].join('|');
  });
}

/** The requests worth trying: of a class beyond the third only counted. Requests from outside Lambda are not ours. */
export function foldedRequests(
  without: SimulationResult,
  moments: readonly Moment[],
): { readonly requests: readonly LoggedRequest[]; readonly folded: number } {
  const classes = classesOf(without, moments);
  const seen = new Map<string, number>();
  const ours = without.requests.filter(({ invocation }) => invocation >= 0);
  const requests = without.requests.filter((request, index) => {
    const name = classes[index] ?? '';
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return request.invocation >= 0 && count <= EXPLORED_OF_A_CLASS;
  });
  return { requests, folded: ours.length - requests.length };
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
