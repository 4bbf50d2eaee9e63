/** The planned calls word by word, and what a carry cost. */

import { describe, expect, it } from 'vitest';
import { arrivalAccount, fallbackAccount, warmSetOf } from '../../../functions/carry-volumes/decide/account.ts';
import {
  attaching,
  copyFrom,
  detaching,
  finalSnapshot,
  keepingVolumes,
  labelling,
  namesFor,
  noting,
  readDescription,
  saysFrozen,
  stopping,
  superseding,
  warmSet,
} from '../../../functions/carry-volumes/decide/calls.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { activity, ago, attachment, exact, loose, NOW, snapshot, volume } from './volume-facts.ts';

const tag = (Key: string, Value: string): JsonObject => ({ Key, Value });

describe('tags', () => {
  it('say who has the volumes, on those that do not say so yet, 200 in a request', () => {
    const many = Array.from({ length: 401 }, (_, index) => volume({ id: `vol-${index}` }));
    const plan = labelling([...many, volume({ id: 'vol-x', run: 'carry-volumes/i-new' })], 'i-new');
    expect(plan.map(({ input }) => Array.isArray(input['Resources']) && input['Resources'].length)).toEqual([
      200, 200, 1,
    ]);
    expect(plan[1]).toMatchObject({
      call: 'ec2:CreateTags',
      input: { Tags: [tag('runbook:run', 'carry-volumes/i-new')] },
      because: 'says that i-new has them, before it can write on them',
    });
    expect(plan[1]?.input['Resources']).toContain('vol-200');
    expect(labelling([], 'i-new')).toEqual([]);
  });
  it('say where volumes were that no tag places', () => {
    const unplaced = volume({ deviceNoted: false });
    expect(noting([unplaced, volume(), volume({ deviceNoted: false, device: null })])).toEqual([
      {
        call: 'ec2:CreateTags',
        input: { Resources: ['vol-1'], Tags: [tag('runbook:was-at', '/dev/sdf')] },
        because: 'says where vol-1 was, when that does not show any more',
      },
    ]);
  });
  it('say since when something else has taken the place', () => {
    expect(superseding(['vol-1', 'snap-1'], NOW, 'vol-2 is there')).toEqual([
      {
        call: 'ec2:CreateTags',
        input: { Resources: ['vol-1', 'snap-1'], Tags: [tag('runbook:superseded-at', NOW)] },
        because: 'vol-2 is there',
      },
    ]);
  });
});

describe('the calls on volumes', () => {
  const doomed = (id: string, on: string) =>
    volume({ id, attachments: [attachment(on, { deleteOnTermination: true })] });

  it('let those that would go with their instance outlive it, and ask nothing of others', () => {
    expect(
      keepingVolumes([doomed('vol-1', 'i-old'), doomed('vol-2', 'i-new'), volume({ id: 'vol-3' })], 'i-old'),
    ).toEqual([
      {
        call: 'ec2:ModifyInstanceAttribute',
        input: {
          InstanceId: 'i-old',
          BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { DeleteOnTermination: false, VolumeId: 'vol-1' } }],
        },
        because: 'the data outlives the instance',
      },
    ]);
    expect(keepingVolumes([volume()], 'i-old')).toEqual([]);
  });
  it('attach, detach and stop', () => {
    expect(attaching('vol-1', 'i-new', '/dev/sdf')).toEqual({
      call: 'ec2:AttachVolume',
      input: { Device: '/dev/sdf', InstanceId: 'i-new', VolumeId: 'vol-1' },
      because: 'vol-1 belongs on i-new',
    });
    expect(detaching('vol-1', 'i-old', 'x').input).toEqual({ InstanceId: 'i-old', VolumeId: 'vol-1' });
    expect(detaching('vol-1', 'i-old', 'x', true)).toEqual({
      call: 'ec2:DetachVolume',
      input: { InstanceId: 'i-old', VolumeId: 'vol-1', Force: true },
      because: 'x',
    });
    expect(stopping('i-old', 'gentle', 'x')).toEqual({
      call: 'ec2:StopInstances',
      input: { InstanceIds: ['i-old'] },
      because: 'x',
      undo: { call: 'ec2:StartInstances', input: { InstanceIds: ['i-old'] } },
      optional: true,
    });
    expect(stopping('i-old', 'forced', 'x').input).toEqual({ InstanceIds: ['i-old'], Force: true });
    expect(stopping('i-old', 'hard', 'x').input).toEqual({ InstanceIds: ['i-old'], Force: true, SkipOsShutdown: true });
  });
  it('attach under its own name where that is free, else under the next that none of them wants', () => {
    const names = (devices: readonly (string | null)[], ...taken: readonly string[]) => [
      ...namesFor(
        devices.map((device, index) => volume({ id: `vol-${index}`, device })),
        taken,
      ).values(),
    ];
    expect(names(['/dev/sdf', '/dev/sdg'])).toEqual(['/dev/sdf', '/dev/sdg']);
    expect(names(['xvdh'])).toEqual(['/dev/sdh']);
    expect(names(['/dev/sdf', '/dev/sdg'], '/dev/xvdf')).toEqual(['/dev/sdh', '/dev/sdg']);
    expect(names(['/dev/sdf', '/dev/sdf'])).toEqual(['/dev/sdf', '/dev/sdg']);
    expect(names([null, null])).toEqual(['/dev/sdf', '/dev/sdg']);
    const all = Array.from('fghijklmnop', (letter) => `/dev/sd${letter}`);
    expect(names([null], ...all)).toEqual([]);
  });
});

describe('the calls on snapshots', () => {
  it('take what is written on as one set, and say whether it was frozen', () => {
    expect(warmSet('i-old', [], false)).toEqual({
      call: 'ec2:CreateSnapshots',
      input: {
        InstanceSpecification: { InstanceId: 'i-old', ExcludeBootVolume: true },
        CopyTagsFromSource: 'volume',
        Description: 'carry-volumes: i-old, still writing',
      },
      because: 'the final snapshot has less left to copy, and there is something to fall back on',
      optional: true,
    });
    expect(warmSet('i-old', ['vol-x'], true).input).toMatchObject({
      InstanceSpecification: { ExcludeDataVolumeIds: ['vol-x'] },
      Description: 'carry-volumes: i-old, file systems frozen',
    });
  });
  it('take what nobody writes on as it is, with its tags and its place', () => {
    expect(finalSnapshot(loose())).toEqual({
      call: 'ec2:CreateSnapshot',
      input: {
        VolumeId: 'vol-1',
        Description: 'carry-volumes: vol-1, nobody writing',
        TagSpecifications: [
          {
            ResourceType: 'snapshot',
            Tags: [
              tag('Name', 'data'),
              tag('runbook:device', '/dev/sdf'),
              tag('runbook:run', 'carry-volumes/i-old/final'),
              tag('runbook:volumes', 'db'),
            ],
          },
        ],
      },
      because: 'nobody writes on it: the copy is exact',
    });
    const tagsOf = (change: Parameters<typeof loose>[0]) =>
      JSON.stringify(finalSnapshot(loose({ tags: {}, ...change })).input['TagSpecifications']);
    expect(tagsOf({})).toContain('{"Key":"runbook:was-at","Value":"/dev/sdf"}');
    expect(tagsOf({ device: null })).not.toContain('was-at');
  });
  it('are known by what they say of themselves, and only ours', () => {
    const said = ['carry-volumes: i-1, file systems frozen', 'carry-volumes: vol-1, nobody writing'];
    expect([...said, 'file systems frozen', 'carry-volumes: i-1, still writing', ''].map(saysFrozen)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
    expect([...said, 'by hand, nobody writing', ''].map(readDescription)).toEqual([
      'written',
      'quiet',
      'foreign',
      'none',
    ]);
  });
  it('become volumes like those they were taken of', () => {
    const order = {
      instanceId: 'i-new',
      site: { zone: 'eu-west-1b', outpost: null },
      set: 'db',
      device: '/dev/sdf',
      attempt: 2,
    };
    const like = volume({ kmsKeyId: 'key-1' });
    expect(copyFrom(exact({ sizeGiB: 120 }), like, order)).toEqual({
      call: 'ec2:CreateVolume',
      input: {
        AvailabilityZone: 'eu-west-1b',
        SnapshotId: 'snap-exact',
        VolumeType: 'gp3',
        Size: 120,
        Iops: 4_000,
        Throughput: 250,
        Encrypted: true,
        KmsKeyId: 'key-1',
        TagSpecifications: [
          {
            ResourceType: 'volume',
            Tags: [
              tag('Name', 'data'),
              tag('runbook:device', '/dev/sdf'),
              tag('runbook:run', 'carry-volumes/i-new/copy'),
              tag('runbook:volumes', 'db'),
            ],
          },
        ],
        ClientToken: 'i-new-snap-exact-2',
      },
      because: '/dev/sdf for i-new in eu-west-1b',
    });
    const input = (change: Parameters<typeof volume>[0] | null, more = {}) =>
      copyFrom(exact(more), change === null ? null : volume(change), order).input;
    expect(input({ type: 'io1', iops: 9_000 })).toMatchObject({ VolumeType: 'io1', Iops: 9_000, Size: 100 });
    expect(input({ type: 'io1' })).not.toHaveProperty('Throughput');
    expect(input({ type: 'st1' })).not.toHaveProperty('Iops');
    for (const member of ['Iops', 'Throughput', 'Encrypted', 'KmsKeyId', 'OutpostArn'])
      expect(input({ iops: null, throughput: null })).not.toHaveProperty(member);
    expect(input(null, { kmsKeyId: 'key-2' })).toMatchObject({ VolumeType: 'gp3', Size: 100, KmsKeyId: 'key-2' });
    const placed = (device: string | null) => JSON.stringify(input(null, { device, tags: {} }));
    expect(placed('/dev/sdk')).toContain('"Value":"/dev/sdk"');
    expect(placed(null)).toContain('"Value":"/dev/sdf"');
    const outpost = { ...order, site: { zone: 'eu-west-1b', outpost: 'arn:op-1' } };
    expect(copyFrom(exact(), null, outpost).input).toMatchObject({ OutpostArn: 'arn:op-1' });
  });
});

describe('the account of an arrival', () => {
  const machine = { id: 'i-new', launchedAt: ago(90) };
  const activities = [activity('launch', 'i-new', { startedAt: ago(90) })];
  const copy = volume({
    id: 'vol-2',
    snapshotId: 'snap-exact',
    createdAt: ago(40),
    attachments: [attachment('i-new', { attachedAt: ago(20) })],
  });

  it('of the very volume lost nothing, and counts from the launch', () => {
    const own = volume({ attachments: [attachment('i-new', { attachedAt: ago(30) })], snapshotId: 'snap-ages-ago' });
    expect(
      arrivalAccount({ group: { activities }, volumes: [own, volume({ id: 'x' })], snapshots: [] }, NOW, machine),
    ).toEqual({
      rpoSeconds: 0,
      rtoSeconds: 90,
      phases: { detect: 60, freeze: 0, snapshot: 0, create: 0, attach: 30, complete: 0 },
      beganAt: ago(90),
      completedAt: NOW,
    });
  });
  it('of an exact copy lost nothing; of any other what was written since', () => {
    const seen = (
      volumes: Parameters<typeof arrivalAccount>[0]['volumes'],
      snapshots = [exact({ completedAt: ago(35) })],
    ) => arrivalAccount({ group: { activities }, volumes, snapshots }, NOW, machine);
    const parent = loose();
    expect(seen([copy, parent])).toEqual({
      rpoSeconds: 0,
      rtoSeconds: 90,
      phases: { detect: 30, freeze: 0, snapshot: 25, create: 15, attach: 20, complete: 0 },
      beganAt: ago(90),
      completedAt: NOW,
    });
    expect(seen([copy]).rpoSeconds).toBe(20);
    expect(seen([copy, parent], [exact({ copied: true })]).rpoSeconds).toBeNull();
    expect(seen([copy, parent], []).rpoSeconds).toBeNull();
    expect(seen([{ ...copy, createdAt: ago(91) }]).rpoSeconds).toBe(0);
    expect(seen([{ ...copy, createdAt: ago(90) }]).rpoSeconds).toBe(1);
  });
  it('begins with the instance where Auto Scaling says nothing', () => {
    const began = (launchedAt: string | null) =>
      arrivalAccount({ group: { activities: [] }, volumes: [], snapshots: [] }, NOW, { id: 'i-new', launchedAt });
    expect(began(ago(70))).toMatchObject({ rtoSeconds: 70, beganAt: ago(70) });
    expect(began(null)).toMatchObject({ rtoSeconds: 0, beganAt: NOW });
  });
});

describe('the account of what would be lost', () => {
  it('is the age of the newest complete set', () => {
    const account = (...snapshots: Parameters<typeof fallbackAccount>[0]['snapshots']) =>
      fallbackAccount({ group: { activities: [] }, volumes: [volume()], snapshots }, NOW);
    expect(account(snapshot())).toEqual({ rpoSeconds: 21_600, newestSet: ago(21_600) });
    expect(account()).toEqual({ rpoSeconds: null, newestSet: null });
    expect(account(snapshot({ copied: true }))).toEqual({
      rpoSeconds: null,
      newestSet: null,
      newestSetCopiedAt: ago(21_600),
    });
  });
  it('says how the warm set of a departure was taken', () => {
    const warm = (change: Parameters<typeof snapshot>[0]) => snapshot({ run: 'carry-volumes/i-old', ...change });
    const seen = (...snapshots: Parameters<typeof warmSetOf>[0]) => warmSetOf(snapshots, 'i-old');
    expect(seen(warm({ frozen: true }), warm({ frozen: true }))).toBe('file systems frozen');
    expect(seen(warm({ frozen: true }), warm({ frozen: false }))).toBe('crash-consistent');
    expect(seen(warm({ state: 'error' }), snapshot({ run: 'carry-volumes/i-2' }))).toBe('none');
  });
});
