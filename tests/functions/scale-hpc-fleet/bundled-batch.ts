/** Bundled by `bundled-batch.test.ts`: what is read of the jobs of AWS Batch, and of EC2's instance types. */

import { DescribeInstanceTypesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { batchJobsOf } from '../../../functions/scale-hpc-fleet/aws/batch-jobs.ts';
import { client } from '../../../shared/aws/clients.ts';

/** The jobs of a queue, and the GPUs of a type. */
export async function handler(): Promise<unknown> {
  const found = await batchJobsOf('cfd', { signal: new AbortController().signal });
  const { InstanceTypes = [] } = await client(EC2Client).send(new DescribeInstanceTypesCommand({}));
  return { ...found, gpus: InstanceTypes.map(({ GpuInfo }) => GpuInfo) };
}
