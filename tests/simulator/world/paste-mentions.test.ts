/** Pasted outputs that mention what was not pasted: it is named, and nothing is invented. */

import { describe, expect, it } from 'vitest';
import { createClock } from '../../../simulator/engine/clock.ts';
import type { Shape } from '../../../simulator/engine/model.ts';
import { SERVICES } from '../../../simulator/engine/services.ts';
import { createWorld } from '../../../simulator/engine/world.ts';
import { parseWorld } from '../../../simulator/world/world-file.ts';
import { ask, FRAME, HOLDER, load } from './pasting.ts';

describe('what is mentioned and was not pasted', () => {
  it('is left as it is, and named', () => {
    const { lacks, one } = load({
      ec2: {
        Instances: [HOLDER],
        NetworkInterfaces: [
          { NetworkInterfaceId: 'eni-0x', AvailabilityZone: 'eu-west-1b', Attachment: { InstanceId: 'i-0x1' } },
        ],
        InstanceStatuses: [
          { InstanceId: 'i-0x2', InstanceState: { Name: 'running' }, SystemStatus: { Status: 'impaired' } },
        ],
        SpotInstanceRequests: [{ SpotInstanceRequestId: 'sir-1', InstanceId: 'i-0x3' }],
        Volumes: [
          {
            VolumeId: 'vol-1',
            State: 'in-use',
            Attachments: [{ InstanceId: 'i-0x4', Device: '/dev/sdf', State: 'attached' }],
          },
        ],
      },
      ssm: { InstanceInformationList: [{ InstanceId: 'i-0x5' }, { InstanceId: 'mi-0123' }] },
      cloudwatch: {
        MetricAlarms: [
          {
            AlarmName: 'a',
            Namespace: 'AWS/EC2',
            MetricName: 'StatusCheckFailed',
            Dimensions: [{ Name: 'InstanceId', Value: 'i-0x6' }],
            StateValue: 'ALARM',
          },
        ],
        CompositeAlarms: [{ AlarmName: 'c', AlarmRule: 'ALARM(a) AND ALARM("gone")', StateValue: 'ALARM' }],
      },
      'auto-scaling': {
        AutoScalingGroups: [
          {
            AutoScalingGroupName: 'g',
            MinSize: 2,
            MaxSize: 2,
            DesiredCapacity: 2,
            AvailabilityZones: ['eu-west-1a'],
            Instances: [
              { InstanceId: 'i-0a1', LifecycleState: 'InService', HealthStatus: 'Healthy' },
              {
                InstanceId: 'i-0x7',
                AvailabilityZone: 'eu-west-1a',
                LifecycleState: 'InService',
                HealthStatus: 'Healthy',
              },
            ],
          },
          {
            AutoScalingGroupName: 'warm',
            MinSize: 0,
            MaxSize: 2,
            DesiredCapacity: 0,
            AvailabilityZones: ['eu-west-1a'],
            WarmPoolConfiguration: { PoolState: 'Stopped' },
            WarmPoolSize: 2,
          },
        ],
        LifecycleHooks: [
          {
            AutoScalingGroupName: 'other',
            LifecycleHookName: 'h',
            LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
          },
        ],
      },
    });
    expect(lacks).toEqual([
      'ec2.NetworkInterfaces[0].Attachment.InstanceId: there is no instance i-0x1 in ec2.Instances',
      'ec2.SpotInstanceRequests[0].InstanceId: there is no instance i-0x3 in ec2.Instances',
      'ec2.Volumes[0].Attachments[0].InstanceId: there is no instance i-0x4 in ec2.Instances',
      'ec2.InstanceStatuses[0].InstanceId: there is no instance i-0x2 in ec2.Instances',
      'auto-scaling.AutoScalingGroups[1].WarmPoolSize: must be the number of members in auto-scaling.WarmPools, 0',
      'auto-scaling.AutoScalingGroups[0].Instances[1].InstanceId: i-0x7 is not in ec2.Instances: add the instance there, or take the member out',
      'auto-scaling.LifecycleHooks[0].AutoScalingGroupName: there is no Auto Scaling group other',
      'cloudwatch.MetricAlarms[0].Dimensions: there is no instance i-0x6 in ec2.Instances',
      'cloudwatch.CompositeAlarms[0].AlarmRule: there is no alarm gone',
      'ssm.InstanceInformation[0].InstanceId: there is no instance i-0x5 in ec2.Instances',
    ]);
    expect(one('ec2', 'Volumes')).toMatchObject({
      State: 'in-use',
      Attachments: [{ InstanceId: 'i-0x4', State: 'attached' }],
    });
    expect(one('ec2', 'Instances', 1)).toEqual({});
    expect(one('cloudwatch', 'MetricAlarms')['StateValue']).toBe('ALARM');
    expect(one('cloudwatch', 'CompositeAlarms')['StateValue']).toBe('ALARM');
  });

  it('is not simulated where AWS would know more of it than the file', () => {
    const { world } = load({
      ec2: {
        Instances: [HOLDER],
        Volumes: [
          {
            VolumeId: 'vol-1',
            AvailabilityZone: 'eu-west-1a',
            Attachments: [{ InstanceId: 'i-0x4', Device: '/dev/sdf' }],
          },
        ],
      },
    });
    const notSimulated = (operation: string, input: Shape): string => {
      try {
        ask(world, 'ec2', operation, input);
        return 'answered';
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    };
    const reading =
      'not simulated: what AWS says of i-0x4: the world file mentions it, but ec2.Instances does not hold it';
    expect(notSimulated('DescribeInstances', { InstanceIds: ['i-0x4'] })).toBe(reading);
    expect(notSimulated('DescribeInstances', { Filters: [{ Name: 'instance-id', Values: ['i-0a1', 'i-0x4'] }] })).toBe(
      reading,
    );
    expect(notSimulated('DescribeInstances', { Filters: [{ Name: 'instance-id', Values: ['i-0a1'] }] })).toBe(
      'answered',
    );
    expect(notSimulated('DescribeInstanceStatus', { InstanceIds: ['i-0x4'] })).toBe(reading);
    expect(notSimulated('StopInstances', { InstanceIds: ['i-0x4'] })).toBe(reading);
    expect(notSimulated('DetachVolume', { VolumeId: 'vol-1' })).toBe(
      'not simulated: ec2:DetachVolume from i-0x4, which the world file mentions and does not hold',
    );
    expect(notSimulated('DescribeInstances', { InstanceIds: ['i-0f00'] })).toContain('does not exist');
    expect(notSimulated('DescribeVolumes', { VolumeIds: ['vol-1'] })).toBe('answered');
  });

  it('is a fault in a file that is written by hand', () => {
    const parsed = parseWorld({ ...FRAME, ec2: { Addresses: [{ AllocationId: 'eipalloc-1', InstanceId: 'i-9' }] } });
    const options = {
      services: SERVICES,
      seed: 1,
      account: parsed.account,
      region: parsed.region,
      clock: createClock(0),
    };
    expect(() => createWorld(parsed.data, options)).toThrow('ec2.Addresses[0].InstanceId: there is no instance i-9');
  });
});

describe('groups and alarms that a paste tells in part', () => {
  const group = (more: object): object => ({
    AutoScalingGroupName: 'g',
    MinSize: 1,
    MaxSize: 2,
    DesiredCapacity: 1,
    AvailabilityZones: ['eu-west-1a'],
    ...more,
  });

  it('stand still where their members, hooks or pools were not pasted', () => {
    const { lacks, world, one } = load({
      ec2: { Instances: [HOLDER] },
      'auto-scaling': {
        AutoScalingGroups: [
          group({ Instances: [{ InstanceId: 'i-0a1', LifecycleState: 'Pending:Wait' }] }),
          group({
            AutoScalingGroupName: 'h',
            Instances: [
              {
                InstanceId: 'i-0x',
                AvailabilityZone: 'eu-west-1a',
                LifecycleState: 'InService',
                HealthStatus: 'Unhealthy',
              },
            ],
          }),
        ],
      },
    });
    expect(lacks).toEqual([
      'auto-scaling.AutoScalingGroups[1].Instances[0].InstanceId: i-0x is not in ec2.Instances: add the instance there, or take the member out',
      'auto-scaling.AutoScalingGroups[0].Instances[0].LifecycleState: Pending:Wait needs a hook of autoscaling:EC2_INSTANCE_LAUNCHING in auto-scaling.LifecycleHooks',
    ]);
    expect(world.clock.now()).toBe(1_795_334_400_000);
    expect(one('auto-scaling', 'AutoScalingGroups', 1)['Instances']).toMatchObject([
      { InstanceId: 'i-0x', LifecycleState: 'InService', HealthStatus: 'Unhealthy' },
    ]);
  });

  it('keep their state where their kind is not simulated', () => {
    const { lacks, one } = load({
      ec2: { Instances: [HOLDER] },
      cloudwatch: {
        MetricAlarms: [
          { AlarmName: 'promql', EvaluationCriteria: { PromQLCriteria: { Query: 'up' } }, StateValue: 'ALARM' },
          {
            AlarmName: 'p99',
            Namespace: 'AWS/EC2',
            MetricName: 'StatusCheckFailed',
            ExtendedStatistic: 'p99',
            Dimensions: [{ Name: 'InstanceId', Value: 'i-0a1' }],
            StateValue: 'OK',
          },
        ],
        CompositeAlarms: [
          { AlarmName: 'c', AlarmRule: 'AT_LEAST(1, ALARM, (p99, promql))', StateValue: 'INSUFFICIENT_DATA' },
        ],
      },
    });
    expect(lacks).toEqual([
      'cloudwatch.MetricAlarms[0]: an alarm needs MetricName and Namespace, or Metrics',
      'cloudwatch.MetricAlarms[1].Statistic: an alarm on a status check is simulated for Maximum, Minimum, Average and Sum only',
      expect.stringMatching(/^cloudwatch\.CompositeAlarms\[0\]\.AlarmRule: at character 1: /u),
    ]);
    expect(one('cloudwatch', 'CompositeAlarms')['StateValue']).toBe('INSUFFICIENT_DATA');
  });
});

describe('a record that was pasted twice', () => {
  it('is one, if both are the same', () => {
    const { world, lacks } = load({
      ec2: { Reservations: [{ Instances: [HOLDER] }, { Instances: [structuredClone(HOLDER)] }], Instances: [HOLDER] },
    });
    expect(lacks).toEqual([]);
    expect(world.records('ec2', 'Instances')).toHaveLength(1);
  });

  it('is a fault, if they contradict each other', () => {
    expect(() => load({ ec2: { Instances: [HOLDER, { ...HOLDER, InstanceType: 'm7g.large' }] } })).toThrow(
      'ec2.Instances[1].InstanceId: "i-0a1" occurs twice',
    );
  });
});

describe('an instance whose interfaces were left out of its record', () => {
  it('has the one that its address mentions', () => {
    const { lacks, one } = load({
      ec2: {
        Instances: [{ InstanceId: 'i-0a1', PrivateIpAddress: '10.0.0.11', PublicIpAddress: '203.0.113.9' }],
        Addresses: [
          {
            AllocationId: 'eipalloc-1',
            PublicIp: '203.0.113.9',
            AssociationId: 'eipassoc-1',
            InstanceId: 'i-0a1',
            NetworkInterfaceId: 'eni-0a1',
            PrivateIpAddress: '10.0.0.11',
          },
        ],
      },
    });
    expect(lacks).toEqual([]);
    expect(one('ec2', 'NetworkInterfaces')).toMatchObject({
      NetworkInterfaceId: 'eni-0a1',
      Attachment: { InstanceId: 'i-0a1' },
      Association: { PublicIp: '203.0.113.9' },
    });
  });
});
