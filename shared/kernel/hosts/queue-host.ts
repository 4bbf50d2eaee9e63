/**
 * A plain function that a queue of requests starts: each message of a batch is a run of its own, which has the message's name, and what
 * becomes of one is no other's affair.
 *
 * What cannot be understood stays in the queue like what failed, and so comes into the queue of failed requests, as it was sent: SQS
 * itself keeps it, whatever becomes of the invocation. It is told of once, before any other message is begun.
 */

import type { JsonObject } from '../decision.ts';
import type { Trigger } from '../definition.ts';
import { BadInputError, classify, TerminalError } from '../errors.ts';
import { log } from '../report/telemetry.ts';
import { match } from '../run/door.ts';
import { parseEvent, readersOf } from '../triggers/parser.ts';
import { Field } from '../triggers/reader.ts';
import type { DocumentReader } from '../triggers/triggers.ts';
import type { Host, HostAdapter } from './host.ts';

/** No message is begun in the last half minute of an invocation: it comes again with the next batch. As targets of the plain host are not. */
const LAST_BEGIN_MS = 30_000;

/** An id that SQS gives is a UUID. What else stands in a pasted event names no run. */
const MESSAGE_ID = /^[\w-]{1,100}$/u;

/** What the kernel does with an event. */
type Run = (event: unknown, host: Host) => Promise<unknown>;

/** One message of a batch, as Lambda hands it over. */
interface Message {
  readonly record: unknown;
  /** Names it among those that failed. Empty: Lambda then takes the whole batch to have failed. */
  readonly id: string;
  /** Of a FIFO queue: whose order is kept. */
  readonly group: string | undefined;
  /** How often it has been received, this time among them. */
  readonly received: number;
  /** Why it is no request that this function can understand. */
  readonly fault: string | undefined;
}

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
        records.map((record) => messageOf(record, readers, triggers)),
        own,
        run,
      );
    });
  const queued = triggers.map((trigger): Trigger<Request> => ({ ...trigger, queue: 'requests' }));
  return { host: { ...host, wrap }, triggers: [...queued, ...others] };
}

/** The records of a batch from SQS; `undefined`: it is another event. */
function recordsIn(event: unknown): readonly unknown[] | undefined {
  const records = new Field(event, '').peek('Records');
  if (!Array.isArray(records)) return undefined;
  const all: readonly unknown[] = records;
  return all.some((record) => new Field(record, '').peek('eventSource') === 'aws:sqs') ? all : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function messageOf<Request extends JsonObject>(
  record: unknown,
  readers: readonly DocumentReader[],
  triggers: readonly Trigger<Request>[],
): Message {
  const field = new Field(record, '');
  const attributes = new Field(field.peek('attributes'), '');
  const group = textOf(attributes.peek('MessageGroupId'));
  // A standard queue has groups, too, and keeps no order in them.
  const isOrdered = textOf(field.peek('eventSourceARN')).endsWith('.fifo') && group !== '';
  return {
    record,
    id: textOf(field.peek('messageId')),
    group: isOrdered ? group : undefined,
    received: Number(textOf(attributes.peek('ApproximateReceiveCount'))) || 1,
    fault: faultOf(record, readers, triggers),
  };
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
  const results: unknown[] = [];
  const left = new Set<Message>();
  const heldGroups = new Set<string>();
  const take = async (message: Message): Promise<boolean> => {
    const own = hostOf(message, messages.indexOf(message), host);
    try {
      const answer = await run({ Records: [message.record] }, own);
      results.push(...resultsIn(answer));
      return succeeded(answer);
    } catch (error) {
      // No run of the kernel throws for a message: whatever this is, it is this one's alone.
      log('ERROR', 'message failed', { run: own.run, fault: classify(error).message });
      return false;
    }
  };
  for (const message of messages.filter(({ fault }) => fault !== undefined)) {
    left.add(message);
    if (message.received > 1) tellAgain(message);
    else await take(message);
  }
  for (const message of messages.filter(({ fault }) => fault === undefined)) {
    const { group } = message;
    const isHeld = group !== undefined && heldGroups.has(group);
    if (!isHeld && host.remainingMs() > LAST_BEGIN_MS && (await take(message))) continue;
    left.add(message);
    if (group !== undefined) heldGroups.add(group);
  }
  const stay = messages.filter((message) => left.has(message));
  return { results, batchItemFailures: stay.map(({ id }) => ({ itemIdentifier: id })) };
}

/** It was counted and told when it was received first; whoever looks for it later finds the reason again. */
function tellAgain({ id, received, fault = '' }: Message): void {
  log('INFO', 'not understood, received again', { run: id, received, fault });
}

/** The run has the message's name, so that it is the same one each time the message is received. */
function hostOf({ id }: Message, index: number, host: Host): Host {
  return { ...host, run: MESSAGE_ID.test(id) ? id : `${host.run}.${index}` };
}

function resultsIn(answer: unknown): readonly unknown[] {
  const results = new Field(answer, '').peek('results');
  return Array.isArray(results) ? results : [];
}

/** What does not say that nothing failed has failed. */
function succeeded(answer: unknown): boolean {
  const failures = new Field(answer, '').peek('batchItemFailures');
  return Array.isArray(failures) && failures.length === 0;
}
