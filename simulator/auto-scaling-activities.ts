/** Scaling activities, and the events that tell of their end. */

import { type Activity, type Group, type Member, activitiesOf, membershipOf } from './auto-scaling-state.ts';
import { isRecord } from './json.ts';
import type { World } from './model.ts';
import { uuid } from './uuid.ts';

/** Where the detail of the four events is documented. */
export const EVENT_REFERENCE = 'https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html';

export type Kind = 'Launch' | 'Terminate';

const VERB: { readonly [K in Kind]: string } = { Launch: 'Launching a new', Terminate: 'Terminating' };

/** Activities of launching, newest last. */
export function launches(world: World, group: Group): Activity[] {
  return activitiesOf(world).filter(
    (each) => each.AutoScalingGroupName === group.AutoScalingGroupName && each.Description.startsWith(VERB.Launch),
  );
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
  readonly kind: Kind;
  readonly zone: string;
  readonly subnetId: string | undefined;
  readonly cause: string;
  /** Absent: the launch was refused before there was an instance. */
  readonly member?: Member;
}

/** Opens an activity; it becomes the member's. */
export function openActivity(world: World, group: Group, wanted: NewActivity): Activity {
  const subject = wanted.member === undefined ? 'EC2 instance' : `EC2 instance: ${wanted.member.InstanceId}`;
  const activity: Activity = {
    ActivityId: uuid(world),
    AutoScalingGroupName: group.AutoScalingGroupName,
    AutoScalingGroupARN: group.AutoScalingGroupARN,
    Description: `${VERB[wanted.kind]} ${subject}`,
    // Unlike the times of the activity itself, the one in this text has whole seconds.
    Cause: `At ${world.clock.iso().slice(0, 19)}Z ${wanted.cause}.`,
    StartTime: world.clock.iso(),
    StatusCode: 'InProgress',
    // Seen in answers of TerminateInstanceInAutoScalingGroup: gist.github.com/watchamcb/cf6e8e4a03f204fe9fe4.
    Progress: wanted.kind === 'Terminate' ? 0 : 50,
    Details: JSON.stringify({ ...(wanted.subnetId === undefined ? {} : { 'Subnet ID': wanted.subnetId }), 'Availability Zone': wanted.zone }),
  };
  activitiesOf(world).push(activity);
  if (wanted.member !== undefined) membershipOf(world, group, wanted.member).ActivityId = activity.ActivityId;
  return activity;
}

/** The activity in progress for a member. */
export function activityOf(world: World, group: Group, member: Member): Activity | undefined {
  const { ActivityId: id } = membershipOf(world, group, member);
  return activitiesOf(world).find((each) => each.ActivityId === id);
}

export interface Ending {
  readonly kind: Kind;
  readonly status: 'Successful' | 'Failed' | 'Cancelled';
  readonly message: string;
  readonly instanceId: string;
}

/** Ends an activity and publishes `EC2 Instance Launch|Terminate Successful|Unsuccessful`. */
export function closeActivity(world: World, group: Group, activity: Activity, ending: Ending): void {
  activity.EndTime = world.clock.iso();
  activity.StatusCode = ending.status;
  activity.Progress = 100;
  if (ending.message !== '') activity.StatusMessage = ending.message;
  const successful = ending.status === 'Successful';
  world.emit({
    source: 'aws.autoscaling',
    detailType: `EC2 Instance ${ending.kind} ${successful ? 'Successful' : 'Unsuccessful'}`,
    resources: [group.AutoScalingGroupARN, ...(ending.instanceId === '' ? [] : [`arn:aws:ec2:${world.region}:${world.account}:instance/${ending.instanceId}`])],
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
      Origin: ending.kind === 'Launch' ? 'EC2' : 'AutoScalingGroup',
      Destination: ending.kind === 'Launch' ? 'AutoScalingGroup' : 'EC2',
    },
  });
}
