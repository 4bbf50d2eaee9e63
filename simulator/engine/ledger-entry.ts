/** One resource of the control ledger in memory, and what each operation does to it: synchronous, and whole or not at all. */

import type { History, JsonObject } from '../../shared/kernel/decision.ts';
import {
  ACTIONS_KEPT,
  type Lease,
  type LeaseAnswer,
  type LeaseRequest,
  type Release,
  type ResourceState,
} from '../../shared/kernel/ledger/ledger.ts';
import {
  checkedRequest,
  instant,
  isCarried,
  isHeldByAsker,
  isRepeat,
  isWordOpen,
  refusalOf,
  usedWord,
  WORD_KEY,
  wordRefusal,
} from '../../shared/kernel/ledger/rules.ts';

/** One resource of the ledger, as it stands. */
export interface Entry {
  runbook: string;
  owner: string | undefined;
  until: string | undefined;
  epoch: number;
  /** Newest first; one more than is shown, for the refund. */
  actions: string[];
  /** Epoch of the grant that booked the newest action. */
  booked: number | undefined;
  pending: History['pending'];
  memory: { [key: string]: string };
}

/** What a run is told of a resource. */
export function historyOf(entry: Entry): History {
  return {
    epoch: entry.epoch,
    actions: entry.actions.slice(0, ACTIONS_KEPT),
    ...(entry.pending === undefined ? {} : { pending: entry.pending }),
    memory: { ...entry.memory },
  };
}

function standingOf(entry: Entry): { owner?: string; until?: string; actions: readonly string[] } {
  return {
    ...(entry.owner === undefined ? {} : { owner: entry.owner }),
    ...(entry.until === undefined ? {} : { until: entry.until }),
    actions: entry.actions.slice(0, ACTIONS_KEPT),
  };
}

/** What a resource is remembered as, for a world and a dump. */
export function stateOf(resource: string, entry: Entry): ResourceState {
  return {
    resource,
    runbook: entry.runbook,
    ...(entry.owner === undefined ? {} : { owner: entry.owner }),
    ...(entry.until === undefined ? {} : { until: entry.until }),
    history: historyOf(entry),
  };
}

/** What the table would hold: a copy without the members that are undefined, so that nobody shares an object with it. */
function asStored(note: JsonObject): JsonObject {
  return structuredClone(note);
}

/** An entry of which nothing is known. */
export function blank(): Entry {
  return {
    runbook: '',
    owner: undefined,
    until: undefined,
    epoch: 0,
    actions: [],
    booked: undefined,
    pending: undefined,
    memory: {},
  };
}

/** The entry of a resource that is remembered. */
export function entryOf({ runbook, owner, until, history }: ResourceState): Entry {
  return {
    runbook,
    owner,
    until,
    epoch: history.epoch,
    actions: [...history.actions],
    booked: undefined,
    pending: history.pending,
    memory: { ...history.memory },
  };
}

function holdBy(entry: Entry, request: LeaseRequest, until: string): void {
  entry.owner = request.owner;
  entry.until = until;
  entry.runbook = request.runbook;
}

/** Uses up the word of the request for what is announced at that time. */
function useWord(entry: Entry, { word }: LeaseRequest, announcedAt: string): void {
  if (word !== undefined) entry.memory[WORD_KEY] = usedWord(word, announcedAt);
}

/** Another intent under the lease that the asker holds, for what was booked with it. */
function carryOn(entry: Entry, request: LeaseRequest): LeaseAnswer {
  const { resource, owner, until, intent, now } = request;
  const history = historyOf(entry);
  useWord(entry, request, now);
  if (intent !== undefined) entry.pending = { intent: intent.key, at: now, note: asStored(intent.note) };
  entry.until = until;
  return { granted: true, lease: { resource, owner, epoch: entry.epoch, until }, history, resumed: false };
}

/** The answer to a request whose reply was lost, as the first time but for the intent before it, which is not known any more. */
function answerAgain(entry: Entry, { resource, owner, until }: LeaseRequest): LeaseAnswer {
  const { pending: _own, ...history } = historyOf(entry);
  const lease = { resource, owner, epoch: entry.epoch, until: entry.until ?? until };
  return { granted: true, lease, history, resumed: false, isRepeat: true };
}

/**
 * Grants a lease, carries it on, answers once more, or refuses.
 * @param grantAll whoever asks is granted it; budgets still count
 */
export function acquireOn(entry: Entry, asked: LeaseRequest, grantAll: boolean): LeaseAnswer {
  const request = checkedRequest(asked);
  const isOpen = isWordOpen(entry, request);
  if (isOpen && isCarried({ ...standingOf(entry), epoch: entry.epoch }, request)) return carryOn(entry, request);
  const { budget: _counted, ...uncounted } = request;
  if (request.intent !== undefined && isRepeat(standingOf(entry), entry.pending, request))
    return answerAgain(entry, request);
  const standing = grantAll ? { actions: entry.actions.slice(0, ACTIONS_KEPT) } : standingOf(entry);
  const resumed = request.intent !== undefined && entry.pending?.intent === request.intent.key;
  const refusal = wordRefusal(entry, request) ?? refusalOf(standing, resumed ? uncounted : request);
  if (refusal !== undefined) return { granted: false, ...refusal, history: historyOf(entry) };
  const { pending: earlier, memory } = historyOf(entry);
  if (isOpen) useWord(entry, request, resumed ? (earlier?.at ?? '') : request.now);
  const held = isHeldByAsker(standingOf(entry), request);
  let until = request.until;
  if (resumed && held) {
    if (entry.until !== undefined && entry.until > until) until = entry.until;
  } else {
    entry.epoch += 1;
  }
  if (!resumed) {
    if (request.intent !== undefined)
      entry.pending = { intent: request.intent.key, at: request.now, note: asStored(request.intent.note) };
    if (request.budget !== undefined) {
      entry.actions = [request.now, ...entry.actions].slice(0, ACTIONS_KEPT + 1);
      entry.booked = entry.epoch;
    }
  }
  holdBy(entry, request, until);
  const { pending: _announced, ...history } = historyOf(entry);
  return {
    granted: true,
    lease: { resource: request.resource, owner: request.owner, epoch: entry.epoch, until },
    history: { ...history, memory, ...(earlier === undefined ? {} : { pending: earlier }) },
    resumed,
  };
}

/** Gives a lease back; false if the epoch or the owner is another by now. */
export function releaseOn(entry: Entry, { lease, intent, refund, wordBefore }: Release): boolean {
  if (entry.epoch !== lease.epoch || (entry.owner !== undefined && entry.owner !== lease.owner)) return false;
  entry.owner = undefined;
  entry.until = undefined;
  if (intent === 'settle') entry.pending = undefined;
  if (refund === true && entry.booked === lease.epoch) {
    entry.actions = entry.actions.slice(1);
    entry.booked = undefined;
  }
  if (wordBefore === null) delete entry.memory[WORD_KEY];
  else if (wordBefore !== undefined) entry.memory[WORD_KEY] = wordBefore;
  return true;
}

/** Clears what a person has read; false if it is not what stands there any more. */
export function clearOn(entry: Entry, read: ResourceState, intent: Release['intent']): boolean {
  const { resource, owner = '', until = '', history } = read;
  const { epoch, pending } = history;
  const isAnnounced = entry.pending?.intent === pending?.intent && entry.pending?.at === pending?.at;
  const isSame = isAnnounced && (entry.owner ?? '') === owner && (entry.until ?? '') === until;
  return isSame && releaseOn(entry, { lease: { resource, owner, epoch, until }, intent });
}

/** Moves the end of a lease; false if it is another's by now. */
export function renewOn(entry: Entry, lease: Lease, until: string): boolean {
  if (entry.owner !== lease.owner || entry.epoch !== lease.epoch) return false;
  entry.until = instant('until', until);
  return true;
}

/** Keeps values under their keys; null forgets one. */
export function rememberOn(entry: Entry, runbook: string, values: { readonly [key: string]: string | null }): void {
  if (entry.runbook === '') entry.runbook = runbook;
  for (const [key, value] of Object.entries(values)) {
    if (value === null) delete entry.memory[key];
    else entry.memory[key] = value;
  }
}
