/**
 * The simulated Lambda service: one invocation at a time (`Invocations`), and what Lambda does around it for an event
 * that was given to a function (`deliverer`): retries, batches, dead letters, the durable host.
 */

import { copied, isRecord } from '../engine/json.ts';
import type { SimulatedClock } from '../engine/clock.ts';
import {
  within,
  type InvocationEnd,
  type InvocationOrder,
  type LiveInvocation,
  type RequestQueue,
  type StartDurable,
} from '../engine/requests.ts';
import type { DeadLetter, DeployedFunction, Invocation, TimelineEntry } from '../engine/run-types.ts';
import { feedingQueue } from './queue-source.ts';
import type { SimulatedWorld } from '../engine/world.ts';

/** Lambda retries a failed asynchronous invocation twice: after one minute, then after two. Source: "How Lambda handles errors with asynchronous invocation". */
const RETRY_AFTER_MS = [60_000, 120_000] as const;
/** `maximumEventAge` of the functions (`function.yml`): an older event is given up. */
const MAXIMUM_EVENT_AGE_MS = 300_000;
/** `MaximumRecordAgeInSeconds` of the event source mappings (`deploy/standard/stream.ts`): until then a batch is handed over again. */
const BATCH_AGE_MS = 120_000;
/** Lambda does not say how long it waits before it hands a batch over again. Assumed: twice as long each time, up to the most. */
const BATCH_RETRY_MS = { first: 1_000, most: 30_000 };

export interface InvocationsOptions {
  readonly world: SimulatedWorld;
  readonly clock: SimulatedClock;
  readonly note: (kind: TimelineEntry['kind'], text: string) => void;
  /** Called when an invocation has ended. */
  readonly ended: (invocation: LiveInvocation) => void;
}

type Recorded = { -readonly [K in keyof Invocation]: Invocation[K] };

/** An invocation with the way to end it. */
interface Ending extends LiveInvocation {
  readonly finish: (end: InvocationEnd) => void;
}

function errorText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Lambda's own word for how an invocation ended badly. */
function fate(ended: 'died' | 'timed-out', seconds: number): Error {
  const error = new Error(
    ended === 'died'
      ? 'RequestId: the process exited before completing the request'
      : `Task timed out after ${seconds}.00 seconds`,
  );
  error.name = ended === 'died' ? 'Runtime.ExitError' : 'Sandbox.Timedout';
  return error;
}

/** How Lambda's Node runtime reports a rejection that nobody handled. */
function unhandled(reason: unknown): Error {
  const error = new Error(errorText(reason));
  error.name = 'Runtime.UnhandledPromiseRejection';
  return error;
}

/** Invokes functions, and knows which invocations run. */
export class Invocations {
  readonly list: Invocation[] = [];
  readonly running = new Set<LiveInvocation>();
  readonly #options: InvocationsOptions;

  constructor(options: InvocationsOptions) {
    this.#options = options;
  }

  /** Invokes a handler once. Settles when it has ended, in whatever way; never rejects. */
  invoke = (order: InvocationOrder): Promise<InvocationEnd> =>
    new Promise((resolve) => {
      const record = this.#record(order);
      const live = this.#start(order, record, resolve);
      this.#options.note('run', `${record.runbook} starts (invocation ${record.index})`);
      const context = this.#contextOf(order, live);
      const finish = (end: InvocationEnd): void => live.finish(end);
      this.#options.clock.wake();
      void within(live, async () => {
        try {
          const value = await order.fn.handler(order.payload, context);
          finish({ ended: order.isSuspended?.(value) === true ? 'suspended' : 'returned', value });
        } catch (error) {
          finish({ ended: 'threw', error });
        }
      });
    });

  #record(order: InvocationOrder): Recorded {
    const record: Recorded = {
      index: this.list.length,
      runbook: order.fn.summary.name,
      requestId: order.requestId,
      delivery: order.delivery,
      event: order.event,
      startedAt: this.#options.clock.iso(),
      endedAt: '',
      ended: 'died',
    };
    this.list.push(record);
    return record;
  }

  #start(order: InvocationOrder, record: Recorded, resolve: (end: InvocationEnd) => void): Ending {
    const { clock } = this.#options;
    const seconds = order.fn.summary.timeoutSeconds;
    const live: Ending = {
      index: record.index,
      runbook: record.runbook,
      delivery: record.delivery,
      inFlight: 0,
      requests: 0,
      depth: 0,
      timers: new Set(),
      alive: () => live.ended === undefined,
      enter: (effect) => within(live, effect),
      kill: () => live.finish({ ended: 'died', error: fate('died', seconds) }),
      crash: (reason) => live.finish({ ended: 'threw', error: unhandled(reason) }),
      finish: (end) => {
        if (live.ended !== undefined) return;
        live.ended = end.ended;
        cancelTimeout();
        // Its process is gone, or frozen: none of its timers fires.
        clock.drop(live);
        this.running.delete(live);
        this.#close(record, end);
        this.#options.ended(live);
        clock.wake();
        resolve(end);
      },
    };
    const cancelTimeout = clock.after(seconds * 1000, () =>
      live.finish({ ended: 'timed-out', error: fate('timed-out', seconds) }),
    );
    this.running.add(live);
    return live;
  }

  #close(record: Recorded, end: InvocationEnd): void {
    record.endedAt = this.#options.clock.iso();
    record.ended = end.ended;
    if ('error' in end) record.error = errorText(end.error);
    const why = record.error === undefined ? '' : `: ${record.error}`;
    this.#options.note('run', `${record.runbook} ${end.ended} (invocation ${record.index})${why}`);
  }

  #contextOf(order: InvocationOrder, live: LiveInvocation): object {
    const { clock, world } = this.#options;
    const { name, timeoutSeconds } = order.fn.summary;
    const deadlineMs = clock.now() + timeoutSeconds * 1000;
    return {
      awsRequestId: order.requestId,
      functionName: name,
      functionVersion: '$LATEST',
      invokedFunctionArn: `arn:aws:lambda:${world.region}:${world.account}:function:${name}`,
      memoryLimitInMB: '256',
      logGroupName: `/aws/lambda/${name}`,
      logStreamName: `simulated/${live.index}`,
      callbackWaitsForEmptyEventLoop: false,
      getRemainingTimeInMillis: () => Math.max(deadlineMs - clock.now(), 0),
    };
  }
}

export interface DelivererOptions {
  readonly world: SimulatedWorld;
  readonly clock: SimulatedClock;
  readonly queue: RequestQueue;
  readonly invocations: Invocations;
  readonly startDurable: StartDurable;
  readonly note: (kind: TimelineEntry['kind'], text: string) => void;
  readonly fatal: (error: unknown) => void;
}

export interface Deliverer {
  /**
   * Gives an event to a function. `delivery` is its index among the external deliveries, -1 for a schedule. `name`: of the durable
   * execution that it starts, or the id of the request; absent: Lambda makes one.
   */
  readonly deliver: (fn: DeployedFunction, event: unknown, delivery: number, name?: string) => void;
  /** Hands a function a batch of a stream. Settles when it has been taken, or given up. */
  readonly deliverBatch: (fn: DeployedFunction, event: unknown) => Promise<void>;
  readonly deadLetters: readonly DeadLetter[];
  /** Deliveries that are not finished: retries due, executions under way. */
  readonly pending: () => number;
}

/** The records of an SQS event; `undefined` for any other event. */
function queueRecords(event: unknown): readonly Record<string, unknown>[] | undefined {
  const records: unknown = isRecord(event) ? event['Records'] : undefined;
  if (!Array.isArray(records) || records.length === 0) return undefined;
  const messages = records.filter(isRecord);
  return messages.length === records.length && messages.every((message) => message['eventSource'] === 'aws:sqs')
    ? messages
    : undefined;
}

/** The messages of a batch that are to be received again: those the function names, all of them when it failed. */
function failedOf(records: readonly Record<string, unknown>[], end: InvocationEnd): readonly Record<string, unknown>[] {
  if (end.ended !== 'returned') return records;
  const failures: unknown = isRecord(end.value) ? end.value['batchItemFailures'] : undefined;
  if (!Array.isArray(failures)) return [];
  const ids = new Set(failures.filter(isRecord).map((failure) => failure['itemIdentifier']));
  return records.filter((message) => ids.has(message['messageId']));
}

function receivedAgain(message: Record<string, unknown>, count: number): Record<string, unknown> {
  const attributes: unknown = message['attributes'];
  return {
    ...message,
    attributes: { ...(isRecord(attributes) ? attributes : {}), ApproximateReceiveCount: String(count) },
  };
}

function nextWait(waitMs: number): number {
  return waitMs === 0 ? BATCH_RETRY_MS.first : Math.min(2 * waitMs, BATCH_RETRY_MS.most);
}

class LambdaService implements Deliverer {
  readonly deadLetters: DeadLetter[] = [];
  readonly #options: DelivererOptions;
  #pending = 0;

  constructor(options: DelivererOptions) {
    this.#options = options;
  }

  pending = (): number => this.#pending;

  deliver = (fn: DeployedFunction, event: unknown, delivery: number, name?: string): void => {
    void this.#underWay(this.#handle(fn, event, delivery, name));
  };

  deliverBatch = (fn: DeployedFunction, event: unknown): Promise<void> => this.#underWay(this.#takeBatch(fn, event));

  async #underWay(work: Promise<void>): Promise<void> {
    this.#pending += 1;
    try {
      await work;
    } catch (error) {
      this.#options.fatal(error);
    } finally {
      this.#pending -= 1;
      this.#options.clock.wake();
    }
  }

  async #takeBatch(fn: DeployedFunction, event: unknown): Promise<void> {
    const { clock, invocations, world } = this.#options;
    const until = clock.now() + BATCH_AGE_MS;
    let error = '';
    for (let waitMs = 0; clock.now() + waitMs < until; waitMs = nextWait(waitMs)) {
      await this.#wait(waitMs);
      const end = await invocations.invoke({
        fn,
        payload: copied(event),
        event,
        requestId: world.uuid(),
        delivery: -1,
      });
      if (!('error' in end)) return;
      error = errorText(end.error);
    }
    this.#deadLetter(fn, event, error);
  }

  #handle(fn: DeployedFunction, event: unknown, delivery: number, name: string | undefined): Promise<void> {
    const records = queueRecords(event);
    if (fn.summary.host === 'durable' && records === undefined) return this.#startDurable(fn, event, delivery, name);
    if (records !== undefined) return this.#receive(fn, records, delivery);
    return this.#invokeAsync(fn, event, delivery, name);
  }

  #startDurable(fn: DeployedFunction, event: unknown, delivery: number, name: string | undefined): Promise<void> {
    const { world, clock, queue, invocations, note, fatal } = this.#options;
    return this.#options.startDurable(fn, copied(event), name ?? world.uuid(), {
      world,
      clock,
      queue,
      delivery,
      uuid: world.uuid,
      invoke: invocations.invoke,
      deadLetter: this.#deadLetter,
      note,
      fatal,
    });
  }

  async #invokeAsync(
    fn: DeployedFunction,
    event: unknown,
    delivery: number,
    requestId: string = this.#options.world.uuid(),
  ): Promise<void> {
    const { clock, invocations } = this.#options;
    const arrivedAt = clock.now();
    let end = await invocations.invoke({ fn, payload: copied(event), event, requestId, delivery });
    for (const delayMs of RETRY_AFTER_MS) {
      if (!('error' in end)) return;
      if (clock.now() + delayMs - arrivedAt > MAXIMUM_EVENT_AGE_MS) break;
      await this.#wait(delayMs);
      end = await invocations.invoke({ fn, payload: copied(event), event, requestId, delivery });
    }
    if ('error' in end) this.#deadLetter(fn, event, errorText(end.error));
  }

  async #receive(fn: DeployedFunction, records: readonly Record<string, unknown>[], delivery: number): Promise<void> {
    const { invocations, world } = this.#options;
    const queue = feedingQueue(world, fn, records);
    let left = records;
    for (let count = 1; count <= queue.mostReceives && left.length > 0; count += 1) {
      queue.received(left, count);
      const event = { Records: left.map((message) => receivedAgain(message, count)) };
      const end = await invocations.invoke({ fn, payload: copied(event), event, requestId: world.uuid(), delivery });
      const failed = failedOf(left, end);
      queue.taken(left.filter((message) => !failed.includes(message)));
      left = failed;
      // Also before it is buried: that is when it would be received once more.
      if (left.length > 0) await this.#wait(queue.visibilityMs);
    }
    for (const message of left) {
      queue.buried(message);
      this.#deadLetter(fn, { Records: [message] }, `received ${queue.mostReceives} times without success`);
    }
  }

  #wait(milliseconds: number): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      clock.after(milliseconds, () => {
        clock.wake();
        resolve();
      });
    });
  }

  #deadLetter = (fn: DeployedFunction, event: unknown, error: string): void => {
    const isRequest = queueRecords(event) !== undefined && fn.summary.triggers.some(({ queue }) => queue !== undefined);
    const [at, queue] = [this.#options.clock.iso(), isRequest ? ({ queue: 'requests' } as const) : {}];
    this.deadLetters.push({ runbook: fn.summary.name, ...queue, event, error, at });
    this.#options.note('run', `${fn.summary.name}: event to the dead letters: ${error}`);
  };
}

/** What Lambda does with an event that was given to a function. */
export function deliverer(options: DelivererOptions): Deliverer {
  return new LambdaService(options);
}
