/** The jobs of a queue of AWS Batch that need instances. */

import {
  BatchClient,
  DescribeJobsCommand,
  paginateListJobs,
  type ContainerProperties,
  type JobDetail,
  type JobStatus,
} from '@aws-sdk/client-batch';
import { client } from '../../../shared/aws/clients.ts';
import { need } from '../../../shared/aws/ec2/reading.ts';
import { chunksOf, collect } from '../../../shared/aws/pages.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { WORKING, type BatchJob } from '../decide.ts';

/** Jobs that one request describes. Source: API_DescribeJobs. */
const MOST_DESCRIBED = 100;
/** Jobs of which a look reads what they need: of 300 bytes each in what it keeps, 150,000. */
const MOST_JOBS = 500;

interface Listed {
  readonly id: string;
  readonly createdAtMs: number;
}

async function listed(jobQueue: string, jobStatus: JobStatus, io: Io): Promise<readonly Listed[]> {
  const found = await collect(
    paginateListJobs({ client: client(BatchClient) }, { jobQueue, jobStatus }, { abortSignal: io.signal }),
    ({ jobSummaryList }) => jobSummaryList,
  );
  // The parent of an array job is PENDING while its children are at work. What else is PENDING needs nothing yet.
  const wanted = jobStatus === 'PENDING' ? found.filter(({ arrayProperties }) => arrayProperties !== undefined) : found;
  return wanted.map(({ jobId, createdAt }) => ({
    id: need(jobId, 'jobSummaryList[].jobId'),
    createdAtMs: createdAt ?? 0,
  }));
}

/** Those that have instances first, then those that wait, the oldest first; and how many were not looked at. */
export async function batchJobsOf(
  queue: string,
  io: Io,
): Promise<{ readonly jobs: readonly BatchJob[]; readonly unread: number }> {
  const [pending, ...working] = await Promise.all(
    (['PENDING', ...WORKING] as const).map((status) => listed(queue, status, io)),
  );
  const inOrder = [...working, pending ?? []].flatMap((jobs) =>
    jobs.toSorted((one, other) => one.createdAtMs - other.createdAtMs || one.id.localeCompare(other.id)),
  );
  const all = [...new Set(inOrder.map(({ id }) => id))];
  const ids = all.slice(0, MOST_JOBS);
  const described = await Promise.all(
    chunksOf(ids, MOST_DESCRIBED).map(async (jobs) => {
      const { jobs: found } = await client(BatchClient).send(new DescribeJobsCommand({ jobs }), {
        abortSignal: io.signal,
      });
      return found ?? [];
    }),
  );
  const jobs = described.flat().flatMap((job) => jobOf(job) ?? []);
  const sorted = jobs.toSorted(
    (one, other) =>
      WORKING.indexOf(one.state) - WORKING.indexOf(other.state) ||
      one.createdAt.localeCompare(other.createdAt) ||
      one.id.localeCompare(other.id),
  );
  return { jobs: sorted, unread: all.length - ids.length };
}

/** As it is now: it may have gone on since it was listed. */
function jobOf(job: JobDetail): BatchJob | undefined {
  const count = job.arrayProperties === undefined ? 1 : childrenOf(job.arrayProperties.statusSummary);
  const state = job.status === 'PENDING' && count > 0 ? 'RUNNABLE' : WORKING.find((known) => known === job.status);
  if (state === undefined || count === 0) return undefined;
  const ranges = job.nodeProperties?.nodeRangeProperties ?? [];
  const containers = job.nodeProperties === undefined ? [job.container] : ranges.map(({ container }) => container);
  const most = (of: 'VCPU' | 'MEMORY'): number => Math.max(0, ...containers.map((container) => needOf(container, of)));
  return {
    id: need(job.jobId, 'jobs[].jobId'),
    name: need(job.jobName, 'jobs[].jobName'),
    state,
    nodes:
      job.nodeProperties === undefined ? null : need(job.nodeProperties.numNodes, 'jobs[].nodeProperties.numNodes'),
    count,
    vcpus: Math.max(1, most('VCPU')),
    memoryMiB: most('MEMORY'),
    instanceTypes: [...new Set(ranges.flatMap(({ instanceTypes }) => instanceTypes ?? []))],
    createdAt: new Date(job.createdAt ?? 0).toISOString(),
    statusReason: job.statusReason ?? null,
  };
}

function childrenOf(summary: { readonly [status: string]: number } | undefined): number {
  return WORKING.reduce((sum, status) => sum + (summary?.[status] ?? 0), 0);
}

/** A job says it in one of two ways. */
function needOf(
  container: Pick<ContainerProperties, 'vcpus' | 'memory' | 'resourceRequirements'> | undefined,
  type: 'VCPU' | 'MEMORY',
): number {
  const said = container?.resourceRequirements?.find((one) => one.type === type)?.value;
  const old = type === 'VCPU' ? container?.vcpus : container?.memory;
  return said === undefined ? (old ?? 0) : Number(said) || 0;
}
