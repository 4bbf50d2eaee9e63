/** The durable host: Lambda durable functions, for what waits. */

import { executionModeDurableContext } from '@middy/core/DurableContext';
import middy from '@middy/core';
import { BatchItemStatus, StepSemantics, type BatchItem, type DurableContext } from '@aws/durable-execution-sdk-js';
import type { Context } from 'aws-lambda';
import { fault, type Fault } from '../errors.ts';
import { approve } from '../run/approve.ts';
import { longRuns } from '../run/long-runs.ts';
import type { ApprovalAnswer, ApprovalHint, Host, HostAdapter, Settled } from './host.ts';
import { readContext } from './invocation.ts';

/**
 * Operations that one execution may begin: Lambda ends one that begins more than 3,000 (quota "operations per durable execution"),
 * and what is left between the two is for the report of a run that comes to this bound.
 */
const OPERATION_LIMIT = 2_900;

/** A step of the kernel never throws; if one does it is a bug, and repeating it would only hide that. */
const NO_RETRY = { retryStrategy: () => ({ shouldRetry: false }) };
const AT_MOST_ONCE = { ...NO_RETRY, semantics: StepSemantics.AtMostOncePerRetry };

/** The id of a role and the name of its session, of 64 characters, are shorter. Source: IAM user guide, "IAM JSON policy elements: Variables". */
const LONGEST_PERSON = 200;

/** What the callback says: nothing, where it is no hint. */
function readHint(text: string): ApprovalHint {
  try {
    const said: unknown = JSON.parse(text);
    const read = (key: string): string => {
      const value: unknown = typeof said === 'object' && said !== null ? Reflect.get(said, key) : undefined;
      return typeof value === 'string' ? value : '';
    };
    return { person: read('person').slice(0, LONGEST_PERSON), planHash: read('planHash') };
  } catch {
    // Not JSON: somebody answered something else.
    return { person: '', planHash: '' };
  }
}

async function awaitAnswer(answer: Promise<string>): Promise<ApprovalAnswer> {
  try {
    return { kind: 'answered', hint: readHint(await answer) };
  } catch {
    // The callback failed or timed out: either way nobody approved.
    return { kind: 'unanswered' };
  }
}

/** Waits before a question that did not get through is asked again, seconds: together they outlast a minute of throttling. */
const ASK_BACKOFF_SECONDS = [2, 8, 60] as const;

/** Asks until the question gets through; why it did not, if it never did. */
async function putQuestion(
  { step, wait }: Pick<Host, 'step' | 'wait'>,
  name: string,
  ask: () => Promise<Fault | null>,
): Promise<Fault | null> {
  // A step of an older version, which threw instead, kept nothing.
  const put = async (stepName: string): Promise<Fault | null> => (await step(stepName, ask)) ?? null;
  let refused = await put(`${name}:ask`);
  for (const [index, seconds] of ASK_BACKOFF_SECONDS.entries()) {
    if (refused === null || refused.class === 'terminal') return refused;
    await wait(`${name}:ask-backoff:${index}`, seconds);
    refused = await put(`${name}:ask:${index + 1}`);
  }
  return refused;
}

/** What is the same in all contexts of an execution. */
type Base = Pick<Host, 'run' | 'account' | 'region' | 'remainingMs'>;

/** One context of an execution. It counts the operations that it begins, in the same order at every replay. */
function durableHost(context: DurableContext, base: Base, operations: number): Host {
  let left = operations;
  const step: Host['step'] = (name, effect, { atMostOnce } = { atMostOnce: false }) => {
    left -= 1;
    return context.step(name, () => effect(), atMostOnce ? AT_MOST_ONCE : NO_RETRY);
  };
  const wait: Host['wait'] = async (name, seconds) => {
    left -= 1;
    await context.wait(name, { seconds: Math.max(1, Math.ceil(seconds)) });
  };
  const approval: NonNullable<Host['approval']> = async (name, ask, timeoutSeconds) => {
    left -= 1;
    const [answer, callbackId] = await context.createCallback(name, { timeout: { seconds: timeoutSeconds } });
    const refused = await putQuestion({ step, wait }, name, () => ask(callbackId));
    return refused === null ? awaitAnswer(answer) : { kind: 'unasked', fault: refused };
  };
  const each: Host['each'] = async (name, items, work, unused) => {
    left -= items.reduce((sum, item) => sum + item.operations, 1);
    const batch = await context.map(
      name,
      [...items],
      (child, item) => work(item.value, durableHost(child, base, item.operations - 1)),
      // Without it the first branch that fails would end all others.
      { completionConfig: { toleratedFailurePercentage: 100 } },
    );
    const byIndex = new Map(batch.all.map((branch) => [branch.index, branch]));
    const ends = items.map((_item, index) => settled(byIndex.get(index)));
    left += ends.reduce((sum, end) => sum + (end.ok ? unused(end.value) : 0), 0);
    return ends;
  };
  return { kind: 'durable', ...base, operationsLeft: () => left, step, wait, approval, each };
}

/** A branch's end as a value. The branches of the kernel do not throw: one that did shows a bug, or a bound of the host's own. */
function settled<R>(branch: BatchItem<R> | undefined): Settled<R> {
  if (branch?.status === BatchItemStatus.SUCCEEDED && branch.result !== undefined)
    return { ok: true, value: branch.result };
  const why = branch?.error?.message ?? 'its branch of the execution has no result';
  return { ok: false, fault: fault('retryable', 'BranchFailed', why) };
}

/** Runs the kernel as a durable execution; the run is named by the execution. */
export const durable: HostAdapter = {
  kind: 'durable',
  approve,
  long: longRuns,
  wrap: (run) => {
    // timeoutEarlyInMillis 0: a suspended invocation leaves the handler pending, its early time-out would fire in a later run on the same sandbox.
    const handler = middy<unknown, unknown, Error, DurableContext & Context>({
      executionMode: executionModeDurableContext,
      timeoutEarlyInMillis: 0,
    });
    return handler.handler((event: unknown, context: DurableContext) => {
      const { account, region, remainingMs } = readContext(context.lambdaContext);
      const name = context.executionContext.durableExecutionArn.split('/').slice(-2).join('/');
      return run(event, durableHost(context, { run: name, account, region, remainingMs }, OPERATION_LIMIT));
    });
  },
};
