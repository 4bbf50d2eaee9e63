/** What a hand does with the letters that it has, on the simulated SQS: receipts are none of its, so that nothing can be deleted. */

import { describe, expect, it } from 'vitest';
import { openAttempts, roundAtOf } from '../../../functions/redrive-dead-letters/aws/attempts.ts';
import { deal, type Desk } from '../../../functions/redrive-dead-letters/aws/dealing.ts';
import { asFailedAt, type Received } from '../../../functions/redrive-dead-letters/aws/letters.ts';
import { Places } from '../../../functions/redrive-dead-letters/aws/places.ts';
import { readQueue } from '../../../functions/redrive-dead-letters/aws/queues.ts';
import { Tally } from '../../../functions/redrive-dead-letters/aws/tally.ts';
import { workIn } from '../../../functions/redrive-dead-letters/aws/work.ts';
import { NO_PROGRESS, type Progress } from '../../../functions/redrive-dead-letters/decide.ts';
import { surroundWith } from '../../../shared/aws/clients.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import type { DataItem, DataLedger } from '../../../shared/kernel/ledger/data.ts';
import { memoryData } from '../../../simulator/engine/data.ts';
import type { FaultPoint } from '../../../simulator/engine/run-types.ts';
import { inFunction } from '../in-a-function.ts';
import { inputOf } from './a-piece.ts';
import { functionArn } from './letters-of-others.ts';
import { arnOf, queue } from './queue-facts.ts';
import { letter } from './some-letters.ts';

const { arn, url } = queue('parked');
const PARKING = { arn, url, maximumMessageBytes: 1_048_576 };
/** Before the letters were sent. */
const ROUND = '2026-11-22T06:59:00.000Z';
const BEFORE: Progress = { ...NO_PROGRESS, beganAt: ROUND, roundAt: ROUND, pieces: 1 };
const expiresAt = '2026-12-06T07:00:00.000Z';

const WORLD = {
  now: '2026-11-22T08:00:00Z',
  account: '111122223333',
  region: 'eu-west-1',
  sqs: {
    Queues: [
      { QueueName: 'orders', Attributes: { MaximumMessageSize: '1024' } },
      { QueueName: 'parked' },
      { QueueName: 'orders-dlq' },
    ],
  },
  lambda: {
    Functions: [
      { FunctionName: 'charge', Aliases: [{ Name: 'live', FunctionVersion: '7' }] },
      { FunctionName: 'ship' },
    ],
  },
};

interface Given {
  readonly before?: Progress;
  readonly rule?: JsonObject;
  readonly data?: DataLedger;
  readonly points?: readonly FaultPoint[];
}

interface Dealt {
  readonly told: Progress;
  readonly isOpen: boolean;
  readonly sent: number | undefined;
  readonly parked: number | undefined;
  /** What functions were asked to do. */
  readonly invoked: readonly unknown[];
  readonly calls: readonly string[];
}

/** Deals with the letters, and tells what it has come to. */
async function dealt(
  letters: readonly Received[],
  { before = BEFORE, rule = {}, data = memoryData(), points }: Given,
): Promise<Dealt> {
  const work = async (io: Io): Promise<Omit<Dealt, 'invoked' | 'calls'>> => {
    const wayBack = surroundWith({ data });
    const asked = workIn(inputOf({ letters: [], trust: 'untried', rule }));
    const places = new Places(before, asked.to, asked.round, asked);
    const roundAt = await roundAtOf({ queueName: 'orders-dlq', round: asked.round, before }, io);
    const tally = new Tally(before, { ...asked, roundAt }, io.now());
    const attempts = await openAttempts({ queueName: 'orders-dlq', roundAt }, io);
    const desk: Desk = {
      work: asked,
      io,
      tally,
      places,
      attempts,
      closed: new Map(),
      aside: 0,
      spared: [],
      tried: new Set(),
    };
    await deal(desk, letters).finally(wayBack);
    const visibleIn = async (name: string): Promise<number | undefined> =>
      (await readQueue(arnOf(name), io))?.messages.visible;
    return {
      told: tally.close(io.now(), places),
      isOpen: places.isOpen(),
      sent: await visibleIn('orders'),
      parked: await visibleIn('parked'),
    };
  };
  const { value, thrown, requests } = await inFunction(WORLD, work, points);
  if (value === undefined) throw thrown;
  const invoked = requests.filter(({ call }) => call === 'lambda:Invoke').map(({ input }) => input);
  return { ...value, invoked, calls: requests.map(({ call }) => call) };
}

/** The ledger in which that letter has gone in this round. */
function noted({ print }: Received): DataLedger {
  const item: DataItem = { partition: 'redriven', key: `orders-dlq/${ROUND}/x`, version: 1, value: { prints: print } };
  return memoryData({ items: [item] });
}

describe('a letter that has been here all the time', () => {
  const kept = (state: 'kept' | 'doubt' | 'back'): Progress => ({
    ...BEFORE,
    received: 1,
    left: { a: { state, why: 'Throttled', expiresAt } },
  });

  it('is not new, however late it was sent', async () => {
    const { told, sent } = await dealt([letter('a')], { before: kept('kept') });
    expect([sent, told.sent, told.stays]).toEqual([1, 1, {}]);
  });

  it('has not come back, though it was noted before a reply was lost', async () => {
    const { told, sent } = await dealt([letter('a')], { before: kept('doubt'), data: noted(letter('a')) });
    expect([sent, told.sent, told.cameBack, told.perhapsTwice]).toEqual([1, 1, 0, 1]);
  });

  it('has come back where it was seen so before', async () => {
    const { told, sent } = await dealt([letter('a')], { before: kept('back'), data: noted(letter('a')) });
    expect([sent, told.left['a']?.state]).toEqual([0, 'back']);
  });
});

describe('a letter that came back in a round before, and is seen only now', () => {
  it('was counted as gone, and is so no more', async () => {
    const went = { ...BEFORE, received: 5, sent: 5, beganAt: '2026-11-22T06:00:00.000Z' };
    const data = noted(letter('a'));
    const { told } = await dealt([letter('a')], { before: went, rule: { round: 2 }, data });
    expect(told).toMatchObject({ received: 5, sent: 5, cameBack: 1 });
    const { told: twice } = await dealt([letter('a')], { before: { ...went, sent: 0 }, rule: { round: 2 }, data });
    expect(twice).toMatchObject({ received: 6, sent: 1, cameBack: 1 });
  });
});

describe('a letter that has arrived, and cannot be deleted', () => {
  it('is known as sent, or as parked', async () => {
    const { told } = await dealt([letter('a')], { rule: { parking: PARKING }, before: NO_PROGRESS });
    expect(told.left['a']).toEqual({ state: 'sent', why: 'ReceiptHandleIsInvalid', expiresAt });
    const rule = { parking: PARKING, maxAttempts: 1, round: 2 };
    const { told: parking, parked } = await dealt([letter('a')], { rule, data: noted(letter('a')) });
    expect([parked, parking.parked]).toEqual([1, 1]);
    expect(parking.left['a']).toEqual({ state: 'parked', why: 'ReceiptHandleIsInvalid', expiresAt });
  });
});

describe('a letter that its queue refuses', () => {
  const large = letter('a', { message: { Body: 'y'.repeat(2_000) } });

  it('is parked where there is a queue for it, else it stays', async () => {
    const { told, sent, parked } = await dealt([large], { before: NO_PROGRESS, rule: { parking: PARKING } });
    expect([sent, parked, told.parked, told.stays]).toEqual([0, 1, 1, {}]);
    const alone = await dealt([large], { before: NO_PROGRESS });
    expect([alone.parked, alone.told.parked, Object.keys(alone.told.stays).length]).toEqual([0, 0, 1]);
  });

  it('leaves its place in the canary to another', async () => {
    const canary = Array.from({ length: 10 }, (_none, index) => letter(String(index), { message: large.message }));
    expect((await dealt(canary, { before: NO_PROGRESS })).isOpen).toBe(true);
    const fit = canary.map(({ id }) => letter(id));
    expect((await dealt(fit, { before: NO_PROGRESS })).isOpen).toBe(false);
    const data = { ...memoryData(), write: () => Promise.reject(new Error('no room')) };
    expect((await dealt(fit, { before: NO_PROGRESS, data })).isOpen).toBe(true);
  });
});

describe('a letter that a function has left without its name', () => {
  const EVENT = '{"order":5}';
  const origin = (name: string): JsonObject => {
    return { kind: 'lambda-async', function: functionArn(name), aliases: [], way: { by: 'itself' } };
  };
  const trying = (mode: string, ...names: readonly string[]): JsonObject => ({
    mode,
    to: names.map((name) => {
      return { arn: functionArn(name), url: null, maximumMessageBytes: 1_048_576, trust: 'on-trial' };
    }),
    senders: { origins: names.map(origin), unread: [] },
  });
  const message: Received['message'] = {
    Body: EVENT,
    MessageAttributes: {
      RequestID: { DataType: 'String', StringValue: 'r' },
      ErrorCode: { DataType: 'Number', StringValue: '200' },
    },
  };
  const home = { why: 'several-could-have-sent-it' } as const;
  const unnamed = letter('a', { message, home });
  /** The ledger in which the event has gone to these. */
  const given = (...names: readonly string[]): DataLedger => {
    const prints = names.map(
      (name) => asFailedAt(unnamed, { function: functionArn(name), event: EVENT, isRecorded: false }).print,
    );
    return noted(letter('x', { print: prints.join('') }));
  };
  const place = { trust: 'on-trial', sent: 10, back: 0 } as const;
  const before = {
    ...BEFORE,
    received: 20,
    sent: 20,
    places: { [functionArn('charge')]: place, [functionArn('ship')]: place },
  };

  it.each(['search', 'send', 'collect'])(
    'has come back from the one that was given the same, and stays (%s)',
    async (mode) => {
      const rule = trying(mode, 'charge', 'ship');
      const { told, calls } = await dealt([unnamed], { before, rule, data: given('charge') });
      expect(told.places).toEqual({ [functionArn('charge')]: { ...place, back: 1 }, [functionArn('ship')]: place });
      expect([told.received, told.sent, told.cameBack, Object.keys(told.stays)]).toEqual([20, 19, 1, [home.why]]);
      expect(calls).not.toContain('lambda:Invoke');
    },
  );

  it('has perhaps come back from each that was given the same', async () => {
    const rule = trying('search', 'charge', 'ship');
    const { told } = await dealt([unnamed], { before, rule, data: given('charge', 'ship') });
    expect(Object.values(told.places)).toEqual([
      { ...place, perhapsBack: 1 },
      { ...place, perhapsBack: 1 },
    ]);
    expect([told.sent, told.cameBack]).toEqual([19, 1]);
  });

  it('is new where none was given the same, or one that letters do not go to, and says nothing of them', async () => {
    for (const [data, names] of [
      [given(), ['charge', 'ship']],
      [given('charge'), ['ship']],
    ] as const) {
      const { told } = await dealt([unnamed], { before, rule: trying('collect', ...names), data });
      expect(told.places[functionArn('ship')]).toEqual(place);
      expect([told.received, told.sent, told.cameBack, Object.keys(told.stays)]).toEqual([21, 20, 0, ['new']]);
    }
  });

  it('is counted once', async () => {
    const rule = trying('search', 'charge', 'ship');
    const seen = { ...before, left: { a: { state: 'kept', why: 'looked-at', expiresAt } as const } };
    const { told } = await dealt([unnamed], { before: seen, rule, data: given('charge') });
    expect([told.cameBack, told.places[functionArn('charge')]]).toEqual([0, place]);
  });

  it('counts not as come back besides its record', async () => {
    const recorded = { kind: 'lambda-destination', function: functionArn('charge'), way: { by: 'itself' } };
    const rule = { ...trying('search', 'charge'), senders: { origins: [origin('charge'), recorded], unread: [] } };
    const { told } = await dealt([unnamed], { before, rule, data: given('charge') });
    expect([told.received, told.sent, told.cameBack, told.places[functionArn('charge')]]).toEqual([21, 20, 0, place]);
  });
});

describe('a letter of a function', () => {
  const place = (name: string): JsonObject => {
    return { arn: functionArn(name), url: null, maximumMessageBytes: 1_048_576, trust: 'works' };
  };
  const rule = { to: [place('charge'), place('ship')] };
  const of = (id: string, name: string, content: Received['content'] = { Body: `{"id":"${id}"}` }): Received => {
    const [plain = ''] = name.split(':');
    return letter(id, { home: { arn: functionArn(plain) }, functionArn: functionArn(name), content });
  };
  /** Of the requests of these tests the first gives the event. */
  const failing = (kind: FaultPoint['kind']): readonly FaultPoint[] => [{ request: 0, kind }];

  it('is given to it by the version or alias that failed, once, as what it was given before', async () => {
    const { told, invoked, sent } = await dealt([of('a', 'charge:live'), of('b', 'ship')], {
      before: NO_PROGRESS,
      rule,
    });
    expect(invoked).toEqual([
      { FunctionName: functionArn('charge:live'), InvocationType: 'Event', Payload: '{"id":"a"}' },
      { FunctionName: functionArn('ship'), InvocationType: 'Event', Payload: '{"id":"b"}' },
    ]);
    expect([sent, told.sent, Object.keys(told.places)]).toEqual([0, 2, [functionArn('charge'), functionArn('ship')]]);
  });

  it('is given to the function where nothing is said of a version', async () => {
    const { invoked } = await dealt([{ ...of('a', 'ship'), functionArn: undefined }], { before: NO_PROGRESS, rule });
    expect(invoked).toMatchObject([{ FunctionName: functionArn('ship') }]);
  });

  it('is kept where its function takes nothing, and holds up no other', async () => {
    const gone = { to: [place('gone'), place('ship')] };
    const { told, invoked } = await dealt([of('a', 'gone'), of('b', 'ship')], { before: NO_PROGRESS, rule: gone });
    expect(invoked).toHaveLength(2);
    expect([told.sent, told.left['a'], told.trouble]).toEqual([
      1,
      { state: 'kept', why: 'ResourceNotFoundException', expiresAt },
      null,
    ]);
  });

  it('is kept where Lambda is busy, and not given or deleted meanwhile', async () => {
    const points = failing('throttled-for-a-minute');
    const { told, calls } = await dealt([of('a', 'ship')], {
      before: NO_PROGRESS,
      rule: { to: [place('ship')] },
      points,
    });
    expect([told.sent, told.left['a']?.state, told.left['a']?.why]).toEqual([0, 'kept', 'TooManyRequestsException']);
    expect(told.trouble).toContain('TooManyRequestsException');
    expect(calls).not.toContain('sqs:DeleteMessageBatch');
  });

  it('is given once more where it was turned away for the moment', async () => {
    const { told, invoked } = await dealt([of('a', 'ship')], {
      before: NO_PROGRESS,
      rule,
      points: failing('throttled'),
    });
    expect([told.sent, invoked.length]).toEqual([1, 2]);
  });

  it('is in doubt where the answer is lost: neither deleted, nor given again', async () => {
    const { told, invoked, calls } = await dealt([of('a', 'ship')], {
      before: NO_PROGRESS,
      rule,
      points: failing('reply-lost'),
    });
    expect([told.sent, told.left['a']?.state, invoked.length]).toEqual([0, 'doubt', 1]);
    expect(calls).not.toContain('sqs:DeleteMessageBatch');
  });

  it('that it refuses is parked where there is a queue for it, else it stays', async () => {
    const bad = of('a', 'ship', { Body: 'no JSON' });
    const { told, parked } = await dealt([bad], { before: NO_PROGRESS, rule: { ...rule, parking: PARKING } });
    expect([parked, told.parked, told.stays]).toEqual([1, 1, {}]);
    const alone = await dealt([bad], { before: NO_PROGRESS, rule });
    expect([alone.told.sent, Object.keys(alone.told.stays).length]).toEqual([0, 1]);
  });
});
