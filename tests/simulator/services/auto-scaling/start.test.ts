import { describe, expect, it } from 'vitest';
import { serviceWorld } from '../service-world.ts';
import { OLD, TERMINATE, instance, hook, oneOfOne, members, states, answer, tokenOf } from './group-world.ts';

describe('what a world file leaves out', () => {
  it('is derived from the members', () => {
    const simulation = oneOfOne([hook('in', 'LAUNCHING', { HeartbeatTimeout: 60 }), hook('out', 'TERMINATING')]);
    const { AutoScalingGroups: groups } = simulation.call('autoscaling:DescribeAutoScalingGroups');
    expect(groups).toMatchObject([
      {
        MinSize: 1,
        MaxSize: 1,
        DesiredCapacity: 1,
        AvailabilityZones: ['eu-west-1a', 'eu-west-1b'],
        HealthCheckType: 'EC2',
        HealthCheckGracePeriod: 0,
        Instances: [
          {
            InstanceId: OLD,
            AvailabilityZone: 'eu-west-1a',
            LifecycleState: 'InService',
            HealthStatus: 'Healthy',
            ProtectedFromScaleIn: false,
          },
        ],
        CreatedTime: new Date('2026-11-22T08:00:00Z'),
      },
    ]);
    expect(simulation.call('autoscaling:DescribeLifecycleHooks', { AutoScalingGroupName: 'g' })).toMatchObject({
      LifecycleHooks: [
        { LifecycleHookName: 'in', HeartbeatTimeout: 60, GlobalTimeout: 6000, DefaultResult: 'ABANDON' },
        { LifecycleHookName: 'out', HeartbeatTimeout: 3600, GlobalTimeout: 172_800, DefaultResult: 'ABANDON' },
      ],
    });
  });

  it('tags a member with the name of its group and with the tags that the group propagates', () => {
    const simulation = oneOfOne([], {
      Tags: [
        { Key: 'runbook:vip', Value: 'web' },
        { Key: 'private', Value: 'x', PropagateAtLaunch: false },
      ],
    });
    expect(simulation.world.records('ec2', 'Instances')[0]?.['Tags']).toEqual([
      { Key: 'runbook:vip', Value: 'web' },
      { Key: 'aws:autoscaling:groupName', Value: 'g' },
    ]);
  });

  it('takes the members of a group that names none from the tags of the instances', () => {
    const simulation = serviceWorld({
      ec2: {
        Instances: [
          { ...instance(OLD), Tags: [{ Key: 'aws:autoscaling:groupName', Value: 'g' }] },
          {
            ...instance('i-0a2', 'eu-west-1b', 'terminated'),
            Tags: [{ Key: 'aws:autoscaling:groupName', Value: 'g' }],
          },
          instance('i-0a3'),
        ],
      },
      'auto-scaling': { AutoScalingGroups: [{ AutoScalingGroupName: 'g' }] },
    });
    expect(members(simulation)).toEqual([{ id: OLD, state: 'InService', health: 'Healthy', zone: 'eu-west-1a' }]);
  });

  it('does nothing by itself in a group that is as it should be', () => {
    const simulation = oneOfOne();
    expect(simulation.quiesce()).toBe(0);
    expect(simulation.titles()).toEqual([]);
  });

  it.each([
    [
      'a member that is no instance',
      { Instances: [{ InstanceId: 'i-0b2' }] },
      'auto-scaling.AutoScalingGroups[0].Instances[0].InstanceId: i-0b2 is not in ec2.Instances',
    ],
    ['a misspelt member', { DesiredCapcity: 1 }, 'auto-scaling.AutoScalingGroups[0].DesiredCapcity: unknown member'],
    [
      'a desired capacity over the maximum',
      { DesiredCapacity: 3, MaxSize: 2, MinSize: 1 },
      'auto-scaling.AutoScalingGroups[0].DesiredCapacity: 3 is not between',
    ],
    [
      'a waiting member without a hook',
      { Instances: [{ InstanceId: OLD, LifecycleState: 'Pending:Wait' }] },
      'auto-scaling.AutoScalingGroups[0].Instances[0].LifecycleState: Pending:Wait needs a hook',
    ],
  ])('refuses %s and names its path', (_what, group, message) => {
    expect(() => oneOfOne([], group)).toThrow(message);
  });

  it('can be begun again from its own end', () => {
    const first = oneOfOne([hook('out', 'TERMINATING')]);
    first.set(`auto-scaling/AutoScalingGroups/g/Instances/${OLD}/HealthStatus`, 'Unhealthy');
    first.pass(5);
    const again = serviceWorld(
      structuredClone({ ec2: first.world.data['ec2'], 'auto-scaling': first.world.data['auto-scaling'] }),
    );
    expect(members(again)).toEqual(members(first));
    answer(again, 'out', tokenOf(first, TERMINATE));
    again.quiesce();
    expect(states(again)).toEqual(['InService']);
  });
});

describe('the full output of the describe commands', () => {
  const printed = {
    AutoScalingGroups: [
      {
        AutoScalingGroupName: 'g',
        AutoScalingGroupARN:
          'arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:930d940e-891e-4781-a11a-7b0acd480f03:autoScalingGroupName/g',
        LaunchTemplate: { LaunchTemplateId: 'lt-0b97f1e282EXAMPLE', LaunchTemplateName: 'lt', Version: '1' },
        MinSize: 0,
        MaxSize: 2,
        DesiredCapacity: 1,
        DefaultCooldown: 300,
        AvailabilityZones: ['eu-west-1a', 'eu-west-1b'],
        LoadBalancerNames: [],
        TargetGroupARNs: [],
        HealthCheckType: 'EC2',
        HealthCheckGracePeriod: 0,
        Instances: [
          {
            InstanceId: OLD,
            InstanceType: 't3.small',
            AvailabilityZone: 'eu-west-1a',
            LifecycleState: 'InService',
            HealthStatus: 'Healthy',
            LaunchTemplate: { LaunchTemplateId: 'lt-0b97f1e282EXAMPLE', LaunchTemplateName: 'lt', Version: '1' },
            ProtectedFromScaleIn: false,
          },
        ],
        CreatedTime: '2023-10-28T02:39:22.152000+00:00',
        SuspendedProcesses: [
          { ProcessName: 'AZRebalance', SuspensionReason: 'User suspended at 2023-10-28T02:40:00Z' },
        ],
        VPCZoneIdentifier: 'subnet-5ea0c127,subnet-6194ea3b',
        EnabledMetrics: [{ Metric: 'GroupMinSize', Granularity: '1Minute' }],
        Tags: [
          { ResourceId: 'g', ResourceType: 'auto-scaling-group', Key: 'Name', Value: 'x', PropagateAtLaunch: true },
        ],
        TerminationPolicies: ['Default'],
        NewInstancesProtectedFromScaleIn: false,
        ServiceLinkedRoleARN:
          'arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling',
        TrafficSources: [],
        CapacityRebalance: false,
        InstanceMaintenancePolicy: { MinHealthyPercentage: -1, MaxHealthyPercentage: -1 },
        CapacityReservationSpecification: { CapacityReservationPreference: 'default' },
      },
    ],
    LifecycleHooks: [
      {
        LifecycleHookName: 'out',
        AutoScalingGroupName: 'g',
        LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
        NotificationTargetARN: 'arn:aws:sns:eu-west-1:111122223333:t',
        RoleARN: 'arn:aws:iam::111122223333:role/r',
        HeartbeatTimeout: 30,
        GlobalTimeout: 3000,
        DefaultResult: 'CONTINUE',
      },
    ],
    Activities: [
      {
        ActivityId: 'f9f2d65b-f1f2-43e7-b46d-d86756459699',
        AutoScalingGroupName: 'g',
        Description: 'Launching a new EC2 instance: i-0a1',
        Cause: 'At 2023-10-30T19:35:51Z a user request created an AutoScalingGroup.',
        StartTime: '2023-10-30T19:36:09.766Z',
        EndTime: '2023-10-30T19:36:41Z',
        StatusCode: 'Successful',
        Progress: 100,
        Details: '{"Subnet ID":"subnet-5ea0c127","Availability Zone":"eu-west-1a"}',
        AutoScalingGroupARN:
          'arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:930d940e-891e-4781-a11a-7b0acd480f03:autoScalingGroupName/g',
      },
    ],
  };
  const begun = () => serviceWorld({ ec2: { Instances: [instance(OLD)] }, 'auto-scaling': printed });

  it('is accepted and printed again as it was', () => {
    const [group] = printed.AutoScalingGroups;
    const [activity] = printed.Activities;
    const simulation = begun();
    expect(simulation.call('autoscaling:DescribeAutoScalingGroups')).toEqual({
      AutoScalingGroups: [{ ...group, CreatedTime: new Date('2023-10-28T02:39:22.152Z') }],
    });
    expect(simulation.call('autoscaling:DescribeLifecycleHooks', { AutoScalingGroupName: 'g' })).toEqual({
      LifecycleHooks: printed.LifecycleHooks,
    });
    expect(simulation.call('autoscaling:DescribeScalingActivities', { AutoScalingGroupName: 'g' })).toEqual({
      Activities: [
        { ...activity, StartTime: new Date('2023-10-30T19:36:09.766Z'), EndTime: new Date('2023-10-30T19:36:41Z') },
      ],
    });
  });

  it('is given out in copies', () => {
    const simulation = begun();
    const first = simulation.call('autoscaling:DescribeAutoScalingGroups');
    Object.assign(Array.isArray(first['AutoScalingGroups']) ? first['AutoScalingGroups'][0] : {}, {
      DesiredCapacity: 9,
    });
    expect(simulation.call('autoscaling:DescribeAutoScalingGroups')).toMatchObject({
      AutoScalingGroups: [{ DesiredCapacity: 1 }],
    });
  });
});

describe('the activity of a member that a world shows on its way', () => {
  it('is the one that the world shows, with its time', () => {
    const { world } = serviceWorld({
      ec2: {
        Instances: [{ InstanceId: 'i-0b2', State: { Name: 'running' }, Placement: { AvailabilityZone: 'eu-west-1a' } }],
      },
      'auto-scaling': {
        AutoScalingGroups: [
          { AutoScalingGroupName: 'db', Instances: [{ InstanceId: 'i-0b2', LifecycleState: 'Pending:Wait' }] },
        ],
        LifecycleHooks: [
          {
            AutoScalingGroupName: 'db',
            LifecycleHookName: 'receive',
            LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
          },
        ],
        Activities: [
          {
            ActivityId: 'a-1',
            AutoScalingGroupName: 'db',
            Description: 'Launching a new EC2 instance: i-0b2',
            StartTime: '2026-11-21T15:56:28Z',
            StatusCode: 'InProgress',
          },
        ],
      },
    });
    expect(
      world.records('auto-scaling', 'Activities').map(({ ActivityId, StartTime }) => [ActivityId, StartTime]),
    ).toEqual([['a-1', '2026-11-21T15:56:28Z']]);
  });
});
