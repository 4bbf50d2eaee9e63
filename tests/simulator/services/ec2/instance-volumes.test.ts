import { describe, expect, it } from 'vitest';
import { launchInstance, terminateInstance } from '../../../../simulator/services/ec2/instances.ts';
import { isBeingWritten } from '../../../../simulator/services/ec2/writes.ts';
import { attachmentWorld, instance } from './ebs-world.ts';
import { refusal } from './ec2-world.ts';

const attached = { VolumeId: 'vol-1', Attachments: [instance] };
const ATTACH = { VolumeId: 'vol-1', InstanceId: 'i-1', Device: '/dev/sdf' };

describe('an instance', () => {
  it('is launched with a root volume that goes with it', () => {
    const { world, pass, record, events } = attachmentWorld({});
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
    const { world, record, call, pass } = attachmentWorld({ Images: [image], Volumes: [{ VolumeId: 'vol-1' }] });
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
    const { call, pass, volumeStates } = attachmentWorld({ Instances: [instance], Volumes: [attached] });
    call('StopInstances', { InstanceIds: ['i-1'] });
    pass(120);
    expect(volumeStates()).toEqual(['in-use', 'attached', 'attached']);
  });

  it('that is terminated lets go of its data volumes after 20 seconds', () => {
    const { call, pass, volumeStates, world, volume } = attachmentWorld({
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
    const { call, pass, volumeStates, world } = attachmentWorld({
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
    const { change, volumeStates, volume } = attachmentWorld({
      Instances: [instance],
      Volumes: [attached, { VolumeId: 'vol-2', Attachments: [{ ...instance, Device: '/dev/xvda' }] }],
    });
    change('ec2/Instances/i-1/State/Name', 'terminated');
    expect([volumeStates(), volume('vol-2')]).toEqual([['available', undefined, undefined], undefined]);
  });

  it('that ends in a dark zone keeps its volumes until the zone is back', () => {
    const { change, call, pass, volumeStates } = attachmentWorld({ Instances: [instance], Volumes: [attached] });
    change('ec2/AvailabilityZones/eu-west-1a/State', 'unavailable');
    call('TerminateInstances', { InstanceIds: ['i-1'] });
    pass(3600);
    expect(volumeStates()[1]).toBe('detaching');
    change('ec2/AvailabilityZones/eu-west-1a/State', 'available');
    pass(31);
    expect(volumeStates()[0]).toBe('available');
  });

  it('that the world file gives as shutting-down lets go of its volumes too', () => {
    const { pass, volumeStates } = attachmentWorld({
      Instances: [{ ...instance, State: { Name: 'shutting-down' } }],
      Volumes: [attached],
    });
    pass(21);
    expect(volumeStates()[0]).toBe('available');
  });
});
