import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { volumeWorld, instance } from './ebs-world.ts';
import { refusal } from './ec2-world.ts';

const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/k-1';
const snapshot = { SnapshotId: 'snap-1', VolumeSize: 20 };

describe('CreateVolume', () => {
  it('answers creating, and the volume is available after four seconds', () => {
    const { call, pass, volume, events } = volumeWorld();
    const made = call('CreateVolume', {
      AvailabilityZone: 'eu-west-1b',
      Size: 10,
      VolumeType: 'gp3',
      TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'Name', Value: 'data' }] }],
    });
    expect(made).toMatchObject({
      State: 'creating',
      AvailabilityZone: 'eu-west-1b',
      Size: 10,
      VolumeType: 'gp3',
      Iops: 3000,
      Throughput: 125,
      Encrypted: false,
      Attachments: [],
      SnapshotId: '',
      Tags: [{ Key: 'Name', Value: 'data' }],
      CreateTime: new Date('2026-11-22T08:00:00Z'),
    });
    expect(made).not.toHaveProperty('Holds');
    const id = String((made as { VolumeId?: string }).VolumeId);
    pass(3);
    expect(volume(id)).toMatchObject({ State: 'creating' });
    pass(2);
    expect(volume(id)).toMatchObject({ State: 'available' });
    expect(events).toMatchObject([
      {
        source: 'aws.ec2',
        'detail-type': 'EBS Volume Notification',
        resources: [`arn:aws:ec2:eu-west-1:111122223333:volume/${id}`],
        detail: { event: 'createVolume', result: 'available', cause: '' },
      },
    ]);
  });

  it('with the token of an earlier request answers with the volume of that request', () => {
    const { create, world, pass } = volumeWorld();
    const first = create({ ClientToken: 'a' });
    pass(60);
    expect(create({ ClientToken: 'a' })).toBe(first);
    expect(create({ ClientToken: 'b' })).not.toBe(first);
    expect(world.records('ec2', 'Volumes')).toHaveLength(2);
  });

  it('refuses a token that came with another request', () => {
    const { create } = volumeWorld();
    create({ ClientToken: 'a' });
    expect(refusal(() => create({ ClientToken: 'a', Size: 11 }))).toBe(
      'IdempotentParameterMismatch: Parameters on this idempotent request are inconsistent with parameters used in previous request(s)',
    );
  });

  it('refuses the token of a deleted volume for twelve hours', () => {
    const { create, call, pass, world } = volumeWorld();
    const first = create({ ClientToken: 'a' });
    pass(5);
    call('DeleteVolume', { VolumeId: first });
    const gone =
      'IdempotentParameterMismatch: The client token you have provided is associated with a resource that is already deleted. Please use a different client token.';
    expect(refusal(() => create({ ClientToken: 'a' }))).toBe(gone);
    pass(12 * 3600 - 10);
    expect(refusal(() => create({ ClientToken: 'a' }))).toBe(gone);
    pass(10);
    expect(create({ ClientToken: 'a' })).not.toBe(first);
    expect(world.records('ec2', 'VolumeTokens')).toHaveLength(1);
  });

  it('from a snapshot takes its size, its encryption and its content', () => {
    const { create, volume } = volumeWorld({ Snapshots: [{ ...snapshot, KmsKeyId: KEY, VolumeId: 'vol-9' }] });
    const id = create({ SnapshotId: 'snap-1', Size: undefined });
    expect(volume(id)).toMatchObject({
      Size: 20,
      SnapshotId: 'snap-1',
      Encrypted: true,
      KmsKeyId: KEY,
      Lineage: 'vol-9',
    });
  });

  it.each(['pending', 'error'])('from a snapshot that is %s is an IncorrectState', (state) => {
    const { create } = volumeWorld({ Snapshots: [{ ...snapshot, State: state }] });
    expect(refusal(() => create({ SnapshotId: 'snap-1', Size: 20 }))).toBe(
      `IncorrectState: Snapshot is in invalid state - ${state}`,
    );
  });

  it.each([
    [
      { SnapshotId: 'snap-1', Size: 19 },
      "InvalidParameterValue: Value (19) for parameter size is invalid. Volume of size 19GB is smaller than snapshot 'snap-1', expect size >= 20GB",
    ],
    [{ SnapshotId: 'snap-8' }, "InvalidSnapshot.NotFound: The snapshot 'snap-8' does not exist"],
    [{ Size: undefined }, 'MissingParameter: The request must contain the parameter size/snapshot'],
    [
      { AvailabilityZone: undefined },
      'MissingParameter: The request must contain the parameter AvailabilityZone or AvailabilityZoneId',
    ],
    [
      { AvailabilityZoneId: 'euw1-az1' },
      'InvalidParameterCombination: The parameters AvailabilityZone and AvailabilityZoneId may not be used together',
    ],
    [{ AvailabilityZone: 'eu-west-1x' }, "InvalidZone.NotFound: The zone 'eu-west-1x' does not exist."],
    [{ VolumeType: 'gp9' }, 'UnknownVolumeType: Unknown volume type: gp9'],
    [
      { VolumeType: 'st1' },
      'InvalidParameterValue: Value (10) for parameter size is invalid. A st1 volume has 125 to 16384 GiB.',
    ],
    [{ VolumeType: 'io2' }, 'MissingParameter: The request must contain the parameter iops for io2 volumes'],
    [
      { VolumeType: 'io1', Iops: 501 },
      'InvalidParameterValue: Value (501) for parameter iops is invalid. Iops to volume size ratio of 50.1 is too high; maximum is 50',
    ],
    [
      { VolumeType: 'gp3', Iops: 2999 },
      'InvalidParameterValue: Value (2999) for parameter iops is invalid. It must be between 3000 and 80000.',
    ],
    [
      { VolumeType: 'gp3', Throughput: 751 },
      'InvalidParameterValue: Value (751) for parameter throughput is invalid. Throughput (MiBps) to iops ratio of 0.25033333333333335 is too high; maximum is 0.25 MiBps per iops',
    ],
    [
      { VolumeType: 'gp2', Iops: 3000 },
      'InvalidParameterCombination: The parameter iops is not supported for gp2 volumes.',
    ],
    [
      { VolumeType: 'io2', Iops: 3000, Throughput: 125 },
      'InvalidParameterCombination: The parameter throughput is not supported for io2 volumes.',
    ],
    [
      { KmsKeyId: KEY },
      'InvalidParameterDependency: The parameter KmsKeyId requires the parameter Encrypted to be set.',
    ],
    [{ KmsKeyId: 'alias/mine', Encrypted: true }, 'not simulated: ec2:CreateVolume KmsKeyId alias/mine'],
    [
      { VolumeInitializationRate: 100 },
      'InvalidParameterCombination: The parameter VolumeInitializationRate requires the parameter SnapshotId.',
    ],
    [
      { SnapshotId: 'snap-1', Size: 20, VolumeInitializationRate: 99 },
      'InvalidParameterValue: Value (99) for parameter volumeInitializationRate is invalid. It must be between 100 and 300.',
    ],
    [{ MultiAttachEnabled: true }, 'not simulated: ec2:CreateVolume MultiAttachEnabled'],
    [
      { TagSpecifications: [{ ResourceType: 'instance', Tags: [] }] },
      "InvalidParameterValue: 'instance' is not a valid taggable resource type for this operation.",
    ],
    [
      { TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'aws:x', Value: '' }] }] },
      "InvalidParameterValue: Value ( aws:x ) for parameter key is invalid. Tag keys starting with 'aws:' are reserved for internal use",
    ],
  ])('of %j is refused', (input, expected) => {
    const { create, world } = volumeWorld({ Snapshots: [snapshot] });
    const said = refusal(() => create(input));
    expect(said).toBe(expected);
    expect(world.records('ec2', 'Volumes')).toEqual([]);
    expect(world.records('ec2', 'VolumeTokens')).toEqual([]);
  });

  it('takes type, IOPS, throughput, key and zone id', () => {
    const { create, volume } = volumeWorld({
      AvailabilityZones: [{ ZoneName: 'eu-west-1c', ZoneId: 'euw1-az9' }],
      Volumes: [{ VolumeId: 'vol-1', AvailabilityZone: 'eu-west-1c', KmsKeyId: KEY }],
    });
    const id = create({
      AvailabilityZone: undefined,
      AvailabilityZoneId: 'euw1-az9',
      VolumeType: 'gp3',
      Iops: 4000,
      Throughput: 500,
      Encrypted: true,
      KmsKeyId: 'k-1',
    });
    expect(volume(id)).toMatchObject({
      AvailabilityZone: 'eu-west-1c',
      VolumeType: 'gp3',
      Iops: 4000,
      Throughput: 500,
      Encrypted: true,
      KmsKeyId: KEY,
    });
    expect(volume(create({ AvailabilityZone: 'eu-west-1c', VolumeType: 'gp2', Size: 100 }))).toMatchObject({
      Iops: 300,
    });
    expect(volume(create({ AvailabilityZone: 'eu-west-1c', VolumeType: 'io2', Iops: 10_000 }))).toMatchObject({
      Iops: 10_000,
    });
    expect(volume(create({ AvailabilityZone: 'eu-west-1c', Encrypted: true }))).toMatchObject({
      KmsKeyId: 'arn:aws:kms:eu-west-1:111122223333:key/aws-ebs',
    });
  });

  it.each([
    ['VolumeLimitExceeded', 29],
    ['MaxIOPSLimitExceeded', 5999],
  ])('is refused over the quota %s', (QuotaCode, Value) => {
    const { create } = volumeWorld({ Volumes: [{ VolumeId: 'vol-1', Size: 20 }], Quotas: [{ QuotaCode, Value }] });
    expect(refusal(() => create({ VolumeType: 'gp3' }))).toBe(
      `${QuotaCode}: The request would exceed your limit of ${Value}.`,
    );
  });

  it('is refused in a dark zone, and one under way waits for it', () => {
    const { create, volume, change, pass } = volumeWorld();
    const id = create();
    change('ec2/AvailabilityZones/eu-west-1a/State', 'unavailable');
    expect(refusal(() => create())).toBe('InternalError: An internal error has occurred');
    pass(600);
    expect(volume(id)).toMatchObject({ State: 'creating' });
    change('ec2/AvailabilityZones/eu-west-1a/State', 'available');
    pass(31);
    expect(volume(id)).toMatchObject({ State: 'available' });
  });
});

describe('a key that cannot be used', () => {
  it.each([
    ['Disabled', `createVolume failed ${KEY} is disabled.`],
    ['PendingImport', `createVolume failed ${KEY} is pending import.`],
    ['PendingDeletion', `createVolume failed ${KEY} is pending deletion.`],
  ])('%s: the volume is creating, then gone, and the event names the key', (KeyState, notice) => {
    const { create, volume, call, pass, notices } = volumeWorld({ Volumes: [{ VolumeId: 'vol-1', KmsKeyId: KEY }] }, [
      { KeyId: 'k-1', KeyState },
    ]);
    const id = create({ Encrypted: true, KmsKeyId: KEY, ClientToken: 'a' });
    expect(volume(id)).toMatchObject({ State: 'creating' });
    pass(5);
    expect(refusal(() => call('DescribeVolumes', { VolumeIds: [id] }))).toBe(
      `InvalidVolume.NotFound: The volume '${id}' does not exist`,
    );
    expect(notices()).toEqual([notice]);
    expect(refusal(() => create({ Encrypted: true, KmsKeyId: KEY, ClientToken: 'a' }))).toMatch(
      /^IdempotentParameterMismatch: .* already deleted/,
    );
  });

  it('for lack of permission, or because there is none such, leaves no event at all', () => {
    const { create, volume, pass, notices } = volumeWorld({}, [{ KeyId: KEY, AccessDenied: true }]);
    const denied = create({ Encrypted: true, KmsKeyId: KEY });
    const unknown = create({ Encrypted: true, KmsKeyId: 'k-2' });
    pass(5);
    expect([volume(denied), volume(unknown), notices()]).toEqual([undefined, undefined, []]);
  });

  it('counts when the creation ends, and is enabled where the world does not list it', () => {
    const { create, volume, pass, world } = volumeWorld({ Volumes: [{ VolumeId: 'vol-1', KmsKeyId: KEY }] }, [
      { KeyId: 'k-1', KeyState: 'Disabled' },
    ]);
    const id = create({ Encrypted: true, KmsKeyId: KEY });
    world.records('kms', 'Keys').length = 0;
    pass(5);
    expect(volume(id)).toMatchObject({ State: 'available' });
  });

  it('makes an attachment fail: the volume is available again and the event names volume and key', () => {
    const { call, volume, pass, events, record } = volumeWorld(
      { Instances: [instance], Volumes: [{ VolumeId: 'vol-1', KmsKeyId: KEY }] },
      [{ KeyId: 'k-1', KeyState: 'Disabled' }],
    );
    call('AttachVolume', { VolumeId: 'vol-1', InstanceId: 'i-1', Device: '/dev/sdf' });
    pass(6);
    expect(volume('vol-1')).toMatchObject({ State: 'available', Attachments: [] });
    expect(record('Instances')['BlockDeviceMappings']).toEqual([]);
    expect(events).toMatchObject([
      {
        resources: ['arn:aws:ec2:eu-west-1:111122223333:volume/vol-1', KEY],
        detail: { event: 'attachVolume', result: 'failed', cause: `${KEY} is disabled.` },
      },
    ]);
  });
});

describe('DeleteVolume', () => {
  it('takes the volume through deleting to gone, and says so', () => {
    const { call, volume, pass, notices } = volumeWorld({ Volumes: [{ VolumeId: 'vol-1' }] });
    call('DeleteVolume', { VolumeId: 'vol-1' });
    expect(volume('vol-1')).toMatchObject({ State: 'deleting' });
    expect(refusal(() => call('DeleteVolume', { VolumeId: 'vol-1' }))).toBe(
      "InvalidVolume.NotFound: The volume 'vol-1' does not exist.",
    );
    pass(6);
    expect(volume('vol-1')).toBeUndefined();
    expect(notices()).toEqual(['deleteVolume deleted']);
  });

  it('is refused of an attached volume, of one that is creating, and of none', () => {
    const { call, create } = volumeWorld({
      Instances: [instance],
      Volumes: [{ VolumeId: 'vol-1', Attachments: [instance] }],
    });
    expect(refusal(() => call('DeleteVolume', { VolumeId: 'vol-1' }))).toBe(
      'VolumeInUse: Volume vol-1 is currently attached to i-1',
    );
    const id = create();
    expect(refusal(() => call('DeleteVolume', { VolumeId: id }))).toBe(
      `IncorrectState: Volume '${id}' is in the 'creating' state.`,
    );
    expect(refusal(() => call('DeleteVolume', { VolumeId: 'vol-8' }))).toBe(
      "InvalidVolume.NotFound: The volume 'vol-8' does not exist",
    );
  });
});

describe('DescribeVolumes', () => {
  it.each([
    ['attachment.instance-id', 'i-1', ['vol-1', 'vol-2']],
    ['attachment.device', '/dev/sdg', ['vol-2']],
    ['status', 'available', ['vol-3']],
    ['tag:Name', 'da*', ['vol-1']],
    ['tag-key', 'Name', ['vol-1']],
    ['snapshot-id', 'snap-1', ['vol-3']],
    ['volume-id', 'vol-2', ['vol-2']],
    ['availability-zone', 'eu-west-1b', ['vol-3']],
  ])('filters by %s', (Name, value, ids) => {
    const { call } = volumeWorld({
      Instances: [instance],
      Snapshots: [snapshot],
      Volumes: [
        { VolumeId: 'vol-1', Attachments: [instance], Tags: [{ Key: 'Name', Value: 'data' }] },
        { VolumeId: 'vol-2', Attachments: [instance] },
        { VolumeId: 'vol-3', AvailabilityZone: 'eu-west-1b', SnapshotId: 'snap-1' },
      ],
    });
    const found: { readonly Volumes?: readonly Shape[] } = call('DescribeVolumes', {
      Filters: [{ Name, Values: [value] }],
    });
    expect(found.Volumes?.map((volume) => volume['VolumeId'])).toEqual(ids);
  });
});
