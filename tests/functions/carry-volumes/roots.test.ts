/** Root volumes that carry the set's tag, as a launch template gives it to every volume: they belong to no set. */

import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { Snapshot, Volume } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { withoutRoots } from '../../../functions/carry-volumes/aws/roots.ts';
import type { Round } from '../../../functions/carry-volumes/aws/round.ts';
import { hasWholeSet } from '../../../shared/aws/ec2/volume-sets.ts';
import { judge } from './plan-words.ts';
import { groupFactsOf } from './volume-facts.ts';

const GROUP: AutoScalingGroup = {
  AutoScalingGroupName: 'db',
  MinSize: 1,
  MaxSize: 1,
  DesiredCapacity: 1,
  DefaultCooldown: 300,
  AvailabilityZones: [],
  HealthCheckType: 'EC2',
  CreatedTime: new Date(0),
};

function tags(more: { readonly [key: string]: string } = {}): { Key: string; Value: string }[] {
  return Object.entries({ 'runbook:volumes': 'db', ...more }).map(([Key, Value]) => ({ Key, Value }));
}

function on(VolumeId: string, Device: string, change: Partial<Volume> = {}): Volume {
  return {
    VolumeId,
    State: 'in-use',
    Attachments: [{ InstanceId: 'i-1', Device, State: 'attached' }],
    Tags: tags(),
    ...change,
  };
}

function free(VolumeId: string, change: Partial<Volume> = {}): Volume {
  return { VolumeId, State: 'available', Attachments: [], Tags: tags(), ...change };
}

function left(volumes: readonly Volume[], RootDeviceName?: string, snapshots: readonly Snapshot[] = []) {
  const instance = { InstanceId: 'i-1', ...(RootDeviceName === undefined ? {} : { RootDeviceName }) };
  const round: Round = {
    group: GROUP,
    sharers: [],
    zones: [],
    volumes,
    snapshots,
    activities: [],
    hooks: [],
    instances: [instance],
    isPooled: false,
  };
  const found = withoutRoots(round);
  return {
    volumes: found.round.volumes.map(({ VolumeId }) => VolumeId),
    snapshots: found.round.snapshots.map(({ SnapshotId }) => SnapshotId),
    roots: found.roots.map(({ said }) => said),
    living: found.roots.filter(({ lives }) => lives).map(({ id }) => id),
  };
}

describe('a root volume', () => {
  it.each([
    ['/dev/xvda', '/dev/xvda'],
    ['/dev/sda1', '/dev/sda1'],
    ['/dev/sdb', '/dev/sdb'],
    ['/dev/xvda', undefined],
    ['/dev/sda1', undefined],
  ])('at %s, where the root of its instance is at %s, is left out and named', (device, root) => {
    expect(left([on('vol-root', device), on('vol-1', '/dev/sdf')], root)).toMatchObject({
      volumes: ['vol-1'],
      snapshots: [],
      roots: ['vol-root is the root of i-1, and is not carried'],
    });
  });

  it('is that whatever device its tag says', () => {
    const root = on('vol-root', '/dev/xvda', { Tags: tags({ 'runbook:device': '/dev/sdf' }) });
    expect(left([root, on('vol-1', '/dev/sdf')], '/dev/xvda').volumes).toEqual(['vol-1']);
  });

  it('that is on nobody is told by where it was, or by the image it was made of', () => {
    const root = on('vol-root', '/dev/xvda', { SnapshotId: 'snap-ami' });
    const old = [
      free('vol-0', { Tags: tags({ 'runbook:was-at': '/dev/xvda' }) }),
      free('vol-2', { SnapshotId: 'snap-ami', Tags: tags({ 'runbook:device': '/dev/sdf' }) }),
    ];
    expect(left([root, ...old, on('vol-1', '/dev/sdf')], '/dev/xvda')).toMatchObject({
      volumes: ['vol-1'],
      roots: [
        'vol-root is the root of i-1, and is not carried',
        'vol-0 was the root of an instance, and is not carried',
        'vol-2 was the root of an instance, and is not carried',
      ],
    });
  });

  it('that outlives its instance is to be marked while it shows', () => {
    const kept = { InstanceId: 'i-1', Device: '/dev/xvda', State: 'attached', DeleteOnTermination: false } as const;
    const volumes = [
      on('vol-root', '/dev/xvda', { SnapshotId: 'snap-ami' }),
      on('vol-kept', '/dev/xvda', { Attachments: [kept] }),
      free('vol-2', { SnapshotId: 'snap-ami', Tags: tags({ 'runbook:device': '/dev/sdf' }) }),
      free('vol-0', { Tags: tags({ 'runbook:device': '/dev/sdf', 'runbook:was-at': '/dev/xvda' }) }),
    ];
    expect(left(volumes, '/dev/xvda')).toMatchObject({ volumes: [], living: ['vol-kept', 'vol-2'] });

    const roots = [{ id: 'vol-2', said: 'vol-2 was the root of an instance, and is not carried', lives: true }];
    const decision = judge(groupFactsOf({ roots }));
    expect(decision).toMatchObject({
      code: 'tended',
      plan: [{ input: { Resources: ['vol-2'], Tags: [{ Key: 'runbook:was-at', Value: '/dev/xvda' }] } }],
    });
  });

  it('has snapshots that are none of the set', () => {
    const snapshots: Snapshot[] = [
      { SnapshotId: 'snap-1', VolumeId: 'vol-1', Tags: tags() },
      { SnapshotId: 'snap-2', VolumeId: 'vol-root', Tags: tags() },
      { SnapshotId: 'snap-3', VolumeId: 'vol-gone', Tags: tags({ 'runbook:was-at': '/dev/xvda' }) },
    ];
    const volumes = [on('vol-root', '/dev/xvda'), on('vol-1', '/dev/sdf')];
    expect(left(volumes, '/dev/xvda', snapshots).snapshots).toEqual(['snap-1']);
  });

  it('is none where data of the set only looks like one', () => {
    const volumes = [
      on('vol-1', '/dev/sdf', { SnapshotId: '' }),
      free('vol-2', { SnapshotId: '', Tags: tags({ 'runbook:device': '/dev/sdg' }) }),
      free('vol-3', { SnapshotId: 'snap-final', Tags: tags({ 'runbook:device': '/dev/sdh' }) }),
    ];
    expect(left(volumes, '/dev/xvda')).toMatchObject({ volumes: ['vol-1', 'vol-2', 'vol-3'], roots: [] });
  });

  it('keeps no set from being whole', () => {
    const volumes = [
      on('vol-1', '/dev/sdf', { Tags: tags({ 'runbook:device': '/dev/sdf' }) }),
      free('vol-0', { Tags: tags({ 'runbook:was-at': '/dev/xvda' }) }),
      on('vol-root', '/dev/sda1', { Attachments: [{ InstanceId: 'i-0', Device: '/dev/sda1', State: 'attached' }] }),
    ];
    expect(hasWholeSet('i-1', 'db', volumes)).toBe(true);
    expect(hasWholeSet('i-1', 'db', [on('vol-root', '/dev/xvda')])).toBe(false);
  });

  it('is told of by the preflight, with what to do', () => {
    const roots = [{ id: 'vol-root', said: 'vol-root is the root of i-old, and is not carried', lives: false }];
    expect(judge(groupFactsOf({ roots }))).toMatchObject({
      kind: 'refuse',
      code: 'preflight',
      because:
        'vol-root is the root of i-old, and is not carried: take runbook:volumes off it, and let the launch template tag the data volumes alone',
      evidence: { roots: ['vol-root is the root of i-old, and is not carried'] },
    });
  });
});
