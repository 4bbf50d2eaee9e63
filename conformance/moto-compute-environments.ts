/** The compute environments of a scenario's beginning, made in moto. */

import { CreateComputeEnvironmentCommand, CreateJobQueueCommand, type BatchClient } from '@aws-sdk/client-batch';
import { need, type Ids } from './moto-answers.ts';
import { makeRole } from './moto-senders.ts';
import type { Seed } from './scenario.ts';
import { ROLE } from './simulated-senders.ts';

/** Makes each UNMANAGED: for a managed one moto launches instances. */
export async function makeComputeEnvironments(
  batch: BatchClient,
  url: string,
  { jobQueues = {} }: Seed,
  ids: Ids,
): Promise<void> {
  const queues = Object.entries(jobQueues);
  if (queues.length > 0) await makeRole(url);
  for (const [jobQueueName, names] of queues) {
    for (const computeEnvironmentName of names) {
      const made = await batch.send(
        new CreateComputeEnvironmentCommand({
          computeEnvironmentName,
          type: 'UNMANAGED',
          state: 'ENABLED',
          serviceRole: ROLE,
        }),
      );
      ids.set(computeEnvironmentName, need(made.computeEnvironmentArn, 'compute environment'));
    }
    const computeEnvironmentOrder = names.map((name, index) => ({
      order: index + 1,
      computeEnvironment: need(ids.get(name), name),
    }));
    const made = await batch.send(
      new CreateJobQueueCommand({ jobQueueName, state: 'ENABLED', priority: 1, computeEnvironmentOrder }),
    );
    ids.set(jobQueueName, need(made.jobQueueArn, 'job queue'));
  }
}
