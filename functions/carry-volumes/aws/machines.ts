/** EC2's description of the instances around a set, converted once into what carrying needs of them. */

import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { Instance } from '@aws-sdk/client-ec2';
import { membershipOf, need, stateOf } from '../../../shared/aws/ec2/reading.ts';
import type { Machine } from '../decide.ts';
import { membersOf, setOf } from './groups.ts';
import { isOfSet } from './of-set.ts';
import { readEach } from './records.ts';
import { holdersOf, type Round } from './round.ts';

/** `User initiated (2026-11-22 08:00:00 GMT)`: the time of the request. */
function stopAskedAt({ StateTransitionReason }: Instance): string | null {
  const [, day, time] = /\((\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) GMT\)/u.exec(StateTransitionReason ?? '') ?? [];
  return day === undefined || time === undefined ? null : `${day}T${time}.000Z`;
}

/** As the group of the set sees it of which it is a member. */
function membershipIn(groups: readonly AutoScalingGroup[], id: string): Machine['membership'] {
  for (const group of groups) {
    const member = membersOf(group).find(({ InstanceId }) => InstanceId === id);
    if (member !== undefined) return membershipOf(group, member);
  }
  return null;
}

function machineOf(instance: Instance, { group, sharers, zones }: Round): Machine {
  const id = need(instance.InstanceId, 'Instances[].InstanceId');
  const zone = need(instance.Placement?.AvailabilityZone, `${id}.Placement.AvailabilityZone`);
  return {
    id,
    state: stateOf(instance),
    launchedAt: instance.LaunchTime?.toISOString() ?? null,
    zone,
    zoneState: zones.find(({ ZoneName }) => ZoneName === zone)?.State ?? 'unknown',
    outpost: instance.OutpostArn ?? null,
    membership: membershipIn([group, ...sharers], id),
    optedIn: isOfSet(instance, setOf(group)),
    stopAskedAt: stopAskedAt(instance),
    stoppable: instance.RootDeviceType === 'ebs' && instance.InstanceLifecycle !== 'spot',
    devices: (instance.BlockDeviceMappings ?? []).map(({ DeviceName, Ebs }) => ({
      name: DeviceName ?? '',
      volumeId: Ebs?.VolumeId ?? '',
      root: DeviceName === instance.RootDeviceName,
    })),
  };
}

/** What EC2 does not know any more. */
function absentMachine(id: string): Machine {
  return {
    id,
    state: 'absent',
    launchedAt: null,
    zone: '',
    zoneState: 'unknown',
    outpost: null,
    membership: null,
    optedIn: true,
    stopAskedAt: null,
    stoppable: false,
    devices: [],
  };
}

/**
 * The instances that were asked for. Asked for exactly these: whoever is not in the answer is gone. One that cannot be read is
 * left out unless the run is about it, or it has a volume of the set: then this throws.
 */
export function readMachines(
  round: Round,
  instanceId: string | null,
): { readonly machines: readonly Machine[]; readonly leftOut: readonly string[] } {
  const needed = new Set([...(instanceId === null ? [] : [instanceId]), ...holdersOf(round.volumes)]);
  const isNeeded = ({ InstanceId }: Instance): boolean => needed.has(InstanceId ?? '');
  const found = round.instances.filter(isNeeded).map((instance) => machineOf(instance, round));
  const others = readEach(
    round.instances.filter((instance) => !isNeeded(instance)),
    (instance) => machineOf(instance, round),
  );
  const gone = [...needed].filter((id) => !found.some((machine) => machine.id === id));
  return { machines: [...found, ...others.read, ...gone.map(absentMachine)], leftOut: others.leftOut };
}
