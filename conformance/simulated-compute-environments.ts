/** The compute environments of a scenario's beginning, as the simulator's world file has them. */

import { ACCOUNT, REGION, type Seed } from './scenario.ts';

const PREFIX = `arn:aws:batch:${REGION}:${ACCOUNT}`;

export function computeEnvironmentIds({ jobQueues = {} }: Seed): ReadonlyMap<string, string> {
  const named = Object.entries(jobQueues).flatMap(([queue, names]) => [
    [queue, `${PREFIX}:job-queue/${queue}`] as const,
    ...names.map((name) => [name, `${PREFIX}:compute-environment/${name}`] as const),
  ]);
  return new Map(named);
}

export function batchRecords({ jobQueues = {} }: Seed): object {
  const queues = Object.entries(jobQueues);
  return {
    computeEnvironments: queues
      .flatMap(([, names]) => names)
      .map((computeEnvironmentName) => ({ computeEnvironmentName, type: 'UNMANAGED' })),
    jobQueues: queues.map(([jobQueueName, names]) => ({
      jobQueueName,
      computeEnvironmentOrder: names.map((computeEnvironment) => ({ computeEnvironment })),
    })),
  };
}
