/** What was done is told, whatever becomes of the run that did it, and of those who are told. */

import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import type { Ledger } from '../../../shared/kernel/ledger/ledger.ts';
import { memoryLedger, type MemoryLedger } from '../../../simulator/engine/ledger.ts';
import { executions, fleet, outcomes, recycle, recycler } from './recycling.ts';
import { judge, LAMP, lightUp, stoppedEvent, tick, useToys, type Toy } from './toy-runbook.ts';

const toy = useToys();

const DEAD = {
  resource: LAMP,
  runbook: 'light-lamps',
  owner: 'dead',
  now: '2026-11-22T07:58:00.000Z',
  until: '2026-11-22T07:58:30.000Z',
};
const INTENT = { intent: { key: 'lamp 1 lit', note: { by: 'dead' } } };

describe('an intent that a run announced before it died', () => {
  it('whose goal is reached is taken up by the next run: settled, told, not charged again, and not sent again', async () => {
    const lamp = toy();
    lamp.account.lit = true;
    await lamp.ledger.acquire({ ...DEAD, ...INTENT, budget: { lastBefore: DEAD.now, windowFrom: DEAD.now, max: 2 } });
    expect(await lamp.give(tick())).toMatchObject([
      {
        outcome: 'done',
        reason:
          'lit: announced at 2026-11-22T07:58:00.000Z by a run that did not come to its end: lamp 1 lit; the lamp is lit',
        evidence: { lit: true, announced: { at: '2026-11-22T07:58:00.000Z', intent: 'lamp 1 lit' } },
      },
    ]);
    expect(lamp.sent).toEqual([]);
    const { resources, records } = lamp.ledger.dump();
    expect(records).toMatchObject([{ target: LAMP, body: { outcome: 'done' } }]);
    expect(resources[0]?.owner).toBeUndefined();
    expect(resources[0]?.history.pending).toBeUndefined();
    expect(resources[0]?.history.actions).toEqual(['2026-11-22T07:58:00.000Z']);
    expect(await lamp.give(tick(), 'run-2')).toMatchObject([{ outcome: 'nothing' }]);
  });
  it('is left alone while its run may be at work', async () => {
    const lamp = toy();
    lamp.account.lit = true;
    await lamp.ledger.acquire({ ...DEAD, ...INTENT, until: '2026-11-22T08:30:00.000Z' });
    expect(await lamp.give(tick())).toMatchObject([{ outcome: 'nothing' }]);
    expect(lamp.ledger.dump().resources[0]).toMatchObject({
      owner: 'dead',
      history: { pending: { intent: 'lamp 1 lit' } },
    });
  });
  it('is left alone while it is so young that its run may not have been seen yet', async () => {
    const lamp = toy();
    lamp.account.lit = true;
    const answer = await lamp.ledger.acquire({
      ...DEAD,
      ...INTENT,
      now: '2026-11-22T07:59:45.000Z',
      until: '2026-11-22T08:00:15.000Z',
    });
    if (answer.granted) await lamp.ledger.release({ lease: answer.lease, intent: 'keep' });
    expect(await lamp.give(tick())).toMatchObject([{ outcome: 'nothing' }]);
  });
  it('is left alone by a dry run', async () => {
    const lamp = toy();
    lamp.account.lit = true;
    await lamp.ledger.acquire({ ...DEAD, ...INTENT });
    expect(await lamp.give({ runbook: 'light-lamps', dryRun: true })).toMatchObject([{ outcome: 'nothing' }]);
  });
  it('is not refunded by a run that resumed it and then changed its mind', async () => {
    const lamp = toy(() => ({
      decide: ({ history, lit }) =>
        typeof history === 'object' && history.pending !== undefined && history.epoch > 1
          ? { kind: 'refuse', code: 'enough', because: 'the history says no', evidence: {} }
          : judge({ lit, history }),
    }));
    await lamp.ledger.acquire({ ...DEAD, ...INTENT, budget: { lastBefore: DEAD.now, windowFrom: DEAD.now, max: 2 } });
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'refused' }]);
    expect(lamp.ledger.dump().resources[0]?.history).toMatchObject({
      actions: ['2026-11-22T07:58:00.000Z'],
      pending: { intent: 'lamp 1 lit' },
    });
  });
});

describe('two deliveries of one event to one run', () => {
  it('side by side are charged once', async () => {
    const lamp = toy();
    const both = await Promise.all([lamp.give(stoppedEvent(), 'same'), lamp.give(stoppedEvent(), 'same')]);
    expect(both.flat().every(({ outcome }) => outcome === 'done' || outcome === 'nothing')).toBe(true);
    expect(lamp.ledger.dump().resources[0]?.history.actions).toHaveLength(1);
  });
  it('of which the second finds done what the first did are not given it back', async () => {
    let looks = 0;
    const lamp: Toy = toy((account) => ({
      observe: async () => {
        looks += 1;
        const seen = { lit: account.lit };
        if (looks > 1) return seen;
        // The first of the two acts meanwhile, under the name that both have.
        vi.setSystemTime(Date.now() + 10);
        const now = new Date().toISOString();
        const until = new Date(Date.now() + 30_000).toISOString();
        const budget = { lastBefore: now, windowFrom: now, max: 2 };
        await lamp.ledger.acquire({ ...DEAD, ...INTENT, owner: `run-1|${LAMP}`, now, until, budget });
        account.lit = true;
        vi.setSystemTime(Date.now() + 10);
        return seen;
      },
    }));
    expect(await lamp.give(stoppedEvent(), 'run-1')).toMatchObject([{ outcome: 'nothing' }]);
    expect(lamp.sent).toEqual([]);
    expect(lamp.ledger.dump().resources[0]?.history.actions).toHaveLength(1);
  });
});

describe('a call whose invocation dies', () => {
  it.each(['died-before', 'died-after'] as const)(
    '%s, is not sent again by itself: what came of it is looked at',
    async (kind) => {
      const calm = await recycle(recycler(), { world: fleet(1) });
      const stop = calm.requests.find(({ call }) => call === 'ec2:StopInstances')?.index ?? -1;
      const end = await recycle(recycler(), { world: fleet(1), faults: { points: [{ request: stop, kind }] } });
      const sent = end.requests.filter(({ call }) => call === 'ec2:StopInstances');
      const looks = end.requests.filter(({ call, index }) => call === 'ec2:DescribeInstances' && index > stop);
      expect(sent.length).toBe(kind === 'died-after' ? 1 : 2);
      expect(looks[0]?.index).toBeLessThan(sent[1]?.index ?? Infinity);
      expect(outcomes(end)).toEqual(['i-0a1 done']);
      const steps = end.executions[0]?.operations.map(({ Name }) => Name);
      expect(steps).toContain('apply:0:1:ec2:StopInstances:interrupted');
    },
  );
});

describe('a plan that broke off', () => {
  it('although the goal stands leaves its intent to the next run, which finds what is missing', async () => {
    let sweeps = 0;
    const sweep: PlannedCall = { call: 'toy:Sweep', input: {}, because: 'the floor is dirty' };
    const lamp = toy((account, sent) => ({
      decide: (facts) => {
        const unswept = typeof facts.history === 'object' && facts.history.pending !== undefined && sweeps === 1;
        if (!facts.lit) return lightUp([...lightUp().plan, sweep]);
        return unswept && sent.includes('next run')
          ? lightUp([sweep], { budget: 'free', code: 'swept' })
          : judge(facts);
      },
      apply: {
        'toy:Light': () => {
          account.lit = true;
          return Promise.resolve(null);
        },
        'toy:Sweep': () => {
          sweeps += 1;
          return sweeps === 1 ? Promise.reject(new Error('no reply')) : Promise.resolve(null);
        },
      },
    }));
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'done' }]);
    expect(lamp.ledger.dump().resources[0]?.history.pending?.intent).toBe('lamp 1 lit');
    lamp.sent.push('next run');
    vi.setSystemTime(new Date('2026-11-22T08:01:00Z'));
    expect(await lamp.give(tick(), 'run-2')).toMatchObject([{ outcome: 'done', reason: 'swept: the lamp is dark' }]);
    expect(sweeps).toBe(2);
    const [state] = lamp.ledger.dump().resources;
    expect(state?.history.pending).toBeUndefined();
    expect(state?.history.actions).toHaveLength(1);
  });
  it('in a later stage is looked at before it is called done', async () => {
    let calls = 0;
    const lamp = toy((account) => ({
      decide: (facts) =>
        facts.lit ? judge(facts) : lightUp(undefined, { more: true, intent: `stage ${calls}`, budget: 'free' }),
      apply: {
        'toy:Light': () => {
          calls += 1;
          account.lit = calls >= 2;
          return calls === 2 ? Promise.reject(new Error('no reply')) : Promise.resolve(null);
        },
      },
      verify: () => Promise.resolve(calls === 2 ? { ok: false, why: 'it flickers' } : { ok: true }),
    }));
    await expect(lamp.give(stoppedEvent())).rejects.toThrow('NotReached: it flickers, yet the lamp is lit');
  });
});

describe('a run without its ledger', () => {
  it('leaves word before its first call: nothing else would tell of it if it died', async () => {
    const ledger = memoryLedger();
    const fail = (): Promise<never> => Promise.reject(Object.assign(new Error('no answer'), { name: 'TimeoutError' }));
    const lamp: Toy = toy(
      (_account, sent) => ({
        ledgerLost: 'proceed',
        apply: {
          'toy:Light': () => {
            sent.push(...lamp.lines.map(({ message }) => String(message)));
            lamp.account.lit = true;
            return Promise.resolve(null);
          },
        },
      }),
      { ...ledger, acquire: fail },
    );
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'done' }]);
    expect(lamp.sent).toContain('acts without the ledger');
    expect(lamp.lines).toContainEqual(
      expect.objectContaining({ message: 'acts without the ledger', target: LAMP, intent: 'lamp 1 lit', run: 'run-1' }),
    );
  });
});

describe('the end of a run', () => {
  it('is told before the lease is handed back, so that a death in between leaves word', async () => {
    const order: string[] = [];
    const ledger = memoryLedger();
    const noting = (name: 'record' | 'remember' | 'release'): Partial<Ledger> => ({
      [name]: async (...how: never[]) => {
        const work: (...parameters: never[]) => Promise<unknown> = ledger[name];
        const answer = await work(...how);
        order.push(name);
        return answer;
      },
    });
    const noted: MemoryLedger = { ...ledger, ...noting('record'), ...noting('remember'), ...noting('release') };
    const lamp = toy(
      () => ({ decide: (facts) => (facts.lit ? judge(facts) : lightUp(undefined, { remember: { seen: 'yes' } })) }),
      noted,
    );
    await lamp.give(stoppedEvent());
    expect(order).toEqual(['record', 'remember', 'release']);
  });
  it('is told by the run after one that died at any request of its report', async () => {
    const calm = await recycle(recycler(), { world: fleet(1) });
    const release = calm.requests.find(({ call }) => call === 'ledger:release')?.index ?? -1;
    const record = calm.requests.find(({ call }) => call === 'ledger:record')?.index ?? -1;
    expect(release).toBeGreaterThan(record);
    for (const index of [record, release])
      for (const kind of ['died-before', 'died-after'] as const) {
        const end = await recycle(recycler(), { world: fleet(1), faults: { points: [{ request: index, kind }] } });
        expect(outcomes(end)).toContain('i-0a1 done');
        expect(executions(end)).toEqual(['SUCCEEDED 1']);
      }
  });
});

const mockBus = () => mockClient(EventBridgeClient);

describe('an outcome that is published', () => {
  let bus: ReturnType<typeof mockBus>;
  beforeEach(() => {
    bus = mockBus();
    vi.stubEnv('OUTCOME_BUS', 'runbooks');
  });
  afterEach(() => {
    bus.restore();
    vi.unstubAllEnvs();
  });
  const FAILED = { FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' }] };

  it('is published again when the bus refuses the entry', async () => {
    bus.on(PutEventsCommand).resolvesOnce(FAILED).resolves({ FailedEntryCount: 0 });
    const lamp = toy();
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'done' }]);
    expect(bus.commandCalls(PutEventsCommand)).toHaveLength(2);
    expect(lamp.lines.some((line) => line['OutcomeNotPublished'] === 1)).toBe(false);
  });
  it('is counted when the bus never takes the entry, and the outcome stands', async () => {
    bus.on(PutEventsCommand).resolves(FAILED);
    const lamp = toy();
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'done' }]);
    expect(bus.commandCalls(PutEventsCommand)).toHaveLength(3);
    expect(lamp.lines.filter((line) => line['OutcomeNotPublished'] === 1)).toHaveLength(1);
    expect(lamp.ledger.dump().records).toHaveLength(1);
    expect(lamp.ledger.dump().resources[0]?.owner).toBeUndefined();
  });
  it('of one target that the bus throttles keeps back none of the others', async () => {
    bus
      .on(PutEventsCommand)
      .callsFake((input: { Entries: { Detail: string }[] }) =>
        input.Entries[0]?.Detail.includes('"target":"b"') === true
          ? Promise.reject(Object.assign(new Error('slow'), { name: 'ThrottlingException' }))
          : { FailedEntryCount: 0 },
      );
    const lamp = toy();
    lamp.account.targets = ['a', 'b', 'c'];
    const results = await lamp.give(tick());
    expect(results.map(({ target }) => target)).toEqual(['a', 'b', 'c']);
    expect(
      lamp.ledger
        .dump()
        .records.map(({ target }) => target)
        .toSorted(),
    ).toEqual(['a', 'b', 'c']);
    expect(lamp.lines.filter((line) => line['OutcomeNotPublished'] === 1)).toHaveLength(1);
  });
});

describe('records of a batch', () => {
  const message = (state: string): string =>
    JSON.stringify(stoppedEvent({ detail: { 'instance-id': 'i-0123456789abcdef0', state } }));
  const BAD = JSON.stringify(stoppedEvent({ detail: { 'instance-id': 7, state: 'stopped' } }));
  const sns = (Message: string): object => ({
    EventSource: 'aws:sns',
    EventVersion: '1.0',
    EventSubscriptionArn: 'arn:aws:sns:eu-west-1:111122223333:events:1',
    Sns: {
      Type: 'Notification',
      MessageId: 'm-1',
      TopicArn: 'arn:aws:sns:eu-west-1:111122223333:events',
      Message,
      Timestamp: '2026-11-22T08:00:00.000Z',
    },
  });
  const sqs = (messageId: string, body: string): object => ({
    messageId,
    body,
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:111122223333:events',
    attributes: {},
  });

  it('from SNS that cannot be read fail the invocation, so that Lambda repeats it and keeps it', async () => {
    const lamp = toy();
    await expect(lamp.give({ Records: [sns(BAD)] })).rejects.toThrow(/detail\.instance-id/u);
    expect(lamp.logged()).toMatchObject([{ outcome: 'failed' }]);
  });
  it('from SNS that fail do so too', async () => {
    const lamp = toy(() => ({
      observe: () =>
        Promise.reject(Object.assign(new Error('no'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } })),
    }));
    await expect(lamp.give({ Records: [sns(message('stopped'))] })).rejects.toThrow('AccessDenied: no');
  });
  it('from SNS that succeed are answered', async () => {
    expect(await toy().give({ Records: [sns(message('stopped'))] })).toMatchObject([{ outcome: 'done' }]);
  });
  it('from SQS are named, each by itself, where they fail', async () => {
    const lamp = toy();
    const answer: unknown = await lamp.handler(
      { Records: [sqs('m-1', BAD), sqs('m-2', message('stopped')), sqs('m-3', 'not JSON')] },
      {
        awsRequestId: 'run-1',
        invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:x',
        getRemainingTimeInMillis: () => 60_000,
      },
    );
    expect(answer).toMatchObject({ batchItemFailures: [{ itemIdentifier: 'm-1' }, { itemIdentifier: 'm-3' }] });
    expect(lamp.logged().filter(({ outcome }) => outcome === 'done')).toHaveLength(1);
  });
  it('are runs of their own, also on the same target: no record is written over another', async () => {
    const lamp = toy((account) => ({
      observe: () => Promise.resolve({ lit: account.lit }),
      decide: ({ lit }) => (lit ? { kind: 'refuse', code: 'lit', because: 'it is lit', evidence: {} } : lightUp()),
    }));
    await lamp.give({ Records: [sqs('m-1', message('stopped')), sqs('m-2', message('stopped'))] });
    const told = lamp.ledger.dump().records.map(({ run, body }) => [run, body['outcome']]);
    expect(told).toEqual([
      ['run-1.0', 'done'],
      ['run-1.1', 'refused'],
    ]);
  });
});
