/** What has come and gone in an account's queues since a watcher looked last: of ten thousand letters few have at each look. */

import { isRecord } from '../../simulator/engine/json.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';
import { standingsIn, type Standing } from './letters.ts';

/** What a watcher keeps beside its memory, and for as long. */
export function keptBeside<T>(make: () => T): (memory: object) => T {
  const known = new WeakMap<object, T>();
  return (memory) => {
    const found = known.get(memory) ?? make();
    known.set(memory, found);
    return found;
  };
}

/** Letters that stand where they did not, and that stood where they do not any more. */
interface Changes {
  readonly come: readonly Standing[];
  readonly gone: readonly Standing[];
}

/** A queue as it was at the last look. Its lists and its settings are replaced when they change. */
interface Seen {
  readonly settings: readonly unknown[];
  readonly messages: readonly unknown[];
  readonly length: number;
  readonly standings: Map<unknown, Standing>;
}

const seenBy = keptBeside(() => new Map<string, Seen>());

function sameEntries(one: readonly unknown[], other: readonly unknown[]): number {
  const shorter = Math.min(one.length, other.length);
  let same = 0;
  while (same < shorter && one[same] === other[same]) same += 1;
  return same;
}

/** What is in the first list and not in the second, and the other way round. What both begin and end with is passed over. */
function apart(one: readonly unknown[], other: readonly unknown[]): readonly [readonly unknown[], readonly unknown[]] {
  const begin = sameEntries(one, other);
  const shorter = Math.min(one.length, other.length) - begin;
  let end = 0;
  while (end < shorter && one[one.length - 1 - end] === other[other.length - 1 - end]) end += 1;
  const [ownMiddle, otherMiddle] = [one.slice(begin, one.length - end), other.slice(begin, other.length - end)];
  const [inOne, inOther] = [new Set(ownMiddle), new Set(otherMiddle)];
  return [ownMiddle.filter((entry) => !inOther.has(entry)), otherMiddle.filter((entry) => !inOne.has(entry))];
}

function isUnchanged(seen: Seen | undefined, settings: readonly unknown[], messages: readonly unknown[]): boolean {
  if (seen?.messages !== messages || seen.length !== messages.length) return false;
  return sameEntries(seen.settings, settings) === settings.length;
}

/** Takes what has changed in a queue into what was seen of it. */
function changesOf(queue: Shape, before: Seen | undefined, messages: readonly unknown[]): Changes & { seen: Seen } {
  const settings = [queue['Attributes'], queue['Tags']];
  const isAnew = before === undefined || sameEntries(before.settings, settings) < settings.length;
  const standings = isAnew ? new Map<unknown, Standing>() : before.standings;
  // A list that only grew longer is still the one that was seen.
  const old = isAnew || before.messages === messages ? [...standings.keys()] : before.messages;
  const [goneMessages, others] = apart(old, messages);
  const comeMessages = others.filter(isRecord);
  const gone = isAnew
    ? [...(before?.standings.values() ?? [])]
    : goneMessages.flatMap((one) => standings.get(one) ?? []);
  for (const one of goneMessages) standings.delete(one);
  const come = standingsIn(queue, comeMessages);
  for (const [index, one] of come.entries()) standings.set(comeMessages[index], one);
  return { come, gone, seen: { settings, messages, length: messages.length, standings } };
}

/** What has come and gone since the last look with the same memory; at the first all has come. */
export function changesIn(world: World, memory: object): Changes {
  const seen = seenBy(memory);
  const [come, gone]: [(readonly Standing[])[], (readonly Standing[])[]] = [[], []];
  const present = new Set<string>();
  for (const queue of world.records('sqs', 'Queues')) {
    const name = String(queue['QueueName']);
    present.add(name);
    const messages: readonly unknown[] = Array.isArray(queue['Messages']) ? queue['Messages'] : [];
    if (isUnchanged(seen.get(name), [queue['Attributes'], queue['Tags']], messages)) continue;
    const changes = changesOf(queue, seen.get(name), messages);
    seen.set(name, changes.seen);
    come.push(changes.come);
    gone.push(changes.gone);
  }
  for (const [name, { standings }] of seen) {
    if (present.has(name)) continue;
    gone.push([...standings.values()]);
    seen.delete(name);
  }
  return { come: come.flat(), gone: gone.flat() };
}
