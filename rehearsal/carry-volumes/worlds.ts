/**
 * Worlds for `carry-volumes` that nobody wrote: one or two groups, mostly of one member, with up to three volumes each; volumes
 * and snapshots that earlier departures left, or that only say so; and troubles that come together.
 */

import * as fc from 'fast-check';
import type { Shape } from '../../simulator/engine/model.ts';
import type { Part } from '../worlds/case.ts';
import { chance, happenings, sometimes, SUBNETS, zoneAt, TOWARDS_THE_FIRST } from '../worlds/pieces.ts';
import {
  allMembers,
  aGroup,
  groupRecord,
  hookRecords,
  instanceRecord,
  SET,
  SETS,
  statusRecords,
} from './worlds/groups.ts';
import { anAsking, arrivalOf, setOf, troubles } from './worlds/troubles.ts';
import {
  aLooseVolume,
  aVolume,
  policyRecords,
  rootRecords,
  snapshotRecords,
  volumeRecord,
  type Place,
  type Volume,
} from './worlds/volumes.ts';

/** Ten minutes of trouble, and two ticks and a carry after it. */
const MINUTES = 25;
/** The longest ago that a daily policy took its last set. */
const DAY = 86_400;
/** Device names that volumes of one instance get, in order. */
const DEVICES = ['/dev/sdf', '/dev/sdg', '/dev/sdh'] as const;

const drawn = fc.record({
  groups: fc.oneof(
    TOWARDS_THE_FIRST,
    { weight: 3, arbitrary: fc.array(aGroup, { minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.array(aGroup, { minLength: 2, maxLength: 2 }) },
  ),
  attached: fc.array(fc.record({ who: fc.nat(3), volume: aVolume }), { maxLength: 3 }),
  first: aVolume,
  loose: fc.array(fc.record({ set: fc.constantFrom(...SETS), volume: aLooseVolume }), { maxLength: 2 }),
  policyAgo: sometimes(45, fc.integer({ min: 60, max: DAY })),
  lost: chance(35),
  scarce: sometimes(10, fc.record({ zone: fc.nat(2), left: fc.nat(1) })),
  troubles,
  askings: fc.array(anAsking, { maxLength: 2 }),
});

type Drawn = typeof drawn extends fc.Arbitrary<infer D> ? D : never;
type Placed = { readonly one: Volume; readonly place: Place };

/** The volumes of the members: at least one on the first. */
function attachedVolumes({ groups, first, attached }: Drawn): readonly Placed[] {
  const members = allMembers(groups);
  const counts = new Map<string, number>();
  return [{ who: 0, volume: first }, ...attached].flatMap(({ who, volume: one }, index) => {
    const member = members[who % Math.max(1, members.length)];
    const at = counts.get(member?.id ?? '') ?? 0;
    const device = DEVICES[at];
    if (member === undefined || device === undefined) return [];
    counts.set(member.id, at + 1);
    const on = { instanceId: member.id, zone: member.member.zone, device };
    return [{ one, place: { volumeId: `vol-0b${index + 1}`, set: member.set, on } }];
  });
}

function looseVolumes({ loose: all }: Drawn): readonly Placed[] {
  return all.map(({ set, volume: one }, index) => ({ one, place: { volumeId: `vol-0c${index + 1}`, set } }));
}

/** What is attached and what not, and the snapshots; where one is lost, a policy's snapshot of it is what is left. */
function storageOf(given: Drawn): { readonly volumes: readonly Placed[]; readonly snapshots: readonly Shape[] } {
  const attached = attachedVolumes(given);
  const isLost = given.lost && given.policyAgo !== undefined && attached.length > 1;
  const volumes = [...attached.slice(0, isLost ? -1 : undefined), ...looseVolumes(given)];
  const own = volumes.flatMap(({ one, place }) => snapshotRecords(one, place));
  const places = attached.map(({ place }) => place);
  return {
    volumes,
    snapshots: given.policyAgo === undefined ? own : [...own, ...policyRecords(places, given.policyAgo)],
  };
}

function rootsOf(groups: Drawn['groups']): readonly Shape[] {
  return allMembers(groups).flatMap(({ id, group, set, member }) =>
    groups[group]?.rootsTagged === true ? rootRecords(set, id, member.zone) : [],
  );
}

function partOf(given: Drawn): Part {
  const { groups, scarce, askings } = given;
  const { volumes, snapshots } = storageOf(given);
  const account = {
    groups,
    volumeIds: volumes.map(({ place: { volumeId } }) => volumeId),
    snapshotIds: snapshots.map(({ SnapshotId: id }) => String(id)),
  };
  const members = allMembers(groups);
  return {
    sections: {
      ec2: {
        Subnets: SUBNETS,
        Instances: members.map(({ id, group: of, set, member }) => instanceRecord(id, of, set, member)),
        InstanceStatuses: members.flatMap(({ id, member }) => statusRecords(id, member)),
        Volumes: [...volumes.map(({ one, place }) => volumeRecord(one, place)), ...rootsOf(groups)],
        Snapshots: snapshots,
      },
      'auto-scaling': {
        AutoScalingGroups: groups.map(groupRecord),
        LifecycleHooks: groups.flatMap(hookRecords),
      },
    },
    probes: {},
    capacity:
      scarce === undefined
        ? []
        : [{ InstanceType: 't4g.small', AvailabilityZone: zoneAt(scarce.zone), Available: scarce.left }],
    remembered: [],
    script: happenings(given.troubles, (one) => setOf(one, account)),
    arrivals: askings.map((one) => arrivalOf(one, account)),
    optIn: [{ Key: SET, Value: SETS[0] }],
    minutes: MINUTES,
  };
}

/** Parts of worlds with sets of volumes. */
export const WORLDS: fc.Arbitrary<Part> = drawn.map(partOf);
