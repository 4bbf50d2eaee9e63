/**
 * A plain function that a queue of requests starts: each message of a batch is a run of its own, which has the message's name, and what
 * becomes of one is no other's affair.
 *
 * What cannot be understood stays in the queue like what failed, and so comes into the queue of failed requests, as it was sent: SQS
 * itself keeps it, whatever becomes of the invocation. It is told of once, before any other message is begun.
 */

import type { JsonObject } from '../decision.ts';
import type { Trigger } from '../definition.ts';
import { BadInputError, TerminalError } from '../errors.ts';
import { match } from '../run/door.ts';
import { parseEvent, readersOf } from '../triggers/parser.ts';
import type { DocumentReader } from '../triggers/triggers.ts';
import type { Host, HostAdapter } from './host.ts';
import { Batch, messageOf, recordsIn, type Message, type Run } from './queue-batch.ts';

/** What a runbook's definition says of what starts it. */
interface Started<Request> {
  readonly host: HostAdapter;
  readonly triggers: readonly Trigger<Request>[];
}

/**
 * A function that takes requests from its own queue, too: `requests: queue` in its `function.yml`.
 * @param host the plain one; a durable function takes no queue
 * @param triggers what they read may come through the queue
 * @param others what they read may not: whoever may only send to the queue is not believed about it
 * @throws TerminalError when the module is loaded, for a durable host
 */
export function fedByQueue<Request extends JsonObject>(
  host: HostAdapter,
  triggers: readonly Trigger<Request>[],
  others: readonly Trigger<Request>[] = [],
): Started<Request> {
  if (host.kind !== 'plain') throw new TerminalError('a durable function takes no requests from a queue');
  const readers = readersOf(triggers);
  const wrap: HostAdapter['wrap'] = (run) =>
    host.wrap((event, own) => {
      const records = recordsIn(event);
      if (records === undefined) return run(event, own);
      return takeBatch(
        records.map((record) => messageOf(record, faultOf(record, readers, triggers))),
        own,
        run,
      );
    });
  const queued = triggers.map((trigger): Trigger<Request> => ({ ...trigger, queue: 'requests' }));
  return { host: { ...host, wrap }, triggers: [...queued, ...others] };
}

/** Why a message is no request that this function can understand; `undefined`: it is one, or nothing that anybody waits for. */
function faultOf<Request extends JsonObject>(
  record: unknown,
  readers: readonly DocumentReader[],
  triggers: readonly Trigger<Request>[],
): string | undefined {
  try {
    const parsed = parseEvent({ Records: [record] }, readers);
    const [message] = parsed.kind === 'batch' ? parsed.records : [];
    if (message === undefined || 'error' in message) return message?.error.message ?? 'no message';
    if (message.delivery.kind === 'test-notification') return undefined;
    return match(triggers, message.delivery) === undefined ? 'nothing here is started by it' : undefined;
  } catch (error) {
    // What else goes wrong is the run's own to tell.
    return error instanceof BadInputError ? error.message : undefined;
  }
}

async function takeBatch(messages: readonly Message[], host: Host, run: Run): Promise<object> {
  const batch = new Batch(messages, host, run);
  const heldGroups = new Set<string>();
  await batch.leaveFaulty();
  for (const message of messages.filter(({ fault }) => fault === undefined)) {
    const { group, record } = message;
    const isHeld = group !== undefined && heldGroups.has(group);
    if (!isHeld && batch.hasTime() && (await batch.take({ Records: [record] }, message))) continue;
    batch.leave(message);
    if (group !== undefined) heldGroups.add(group);
  }
  return batch.answer();
}
