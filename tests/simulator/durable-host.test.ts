import { describe, expect, it } from 'vitest';
import type { DurableContext } from '@aws/durable-execution-sdk-js';
import { bench, durableFunction, type Bench } from '../support/durable-harness.ts';

const quickRetry = { retryStrategy: (_error: Error, attempt: number) => (attempt < 3 ? { shouldRetry: true, delay: { seconds: 30 } } : { shouldRetry: false }) };

type Work = (context: DurableContext, event: unknown) => Promise<unknown>;

/** Starts one execution of the handler and runs the simulation to its end. */
async function execute(world: Bench, work: Work, event: unknown = { id: 7 }): Promise<void> {
  const fn = durableFunction('sleeper', (input, context) => work(context, input));
  world.execute(fn, event);
  await world.run();
}

function operation(world: Bench, name: string): { readonly Status: string | undefined; readonly attempts: number | undefined } {
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
    expect(world.only().arn).toBe(`arn:aws:lambda:eu-west-1:111122223333:function:sleeper:1/durable-execution/run-1/${world.only().operations[0]?.Id}`);
    expect(world.only().operations.map((one) => [one.Type, one.Name, one.Status])).toEqual([
      ['EXECUTION', undefined, 'STARTED'],
      ['STEP', 'first', 'SUCCEEDED'],
      ['WAIT', 'an hour', 'SUCCEEDED'],
      ['STEP', 'second', 'SUCCEEDED'],
    ]);
    expect(world.invocations.map((one) => one.ended)).toEqual(['suspended', 'returned']);
    expect(new Set(world.requests.map((request) => request.call))).toEqual(new Set(['lambda:CheckpointDurableExecution']));
  });

  it('polls a condition every fifteen seconds for an hour in far less than a second of real time', async () => {
    const world = bench();
    const startedMs = performance.now();
    await execute(world, async (context) =>
      context.waitForCondition('mounted', (state: number) => Promise.resolve(state + 1), {
        initialState: 0,
        waitStrategy: (state) => (state < 241 ? { shouldContinue: true, delay: { seconds: 15 } } : { shouldContinue: false }),
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
    await execute(world, (context) => context.step('doomed', () => Promise.reject(new TypeError('never')), { retryStrategy: () => ({ shouldRetry: false }) }));
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
      const branches = await context.parallel('branches', [(child) => child.step('left', () => Promise.resolve('l')), (child) => child.step('right', () => Promise.resolve('r'))]);
      return [items.getResults(), branches.getResults()];
    });
    expect(world.only()).toMatchObject({ status: 'SUCCEEDED', result: '[[30,10,20],["l","r"]]' });
    expect(world.clock.iso().slice(11, 16)).toBe('08:03');
  });

  it('does not give an invocation the children of a finished context, but keeps those it has to replay', async () => {
    const seen: number[] = [];
    const run = async (bytes: number): Promise<string | undefined> => {
      const world = bench();
      await execute(world, async (context) => {
        const text = await context.runInChildContext('big', async (child) => {
          await child.step('a', () => Promise.resolve('a'));
          return 'x'.repeat(bytes);
        });
        await context.wait('a while', { minutes: 1 });
        return text.length;
      });
      const last = world.invocations.length;
      seen.push(last);
      expect(world.only().operations.filter((one) => one.Name === 'a')).toHaveLength(1);
      return world.only().result;
    };
    expect(await run(10)).toBe('10');
    expect(await run(300_000)).toBe('300000');
    expect(seen).toEqual([2, 2]);
  });

  it('fetches the operations that do not fit into the event', async () => {
    const world = bench({ pageItems: 4 });
    await execute(world, async (context) => {
      let sum = 0;
      for (let index = 0; index < 9; index += 1) sum += await context.step(`step ${index}`, () => Promise.resolve(index));
      await context.wait('a while', { minutes: 1 });
      return sum;
    });
    expect(world.only()).toMatchObject({ status: 'SUCCEEDED', result: '36' });
    expect(world.requests.filter((request) => request.call === 'lambda:GetDurableExecutionState')).toHaveLength(2);
  });
});

describe('a callback', () => {
  const approval: Work = async (context) => {
    const [answer, callbackId] = await context.createCallback('approve', { timeout: { hours: 1 } });
    await context.step('ask', () => Promise.resolve(callbackId));
    try {
      return await answer;
    } catch (error) {
      return String(error);
    }
  };

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
    expect(world.only()).toMatchObject({ status: 'SUCCEEDED', result: JSON.stringify('{"approve":true}'), invocations: 2, callbacks: [] });
    expect(world.clock.iso().slice(11, 16)).toBe('08:00');
  });

  it('wakes the execution with a failure', async () => {
    const world = await asked();
    world.host.failCallback(world.only().callbacks[0]?.callbackId ?? '', { ErrorType: 'Denied', ErrorMessage: 'not tonight' });
    await world.run();
    expect(world.only().result).toContain('not tonight');
  });

  it('times out when nobody answers, and takes no answer afterwards', async () => {
    const world = await asked();
    const callbackId = world.only().callbacks[0]?.callbackId ?? '';
    await world.run();
    expect(world.only()).toMatchObject({ status: 'SUCCEEDED', result: '"CallbackTimeoutError: Callback timed out"' });
    expect(world.clock.iso().slice(11, 16)).toBe('09:00');
    expect(() => world.host.completeCallback(callbackId, 'yes')).toThrow(expect.objectContaining({ name: 'CallbackTimeoutException' }));
    expect(() => world.host.completeCallback('nobody.knows', 'yes')).toThrow(expect.objectContaining({ name: 'ResourceNotFoundException' }));
  });
});

describe('the start of an execution', () => {
  const once: Work = (context) => context.step('only', () => Promise.resolve('done'));

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
    expect(() => world.host.execute(fn, { a: 2 }, 'run-1', world.environment)).toThrow(expect.objectContaining({ name: 'DurableExecutionAlreadyStartedException' }));
    await world.host.start(fn, { a: 2 }, 'run-1', world.environment);
    expect(world.deadLetters).toEqual(['DurableExecutionAlreadyStartedException: an execution named run-1 was started with another payload']);
    expect(world.only().status).toBe('SUCCEEDED');
  });
});
