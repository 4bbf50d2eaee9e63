import { describe, expect, it } from 'vitest';
import type { DurableContext } from '@aws/durable-execution-sdk-js';
import { Operations } from '../../../simulator/hosts/durable-operations.ts';
import { bench, durableFunction, type Bench } from './durable-harness.ts';

const quickRetry = {
  retryStrategy: (_error: Error, attempt: number) =>
    attempt < 3 ? { shouldRetry: true, delay: { seconds: 30 } } : { shouldRetry: false },
};

type Work = (context: DurableContext, event: unknown) => Promise<unknown>;

/** Starts one execution of the handler and runs the simulation to its end. */
async function execute(world: Bench, work: Work, event: unknown = { id: 7 }): Promise<void> {
  const fn = durableFunction('sleeper', (input, context) => work(context, input));
  world.execute(fn, event);
  await world.run();
}

function operation(
  world: Bench,
  name: string,
): { readonly Status: string | undefined; readonly attempts: number | undefined } {
  const found = world.only().operations.find((one) => one.Name === name);
  return { Status: found?.Status, attempts: found?.StepDetails?.Attempt };
}

describe('the durable host', () => {
  it('runs steps and waits to the end, in simulated time', async () => {
    const world = bench();
    const steps: string[] = [];
    await execute(world, async (context, event) => {
      steps.push(await context.step('first', () => Promise.resolve('one')));
      await context.wait('an hour', { hours: 1 });
      steps.push(await context.step('second', () => Promise.resolve(new Date().toISOString().slice(0, 16))));
      return { event, steps: steps.slice(-2) };
    });
    expect(world.only()).toMatchObject({
      name: 'run-1',
      status: 'SUCCEEDED',
      input: '{"id":7}',
      invocations: 2,
      result: '{"event":{"id":7},"steps":["one","2026-11-22T09:00"]}',
    });
    expect(world.only().arn).toBe(
      `arn:aws:lambda:eu-west-1:111122223333:function:sleeper:1/durable-execution/run-1/${world.only().operations[0]?.Id}`,
    );
    expect(world.only().operations.map((one) => [one.Type, one.Name, one.Status])).toEqual([
      ['EXECUTION', undefined, 'STARTED'],
      ['STEP', 'first', 'SUCCEEDED'],
      ['WAIT', 'an hour', 'SUCCEEDED'],
      ['STEP', 'second', 'SUCCEEDED'],
    ]);
    expect(world.invocations.map((one) => one.ended)).toEqual(['suspended', 'returned']);
    expect(new Set(world.requests.map((request) => request.call))).toEqual(
      new Set(['lambda:CheckpointDurableExecution']),
    );
  });

  it('polls a condition every fifteen seconds for an hour in far less than a second of real time', async () => {
    const world = bench();
    const startedMs = performance.now();
    await execute(world, async (context) =>
      context.waitForCondition('mounted', (state: number) => Promise.resolve(state + 1), {
        initialState: 0,
        waitStrategy: (state) =>
          state < 241 ? { shouldContinue: true, delay: { seconds: 15 } } : { shouldContinue: false },
      }),
    );
    expect(world.only()).toMatchObject({ status: 'SUCCEEDED', result: '241', invocations: 241 });
    expect(operation(world, 'mounted')).toEqual({ Status: 'SUCCEEDED', attempts: 241 });
    expect(world.clock.iso().slice(0, 15)).toBe('2026-11-22T09:0');
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });

  it('tries a step again after its delay and counts its attempts', async () => {
    const world = bench();
    const attempts: string[] = [];
    await execute(world, (context) =>
      context.step(
        'shaky',
        ({ attempt }) => {
          attempts.push(`${attempt} ${new Date().toISOString().slice(11, 16)}`);
          if (attempt < 3) throw new Error('not yet');
          return Promise.resolve('there');
        },
        quickRetry,
      ),
    );
    expect(attempts).toEqual(['1 08:00', '2 08:00', '3 08:01']);
    expect(world.only()).toMatchObject({ status: 'SUCCEEDED', result: '"there"', invocations: 3 });
    expect(operation(world, 'shaky')).toEqual({ Status: 'SUCCEEDED', attempts: 3 });
  });

  it('fails the execution, and keeps its event, when a step fails for good', async () => {
    const world = bench();
    await execute(world, (context) =>
      context.step('doomed', () => Promise.reject(new TypeError('never')), {
        retryStrategy: () => ({ shouldRetry: false }),
      }),
    );
    expect(world.only()).toMatchObject({ status: 'FAILED', error: expect.stringContaining('never') as unknown });
    expect(world.deadLetters).toHaveLength(1);
    expect(world.assumed.size).toBe(1);
  });

  it('runs branches and items side by side, each with its own waits', async () => {
    const world = bench();
    await execute(world, async (context) => {
      const items = await context.map('items', [3, 1, 2], async (child, item) => {
        await child.wait('rest', { minutes: item });
        return child.step('work', () => Promise.resolve(item * 10));
      });
      const branches = await context.parallel('branches', [
        (child) => child.step('left', () => Promise.resolve('l')),
        (child) => child.step('right', () => Promise.resolve('r')),
      ]);
      return [items.getResults(), branches.getResults()];
    });
    expect(world.only()).toMatchObject({ status: 'SUCCEEDED', result: '[[30,10,20],["l","r"]]' });
    expect(world.clock.iso().slice(11, 16)).toBe('08:03');
  });

  it('tells a running invocation of the wait that ended meanwhile, once', async () => {
    const world = bench();
    const ends: string[] = [];
    const note = (what: string): void => void ends.push(`${what} ${new Date().toISOString().slice(14, 19)}`);
    await execute(world, async (context) => {
      await context.parallel('both', [
        async (child) => {
          await child.wait('short', { seconds: 5 });
          note('wait');
        },
        async (child) => {
          await child.step('long', () => new Promise((resolve) => void setTimeout(() => resolve('done'), 10_000)));
          note('step');
        },
      ]);
      await context.wait('a while', { minutes: 1 });
      return 'ended';
    });
    expect(ends.slice(0, 2)).toEqual(['wait 00:05', 'step 00:10']);
    expect(world.only()).toMatchObject({ status: 'SUCCEEDED', result: '"ended"', invocations: 2 });
  });

  it('replays a child context whose result was too large to keep, without doing its steps again', async () => {
    const world = bench();
    let done = 0;
    await execute(world, async (context) => {
      const text = await context.runInChildContext('big', async (child) => {
        await child.step('a', () => Promise.resolve((done += 1)));
        return 'x'.repeat(300_000);
      });
      await context.wait('a while', { minutes: 1 });
      return text.length;
    });
    expect(world.only()).toMatchObject({ status: 'SUCCEEDED', result: '300000', invocations: 2 });
    expect(done).toBe(1);
  });

  it('does not give an invocation the children of a finished context, unless they are to be replayed', () => {
    const names = (ReplayChildren: boolean): (string | undefined)[] => {
      const operations = new Operations('e', '{}', 0);
      operations.apply(
        [
          { Id: 'p', Type: 'CONTEXT', Action: 'START', Name: 'parent' },
          { Id: 'c', Type: 'CONTEXT', Action: 'START', Name: 'child', ParentId: 'p' },
          { Id: 's', Type: 'STEP', Action: 'START', Name: 'step', ParentId: 'c' },
        ],
        0,
      );
      expect(operations.visible()).toHaveLength(4);
      operations.apply(
        [{ Id: 'p', Type: 'CONTEXT', Action: 'SUCCEED', Name: 'parent', ContextOptions: { ReplayChildren } }],
        0,
      );
      expect(operations.all()).toHaveLength(4);
      return operations.visible().map((one) => one.Name);
    };
    expect(names(false)).toEqual([undefined, 'parent']);
    expect(names(true)).toEqual([undefined, 'parent', 'child', 'step']);
  });

  it('fetches the operations that do not fit into the event', async () => {
    const world = bench({ pageItems: 4 });
    await execute(world, async (context) => {
      let sum = 0;
      for (let index = 0; index < 9; index += 1)
        sum += await context.step(`step ${index}`, () => Promise.resolve(index));
      await context.wait('a while', { minutes: 1 });
      return sum;
    });
    expect(world.only()).toMatchObject({ status: 'SUCCEEDED', result: '36' });
    expect(world.requests.filter((request) => request.call === 'lambda:GetDurableExecutionState')).toHaveLength(2);
  });
});

const approval: Work = async (context) => {
  const [answer, callbackId] = await context.createCallback('approve', { timeout: { hours: 1 } });
  await context.step('ask', () => Promise.resolve(callbackId));
  try {
    return await answer;
  } catch (error) {
    return String(error);
  }
};

describe('a callback', () => {
  async function asked(): Promise<Bench> {
    const world = bench();
    const fn = durableFunction('sleeper', (_event, context) => approval(context, undefined));
    world.execute(fn, {});
    await world.run(() => world.invocations[0]?.ended === 'suspended');
    return world;
  }

  it('wakes the execution with the answer', async () => {
    const world = await asked();
    const [callback] = world.only().callbacks;
    expect(callback?.name).toBe('approve');
    world.host.completeCallback(callback?.callbackId ?? '', '{"approve":true}');
    await world.run();
    expect(world.only()).toMatchObject({
      status: 'SUCCEEDED',
      result: JSON.stringify('{"approve":true}'),
      invocations: 2,
      callbacks: [],
    });
    expect(world.clock.iso().slice(11, 16)).toBe('08:00');
  });

  it('is heard although it comes while the invocation is about to end', async () => {
    const world = bench();
    world.execute(
      durableFunction('sleeper', (_event, context) => approval(context, undefined)),
      {},
    );
    await world.run(() =>
      world.host
        .executions()
        .some((execution) => execution.operations.some((one) => one.Name === 'ask' && one.Status === 'SUCCEEDED')),
    );
    expect(world.invocations[0]?.endedAt).toBe('');
    world.host.completeCallback(world.only().callbacks[0]?.callbackId ?? '', 'yes');
    await world.run();
    expect(world.only()).toMatchObject({ status: 'SUCCEEDED', result: '"yes"', invocations: 2 });
    expect(world.clock.iso().slice(11, 16)).toBe('08:00');
  });

  it('stays answered when the time for the answer is over', async () => {
    const world = bench();
    const fn = durableFunction('sleeper', async (_event, context) => {
      const answer = await approval(context, undefined);
      await context.wait('two hours', { hours: 2 });
      return answer;
    });
    world.execute(fn, {});
    await world.run(() => world.invocations[0]?.ended === 'suspended');
    world.host.completeCallback(world.only().callbacks[0]?.callbackId ?? '', 'yes');
    await world.run();
    expect(world.only()).toMatchObject({ status: 'SUCCEEDED', result: '"yes"', invocations: 3 });
    expect(operation(world, 'approve').Status).toBe('SUCCEEDED');
  });

  it('wakes the execution with a failure', async () => {
    const world = await asked();
    world.host.failCallback(world.only().callbacks[0]?.callbackId ?? '', {
      ErrorType: 'Denied',
      ErrorMessage: 'not tonight',
    });
    await world.run();
    expect(world.only().result).toContain('not tonight');
  });

  it('times out when nobody answers, and takes no answer afterwards', async () => {
    const world = await asked();
    const callbackId = world.only().callbacks[0]?.callbackId ?? '';
    await world.run();
    expect(world.only()).toMatchObject({ status: 'SUCCEEDED', result: '"CallbackTimeoutError: Callback timed out"' });
    expect(world.clock.iso().slice(11, 16)).toBe('09:00');
    expect(() => world.host.completeCallback(callbackId, 'yes')).toThrow(
      expect.objectContaining({ name: 'CallbackTimeoutException' }),
    );
    expect(() => world.host.completeCallback('nobody.knows', 'yes')).toThrow(
      expect.objectContaining({ name: 'ResourceNotFoundException' }),
    );
  });
});

const once: Work = (context) => context.step('only', () => Promise.resolve('done'));

describe('the start of an execution', () => {
  it('finds the execution that has the name and the payload already, running or ended', async () => {
    const world = bench();
    const fn = durableFunction('sleeper', (event, context) => once(context, event));
    world.execute(fn, { a: 1 });
    world.execute(fn, { a: 1 });
    await world.run();
    const again = world.host.execute(fn, { a: 1 }, 'run-1', world.environment);
    expect(again.status).toBe('SUCCEEDED');
    expect(world.invocations).toHaveLength(1);
    world.execute(fn, { a: 1 }, 'run-2');
    await world.run();
    expect(world.invocations).toHaveLength(2);
  });

  it('refuses the name for another payload', async () => {
    const world = bench();
    const fn = durableFunction('sleeper', (event, context) => once(context, event));
    world.execute(fn, { a: 1 });
    await world.run();
    expect(() => world.host.execute(fn, { a: 2 }, 'run-1', world.environment)).toThrow(
      expect.objectContaining({ name: 'DurableExecutionAlreadyStartedException' }),
    );
    await world.host.start(fn, { a: 2 }, 'run-1', world.environment);
    expect(world.deadLetters).toEqual([
      'DurableExecutionAlreadyStartedException: an execution named run-1 was started with another payload',
    ]);
    expect(world.only().status).toBe('SUCCEEDED');
  });
});

describe('a simulation of several executions', () => {
  /** Four executions that race for one list, each over steps, waits and branches. */
  async function race(seed: number): Promise<{ readonly story: string; readonly order: string }> {
    const world = bench({ seed });
    const order: string[] = [];
    const fn = durableFunction('sleeper', async (event, context) => {
      for (const round of [1, 2, 3]) {
        await context.parallel(
          `round ${round}`,
          ['a', 'b'].map(
            (branch) => (child: DurableContext) =>
              child.step(branch, () =>
                world.call('ec2:CreateTags', () => void order.push(`${JSON.stringify(event)}${round}${branch}`)),
              ),
          ),
        );
        await context.wait(`rest ${round}`, { seconds: 5 });
      }
    });
    for (const id of [1, 2, 3, 4]) world.execute(fn, id, `run-${id}`);
    await world.run();
    expect(world.host.executions().map((one) => one.status)).toEqual([
      'SUCCEEDED',
      'SUCCEEDED',
      'SUCCEEDED',
      'SUCCEEDED',
    ]);
    expect(order).toHaveLength(24);
    return { story: JSON.stringify([world.story, world.requests, world.host.executions()]), order: order.join(' ') };
  }

  it('goes the same way each time for the same seed, byte for byte', async () => {
    const first = await race(7);
    for (let repeat = 0; repeat < 5; repeat += 1) expect((await race(7)).story).toBe(first.story);
  });

  it('goes other ways for other seeds', async () => {
    const orders = new Set<string>();
    for (const seed of [1, 2, 3, 4, 5]) orders.add((await race(seed)).order);
    expect(orders.size).toBeGreaterThan(2);
  });

  it('makes at least 500 invocations a second of its own time, whatever else the machine does', async () => {
    const world = bench();
    const fn = durableFunction('sleeper', async (_event, context) => {
      await context.wait('a second', { seconds: 1 });
      return 1;
    });
    const before = process.cpuUsage();
    for (let index = 0; index < 1_000; index += 1) world.execute(fn, {}, `run-${index}`);
    await world.run();
    const { user, system } = process.cpuUsage(before);
    const perSecond = Math.round((world.invocations.length * 1_000_000) / (user + system));
    console.log(`durable host: ${perSecond} invocations a second (goal 1,500)`);
    expect(world.invocations).toHaveLength(2_000);
    expect(perSecond).toBeGreaterThan(500);
  });
});
