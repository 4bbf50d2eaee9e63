/** What the requests ask IAM by which data is brought: FSx and DataSync. Source: service authorization reference. */

import type { Shape } from '../../../simulator/engine/model.ts';
import { tagKeys, text } from './contexts.ts';
import type { Authorization } from './policy.ts';
import type { KnownResources } from './resources.ts';
import type { Place } from './template.ts';

interface StagingRequest {
  readonly input: Shape;
  readonly place: Place;
  readonly resources: KnownResources;
}

/** A task is made on a file system, and has an ARN of its own, which is not known before. */
export function fsx(operation: string, { input, place, resources }: StagingRequest): Authorization[] {
  const action = `fsx:${operation}`;
  if (operation === 'DescribeDataRepositoryTasks') return [{ action, resource: '*', context: {} }];
  if (operation !== 'CreateDataRepositoryTask')
    throw new Error(`${action}: say in tests/house/iam/staging.ts what it is authorized on`);
  const at = `arn:aws:fsx:${place.region}:${place.account}`;
  const id = text(input['FileSystemId']);
  return [
    { action, resource: `${at}:file-system/${id}`, context: tagKeys('fsx', resources.get(id)?.tags ?? {}) },
    { action, resource: `${at}:task/task-0a1b2c3d4e5f60718`, context: {} },
  ];
}

/** By the ARN that the request names. An execution has tags of its own, and those that are started here have none. */
export function dataSync(operation: string, { input, resources }: StagingRequest): Authorization[] {
  const arn = text(input['TaskExecutionArn'] ?? input['TaskArn']);
  if (arn === '') throw new Error(`datasync:${operation}: say in tests/house/iam/staging.ts what it is authorized on`);
  return [
    { action: `datasync:${operation}`, resource: arn, context: tagKeys('datasync', resources.get(arn)?.tags ?? {}) },
  ];
}
