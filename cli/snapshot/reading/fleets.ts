/** What a fleet is scaled by and staged with: Batch, ladders, DataSync, FSx, quotas, Systems Manager; and keys. */

import { vcpuQuotaCode } from '../../../shared/aws/ec2/vcpu-quotas.ts';
import { isRecord } from '../../../simulator/engine/json.ts';
import type { Row } from '../asking.ts';
import {
  arnStart,
  chunks,
  distinct,
  rowsOf,
  section,
  textOf,
  textsIn,
  type Place,
  type Section,
  type Sections,
} from './place.ts';

/** Jobs in these states have something to wait for, or nodes. Source: API_ListJobs, jobStatus. */
const JOB_STATES = ['SUBMITTED', 'PENDING', 'RUNNABLE', 'STARTING', 'RUNNING'] as const;

/** Source: API_DescribeJobs, jobs: up to 100. */
const JOBS_AT_ONCE = 100;

async function readBatch({ ask, region }: Place): Promise<Section> {
  const environments = await ask.all(region, 'batch:DescribeComputeEnvironments', {}, 'computeEnvironments');
  const queues = await ask.all(region, 'batch:DescribeJobQueues', {}, 'jobQueues');
  const questions = (queues ?? []).flatMap(({ jobQueueArn: jobQueue }) =>
    JOB_STATES.map((jobStatus) => ({ jobQueue, jobStatus })),
  );
  const listed = await ask.each(questions, (one) => ask.all(region, 'batch:ListJobs', one, 'jobSummaryList'));
  const ids = listed.flatMap((rows) => (rows ?? []).map((row) => textOf(row['jobId'])));
  const found = await ask.each(chunks(distinct(ids), JOBS_AT_ONCE), (jobs) =>
    ask.one(region, 'batch:DescribeJobs', { jobs }),
  );
  const isKnown = queues !== undefined && !listed.includes(undefined) && !found.includes(undefined);
  return section({
    computeEnvironments: environments,
    jobQueues: queues,
    jobs: isKnown ? found.flatMap((one) => rowsOf(one?.['jobs'])) : undefined,
  });
}

/** A type of each family that has a quota of its own. */
const FAMILIES = [
  'hpc7a.x',
  'p5.x',
  'p4d.x',
  'g5.x',
  'vt1.x',
  'dl1.x',
  'inf2.x',
  'trn1.x',
  'f1.x',
  'u-6tb1.x',
  'x2idn.x',
  'm7i.x',
];

/** Quotas of vCPUs that a fleet may reach, by the codes that its runbook asks for. */
const QUOTAS = distinct(
  FAMILIES.flatMap((type) => [vcpuQuotaCode(type, 'on-demand') ?? '', vcpuQuotaCode(type, 'spot') ?? '']),
);

async function readQuotas({ ask, region }: Place): Promise<Section> {
  const found = await ask.each(QUOTAS, (QuotaCode) =>
    ask.one(region, 'servicequotas:GetServiceQuota', { ServiceCode: 'ec2', QuotaCode }),
  );
  return { Quotas: found.flatMap((one) => (isRecord(one?.['Quota']) ? [one['Quota']] : [])) };
}

/** A parameter. One that is secret is left where it is: it is not asked to be decrypted, and what comes is not kept. */
async function parameter({ ask, region }: Place, Name: string): Promise<readonly Row[]> {
  const answer = await ask.one(region, 'ssm:GetParameter', { Name, WithDecryption: false });
  const found = answer?.['Parameter'];
  return isRecord(found) && found['Type'] !== 'SecureString' ? [found] : [];
}

async function readSsm(place: Place, names: readonly string[]): Promise<Section> {
  const { ask, region } = place;
  const own = { Filters: [{ Key: 'Owner', Values: ['Self'] }] };
  const listed = await ask.all(region, 'ssm:ListDocuments', own, 'DocumentIdentifiers');
  const parameters = await ask.each(names, (name) => parameter(place, name));
  return section({
    InstanceInformation: await ask.all(region, 'ssm:DescribeInstanceInformation', {}, 'InstanceInformationList'),
    Documents: listed,
    Parameters: parameters.flat(),
  });
}

/** Tags whose value is the name of a parameter. */
const PARAMETER_TAGS = new Set(['runbook:ladder']);

/** Names of parameters in the tags of launch templates. */
function laddersIn(templates: readonly Row[]): readonly string[] {
  const tags = templates.flatMap((one) => rowsOf(one['Tags']));
  return distinct(tags.filter(({ Key }) => PARAMETER_TAGS.has(textOf(Key))).map(({ Value }) => textOf(Value)));
}

/** A task as `runbook:stage-in` names it, or by its ARN. */
const TASK = /\bdatasync:(?:[a-z0-9-]+:\d{12}:task\/)?(task-[0-9a-f]+)/gu;

async function readStaging({ ask, region, account }: Place, texts: readonly string[]): Promise<Sections> {
  const ids = distinct(texts.flatMap((one) => [...one.matchAll(TASK)].map(([, id = '']) => id)));
  const tasks = await ask.each(ids, (id) =>
    ask.one(region, 'datasync:DescribeTask', {
      TaskArn: `${arnStart(region)}:datasync:${region}:${account}:task/${id}`,
    }),
  );
  const found = tasks.flatMap((one) => (one === undefined ? [] : [one]));
  const now = await ask.each(distinct(found.map((one) => textOf(one['CurrentTaskExecutionArn']))), (TaskExecutionArn) =>
    ask.one(region, 'datasync:DescribeTaskExecution', { TaskExecutionArn }),
  );
  return {
    datasync: { Tasks: found, TaskExecutions: now.flatMap((one) => (one === undefined ? [] : [one])) },
    fsx: section({
      FileSystems: await ask.all(region, 'fsx:DescribeFileSystems', {}, 'FileSystems'),
      DataRepositoryTasks: await ask.all(region, 'fsx:DescribeDataRepositoryTasks', {}, 'DataRepositoryTasks'),
    }),
  };
}

/** Services of fleets in a Region. `templates`: launch templates, whose tags name the rest. */
export async function readFleets(place: Place, templates: readonly Row[]): Promise<Sections> {
  const ssm = await readSsm(place, laddersIn(templates));
  const texts = [...textsIn(templates.map((one) => one['Tags'])), ...textsIn(ssm['Parameters'])];
  const [batch, quotas, staging] = await Promise.all([
    readBatch(place),
    // Without a fleet nobody asks for a quota.
    templates.length === 0 ? Promise.resolve({}) : readQuotas(place),
    readStaging(place, texts),
  ]);
  return { batch, 'service-quotas': quotas, ssm, ...staging };
}

/** Keys that encrypt what was read. */
export async function readKeys({ ask, region }: Place, sections: Sections): Promise<Section> {
  const volumes = [...(sections['ec2']?.['Volumes'] ?? []), ...(sections['ec2']?.['Snapshots'] ?? [])];
  const queues = (sections['sqs']?.['Queues'] ?? []).flatMap((one) => rowsOf([one['Attributes']]));
  const ids = [...volumes.map((one) => textOf(one['KmsKeyId'])), ...queues.map((one) => textOf(one['KmsMasterKeyId']))];
  const found = await ask.each(distinct(ids), async (KeyId) => {
    const answer = await ask.one(region, 'kms:DescribeKey', { KeyId });
    const key = answer?.['KeyMetadata'];
    if (!isRecord(key)) return [];
    // A key that is named by an alias is found by it.
    return [KeyId.startsWith('alias/') ? { ...key, Aliases: [KeyId] } : key];
  });
  const keys = new Map(found.flat().map((key) => [textOf(key['KeyId']), key]));
  for (const key of found.flat()) {
    const known = keys.get(textOf(key['KeyId']));
    if (known !== undefined && key['Aliases'] !== undefined) keys.set(textOf(key['KeyId']), { ...known, ...key });
  }
  return { Keys: [...keys.values()] };
}
