/** Whether letters can be taken, and whether anybody takes them where they go. */

import { describe, expect, it } from 'vitest';
import { readinessOf } from '../../../functions/redrive-dead-letters/aws/readiness.ts';
import {
  ALL_READY,
  decide,
  fateOf,
  targetOf,
  type Facts,
  type Queue,
  type Readiness,
} from '../../../functions/redrive-dead-letters/decide.ts';
import { inFunction } from '../in-a-function.ts';
import { arnOf, facts, LIMITS, NOW, queue, source } from './queue-facts.ts';

const FN = 'arn:aws:lambda:eu-west-1:111122223333:function:ship';
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/k';

function mapping(UUID: string, State: string): object {
  return { UUID, EventSourceArn: arnOf('orders'), FunctionArn: `${FN}:live`, State };
}

interface Given {
  readonly lambda?: object;
  readonly keys?: readonly object[];
  readonly queue?: Queue;
  readonly sources?: readonly Queue[];
  readonly parking?: Queue | null;
}

async function found(given: Given): Promise<{ readiness: Readiness | undefined; calls: readonly string[] }> {
  const { lambda = {}, keys = [], sources = [source('orders')], parking = null } = given;
  const world = { now: NOW, account: '111122223333', region: 'eu-west-1', lambda, kms: { Keys: keys } };
  const { value, requests } = await inFunction(world, (io) =>
    readinessOf({ queue: given.queue ?? queue('orders-dlq'), sources, parking }, io),
  );
  return { readiness: value, calls: requests.map(({ call }) => call) };
}

async function offOf(mappings: readonly object[], concurrency: object = {}): Promise<unknown> {
  const Functions = [{ FunctionName: 'ship', Concurrency: concurrency }];
  const { readiness } = await found({ lambda: { Functions, EventSourceMappings: mappings } });
  return readiness?.off[arnOf('orders')];
}

describe('a consumer', () => {
  it.each(['Disabled', 'Disabling'])('is off where its mapping is %s', async (state) => {
    expect(await offOf([mapping('m', state)])).toBe(`the mapping m of orders to ${FN}:live is ${state}`);
  });

  it('is off where its function may not run', async () => {
    const off = await offOf([mapping('m', 'Enabled')], { ReservedConcurrentExecutions: 0 });
    expect(off).toBe(`${FN}, which takes from orders, has a reserved concurrency of 0`);
  });

  it('is on where one of several takes', async () => {
    expect(await offOf([mapping('m', 'Disabled'), mapping('n', 'Enabled')])).toBeUndefined();
    expect(await offOf([mapping('m', 'Enabled')], { ReservedConcurrentExecutions: 5 })).toBeUndefined();
  });

  it('that is no function is not known', async () => {
    const { readiness } = await found({});
    expect(readiness).toEqual({ ...ALL_READY, withoutMapping: ['orders'] });
  });

  it.each<[string, Given]>([
    ['there are no letters', { queue: queue('orders-dlq', { messages: { visible: 0, inFlight: 0, delayed: 0 } }) }],
    [
      'somebody has a message in hand',
      { sources: [source('orders', { messages: { visible: 0, inFlight: 1, delayed: 0 } })] },
    ],
    ['there are many queues', { sources: ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => source(name)) }],
  ])('is not asked for where %s', async (_why, given) => {
    expect((await found(given)).calls).toEqual([]);
  });
});

describe('a key', () => {
  const locked = { queue: queue('orders-dlq', { key: KEY }), sources: [] };

  it.each(['Disabled', 'PendingDeletion', 'PendingImport', 'Unavailable'])(
    'that is %s cannot be used',
    async (state) => {
      const { readiness } = await found({ ...locked, keys: [{ KeyId: KEY, KeyState: state }] });
      expect(readiness?.unusableKeys).toEqual({ [arnOf('orders-dlq')]: `${KEY} is ${state}` });
    },
  );

  it('that is gone cannot be used', async () => {
    const { readiness } = await found({ ...locked, keys: [{ KeyId: 'other' }] });
    expect(readiness?.unusableKeys).toEqual({ [arnOf('orders-dlq')]: `${KEY} is not there` });
  });

  it('that may not be read keeps nobody from trying', async () => {
    const { readiness } = await found({ ...locked, keys: [{ KeyId: KEY, AccessDenied: true }] });
    expect(readiness).toEqual({ ...ALL_READY, unreadKeys: [KEY] });
  });

  it('may be named by an alias, and is asked for once', async () => {
    const key = 'alias/letters';
    const parking = source('parked', { key });
    const given = { queue: queue('orders-dlq', { key }), sources: [], parking };
    const { readiness, calls } = await found({ ...given, keys: [{ KeyId: KEY, Aliases: [key] }] });
    expect(readiness).toEqual(ALL_READY);
    expect(calls).toEqual(['kms:DescribeKey']);
  });

  it("of AWS's own is not asked for", async () => {
    const { calls } = await found({ queue: queue('orders-dlq', { key: 'alias/aws/sqs' }), sources: [] });
    expect(calls).toEqual([]);
  });
});

describe('what is not ready', () => {
  const [orders, refunds, parked] = [source('orders'), source('refunds'), source('parked')];

  function decided(readiness: Partial<Readiness>, sources: readonly Queue[] = [orders, refunds]): unknown {
    const settings = { ...facts().settings, parking: 'parked' };
    const given = facts({ sources, settings, parking: parked, readiness: { ...ALL_READY, ...readiness } });
    const { kind, code } = decide(given, LIMITS, NOW);
    return `${kind} ${code}`;
  }

  it.each<[string, Partial<Readiness>]>([
    ['refuse key-unusable', { unusableKeys: { [arnOf('orders-dlq')]: 'x' } }],
    ['refuse key-unusable', { unusableKeys: { [parked.arn]: 'x' } }],
    ['refuse key-unusable', { unusableKeys: { [orders.arn]: 'x', [refunds.arn]: 'x' } }],
    ['refuse consumer-off', { off: { [orders.arn]: 'x', [refunds.arn]: 'y' } }],
    ['refuse consumer-off', { unusableKeys: { [orders.arn]: 'x' }, off: { [refunds.arn]: 'y' } }],
    ['act redriving', { off: { [refunds.arn]: 'y' } }],
    ['act redriving', { unusableKeys: { [refunds.arn]: 'y' } }],
    ['act redriving', { unreadKeys: ['k'], withoutMapping: ['orders'] }],
  ])('ends in %s', (expected, readiness) => {
    expect(decided(readiness)).toBe(expected);
  });

  it('is told, and its letters stay', () => {
    const readiness = { unusableKeys: {}, unreadKeys: ['k'], off: { [refunds.arn]: 'y' }, withoutMapping: ['orders'] };
    const decision = decide(facts({ sources: [orders, refunds], readiness }), LIMITS, NOW);
    expect(decision.evidence).toMatchObject({ keysNotRead: ['k'], noFunctionTakesFrom: ['orders'], shut: ['y'] });
    expect(decision.kind === 'act' && decision.plan[0]?.input['rule']).toMatchObject({
      to: [{ arn: orders.arn }, { arn: refunds.arn, shut: 'consumer-off' }],
    });
    const to = { arn: refunds.arn, url: '', maximumMessageBytes: 9, trust: 'works', isAnew: false } as const;
    const letter = { home: { arn: refunds.arn }, bytes: 1, wholeBytes: 1, standing: 'waiting', attempts: 0 } as const;
    const rule = { to: [{ ...to, shut: 'consumer-off' as const }], parking: null, maxAttempts: 3 };
    expect(fateOf(letter, rule)).toEqual({ kind: 'stay', why: 'consumer-off' });
  });
});

describe('letters that nobody can be given from here', () => {
  const to = targetOf('arn:aws:sqs:eu-central-1:111122223333:orders');
  const origin = { kind: 'rule-target', rule: 'r', to, isTransformed: false } as const;

  it.each<[string, Partial<Facts>]>([
    ['nobody names', { sourceCount: 0 }],
    ['of those who name', { sourceCount: 1 }],
    ['of those who name', { sourceCount: 0, senders: { origins: [origin], unread: [] } }],
  ])('are refused without a word of consumers: %s', (words, more) => {
    const because = expect.stringMatching(new RegExp(`^${words} `, 'u'));
    expect(decide(facts({ sources: [], ...more }), LIMITS, NOW)).toMatchObject({
      kind: 'refuse',
      code: 'no-sources',
      because,
    });
  });
});
