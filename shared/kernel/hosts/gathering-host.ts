/**
 * A plain function that a queue starts with many messages at once, of which those that are about the same thing are one run: they are
 * carried out together, and come again together where that fails. What cannot be understood stays in the queue, each by itself, and
 * delays nobody; what is nobody's here is told and taken out.
 */

import { BadInputError } from '../errors.ts';
import { deliveriesIn, type GatheredEvent, type Gathering } from '../triggers/gathered.ts';
import type { Host, HostAdapter } from './host.ts';
import { Batch, messageOf, recordsIn, resultsIn, type Message, type Run } from './queue-batch.ts';

/** A message, and what it is about. */
interface About {
  readonly message: Message;
  /** Nothing: it is not ours, or cannot be understood. */
  readonly keys: readonly string[];
}

function keysIn(event: unknown, gathering: Gathering): readonly string[] {
  return [...new Set(deliveriesIn(event, gathering).flatMap((delivery) => gathering.about(delivery)))];
}

function aboutOf(record: unknown, gathering: Gathering): About {
  try {
    return { message: messageOf(record, undefined), keys: keysIn({ Records: [record] }, gathering) };
  } catch (error) {
    // What else goes wrong is the run's own to tell.
    const fault = error instanceof BadInputError ? error.message : undefined;
    return { message: messageOf(record, fault), keys: [] };
  }
}

function gathered(key: string, event: unknown): GatheredEvent {
  return { gathered: key, event };
}

/** What a batch is about, each with its messages, in the order of the first. */
function groupsOf(all: readonly About[]): readonly (readonly [key: string, own: readonly Message[]])[] {
  const groups = new Map<string, Message[]>();
  for (const { message, keys } of all) {
    for (const key of keys) {
      const own = groups.get(key) ?? [];
      own.push(message);
      groups.set(key, own);
    }
  }
  return [...groups];
}

async function takeBatch(records: readonly unknown[], gathering: Gathering, host: Host, run: Run): Promise<object> {
  const all = records.map((record) => aboutOf(record, gathering));
  const batch = new Batch(
    all.map(({ message }) => message),
    host,
    run,
  );
  await batch.leaveFaulty();
  const sound = all.filter(({ message }) => message.fault === undefined);
  for (const { message } of sound.filter(({ keys }) => keys.length === 0)) {
    const isTaken = batch.hasTime() && (await batch.take({ Records: [message.record] }, message));
    if (!isTaken) batch.leave(message);
  }
  // Where the time is out before the last, few messages are left.
  const groups = groupsOf(sound).toSorted(([, one], [, other]) => other.length - one.length);
  for (const [key, own] of groups) {
    const [first] = own;
    if (first === undefined) continue;
    const event = gathered(key, { Records: own.map(({ record }) => record) });
    const isTaken = batch.hasTime() && (await batch.take(event, first));
    if (!isTaken) for (const message of own) batch.leave(message);
  }
  return batch.answer();
}

/** What one event that comes by itself is about; none: the kernel tells what it is. */
function keysOfOne(event: unknown, gathering: Gathering): readonly string[] {
  try {
    return keysIn(event, gathering);
  } catch (error) {
    if (error instanceof BadInputError) return [];
    throw error;
  }
}

/** One run for each thing that it is about: what fails is thrown when all have had theirs, for Lambda to give the event again. */
async function takeOne(event: unknown, gathering: Gathering, host: Host, run: Run): Promise<unknown> {
  const keys = keysOfOne(event, gathering);
  if (keys.length < 2) return run(event, host);
  const ends: PromiseSettledResult<unknown>[] = [];
  for (const key of keys) {
    const [end] = await Promise.allSettled([run(gathered(key, event), { ...host, run: `${host.run}.${ends.length}` })]);
    ends.push(end);
  }
  const failed = ends.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
  return { results: ends.flatMap((end) => (end.status === 'fulfilled' ? resultsIn(end.value) : [])) };
}

/**
 * Has a host take what is gathered. The triggers are `onGathered(…)` with the same value.
 * @param host the plain one
 */
export function gathers(host: HostAdapter, gathering: Gathering): HostAdapter {
  return {
    ...host,
    wrap: (run) =>
      host.wrap((event, own) => {
        const records = recordsIn(event);
        return records === undefined ? takeOne(event, gathering, own, run) : takeBatch(records, gathering, own, run);
      }),
  };
}
