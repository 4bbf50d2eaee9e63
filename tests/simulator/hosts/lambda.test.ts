import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { surroundings } from '../../../shared/aws/clients.ts';
import { onAlarm } from '../../../shared/kernel/triggers/alarm.ts';
import { onLaunchHook } from '../../../shared/kernel/triggers/lifecycle-hook.ts';
import { onRequest } from '../../../shared/kernel/triggers/request.ts';
import { whoReads } from '../../../simulator/engine/bus.ts';
import { NO_FAULTS, type SimulationResult } from '../../../simulator/engine/run-types.ts';
import { simulate } from '../../../simulator/engine/simulation.ts';
import { readEvent, sqsEvent, told } from '../../shared/kernel/triggers/events.ts';
import { deploy, describeInstances, outcomeLine, REQUEST, run, sleep, stop, tag, tagsOf, usual } from '../deploy.ts';

const ends = (result: SimulationResult): string[] =>
  result.invocations.map((invocation) => `${invocation.startedAt} ${invocation.ended}`);

describe('Lambda, as simulated', () => {
  it('retries a failed event after one and two minutes under the same request id, then gives it to the dead letters', async () => {
    const fn = deploy(() => Promise.reject(new Error('no')));
    const result = await simulate(run(fn));
    expect(ends(result)).toEqual([
      '2026-11-22T08:00:00.000Z threw',
      '2026-11-22T08:01:00.000Z threw',
      '2026-11-22T08:03:00.000Z threw',
    ]);
    expect(new Set(result.invocations.map((invocation) => invocation.requestId)).size).toBe(1);
    expect(result.deadLetters).toEqual([
      { runbook: 'probe-function', event: REQUEST, error: 'Error: no', at: '2026-11-22T08:03:00.000Z' },
    ]);
  });

  it('stops retrying once a retry succeeds', async () => {
    let attempts = 0;
    const fn = deploy(() => ((attempts += 1) < 2 ? Promise.reject(new Error('no')) : Promise.resolve()));
    const result = await simulate(run(fn));
    expect(result.invocations.map((invocation) => invocation.ended)).toEqual(['threw', 'returned']);
    expect(result.deadLetters).toEqual([]);
  });

  it('gives an event up that would be older than five minutes', async () => {
    const fn = deploy(
      async () => {
        await sleep(119_000);
        throw new Error('no');
      },
      { timeoutSeconds: 120 },
    );
    expect((await simulate(run(fn))).invocations).toHaveLength(2);
  });

  it('ends an invocation at its time-out, and nothing of it goes on', async () => {
    const fn = deploy(async () => {
      await sleep(61_000);
      await tag('late', '1');
    });
    const result = await simulate(run(fn));
    expect(result.invocations.map((invocation) => invocation.ended)).toEqual(['timed-out', 'timed-out', 'timed-out']);
    expect(result.deadLetters[0]?.error).toBe('Sandbox.Timedout: Task timed out after 60.00 seconds');
    expect(result.requests).toEqual([]);
  });

  it('gives a context whose remaining time runs on the simulated clock', async () => {
    const seen: unknown[] = [];
    const fn = deploy(async (_event, context) => {
      await sleep(10_000);
      const remaining: unknown = Reflect.get(context, 'getRemainingTimeInMillis');
      seen.push(
        typeof remaining === 'function' ? Reflect.apply(remaining, context, []) : undefined,
        Reflect.get(context, 'invokedFunctionArn'),
      );
    });
    await simulate(run(fn));
    expect(seen).toEqual([50_000, 'arn:aws:lambda:eu-west-1:111122223333:function:probe-function']);
  });

  it('receives the failed messages of a batch again, three times in all, then gives them to the dead letters', async () => {
    const batches: unknown[] = [];
    const fn = deploy((event) => {
      batches.push(event);
      return Promise.resolve({ batchItemFailures: [{ itemIdentifier: 'bad' }] });
    });
    const event = { Records: ['good', 'bad'].map((messageId) => ({ messageId, eventSource: 'aws:sqs', body: '{}' })) };
    const result = await simulate(run(fn, { events: [{ event, afterMs: 0 }] }));
    const message = (messageId: string, count: string) => ({
      messageId,
      eventSource: 'aws:sqs',
      body: '{}',
      attributes: { ApproximateReceiveCount: count },
    });
    expect(batches).toEqual([
      { Records: [message('good', '1'), message('bad', '1')] },
      { Records: [message('bad', '2')] },
      { Records: [message('bad', '3')] },
    ]);
    expect(result.deadLetters).toHaveLength(1);
  });

  it('ends an invocation one of whose promises was rejected without anybody minding', async () => {
    // Vitest would report the rejection as its own.
    const listeners = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    const fn = deploy(async () => {
      void Promise.reject(new Error('floating'));
      await sleep(1_000);
    });
    const result = await simulate(run(fn));
    for (const listener of listeners) process.on('unhandledRejection', listener);
    expect(result.error).toBe(undefined);
    expect(result.invocations.map((invocation) => invocation.ended)).toEqual(['threw', 'threw', 'threw']);
    expect(result.deadLetters[0]?.error).toBe('Runtime.UnhandledPromiseRejection: Error: floating');
  });

  it('tells of a request that was sent after the invocation had ended', async () => {
    const fn = deploy(async () => {
      await describeInstances();
      setImmediate(() => void tag('stray', '1'));
    });
    const result = await simulate(run(fn));
    expect(result.violations).toEqual([
      'ec2:CreateTags was sent after invocation 0 had ended: a promise was left floating',
    ]);
    expect(tagsOf(result)).toEqual([]);
  });
});

describe('events and schedules', () => {
  const stateChange = {
    name: 'state',
    pattern: {
      source: ['aws.ec2'],
      'detail-type': ['EC2 Instance State-change Notification'],
      detail: { state: ['stopped'] },
    },
  };

  it('go to the functions whose pattern matches, about a second later', async () => {
    const stopper = deploy(() => stop('i-0a1'), { name: 'stopper' });
    const hearing = deploy(() => Promise.resolve(), { name: 'hearing', triggers: [stateChange] });
    const events = [{ event: { runbook: 'stopper' }, afterMs: 0 }];
    const result = await simulate(run(stopper, { functions: [stopper, hearing], events }));
    const heard = result.invocations.filter((invocation) => invocation.runbook === 'hearing');
    expect(heard).toHaveLength(1);
    expect(heard[0]?.event).toMatchObject({ source: 'aws.ec2', detail: { 'instance-id': 'i-0a1', state: 'stopped' } });
    const delayMs =
      Date.parse(heard[0]?.startedAt ?? '') -
      Date.parse(result.timeline.find((entry) => entry.text === 'i-0a1 stopped')?.at ?? '');
    expect(delayMs).toBeGreaterThanOrEqual(500);
    expect(delayMs).toBeLessThanOrEqual(1_500);
  });

  it.each([
    [
      'an EventBridge event',
      { source: 'aws.ec2', 'detail-type': 'EC2 Instance State-change Notification', detail: { state: 'stopped' } },
      ['by-rule'],
    ],
    [
      'an EventBridge event of another state',
      { source: 'aws.ec2', 'detail-type': 'EC2 Instance State-change Notification', detail: { state: 'pending' } },
      [],
    ],
    ['an alarm action', { source: 'aws.cloudwatch', alarmArn: 'arn:x', alarmData: {} }, ['by-alarm']],
    ['a manual request', { runbook: 'by-alarm' }, ['by-alarm']],
    ['a manual request for nobody', { runbook: 'unknown' }, []],
    ['an envelope', { Records: [{ EventSource: 'aws:sns', Sns: {} }] }, ['by-rule', 'by-alarm']],
    ['a tick', { source: 'aws.scheduler', 'detail-type': 'Scheduled Event', detail: '{}' }, ['by-alarm']],
  ])('%s from outside reaches whom it concerns', async (_what, event, reached) => {
    const functions = [
      deploy(() => Promise.resolve(), { name: 'by-rule', triggers: [stateChange] }),
      deploy(() => Promise.resolve(), {
        name: 'by-alarm',
        triggers: [{ name: 'alarm' }, { name: 'schedule', schedule: 'rate(1 minute)' }],
      }),
    ];
    const result = await simulate(run(usual, { functions, events: [{ event, afterMs: 0 }] }));
    expect(result.invocations.map((invocation) => invocation.runbook)).toEqual(reached);
  });

  it.each([
    ['an alarm', readEvent('sns-alarm-metric'), ['alarms', 'both']],
    ['a malformed alarm', { AlarmName: 7 }, ['alarms', 'both']],
    ['a hook', readEvent('sns-lifecycle'), ['hooks', 'both']],
    ['a batch of both', readEvent('sqs-mixed'), ['both']],
    ['a batch that nobody reads all of', sqsEvent(readEvent('sqs-mixed')), ['alarms', 'hooks', 'both']],
  ])('%s in an envelope reaches those who read all of it, or everybody', (_what, event, readers) => {
    const [alarm, hook] = [onAlarm(told), onLaunchHook(told)];
    const asked = onRequest('both', z.strictObject({}), () => 'asked');
    const functions = [
      deploy(() => Promise.resolve(), { name: 'alarms', triggers: [alarm] }),
      deploy(() => Promise.resolve(), { name: 'hooks', triggers: [hook] }),
      deploy(() => Promise.resolve(), { name: 'both', triggers: [alarm, hook, asked] }),
    ];
    expect(whoReads(event, functions).map(({ summary }) => summary.name)).toEqual(readers);
  });

  it.each([
    ['with', 1, 1],
    // The first request leaves as soon as the run starts.
    ['during', 1, 1],
    ['after', 1_040, 1_200],
  ] as const)('come twice when the plan says so: %s the first', async (when, leastMs, mostMs) => {
    const result = await simulate(run(usual, { faults: { ...NO_FAULTS, duplicates: [{ event: 0, when }] } }));
    expect(result.invocations.map((invocation) => invocation.delivery)).toEqual([0, 0]);
    const [first = 0, second = 0] = result.invocations.map((invocation) => Date.parse(invocation.startedAt));
    expect(second - first).toBeGreaterThanOrEqual(leastMs);
    expect(second - first).toBeLessThanOrEqual(mostMs);
  });

  it('come twice also when the first run makes no request', async () => {
    const result = await simulate(
      run(
        deploy(() => Promise.resolve()),
        { faults: { ...NO_FAULTS, duplicates: [{ event: 0, when: 'during' }] } },
      ),
    );
    expect(result.invocations).toHaveLength(2);
  });

  it('tick as long as the run is to last', async () => {
    const fn = deploy(() => Promise.resolve(), { triggers: [{ name: 'schedule', schedule: 'rate(1 minute)' }] });
    const result = await simulate(run(fn, { events: [], runForMs: 180_000 }));
    expect(ends(result)).toEqual([
      '2026-11-22T08:01:00.000Z returned',
      '2026-11-22T08:02:00.000Z returned',
      '2026-11-22T08:03:00.000Z returned',
    ]);
    expect(result.invocations[0]).toMatchObject({
      delivery: -1,
      event: { source: 'aws.scheduler', 'detail-type': 'Scheduled Event', time: '2026-11-22T08:01:00Z', detail: '{}' },
    });
  });

  it('tick on while a target waits, and stop when it does not', async () => {
    let ticks = 0;
    const fn = deploy(
      () => {
        ticks += 1;
        surroundings().write(outcomeLine(ticks < 4 ? 'waiting' : 'done'));
        return Promise.resolve();
      },
      { triggers: [{ name: 'schedule', schedule: 'rate(5 minutes)' }] },
    );
    const result = await simulate(run(fn));
    expect(result.results.map(({ result: { outcome } }) => outcome)).toEqual(['waiting', 'waiting', 'waiting', 'done']);
    expect(result.world.clock.iso()).toBe('2026-11-22T08:15:00.000Z');
  });

  it('tick for a waiting target six hours at most', async () => {
    const fn = deploy(() => Promise.resolve(surroundings().write(outcomeLine('waiting'))), {
      triggers: [{ name: 'schedule', schedule: 'rate(1 hour)' }],
    });
    expect((await simulate(run(fn))).invocations).toHaveLength(7);
  });

  it('fire a cron expression at its times, in UTC', async () => {
    const fn = deploy(() => Promise.resolve(), {
      triggers: [{ name: 'schedule', schedule: 'cron(15,30 8-9 ? * SUN *)' }],
    });
    const result = await simulate(run(fn, { events: [], runForMs: 7_200_000 }));
    expect(result.invocations.map(({ startedAt }) => startedAt)).toEqual([
      '2026-11-22T08:15:00.000Z',
      '2026-11-22T08:30:00.000Z',
      '2026-11-22T09:15:00.000Z',
      '2026-11-22T09:30:00.000Z',
    ]);
  });

  it('refuses what happens once, or is no schedule', async () => {
    const refused = async (schedule: string): Promise<string | undefined> =>
      (await simulate(run(deploy(() => Promise.resolve(), { triggers: [{ name: 'schedule', schedule }] })))).error
        ?.message;
    expect(await refused('at(2026-11-22T09:00:00)')).toBe(
      'not simulated: schedule at(2026-11-22T09:00:00): neither rate(5 minutes) nor cron(0 8 * * ? *)',
    );
    expect(await refused('cron(0 8 * * * *)')).toBe(
      'not simulated: schedule cron(0 8 * * * *): one of day-of-month and day-of-week must be ?, and the other not',
    );
  });
});
