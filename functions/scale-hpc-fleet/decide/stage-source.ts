/** Reads the tag that says what brings the data of a fleet's jobs. Pure. */

import type { StageSource } from './facts.ts';

/** Names of buckets: S3 user guide, "Bucket naming rules". */
const OBJECT = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/u;
/** Ids: API_CreateDataRepositoryTask. What stands behind the slash is what it takes as a path, without `s3://`. */
const FILE_SYSTEM = /^fsx:(fs-[0-9a-f]{8,17})(?:\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/.*)?))?$/u;
/** API_StartTaskExecution. */
const TASK = /^datasync:(task-[0-9a-f]{17})$/u;

/** `undefined`: it is none. */
export function readStageSource(text: string): StageSource | undefined {
  const [, bucket, key] = OBJECT.exec(text) ?? [];
  if (bucket !== undefined && key !== undefined) return { kind: 's3', text, bucket, key };
  const [, fileSystem, path] = FILE_SYSTEM.exec(text) ?? [];
  if (fileSystem !== undefined)
    return { kind: 'fsx', text, fileSystem, path: path === undefined ? null : `s3://${path}` };
  const [, task] = TASK.exec(text) ?? [];
  return task === undefined ? undefined : { kind: 'datasync', text, task };
}
