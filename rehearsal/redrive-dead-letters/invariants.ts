/** What must hold at every moment of a run of redrive-dead-letters. */

import { isRecord } from '../../simulator/engine/json.ts';
import type { LoggedRequest, Watcher } from '../../simulator/engine/run-types.ts';
import { soFar } from '../so-far.ts';
import { changesIn, keptBeside } from './changes.ts';
import { surplusCopiesAreTold } from './copies.ts';
import { consumedIn, lettersIn, nameIn, type Standing } from './letters.ts';
import { isGiven, placesBehind, queuesBehind } from './senders.ts';

type Bag = { [key: string]: unknown };

function kept(memory: Bag, name: string): Bag {
  const found = memory[name];
  const bag = isRecord(found) ? found : {};
  memory[name] = bag;
  return bag;
}

/** What is known of letters with one body. */
interface Known {
  /** In all queues. */
  copies: number;
  /** In queues that somebody takes from. */
  atWork: number;
  /** When SQS forgets it; `undefined`: it never stood among the dead letters of a tagged queue. */
  expiresMs: number | undefined;
  isHandled: boolean;
}

const letterBook = keptBeside(() => ({ byBody: new Map<string, Known>(), missing: new Set<string>() }));

/**
 * What stood in a tagged queue of dead letters stands somewhere, at every moment, until somebody has handled it: until it has left a
 * queue with a consumer, and is nowhere else instead.
 */
const noLetterIsLost: Watcher = {
  name: 'no-letter-is-lost',
  check: (world, memory) => {
    const { byBody, missing } = letterBook(memory);
    const { come, gone } = changesIn(world, memory);
    const consumed = consumedIn(world);
    const touched = new Map<string, { readonly known: Known; readonly copies: number; readonly atWork: number }>();
    const count = ({ body, queue }: Standing, by: 1 | -1): Known => {
      const known = byBody.get(body) ?? { copies: 0, atWork: 0, expiresMs: undefined, isHandled: false };
      byBody.set(body, known);
      if (!touched.has(body)) touched.set(body, { known, copies: known.copies, atWork: known.atWork });
      known.copies += by;
      if (consumed.has(nameIn(queue))) known.atWork += by;
      return known;
    };
    for (const one of gone) count(one, -1);
    for (const one of come) {
      const known = count(one, 1);
      if (one.isTagged) known.expiresMs = one.expiresMs;
    }
    for (const [body, { known, copies, atWork }] of touched) {
      if (known.atWork < atWork && known.copies < copies) known.isHandled = true;
      if (known.expiresMs !== undefined && known.copies === 0 && !known.isHandled) missing.add(body);
      else missing.delete(body);
    }
    // What SQS forgets at its time is not lost by us.
    const isDue = (body: string): boolean => Number(byBody.get(body)?.expiresMs) <= world.clock.now();
    for (const body of missing) if (isGiven(world, body)) missing.delete(body);
    const lost = [...missing].filter((body) => !isDue(body));
    return lost.length === 0 ? undefined : `${lost.length} letters are in no queue, among them ${lost[0] ?? ''}`;
  },
};

const placeBook = keptBeside(() => ({
  /** By body, the queues that it may stand in. */
  places: new Map<string, readonly string[]>(),
  standing: new Map<string, Set<Standing>>(),
  astray: new Set<Standing>(),
}));

/** A letter stands where it failed, among the dead letters, or where their queue's tag has it parked: in no other queue. */
const lettersGoWhereTheyFailed: Watcher = {
  name: 'letters-go-where-they-failed',
  check: (world, memory) => {
    const { places, standing, astray } = placeBook(memory);
    const { come, gone } = changesIn(world, memory);
    for (const one of gone) {
      standing.get(one.body)?.delete(one);
      astray.delete(one);
    }
    for (const one of come) {
      const { body, queue, source, parking = queue, isTagged } = one;
      standing.set(body, (standing.get(body) ?? new Set()).add(one));
      const home = source === undefined && isTagged ? queuesBehind(world, queue) : [source ?? queue];
      if (isTagged && !places.has(body)) places.set(body, [queue, ...home, parking]);
    }
    // With where it may stand also its copies are judged that were there before.
    for (const body of new Set(come.map((one) => one.body)))
      for (const one of standing.get(body) ?? []) if (places.get(body)?.includes(one.queue) === false) astray.add(one);
    const [first] = astray;
    return first === undefined ? undefined : `${first.body} stands in ${first.queue}`;
  },
};

/** As handler.ts has it, where no tag says so. */
const MAX_ATTEMPTS = 3;

/** An event as it was given: the SDK has it in bytes. */
function payloadOf({ Payload: payload }: LoggedRequest['input']): string {
  return payload instanceof Uint8Array ? new TextDecoder().decode(payload) : String(payload);
}

const SENDING: readonly string[] = ['sqs:SendMessageBatch', 'lambda:Invoke'];

/** Names of the letters that a request sends to a queue or gives to a function, each as `NAME BODY`. */
function namesIn({ call, input, error }: LoggedRequest): readonly string[] {
  if (error !== undefined) return [];
  if (call === 'lambda:Invoke') return [`${nameIn(String(input['FunctionName']))} ${payloadOf(input)}`];
  const entries = input['Entries'];
  const queue = nameIn(String(input['QueueUrl']));
  return (Array.isArray(entries) ? entries.filter(isRecord) : []).map(
    (entry) => `${queue} ${String(entry['MessageBody'])}`,
  );
}

function add(counts: Map<string, number>, names: readonly string[]): void {
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** How often letters were sent, as far as the log was read. */
interface Sends {
  read: number;
  /** Those that are answered. */
  readonly counts: Map<string, number>;
  /** Requests of which it is not known what they come to. */
  open: readonly LoggedRequest[];
  /** Letters that went oftener than they may where nothing is forgiven. */
  readonly often: Set<string>;
}

const sendBook = keptBeside((): Sends => ({ read: 0, counts: new Map(), open: [], often: new Set() }));

/** Reads on in the log: how often each letter was sent that may have gone once more since, and each that goes often. */
function readOn(sends: Sends, sent: readonly LoggedRequest[]): ReadonlyMap<string, number> {
  const fresh = sent.slice(sends.read).filter(({ call }) => SENDING.includes(call));
  sends.read = sent.length;
  const all = [...sends.open, ...fresh];
  const answered = all.filter(({ answeredAt }) => answeredAt !== undefined).flatMap(namesIn);
  add(sends.counts, answered);
  sends.open = all.filter(({ answeredAt }) => answeredAt === undefined);
  const open = new Map<string, number>();
  add(open, sends.open.flatMap(namesIn));
  const names = [...answered, ...open.keys(), ...sends.often];
  return new Map(names.map((name) => [name, (sends.counts.get(name) ?? 0) + (open.get(name) ?? 0)]));
}

const faultsIn = soFar(
  () => ({ count: 0 }),
  (faults, { fault }: LoggedRequest) => {
    if (fault !== undefined) faults.count += 1;
  },
);

/** Rounds that count against no letter of that queue, by the keys that they are kept under. */
function forgivenIn(sent: readonly LoggedRequest[], source: string): number {
  const rounds = sent.flatMap(({ call, input, error }) => {
    const value = call === 'ledger:write' && error === undefined ? input['value'] : undefined;
    const queues = isRecord(value) && Array.isArray(value['forgiven']) ? value['forgiven'] : [];
    return queues.includes(source) ? [String(input['key']).split('/')[1]] : [];
  });
  return new Set(rounds).size;
}

/**
 * A letter goes back as often as it may, and once more for each round in which its consumer was broken. Each fault may hide that it went,
 * or make a second copy of it, which goes as often.
 */
const noLetterGoesTooOften: Watcher = {
  name: 'no-letter-goes-too-often',
  check: (world, memory, _told, sent = []) => {
    const most = kept(memory, 'most');
    for (const { body, queue, source, isTagged, maxAttempts = MAX_ATTEMPTS } of changesIn(world, memory).come) {
      if (!isTagged) continue;
      for (const to of source === undefined ? placesBehind(world, queue) : [source])
        most[`${nameIn(to)} ${body}`] ??= { source: to, maxAttempts };
    }
    const sends = sendBook(memory);
    if (sends.read === sent.length) return undefined;
    const copies = 1 + faultsIn(sent).count;
    const tooOften = [...readOn(sends, sent)].find(([name, times]) => {
      const rule = most[name];
      if (!isRecord(rule) || !(times > copies * Number(rule['maxAttempts']))) return false;
      sends.often.add(name);
      return times > copies * (Number(rule['maxAttempts']) + forgivenIn(sent, String(rule['source'])));
    });
    return tooOften === undefined ? undefined : `${tooOften[0]} was sent ${tooOften[1]} times`;
  },
};

/** Letters by the group of their FIFO queue, in the order in which they stand. */
function groupsIn(letters: readonly Standing[]): ReadonlyMap<string, readonly Standing[]> {
  const ordered = letters.filter(({ queue, group }) => queue.endsWith('.fifo') && group !== undefined);
  return Map.groupBy(ordered, ({ queue, group }) => `${nameIn(queue)} ${group}`);
}

/** Of what stands together in a group none stands before one that it stood behind among the dead letters, unless it came back since. */
const groupsKeepTheirOrder: Watcher = {
  name: 'groups-keep-their-order',
  check: (world, memory) => {
    const { come, gone } = changesIn(world, memory);
    if (![...come, ...gone].some(({ queue }) => queue.endsWith('.fifo'))) return undefined;
    const letters = lettersIn(world);
    const [places, ids, back] = [kept(memory, 'places'), kept(memory, 'ids'), kept(memory, 'back')];
    for (const of of groupsIn(letters.filter(({ isTagged }) => isTagged)).values())
      for (const [index, { body, id }] of of.entries()) {
        places[body] ??= index + Object.keys(places).length;
        ids[body] ??= id;
        // What came back is another message.
        if (ids[body] !== id) back[body] = true;
      }
    const isKnown = ({ body, isTagged }: Standing): boolean =>
      !isTagged && places[body] !== undefined && back[body] === undefined;
    const placesIn = (of: readonly Standing[]): readonly number[] => of.map(({ body }) => Number(places[body]));
    const disordered = [...groupsIn(letters.filter(isKnown))].find(([, of]) =>
      placesIn(of).some((place, index, all) => index > 0 && place < (all[index - 1] ?? 0)),
    );
    if (disordered === undefined) return undefined;
    const [name, of] = disordered;
    return `${name} has ${of.map(({ body }) => body).join(' before ')}`;
  },
};

/** Held against every drill of redrive-dead-letters. */
export const INVARIANTS: readonly Watcher[] = [
  noLetterIsLost,
  lettersGoWhereTheyFailed,
  noLetterGoesTooOften,
  groupsKeepTheirOrder,
  surplusCopiesAreTold,
];
