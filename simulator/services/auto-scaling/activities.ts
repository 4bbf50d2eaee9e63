/**
 * Scaling activities, and the events that tell of their end.
 * Source of the events' detail: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html
 */

import { MOVES, type Move } from './moves.ts';
import { type Activity, type Group, type Member, activitiesOf, membershipOf } from './state.ts';
import { copied, isRecord } from '../../engine/json.ts';
import type { Shape, World } from '../../engine/model.ts';
import { uuid } from '../../engine/uuid.ts';

/** Activities of launching, into the group and into its warm pool, newest last. */
export function launches(world: World, group: Group): Activity[] {
  return activitiesOf(world).filter(
    (each) =>
      each.AutoScalingGroupName === group.AutoScalingGroupName && each.Description.startsWith(MOVES.launch.words),
  );
}

/** Whether an activity launched something into the warm pool. */
export function isOfPool({ Description: description }: Activity): boolean {
  return description.startsWith(MOVES.warm.words);
}

function detailsOf(activity: Activity): { readonly [key: string]: string } {
  const details: unknown = JSON.parse(activity.Details);
  const entries = isRecord(details) ? Object.entries(details) : [];
  return Object.fromEntries(entries.flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])));
}

/** Zone that an activity was about. */
export function zoneOf(activity: Activity): string | undefined {
  return detailsOf(activity)['Availability Zone'];
}

export interface NewActivity {
  readonly move: Move;
  readonly zone: string;
  readonly subnetId: string | undefined;
  readonly cause: string;
  /** Absent: the launch was refused before there was an instance. */
  readonly member?: Member;
}

/** Opens an activity; it becomes the member's. */
export function openActivity(world: World, group: Group, wanted: NewActivity): Activity {
  const { kind, words, begins, isSilent } = MOVES[wanted.move];
  const activity: Activity = {
    ActivityId: uuid(world),
    AutoScalingGroupName: group.AutoScalingGroupName,
    AutoScalingGroupARN: group.AutoScalingGroupARN,
    Description: wanted.member === undefined ? words : `${words}: ${wanted.member.InstanceId}`,
    // Unlike the times of the activity itself, the one in this text has whole seconds.
    Cause: `At ${world.clock.iso().slice(0, 19)}Z ${wanted.cause}.`,
    StartTime: world.clock.iso(),
    StatusCode: 'InProgress',
    // Seen in answers of TerminateInstanceInAutoScalingGroup: gist.github.com/watchamcb/cf6e8e4a03f204fe9fe4.
    Progress: kind === 'Terminate' && isSilent !== true ? 0 : 50,
    Details: JSON.stringify({
      ...(wanted.subnetId === undefined ? {} : { 'Subnet ID': wanted.subnetId }),
      'Availability Zone': wanted.zone,
    }),
    ...begins,
  };
  activitiesOf(world).push(activity);
  if (wanted.member !== undefined)
    Object.assign(membershipOf(world, group, wanted.member), { ActivityId: activity.ActivityId, Move: wanted.move });
  return activity;
}

/** The activity in progress for a member. */
export function activityOf(world: World, group: Group, member: Member): Activity | undefined {
  const { ActivityId: id } = membershipOf(world, group, member);
  return activitiesOf(world).find((each) => each.ActivityId === id);
}

/** An activity as an operation answers with it. */
export function shownActivity(activity: Activity | undefined): Shape {
  if (activity === undefined) return {};
  const shown: Shape = copied(activity);
  for (const time of ['StartTime', 'EndTime']) if (typeof shown[time] === 'string') shown[time] = new Date(shown[time]);
  return shown;
}

/** How a member got where it is, or goes. */
export function moveOf(world: World, group: Group, member: Member): Move {
  return membershipOf(world, group, member).Move ?? 'launch';
}

export interface Ending {
  readonly move: Move;
  readonly status: 'Successful' | 'Failed' | 'Cancelled';
  readonly message: string;
  readonly instanceId: string;
}

/** Ends an activity and, unless its way is a silent one, publishes `EC2 Instance Launch|Terminate Successful|Unsuccessful`. */
export function closeActivity(world: World, group: Group, activity: Activity, ending: Ending): void {
  activity.EndTime = world.clock.iso();
  activity.StatusCode = ending.status;
  activity.Progress = 100;
  if (ending.message !== '') activity.StatusMessage = ending.message;
  const successful = ending.status === 'Successful';
  const { kind, origin, destination, isSilent } = MOVES[ending.move];
  if (isSilent === true) return;
  world.emit({
    source: 'aws.autoscaling',
    detailType: `EC2 Instance ${kind} ${successful ? 'Successful' : 'Unsuccessful'}`,
    resources: [
      group.AutoScalingGroupARN,
      ...(ending.instanceId === ''
        ? []
        : [`arn:aws:ec2:${world.region}:${world.account}:instance/${ending.instanceId}`]),
    ],
    detail: {
      // AWS really says InProgress in the event of a success; its reference shows it so.
      StatusCode: successful ? 'InProgress' : ending.status,
      Description: activity.Description,
      AutoScalingGroupName: group.AutoScalingGroupName,
      ActivityId: activity.ActivityId,
      Details: detailsOf(activity),
      RequestId: activity.ActivityId,
      StatusMessage: ending.message,
      StartTime: activity.StartTime,
      EndTime: activity.EndTime,
      EC2InstanceId: ending.instanceId,
      Cause: activity.Cause,
      Origin: origin,
      Destination: destination,
    },
  });
}
