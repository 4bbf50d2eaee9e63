import { describe, expect, it } from 'vitest';
import { launchInstance, terminateInstance } from '../../../../simulator/services/ec2/instances.ts';
import { list, part } from '../../../../simulator/services/ec2/state.ts';
import { isBeingWritten } from '../../../../simulator/services/ec2/writes.ts';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { ec2World, refusal } from './ec2-world.ts';

/** As an instance and as an attachment to it: only its id. */
const instance = { InstanceId: 'i-1' };
const attached = { VolumeId: 'vol-1', Attachments: [instance] };
const ATTACH = { VolumeId: 'vol-1', InstanceId: 'i-1', Device: '/dev/sdf' };

function begin(collections: { [collection: string]: Shape[] }) {
  // A world file is JSON: no record occurs in two places.
  const file: { [collection: string]: Shape[] } = JSON.parse(JSON.stringify(collections));
  const tools = ec2World(file);
  const volume = (id = 'vol-1'): Shape | undefined =>
    tools.world.records('ec2', 'Volumes').find((record) => record['VolumeId'] === id);
  /** State of the volume, of its attachment, and of the block device of the instance. */
  const states = (id = 'vol-1'): unknown[] => {
    const devices = tools.world
      .records('ec2', 'Instances')
      .flatMap((holder) => list(holder, 'BlockDeviceMappings'))
      .map((mapping) => part(mapping, 'Ebs'));
    return [
      volume(id)?.['State'],
      list(volume(id), 'Attachments')[0]?.['State'],
      devices.find((device) => device['VolumeId'] === id)?.['Status'],
    ];
  };
  return { ...tools, volume, volumeStates: states };
}

describe('AttachVolume', () => {
  it('answers attaching, and the volume is attached within five seconds, on both sides', () => {
    const { call, pass, volume, volumeStates, record, events, world } = begin({
      Instances: [instance],
      Volumes: [{ VolumeId: 'vol-1' }],
    });
    expect(call('AttachVolume', ATTACH)).toEqual({
      ...ATTACH,
      State: 'attaching',
      DeleteOnTermination: false,
      AttachTime: new Date('2026-11-22T08:00:00Z'),
    });
    expect(volumeStates()).toEqual(['in-use', 'attaching', 'attaching']);
    pass(1);
    expect([volumeStates(), isBeingWritten(world, 'vol-1')]).toEqual([['in-use', 'attaching', 'attaching'], false]);
    pass(5);
    expect([volumeStates(), isBeingWritten(world, 'vol-1')]).toEqual([['in-use', 'attached', 'attached'], true]);
    expect(volume()).toMatchObject({ Attachments: [{ ...ATTACH, DeleteOnTermination: false }] });
    expect(record('Instances')['BlockDeviceMappings']).toEqual([
      {
        DeviceName: '/dev/sdf',
        Ebs: {
          VolumeId: 'vol-1',
          Status: 'attached',
          DeleteOnTermination: false,
          AttachTime: '2026-11-22T08:00:00.000Z',
        },
      },
    ]);
    // Success is told to nobody.
    expect(events).toEqual([]);
  });

  it('to a stopped instance has no writer until it runs', () => {
    const { call, pass, volumeStates, world } = begin({
      Instances: [{ ...instance, State: { Name: 'stopped' } }],
      Volumes: [{ VolumeId: 'vol-1' }],
    });
    call('AttachVolume', ATTACH);
    pass(6);
    expect([volumeStates()[1], isBeingWritten(world, 'vol-1')]).toEqual(['attached', false]);
    call('StartInstances', { InstanceIds: ['i-1'] });
    pass(21);
    expect(isBeingWritten(world, 'vol-1')).toBe(true);
  });

  it.each([
    [{ Volumes: [attached] }, ATTACH, 'VolumeInUse: vol-1 is already attached to an instance'],
    [
      { Volumes: [attached], Instances: [instance, { InstanceId: 'i-2' }] },
      { ...ATTACH, InstanceId: 'i-2' },
      'VolumeInUse: vol-1 is already attached to an instance',
    ],
    [{ Volumes: [{ VolumeId: 'vol-1', State: 'creating' }] }, ATTACH, "IncorrectState: vol-1 is not 'available'."],
    [{ Volumes: [] }, ATTACH, "InvalidVolume.NotFound: The volume 'vol-1' does not exist"],
    [{ Instances: [] }, ATTACH, "InvalidInstanceID.NotFound: The instance ID 'i-1' does not exist"],
    [
      { Volumes: [{ VolumeId: 'vol-1', AvailabilityZone: 'eu-west-1b' }] },
      ATTACH,
      "InvalidVolume.ZoneMismatch: The volume 'vol-1' is not in the same availability zone as instance 'i-1'",
    ],
    [
      { Instances: [{ ...instance, State: { Name: 'pending' } }] },
      ATTACH,
      "IncorrectState: Instance 'i-1' is not 'running'.",
    ],
    [
      { Instances: [{ ...instance, State: { Name: 'stopping' } }] },
      ATTACH,
      "IncorrectInstanceState: The instance 'i-1' is not in a state from which a volume can be attached.",
    ],
    [
      { Instances: [{ ...instance, State: { Name: 'terminated' } }] },
      ATTACH,
      "IncorrectInstanceState: The instance 'i-1' is not in a state from which a volume can be attached.",
    ],
    [
      { Volumes: [{ VolumeId: 'vol-1' }, { VolumeId: 'vol-2', Attachments: [instance] }] },
      ATTACH,
      "InvalidParameterValue: Invalid value '/dev/sdf' for unixDevice. Attachment point /dev/sdf is already in use",
    ],
    [
      {},
      { ...ATTACH, Device: '/dev/sdk1' },
      'InvalidParameterValue: Value (/dev/sdk1) for parameter device is invalid. /dev/sdk1 is not a valid EBS device name.',
    ],
    [{}, { ...ATTACH, EbsCardIndex: 1 }, 'not simulated: ec2:AttachVolume EbsCardIndex'],
    [
      { AvailabilityZones: [{ ZoneName: 'eu-west-1a', State: 'unavailable' }] },
      ATTACH,
      'InternalError: An internal error has occurred',
    ],
  ])('is refused (%#)', (collections, input, expected) => {
    const { call, world } = begin({ Instances: [instance], Volumes: [{ VolumeId: 'vol-1' }], ...collections });
    const before = JSON.stringify(world.data);
    expect(refusal(() => call('AttachVolume', input))).toBe(expected);
    expect(JSON.stringify(world.data)).toBe(before);
  });

  it('is refused of the 28th attachment, the interface counted', () => {
    const letters = [...Array(27).keys()].map((index) => String.fromCharCode(98 + (index % 25)));
    const mappings = letters.map((letter, index) => ({
      DeviceName: index < 25 ? `/dev/sd${letter}` : `/dev/xvd${letter}`,
      Ebs: { VolumeId: `vol-${100 + index}` },
    }));
    const { call } = begin({
      Instances: [{ ...instance, BlockDeviceMappings: mappings }],
      Volumes: [{ VolumeId: 'vol-1' }],
    });
    expect(refusal(() => call('AttachVolume', { ...ATTACH, Device: '/dev/xvdaa' }))).toBe(
      "AttachmentLimitExceeded: The maximum of 28 attachments has been reached for instance 'i-1'",
    );
    call('DetachVolume', { VolumeId: 'vol-100' });
  });

  it.each([
    ['of the volume', { Volumes: [{ VolumeId: 'vol-1', StuckAttachments: 1 }] }],
    [
      'in the zone',
      { Volumes: [{ VolumeId: 'vol-1' }], AvailabilityZones: [{ ZoneName: 'eu-west-1a', StuckAttachments: 1 }] },
    ],
  ])('stays attaching as often as the world says %s, until it is detached', (_where, collections) => {
    const { call, pass, volumeStates } = begin({ Instances: [instance], ...collections });
    call('AttachVolume', ATTACH);
    pass(3600);
    expect(volumeStates()).toEqual(['in-use', 'attaching', 'attaching']);
    call('DetachVolume', { VolumeId: 'vol-1' });
    pass(4);
    expect(volumeStates()).toEqual(['available', undefined, undefined]);
    call('AttachVolume', ATTACH);
    pass(6);
    expect(volumeStates()).toEqual(['in-use', 'attached', 'attached']);
  });
});

describe('DetachVolume', () => {
  it('answers detaching, and the volume is available after three seconds, written until then', () => {
    const { call, pass, volumeStates, world } = begin({ Instances: [instance], Volumes: [attached] });
    expect(call('DetachVolume', { VolumeId: 'vol-1', InstanceId: 'i-1', Device: '/dev/sdf' })).toMatchObject({
      VolumeId: 'vol-1',
      InstanceId: 'i-1',
      State: 'detaching',
    });
    pass(2);
    expect([volumeStates(), isBeingWritten(world, 'vol-1')]).toEqual([['in-use', 'detaching', 'detaching'], true]);
    pass(2);
    expect([volumeStates(), isBeingWritten(world, 'vol-1')]).toEqual([['available', undefined, undefined], false]);
  });

  it('of a mounted volume stays busy until the instance stops', () => {
    const { call, pass, volumeStates, world } = begin({
      Instances: [instance],
      Volumes: [{ ...attached, Mounted: true }],
    });
    call('DetachVolume', { VolumeId: 'vol-1' });
    pass(3600);
    expect([volumeStates(), isBeingWritten(world, 'vol-1')]).toEqual([['in-use', 'busy', 'detaching'], true]);
    expect(call('DetachVolume', { VolumeId: 'vol-1' })).toMatchObject({ State: 'busy' });
    call('StopInstances', { InstanceIds: ['i-1'], Force: true, SkipOsShutdown: true });
    pass(14);
    expect(volumeStates()[1]).toBe('busy');
    pass(6);
    expect(volumeStates()).toEqual(['available', undefined, undefined]);
  });

  it('of a mounted volume with Force ends all the same', () => {
    const { call, pass, volumeStates } = begin({ Instances: [instance], Volumes: [{ ...attached, Mounted: true }] });
    call('DetachVolume', { VolumeId: 'vol-1' });
    pass(10);
    call('DetachVolume', { VolumeId: 'vol-1', Force: true });
    pass(4);
    expect(volumeStates()[0]).toBe('available');
  });

  it('of a volume on a stopped instance works, its root volume included', () => {
    const { call, pass, volumeStates } = begin({
      Instances: [{ ...instance, State: { Name: 'stopped' } }],
      Volumes: [
        { ...attached, Mounted: true },
        { VolumeId: 'vol-2', Attachments: [{ ...instance, Device: '/dev/xvda' }] },
      ],
    });
    call('DetachVolume', { VolumeId: 'vol-1' });
    call('DetachVolume', { VolumeId: 'vol-2' });
    pass(4);
    expect([volumeStates('vol-1')[0], volumeStates('vol-2')[0]]).toEqual(['available', 'available']);
  });

  it('waits in a dark zone', () => {
    const { call, pass, change, volumeStates } = begin({ Instances: [instance], Volumes: [attached] });
    change('ec2/AvailabilityZones/eu-west-1a/State', 'unavailable');
    call('DetachVolume', { VolumeId: 'vol-1' });
    pass(600);
    expect(volumeStates()[1]).toBe('detaching');
    change('ec2/AvailabilityZones/eu-west-1a/State', 'available');
    pass(31);
    expect(volumeStates()[0]).toBe('available');
  });

  it.each([
    [{ VolumeId: 'vol-3' }, "IncorrectState: Volume 'vol-3' is in the 'available' state."],
    [
      { VolumeId: 'vol-1', InstanceId: 'i-2' },
      "InvalidAttachment.NotFound: The volume 'vol-1' is not attached to instance 'i-2'.",
    ],
    [
      { VolumeId: 'vol-1', Device: '/dev/sdg' },
      "InvalidAttachment.NotFound: The volume 'vol-1' is not attached to instance 'i-1' as device '/dev/sdg'.",
    ],
    [{ VolumeId: 'vol-2' }, "OperationNotPermitted: Unable to detach root volume 'vol-2' from instance 'i-1'"],
    [{ VolumeId: 'vol-8' }, "InvalidVolume.NotFound: The volume 'vol-8' does not exist"],
  ])('of %j is refused', (input, expected) => {
    const { call } = begin({
      Instances: [instance],
      Volumes: [
        attached,
        { VolumeId: 'vol-2', Attachments: [{ ...instance, Device: '/dev/xvda' }] },
        { VolumeId: 'vol-3' },
      ],
    });
    expect(refusal(() => call('DetachVolume', input))).toBe(expected);
  });
});

describe('ModifyInstanceAttribute', () => {
  const modify = (value: Shape) => ({ InstanceId: 'i-1', BlockDeviceMappings: [value] });

  it('says whether a volume goes with its instance, on both sides', () => {
    const { call, volume, record } = begin({
      Instances: [instance],
      Volumes: [{ VolumeId: 'vol-1', Attachments: [{ ...instance, DeleteOnTermination: true }] }],
    });
    call(
      'ModifyInstanceAttribute',
      modify({ DeviceName: '/dev/sdf', Ebs: { DeleteOnTermination: false, VolumeId: 'vol-1' } }),
    );
    expect(volume()).toMatchObject({ Attachments: [{ DeleteOnTermination: false }] });
    expect(record('Instances')).toMatchObject({ BlockDeviceMappings: [{ Ebs: { DeleteOnTermination: false } }] });
  });

  it.each([
    [
      modify({ DeviceName: '/dev/sdg', Ebs: { DeleteOnTermination: false } }),
      'InvalidInstanceAttributeValue: No device is currently mapped at /dev/sdg',
    ],
    [
      modify({ DeviceName: '/dev/sdf', Ebs: { DeleteOnTermination: false, VolumeId: 'vol-2' } }),
      'not simulated: ec2:ModifyInstanceAttribute of /dev/sdf with another volume than vol-1',
    ],
    [modify({ DeviceName: '/dev/sdf', NoDevice: '' }), 'not simulated: ec2:ModifyInstanceAttribute NoDevice'],
    [
      { InstanceId: 'i-1', SourceDestCheck: { Value: false } },
      'not simulated: ec2:ModifyInstanceAttribute SourceDestCheck',
    ],
    [{ InstanceId: 'i-9' }, "InvalidInstanceID.NotFound: The instance ID 'i-9' does not exist"],
    [
      { InstanceId: 'i-2' },
      "IncorrectInstanceState: The instance 'i-2' is not in a state from which it can be modified.",
    ],
  ])('of %j is refused', (input, expected) => {
    const { call } = begin({
      Instances: [instance, { InstanceId: 'i-2', State: { Name: 'terminated' } }],
      Volumes: [attached],
    });
    expect(refusal(() => call('ModifyInstanceAttribute', input))).toBe(expected);
  });
});

describe('an instance', () => {
  it('is launched with a root volume that goes with it', () => {
    const { world, pass, record, events } = begin({});
    const id = launchInstance(world, { availabilityZone: 'eu-west-1b', tags: [] });
    expect(record('Volumes')).toMatchObject({
      State: 'in-use',
      AvailabilityZone: 'eu-west-1b',
      Size: 8,
      Attachments: [{ InstanceId: id, Device: '/dev/xvda', State: 'attached', DeleteOnTermination: true }],
    });
    expect(record('Instances')).toMatchObject({
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { Status: 'attached', DeleteOnTermination: true } }],
    });
    pass(30);
    expect(isBeingWritten(world, String(record('Volumes')['VolumeId']))).toBe(false);
    terminateInstance(world, id);
    pass(31);
    expect(world.records('ec2', 'Volumes')).toEqual([]);
    expect(events.map((event) => event.detail['event']).filter((event) => event !== undefined)).toEqual([
      'deleteVolume',
    ]);
  });

  it('is launched with the devices of its image', () => {
    const image = {
      ImageId: 'ami-1',
      RootDeviceName: '/dev/sda1',
      BlockDeviceMappings: [
        { DeviceName: '/dev/sda1', Ebs: { VolumeSize: 12 } },
        { DeviceName: '/dev/sdf', Ebs: { VolumeSize: 5, DeleteOnTermination: false } },
        { DeviceName: '/dev/sdb', VirtualName: 'ephemeral0' },
      ],
    };
    const { world, record, call, pass } = begin({ Images: [image], Volumes: [{ VolumeId: 'vol-1' }] });
    const id = launchInstance(world, { availabilityZone: 'eu-west-1a', imageId: 'ami-1', tags: [] });
    expect(record('Instances')).toMatchObject({
      RootDeviceName: '/dev/sda1',
      BlockDeviceMappings: [
        { DeviceName: '/dev/sda1' },
        { DeviceName: '/dev/sdf', Ebs: { DeleteOnTermination: false } },
      ],
    });
    pass(21);
    expect(refusal(() => call('AttachVolume', { ...ATTACH, InstanceId: id }))).toMatch(/already in use$/);
  });

  it('keeps its volumes when it stops', () => {
    const { call, pass, volumeStates } = begin({ Instances: [instance], Volumes: [attached] });
    call('StopInstances', { InstanceIds: ['i-1'] });
    pass(120);
    expect(volumeStates()).toEqual(['in-use', 'attached', 'attached']);
  });

  it('that is terminated lets go of its data volumes after 20 seconds', () => {
    const { call, pass, volumeStates, world, volume } = begin({
      Instances: [instance],
      Volumes: [attached, { VolumeId: 'vol-2', Attachments: [{ ...instance, DeleteOnTermination: true }] }],
    });
    call('TerminateInstances', { InstanceIds: ['i-1'] });
    pass(19);
    expect([volumeStates(), isBeingWritten(world, 'vol-1')]).toEqual([['in-use', 'detaching', 'detaching'], true]);
    pass(2);
    expect([volumeStates(), isBeingWritten(world, 'vol-1'), volume('vol-2')?.['State']]).toEqual([
      ['available', undefined, undefined],
      false,
      'in-use',
    ]);
    pass(10);
    expect(volume('vol-2')).toBeUndefined();
  });

  it('that is terminated keeps a volume busy as long as the world says', () => {
    const { call, pass, volumeStates, world } = begin({
      Instances: [instance],
      Volumes: [{ ...attached, BusySeconds: 300 }],
    });
    call('TerminateInstances', { InstanceIds: ['i-1'] });
    pass(60);
    expect([volumeStates().slice(0, 2), isBeingWritten(world, 'vol-1')]).toEqual([['in-use', 'busy'], false]);
    pass(239);
    expect(volumeStates()[0]).toBe('in-use');
    pass(2);
    expect(volumeStates()[0]).toBe('available');
  });

  it('that is gone at once, by script, leaves its data volumes available', () => {
    const { change, volumeStates, volume } = begin({
      Instances: [instance],
      Volumes: [attached, { VolumeId: 'vol-2', Attachments: [{ ...instance, Device: '/dev/xvda' }] }],
    });
    change('ec2/Instances/i-1/State/Name', 'terminated');
    expect([volumeStates(), volume('vol-2')]).toEqual([['available', undefined, undefined], undefined]);
  });

  it('that ends in a dark zone keeps its volumes until the zone is back', () => {
    const { change, call, pass, volumeStates } = begin({ Instances: [instance], Volumes: [attached] });
    change('ec2/AvailabilityZones/eu-west-1a/State', 'unavailable');
    call('TerminateInstances', { InstanceIds: ['i-1'] });
    pass(3600);
    expect(volumeStates()[1]).toBe('detaching');
    change('ec2/AvailabilityZones/eu-west-1a/State', 'available');
    pass(31);
    expect(volumeStates()[0]).toBe('available');
  });

  it('that the world file gives as shutting-down lets go of its volumes too', () => {
    const { pass, volumeStates } = begin({
      Instances: [{ ...instance, State: { Name: 'shutting-down' } }],
      Volumes: [attached],
    });
    pass(21);
    expect(volumeStates()[0]).toBe('available');
  });
});

describe('a scripted change of an attachment', () => {
  it('makes it busy, stuck, gone, or deleted with its instance', () => {
    const { change, volumeStates, volume, pass, call } = begin({ Instances: [instance], Volumes: [attached] });
    change('ec2/Volumes/vol-1/Attachments/0/State', 'busy');
    pass(600);
    expect(volumeStates()[1]).toBe('busy');
    change('ec2/Volumes/vol-1/Attachments/0/State', 'attached');
    change('ec2/Volumes/vol-1/Attachments/0/DeleteOnTermination', true);
    expect(volume()).toMatchObject({ Attachments: [{ State: 'attached', DeleteOnTermination: true }] });
    change('ec2/Volumes/vol-1/Attachments/0/State', 'detached');
    call('AttachVolume', ATTACH);
    change('ec2/Volumes/vol-1/Attachments/0/State', 'attaching');
    pass(600);
    expect(volumeStates()[1]).toBe('attaching');
  });

  it('moves the volume as somebody’s hand would', () => {
    const { change, volumeStates, volume, world } = begin({
      Instances: [instance, { InstanceId: 'i-2' }],
      Volumes: [attached],
    });
    change('ec2/Volumes/vol-1/Attachments', [{ InstanceId: 'i-2', Device: '/dev/sdg' }]);
    expect([volumeStates(), isBeingWritten(world, 'vol-1')]).toEqual([['in-use', 'attached', 'attached'], true]);
    expect(volume()).toMatchObject({ Attachments: [{ InstanceId: 'i-2', Device: '/dev/sdg' }] });
    change('ec2/Volumes/vol-1/Attachments', []);
    expect(volumeStates()).toEqual(['available', undefined, undefined]);
  });

  it.each([
    [
      'ec2/Volumes/vol-1/Attachments/0/State',
      'gone',
      /^ec2\/Volumes\/vol-1\/Attachments\/0\/State: gone is not attaching/,
    ],
    ['ec2/Volumes/vol-2/Attachments/0/State', 'busy', 'ec2/Volumes/vol-2/Attachments/0/State: vol-2 is not attached'],
    ['ec2/Volumes/vol-1/Attachments/0/Device', '/dev/sdg', /set Attachments, Attachments\/0\/State or/],
    [
      'ec2/Volumes/vol-1/Attachments',
      [{ InstanceId: 'i-9' }],
      'ec2/Volumes/vol-1/Attachments: an attachment names an InstanceId of the world and a Device',
    ],
    [
      'ec2/Instances/i-1/BlockDeviceMappings',
      [],
      'ec2/Instances/i-1/BlockDeviceMappings: set the Attachments of the volume; both sides follow',
    ],
  ])('%s = %j is refused', (path, value, expected) => {
    const { change } = begin({ Instances: [instance], Volumes: [attached, { VolumeId: 'vol-2' }] });
    expect(() => change(path, value)).toThrow(expected);
  });
});
