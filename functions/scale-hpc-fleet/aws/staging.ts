/** What brings the data of a fleet's jobs: an object that has to be there, FSx for Lustre, or DataSync. */

import {
  DataSyncClient,
  DescribeTaskCommand,
  DescribeTaskExecutionCommand,
  StartTaskExecutionCommand,
  type DescribeTaskExecutionCommandOutput,
} from '@aws-sdk/client-datasync';
import {
  CreateDataRepositoryTaskCommand,
  FSxClient,
  paginateDescribeDataRepositoryTasks,
  type DataRepositoryTask,
} from '@aws-sdk/client-fsx';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { transferArn } from '../../../shared/aws/arn.ts';
import { client } from '../../../shared/aws/clients.ts';
import { need } from '../../../shared/aws/ec2/reading.ts';
import { collect } from '../../../shared/aws/pages.ts';
import { textOf, textsOf } from '../../../shared/aws/planned-input.ts';
import type { Change, Io } from '../../../shared/kernel/definition.ts';
import { errorName } from '../../../shared/kernel/errors.ts';
import { openData } from '../../../shared/kernel/ledger/data.ts';
import {
  PARTITIONS,
  readStageRecord,
  type GangRecord,
  type Jobs,
  type Settings,
  type StageRun,
  type StageSource,
  type Staging,
} from '../decide.ts';

/** Runs that a look keeps: the newest. One that was asked for is among them, for one runs at a time. */
const MOST_RUNS = 10;

/** Gangs that are over, of which is kept when they were asked for: 25 bytes each. */
const MOST_CAME = 1_000;

interface Fleet {
  readonly settings: Settings;
  readonly template: { readonly id: string };
  readonly jobs: Jobs | null;
  readonly gangs: readonly GangRecord[];
}

/** How the stage-in of a fleet stands; `null`: there is none, or no job that it would be for. */
export async function stagingOf({ settings, template, jobs, gangs }: Fleet, io: Io): Promise<Staging | null> {
  const { stageIn: source } = settings;
  if (source === null || jobs === null || jobs.visible + jobs.inFlight === 0) return null;
  if (source.kind === 's3') return { kind: 'marker', isThere: await isThere(source, io) };
  const [seen, items] = await Promise.all([
    source.kind === 'fsx' ? importsOf(source, io) : transfersOf(source, io),
    openData().list(PARTITIONS.staging, template.id),
  ]);
  const record = readStageRecord(
    items.find(({ key }) => key === template.id),
    source.text,
  );
  const came = gangs.filter(({ state, upAt }) => state === 'over' && upAt !== null).map(({ askedAt }) => askedAt);
  return { kind: 'runs', record, came: came.toSorted().slice(-MOST_CAME), ...seen };
}

type Seen = Pick<Extract<Staging, { kind: 'runs' }>, 'fault' | 'runs' | 'target'>;

/** Who may not list a bucket is told that an object is forbidden which is not there. Source: API_HeadObject, Permissions. */
const NOT_THERE: ReadonlySet<string> = new Set(['NotFound', 'NoSuchKey', 'NoSuchBucket', '404', 'Forbidden', '403']);

async function isThere({ bucket, key }: Extract<StageSource, { kind: 's3' }>, io: Io): Promise<boolean> {
  try {
    await client(S3Client).send(new HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: io.signal });
    return true;
  } catch (error) {
    if (NOT_THERE.has(errorName(error))) return false;
    throw error;
  }
}

function newest(runs: readonly StageRun[]): readonly StageRun[] {
  return runs.toSorted((one, other) => other.startedAt.localeCompare(one.startedAt)).slice(0, MOST_RUNS);
}

async function importsOf(source: Extract<StageSource, { kind: 'fsx' }>, io: Io): Promise<Seen> {
  const target = source.fileSystem;
  const Filters = [{ Name: 'file-system-id' as const, Values: [target] }];
  try {
    const tasks = await collect(
      paginateDescribeDataRepositoryTasks({ client: client(FSxClient) }, { Filters }, { abortSignal: io.signal }),
      ({ DataRepositoryTasks }) => DataRepositoryTasks,
    );
    return { target, fault: null, runs: newest(tasks.map((task) => importOf(task, source.path))) };
  } catch (error) {
    if (errorName(error) !== 'FileSystemNotFound') throw error;
    return { target, fault: `there is no file system ${target}: mend the tag runbook:stage-in`, runs: [] };
  }
}

const STATES: { readonly [lifecycle: string]: StageRun['state'] } = {
  SUCCEEDED: 'well',
  FAILED: 'failed',
  CANCELED: 'failed',
};

function importOf(task: DataRepositoryTask, path: string | null): StageRun {
  const { TaskId, Lifecycle, Type, Paths = [], CreationTime, FailureDetails } = task;
  const isOfPath = path === null ? Paths.length === 0 : Paths.includes(path);
  return {
    id: need(TaskId, 'DataRepositoryTasks[].TaskId'),
    state: STATES[need(Lifecycle, 'DataRepositoryTasks[].Lifecycle')] ?? 'running',
    isStageIn: Type === 'IMPORT_METADATA_FROM_REPOSITORY' && isOfPath,
    startedAt: need(CreationTime, 'DataRepositoryTasks[].CreationTime').toISOString(),
    reason: FailureDetails?.Message ?? (Lifecycle === 'CANCELED' ? 'it was canceled' : null),
  };
}

/** DataSync says this of a task that is not there, and IAM that of one that is not tagged. */
const NO_TASK: ReadonlySet<string> = new Set(['InvalidRequestException', 'AccessDeniedException']);

async function transfersOf({ task }: Extract<StageSource, { kind: 'datasync' }>, io: Io): Promise<Seen> {
  const target = transferArn(task, io);
  const options = { abortSignal: io.signal };
  const datasync = client(DataSyncClient);
  try {
    // It names the most recent execution: of a list nobody says in what order it is.
    const { CurrentTaskExecutionArn: arn } = await datasync.send(new DescribeTaskCommand({ TaskArn: target }), options);
    if (arn === undefined || arn === '') return { target, fault: null, runs: [] };
    const execution = await datasync.send(new DescribeTaskExecutionCommand({ TaskExecutionArn: arn }), options);
    return { target, fault: null, runs: [transferOf(execution, io.now())] };
  } catch (error) {
    if (!NO_TASK.has(errorName(error))) throw error;
    const fault = `there is no ${target}, or it is not tagged runbook:hpc-queue: mend the tag runbook:stage-in, or tag it`;
    return { target, fault, runs: [] };
  }
}

/** Before anything that is asked for. */
const LONG_AGO = new Date(0);

/** One that is queued may not say when it began: it has not. One that has ended and does not say it is nobody's. */
function transferOf(
  { TaskExecutionArn, Status, StartTime, LaunchTime, Result }: DescribeTaskExecutionCommandOutput,
  now: string,
): StageRun {
  const status = need(Status, 'DescribeTaskExecution.Status');
  const hasEnded = status === 'SUCCESS' || status === 'ERROR';
  const ended = status === 'SUCCESS' ? 'well' : 'failed';
  const said = [Result?.ErrorCode, Result?.ErrorDetail].filter((text) => text !== undefined && text !== '');
  return {
    id: need(TaskExecutionArn, 'DescribeTaskExecution.TaskExecutionArn').split('/').at(-1) ?? '',
    state: hasEnded ? ended : 'running',
    isStageIn: true,
    startedAt: (StartTime ?? LaunchTime ?? (hasEnded ? LONG_AGO : new Date(now))).toISOString(),
    reason: said.length === 0 ? null : said.join(': '),
  };
}

/** The request is made of what the plan names: reports are off, for nobody here reads them. */
export const startImport: Change = {
  send: (input, { signal }) => {
    const { Paths } = input;
    const command = new CreateDataRepositoryTaskCommand({
      Type: 'IMPORT_METADATA_FROM_REPOSITORY',
      FileSystemId: textOf(input, 'FileSystemId'),
      ClientRequestToken: textOf(input, 'ClientRequestToken'),
      ...(Paths === undefined ? {} : { Paths: textsOf(input, 'Paths') }),
      Report: { Enabled: false },
    });
    return client(FSxClient).send(command, { abortSignal: signal });
  },
  // Source: API_CreateDataRepositoryTask, Errors.
  means: {
    AccessDeniedException: 'refused',
    BadRequest: 'refused',
    DataRepositoryTaskExecuting: 'refused',
    FileSystemNotFound: 'refused',
    IncompatibleParameterError: 'refused',
    ServiceLimitExceeded: 'refused',
    UnsupportedOperation: 'refused',
  },
};

export const startTransfer: Change = {
  send: (input, { signal }) =>
    client(DataSyncClient).send(new StartTaskExecutionCommand({ TaskArn: textOf(input, 'TaskArn') }), {
      abortSignal: signal,
    }),
  // Source: API_StartTaskExecution, Errors.
  means: { AccessDeniedException: 'refused', InvalidRequestException: 'refused' },
};
