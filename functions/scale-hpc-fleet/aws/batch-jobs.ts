/** The jobs of a queue of AWS Batch that need instances. */

import {
  BatchClient,
  DescribeJobsCommand,
  paginateListJobs,
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

async function listed(jobQueue: string, jobStatus: JobStatus, io: Pick<Io, 'signal'>): Promise<readonly Listed[]> {
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
  io: Pick<Io, 'signal'>,
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
  const { nodeProperties: gang } = job;
  const ranges = gang?.nodeRangeProperties ?? [];
  const works: readonly Work[] = gang === undefined ? [job] : ranges;
  const most = (of: keyof typeof ON_EKS): number => Math.max(0, ...works.map((work) => needOf(work, of)));
  return {
    id: need(job.jobId, 'jobs[].jobId'),
    name: need(job.jobName, 'jobs[].jobName'),
    state,
    nodes: gang === undefined ? null : need(gang.numNodes, 'jobs[].nodeProperties.numNodes'),
    count,
    // On EKS a quarter of one is enough.
    vcpus: most('VCPU') || 1,
    memoryMiB: most('MEMORY'),
    gpus: most('GPU'),
    // On EKS a node has its host's network. Source: API_EksPodProperties, hostNetwork.
    hasInterfaces: gang !== undefined && !works.some(({ eksProperties }) => eksProperties),
    instanceTypes: [...new Set(ranges.flatMap(({ instanceTypes }) => instanceTypes ?? []))],
    createdAt: new Date(job.createdAt ?? 0).toISOString(),
    statusReason: job.statusReason ?? null,
  };
}

function childrenOf(summary: { readonly [status: string]: number } | undefined): number {
  return WORKING.reduce((sum, status) => sum + (summary?.[status] ?? 0), 0);
}

/** What is run on a node: containers of one task or of one pod, or one container. */
type Work = Pick<JobDetail, 'container' | 'ecsProperties' | 'eksProperties'>;

/** What is asked for, by its name on EKS. */
const ON_EKS = { VCPU: 'cpu', MEMORY: 'memory', GPU: 'nvidia.com/gpu' } as const;

/** Containers that run side by side need it together; those of a pod that run before them do not. */
function needOf({ container, ecsProperties, eksProperties }: Work, type: keyof typeof ON_EKS): number {
  const inTasks = ecsProperties?.taskProperties?.flatMap(({ containers }) => containers ?? []) ?? [];
  const onEcs = [container, ...inTasks].map((one) => one?.resourceRequirements?.find((each) => each.type === type));
  const pod = eksProperties?.podProperties;
  // Batch takes the limit where there is no request. Source: User Guide, "Memory and vCPU considerations for AWS Batch on Amazon EKS".
  const [inPod = [], before = []] = [pod?.containers, pod?.initContainers].map((all) =>
    all?.map(({ resources }) => numberIn(resources?.requests?.[ON_EKS[type]] ?? resources?.limits?.[ON_EKS[type]])),
  );
  const together = [...onEcs.map((said) => numberIn(said?.value)), ...inPod].reduce((sum, each) => sum + each, 0);
  // A job may say it in an older way.
  const old = { VCPU: container?.vcpus, MEMORY: container?.memory, GPU: 0 }[type] ?? 0;
  return Math.max(together || old, ...before);
}

/** `96`, or `1024Mi`. */
function numberIn(text: string | undefined): number {
  return Number.parseFloat(text ?? '') || 0;
}
