import { describe, expect, it } from 'vitest';
import { type ServiceWorld, serviceWorld } from '../service-world.ts';

const ids = ['i-0a1', 'i-0a2', 'i-0b1'];
const zones = ['eu-west-1a', 'eu-west-1a', 'eu-west-1b'];

function three(group: object = {}): ServiceWorld {
  return serviceWorld({
    ec2: {
      Instances: ids.map((id, index) => ({
        InstanceId: id,
        State: { Name: 'running' },
        Placement: { AvailabilityZone: zones[index] },
      })),
    },
    'auto-scaling': {
      AutoScalingGroups: [
        {
          AutoScalingGroupName: 'g',
          MinSize: 1,
          MaxSize: 4,
          Instances: ids.map((InstanceId) => ({ InstanceId })),
          Tags: [{ Key: 'team', Value: 'red' }],
          ...group,
        },
        { AutoScalingGroupName: 'empty', Tags: [{ Key: 'team', Value: 'blue' }] },
        { AutoScalingGroupName: 'bare' },
      ],
    },
  });
}

function membersOf({ world }: ServiceWorld): string[] {
  const list: unknown = world.records('auto-scaling', 'AutoScalingGroups')[0]?.['Instances'];
  return Array.isArray(list)
    ? list.map((each: Record<string, unknown>) => `${String(each['InstanceId'])} ${String(each['LifecycleState'])}`)
    : [];
}

const names = (answer: Record<string, unknown>): unknown[] =>
  Array.isArray(answer['AutoScalingGroups'])
    ? answer['AutoScalingGroups'].map((each: Record<string, unknown>) => each['AutoScalingGroupName'])
    : [];

describe('DescribeAutoScalingGroups', () => {
  it.each([
    ['everything without names', {}, ['g', 'empty', 'bare']],
    ['the named, ignoring unknown names', { AutoScalingGroupNames: ['empty', 'nobody'] }, ['empty']],
    ['a tag with its value', { Filters: [{ Name: 'tag:team', Values: ['red', 'green'] }] }, ['g']],
    ['a tag key', { Filters: [{ Name: 'tag-key', Values: ['team'] }] }, ['g', 'empty']],
    ['a tag value', { Filters: [{ Name: 'tag-value', Values: ['blue'] }] }, ['empty']],
    [
      'all filters together',
      {
        Filters: [
          { Name: 'tag-key', Values: ['team'] },
          { Name: 'tag-value', Values: ['none'] },
        ],
      },
      [],
    ],
  ])('answers %s', (_what, input, expected) => {
    expect(names(three().call('autoscaling:DescribeAutoScalingGroups', input))).toEqual(expected);
  });

  it('gives pages', () => {
    const simulation = three();
    const first = simulation.call('autoscaling:DescribeAutoScalingGroups', { MaxRecords: 2 });
    expect(names(first)).toEqual(['g', 'empty']);
    const second = simulation.call('autoscaling:DescribeAutoScalingGroups', {
      MaxRecords: 2,
      NextToken: first['NextToken'],
    });
    expect(names(second)).toEqual(['bare']);
    expect(second).not.toHaveProperty('NextToken');
    expect(() => simulation.call('autoscaling:DescribeAutoScalingGroups', { NextToken: 'nonsense' })).toThrow(
      expect.objectContaining({ name: 'InvalidNextToken' }),
    );
    expect(() => simulation.call('autoscaling:DescribeAutoScalingGroups', { MaxRecords: 101 })).toThrow(
      expect.objectContaining({ name: 'ValidationError' }),
    );
  });

  it('reads the data it is given, so that a stale read is one', () => {
    const simulation = three();
    const now = simulation.world.data;
    const older = structuredClone(now);
    simulation.call('autoscaling:SetDesiredCapacity', { AutoScalingGroupName: 'g', DesiredCapacity: 2 });
    simulation.world.data = older;
    expect(simulation.call('autoscaling:DescribeAutoScalingGroups', { AutoScalingGroupNames: ['g'] })).toMatchObject({
      AutoScalingGroups: [{ DesiredCapacity: 3 }],
    });
    simulation.world.data = now;
    expect(simulation.call('autoscaling:DescribeAutoScalingGroups', { AutoScalingGroupNames: ['g'] })).toMatchObject({
      AutoScalingGroups: [{ DesiredCapacity: 2 }],
    });
  });
});

describe('DescribeAutoScalingInstances', () => {
  it('tells the group of an instance and ignores instances of none', () => {
    expect(three().call('autoscaling:DescribeAutoScalingInstances', { InstanceIds: ['i-0b1', 'i-0ff'] })).toMatchObject(
      {
        AutoScalingInstances: [
          {
            InstanceId: 'i-0b1',
            AutoScalingGroupName: 'g',
            AvailabilityZone: 'eu-west-1b',
            LifecycleState: 'InService',
            HealthStatus: 'HEALTHY',
          },
        ],
      },
    );
  });

  it('gives pages', () => {
    const simulation = three();
    const first = simulation.call('autoscaling:DescribeAutoScalingInstances', { MaxRecords: 2 });
    expect(first['AutoScalingInstances']).toHaveLength(2);
    expect(
      simulation.call('autoscaling:DescribeAutoScalingInstances', { MaxRecords: 2, NextToken: first['NextToken'] })[
        'AutoScalingInstances'
      ],
    ).toHaveLength(1);
  });
});

describe('DescribeLifecycleHooks', () => {
  it('refuses an unknown group', () => {
    expect(() => three().call('autoscaling:DescribeLifecycleHooks', { AutoScalingGroupName: 'nobody' })).toThrow(
      expect.objectContaining({ name: 'ValidationError' }),
    );
  });
});

describe('SetDesiredCapacity', () => {
  it('launches what is missing, balanced over the zones', () => {
    const simulation = three();
    simulation.call('autoscaling:SetDesiredCapacity', { AutoScalingGroupName: 'g', DesiredCapacity: 4 });
    simulation.quiesce();
    expect(simulation.call('autoscaling:DescribeAutoScalingInstances')['AutoScalingInstances']).toMatchObject([
      {},
      {},
      {},
      { AvailabilityZone: 'eu-west-1b', LifecycleState: 'InService' },
    ]);
  });

  it('takes the oldest of the fullest zone when it shrinks, but none that is protected', () => {
    const simulation = three({
      Instances: [
        { InstanceId: 'i-0a1', ProtectedFromScaleIn: true },
        { InstanceId: 'i-0a2' },
        { InstanceId: 'i-0b1' },
      ],
    });
    simulation.call('autoscaling:SetDesiredCapacity', { AutoScalingGroupName: 'g', DesiredCapacity: 2 });
    simulation.quiesce();
    expect(membersOf(simulation)).toEqual(['i-0a1 InService', 'i-0b1 InService']);
    expect(simulation.titles()).toEqual(['EC2 Instance Terminate Successful']);
  });

  it.each([
    [5, 'New SetDesiredCapacity value 5 is above max value 4 for the AutoScalingGroup.'],
    [0, 'New SetDesiredCapacity value 0 is below min value 1 for the AutoScalingGroup.'],
  ])('refuses %i', (DesiredCapacity, message) => {
    expect(() =>
      three().call('autoscaling:SetDesiredCapacity', { AutoScalingGroupName: 'g', DesiredCapacity }),
    ).toThrow(message);
  });

  it('may come from the script', () => {
    const simulation = three();
    simulation.set('auto-scaling/AutoScalingGroups/g/DesiredCapacity', 1);
    simulation.quiesce();
    expect(membersOf(simulation)).toHaveLength(1);
  });
});

describe('SetInstanceHealth', () => {
  it('refuses an instance of no group and a health that is none', () => {
    const simulation = three();
    expect(() =>
      simulation.call('autoscaling:SetInstanceHealth', { InstanceId: 'i-0ff', HealthStatus: 'Unhealthy' }),
    ).toThrow('No managed instance found for instance ID: i-0ff');
    expect(() =>
      simulation.call('autoscaling:SetInstanceHealth', { InstanceId: 'i-0a1', HealthStatus: 'Sick' }),
    ).toThrow(expect.objectContaining({ name: 'ValidationError' }));
  });

  it('respects the grace period unless told otherwise', () => {
    const simulation = three({ HealthCheckGracePeriod: 300, DesiredCapacity: 4 });
    simulation.pass(60);
    const fresh = membersOf(simulation)[3]?.split(' ')[0];
    expect(membersOf(simulation)[3]).toContain('InService');
    simulation.call('autoscaling:SetInstanceHealth', { InstanceId: fresh, HealthStatus: 'Unhealthy' });
    simulation.pass(30);
    expect(membersOf(simulation)[3]).toBe(`${String(fresh)} InService`);
    simulation.call('autoscaling:SetInstanceHealth', {
      InstanceId: fresh,
      HealthStatus: 'Unhealthy',
      ShouldRespectGracePeriod: false,
    });
    simulation.pass(2);
    expect(membersOf(simulation)[3]).toBe(`${String(fresh)} Terminating:Proceed`);
  });

  it('can be taken back before the group acts', () => {
    const simulation = three();
    simulation.call('autoscaling:SetInstanceHealth', { InstanceId: 'i-0a1', HealthStatus: 'Unhealthy' });
    simulation.call('autoscaling:SetInstanceHealth', { InstanceId: 'i-0a1', HealthStatus: 'Healthy' });
    simulation.quiesce();
    expect(membersOf(simulation)).toEqual(['i-0a1 InService', 'i-0a2 InService', 'i-0b1 InService']);
  });
});

describe('TerminateInstanceInAutoScalingGroup', () => {
  it('replaces the instance, and answers with the activity', () => {
    const simulation = three();
    const answer = simulation.call('autoscaling:TerminateInstanceInAutoScalingGroup', {
      InstanceId: 'i-0a1',
      ShouldDecrementDesiredCapacity: false,
    });
    expect(answer).toMatchObject({
      Activity: {
        AutoScalingGroupName: 'g',
        StatusCode: 'InProgress',
        Description: 'Terminating EC2 instance: i-0a1',
        StartTime: new Date('2026-11-22T08:00:00Z'),
        Progress: 0,
      },
    });
    expect(answer).toMatchObject({
      Activity: {
        Cause: 'At 2026-11-22T08:00:00Z instance i-0a1 was taken out of service in response to a user request.',
      },
    });
    simulation.quiesce();
    expect(membersOf(simulation)).toHaveLength(3);
    expect(membersOf(simulation)).not.toContain('i-0a1 InService');
  });

  it('does not replace it when the desired capacity goes down with it', () => {
    const simulation = three();
    const answer = simulation.call('autoscaling:TerminateInstanceInAutoScalingGroup', {
      InstanceId: 'i-0a1',
      ShouldDecrementDesiredCapacity: true,
    });
    expect(answer).toMatchObject({
      Activity: {
        Cause:
          'At 2026-11-22T08:00:00Z instance i-0a1 was taken out of service in response to a user request, shrinking the capacity from 3 to 2.',
      },
    });
    simulation.quiesce();
    expect(membersOf(simulation)).toEqual(['i-0a2 InService', 'i-0b1 InService']);
  });

  it('takes several, and refuses all when one is foreign', () => {
    const simulation = three();
    const input = { AutoScalingGroupName: 'g', ShouldDecrementDesiredCapacity: true };
    expect(() =>
      simulation.call('autoscaling:TerminateInstanceInAutoScalingGroup', { ...input, InstanceIds: ['i-0a1', 'i-0ff'] }),
    ).toThrow('i-0ff');
    expect(
      simulation.call('autoscaling:TerminateInstanceInAutoScalingGroup', { ...input, InstanceIds: ['i-0a1', 'i-0a2'] })[
        'Activities'
      ],
    ).toHaveLength(2);
    simulation.quiesce();
    expect(membersOf(simulation)).toEqual(['i-0b1 InService']);
  });

  it('refuses to go below the minimum', () => {
    expect(() =>
      three({ MinSize: 3 }).call('autoscaling:TerminateInstanceInAutoScalingGroup', {
        InstanceId: 'i-0a1',
        ShouldDecrementDesiredCapacity: true,
      }),
    ).toThrow('desiredSize equals minSize (3)');
  });

  it('asked twice, answers with the same activity', () => {
    const simulation = three();
    const ask = () =>
      simulation.call('autoscaling:TerminateInstanceInAutoScalingGroup', {
        InstanceId: 'i-0a1',
        ShouldDecrementDesiredCapacity: false,
      });
    const first = ask();
    expect(ask()).toEqual(first);
    simulation.quiesce();
    expect(membersOf(simulation)).toHaveLength(3);
    expect([...simulation.world.assumed].join()).toContain('terminating a member that is terminating already');
  });
});

describe('SuspendProcesses', () => {
  it('lists each process once with its reason, and refuses an unknown one', () => {
    const simulation = three();
    simulation.call('autoscaling:SuspendProcesses', { AutoScalingGroupName: 'g', ScalingProcesses: ['Launch'] });
    simulation.call('autoscaling:SuspendProcesses', {
      AutoScalingGroupName: 'g',
      ScalingProcesses: ['Launch', 'Terminate'],
    });
    expect(simulation.call('autoscaling:DescribeAutoScalingGroups', { AutoScalingGroupNames: ['g'] })).toMatchObject({
      AutoScalingGroups: [
        {
          SuspendedProcesses: [
            { ProcessName: 'Launch', SuspensionReason: 'User suspended at 2026-11-22T08:00:00Z' },
            { ProcessName: 'Terminate' },
          ],
        },
      ],
    });
    expect(() =>
      simulation.call('autoscaling:SuspendProcesses', { AutoScalingGroupName: 'g', ScalingProcesses: ['Lunch'] }),
    ).toThrow('Lunch');
  });

  it('without names suspends them all', () => {
    const simulation = three();
    simulation.call('autoscaling:SuspendProcesses', { AutoScalingGroupName: 'g' });
    expect(simulation.world.records('auto-scaling', 'AutoScalingGroups')[0]?.['SuspendedProcesses']).toHaveLength(9);
  });
});
