import type { AutoScalingGroup, Instance as Member } from '@aws-sdk/client-auto-scaling';
import type { Volume, VolumeAttachmentState } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { membershipOf } from '../../../../shared/aws/ec2/reading.ts';
import { hasWholeSet } from '../../../../shared/aws/ec2/volume-sets.ts';

function volume(
  id: string,
  device: string,
  state: VolumeAttachmentState | 'none',
  change: Partial<Volume> = {},
): Volume {
  const attachment = { InstanceId: 'i-1', Device: device, State: state === 'none' ? undefined : state };
  return {
    VolumeId: id,
    State: state === 'none' ? 'available' : 'in-use',
    Attachments: state === 'none' ? [] : [attachment],
    Tags: [
      { Key: 'runbook:volumes', Value: 'db' },
      { Key: 'runbook:device', Value: device },
    ],
    ...change,
  };
}

describe('an instance has its whole set', () => {
  const isWhole = (...volumes: readonly Volume[]): boolean => hasWholeSet('i-1', 'db', volumes);

  it('when a volume for each device is attached to it', () => {
    expect(isWhole(volume('vol-1', '/dev/sdf', 'attached'), volume('vol-2', '/dev/sdg', 'attached'))).toBe(true);
    expect(isWhole(volume('vol-1', '/dev/sdf', 'attached'), volume('vol-2', '/dev/sdg', 'none'))).toBe(false);
  });

  it.each(['attaching', 'detaching', 'detached', 'busy'] as const)('not while one of it is %s', (state) => {
    expect(isWhole(volume('vol-1', '/dev/sdf', 'attached'), volume('vol-2', '/dev/sdg', state))).toBe(false);
  });

  it('not when there is none, nor when all are replaced or on their way out', () => {
    expect(isWhole()).toBe(false);
    expect(isWhole(volume('vol-1', '/dev/sdf', 'attached', { State: 'deleting' }))).toBe(false);
  });

  it('whatever became of volumes that are replaced', () => {
    const Tags = [
      { Key: 'runbook:volumes', Value: 'db' },
      { Key: 'runbook:superseded-at', Value: '2026-11-22T08:00:00Z' },
    ];
    expect(isWhole(volume('vol-1', '/dev/sdf', 'attached'), volume('vol-2', '/dev/sdg', 'none', { Tags }))).toBe(true);
  });
});

describe('what Auto Scaling leaves out of a member', () => {
  const group = { AutoScalingGroupName: 'web', Tags: [] } as const satisfies Partial<AutoScalingGroup>;
  const whole = {
    InstanceId: 'i-1',
    LifecycleState: 'InService',
    HealthStatus: 'Healthy',
  } as const satisfies Partial<Member>;

  it.each(['LifecycleState', 'HealthStatus'] as const)('is no answer: %s', (name) => {
    const frame = {
      MinSize: 0,
      MaxSize: 1,
      DesiredCapacity: 1,
      DefaultCooldown: 0,
      AvailabilityZones: [],
      HealthCheckType: '',
    };
    const member = { AvailabilityZone: 'a', ProtectedFromScaleIn: false, ...whole, [name]: undefined };
    expect(() => membershipOf({ ...frame, ...group, CreatedTime: new Date(0), Tags: [] }, member)).toThrow(
      `web.i-1.${name}: missing in AWS's answer`,
    );
  });
});
