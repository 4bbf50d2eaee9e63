/** What a request of S3's asks IAM. */

import type { Shape } from '../../../simulator/engine/model.ts';
import type { Authorization } from './policy.ts';
import type { KnownResources } from './resources.ts';

/** An object by its ARN, which names neither account nor Region, and by its tags. Who names a version is asked for another action. */
export function s3(operation: string, input: Shape, resources: KnownResources): Authorization[] {
  const { Bucket, Key, VersionId } = input;
  const isRead = operation === 'GetObject' || operation === 'HeadObject';
  if (!isRead || typeof Bucket !== 'string' || typeof Key !== 'string')
    throw new Error(`s3:${operation}: say in tests/house/iam/s3.ts what it is authorized on`);
  const action = VersionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion';
  const resource = `arn:aws:s3:::${Bucket}/${Key}`;
  const tags = resources.get(resource)?.tags;
  // What is not there has no tag: who may not list the bucket is refused, and takes that for its answer.
  if (operation === 'HeadObject' && tags === undefined) return [];
  const keys = Object.entries(tags ?? {}).map(([key, value]) => [`s3:ExistingObjectTag/${key}`, [value]] as const);
  return [{ action, resource, context: Object.fromEntries(keys) }];
}
