/** Generated Auto Scaling groups whose members may hold addresses, with hooks that are ours, another's, or nobody's. */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import { chance, mostly, sometimes, subnetOf, tag, ZONES, zoneAt } from '../../worlds/pieces.ts';
import { instanceIdOf, isGone, NAMES, type Machine } from './machines.ts';

interface Hook {
  readonly name: string;
  readonly metadata: string | undefined;
  readonly seconds: number;
  readonly result: string;
}

/** A group as it is drawn. */
export interface Group {
  readonly name: string | undefined;
  readonly fenced: string | undefined;
  readonly zones: number;
  /** Members wanted beyond those that are there. */
  readonly more: number;
  readonly launch: Hook | undefined;
  readonly terminate: Hook | undefined;
  readonly launchFirst: boolean;
  readonly suspended: boolean;
}

const aHook: fc.Arbitrary<Hook> = fc.record({
  name: mostly('hand-over', [20, 'reassign-elastic-ip'], [15, 'carry-volumes'], [10, 'drain']),
  metadata: mostly<string | undefined>(undefined, [20, 'reassign-elastic-ip'], [8, '{"for":"somebody"}']),
  seconds: fc.constantFrom(180, 300, 900),
  result: mostly('ABANDON', [40, 'CONTINUE']),
});

export const aGroup: fc.Arbitrary<Group> = fc.record({
  name: mostly<string | undefined>(NAMES[0], [25, NAMES[1]], [8, undefined]),
  fenced: sometimes(30, mostly('replace', [15, 'yes'])),
  zones: mostly(3, [20, 2], [20, 1]),
  more: mostly(0, [12, 1], [6, -1]),
  launch: sometimes(35, aHook),
  terminate: sometimes(40, aHook),
  launchFirst: chance(20),
  suspended: chance(6),
});

export function groupNameOf(index: number): string {
  return `web-${index + 1}`;
}

/** States that a member of a group may be shown in at the beginning. */
const MAY_SERVE: ReadonlySet<string> = new Set(['running', 'stopping', 'stopped', 'shutting-down']);

/** Indexes of the instances that are members of a group. */
export function membersOf(machines: readonly Machine[], index: number): readonly number[] {
  return machines.flatMap((one, at) =>
    one.group === index + 1 && !isGone(one) && MAY_SERVE.has(one.state) ? [at] : [],
  );
}

/** The record of a group, as `describe-auto-scaling-groups` prints it. */
export function groupRecord(one: Group, index: number, machines: readonly Machine[]): Shape {
  const members = membersOf(machines, index);
  const own = members.map((at) => zoneAt(machines[at]?.zone ?? 0));
  const zones = [...new Set([...own, ...ZONES.slice(0, one.zones)])];
  const desired = Math.max(0, members.length + one.more);
  return {
    AutoScalingGroupName: groupNameOf(index),
    MinSize: 0,
    MaxSize: desired + 2,
    DesiredCapacity: desired,
    AvailabilityZones: zones,
    VPCZoneIdentifier: zones.map(subnetOf).join(','),
    HealthCheckType: 'EC2',
    HealthCheckGracePeriod: 0,
    Instances: members.map((at) => ({ InstanceId: instanceIdOf(at), LifecycleState: 'InService' })),
    ...(one.launchFirst ? { InstanceMaintenancePolicy: { MinHealthyPercentage: 100, MaxHealthyPercentage: 200 } } : {}),
    ...(one.suspended ? { SuspendedProcesses: [{ ProcessName: 'Launch', SuspensionReason: 'by hand' }] } : {}),
    Tags: [...tag('runbook:vip', one.name), ...tag('runbook:fence-asg', one.fenced)].map((each) => ({
      ...each,
      PropagateAtLaunch: true,
    })),
  };
}

function hookRecord(index: number, transition: string, { name, metadata, seconds, result }: Hook): Shape {
  return {
    AutoScalingGroupName: groupNameOf(index),
    LifecycleHookName: `${name}-${transition.toLowerCase()}`,
    LifecycleTransition: `autoscaling:EC2_INSTANCE_${transition}`,
    HeartbeatTimeout: seconds,
    DefaultResult: result,
    ...(metadata === undefined ? {} : { NotificationMetadata: metadata }),
  };
}

/** The records of a group's hooks. */
export function hookRecords({ launch, terminate }: Group, index: number): readonly Shape[] {
  return [
    ...(launch === undefined ? [] : [hookRecord(index, 'LAUNCHING', launch)]),
    ...(terminate === undefined ? [] : [hookRecord(index, 'TERMINATING', terminate)]),
  ];
}
