/** AWS Batch's part of a world file: what describe-compute-environments, describe-job-queues and describe-jobs print. */

import {
  CEState,
  CEStatus,
  CEType,
  ComputeEnvironmentDetail$,
  JobDetail$,
  JobQueueDetail$,
  JobStatus,
  JQState,
  JQStatus,
} from '@aws-sdk/client-batch';
import { z } from 'zod';
import { recordSchema } from '../ec2/shape.ts';
import { TRIMMINGS } from '../pasted.ts';

const environment = recordSchema(
  ComputeEnvironmentDetail$,
  'computeEnvironmentName',
  {
    ComputeEnvironmentDetail: {
      type: z.enum(CEType).describe('Default: MANAGED.'),
      state: z.enum(CEState).describe('Default: ENABLED.'),
      status: z.enum(CEStatus).describe('Default: VALID.'),
    },
  },
  { Instances: z.number().min(0).optional().describe('How many instances it has. Derived.') },
);

const queue = recordSchema(JobQueueDetail$, 'jobQueueName', {
  JobQueueDetail: {
    state: z.enum(JQState).describe('Default: ENABLED.'),
    status: z.enum(JQStatus).describe('Default: VALID.'),
  },
});

const seconds = z.number().min(0).optional();

const job = recordSchema(
  JobDetail$,
  'jobId',
  { JobDetail: { status: z.enum(JobStatus).describe('Default: RUNNABLE.') } },
  {
    StartsSeconds: seconds.describe('How long it is STARTING once there is room. Default: 60.'),
    RunsSeconds: seconds.describe('How long it is RUNNING then, and SUCCEEDED after it. Left out: it stays as it is.'),
    Environment: z.string().optional().describe('Name of the compute environment that it is in. Derived.'),
  },
);

export const batchSchema = z.strictObject({
  ...TRIMMINGS,
  nextToken: z.string().optional().describe('As NextToken.'),
  computeEnvironments: z.array(environment).optional().describe('Names may stand for ARNs.'),
  jobQueues: z.array(queue).optional().describe('Names of compute environments may stand for ARNs.'),
  jobs: z
    .array(job)
    .optional()
    .describe('As describe-jobs prints each. The name of the job queue may stand for its ARN.'),
});
