/** Generated groups that carry sets of volumes: one member mostly, hooks and policies as people set them, rightly or not. */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import { BEGIN } from '../../worlds/case.ts';
import {
  TOWARDS_THE_FIRST,
  chance,
  mostly,
  oddly,
  oddText,
  sometimes,
  subnetOf,
  tag,
  timeAt,
  zoneAt,
  ZONES,
} from '../../worlds/pieces.ts';

const BEGIN_MS = Date.parse(BEGIN);

/** The key by which volumes, snapshots, groups and instances are of a set. */
export const SET = 'runbook:volumes';
/** Names of sets; most worlds have a set for each group, some have one that two groups claim. */
export const SETS = ['db', 'cache'] as const;

/** A member as it is drawn. */
export interface Member {
  readonly zone: number;
  readonly state: string;
  readonly system: string;
  readonly tagged: boolean;
  readonly display: string | undefined;
  readonly bare: boolean;
  readonly stopProtected: boolean;
}

const aMember: fc.Arbitrary<Member> = fc.record({
  zone: fc.nat(2),
  state: mostly('running', [4, 'stopped'], [2, 'stopping'], [2, 'shutting-down']),
  system: mostly('ok', [4, 'impaired']),
  tagged: chance(5).map((is) => !is),
  display: sometimes(20, oddText),
  bare: chance(40),
  stopProtected: chance(4),
});

interface Hook {
  readonly seconds: number;
  readonly result: string;
  readonly ours: boolean;
}

const aHook: fc.Arbitrary<Hook> = fc.record({
  seconds: mostly(900, [15, 1_800], [3, 300]),
  result: mostly('ABANDON', [4, 'CONTINUE']),
  ours: chance(3).map((is) => !is),
});

/** A group as it is drawn. */
export interface Group {
  readonly set: string | undefined;
  readonly members: readonly Member[];
  /** Members wanted beyond those that are there. */
  readonly more: number;
  /** Room for one more than it wants. */
  readonly spare: boolean;
  readonly zones: number;
  readonly launch: Hook | undefined;
  readonly terminate: Hook | undefined;
  readonly launchFirst: boolean;
  readonly retains: boolean;
  readonly maxWait: string | undefined;
  readonly oldest: string | undefined;
  readonly keep: string | undefined;
  readonly beginEmpty: string | undefined;
  readonly freeze: string | undefined;
  /** Its launch template tags every volume. */
  readonly rootsTagged: boolean;
}

const someMembers: fc.Arbitrary<readonly Member[]> = fc.oneof(
  TOWARDS_THE_FIRST,
  { weight: 8, arbitrary: fc.array(aMember, { minLength: 1, maxLength: 1 }) },
  { weight: 1, arbitrary: fc.array(aMember, { minLength: 2, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.constant([]) },
);

export const aGroup: fc.Arbitrary<Group> = fc.record({
  set: mostly<string | undefined>(SETS[0], [25, SETS[1]], [3, '*'], [3, 'd?'], [2, ''], [2, '$(id)']),
  members: someMembers,
  more: mostly(0, [5, 1]),
  spare: chance(10),
  zones: mostly(1, [35, 2], [15, 3]),
  launch: sometimes(96, aHook),
  terminate: sometimes(95, aHook),
  launchFirst: chance(18),
  retains: chance(4).map((is) => !is),
  maxWait: sometimes(45, oddly(6, '120', '300', '600')),
  oldest: sometimes(25, oddly(6, '60', '3600', '100000')),
  keep: sometimes(15, oddly(10, '0', '1')),
  beginEmpty: sometimes(10, oddly(30, 'once')),
  freeze: sometimes(8, oddly(30, 'freeze-file-systems')),
  rootsTagged: chance(12),
});

/** The name of the second ends with that of the first. */
export function groupNameOf(index: number): string {
  return index === 1 ? 'prod/db-1' : `db-${index + 1}`;
}

function instanceIdOf(group: number, place: number): string {
  return `i-0b${group + 1}${place + 1}`;
}

/** Every member with where it belongs. */
export function allMembers(
  groups: readonly Group[],
): readonly { readonly id: string; readonly group: number; readonly set: string; readonly member: Member }[] {
  return groups.flatMap(({ members: own, set = '' }, group) =>
    own.map((one, place) => ({ id: instanceIdOf(group, place), group, set, member: one })),
  );
}

/** The record of a member's instance. */
export function instanceRecord(id: string, group: number, set: string | undefined, one: Member): Shape {
  const Tags = [
    ...tag('Name', one.display),
    ...tag(SET, one.tagged ? set : undefined),
    ...tag('aws:autoscaling:groupName', groupNameOf(group)),
  ];
  return {
    InstanceId: id,
    State: { Name: one.state },
    Placement: { AvailabilityZone: zoneAt(one.zone) },
    SubnetId: subnetOf(zoneAt(one.zone)),
    ...(one.bare ? {} : { InstanceType: 't4g.small', ImageId: 'ami-0b', LaunchTime: timeAt(BEGIN_MS, -86_400) }),
    ...(one.stopProtected ? { DisableApiStop: true } : {}),
    Tags,
  };
}

/** The status checks of a member that is not well. */
export function statusRecords(id: string, { state, system }: Member): readonly Shape[] {
  if (state !== 'running' || system === 'ok') return [];
  return [{ InstanceId: id, SystemStatus: { Status: system } }];
}

function settingsOf(one: Group): readonly Shape[] {
  return [
    ...tag(SET, one.set),
    ...tag('runbook:max-wait-seconds', one.maxWait),
    ...tag('runbook:oldest-acceptable-seconds', one.oldest),
    ...tag('runbook:keep-snapshots', one.keep),
    ...tag('runbook:volumes-may-begin-empty', one.beginEmpty),
    ...tag('runbook:freeze', one.freeze),
  ];
}

/** The record of a group, as `describe-auto-scaling-groups` prints it. */
export function groupRecord(one: Group, index: number): Shape {
  const own = one.members.map(({ zone }) => zoneAt(zone));
  const zones = [...new Set([...own, ...ZONES.slice(0, one.zones)])];
  const desired = Math.max(1, one.members.length + one.more);
  const retention = { RetentionTriggers: { TerminateHookAbandon: 'retain' } };
  return {
    AutoScalingGroupName: groupNameOf(index),
    MinSize: 0,
    MaxSize: desired + (one.spare || one.launchFirst ? 1 : 0),
    DesiredCapacity: desired,
    AvailabilityZones: zones,
    VPCZoneIdentifier: zones.map(subnetOf).join(','),
    HealthCheckType: 'EC2',
    HealthCheckGracePeriod: 0,
    Instances: one.members.map((_, place) => ({
      InstanceId: instanceIdOf(index, place),
      LifecycleState: 'InService',
    })),
    ...(one.launchFirst ? { InstanceMaintenancePolicy: { MinHealthyPercentage: 100, MaxHealthyPercentage: 200 } } : {}),
    ...(one.retains ? { InstanceLifecyclePolicy: retention } : {}),
    Tags: settingsOf(one).map((each) => ({ ...each, PropagateAtLaunch: true })),
  };
}

function hookRecord(index: number, transition: string, { seconds, result, ours }: Hook): Shape {
  return {
    AutoScalingGroupName: groupNameOf(index),
    LifecycleHookName: `volumes-${transition.toLowerCase()}`,
    LifecycleTransition: `autoscaling:EC2_INSTANCE_${transition}`,
    HeartbeatTimeout: seconds,
    DefaultResult: result,
    ...(ours ? { NotificationMetadata: 'carry-volumes' } : { NotificationMetadata: 'reassign-elastic-ip' }),
  };
}

/** The records of a group's hooks. */
export function hookRecords({ launch, terminate }: Group, index: number): readonly Shape[] {
  return [
    ...(launch === undefined ? [] : [hookRecord(index, 'LAUNCHING', launch)]),
    ...(terminate === undefined ? [] : [hookRecord(index, 'TERMINATING', terminate)]),
  ];
}
