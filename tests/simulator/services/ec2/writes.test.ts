import { describe, expect, it } from 'vitest';
import { isBeingWritten, contentOf, lastAcknowledgedWrite } from '../../../../simulator/services/ec2/writes.ts';
import { volumeWorld, instance } from './ebs-world.ts';

describe('the writers', () => {
  const at = (time: string): number => Date.parse(`2026-11-22T${time}Z`);

  it('write to each data volume of a running instance until it stops', () => {
    const { call, pass, world } = volumeWorld({
      Instances: [{ InstanceId: 'i-1', RootDeviceName: '/dev/xvda' }],
      Volumes: [
        { VolumeId: 'vol-1', Attachments: [instance] },
        { VolumeId: 'vol-2', Attachments: [{ InstanceId: 'i-1', Device: '/dev/xvda' }] },
        { VolumeId: 'vol-3' },
      ],
    });
    pass(100);
    expect(lastAcknowledgedWrite(world, 'vol-1')).toBe(at('08:01:40'));
    expect(contentOf(world, 'vol-1')).toEqual({
      lineage: 'vol-1',
      beganEmpty: false,
      writtenUntilMs: at('08:01:40'),
      missing: [],
    });
    expect([
      isBeingWritten(world, 'vol-2'),
      isBeingWritten(world, 'vol-3'),
      contentOf(world, 'vol-2')?.lineage,
    ]).toEqual([false, false, undefined]);
    call('StopInstances', { InstanceIds: ['i-1'], Force: true, SkipOsShutdown: true });
    pass(10);
    expect(isBeingWritten(world, 'vol-1')).toBe(true);
    pass(600);
    expect(lastAcknowledgedWrite(world, 'vol-1')).toBe(at('08:01:55'));
  });

  it('leave a snapshot behind by what they write after it, and so the volume made from it', () => {
    const { call, pass, world, create } = volumeWorld({
      Instances: [instance],
      Volumes: [{ VolumeId: 'vol-1', Attachments: [instance] }],
    });
    pass(60);
    const snap = String((call('CreateSnapshot', { VolumeId: 'vol-1' }) as { SnapshotId?: string }).SnapshotId);
    pass(100);
    expect(contentOf(world, snap)).toMatchObject({
      lineage: 'vol-1',
      writtenUntilMs: at('08:01:00'),
      missing: [{ volumeId: 'vol-1', fromMs: at('08:01:00'), untilMs: at('08:02:40') }],
    });
    const id = create({ SnapshotId: snap });
    pass(20);
    expect(contentOf(world, id)).toMatchObject({
      lineage: 'vol-1',
      beganEmpty: false,
      missing: [{ fromMs: at('08:01:00'), untilMs: at('08:03:00') }],
    });
    expect(lastAcknowledgedWrite(world, id)).toBe(at('08:03:00'));
  });

  it('lose nothing when the snapshot is taken of the unattached volume, whoever writes afterwards', () => {
    const { call, pass, world, create } = volumeWorld({
      Instances: [instance, { InstanceId: 'i-2' }],
      Volumes: [{ VolumeId: 'vol-1', Attachments: [instance] }],
    });
    call('DetachVolume', { VolumeId: 'vol-1' });
    pass(10);
    expect(isBeingWritten(world, 'vol-1')).toBe(false);
    const snap = String((call('CreateSnapshot', { VolumeId: 'vol-1' }) as { SnapshotId?: string }).SnapshotId);
    pass(100);
    const id = create({ SnapshotId: snap });
    pass(5);
    call('AttachVolume', { VolumeId: id, InstanceId: 'i-2', Device: '/dev/sdf' });
    pass(100);
    expect(isBeingWritten(world, id)).toBe(true);
    expect(contentOf(world, id)).toMatchObject({ lineage: 'vol-1', missing: [] });
    // The old one stays behind from now on.
    expect(contentOf(world, 'vol-1')?.missing).toMatchObject([{ volumeId: id }]);
  });

  it('make an empty volume the first of its own lineage', () => {
    const { call, pass, world, create } = volumeWorld({ Instances: [instance] });
    const id = create();
    expect(contentOf(world, id)).toEqual({
      lineage: undefined,
      beganEmpty: true,
      writtenUntilMs: undefined,
      missing: [],
    });
    expect(lastAcknowledgedWrite(world, id)).toBeUndefined();
    pass(5);
    call('AttachVolume', { VolumeId: id, InstanceId: 'i-1', Device: '/dev/sdf' });
    pass(60);
    expect(contentOf(world, id)).toMatchObject({ lineage: id, beganEmpty: true, missing: [] });
    expect(contentOf(world, 'vol-8')).toBeUndefined();
  });

  it('begin again when the instance runs again, and the pause is no loss', () => {
    const { call, pass, world } = volumeWorld({
      Instances: [instance],
      Volumes: [{ VolumeId: 'vol-1', Attachments: [instance] }],
    });
    call('StopInstances', { InstanceIds: ['i-1'] });
    pass(100);
    call('StartInstances', { InstanceIds: ['i-1'] });
    pass(100);
    expect(isBeingWritten(world, 'vol-1')).toBe(true);
    expect(world.records('ec2', 'Writes').map((write) => write['WriteId'])).toEqual(['vol-1.1', 'vol-1.2']);
    expect(contentOf(world, 'vol-1')?.missing).toEqual([]);
  });
});
