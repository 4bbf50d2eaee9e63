import { describe, expect, it } from 'vitest';
import { type ServiceWorld, serviceWorld } from '../service-world.ts';

const OLD = 'i-0a1';

const instance = (id: string, zone = 'eu-west-1a', state = 'running') => ({
  InstanceId: id,
  State: { Name: state },
  Placement: { AvailabilityZone: zone },
});

const hook = (name: string, transition: 'LAUNCHING' | 'TERMINATING', more: object = {}) => ({
  LifecycleHookName: name,
  AutoScalingGroupName: 'g',
  LifecycleTransition: `autoscaling:EC2_INSTANCE_${transition}`,
  ...more,
});

/** A group of one over two zones. */
function oneOfOne(hooks: readonly object[] = [], group: object = {}): ServiceWorld {
  return serviceWorld({
    ec2: { Instances: [instance(OLD)] },
    'auto-scaling': {
      AutoScalingGroups: [
        {
          AutoScalingGroupName: 'g',
          AvailabilityZones: ['eu-west-1a', 'eu-west-1b'],
          Instances: [{ InstanceId: OLD }],
          ...group,
        },
      ],
      LifecycleHooks: hooks,
    },
  });
}

interface Seen {
  readonly id: string;
  readonly state: string;
  readonly health: string;
  readonly zone: string;
}

function members({ world }: ServiceWorld): Seen[] {
  const group = world.records('auto-scaling', 'AutoScalingGroups')[0];
  const list: unknown = group?.['Instances'];
  if (!Array.isArray(list)) throw new Error('no Instances');
  return list.map((each: Record<string, unknown>) => ({
    id: String(each['InstanceId']),
    state: String(each['LifecycleState']),
    health: String(each['HealthStatus']),
    zone: String(each['AvailabilityZone']),
  }));
}

const states = (simulation: ServiceWorld): string[] => members(simulation).map((each) => each.state);

/** Details of the events of one title. */
const details = (simulation: ServiceWorld, title: string) =>
  simulation.events.filter((event) => event['detail-type'] === title).map((event) => event.detail);

const replacement = (simulation: ServiceWorld): string =>
  members(simulation).find((each) => each.id !== OLD)?.id ?? 'none';

const answer = (simulation: ServiceWorld, name: string, token: unknown, result = 'CONTINUE') =>
  simulation.call('autoscaling:CompleteLifecycleAction', {
    AutoScalingGroupName: 'g',
    LifecycleHookName: name,
    LifecycleActionToken: token,
    LifecycleActionResult: result,
  });

const tokenOf = (simulation: ServiceWorld, title: string, at = -1): unknown =>
  details(simulation, title).at(at)?.['LifecycleActionToken'];

const LAUNCH = 'EC2 Instance-launch Lifecycle Action';
const TERMINATE = 'EC2 Instance-terminate Lifecycle Action';

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

describe('replacement in a group of one', () => {
  it('marks a stopped member unhealthy at once and launches its replacement while it terminates', () => {
    const simulation = oneOfOne();
    simulation.set(`ec2/Instances/${OLD}/State/Name`, 'stopped');
    expect(members(simulation)).toEqual([{ id: OLD, state: 'InService', health: 'Unhealthy', zone: 'eu-west-1a' }]);
    simulation.pass(1);
    expect(members(simulation)).toEqual([
      { id: OLD, state: 'Terminating:Proceed', health: 'Unhealthy', zone: 'eu-west-1a' },
      { id: replacement(simulation), state: 'Pending', health: 'Healthy', zone: 'eu-west-1b' },
    ]);
    simulation.quiesce();
    expect(members(simulation)).toEqual([
      { id: replacement(simulation), state: 'InService', health: 'Healthy', zone: 'eu-west-1b' },
    ]);
    expect(simulation.titles()).toEqual(['EC2 Instance Launch Successful', 'EC2 Instance Terminate Successful']);
    expect(details(simulation, 'EC2 Instance Launch Successful')[0]).toMatchObject({
      StatusCode: 'InProgress',
      AutoScalingGroupName: 'g',
      EC2InstanceId: replacement(simulation),
      Details: { 'Availability Zone': 'eu-west-1b' },
      Origin: 'EC2',
      Destination: 'AutoScalingGroup',
    });
  });

  it('starts the launch hook before the terminate hook has ended, and finds the new instance still pending', () => {
    const simulation = oneOfOne([hook('in', 'LAUNCHING', { NotificationMetadata: 'm' }), hook('out', 'TERMINATING')]);
    simulation.set(`ec2/Instances/${OLD}/State/Name`, 'terminated');
    simulation.pass(4);
    expect(states(simulation)).toEqual(['Terminating:Wait', 'Pending:Wait']);
    expect(simulation.titles()).toEqual([TERMINATE, LAUNCH]);
    expect(details(simulation, LAUNCH)[0]).toEqual({
      LifecycleActionToken: tokenOf(simulation, LAUNCH),
      AutoScalingGroupName: 'g',
      LifecycleHookName: 'in',
      EC2InstanceId: replacement(simulation),
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
      NotificationMetadata: 'm',
      Origin: 'EC2',
      Destination: 'AutoScalingGroup',
    });
    expect(details(simulation, TERMINATE)[0]).toMatchObject({
      EC2InstanceId: OLD,
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
      Origin: 'AutoScalingGroup',
      Destination: 'EC2',
    });
    expect(
      simulation.world.records('ec2', 'Instances').find((each) => each['InstanceId'] === replacement(simulation))?.[
        'State'
      ],
    ).toMatchObject({ Name: 'pending' });

    answer(simulation, 'in', tokenOf(simulation, LAUNCH));
    expect(states(simulation)).toEqual(['Terminating:Wait', 'Pending:Proceed']);
    simulation.pass(60);
    expect(states(simulation)).toEqual(['Terminating:Wait', 'InService']);
    answer(simulation, 'out', tokenOf(simulation, TERMINATE));
    simulation.quiesce();
    expect(states(simulation)).toEqual(['InService']);
    expect(simulation.titles()).toEqual([
      TERMINATE,
      LAUNCH,
      'EC2 Instance Launch Successful',
      'EC2 Instance Terminate Successful',
    ]);
  });

  it('waits three minutes before an impaired member counts as unhealthy, and forgets an impairment that passes', () => {
    const simulation = oneOfOne();
    simulation.set(`ec2/InstanceStatuses/${OLD}/SystemStatus/Status`, 'impaired');
    simulation.pass(170);
    expect(members(simulation)[0]?.health).toBe('Healthy');
    simulation.set(`ec2/InstanceStatuses/${OLD}/SystemStatus/Status`, 'ok');
    simulation.set(`ec2/InstanceStatuses/${OLD}/InstanceStatus/Status`, 'impaired');
    simulation.pass(100);
    // A second failing check does not begin the wait anew.
    simulation.set(`ec2/InstanceStatuses/${OLD}/SystemStatus/Status`, 'impaired');
    simulation.pass(79);
    expect(members(simulation)[0]?.health).toBe('Healthy');
    simulation.pass(2);
    expect(members(simulation)[0]?.health).toBe('Unhealthy');
    expect([...simulation.world.assumed]).toContain(
      'auto-scaling: an impaired member counts as unhealthy after 3 minutes',
    );
  });

  it('leaves attached EBS alone unless the group checks it', () => {
    const plain = oneOfOne();
    plain.set(`ec2/InstanceStatuses/${OLD}/AttachedEbsStatus/Status`, 'impaired');
    plain.pass(600);
    expect(members(plain)[0]?.health).toBe('Healthy');
    const checking = oneOfOne([], { HealthCheckType: 'EC2,EBS' });
    checking.set(`ec2/InstanceStatuses/${OLD}/AttachedEbsStatus/Status`, 'impaired');
    checking.pass(180);
    expect(members(checking)[0]?.health).toBe('Unhealthy');
  });

  it('spares an impaired member in its grace period, not a stopped one', () => {
    const simulation = oneOfOne([], { HealthCheckGracePeriod: 600 });
    simulation.set(`auto-scaling/AutoScalingGroups/g/Instances/${OLD}/HealthStatus`, 'Unhealthy');
    simulation.quiesce();
    const fresh = replacement(simulation);
    simulation.set(`ec2/InstanceStatuses/${fresh}/SystemStatus/Status`, 'impaired');
    simulation.pass(400);
    expect(members(simulation)).toMatchObject([{ id: fresh, health: 'Healthy' }]);
    simulation.set(`ec2/Instances/${fresh}/State/Name`, 'stopping');
    expect(members(simulation)).toMatchObject([{ id: fresh, health: 'Unhealthy' }]);
  });

  it('launches first where the maintenance policy wants full health', () => {
    const simulation = oneOfOne([], {
      InstanceMaintenancePolicy: { MinHealthyPercentage: 100, MaxHealthyPercentage: 200 },
    });
    simulation.call('autoscaling:SetInstanceHealth', { InstanceId: OLD, HealthStatus: 'Unhealthy' });
    simulation.pass(15);
    expect(states(simulation)).toEqual(['InService', 'Pending']);
    simulation.quiesce();
    expect(simulation.titles()).toEqual(['EC2 Instance Launch Successful', 'EC2 Instance Terminate Successful']);
    expect(states(simulation)).toEqual(['InService']);
    expect(members(simulation)[0]?.id).not.toBe(OLD);
  });

  it('goes to the other zone when the launch in one is refused, and says so', () => {
    const simulation = oneOfOne();
    simulation.set('ec2/AvailabilityZones/eu-west-1b/State', 'unavailable');
    simulation.set(`ec2/Instances/${OLD}/State/Name`, 'stopped');
    simulation.quiesce();
    expect(members(simulation)).toMatchObject([{ zone: 'eu-west-1a', state: 'InService' }]);
    expect(details(simulation, 'EC2 Instance Launch Unsuccessful')).toMatchObject([
      { StatusCode: 'Failed', EC2InstanceId: '', Details: { 'Availability Zone': 'eu-west-1b' } },
    ]);
  });

  it('does not try for ever when no zone has room: the world comes to rest, and the launch succeeds once there is', () => {
    const simulation = oneOfOne();
    simulation.set('ec2/AvailabilityZones/eu-west-1a/State', 'unavailable');
    simulation.set('ec2/AvailabilityZones/eu-west-1b/State', 'unavailable');
    simulation.set(`auto-scaling/AutoScalingGroups/g/Instances/${OLD}/HealthStatus`, 'Unhealthy');
    expect(simulation.quiesce()).toBeLessThan(200);
    expect(details(simulation, 'EC2 Instance Launch Unsuccessful')).toHaveLength(8);
    simulation.set('ec2/AvailabilityZones/eu-west-1b/State', 'available');
    simulation.pass(300);
    // The old one cannot end while its own zone is dark.
    expect(members(simulation)).toMatchObject([
      { id: OLD, state: 'Terminating:Proceed' },
      { zone: 'eu-west-1b', state: 'InService' },
    ]);
  });

  it('propagates the tags of the group to the replacement', () => {
    const simulation = oneOfOne([], {
      Tags: [
        { Key: 'runbook:vip', Value: 'web', PropagateAtLaunch: true },
        { Key: 'own', Value: 'x', PropagateAtLaunch: false },
      ],
    });
    simulation.set(`ec2/Instances/${OLD}/State/Name`, 'stopped');
    simulation.quiesce();
    const fresh = simulation.world
      .records('ec2', 'Instances')
      .find((each) => each['InstanceId'] === replacement(simulation));
    expect(fresh?.['Tags']).toEqual([
      { Key: 'runbook:vip', Value: 'web' },
      { Key: 'aws:autoscaling:groupName', Value: 'g' },
    ]);
  });

  it.each(['Launch', 'Terminate', 'ReplaceUnhealthy', 'HealthCheck'])(
    'replaces nothing while %s is suspended, and does when it is resumed',
    (process) => {
      const simulation = oneOfOne();
      simulation.call('autoscaling:SuspendProcesses', { AutoScalingGroupName: 'g', ScalingProcesses: [process] });
      simulation.set(`ec2/Instances/${OLD}/State/Name`, 'stopped');
      simulation.pass(600);
      expect(members(simulation)).toMatchObject([
        { id: OLD, state: 'InService', health: process === 'HealthCheck' ? 'Healthy' : 'Unhealthy' },
      ]);
      simulation.call('autoscaling:ResumeProcesses', { AutoScalingGroupName: 'g', ScalingProcesses: [process] });
      simulation.quiesce();
      expect(members(simulation)).toMatchObject([{ id: replacement(simulation), state: 'InService' }]);
    },
  );
});
