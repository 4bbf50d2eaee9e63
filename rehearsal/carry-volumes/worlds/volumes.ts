/** Generated volumes and snapshots: what a member has, what earlier departures left, what somebody only says. */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import { BEGIN } from '../../worlds/case.ts';
import { chance, mostly, oddly, oddText, sometimes, tag, timeAt, zoneAt } from '../../worlds/pieces.ts';
import { SET } from './groups.ts';

const BEGIN_MS = Date.parse(BEGIN);
const DAY = 86_400;

/** A snapshot of a volume as it is drawn. */
interface Snapshot {
  readonly ago: number;
  readonly state: string;
  readonly label: 'exact' | 'warm' | 'none';
  readonly archived: boolean;
  readonly tagged: boolean;
  readonly supersededAgo: number | undefined;
}

const aSnapshot: fc.Arbitrary<Snapshot> = fc.record({
  ago: fc.integer({ min: 30, max: 3 * DAY }),
  state: mostly('completed', [10, 'pending'], [8, 'error']),
  label: mostly<Snapshot['label']>('exact', [30, 'warm'], [25, 'none']),
  archived: chance(8),
  tagged: chance(12).map((is) => !is),
  supersededAgo: sometimes(20, fc.integer({ min: 60, max: 3 * DAY })),
});

/** A volume as it is drawn: on a member, or on nobody. */
export interface Volume {
  readonly tagged: boolean;
  readonly device: string | undefined;
  readonly run: string | undefined;
  readonly supersededAgo: number | undefined;
  readonly zone: number;
  readonly type: string;
  readonly endsWithInstance: boolean;
  readonly mounted: boolean;
  readonly stuck: number;
  readonly busySeconds: number | undefined;
  readonly snapshotSeconds: number | undefined;
  readonly snapshotsFail: boolean;
  readonly display: string | undefined;
  readonly snapshots: readonly Snapshot[];
}

const aDevice = sometimes(
  75,
  oddly(5, '/dev/sdf', '/dev/sdf', '/dev/sdf', '/dev/sdg', '/dev/xvdf', '/dev/xvdg', '/dev/nvme1n1'),
);

export const aVolume: fc.Arbitrary<Volume> = fc.record({
  tagged: chance(10).map((is) => !is),
  device: aDevice,
  run: sometimes(40, mostly('carry-volumes/i-0b11', [25, 'carry-volumes/i-0gone'], [10, 'backup'])),
  supersededAgo: sometimes(8, fc.integer({ min: 60, max: 3 * DAY })),
  zone: fc.nat(2),
  type: mostly('gp3', [15, 'io2'], [8, 'standard']),
  endsWithInstance: chance(15),
  mounted: chance(12),
  stuck: mostly(0, [6, 1], [3, 2]),
  busySeconds: sometimes(6, fc.constantFrom(60, 600)),
  snapshotSeconds: sometimes(30, fc.constantFrom(1, 20, 400, 2_000)),
  snapshotsFail: chance(4),
  display: sometimes(20, oddText),
  snapshots: fc.array(aSnapshot, { maxLength: 2 }),
});

/** The same, on nobody: more often given away long ago. */
export const aLooseVolume: fc.Arbitrary<Volume> = fc
  .record({ volume: aVolume, ago: sometimes(60, fc.integer({ min: 60, max: 3 * DAY })) })
  .map(({ volume: one, ago }) => ({ ...one, supersededAgo: ago }));

function labels(set: string | undefined, name: string | undefined, run: string | undefined, ago: number | undefined) {
  return [
    ...tag(SET, set),
    ...tag('runbook:device', name),
    ...tag('runbook:run', run),
    ...tag('runbook:superseded-at', ago === undefined ? undefined : timeAt(BEGIN_MS, -ago)),
  ];
}

/** Where a volume is, and what it is called there. */
export interface Place {
  readonly volumeId: string;
  readonly set: string;
  /** Absent: on nobody, in the zone that is drawn. */
  readonly on?: { readonly instanceId: string; readonly zone: number; readonly device: string };
}

/** The record of a volume, as `describe-volumes` prints it, with how it behaves in this world. */
export function volumeRecord(one: Volume, { volumeId, set, on }: Place): Shape {
  const Tags = [
    ...tag('Name', one.display),
    ...labels(one.tagged ? set : undefined, one.device, one.run, one.supersededAgo),
  ];
  const attachment = { InstanceId: on?.instanceId, Device: on?.device, DeleteOnTermination: one.endsWithInstance };
  return {
    VolumeId: volumeId,
    AvailabilityZone: zoneAt(on?.zone ?? one.zone),
    Size: 8,
    VolumeType: one.type,
    ...(one.type === 'io2' ? { Iops: 1_000 } : {}),
    CreateTime: timeAt(BEGIN_MS, -10 * DAY),
    ...(on === undefined ? { State: 'available' } : { Attachments: [attachment] }),
    ...(one.mounted ? { Mounted: true } : {}),
    ...(one.stuck > 0 ? { StuckAttachments: one.stuck } : {}),
    ...(one.busySeconds === undefined ? {} : { BusySeconds: one.busySeconds }),
    ...(one.snapshotSeconds === undefined ? {} : { SnapshotSeconds: one.snapshotSeconds }),
    ...(one.snapshotsFail ? { SnapshotsFail: true } : {}),
    Tags,
  };
}

/** The root volume of a member, tagged by its launch template, and one that an earlier member left. */
export function rootRecords(set: string, instanceId: string, zone: number): readonly Shape[] {
  const root = {
    AvailabilityZone: zoneAt(zone),
    Size: 8,
    VolumeType: 'gp3',
    SnapshotId: 'snap-0image',
    CreateTime: timeAt(BEGIN_MS, -DAY),
  };
  const on = { InstanceId: instanceId, Device: '/dev/xvda', DeleteOnTermination: true };
  return [
    { ...root, VolumeId: `vol-0d${instanceId.slice(3)}`, Attachments: [on], Tags: tag(SET, set) },
    {
      ...root,
      VolumeId: `vol-0e${instanceId.slice(3)}`,
      State: 'available',
      Tags: [...tag(SET, set), ...tag('runbook:was-at', '/dev/xvda')],
    },
  ];
}

/** What a policy took of volumes that are in use, all at one moment. */
export function policyRecords(places: readonly Place[], ago: number): readonly Shape[] {
  return places.map(({ volumeId, set, on }) => ({
    SnapshotId: `snap-0f${volumeId.slice(4)}`,
    VolumeId: volumeId,
    VolumeSize: 8,
    State: 'completed',
    StartTime: timeAt(BEGIN_MS, -ago),
    Tags: labels(set, on?.device, undefined, undefined),
  }));
}

const LABELS = { exact: '/final', warm: '/warm', none: undefined } as const;

/** The records of a volume's snapshots. */
export function snapshotRecords(one: Volume, { volumeId, set }: Place): readonly Shape[] {
  return one.snapshots.map((each, index) => {
    const suffix = LABELS[each.label];
    const run = suffix === undefined ? undefined : `carry-volumes/i-0gone${suffix}`;
    return {
      SnapshotId: `snap-${volumeId.slice(4)}${index + 1}`,
      VolumeId: volumeId,
      VolumeSize: 8,
      State: each.state,
      ...(each.state === 'pending' ? { Progress: '40%' } : {}),
      ...(each.archived ? { StorageTier: 'archive' } : {}),
      StartTime: timeAt(BEGIN_MS, -each.ago),
      Tags: labels(each.tagged ? set : undefined, one.device ?? '/dev/sdf', run, each.supersededAgo),
    };
  });
}
