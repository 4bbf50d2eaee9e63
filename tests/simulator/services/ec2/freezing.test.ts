import { describe, expect, it } from 'vitest';
import { freeze, hasFrozen, thaw } from '../../../../simulator/services/ec2/freezing.ts';
import { instanceState, terminateInstance } from '../../../../simulator/services/ec2/instances.ts';
import { contentOf, isBeingWritten, lastAcknowledgedWrite } from '../../../../simulator/services/ec2/writes.ts';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { worldSchema } from '../../../../simulator/world/world-file.ts';
import { ec2World } from './ec2-world.ts';

const at = (time: string): number => Date.parse(`2026-11-22T${time}Z`);

/** An instance with a root volume and two data volumes. */
function begin(more: { [collection: string]: Shape[] } = {}) {
  const on = (VolumeId: string, Device: string): Shape => ({ VolumeId, Attachments: [{ InstanceId: 'i-1', Device }] });
  return ec2World({
    Instances: [{ InstanceId: 'i-1' }],
    Volumes: [on('vol-root', '/dev/xvda'), on('vol-1', '/dev/sdf'), on('vol-2', '/dev/sdg')],
    ...more,
  });
}

describe('a freeze', () => {
  it('holds up the writes to all data volumes until the thaw', () => {
    const { world, pass, record } = begin();
    pass(10);
    freeze(world, 'i-1', 60);
    expect(record('FrozenFileSystems')).toEqual({
      InstanceId: 'i-1',
      VolumeIds: ['vol-1', 'vol-2'],
      Since: '2026-11-22T08:00:10.000Z',
      ThawsAt: '2026-11-22T08:01:10.000Z',
    });
    expect(['vol-1', 'vol-2'].map((id) => isBeingWritten(world, id))).toEqual([false, false]);
    pass(20);
    expect(lastAcknowledgedWrite(world, 'vol-1')).toBe(at('08:00:10'));
    thaw(world, 'i-1');
    pass(5);
    expect(lastAcknowledgedWrite(world, 'vol-1')).toBe(at('08:00:35'));
    expect(world.records('ec2', 'FrozenFileSystems')).toEqual([]);
    expect([...world.assumed]).toContain(
      'ec2: freezing holds up the writes to all data volumes that are attached to the instance, at one moment',
    );
  });

  it('ends by the timer of the host, also in a zone that is dark', () => {
    const { world, pass, change } = begin();
    freeze(world, 'i-1', 60);
    change('ec2/AvailabilityZones/eu-west-1a/State', 'unavailable');
    pass(59);
    expect(hasFrozen(world, 'i-1')).toBe(true);
    pass(2);
    expect([hasFrozen(world, 'i-1'), isBeingWritten(world, 'vol-1')]).toEqual([false, true]);
  });

  it('does not begin again while it lasts, and once thawed lasts as long as the first', () => {
    const { world, pass } = begin();
    freeze(world, 'i-1', 60);
    pass(30);
    freeze(world, 'i-1', 60);
    pass(29);
    thaw(world, 'i-1');
    freeze(world, 'i-1', 60);
    pass(59);
    expect(hasFrozen(world, 'i-1')).toBe(true);
    pass(2);
    expect(hasFrozen(world, 'i-1')).toBe(false);
  });

  it('leaves alone what is attached later, and lets go of what is detached', () => {
    const { world, pass, call } = begin();
    for (const VolumeId of ['vol-3', 'vol-4'])
      world
        .records('ec2', 'Volumes')
        .push({ VolumeId, AvailabilityZone: 'eu-west-1a', State: 'available', Attachments: [] });
    call('AttachVolume', { VolumeId: 'vol-3', InstanceId: 'i-1', Device: '/dev/sdh' });
    freeze(world, 'i-1', 60);
    call('AttachVolume', { VolumeId: 'vol-4', InstanceId: 'i-1', Device: '/dev/sdi' });
    call('DetachVolume', { VolumeId: 'vol-2', InstanceId: 'i-1' });
    pass(10);
    expect(['vol-1', 'vol-2', 'vol-3', 'vol-4'].map((id) => isBeingWritten(world, id))).toEqual([
      false,
      false,
      true,
      true,
    ]);
    pass(60);
    expect(['vol-1', 'vol-2', 'vol-3', 'vol-4'].map((id) => isBeingWritten(world, id))).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });

  it('is noted on the snapshots taken meanwhile, which hold all that was acknowledged', () => {
    const { world, pass, call } = begin();
    const take = (): void => void call('CreateSnapshots', { InstanceSpecification: { InstanceId: 'i-1' } });
    freeze(world, 'i-1', 60);
    pass(30);
    take();
    pass(45);
    take();
    expect(world.records('ec2', 'Snapshots').map(({ VolumeId, Frozen }) => [VolumeId, Frozen])).toEqual([
      ['vol-root', undefined],
      ['vol-1', true],
      ['vol-2', true],
      ['vol-root', undefined],
      ['vol-1', undefined],
      ['vol-2', undefined],
    ]);
    const [, first] = world.records('ec2', 'Snapshots');
    expect(contentOf(world, String(first?.['SnapshotId']))?.missing).toEqual([
      { volumeId: 'vol-1', fromMs: at('08:01:00'), untilMs: at('08:01:15') },
    ]);
    expect(call('DescribeSnapshots')).not.toHaveProperty('Snapshots[1].Frozen');
  });

  it('is taken up from a world file', () => {
    const frozen = {
      InstanceId: 'i-1',
      VolumeIds: ['vol-1'],
      Since: '2026-11-22T07:59:30Z',
      ThawsAt: '2026-11-22T08:00:30Z',
    };
    const { world, pass } = begin({ FrozenFileSystems: [frozen] });
    expect(['vol-1', 'vol-2'].map((id) => isBeingWritten(world, id))).toEqual([false, true]);
    pass(31);
    expect(['vol-1', 'vol-2'].map((id) => isBeingWritten(world, id))).toEqual([true, true]);
    expect(world.records('ec2', 'Writes').map(({ WriteId }) => WriteId)).toEqual(['vol-1.1', 'vol-2.1', 'vol-1.2']);
    const stopped = begin({
      Instances: [{ InstanceId: 'i-1', State: { Name: 'stopped' } }],
      FrozenFileSystems: [frozen],
    });
    stopped.pass(31);
    expect([hasFrozen(stopped.world, 'i-1'), isBeingWritten(stopped.world, 'vol-1')]).toEqual([false, false]);
    expect(
      worldSchema.safeParse({
        now: '2026-11-22T08:00:00Z',
        account: '111122223333',
        region: 'eu-west-1',
        ec2: { FrozenFileSystems: [frozen] },
      }).success,
    ).toBe(true);
  });
});

describe('a stop of an instance with frozen file systems', () => {
  const HANGS =
    'ec2: a stop that lets the operating system shut down stays stopping while file systems are frozen, until the host thaws them';

  it('waits for the timer of the host', () => {
    const { world, pass, call } = begin();
    freeze(world, 'i-1', 300);
    call('StopInstances', { InstanceIds: ['i-1'] });
    pass(299);
    expect(instanceState(world, 'i-1')).toBe('stopping');
    pass(2);
    expect(instanceState(world, 'i-1')).toBe('stopped');
    expect(['vol-1', 'vol-2'].map((id) => isBeingWritten(world, id))).toEqual([false, false]);
    expect([...world.assumed]).toContain(HANGS);
  });

  it('takes its usual time where they are thawed before it would be over', () => {
    const { world, pass, call } = begin();
    freeze(world, 'i-1', 5);
    call('StopInstances', { InstanceIds: ['i-1'] });
    pass(29);
    expect(instanceState(world, 'i-1')).toBe('stopping');
    pass(32);
    expect(instanceState(world, 'i-1')).toBe('stopped');
    expect([...world.assumed]).not.toContain(HANGS);
  });

  it.each([{ Force: true }, { SkipOsShutdown: true }, { Force: true, SkipOsShutdown: true }])(
    'does not wait with %o, and nothing is frozen when it starts again',
    (manner) => {
      const { world, pass, call } = begin();
      freeze(world, 'i-1', 300);
      call('StopInstances', { InstanceIds: ['i-1'], ...manner });
      pass(61);
      expect([instanceState(world, 'i-1'), hasFrozen(world, 'i-1')]).toEqual(['stopped', false]);
      call('StartInstances', { InstanceIds: ['i-1'] });
      pass(21);
      expect(isBeingWritten(world, 'vol-1')).toBe(true);
    },
  );

  it('may be forced while it waits', () => {
    const { world, pass, call } = begin();
    freeze(world, 'i-1', 300);
    call('StopInstances', { InstanceIds: ['i-1'] });
    pass(100);
    call('StopInstances', { InstanceIds: ['i-1'], Force: true });
    pass(61);
    expect(instanceState(world, 'i-1')).toBe('stopped');
  });

  it('goes on from a world file', () => {
    const frozen = {
      InstanceId: 'i-1',
      VolumeIds: ['vol-1'],
      Since: '2026-11-22T07:59:00Z',
      ThawsAt: '2026-11-22T08:04:00Z',
    };
    const { world, pass } = begin({
      Instances: [{ InstanceId: 'i-1', State: { Name: 'stopping' } }],
      FrozenFileSystems: [frozen],
    });
    pass(239);
    expect(instanceState(world, 'i-1')).toBe('stopping');
    pass(2);
    expect([instanceState(world, 'i-1'), isBeingWritten(world, 'vol-1')]).toEqual(['stopped', false]);
  });
});

describe('a termination of an instance with frozen file systems', () => {
  it('waits for nobody, and ends the freeze', () => {
    const { world, pass } = begin();
    freeze(world, 'i-1', 300);
    terminateInstance(world, 'i-1');
    pass(31);
    expect([instanceState(world, 'i-1'), hasFrozen(world, 'i-1')]).toEqual(['terminated', false]);
  });
});
