/** What must hold at every moment of a run of redrive-dead-letters. */

import { isRecord } from '../../simulator/engine/json.ts';
import type { LoggedRequest, Watcher } from '../../simulator/engine/run-types.ts';
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

/** How many copies of each letter there are, in all queues or in those that are meant. */
function copiesIn(letters: readonly Standing[]): Bag {
  const copies: Bag = {};
  for (const { body } of letters) copies[body] = Number(copies[body] ?? 0) + 1;
  return copies;
}

function isFewer(now: unknown, before: unknown): boolean {
  return Number(now ?? 0) < Number(before ?? 0);
}

/**
 * What stood in a tagged queue of dead letters stands somewhere, at every moment, until somebody has handled it: until it has left a
 * queue with a consumer, and is nowhere else instead.
 */
const noLetterIsLost: Watcher = {
  name: 'no-letter-is-lost',
  check: (world, memory) => {
    const letters = lettersIn(world);
    const consumed = consumedIn(world);
    const [known, handled] = [kept(memory, 'known'), kept(memory, 'handled')];
    const [before, beforeAtWork] = [kept(memory, 'copies'), kept(memory, 'copiesAtWork')];
    const copies = copiesIn(letters);
    const atWork = copiesIn(letters.filter(({ queue }) => consumed.has(nameIn(queue))));
    for (const body of Object.keys(beforeAtWork))
      if (isFewer(atWork[body], beforeAtWork[body]) && isFewer(copies[body], before[body])) handled[body] = true;
    memory['copies'] = copies;
    memory['copiesAtWork'] = atWork;
    for (const { body, expiresMs, isTagged } of letters) if (isTagged) known[body] = expiresMs;
    // What SQS forgets at its time is not lost by us.
    const isDue = (body: string): boolean => Number(known[body]) <= world.clock.now();
    const lost = Object.keys(known).filter(
      (body) => copies[body] === undefined && handled[body] === undefined && !isDue(body) && !isGiven(world, body),
    );
    return lost.length === 0 ? undefined : `${lost.length} letters are in no queue, among them ${lost[0] ?? ''}`;
  },
};

/** A letter stands where it failed, among the dead letters, or where their queue's tag has it parked: in no other queue. */
const lettersGoWhereTheyFailed: Watcher = {
  name: 'letters-go-where-they-failed',
  check: (world, memory) => {
    const letters = lettersIn(world);
    const places = kept(memory, 'places');
    for (const { body, queue, source, parking = queue, isTagged } of letters)
      if (isTagged)
        places[body] ??= [queue, ...(source === undefined ? queuesBehind(world, queue) : [source]), parking].join(' ');
    const astray = letters.filter(({ body, queue }) => {
      const allowed = places[body];
      return typeof allowed === 'string' && !allowed.split(' ').includes(queue);
    });
    return astray.length === 0 ? undefined : `${astray[0]?.body ?? ''} stands in ${astray[0]?.queue ?? ''}`;
  },
};

/** As handler.ts has it, where no tag says so. */
const MAX_ATTEMPTS = 3;

/** An event as it was given: the SDK has it in bytes. */
function payloadOf(input: LoggedRequest['input']): string {
  const { Payload: payload } = input;
  return payload instanceof Uint8Array ? new TextDecoder().decode(payload) : String(payload);
}

/** How often each letter was sent to a queue or given to a function, by `NAME BODY`. */
function sendsIn(sent: readonly LoggedRequest[]): ReadonlyMap<string, number> {
  const sends = new Map<string, number>();
  const count = (name: string): unknown => sends.set(name, (sends.get(name) ?? 0) + 1);
  for (const { call, input, error } of sent) {
    const entries = call === 'sqs:SendMessageBatch' && error === undefined ? input['Entries'] : [];
    for (const entry of Array.isArray(entries) ? entries.filter(isRecord) : []) {
      count(`${nameIn(String(input['QueueUrl']))} ${String(entry['MessageBody'])}`);
    }
    if (call === 'lambda:Invoke' && error === undefined)
      count(`${nameIn(String(input['FunctionName']))} ${payloadOf(input)}`);
  }
  return sends;
}

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
    for (const { body, queue, source, isTagged, maxAttempts = MAX_ATTEMPTS } of lettersIn(world))
      for (const to of isTagged ? (source === undefined ? placesBehind(world, queue) : [source]) : [])
        most[`${nameIn(to)} ${body}`] ??= { source: to, maxAttempts };
    if (memory['looked'] === sent.length) return undefined;
    memory['looked'] = sent.length;
    const copies = 1 + sent.filter(({ fault }) => fault !== undefined).length;
    const tooOften = [...sendsIn(sent)].find(([name, times]) => {
      const rule = most[name];
      if (!isRecord(rule)) return false;
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
