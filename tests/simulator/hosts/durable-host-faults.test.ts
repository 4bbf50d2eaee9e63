import { describe, expect, it } from 'vitest';
import { DurableExecutionInvocationInputWithClient, type DurableContext } from '@aws/durable-execution-sdk-js';
import { Operations } from '../../../simulator/hosts/durable-operations.ts';
import type { InvocationEnd, InvocationOrder } from '../../../simulator/engine/requests.ts';
import type { FaultKind, FaultPoint } from '../../../simulator/engine/run-types.ts';
import { bench, durableFunction, type Bench, type BenchOptions } from './durable-harness.ts';

type Work = (context: DurableContext, world: Bench) => Promise<unknown>;

async function execute(options: BenchOptions, work: Work, timeoutSeconds = 60): Promise<Bench> {
  const world = bench(options);
  const fn = durableFunction('sleeper', (_event, context) => work(context, world), timeoutSeconds);
  world.execute(fn, {});
  await world.run();
  return world;
}

/** Two calls in two steps, with a wait between. */
function twoCalls(made: string[]): Work {
  return async (context, world) => {
    const call = (name: string) => async (): Promise<string> => {
      await world.call(`ec2:${name}`, () => void made.push(name));
      return name;
    };
    const first = await context.step('first', call('CreateTags'), { retryStrategy: () => ({ shouldRetry: false }) });
    await context.wait('a while', { minutes: 1 });
    const second = await context.step('second', call('AssociateAddress'), {
      retryStrategy: () => ({ shouldRetry: false }),
    });
    return [first, second];
  };
}

describe('an invocation that dies', () => {
  it('is repeated from its checkpoints: what it did not checkpoint it does again', async () => {
    const made: string[] = [];
    const calm = await execute({}, twoCalls(made));
    const calls = calm.requests.map((request) => request.call);
    expect(made).toEqual(['CreateTags', 'AssociateAddress']);
    const associate = calls.indexOf('ec2:AssociateAddress');

    const again: string[] = [];
    const world = await execute({ points: [{ request: associate, kind: 'died-after' }] }, twoCalls(again));
    expect(world.only()).toMatchObject({
      status: 'SUCCEEDED',
      result: '["CreateTags","AssociateAddress"]',
      invocations: 3,
    });
    expect(again).toEqual(['CreateTags', 'AssociateAddress', 'AssociateAddress']);
    expect(world.invocations.map((one) => one.ended)).toEqual(['suspended', 'died', 'returned']);
  });

  it('ends with the right result wherever it dies, or whatever request fails', async () => {
    const calm = await execute({}, twoCalls([]));
    const kinds: FaultKind[] = ['died-before', 'died-after', 'reply-lost', 'throttled', 'failed-before'];
    const outcomes = new Map<string, number>();
    for (const { index, call } of calm.requests)
      for (const kind of kinds) {
        if (!call.startsWith('lambda:') && !kind.startsWith('died')) continue;
        const made: string[] = [];
        const world = await execute({ points: [{ request: index, kind }] }, twoCalls(made));
        expect(world.only(), `${kind} at ${index} ${call}`).toMatchObject({
          status: 'SUCCEEDED',
          result: '["CreateTags","AssociateAddress"]',
        });
        expect(made.length, `${kind} at ${index} ${call}`).toBeLessThanOrEqual(3);
        expect(world.invocations.length).toBeGreaterThan(calm.invocations.length);
        outcomes.set(made.join(' '), (outcomes.get(made.join(' ')) ?? 0) + 1);
      }
    // The interesting paths were really hit: nothing repeated, the first call repeated, the second repeated.
    expect([...outcomes.keys()].toSorted()).toEqual([
      'CreateTags AssociateAddress',
      'CreateTags AssociateAddress AssociateAddress',
      'CreateTags CreateTags AssociateAddress',
    ]);
  });

  it('is really dead: nothing that was under way in it goes on', async () => {
    const made: string[] = [];
    const work: Work = async (context, world) =>
      context.step(
        'both',
        async () => {
          await Promise.all(
            ['CreateTags', 'ModifyInstanceAttribute'].map((name) =>
              world.call(`ec2:${name}`, () => void made.push(name)),
            ),
          );
          await world.call('ec2:AssociateAddress', () => void made.push('AssociateAddress'));
          return made.length;
        },
        { retryStrategy: () => ({ shouldRetry: false }) },
      );
    const calm = await execute({}, work);
    const first = calm.requests.findIndex((request) => request.call === 'ec2:CreateTags');
    made.length = 0;
    const world = await execute({ points: [{ request: first, kind: 'died-after' }] }, work);
    expect(world.only().status).toBe('SUCCEEDED');
    expect(made.filter((name) => name === 'AssociateAddress')).toHaveLength(1);
    expect(made.filter((name) => name === 'CreateTags')).toHaveLength(2);
    expect(world.invocations.map((one) => one.ended)).toEqual(['died', 'returned']);
    expect(world.requests.filter((request) => request.invocation === 0).map((request) => request.call)).not.toContain(
      'ec2:AssociateAddress',
    );
  });

  it('is repeated once, also when a wait ends before its repetition', async () => {
    const work: Work = async (context, world) => {
      await context.parallel('both', [
        (child) => child.wait('short', { seconds: 1 }),
        (child) =>
          child.step('call', () => world.call('ec2:CreateTags'), { retryStrategy: () => ({ shouldRetry: false }) }),
      ]);
      return 'ended';
    };
    const calm = await execute({}, work);
    const call = calm.requests.findIndex((request) => request.call === 'ec2:CreateTags');
    const world = await execute({ points: [{ request: call, kind: 'died-after' }] }, work);
    expect(world.only()).toMatchObject({ status: 'SUCCEEDED', result: '"ended"' });
    const short =
      world
        .only()
        .operations.find((one) => one.Name === 'short')
        ?.EndTimestamp?.toISOString() ?? '';
    expect(short > (world.invocations[0]?.endedAt ?? '') && short < (world.invocations[1]?.startedAt ?? '')).toBe(true);
    expect(world.invocations.map((one) => one.ended)).toEqual(['died', 'returned']);
  });

  it('is repeated after one second again once there was progress', async () => {
    const indexOf = async (call: string, points: FaultPoint[]): Promise<number> =>
      (await execute({ points }, twoCalls([]))).requests.findIndex((request) => request.call === call);
    const first: FaultPoint = { request: await indexOf('ec2:CreateTags', []), kind: 'died-before' };
    const second: FaultPoint = { request: await indexOf('ec2:AssociateAddress', [first]), kind: 'died-before' };
    const world = await execute({ points: [first, second] }, twoCalls([]));
    expect(world.invocations.map((one) => one.ended)).toEqual(['died', 'suspended', 'died', 'returned']);
    const restMs = (index: number): number =>
      Date.parse(world.invocations[index + 1]?.startedAt ?? '') - Date.parse(world.invocations[index]?.endedAt ?? '');
    expect([restMs(0), restMs(2)]).toEqual([1_000, 1_000]);
  });

  it('is repeated when it does not end in its time', async () => {
    let hangs = true;
    const world = await execute({}, (context) =>
      context.step('slow', async () => {
        if (hangs) {
          hangs = false;
          await new Promise(() => undefined);
        }
        return 'done';
      }),
    );
    expect(world.only()).toMatchObject({ status: 'SUCCEEDED', result: '"done"' });
    expect(world.invocations.map((one) => [one.ended, one.startedAt.slice(11, 19)])).toEqual([
      ['timed-out', '08:00:00'],
      ['returned', '08:01:01'],
    ]);
  });

  it('waits longer before each repetition that gets nowhere, and is given up when the time of the execution is over', async () => {
    const world = await execute({ executionTimeoutSeconds: () => 600 }, () => new Promise(() => undefined), 30);
    expect(world.only()).toMatchObject({ status: 'TIMED_OUT', error: 'the execution did not end within 600 s' });
    const gaps = world.invocations
      .slice(1)
      .map((one, index) => (Date.parse(one.startedAt) - Date.parse(world.invocations[index]?.endedAt ?? '')) / 1_000);
    expect(gaps.slice(0, 7)).toEqual([1, 2, 4, 8, 16, 32, 60]);
    expect(world.deadLetters).toHaveLength(1);
  });
});

function manySteps(count: number): Work {
  return async (context) => {
    await Promise.all(
      Array.from({ length: count }, (_, index) => context.step(`s${index}`, () => Promise.resolve(index))),
    );
    return count;
  };
}

describe('the limits of the service', () => {
  it('refuse a step result over 256 KB, which fails the execution', async () => {
    const world = await execute({}, (context) => context.step('big', () => Promise.resolve('x'.repeat(256 * 1024))));
    expect(world.only()).toMatchObject({
      status: 'FAILED',
      error: expect.stringContaining('payload of 262146 bytes; at most 262144') as unknown,
    });
  });

  it('take a step result of just 256 KB', async () => {
    const world = await execute(
      {},
      async (context) => (await context.step('big', () => Promise.resolve('x'.repeat(256 * 1024 - 2)))).length,
    );
    expect(world.only().result).toBe('262142');
  });

  it('refuse the operation number 3,001', async () => {
    expect((await execute({}, manySteps(2_999))).only().status).toBe('SUCCEEDED');
    expect((await execute({}, manySteps(3_000))).only()).toMatchObject({
      status: 'FAILED',
      error: expect.stringContaining('more than 3000 operations') as unknown,
    });
  });

  it('reject a checkpoint with a token that was used or belongs to an earlier invocation', async () => {
    const world = bench();
    const payloads: DurableExecutionInvocationInputWithClient[] = [];
    const environment = {
      ...world.environment,
      invoke: (order: InvocationOrder): Promise<InvocationEnd> => {
        if (order.payload instanceof DurableExecutionInvocationInputWithClient) payloads.push(order.payload);
        return world.environment.invoke(order);
      },
    };
    const fn = durableFunction('sleeper', (_event, context) => twoCalls([])(context, world));
    world.clock.after(0, () => void world.host.execute(fn, {}, 'run-1', environment));
    const rejections: string[] = [];
    const checkpointWith = (token: string | undefined): void => {
      const [payload] = payloads;
      payload?.durableExecutionClient
        .checkpoint({ DurableExecutionArn: payload.DurableExecutionArn, CheckpointToken: token, Updates: [] })
        .then(
          () => rejections.push('accepted'),
          (error: unknown) => rejections.push(String(error)),
        );
    };
    // The first invocation's own first token, after it was used and after the invocation has ended.
    world.clock.after(10_000, () => checkpointWith(payloads[0]?.CheckpointToken));
    world.clock.after(10_000, () => checkpointWith('no token at all'));
    await world.run();
    expect(rejections).toEqual([
      'InvalidParameterValueException: Invalid Checkpoint Token',
      'InvalidParameterValueException: Invalid Checkpoint Token',
    ]);
    expect(world.only().status).toBe('SUCCEEDED');
    const tokens = world.requests
      .filter((request) => request.call === 'lambda:CheckpointDurableExecution')
      .map((request) => request.input['CheckpointToken']);
    expect(new Set(tokens).size).toBe(tokens.length - 1);
  });

  it('let a checkpoint change everything or nothing', () => {
    const operations = new Operations('e', '{}', 0);
    const start = { Id: 'a', Type: 'STEP', Action: 'START' } as const;
    const tooBig = { Id: 'b', Type: 'STEP', Action: 'START', Payload: 'x'.repeat(300_000) } as const;
    expect(() => operations.apply([start, tooBig], 0)).toThrow('at most 262144');
    expect(() => operations.apply([start, { Id: 'c', Type: 'STEP', Action: 'SUCCEED' }], 0)).toThrow(
      'SUCCEED of a STEP that is not started',
    );
    expect(operations.all()).toHaveLength(1);
    expect(operations.apply([start, { Id: 'a', Type: 'STEP', Action: 'SUCCEED', Payload: '1' }], 0)).toEqual(['a']);
    expect(() => operations.apply([{ Id: 'a', Type: 'STEP', Action: 'START' }], 0)).toThrow(
      'START of a STEP that is SUCCEEDED',
    );
  });
});
