/** Scripted consumers of queues: what takes messages, handles some, and leaves the others to their time-out and the redrive policy. */

import type { Shape, World } from '../engine/model.ts';
import { deliveringOf } from '../services/sqs/mapping.ts';
import { receivable, receive } from '../services/sqs/receive.ts';
import { receivedBy } from '../services/sqs/receipts.ts';
import { attributesOf, isFifo, messagesIn, queueByName, takeOut, tend } from '../services/sqs/state.ts';
import { CONSUMERS } from '../world/consumers.ts';
import { parseDuration } from '../world/duration.ts';
import { failsOn } from '../world/failing.ts';

/** `BatchSize` of a mapping that says none. Source: API_CreateEventSourceMapping. */
const BATCH_SIZE = 10;
/** Lambda polls without a pause; how long a message is under way it does not say. Assumed. */
const POLL_MS = 500;

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** When something can be received; `undefined`: nothing is there. */
function nextMs(world: World, queue: Shape): number | undefined {
  const now = world.clock.now();
  if (receivable(queue, now, 1).length > 0) return now;
  const hidden = messagesIn(queue).map(({ VisibleAt: at }) => (typeof at === 'string' ? Date.parse(at) : now));
  return hidden.length === 0 ? undefined : hidden.reduce((least, ms) => Math.min(least, ms));
}

/** A message of a batch, as far as it matters what becomes of it. */
interface Given {
  readonly handle: unknown;
  readonly group: unknown;
  readonly body: string;
}

class Consumer {
  readonly #world: World;
  readonly #index: number;
  #isBusy = false;
  #unplan: () => void = () => undefined;

  constructor(world: World, index: number) {
    this.#world = world;
    this.#index = index;
    world.on('messages-sent', ({ queueName }) => {
      if (queueName === this.#record()['queue']) this.look();
    });
  }

  /** Comes back when there is something to take. */
  look(): void {
    const queue = this.#queue();
    const next = queue === undefined || this.#isBusy ? undefined : nextMs(this.#world, queue);
    if (queue === undefined || next === undefined) return;
    this.#unplan();
    // Without a redrive policy a message that fails comes again for days: the world does not wait for that.
    const isEndless = deliveringOf(queue).mostReceives === undefined && this.#record()['fails'] !== undefined;
    const wait = Math.max(next - this.#world.clock.now(), POLL_MS);
    this.#unplan = this.#world.clock.after(wait, () => this.#take(), isEndless ? { background: true } : {});
  }

  /** The records are others once the world was copied. */
  #record(): Shape {
    return this.#world.records(CONSUMERS.service, CONSUMERS.collection)[this.#index] ?? {};
  }

  #queue(): Shape | undefined {
    return queueByName(this.#world, this.#record()['queue']);
  }

  #take(): void {
    const queue = this.#queue();
    if (queue === undefined) return;
    const taken = receive(this.#world, queue, BATCH_SIZE, deliveringOf(queue).visibilityMs / 1_000);
    const batch = taken.map((message) => ({
      handle: message['ReceiptHandle'],
      group: attributesOf(message)['MessageGroupId'],
      body: String(message['Body']),
    }));
    tend(this.#world, queue);
    this.#isBusy = batch.length > 0;
    if (this.#isBusy) this.#handle(batch, [], new Set());
    else this.look();
  }

  /** One after the other. In a FIFO queue what stands behind one that failed is not begun. */
  #handle([given, ...rest]: readonly Given[], handled: readonly Given[], stopped: Set<unknown>): void {
    if (given === undefined) {
      this.#end(handled);
      return;
    }
    const queue = this.#queue();
    if (queue !== undefined && isFifo(queue) && stopped.has(given.group)) {
      this.#handle(rest, handled, stopped);
      return;
    }
    this.#world.clock.after(parseDuration(String(this.#record()['handles'])) ?? 0, () => {
      const record = this.#record();
      record['received'] = Number(record['received']) + 1;
      const isFailing = failsOn(record, parsed(given.body), this.#world.clock.now());
      if (isFailing) stopped.add(given.group);
      this.#handle(rest, isFailing ? handled : [...handled, given], stopped);
    });
  }

  /**
   * What was handled is deleted, unless it has come out of its time-out meanwhile: of a standard queue and to somebody else, of a FIFO
   * queue at all, which takes no expired handle (`services/sqs/delete.ts`). Then it comes once more.
   */
  #end(handled: readonly Given[]): void {
    this.#isBusy = false;
    const queue = this.#queue();
    if (queue === undefined) return;
    const record = this.#record();
    record['handled'] = Number(record['handled']) + handled.length;
    for (const { handle } of handled) {
      const { message, isLatest, isInFlight } = receivedBy(this.#world, queue, handle);
      if (isFifo(queue) ? isInFlight : isLatest) takeOut(queue, message?.['MessageId']);
    }
    tend(this.#world, queue);
    this.look();
  }
}

/** Has the world's consumers take what comes into their queues. */
export function startConsumers(world: World): void {
  const records = world.data[CONSUMERS.service]?.[CONSUMERS.collection] ?? [];
  for (const index of records.keys()) new Consumer(world, index).look();
}
