/** Starts a deployed function with a person's request, so that the same token starts a durable one once. */

import { InvokeCommand, LambdaClient, type InvokeCommandOutput } from '@aws-sdk/client-lambda';
import { executionName } from '../../../shared/aws/lambda/start-execution.ts';
import { client } from '../../../shared/aws/clients.ts';
import { classify, errorName } from '../../../shared/kernel/errors.ts';
import { canonical } from '../../../shared/kernel/json.ts';
import type { DeployedRunbook, ManualRequest, Started } from '../place.ts';
import { UnknownStartError } from '../unknown-start.ts';
import { wordsOf } from './asking.ts';
import { executionsNamed, runOf } from './executions.ts';

/** Every durable function of a stack has this alias: what is started by it keeps to the version that it stands for. */
const ALIAS = 'durable';

/** Waits as long as any request may (10 s): who has started something wants to know it. */
function lambda(region: string): LambdaClient {
  return client(LambdaClient, { region, purpose: 'starting' });
}

/** One line for a start that failed: whether anything may have come of it, and how to see. */
function failure(name: string, error: unknown): Error {
  const words = wordsOf(error);
  if (classify(error).effect === 'none') return new Error(`${name} was not started: ${words}`);
  return new UnknownStartError(`${name} may have been started, AWS did not say (${words})`);
}

async function invoke(region: string, input: InvokeCommand['input']): Promise<InvokeCommandOutput> {
  return lambda(region).send(new InvokeCommand({ ...input, InvocationType: 'Event' }));
}

/** A plain function: the run is the request's id, which Lambda hands to the function. No name keeps it from being started twice. */
async function startPlain(
  region: string,
  { name, functionName }: DeployedRunbook,
  request: ManualRequest,
): Promise<Started> {
  try {
    const { $metadata } = await invoke(region, { FunctionName: functionName, Payload: canonical(request) });
    return { run: $metadata.requestId ?? '', isRepeated: false };
  } catch (error) {
    throw failure(name, error);
  }
}

/** What is lost on the way is asked for once more under its name; Lambda starts it once. */
async function invokeNamed(region: string, input: InvokeCommand['input']): Promise<InvokeCommandOutput> {
  try {
    return await invoke(region, input);
  } catch (error) {
    if (classify(error).effect === 'none') throw error;
    return await invoke(region, input);
  }
}

async function startDurable(
  region: string,
  { name, functionName }: DeployedRunbook,
  request: ManualRequest,
  token: string,
): Promise<Started> {
  const DurableExecutionName = executionName(name, token);
  const known = async (): Promise<string | undefined> =>
    (await executionsNamed(region, functionName, DurableExecutionName))[0];
  // Lambda answers the same request twice alike; only who looks first can tell whether anything was begun. It is as safe unseen.
  const before = await known().catch(() => undefined);
  if (before !== undefined) return { run: runOf(before), isRepeated: true };
  try {
    const input = {
      FunctionName: `${functionName}:${ALIAS}`,
      DurableExecutionName,
      Payload: canonical(request),
    };
    const { DurableExecutionArn } = await invokeNamed(region, input);
    // Without its ARN the name is enough to find it by.
    return {
      run: DurableExecutionArn === undefined ? DurableExecutionName : runOf(DurableExecutionArn),
      isRepeated: false,
    };
  } catch (error) {
    if (errorName(error) !== 'DurableExecutionAlreadyStartedException') throw failure(name, error);
    return { run: DurableExecutionName, isRepeated: true };
  }
}

/**
 * Starts a runbook with a request.
 * @param token names the start: the same one starts a durable function once, for as long as Lambda keeps the execution
 * @throws Error in one line that says whether it may have been started
 */
export function startRun(
  region: string,
  runbook: DeployedRunbook,
  request: ManualRequest,
  token: string,
): Promise<Started> {
  return runbook.host === 'plain'
    ? startPlain(region, runbook, request)
    : startDurable(region, runbook, request, token);
}
