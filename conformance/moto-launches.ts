/** What launches of a beginning need, and compute environments of AWS Batch, made in moto. Instance types are there from the start. */

import { CreateComputeEnvironmentCommand, CreateJobQueueCommand, type BatchClient } from '@aws-sdk/client-batch';
import { CreateLaunchTemplateCommand } from '@aws-sdk/client-ec2';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { need, type Ids } from './moto-answers.ts';
import { makeRole } from './moto-senders.ts';
import type { Clients } from './place.ts';
import { IMAGE, type Seed } from './scenario.ts';
import { ROLE } from './simulated-senders.ts';

export async function makeLaunches({ batch, ec2, ssm }: Clients, url: string, seed: Seed, ids: Ids): Promise<void> {
  const { launchTemplates = {}, parameters = {} } = seed;
  for (const [LaunchTemplateName, InstanceType] of Object.entries(launchTemplates)) {
    const LaunchTemplateData = { ImageId: IMAGE, InstanceType };
    const made = await ec2.send(
      new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData, ClientToken: LaunchTemplateName }),
    );
    ids.set(LaunchTemplateName, need(made.LaunchTemplate?.LaunchTemplateId, 'launch template'));
  }
  for (const [Name, Value] of Object.entries(parameters))
    await ssm.send(new PutParameterCommand({ Name, Value, Type: 'String' }));
  await makeComputeEnvironments(batch, url, seed, ids);
}

/** Makes each UNMANAGED: for a managed one moto launches instances. */
async function makeComputeEnvironments(
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
