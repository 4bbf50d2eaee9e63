/** The durable host: Lambda durable functions, for what waits. */

import { executionModeDurableContext } from '@middy/core/DurableContext';
import middy from '@middy/core';
import type { DurableContext } from '@aws/durable-execution-sdk-js';
import type { Context } from 'aws-lambda';
import type { Approval, Host, HostAdapter } from './host.ts';
import { readContext } from './invocation.ts';

/** A step of the kernel never throws; if one does it is a bug, and repeating it would only hide that. */
const NO_RETRY = { retryStrategy: () => ({ shouldRetry: false }) };

/** A person's answer, as `aws lambda send-durable-execution-callback-success` brings it; anything else counts as a no. */
function readApproval(text: string): Approval {
  const refusal: Approval = { approve: false, planHash: '', by: '' };
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer !== 'object' || answer === null) return refusal;
    const [approve, planHash, by] = ['approve', 'planHash', 'by'].map((key): unknown => Reflect.get(answer, key));
    return {
      approve: approve === true,
      planHash: typeof planHash === 'string' ? planHash : '',
      by: typeof by === 'string' ? by : '',
    };
  } catch {
    // Not JSON: somebody answered something else; an unreadable approval is none.
    return refusal;
  }
}

async function askApproval(
  context: DurableContext,
  name: string,
  ask: (callbackId: string) => Promise<void>,
  timeoutSeconds: number,
): Promise<Approval | undefined> {
  const [answer, callbackId] = await context.createCallback(name, { timeout: { seconds: timeoutSeconds } });
  await context.step(`${name}:ask`, () => ask(callbackId), NO_RETRY);
  try {
    return readApproval(await answer);
  } catch {
    // The callback failed or timed out: either way nobody approved.
    return undefined;
  }
}

function durableHost(context: DurableContext, base: Omit<Host, 'step' | 'wait' | 'approval' | 'each'>): Host {
  return {
    ...base,
    step: (name, effect) => context.step(name, () => effect(), NO_RETRY),
    wait: (name, seconds) => context.wait(name, { seconds: Math.max(1, Math.ceil(seconds)) }),
    approval: (name, ask, timeoutSeconds) => askApproval(context, name, ask, timeoutSeconds),
    each: async (name, items, work) => {
      const results = await context.map(name, [...items], (child, item, index) =>
        work(item, index, durableHost(child, base)),
      );
      return results.getResults();
    },
  };
}

/** Runs the kernel as a durable execution; the run is named by the execution. */
export const durable: HostAdapter = {
  kind: 'durable',
  wrap: (run) => {
    // timeoutEarlyInMillis 0: a suspended invocation leaves the handler pending, its early time-out would fire in a later run on the same sandbox.
    const handler = middy<unknown, unknown, Error, DurableContext & Context>({
      executionMode: executionModeDurableContext,
      timeoutEarlyInMillis: 0,
    });
    return handler.handler((event: unknown, context: DurableContext) => {
      const { account, region, remainingMs } = readContext(context.lambdaContext);
      const name = context.executionContext.durableExecutionArn.split('/').slice(-2).join('/');
      return run(event, durableHost(context, { kind: 'durable', run: name, account, region, remainingMs }));
    });
  },
};
