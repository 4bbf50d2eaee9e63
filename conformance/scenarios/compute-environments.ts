/** Compute environments of AWS Batch and their job queues. Moto has no use for minvCpus, and runs jobs in containers alone. */

import {
  DescribeComputeEnvironmentsCommand,
  DescribeJobQueuesCommand,
  DescribeJobsCommand,
  ListJobsCommand,
  UpdateComputeEnvironmentCommand,
} from '@aws-sdk/client-batch';
import type { Scenario } from '../scenario.ts';

const NO_JOB = '4ac5fc9b-f5a2-56df-9e9f-b35007f373b1';

export const computeEnvironmentScenarios: readonly Scenario[] = [
  {
    name: 'compute environments and job queues are described, by name and by ARN',
    seed: { jobQueues: { cfd: ['mpi-a', 'mpi-b'] } },
    play: async ({ batch, id }) => {
      await batch(new DescribeComputeEnvironmentsCommand({ computeEnvironments: ['mpi-a'] }));
      await batch(new DescribeComputeEnvironmentsCommand({ computeEnvironments: [id('mpi-b')] }));
      await batch(new DescribeComputeEnvironmentsCommand({ computeEnvironments: ['other'] }));
      await batch(new DescribeJobQueuesCommand({ jobQueues: ['cfd'] }));
      await batch(new DescribeJobQueuesCommand({ jobQueues: ['other'] }));
    },
  },
  {
    name: 'a job queue without jobs lists none, and one that is not there is an error',
    seed: { jobQueues: { cfd: ['mpi-a'] } },
    play: async ({ batch }) => {
      await batch(new ListJobsCommand({ jobQueue: 'cfd', jobStatus: 'RUNNABLE' }));
      await batch(new ListJobsCommand({ jobQueue: 'other', jobStatus: 'RUNNABLE' }));
      await batch(new DescribeJobsCommand({ jobs: [NO_JOB] }));
    },
  },
  {
    name: 'a compute environment that is not there is not updated, and an unmanaged one has no minvCpus',
    seed: { jobQueues: { cfd: ['mpi-a'] } },
    play: async ({ batch }) => {
      const computeResources = { minvCpus: 0 };
      await batch(new UpdateComputeEnvironmentCommand({ computeEnvironment: 'other', computeResources }));
      await batch(new UpdateComputeEnvironmentCommand({ computeEnvironment: 'mpi-a', computeResources }));
    },
  },
];
