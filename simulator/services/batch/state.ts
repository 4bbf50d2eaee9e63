/** The records of AWS Batch, and how they are named. */

import type { Shape, World } from '../../engine/model.ts';
import { part, show } from '../ec2/state.ts';

export const SERVICE = 'batch';

export const COLLECTIONS = {
  computeEnvironments: 'computeEnvironmentName',
  jobQueues: 'jobQueueName',
  jobs: 'jobId',
} as const;

export type Collection = keyof typeof COLLECTIONS;

/** The kind in an ARN, and the member that holds it. */
const ARNS = {
  computeEnvironments: ['compute-environment', 'computeEnvironmentArn'],
  jobQueues: ['job-queue', 'jobQueueArn'],
  jobs: ['job', 'jobArn'],
} as const satisfies { readonly [collection in Collection]: readonly [string, string] };

export function isCollection(name: string): name is Collection {
  return Object.hasOwn(COLLECTIONS, name);
}

/** The ARN of what may be written by its name. */
function arnOf(world: World, collection: Collection, name: string): string {
  const [kind] = ARNS[collection];
  return name.startsWith('arn:') ? name : `arn:aws:batch:${world.region}:${world.account}:${kind}/${name}`;
}

export function records(world: World, collection: Collection): Shape[] {
  return world.records(SERVICE, collection);
}

/** By name or ARN. */
export function find(world: World, collection: Collection, name: unknown): Shape | undefined {
  const [, member] = ARNS[collection];
  return records(world, collection).find((one) => one[COLLECTIONS[collection]] === name || one[member] === name);
}

/** Those of the names or ARNs that are there, in their order. */
export function findAll(world: World, collection: Collection, names: readonly unknown[]): readonly Shape[] {
  return names.map((name) => find(world, collection, name)).filter((found) => found !== undefined);
}

/** Fills in what a file leaves out. */
export function complete(world: World, collection: Collection, record: Shape): void {
  const [, member] = ARNS[collection];
  const name = show(record[COLLECTIONS[collection]]);
  record[member] ??= arnOf(world, collection, name);
  if (collection === 'jobs') completeJob(world, record);
  if (world.isPasted) return;
  if (collection !== 'jobs') {
    record['state'] ??= 'ENABLED';
    record['status'] ??= 'VALID';
    record['tags'] ??= {};
  }
  if (collection === 'computeEnvironments') completeEnvironment(record);
  if (collection === 'jobQueues') completeQueue(world, record);
}

/** A node of a multi-node job (`ID#2`) or a child of an array job (`ID:2`), which is described and counts with the whole. */
export function isPart(jobId: unknown): boolean {
  return /[#:]\d+$/u.test(show(jobId));
}

function completeEnvironment(record: Shape): void {
  record['type'] ??= 'MANAGED';
  if (record['type'] !== 'MANAGED') return;
  const resources = part(record, 'computeResources');
  record['computeResources'] = resources;
  resources['type'] ??= 'EC2';
  resources['minvCpus'] ??= 0;
  resources['desiredvCpus'] ??= resources['minvCpus'];
}

function completeQueue(world: World, record: Shape): void {
  record['priority'] ??= 1;
  const order: unknown = record['computeEnvironmentOrder'];
  record['computeEnvironmentOrder'] = (Array.isArray(order) ? order : []).map((one: Shape, index) => ({
    order: one['order'] ?? index + 1,
    computeEnvironment: arnOf(world, 'computeEnvironments', show(one['computeEnvironment'])),
  }));
}

function completeJob(world: World, record: Shape): void {
  record['jobQueue'] = arnOf(world, 'jobQueues', show(record['jobQueue']));
  if (world.isPasted) return;
  record['jobName'] ??= record['jobId'];
  record['status'] ??= 'RUNNABLE';
  record['createdAt'] ??= world.clock.now();
}
