/** Durable executions of a function of this stack, by the names that they were started under. */

import {
  LambdaClient,
  paginateListDurableExecutionsByFunction,
  type Execution,
  type ListDurableExecutionsByFunctionRequest,
} from '@aws-sdk/client-lambda';
import { stackName } from '../../../shared/kernel/config.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import { client } from '../../../shared/aws/clients.ts';
import { collect } from '../../../shared/aws/pages.ts';

/** An execution, and how it stands. */
export type ExecutionRead = {
  readonly name: string;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'STOPPED';
};

function readOf({ DurableExecutionName: name, Status: status }: Execution): ExecutionRead {
  if (name === undefined || status === undefined)
    throw new TerminalError("Lambda's list of executions lacks a name or a status");
  return { name, status };
}

async function list(
  runbook: string,
  filter: Omit<ListDurableExecutionsByFunctionRequest, 'FunctionName'>,
  { signal }: Io,
): Promise<readonly ExecutionRead[]> {
  const FunctionName = `${stackName()}-${runbook}`;
  const pages = paginateListDurableExecutionsByFunction(
    { client: client(LambdaClient) },
    { FunctionName, ...filter },
    { abortSignal: signal },
  );
  return (await collect(pages, ({ DurableExecutions }) => DurableExecutions)).map(readOf);
}

/** The execution of that very name; `undefined`: there is none, or Lambda keeps it no longer. */
export async function executionNamed(runbook: string, name: string, io: Io): Promise<ExecutionRead | undefined> {
  // How names match is not documented: others may come with it.
  return (await list(runbook, { DurableExecutionName: name }, io)).find((each) => each.name === name);
}

/** Names of those that were started since and have not come to their end: they threw, or took too long. */
export async function failedExecutions(runbook: string, since: string, io: Io): Promise<readonly string[]> {
  const failed = await list(runbook, { Statuses: ['FAILED', 'TIMED_OUT'], StartedAfter: new Date(since) }, io);
  return failed.map(({ name }) => name);
}
