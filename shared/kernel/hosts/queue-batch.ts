/** A batch of messages from SQS, as far as the hosts that take them are alike: each has a name of its own, and what failed is left in the queue. */

import { classify } from '../errors.ts';
import { log } from '../report/telemetry.ts';
import { Field } from '../triggers/reader.ts';
import type { Host } from './host.ts';

/** No message is begun in the last half minute of an invocation: it comes again with the next batch. As targets of the plain host are not. */
const LAST_BEGIN_MS = 30_000;

/** An id that SQS gives is a UUID. What else stands in a pasted event names no run. */
const MESSAGE_ID = /^[\w-]{1,100}$/u;

/** What the kernel does with an event. */
export type Run = (event: unknown, host: Host) => Promise<unknown>;

/** One message of a batch, as Lambda hands it over. */
export interface Message {
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

/** The records of a batch from SQS; `undefined`: it is another event. */
export function recordsIn(event: unknown): readonly unknown[] | undefined {
  const records = new Field(event, '').peek('Records');
  if (!Array.isArray(records)) return undefined;
  const all: readonly unknown[] = records;
  return all.some((record) => new Field(record, '').peek('eventSource') === 'aws:sqs') ? all : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A message, with what is wrong with it. */
export function messageOf(record: unknown, fault: string | undefined): Message {
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
    fault,
  };
}

/** Takes the messages of one batch, or leaves them. */
export class Batch {
  readonly #messages: readonly Message[];
  readonly #host: Host;
  readonly #run: Run;
  readonly #results: unknown[] = [];
  readonly #left = new Set<Message>();

  constructor(messages: readonly Message[], host: Host, run: Run) {
    this.#messages = messages;
    this.#host = host;
    this.#run = run;
  }

  /** Whether there is time to begin something. */
  hasTime(): boolean {
    return this.#host.remainingMs() > LAST_BEGIN_MS;
  }

  /** Leaves it in the queue. */
  leave(message: Message): void {
    this.#left.add(message);
  }

  /** Tells of all that cannot be understood, and leaves it: before anything else is begun, and once of each. */
  async leaveFaulty(): Promise<void> {
    for (const message of this.#messages.filter(({ fault }) => fault !== undefined)) {
      this.leave(message);
      if (message.received > 1) tellAgain(message);
      else await this.take({ Records: [message.record] }, message);
    }
  }

  /** One run, under the name of the first message that it is about; whether it succeeded. */
  async take(event: unknown, first: Message): Promise<boolean> {
    const own = hostOf(first, this.#messages.indexOf(first), this.#host);
    try {
      const answer = await this.#run(event, own);
      this.#results.push(...resultsIn(answer));
      return listIn(answer, 'batchItemFailures').length === 0;
    } catch (error) {
      log('ERROR', 'message failed', { run: own.run, fault: classify(error).message });
      return false;
    }
  }

  /** What Lambda is answered. */
  answer(): object {
    const stay = this.#messages.filter((message) => this.#left.has(message));
    return { results: this.#results, batchItemFailures: stay.map(({ id }) => ({ itemIdentifier: id })) };
  }
}

/** It was counted and told when it was received first; whoever looks for it later finds the reason again. */
function tellAgain({ id, received, fault = '' }: Message): void {
  log('INFO', 'not understood, received again', { run: id, received, fault });
}

/** The run has the message's name, so that it is the same one each time the message is received. */
function hostOf({ id }: Message, index: number, host: Host): Host {
  return { ...host, run: MESSAGE_ID.test(id) ? id : `${host.run}.${index}` };
}

/** The results in an answer of the kernel's. */
export function resultsIn(answer: unknown): readonly unknown[] {
  return listIn(answer, 'results');
}

function listIn(answer: unknown, member: string): readonly unknown[] {
  const list = new Field(answer, '').peek(member);
  return Array.isArray(list) ? list : [];
}
