/** Pieces of the work, done on the simulated SQS. */

import { redrivePiece } from '../../../functions/redrive-dead-letters/aws/piece.ts';
import { readQueue } from '../../../functions/redrive-dead-letters/aws/queues.ts';
import { progressIn, type Progress } from '../../../functions/redrive-dead-letters/decide.ts';
import type { Trust } from '../../../functions/redrive-dead-letters/decide/letter.ts';
import { surroundWith } from '../../../shared/aws/clients.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { DataLedger } from '../../../shared/kernel/ledger/data.ts';
import { memoryData, type MemoryData } from '../../../simulator/engine/data.ts';
import { inFunction } from '../in-a-function.ts';
import { arnOf, queue } from './queue-facts.ts';

export interface Wanted {
  readonly letters: readonly { readonly body: string; readonly source?: string }[];
  readonly maxItems?: number;
  readonly perSecond?: number;
  /** Queues that may be sent to; `orders` alone is there. */
  readonly to?: readonly string[];
  readonly trust?: Trust;
  readonly rule?: JsonObject;
  /** The ledger that it finds. */
  readonly data?: DataLedger;
}

export function idOf(index: number): string {
  return `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
}

export function worldOf(wanted: Wanted): object {
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf('orders-dlq'), maxReceiveCount: 3 });
  return {
    now: '2026-11-22T08:00:00Z',
    account: '111122223333',
    region: 'eu-west-1',
    sqs: {
      Queues: [
        { QueueName: 'orders', Attributes: { RedrivePolicy } },
        { QueueName: 'parked' },
        {
          QueueName: 'orders-dlq',
          Messages: wanted.letters.map(({ body, source = 'orders' }, index) => ({
            MessageId: idOf(index),
            Body: body,
            Attributes: { DeadLetterQueueSourceArn: arnOf(source), SentTimestamp: '1795330800000' },
          })),
        },
      ],
    },
  };
}

export function inputOf({
  maxItems,
  perSecond = 10_000,
  to = ['orders'],
  trust = 'works',
  rule = {},
}: Wanted): JsonObject {
  const places = to
    .map((name) => queue(name))
    .map(({ arn, url, maximumMessageBytes }) => ({ arn, url, maximumMessageBytes, trust }));
  return {
    select: { queue: arnOf('orders-dlq'), url: queue('orders-dlq').url, held: 9, retentionSeconds: 1_209_600 },
    rule: {
      mode: 'send',
      to: places,
      parking: null,
      senders: { origins: [], unread: [] },
      tagged: [],
      maxAttempts: 3,
      round: 1,
      isNewTrial: false,
      canary: 10,
      leastJudged: 5,
      maxBack: 400,
      perSecond,
      hiddenSeconds: 60,
      maxLeft: 40,
      maxStays: 60,
      maxLookedAt: 50,
      ...rule,
    },
    maxItems: maxItems ?? null,
  };
}

export interface Moved {
  readonly told: Progress | undefined;
  readonly sent: number | undefined;
  readonly parked: number | undefined;
  readonly calls: readonly string[];
  readonly seconds: number;
}

/** What a piece tells, and how many letters are where afterwards. */
export async function moved(wanted: Wanted, before?: Progress): Promise<Moved> {
  const { data = memoryData() } = wanted;
  const { value, thrown, requests } = await inFunction(worldOf(wanted), async (io) => {
    const wayBack = surroundWith({ data });
    const beganMs = Date.parse(io.now());
    const told = await redrivePiece.piece(inputOf(wanted), io, before).finally(wayBack);
    const seconds = (Date.parse(io.now()) - beganMs) / 1_000;
    const visibleIn = async (name: string): Promise<number | undefined> =>
      (await readQueue(arnOf(name), io))?.messages.visible;
    return { told: progressIn(told), sent: await visibleIn('orders'), parked: await visibleIn('parked'), seconds };
  });
  if (value === undefined) throw thrown;
  return { ...value, calls: requests.map(({ call }) => call) };
}

/** By the reason how many letters stay. */
export function staysOf(told: Progress | undefined): object {
  return Object.fromEntries(Object.entries(told?.stays ?? {}).map(([why, prints]) => [why, prints.length / 8]));
}

/** What has become of those that are left, each once. */
export function statesOf(told: Progress | undefined): readonly string[] {
  return [...new Set(Object.values(told?.left ?? {}).map(({ state, why }) => `${state} ${why}`))].toSorted();
}

export function letters(
  count: number,
  body: (index: number) => string = (index) => `{"id":${index}}`,
): Wanted['letters'] {
  return Array.from({ length: count }, (_none, index) => ({ body: body(index) }));
}

/** What the ledger keeps of letters that went, item by item. */
export function printsIn(data: MemoryData): readonly string[] {
  return data.dump().flatMap(({ value: { prints } }) => (typeof prints === 'string' ? [prints] : []));
}
