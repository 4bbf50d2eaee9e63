/**
 * The simulated DataSync: tasks as they are set up, and their executions. How long an execution takes, and whether it fails, the world
 * says of its task.
 */

import { DescribeTaskExecutionResponse$, DescribeTaskResponse$ } from '@aws-sdk/client-datasync';
import { z } from 'zod';
import { isRecord } from '../engine/json.ts';
import {
  awsError,
  NotSimulatedError,
  type Operation,
  type ServiceModel,
  type Shape,
  type World,
} from '../engine/model.ts';
import { outputOf, recordSchema } from './ec2/shape.ts';
import { show } from './ec2/state.ts';
import { recordsGiven } from './listing.ts';
import { TRIMMINGS } from './pasted.ts';

const SERVICE = 'datasync';
const [TASKS, EXECUTIONS] = ['Tasks', 'TaskExecutions'] as const;

/** Source: DataSync user guide, "Task execution statuses". */
const STATUSES = [
  'QUEUED',
  'LAUNCHING',
  'PREPARING',
  'TRANSFERRING',
  'VERIFYING',
  'CANCELLING',
  'SUCCESS',
  'ERROR',
] as const;
/** What an execution goes through. Where an execution is in the world file with one of these it goes on from there. */
const STEPS = ['LAUNCHING', 'PREPARING', 'TRANSFERRING', 'VERIFYING'] as const;
const ENDED: ReadonlySet<unknown> = new Set(['SUCCESS', 'ERROR']);

/** Where the world does not say how long an execution takes. Assumed. */
const EXECUTION_SECONDS = 300;

const ARN = /^arn:[\w-]+:datasync:[\w-]+:\d{12}:task\/task-[0-9a-f]{17}$/u;

const task = recordSchema(
  DescribeTaskResponse$,
  'TaskArn',
  {},
  {
    Tags: z
      .array(z.strictObject({ Key: z.string(), Value: z.string() }))
      .optional()
      .describe('As list-tags-for-resource prints them.'),
    TaskMode: z.string().optional(),
    ExecutionSeconds: z.number().min(0).optional().describe('How long its executions take. Default 300.'),
    ExecutionFailure: z.string().optional().describe('Its executions end in ERROR, with these words as ErrorDetail.'),
  },
);
const execution = recordSchema(DescribeTaskExecutionResponse$, 'TaskExecutionArn', {
  DescribeTaskExecutionResponse: { Status: z.enum(STATUSES) },
});
const shownTask = outputOf(DescribeTaskResponse$);
const shownExecution = outputOf(DescribeTaskExecutionResponse$);

/** DataSync has one error for whatever is wrong with a request. The wording is moto's. */
function invalid(message: string): Error {
  return awsError('InvalidRequestException', message);
}

function taskOf(world: World, arn: unknown): Shape {
  const found = world.records(SERVICE, TASKS).find((one) => one['TaskArn'] === arn);
  if (found === undefined) throw invalid(`Request parameters contain an invalid ARN: ${show(arn)}`);
  return found;
}

function executionsOf(world: World, arn: unknown): readonly Shape[] {
  const all = recordsGiven(world, { call: 'datasync:DescribeTask', service: SERVICE, collection: EXECUTIONS });
  return all.filter((one) => show(one['TaskExecutionArn']).startsWith(`${show(arn)}/execution/`));
}

function startedMs(record: Shape): number {
  return Date.parse(show(record['StartTime']));
}

function newest(world: World, arn: unknown): Shape | undefined {
  return executionsOf(world, arn).toSorted((one, other) => startedMs(other) - startedMs(one))[0];
}

function isQueueing(record: Shape): boolean {
  const options = record['Options'];
  return !(isRecord(options) && options['TaskQueueing'] === 'DISABLED');
}

function end(world: World, record: Shape, of: Shape): void {
  if (ENDED.has(record['Status'])) return;
  const failure = of['ExecutionFailure'];
  const isWell = failure === undefined;
  record['Status'] = isWell ? 'SUCCESS' : 'ERROR';
  record['EndTime'] = world.clock.iso();
  record['Result'] = {
    TotalDuration: world.clock.now() - Date.parse(show(record['LaunchTime'])),
    ...(isWell ? {} : { ErrorCode: 'Generic', ErrorDetail: failure }),
  };
  const next = executionsOf(world, of['TaskArn']).find(({ Status }) => Status === 'QUEUED');
  if (next !== undefined) launch(world, next, of);
  else of['Status'] = 'AVAILABLE';
}

/** From step to step, each as long as the others. */
function launch(world: World, record: Shape, of: Shape): void {
  const seconds = typeof of['ExecutionSeconds'] === 'number' ? of['ExecutionSeconds'] : EXECUTION_SECONDS;
  if (record['Status'] === 'QUEUED') record['Status'] = STEPS[0];
  record['LaunchTime'] ??= world.clock.iso();
  of['Status'] = 'RUNNING';
  const step = (): void => {
    const index = STEPS.findIndex((name) => name === record['Status']);
    const next = STEPS[index + 1];
    if (next === undefined) return end(world, record, of);
    record['Status'] = next;
    world.clock.after((seconds * 1_000) / STEPS.length, step);
  };
  world.clock.after((seconds * 1_000) / STEPS.length, step);
}

/** Members that a request may have; another changes what is done in a way that is not modelled. */
const STARTED_BY = new Set(['TaskArn']);

function startExecution(input: Shape, world: World): object {
  const other = Object.keys(input).find((member) => input[member] !== undefined && !STARTED_BY.has(member));
  if (other !== undefined) throw new NotSimulatedError(`datasync:StartTaskExecution ${other}`);
  const of = taskOf(world, input['TaskArn']);
  const isBusy = executionsOf(world, of['TaskArn']).some(({ Status }) => !ENDED.has(Status));
  // One execution of a task at a time (API_StartTaskExecution); another is put into the queue, or refused where that is off.
  if (isBusy && !isQueueing(of)) throw invalid('Task is currently running.');
  const record: Shape = {
    TaskExecutionArn: `${show(of['TaskArn'])}/execution/${world.id('exec')}`,
    Status: isBusy ? 'QUEUED' : STEPS[0],
    StartTime: world.clock.iso(),
  };
  world.records(SERVICE, EXECUTIONS).push(record);
  if (!isBusy) launch(world, record, of);
  return { TaskExecutionArn: record['TaskExecutionArn'] };
}

function describeTask(input: Shape, world: World): object {
  const of = taskOf(world, input['TaskArn']);
  const latest = newest(world, of['TaskArn']);
  const { CurrentTaskExecutionArn: given, ...rest } = shownTask(of);
  const arn = latest?.['TaskExecutionArn'] ?? given;
  return { ...rest, ...(arn === undefined ? {} : { CurrentTaskExecutionArn: arn }) };
}

function describeExecution(input: Shape, world: World): object {
  const arn = input['TaskExecutionArn'];
  const found = world.records(SERVICE, EXECUTIONS).find((one) => one['TaskExecutionArn'] === arn);
  if (found === undefined) throw invalid(`Request parameters contain an invalid ARN: ${show(arn)}`);
  return shownExecution(found);
}

const API = 'https://docs.aws.amazon.com/datasync/latest/userguide';

const operations: { readonly [operation: string]: Operation } = {
  StartTaskExecution: {
    kind: 'write',
    grade: 'documented',
    source: `${API}/API_StartTaskExecution.html`,
    run: startExecution,
  },
  DescribeTask: { kind: 'read', grade: 'documented', source: `${API}/API_DescribeTask.html`, run: describeTask },
  DescribeTaskExecution: {
    kind: 'read',
    grade: 'documented',
    source: `${API}/API_DescribeTaskExecution.html`,
    run: describeExecution,
  },
};

export const dataSync: ServiceModel = {
  name: SERVICE,
  prefix: 'datasync',
  schema: z.strictObject({
    ...TRIMMINGS,
    Tasks: z.array(task).optional().describe('As describe-task prints each, or list-tasks.'),
    TaskExecutions: z
      .array(execution)
      .optional()
      .describe('As describe-task-execution prints each. What is open goes on to its end.'),
  }),
  collections: { Tasks: 'TaskArn', TaskExecutions: 'TaskExecutionArn' },
  operations,
  start: (world) => {
    for (const record of world.data[SERVICE]?.[TASKS] ?? []) {
      if (!ARN.test(show(record['TaskArn']))) world.assume(`datasync: ${show(record['TaskArn'])} is the ARN of a task`);
      record['Status'] ??= 'AVAILABLE';
    }
    for (const record of world.data[SERVICE]?.[EXECUTIONS] ?? []) {
      record['Status'] ??= 'SUCCESS';
      record['StartTime'] ??= world.clock.iso();
      const of = show(record['TaskExecutionArn']).split('/execution/')[0];
      const owner = world.records(SERVICE, TASKS).find((one) => one['TaskArn'] === of);
      if (owner !== undefined && !ENDED.has(record['Status']) && record['Status'] !== 'QUEUED')
        launch(world, record, owner);
    }
  },
};
