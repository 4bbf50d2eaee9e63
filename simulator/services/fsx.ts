/**
 * The simulated FSx: file systems as they are set up, and the data repository tasks of those for Lustre. How long a task takes, and
 * whether it fails, the world says of its file system.
 */

import { DataRepositoryTask$, FileSystem$ } from '@aws-sdk/client-fsx';
import { z } from 'zod';
import {
  awsError,
  NotSimulatedError,
  type Operation,
  type ServiceModel,
  type Shape,
  type World,
} from '../engine/model.ts';
import { outputOf, recordSchema } from './ec2/shape.ts';
import { list, show } from './ec2/state.ts';
import { pageOf, recordsGiven, sizeOf } from './listing.ts';
import { TRIMMINGS } from './pasted.ts';

const SERVICE = 'fsx';
const [TASKS, SYSTEMS] = ['DataRepositoryTasks', 'FileSystems'] as const;

/** Source: API_DataRepositoryTask (Lifecycle). */
const LIFECYCLES = ['PENDING', 'EXECUTING', 'FAILED', 'SUCCEEDED', 'CANCELED', 'CANCELING'] as const;
const OPEN: ReadonlySet<unknown> = new Set(['PENDING', 'EXECUTING', 'CANCELING']);

/** From the request until FSx begins with it. Assumed. */
const PENDING_MS = 5_000;
/** Where the world does not say how long a task takes. Assumed. */
const TASK_SECONDS = 120;
const MOST_PER_PAGE = 1_000;

const fileSystem = recordSchema(
  FileSystem$,
  'FileSystemId',
  // They hold file systems in turn.
  { FileSystem: { AdministrativeActions: z.array(z.unknown()) } },
  {
    TaskSeconds: z.number().min(0).optional().describe('How long its data repository tasks execute. Default 120.'),
    TaskFailure: z.string().optional().describe('Its data repository tasks end FAILED, with these words.'),
  },
);
const task = recordSchema(
  DataRepositoryTask$,
  'TaskId',
  { DataRepositoryTask: { Lifecycle: z.enum(LIFECYCLES) } },
  { ClientRequestToken: z.string().optional().describe('Of the request that created it.') },
);
const shown = outputOf(DataRepositoryTask$);

function systemOf(world: World, id: unknown): Shape {
  const found = world.records(SERVICE, SYSTEMS).find((one) => one['FileSystemId'] === id);
  // The code is the API reference's; the wording is assumed.
  if (found === undefined) throw awsError('FileSystemNotFound', `File system '${show(id)}' does not exist.`);
  return found;
}

/** A file system that its deployment links to a bucket itself, or which has associations: those are not listed in it. */
function demandLustre(system: Shape): void {
  if (system['FileSystemType'] === 'LUSTRE') return;
  throw awsError('UnsupportedOperation', 'Data repository tasks are supported for Lustre file systems only.');
}

/** Runs the task to its end. */
function begin(world: World, record: Shape): void {
  const system = world.records(SERVICE, SYSTEMS).find((one) => one['FileSystemId'] === record['FileSystemId']) ?? {};
  const seconds = typeof system['TaskSeconds'] === 'number' ? system['TaskSeconds'] : TASK_SECONDS;
  const finish = (): void => {
    if (!OPEN.has(record['Lifecycle'])) return;
    const failure = system['TaskFailure'];
    record['Lifecycle'] = failure === undefined ? 'SUCCEEDED' : 'FAILED';
    if (failure !== undefined) record['FailureDetails'] = { Message: failure };
    record['EndTime'] = world.clock.iso();
  };
  const execute = (): void => {
    if (record['Lifecycle'] === 'PENDING') record['Lifecycle'] = 'EXECUTING';
    record['StartTime'] ??= world.clock.iso();
    world.clock.after(seconds * 1_000, finish);
  };
  if (record['Lifecycle'] === 'PENDING') world.clock.after(PENDING_MS, execute);
  else execute();
}

/** Members that a request may have; another changes what is done in a way that is not modelled. */
const CREATED_BY = new Set(['Type', 'Paths', 'FileSystemId', 'Report', 'ClientRequestToken', 'Tags']);

function isSameRequest(record: Shape, input: Shape): boolean {
  return ['Type', 'FileSystemId', 'Paths'].every(
    (member) => JSON.stringify(record[member] ?? []) === JSON.stringify(input[member] ?? []),
  );
}

function createTask(input: Shape, world: World): object {
  const other = Object.keys(input).find((member) => input[member] !== undefined && !CREATED_BY.has(member));
  if (other !== undefined) throw new NotSimulatedError(`fsx:CreateDataRepositoryTask ${other}`);
  const system = systemOf(world, input['FileSystemId']);
  demandLustre(system);
  const tasks = world.records(SERVICE, TASKS);
  const token = input['ClientRequestToken'];
  const same = token === undefined ? undefined : tasks.find((one) => one['ClientRequestToken'] === token);
  if (same !== undefined) {
    if (!isSameRequest(same, input))
      throw awsError('IncompatibleParameterError', 'The token was used with other parameters.');
    return { DataRepositoryTask: shown(same) };
  }
  const isBusy = tasks.some((one) => one['FileSystemId'] === input['FileSystemId'] && OPEN.has(one['Lifecycle']));
  if (isBusy)
    throw awsError(
      'DataRepositoryTaskExecuting',
      'An existing data repository task is currently executing on the file system.',
    );
  const record: Shape = {
    TaskId: world.id('task'),
    Lifecycle: 'PENDING',
    Type: input['Type'],
    CreationTime: world.clock.iso(),
    FileSystemId: input['FileSystemId'],
    Paths: input['Paths'] ?? [],
    Report: input['Report'],
    Tags: input['Tags'] ?? [],
    ...(token === undefined ? {} : { ClientRequestToken: token }),
  };
  complete(world, record);
  tasks.push(record);
  begin(world, record);
  return { DataRepositoryTask: shown(record) };
}

function complete(world: World, record: Shape): void {
  record['ResourceARN'] ??= `arn:aws:fsx:${world.region}:${world.account}:task/${show(record['TaskId'])}`;
}

/** What is filtered by, with the member that tells it. Source: API_DataRepositoryTaskFilter. */
const FILTERED_BY: { readonly [name: string]: string } = {
  'file-system-id': 'FileSystemId',
  'task-lifecycle': 'Lifecycle',
};

function isWanted(record: Shape, filters: readonly Shape[]): boolean {
  return filters.every(({ Name, Values }) => {
    const member = FILTERED_BY[show(Name)];
    if (member === undefined) throw new NotSimulatedError(`fsx:DescribeDataRepositoryTasks filter ${show(Name)}`);
    return Array.isArray(Values) && Values.includes(record[member]);
  });
}

function describeTasks(input: Shape, world: World): object {
  if (input['TaskIds'] !== undefined) throw new NotSimulatedError('fsx:DescribeDataRepositoryTasks TaskIds');
  const filters = list(input, 'Filters');
  const call = 'fsx:DescribeDataRepositoryTasks';
  const systems = filters.flatMap(({ Name, Values }): readonly unknown[] =>
    Name === 'file-system-id' && Array.isArray(Values) ? Values : [],
  );
  // The reference lists FileSystemNotFound for this operation; that a filter is enough for it is assumed.
  for (const id of systems) systemOf(world, id);
  const all = recordsGiven(world, { call, service: SERVICE, collection: TASKS });
  const found = all.filter((record) => isWanted(record, filters));
  const { items, next } = pageOf(found, input['NextToken'], sizeOf(input['MaxResults'], MOST_PER_PAGE));
  return { DataRepositoryTasks: items.map(shown), ...(next === undefined ? {} : { NextToken: next }) };
}

const API = 'https://docs.aws.amazon.com/fsx/latest/APIReference';

const operations: { readonly [operation: string]: Operation } = {
  CreateDataRepositoryTask: {
    kind: 'write',
    grade: 'documented',
    source: `${API}/API_CreateDataRepositoryTask.html`,
    run: createTask,
  },
  DescribeDataRepositoryTasks: {
    kind: 'read',
    grade: 'documented',
    source: `${API}/API_DescribeDataRepositoryTasks.html`,
    run: describeTasks,
  },
};

export const fsx: ServiceModel = {
  name: SERVICE,
  prefix: 'fsx',
  schema: z.strictObject({
    ...TRIMMINGS,
    FileSystems: z.array(fileSystem).optional().describe('describe-file-systems output as it is.'),
    DataRepositoryTasks: z
      .array(task)
      .optional()
      .describe('describe-data-repository-tasks output as it is. What is open goes on to its end.'),
  }),
  collections: { FileSystems: 'FileSystemId', DataRepositoryTasks: 'TaskId' },
  operations,
  start: (world) => {
    for (const record of world.data[SERVICE]?.[TASKS] ?? []) {
      complete(world, record);
      record['Lifecycle'] ??= 'SUCCEEDED';
      record['CreationTime'] ??= world.clock.iso();
      if (OPEN.has(record['Lifecycle'])) begin(world, record);
    }
  },
};
