/** The simulated EventBridge Scheduler: schedules as they are set up. None of them starts anything here. */

import { GetScheduleOutput$ } from '@aws-sdk/client-scheduler';
import { z } from 'zod';
import { isRecord } from '../engine/json.ts';
import { awsError, type Operation, type ServiceModel, type Shape, type World } from '../engine/model.ts';
import { outputOf, recordSchema } from './ec2/shape.ts';
import { text } from './ec2/state.ts';
import { memberGiven, pageOf, recordsGiven, sizeOf } from './listing.ts';
import { TRIMMINGS } from './pasted.ts';

const SERVICE = 'scheduler';
/** Source: API_ListSchedules, MaxResults. */
const MOST_PER_PAGE = 100;

const schedule = recordSchema(GetScheduleOutput$, 'Name', {});
const shown = outputOf(GetScheduleOutput$);

function schedulesOf(world: World, call: string): readonly Shape[] {
  return recordsGiven(world, { call, service: SERVICE, collection: 'Schedules' });
}

/** Of the target a listing gives the ARN alone. Source: API_ScheduleSummary. */
function summaryOf(record: Shape): Shape {
  const { Arn, Name, GroupName, State, CreationDate, LastModificationDate, Target } = shown(record);
  const target = isRecord(Target) ? { Target: { Arn: Target['Arn'] } } : {};
  return { Arn, Name, GroupName, State, CreationDate, LastModificationDate, ...target };
}

function listSchedules(input: Shape, world: World): object {
  const { GroupName: group, NamePrefix: prefix = '', State: state } = input;
  const found = schedulesOf(world, 'scheduler:ListSchedules').filter(
    (one) =>
      (group === undefined || one['GroupName'] === group) &&
      (state === undefined || one['State'] === state) &&
      String(one['Name']).startsWith(String(prefix)),
  );
  const { items, next } = pageOf(found, input['NextToken'], sizeOf(input['MaxResults'], MOST_PER_PAGE));
  return { Schedules: items.map(summaryOf), ...(next === undefined ? {} : { NextToken: next }) };
}

function getSchedule({ Name: name, GroupName: group = 'default' }: Shape, world: World): object {
  const call = 'scheduler:GetSchedule';
  const found = schedulesOf(world, call).find((one) => one['Name'] === name && one['GroupName'] === group);
  if (found === undefined) throw awsError('ResourceNotFoundException', `Schedule ${String(name)} does not exist.`, 404);
  memberGiven(world, call, found, 'Target');
  return shown(found);
}

function start(world: World): void {
  for (const record of world.data[SERVICE]?.['Schedules'] ?? []) {
    const group = text(record, 'GroupName') ?? 'default';
    record['GroupName'] = group;
    record['Arn'] ??= `arn:aws:scheduler:${world.region}:${world.account}:schedule/${group}/${String(record['Name'])}`;
    record['State'] ??= 'ENABLED';
  }
}

const API = 'https://docs.aws.amazon.com/scheduler/latest/APIReference';

const operations: { readonly [operation: string]: Operation } = {
  ListSchedules: {
    kind: 'read',
    grade: 'documented',
    source: `${API}/API_ListSchedules.html`,
    run: listSchedules,
  },
  GetSchedule: { kind: 'read', grade: 'documented', source: `${API}/API_GetSchedule.html`, run: getSchedule },
};

export const scheduler: ServiceModel = {
  name: SERVICE,
  prefix: 'scheduler',
  schema: z.strictObject({
    ...TRIMMINGS,
    Schedules: z
      .array(schedule)
      .optional()
      .describe(
        'As get-schedule prints each: list-schedules leaves out where its dead letters go. None starts anything here.',
      ),
  }),
  collections: { Schedules: 'Name' },
  within: { Schedules: 'GroupName' },
  operations,
  start,
};
