import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { isBeingWritten } from '../../../../simulator/services/ec2/writes.ts';
import { attachmentWorld, instance } from './ebs-world.ts';
import { refusal } from './ec2-world.ts';

const attached = { VolumeId: 'vol-1', Attachments: [instance] };
const ATTACH = { VolumeId: 'vol-1', InstanceId: 'i-1', Device: '/dev/sdf' };

describe('AttachVolume', () => {
  it('answers attaching, and the volume is attached within five seconds, on both sides', () => {
    const { call, pass, volume, volumeStates, record, events, world } = attachmentWorld({
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
    const { call, pass, volumeStates, world } = attachmentWorld({
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
    const { call, world } = attachmentWorld({
      Instances: [instance],
      Volumes: [{ VolumeId: 'vol-1' }],
      ...collections,
    });
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
    const { call } = attachmentWorld({
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
    const { call, pass, volumeStates } = attachmentWorld({ Instances: [instance], ...collections });
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
    const { call, pass, volumeStates, world } = attachmentWorld({ Instances: [instance], Volumes: [attached] });
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
    const { call, pass, volumeStates, world } = attachmentWorld({
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
    const { call, pass, volumeStates } = attachmentWorld({
      Instances: [instance],
      Volumes: [{ ...attached, Mounted: true }],
    });
    call('DetachVolume', { VolumeId: 'vol-1' });
    pass(10);
    call('DetachVolume', { VolumeId: 'vol-1', Force: true });
    pass(4);
    expect(volumeStates()[0]).toBe('available');
  });

  it('of a volume on a stopped instance works, its root volume included', () => {
    const { call, pass, volumeStates } = attachmentWorld({
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
    const { call, pass, change, volumeStates } = attachmentWorld({ Instances: [instance], Volumes: [attached] });
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
    const { call } = attachmentWorld({
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
    const { call, volume, record } = attachmentWorld({
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
    const { call } = attachmentWorld({
      Instances: [instance, { InstanceId: 'i-2', State: { Name: 'terminated' } }],
      Volumes: [attached],
    });
    expect(refusal(() => call('ModifyInstanceAttribute', input))).toBe(expected);
  });
});

describe('a scripted change of an attachment', () => {
  it('makes it busy, stuck, gone, or deleted with its instance', () => {
    const { change, volumeStates, volume, pass, call } = attachmentWorld({
      Instances: [instance],
      Volumes: [attached],
    });
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
    const { change, volumeStates, volume, world } = attachmentWorld({
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
    const { change } = attachmentWorld({ Instances: [instance], Volumes: [attached, { VolumeId: 'vol-2' }] });
    expect(() => change(path, value)).toThrow(expected);
  });
});
