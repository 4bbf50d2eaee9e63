/** Compute environments of AWS Batch that are to be warmed, with the job queue whose work they do. */

import {
  BatchClient,
  DescribeJobQueuesCommand,
  paginateDescribeComputeEnvironments,
  type ComputeEnvironmentDetail,
} from '@aws-sdk/client-batch';
import { EC2Client, paginateDescribeInstanceTypes, paginateDescribeSubnets } from '@aws-sdk/client-ec2';
import { arnParts, computeEnvironmentArn } from '../../../shared/aws/arn.ts';
import { client } from '../../../shared/aws/clients.ts';
import { need } from '../../../shared/aws/ec2/reading.ts';
import { collect } from '../../../shared/aws/pages.ts';
import type { Io, Located, Observed } from '../../../shared/kernel/definition.ts';
import { classify, TerminalError } from '../../../shared/kernel/errors.ts';
import { openData } from '../../../shared/kernel/ledger/data.ts';
import {
  BATCH_IDLE_SECONDS,
  BATCH_PARTITION,
  readWarmRecord,
  type BatchFacts,
  type BatchSettings,
  type Environment,
  type JobQueue,
} from '../decide.ts';
import { batchJobsOf } from './batch-jobs.ts';
import { queueSettings } from './queue-settings.ts';
import { TAG } from './templates.ts';

/** Facts as they are seen here; the kernel adds what it knows. */
export type SeenEnvironment = Observed<BatchFacts>;

/** Names of job queues: API_CreateJobQueue. */
const QUEUE_NAME = /^[\w-]{1,128}$/u;

const KIND = 'compute-environment';

/** Whether an ARN is a compute environment's. */
export function isEnvironment(arn: string): boolean {
  return arnParts(arn)?.kind === KIND;
}

async function taggedEnvironments(io: Io): Promise<readonly ComputeEnvironmentDetail[]> {
  const found = await collect(
    paginateDescribeComputeEnvironments({ client: client(BatchClient) }, {}, { abortSignal: io.signal }),
    ({ computeEnvironments }) => computeEnvironments,
  );
  return found.filter(({ tags }) => tags?.[TAG] !== undefined);
}

/** Where there can be none: the target is a launch template, by its id or ARN. */
function isOfAnother(target: string | null): boolean {
  if (target === null) return false;
  return target.startsWith('arn:') ? !isEnvironment(target) : /^lt-[0-9a-z]+$/u.test(target);
}

/** The environments that are meant. Where Batch does not answer that is told of them all: the fleets are looked at all the same. */
export async function locateEnvironments(target: string | null, io: Io): Promise<readonly Located<SeenEnvironment>[]> {
  if (isOfAnother(target)) return [];
  try {
    const found = await taggedEnvironments(io);
    const meant = found.filter(
      ({ computeEnvironmentArn: arn, computeEnvironmentName: name }) =>
        target === null || target === arn || target === name,
    );
    return meant.map((one) => ({ target: arnOf(one) })).toSorted((a, b) => a.target.localeCompare(b.target));
  } catch (error) {
    return [{ target: computeEnvironmentArn('*', io), fault: classify(error) }];
  }
}

function arnOf({ computeEnvironmentArn: arn }: ComputeEnvironmentDetail): string {
  return need(arn, 'computeEnvironments[].computeEnvironmentArn');
}

function environmentOf(detail: ComputeEnvironmentDetail): Environment {
  const name = need(detail.computeEnvironmentName, 'computeEnvironments[].computeEnvironmentName');
  const of = `computeEnvironments[${name}]`;
  const { computeResources: resources } = detail;
  const isManaged = detail.type === 'MANAGED';
  const count = (value: number | undefined, member: string): number =>
    isManaged ? need(value, `${of}.computeResources.${member}`) : 0;
  const minvCpus = resources?.type?.startsWith('FARGATE') === true ? 0 : count(resources?.minvCpus, 'minvCpus');
  return {
    name,
    arn: arnOf(detail),
    type: need(detail.type, `${of}.type`),
    state: need(detail.state, `${of}.state`),
    status: need(detail.status, `${of}.status`),
    statusReason: detail.statusReason ?? null,
    resources: resources?.type ?? null,
    instanceTypes: resources?.instanceTypes ?? [],
    subnets: resources?.subnets ?? [],
    minvCpus,
    maxvCpus: count(resources?.maxvCpus, 'maxvCpus'),
    desiredvCpus: resources?.desiredvCpus ?? minvCpus,
  };
}

/** Another of the queue that cannot be understood is not warmed itself, and decides nothing for this one. */
function otherOf(detail: ComputeEnvironmentDetail): readonly Environment[] {
  try {
    return [environmentOf(detail)];
  } catch (error) {
    if (error instanceof TerminalError) return [];
    throw error;
  }
}

function settingsOf({ computeEnvironmentName = '', tags = {} }: ComputeEnvironmentDetail): BatchSettings {
  const tagged = new Map(Object.entries(tags));
  return queueSettings(computeEnvironmentName, tagged, [QUEUE_NAME, 'job queue'], BATCH_IDLE_SECONDS);
}

async function queueOf(name: string, io: Io): Promise<JobQueue | null> {
  const command = new DescribeJobQueuesCommand({ jobQueues: [name] });
  const { jobQueues = [] } = await client(BatchClient).send(command, { abortSignal: io.signal });
  const [queue] = jobQueues;
  if (queue === undefined) return null;
  const order = need(queue.computeEnvironmentOrder, `${name}.computeEnvironmentOrder`);
  return {
    state: need(queue.state, `${name}.state`),
    status: need(queue.status, `${name}.status`),
    statusReason: queue.statusReason ?? null,
    environments: order
      .toSorted((one, other) => (one.order ?? 0) - (other.order ?? 0))
      .map(({ computeEnvironment }) => need(computeEnvironment, `${name}.computeEnvironmentOrder[]`)),
  };
}

/** By filter, for one that EC2 does not know would make an error of the whole answer. Families and `optimal` are no types. */
async function typesOf(environments: readonly Environment[], io: Io): Promise<BatchFacts['types']> {
  const single = environments.filter(({ instanceTypes }) => instanceTypes.length === 1);
  const names = new Set(single.flatMap(({ instanceTypes }) => instanceTypes).filter((name) => name.includes('.')));
  if (names.size === 0) return {};
  const Filters = [{ Name: 'instance-type', Values: [...names] }];
  const found = await collect(
    paginateDescribeInstanceTypes({ client: client(EC2Client) }, { Filters }, { abortSignal: io.signal }),
    ({ InstanceTypes }) => InstanceTypes,
  );
  const sizes = found.map(({ InstanceType: name = '', VCpuInfo, MemoryInfo, GpuInfo }) => {
    const vcpus = need(VCpuInfo?.DefaultVCpus, `${name}.VCpuInfo.DefaultVCpus`);
    const gpus = GpuInfo?.Gpus?.reduce((sum, { Count = 0 }) => sum + Count, 0) ?? 0;
    return [name, { vcpus, memoryMiB: MemoryInfo?.SizeInMiB ?? null, gpus }] as const;
  });
  return Object.fromEntries(sizes);
}

async function freeAddressesOf({ subnets }: Environment, io: Io): Promise<number | null> {
  if (subnets.length !== 1) return null;
  const Filters = [{ Name: 'subnet-id', Values: [...subnets] }];
  const found = await collect(
    paginateDescribeSubnets({ client: client(EC2Client) }, { Filters }, { abortSignal: io.signal }),
    ({ Subnets }) => Subnets,
  );
  return found[0]?.AvailableIpAddressCount ?? null;
}

const NO_JOBS = { jobs: [], unread: 0 } satisfies Awaited<ReturnType<typeof batchJobsOf>>;

const NOTHING_SEEN = {
  queue: null,
  others: [],
  types: {},
  jobs: [],
  unreadJobs: 0,
  freeAddresses: null,
  record: null,
  recordFault: null,
} satisfies Partial<SeenEnvironment>;

/** Reads all about one compute environment. */
export async function observeEnvironment(target: string, io: Io): Promise<SeenEnvironment> {
  const tagged = await taggedEnvironments(io);
  const found = tagged.find((one) => arnOf(one) === target);
  const unseen = { kind: 'batch' as const, run: io.run, ...NOTHING_SEEN };
  if (found === undefined) {
    const settings = { queue: null, idleSeconds: BATCH_IDLE_SECONDS, problems: [] };
    return { ...unseen, environment: null, settings };
  }
  const [environment, settings] = [environmentOf(found), settingsOf(found)];
  const { queue: name } = settings;
  const rivals = tagged.filter((one) => one !== found && settingsOf(one).queue === name);
  const others = rivals.flatMap(otherOf);
  const [queue, types, freeAddresses, item] = await Promise.all([
    name === null ? null : queueOf(name, io),
    typesOf([environment, ...others], io),
    freeAddressesOf(environment, io),
    openData().list(BATCH_PARTITION, environment.name),
  ]);
  // Of no job queue there are no jobs to list, but an error.
  const { jobs, unread } = name === null || queue === null ? NO_JOBS : await batchJobsOf(name, io);
  const kept = readWarmRecord(item.find(({ key }) => key === environment.name));
  return { ...unseen, environment, settings, queue, others, types, jobs, unreadJobs: unread, freeAddresses, ...kept };
}
