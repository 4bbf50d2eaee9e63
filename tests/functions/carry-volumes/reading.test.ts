/** What is made of AWS's records, whole and lacking. */

import type { Volume } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { snapshotFacts, volumeFacts } from '../../../functions/carry-volumes/aws/ebs-reading.ts';
import { queueOf } from '../../../functions/carry-volumes/aws/queue.ts';
import { readEach } from '../../../functions/carry-volumes/aws/records.ts';
import { readSnapshots } from '../../../functions/carry-volumes/aws/snapshots.ts';
import { hasWholeSet, serviceHolding } from '../../../shared/aws/ec2/volume-sets.ts';
import { deviceName, diskName } from '../../../shared/judgement/device-names.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';

const AT = new Date('2026-11-20T08:00:00Z');

function ofSet(change: Partial<Volume> = {}, device = '/dev/sdf'): Volume {
  return {
    VolumeId: 'vol-1',
    AvailabilityZone: 'eu-west-1a',
    State: 'in-use',
    CreateTime: AT,
    VolumeType: 'gp3',
    Size: 100,
    Attachments: [{ InstanceId: 'i-1', Device: '/dev/sdf', State: 'attached' }],
    Tags: [
      { Key: 'runbook:volumes', Value: 'db' },
      { Key: 'runbook:device', Value: device },
    ],
    ...change,
  };
}

describe('a volume', () => {
  it('is where its zone and its Outpost are', () => {
    expect(volumeFacts(ofSet())).toMatchObject({ zone: 'eu-west-1a', outpost: null });
    expect(volumeFacts(ofSet({ OutpostArn: '' }))).toMatchObject({ outpost: null });
    expect(volumeFacts(ofSet({ OutpostArn: 'arn:op-1' }))).toMatchObject({ outpost: 'arn:op-1' });
  });

  it('belongs where the tag says, else where it was said to have been, else where it is', () => {
    expect(volumeFacts(ofSet({}, 'xvdg'))).toMatchObject({ device: 'xvdg', deviceNoted: true });
    const was = ofSet({ Tags: [{ Key: 'runbook:was-at', Value: '/dev/sdh' }] });
    expect(volumeFacts(was)).toMatchObject({ device: '/dev/sdh', deviceNoted: true, tags: {} });
    expect(volumeFacts(ofSet({ Tags: [] }))).toMatchObject({ device: '/dev/sdf', deviceNoted: false });
    expect(volumeFacts(ofSet({ Tags: [], Attachments: [] }))).toMatchObject({ device: null, deviceNoted: false });
  });

  it('whose tag names nothing belongs where it was, and gives no empty name on', () => {
    expect(volumeFacts(ofSet({}, ' '))).toMatchObject({
      device: '/dev/sdf',
      deviceNoted: false,
      tags: { 'runbook:volumes': 'db' },
    });
    expect(volumeFacts(ofSet({}, ' ')).tags).not.toHaveProperty('runbook:device');
    const [place, was] = [
      { Key: 'runbook:device', Value: '' },
      { Key: 'runbook:was-at', Value: '/dev/sdg' },
    ];
    expect(volumeFacts(ofSet({ Tags: [place, was] }))).toMatchObject({ device: '/dev/sdg', deviceNoted: true });
  });

  it('may go with its instance as long as EC2 does not say that it will not', () => {
    expect(volumeFacts(ofSet()).attachments).toMatchObject([{ deleteOnTermination: true, attachedAt: null }]);
  });

  it('cannot be judged without its size, state, type, zone or age', () => {
    for (const member of ['Size', 'State', 'VolumeType', 'AvailabilityZone', 'CreateTime'] as const)
      expect(() => volumeFacts(ofSet({ [member]: undefined }))).toThrow(`vol-1.${member}: missing in AWS's answer`);
  });
});

describe('a volume that a service of AWS holds', () => {
  const task = 'arn:aws:ecs:eu-west-1:111122223333:task/prod/1';

  it('is one with an attachment to no instance, or that the service manages', () => {
    const managed = {
      AssociatedResource: task,
      InstanceOwningService: 'ecs.amazonaws.com',
      State: 'attached',
    } as const;
    expect(serviceHolding({ Attachments: [managed] })).toBe(`ecs.amazonaws.com (${task})`);
    expect(serviceHolding({ Attachments: [{ State: 'attached' }] })).toBe('a service of AWS');
    expect(serviceHolding({ Operator: { Managed: true, Principal: 'eks.amazonaws.com' } })).toBe('eks.amazonaws.com');
    expect(serviceHolding({ Operator: { Managed: true } })).toBe('a service of AWS');
    expect(serviceHolding({ Operator: { Managed: false }, Attachments: [] })).toBeUndefined();
    expect(serviceHolding(ofSet())).toBeUndefined();
  });

  it('is no part of what an instance must have to have its whole set', () => {
    const held = ofSet(
      { VolumeId: 'vol-2', Attachments: [{ AssociatedResource: task, State: 'attached' }] },
      '/dev/sdg',
    );
    expect(hasWholeSet('i-1', 'db', [ofSet(), held])).toBe(true);
    expect(hasWholeSet('i-1', 'db', [held])).toBe(false);
  });
});

describe('the whole set', () => {
  it('is there when every place is filled, in whatever spelling', () => {
    const twin = ofSet({ VolumeId: 'vol-2', Attachments: [], State: 'available' }, 'xvdf');
    expect(hasWholeSet('i-1', 'db', [ofSet(), twin])).toBe(true);
    expect(hasWholeSet('i-1', 'db', [ofSet(), { ...twin, Tags: ofSet({}, '/dev/sdg').Tags }])).toBe(false);
    const unnamed = [ofSet({}, ''), { ...twin, Tags: ofSet({}, '').Tags }];
    expect(hasWholeSet('i-1', 'db', unnamed)).toBe(false);
    expect(hasWholeSet('i-2', 'db', [ofSet()])).toBe(false);
    expect(hasWholeSet('i-1', 'db', [])).toBe(false);
  });

  it('does not ask for what is replaced, on its way out, or without an id', () => {
    const replaced = [...(ofSet().Tags ?? []), { Key: 'runbook:superseded-at', Value: 'x' }];
    const others: Volume[] = [
      ofSet({ VolumeId: 'vol-2', Attachments: [], Tags: replaced }),
      ofSet({ VolumeId: 'vol-3', Attachments: [], State: 'error' }, '/dev/sdg'),
      ofSet({ VolumeId: 'vol-4', Attachments: [], Tags: [{ Key: 'runbook:volumes', Value: 'web' }] }),
    ];
    expect(hasWholeSet('i-1', 'db', [ofSet(), ...others])).toBe(true);
    const nameless = ofSet({ VolumeId: undefined, Attachments: [], Tags: [{ Key: 'runbook:volumes', Value: 'db' }] });
    expect(hasWholeSet('i-1', 'db', [ofSet(), nameless])).toBe(false);
  });
});

describe('a snapshot', () => {
  const plain = {
    SnapshotId: 'snap-1',
    VolumeId: 'vol-1',
    State: 'completed',
    StartTime: AT,
    VolumeSize: 100,
  } as const;

  it('is in the standard tier, here, an original, and without words, where nothing else is said', () => {
    expect(snapshotFacts(plain, true)).toMatchObject({
      archived: false,
      lent: false,
      copied: false,
      keptAt: { zone: null, outpost: null },
      description: 'none',
    });
  });

  it('is of no use while it is archived, and lent while it is restored for a time', () => {
    expect(snapshotFacts({ ...plain, StorageTier: 'archive' }, true)).toMatchObject({ archived: true, lent: false });
    expect(snapshotFacts({ ...plain, StorageTier: 'standard', RestoreExpiryTime: AT }, true)).toMatchObject({
      archived: false,
      lent: true,
    });
  });

  it.each([
    { VolumeId: 'vol-ffffffff' },
    { TransferType: 'standard' as const },
    { CompletionDurationMinutes: 30 },
    { Description: '[Copied snap-0123456789abcdef0 from eu-central-1] nightly' },
  ])('is a copy where %o shows it', (change) => {
    expect(snapshotFacts({ ...plain, ...change }, true)).toMatchObject({ copied: true });
  });

  it.each([
    ['', 'none'],
    ['carry-volumes: vol-1, nobody writing', 'quiet'],
    ['carry-volumes: i-1, still writing', 'written'],
    ['carry-volumes: i-1, file systems frozen', 'written'],
    ['before the upgrade, nobody writing', 'foreign'],
  ])('is described in words that nobody can change: %s', (Description, description) => {
    expect(snapshotFacts({ ...plain, Description }, true)).toMatchObject({ description });
  });

  it('says where it belongs by either tag, and keeps its tags where they are wanted', () => {
    const tagged = {
      ...plain,
      Tags: [
        { Key: 'runbook:was-at', Value: '/dev/sdh' },
        { Key: 'team', Value: 'a' },
      ],
    };
    expect(snapshotFacts(tagged, true)).toMatchObject({ device: '/dev/sdh', tags: { team: 'a' } });
    expect(snapshotFacts(tagged, false)).toMatchObject({ tags: {} });
  });
});

describe('the snapshots of a set', () => {
  const taken = (index: number, tags: { Key: string; Value: string }[] = []) => ({
    SnapshotId: `snap-${String(index).padStart(17, '0')}`,
    VolumeId: 'vol-1',
    State: 'completed' as const,
    StartTime: new Date(AT.getTime() - index * 3_600_000),
    VolumeSize: 100,
    Tags: tags,
  });
  const ours = [{ Key: 'runbook:run', Value: 'carry-volumes/i-1/final' }];

  it('are all judged where they fit a checkpoint', () => {
    const { snapshots, leftOut } = readSnapshots({ volumes: [], snapshots: [taken(2), taken(1, ours)] });
    expect(snapshots.map(({ id }) => id.at(-1))).toEqual(['1', '2']);
    expect(leftOut).toEqual([]);
  });

  it('are bounded in bytes where there are thousands: the newest of each kind stay, and it is said', () => {
    const many = Array.from({ length: 5_000 }, (_none, index) => taken(index + 10));
    const { snapshots, leftOut } = readSnapshots({ volumes: [], snapshots: [...many, taken(9_000, ours)] });
    expect(JSON.stringify(snapshots).length).toBeLessThan(190_000);
    expect(snapshots.length).toBeGreaterThan(100);
    expect(snapshots[0]?.id).toBe('snap-00000000000000010');
    expect(snapshots.at(-1)?.id).toBe('snap-00000000000009000');
    expect(leftOut).toEqual([`${5_001 - snapshots.length} of 5001 snapshots are not judged: the oldest of their kind`]);
  });

  it('that cannot be read are left out, and named, and keep no other from being judged', () => {
    const broken = { ...taken(1), VolumeSize: undefined };
    const { snapshots, leftOut } = readSnapshots({ volumes: [], snapshots: [broken, taken(2)] });
    expect(snapshots).toHaveLength(1);
    expect(leftOut).toEqual(["snap-00000000000000001.VolumeSize: missing in AWS's answer"]);
  });
});

describe('names of devices', () => {
  it('are one in any spelling of the same letters', () => {
    for (const spelt of ['/dev/sdf', 'sdf', '/dev/xvdf', 'xvdf', ' /dev/sdf '])
      expect(deviceName(spelt)).toBe('/dev/sdf');
    expect(deviceName('/dev/xvdba')).toBe('/dev/sdba');
    expect(deviceName('/dev/sda1')).toBe('/dev/sda1');
    expect(deviceName('data')).toBe('data');
  });

  it('stand for the disk of a partition', () => {
    expect(diskName('/dev/sda1')).toBe('/dev/sda');
    expect(diskName('xvda')).toBe('/dev/sda');
    expect(diskName('data1')).toBe('data1');
  });
});

describe('records that cannot be read', () => {
  it('are left out by our own errors only', () => {
    expect(
      readEach([1, 2], (each) => {
        if (each === 1) throw new TerminalError('1: missing');
        return each;
      }),
    ).toEqual({ read: [2], leftOut: ['1: missing'] });
    expect(() =>
      readEach([1], () => {
        throw new Error('a bug');
      }),
    ).toThrow('a bug');
  });
});

describe('a queue', () => {
  it('lets so many work at once, in their order, and goes on after a failure', async () => {
    const queue = queueOf(2);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const work = (index: number) =>
      queue(
        () =>
          new Promise<number>((resolve, reject) => {
            begun.push(index);
            ends.push(() => (index === 0 ? reject(new Error('no')) : resolve(index)));
          }),
      );
    const all = [0, 1, 2, 3].map((index) => work(index).catch(() => -1));
    expect(begun).toEqual([0, 1]);
    ends[0]?.();
    await all[0];
    await Promise.resolve();
    expect(begun).toEqual([0, 1, 2]);
    ends[1]?.();
    ends[2]?.();
    await all[2];
    ends[3]?.();
    expect(await Promise.all(all)).toEqual([-1, 1, 2, 3]);
  });
});
