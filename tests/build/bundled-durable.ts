/** Bundled by `bundles.test.ts`: a durable handler that meets the errors of its checkpoint service, and every operation that is cut out. */

import middy from '@middy/core';
import { executionModeDurableContext } from '@middy/core/DurableContext';
import type { DurableContext } from '@aws/durable-execution-sdk-js';

const OPERATIONS: Readonly<Record<string, (context: DurableContext) => unknown>> = {
  step: (context) =>
    context.step('one', () => Promise.resolve('done'), { retryStrategy: () => ({ shouldRetry: false }) }),
  wait: (context) => context.wait('pause', { seconds: 60 }),
  map: async (context) =>
    (
      await context.map('each', [1, 2], (child, item) => child.step('double', () => Promise.resolve(item * 2)))
    ).getResults(),
  callback: async (context) => typeof (await context.createCallback('ask', { timeout: { seconds: 60 } }))[1],
  child: (context) => context.runInChildContext('inner', (child) => child.step('one', () => Promise.resolve('done'))),
  invoke: (context) => context.invoke('other', {}),
  waitForCondition: (context) =>
    context.waitForCondition('until', () => Promise.resolve(1), {
      initialState: 0,
      waitStrategy: () => ({ shouldContinue: false }),
    }),
  waitForCallback: (context) => context.waitForCallback('ask', () => Promise.resolve()),
  parallel: (context) => context.parallel('both', [() => Promise.resolve(1), () => Promise.resolve(2)]),
  promise: (context) => context.promise.all('all', [context.step('one', () => Promise.resolve(1))]),
};

const durable: unknown = middy<unknown, unknown, Error, DurableContext>({
  executionMode: executionModeDurableContext,
  timeoutEarlyInMillis: 0,
}).handler((event: unknown, context: DurableContext) => {
  const operation = OPERATIONS[String(event)];
  if (operation === undefined) throw new TypeError(`no operation ${String(event)}`);
  return operation(context);
});

/** One invocation of an execution that is called `scenario`: what it returns or throws. */
async function invoke(scenario: string, operation: string): Promise<unknown> {
  const event = {
    DurableExecutionArn: `arn:aws:lambda:eu-west-1:123456789012:function:f:1/durable-execution/${scenario}/1`,
    CheckpointToken: 'token-1',
    InitialExecutionState: {
      Operations: [
        {
          Id: '0',
          Type: 'EXECUTION',
          Status: 'STARTED',
          StartTimestamp: '2026-11-22T08:00:00.000Z',
          ExecutionDetails: { InputPayload: JSON.stringify(operation) },
        },
      ],
      ...(scenario.startsWith('paged') ? { NextMarker: '1' } : {}),
    },
  };
  const context = {
    awsRequestId: '11111111-2222-4333-8444-555555555555',
    functionName: 'f',
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:f:1',
    getRemainingTimeInMillis: () => 60_000,
  };
  if (typeof durable !== 'function') throw new TypeError('middy gave no function');
  try {
    const returned: unknown = await Reflect.apply(durable, undefined, [event, context]);
    return returned;
  } catch (error) {
    return { threw: error instanceof Error ? error.message : String(error) };
  }
}

/** Invocations one after another, by the name of their execution. */
export async function handler(input: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown> = {};
  for (const [scenario, operation] of Object.entries(input)) answers[scenario] = await invoke(scenario, operation);
  return answers;
}
