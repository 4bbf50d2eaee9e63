/** Wakes a durable execution that waits for a person's word. */

import { LambdaClient, SendDurableExecutionCallbackSuccessCommand } from '@aws-sdk/client-lambda';
import { client } from '../../../shared/aws/clients.ts';
import { classify, errorName } from '../../../shared/kernel/errors.ts';
import type { ApprovalHint } from '../../../shared/kernel/hosts/host.ts';
import { wordsOf } from './asking.ts';

/** What Lambda says where nobody waits for that answer: it was given, its time is over, or its execution has ended. Source: Lambda API reference. */
const NOBODY_WAITS: ReadonlySet<string> = new Set([
  'CallbackTimeoutException',
  'InvalidParameterValueException',
  'ResourceNotFoundException',
]);

async function send(region: string, CallbackId: string, hint: ApprovalHint): Promise<void> {
  const lambda = client(LambdaClient, { region, purpose: 'starting' });
  const Result = Buffer.from(JSON.stringify(hint));
  await lambda.send(new SendDurableExecutionCallbackSuccessCommand({ CallbackId, Result }));
}

/**
 * Says whose word there is to read. What is lost on the way is sent once more: an execution hears it once.
 * @returns why nobody waits for it any more; `undefined`: the execution was woken
 * @throws Error in one line where it is not known whether it was
 */
export async function wake(region: string, callbackId: string, hint: ApprovalHint): Promise<string | undefined> {
  let isSentAgain = false;
  for (;;) {
    try {
      await send(region, callbackId, hint);
      return undefined;
    } catch (error) {
      const isUnknown = classify(error).effect === 'unknown';
      // The first time has been heard, and only its answer was lost.
      if (isSentAgain && NOBODY_WAITS.has(errorName(error))) return undefined;
      if (NOBODY_WAITS.has(errorName(error))) return wordsOf(error);
      if (isSentAgain || !isUnknown) throw new Error(`the run was not woken: ${wordsOf(error)}`, { cause: error });
      isSentAgain = true;
    }
  }
}
