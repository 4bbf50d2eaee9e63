import { describe, expect, it } from 'vitest';
import { isBeingWritten } from '../../../../simulator/services/ec2/writes.ts';
import { volumeWorld, instance } from './ebs-world.ts';
import { refusal } from './ec2-world.ts';

describe('a scripted change', () => {
  it('deletes a volume behind everybody’s back, or adds one', () => {
    const { change, record, world } = volumeWorld({
      Instances: [instance],
      Volumes: [{ VolumeId: 'vol-1', Attachments: [instance] }],
    });
    expect(change('ec2/Volumes/vol-1', null)).toBe(false);
    expect(record('Instances')['BlockDeviceMappings']).toEqual([]);
    expect(isBeingWritten(world, 'vol-1')).toBe(false);
    expect(change('ec2/Volumes/vol-2', { AvailabilityZone: 'eu-west-1a', Size: 5 })).toBe(true);
    expect(record('Volumes', 1)).toMatchObject({ VolumeId: 'vol-2', State: 'available', Size: 5, Lineage: 'vol-2' });
    expect(() => change('ec2/Volumes/vol-2', {})).toThrow('ec2/Volumes/vol-2: vol-2 is there already: set its members');
  });

  it('of a state makes a volume fail or frees it', () => {
    const { change, call, record } = volumeWorld({
      Instances: [instance],
      Volumes: [{ VolumeId: 'vol-1', Attachments: [instance] }],
    });
    expect(change('ec2/Volumes/vol-1/State', 'available')).toBe(true);
    expect(record('Volumes')).toMatchObject({ State: 'available', Attachments: [] });
    change('ec2/Volumes/vol-1/State', 'error');
    expect(refusal(() => call('CreateSnapshot', { VolumeId: 'vol-1' }))).toBe(
      "IncorrectState: Volume 'vol-1' is in the 'error' state.",
    );
    expect(refusal(() => call('AttachVolume', { VolumeId: 'vol-1', InstanceId: 'i-1', Device: '/dev/sdf' }))).toBe(
      "IncorrectState: vol-1 is not 'available'.",
    );
    expect(() => change('ec2/Volumes/vol-1/State', 'in-use')).toThrow(
      'ec2/Volumes/vol-1/State: in-use: a script makes a volume available or error',
    );
  });

  it('of how a volume behaves is only set', () => {
    const { change } = volumeWorld({ Volumes: [{ VolumeId: 'vol-1' }] });
    expect(change('ec2/Volumes/vol-1/SnapshotSeconds', 21_600)).toBe(false);
    expect(change('ec2/Volumes/vol-1/Tags/Name', 'x')).toBe(false);
  });
});
