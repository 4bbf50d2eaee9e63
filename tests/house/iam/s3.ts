/** What a request of S3's asks IAM. */

import type { Shape } from '../../../simulator/engine/model.ts';
import type { Authorization } from './policy.ts';

/** An object by its ARN, which names neither account nor Region. Who names a version is asked for another action. */
export function s3(operation: string, input: Shape): Authorization[] {
  const { Bucket, Key, VersionId } = input;
  if (operation !== 'GetObject' || typeof Bucket !== 'string' || typeof Key !== 'string')
    throw new Error(`s3:${operation}: say in tests/house/iam/s3.ts what it is authorized on`);
  const action = VersionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion';
  return [{ action, resource: `arn:aws:s3:::${Bucket}/${Key}`, context: {} }];
}
