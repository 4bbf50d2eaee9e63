/** Pieces of the work on FIFO queues: each group in its order, whatever befalls one of its letters. */

import { describe, expect, it } from 'vitest';
import { redrivePiece } from '../../../functions/redrive-dead-letters/aws/piece.ts';
import { NO_PROGRESS, progressIn, type Progress } from '../../../functions/redrive-dead-letters/decide.ts';
import { surroundWith } from '../../../shared/aws/clients.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { isRecord } from '../../../simulator/engine/json.ts';
import { memoryData, type MemoryData } from '../../../simulator/engine/data.ts';
import type { FaultPoint } from '../../../simulator/engine/run-types.ts';
import { inFunction } from '../in-a-function.ts';
import { inputOf, statesOf, staysOf } from './a-piece.ts';
import { arnOf, queue } from './queue-facts.ts';

interface Letter {
  readonly group: string;
  readonly n: number;
  readonly body?: string;
  readonly source?: string;
  readonly sentAt?: string;
}

function idOf({ group, n }: Letter): string {
  return `00000000-0000-4000-8000-${group.codePointAt(0)?.toString(16).padStart(6, '0')}${String(n).padStart(6, '0')}`;
}

function bodyOf({ group, n, body }: Letter): string {
  return body ?? `${group}${n}`;
}

/** `a0 a1 b0`: group and number. */
function letters(...names: readonly string[]): readonly Letter[] {
  return names.map((name) => ({ group: name.slice(0, 1), n: Number(name.slice(1)) }));
}

function worldOf(dead: readonly Letter[], now: string): object {
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf('orders-dlq.fifo'), maxReceiveCount: 3 });
  return {
    now,
    account: '111122223333',
    region: 'eu-west-1',
    sqs: {
      Queues: [
        { QueueName: 'orders.fifo', Attributes: { FifoQueue: 'true', RedrivePolicy } },
        { QueueName: 'parked.fifo', Attributes: { FifoQueue: 'true' } },
        {
          QueueName: 'orders-dlq.fifo',
          Attributes: { FifoQueue: 'true' },
          Messages: dead.map((letter, index) => ({
            MessageId: idOf(letter),
            Body: bodyOf(letter),
            Attributes: {
              DeadLetterQueueSourceArn: arnOf(letter.source ?? 'orders.fifo'),
              SentTimestamp: String(Date.parse(letter.sentAt ?? '2026-11-22T07:00:00Z')),
              MessageGroupId: letter.group,
              MessageDeduplicationId: `dead-${index}`,
              SequenceNumber: String(18_850_000_000_000_000_000n + BigInt(index)),
            },
          })),
        },
      ],
    },
  };
}

const PLACE = { arn: arnOf('orders.fifo'), url: queue('orders.fifo').url, maximumMessageBytes: 1_048_576 };
const PARKED = { arn: arnOf('parked.fifo'), url: queue('parked.fifo').url, maximumMessageBytes: 1_048_576 };

function workOf(rule: JsonObject): JsonObject {
  const { rule: usual, ...input } = inputOf({ letters: [] });
  const select = {
    queue: arnOf('orders-dlq.fifo'),
    url: queue('orders-dlq.fifo').url,
    held: 9,
    retentionSeconds: 86_400,
  };
  const to = [{ ...PLACE, trust: 'works' }];
  return { ...input, select, rule: { ...(isRecord(usual) ? usual : {}), to, ...rule } };
}

interface Moved {
  readonly told: Progress | undefined;
  /** Bodies in the order in which they were sent. */
  readonly sent: readonly string[];
  readonly ids: readonly unknown[];
  readonly most: number;
}

/** What a piece sends, and tells. */
async function moved(
  dead: readonly Letter[],
  rule: JsonObject = {},
  before?: Progress,
  data: MemoryData = memoryData(),
  now = '2026-11-22T08:00:00Z',
  points: readonly FaultPoint[] = [],
): Promise<Moved> {
  const { value, thrown, requests } = await inFunction(
    worldOf(dead, now),
    async (io) => {
      const wayBack = surroundWith({ data });
      return progressIn(await redrivePiece.piece(workOf(rule), io, before).finally(wayBack));
    },
    points,
  );
  if (thrown instanceof Error) throw thrown;
  const batches = requests
    .filter(({ call }) => call === 'sqs:SendMessageBatch')
    .map(({ input }) => {
      const entries: unknown = isRecord(input) ? input['Entries'] : [];
      return Array.isArray(entries) ? entries.filter(isRecord) : [];
    });
  const groupsIn = (entries: readonly { readonly [name: string]: unknown }[]): number =>
    Math.max(...[...Map.groupBy(entries, ({ MessageGroupId }) => MessageGroupId).values()].map(({ length }) => length));
  return {
    told: value,
    sent: batches.flat().map(({ MessageBody }) => String(MessageBody)),
    ids: batches.flat().map(({ MessageDeduplicationId }) => MessageDeduplicationId),
    most: Math.max(0, ...batches.map(groupsIn)),
  };
}

function ofGroup(sent: readonly string[], group: string): string {
  return sent.filter((body) => body.startsWith(group)).join(' ');
}

describe('letters of a FIFO queue', () => {
  it('go in the order of their group, never two of one together', async () => {
    const dead = letters(
      'a0',
      'b0',
      'c0',
      'a1',
      'b1',
      'c1',
      'a2',
      'b2',
      'c2',
      'a3',
      'a4',
      'a5',
      'a6',
      'a7',
      'a8',
      'a9',
    );
    const { told, sent, most } = await moved(dead);
    expect([told?.sent, told?.left, told?.isDrained]).toEqual([16, {}, true]);
    expect(ofGroup(sent, 'a')).toBe('a0 a1 a2 a3 a4 a5 a6 a7 a8 a9');
    expect([ofGroup(sent, 'b'), ofGroup(sent, 'c')]).toEqual(['b0 b1 b2', 'c0 c1 c2']);
    expect(most).toBe(1);
  });

  it('have an id that is the same in every run', async () => {
    const dead = letters('a0', 'b0');
    const [first, second] = [await moved(dead), await moved(dead)];
    expect(first.ids).toEqual(dead.map((letter) => `redrive-${idOf(letter)}`));
    expect(second.ids).toEqual(first.ids);
  });

  it('wait behind one that was not sent, while other groups go on', async () => {
    const dead = letters('a0', 'a1', 'b0', 'b1');
    const elsewhere = { ...PLACE, arn: arnOf('bills.fifo'), trust: 'on-trial' };
    const ofBills = dead.map((letter) =>
      letter.group === 'a' && letter.n === 0 ? { ...letter, source: 'bills.fifo' } : letter,
    );
    const { told, sent } = await moved(ofBills, { to: [{ ...PLACE, trust: 'works' }, elsewhere] });
    expect(sent).toEqual(['b0', 'b1']);
    expect(statesOf(told)).toEqual(['kept waits-for-its-group', 'kept waits-for-the-canary']);
    expect(told?.received).toBe(4);
  });

  it('wait behind one that may have gone or not, so that none overtakes it', async () => {
    const lost: FaultPoint = { request: 1, kind: 'reply-lost' };
    const { told, sent } = await moved(letters('a0', 'a1'), {}, undefined, memoryData(), undefined, [lost]);
    expect([sent, statesOf(told)]).toEqual([['a0'], [expect.stringMatching(/^doubt /u), 'kept waits-for-its-group']]);
  });

  it('are held up by none that stays, or is parked', async () => {
    const dead = letters('a0', 'a1', 'a2');
    const [lost, ...rest] = dead;
    if (lost === undefined) throw new Error('three letters');
    const { told, sent } = await moved([{ ...lost, source: 'gone.fifo' }, ...rest]);
    expect([sent, staysOf(told)]).toEqual([['a1', 'a2'], { 'source-is-gone': 1 }]);
    const large = await moved([{ ...lost, body: 'a'.repeat(2_000) }, ...rest], {
      to: [{ ...PLACE, maximumMessageBytes: 1_024, trust: 'works' }],
      parking: PARKED,
    });
    expect([large.told?.parked, large.told?.sent, ofGroup(large.sent.slice(1), 'a')]).toEqual([1, 2, 'a1 a2']);
  });

  it('that have arrived before are deleted behind one that waits, and not sent again', async () => {
    const dead = letters('a0', 'a1');
    const [, behind] = dead;
    if (behind === undefined) throw new Error('two letters');
    const before: Progress = {
      ...NO_PROGRESS,
      received: 1,
      sent: 1,
      left: { [idOf(behind)]: { state: 'sent', why: 'InternalError', expiresAt: '2026-11-23T08:00:00.000Z' } },
      beganAt: '2026-11-22T07:50:00.000Z',
      roundAt: '2026-11-22T07:50:00.000Z',
      pieces: 1,
    };
    const { told, sent } = await moved(
      dead,
      {
        to: [
          { ...PLACE, trust: 'on-trial' },
          { ...PLACE, arn: arnOf('x.fifo'), trust: 'works' },
        ],
      },
      before,
    );
    expect([sent, statesOf(told), told?.received]).toEqual([[], ['kept waits-for-the-canary'], 2]);
  });

  it('are not taken for looked at in their order where nothing is sent', async () => {
    const { told, sent } = await moved(letters('a0', 'a1', 'a2'), { mode: 'search' });
    expect([sent, statesOf(told)]).toEqual([[], ['kept looked-at']]);
  });
});

describe('a consumer of a FIFO queue', () => {
  it('is tried with one letter of each group', async () => {
    const dead = letters('a0', 'a1', 'b0', 'b1', 'c0');
    const { told, sent } = await moved(dead, { to: [{ ...PLACE, trust: 'untried' }] });
    expect(sent.toSorted()).toEqual(['a0', 'b0', 'c0']);
    expect(told?.places).toEqual({ [PLACE.arn]: { trust: 'on-trial', sent: 3, back: 0 } });
  });
});

describe('a consumer of a FIFO queue that is tried once more', () => {
  it('is judged by each that goes alone: what came back before it stands no longer before it', async () => {
    const data = memoryData();
    const [first, second] = letters('a0', 'a1');
    if (first === undefined || second === undefined) throw new Error('two letters');
    await moved([first], { to: [{ ...PLACE, trust: 'untried' }] }, undefined, data);
    const key = data.dump()[0]?.key.split('/')[1] ?? '';
    const before: Progress = {
      ...NO_PROGRESS,
      received: 1,
      sent: 1,
      beganAt: key,
      roundAt: key,
      places: { [PLACE.arn]: { trust: 'on-trial', sent: 1, back: 0 } },
      pieces: 1,
    };
    const untried = { to: [{ ...PLACE, trust: 'untried' }] };
    const back = { ...first, sentAt: '2026-11-22T08:00:30Z' };
    const next = await moved([back, second], untried, before, data, '2026-11-22T08:01:00Z');
    expect([next.sent, next.told?.places[PLACE.arn]]).toEqual([['a1'], { trust: 'on-trial', sent: 2, back: 1 }]);
    const both = [back, { ...second, sentAt: '2026-11-22T08:01:30Z' }];
    const last = await moved(both, untried, next.told, data, '2026-11-22T08:02:00Z');
    expect(last.told?.places[PLACE.arn]).toEqual({ trust: 'on-trial', sent: 2, back: 2 });
  });
});

describe('letters of a group that came back', () => {
  it('are charged but for those that stood behind the first', async () => {
    const data = memoryData();
    const dead = letters('a0', 'a1', 'b0');
    await moved(dead, {}, undefined, data);
    const again = dead.map((letter) => ({ ...letter, sentAt: '2026-11-22T08:00:30Z' }));
    const key = data.dump()[0]?.key.split('/')[1] ?? '';
    const before: Progress = {
      ...NO_PROGRESS,
      received: 3,
      sent: 3,
      beganAt: key,
      roundAt: key,
      places: { [PLACE.arn]: { trust: 'works', sent: 3, back: 0 } },
      pieces: 1,
    };
    const back = await moved(again, { maxAttempts: 1 }, before, data, '2026-11-22T08:05:00Z');
    expect(back.told).toMatchObject({ received: 3, sent: 0, cameBack: 3 });
    const why = (id: string): string | undefined => back.told?.left[id]?.why;
    expect(dead.map((letter) => why(idOf(letter)))).toEqual(['attempts-used-up', 'came-back', 'attempts-used-up']);
    // Two speak of the consumer, the third stood behind one of them.
    expect(back.told?.places[PLACE.arn]).toMatchObject({ back: 2 });
    // In the next round the first of each group may go no more; the one behind it was never tried.
    const next = await moved(
      again,
      { maxAttempts: 1, round: 2, parking: PARKED },
      back.told,
      data,
      '2026-11-22T08:10:00Z',
    );
    expect(next.told).toMatchObject({ parked: 2, sent: 1, left: {} });
  });

  it('go alone where they failed before, and what stands behind them waits', async () => {
    const data = memoryData();
    const dead = letters('a0', 'a1', 'b0');
    await moved(dead, {}, undefined, data);
    const again = dead.map((letter) => ({ ...letter, sentAt: '2026-11-22T08:00:30Z' }));
    const key = data.dump()[0]?.key.split('/')[1] ?? '';
    const before: Progress = { ...NO_PROGRESS, received: 3, sent: 3, beganAt: key, roundAt: key, pieces: 1 };
    const back = await moved(again, {}, before, data, '2026-11-22T08:05:00Z');
    const next = await moved(again, { round: 2 }, back.told, data, '2026-11-22T08:10:00Z');
    expect([ofGroup(next.sent, 'a'), ofGroup(next.sent, 'b')]).toEqual(['a0', 'b0']);
    expect(next.told).toMatchObject({ sent: 2, left: { [idOf({ group: 'a', n: 1 })]: { state: 'back' } } });
    // What became of it is known with the next round.
    const behind = again.filter(({ n }) => n === 1);
    const last = await moved(behind, { round: 3 }, next.told, data, '2026-11-22T08:15:00Z');
    expect([last.sent, last.told?.left]).toEqual([['a1'], {}]);
  });

  it('are known for it where they are first seen behind one that waits, so that none goes twice for one charge', async () => {
    const data = memoryData();
    const [went, ahead] = letters('a1', 'a0');
    if (went === undefined || ahead === undefined) throw new Error('two letters');
    await moved([went], {}, undefined, data);
    const key = data.dump()[0]?.key.split('/')[1] ?? '';
    const before: Progress = { ...NO_PROGRESS, received: 1, sent: 1, beganAt: key, roundAt: key, pieces: 1 };
    const elsewhere = { ...PLACE, arn: arnOf('bills.fifo'), trust: 'on-trial' };
    const to = [{ ...PLACE, trust: 'works' }, elsewhere];
    const dead = [
      { ...ahead, source: 'bills.fifo' },
      { ...went, sentAt: '2026-11-22T08:00:30Z' },
      { ...ahead, n: 2, sentAt: '2026-11-22T08:00:40Z' },
    ];
    const held = await moved(dead, { to }, before, data, '2026-11-22T08:01:00Z');
    expect([held.sent, held.told?.cameBack, held.told?.left[idOf(went)]?.state]).toEqual([[], 1, 'back']);
    // One that was sent there meanwhile by somebody else is none of the run's, also where it stands behind another.
    expect(staysOf(held.told)).toEqual({ new: 1 });
    const freed = {
      to: [PLACE, { ...elsewhere, ...PLACE, arn: elsewhere.arn }].map((one) => ({ ...one, trust: 'works' })),
    };
    const next = await moved(dead, freed, held.told, data, '2026-11-22T08:02:00Z');
    expect(next.sent).toEqual(['a0']);
  });
});
