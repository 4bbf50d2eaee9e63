/** The hosts of a fleet and their groups, as EC2 and Auto Scaling tell them. */

import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  type AutoScalingGroup,
} from '@aws-sdk/client-auto-scaling';
import {
  DescribeInstancesCommand,
  DescribeInstanceStatusCommand,
  EC2Client,
  type DescribeInstancesCommandInput,
  type DescribeInstanceStatusCommandInput,
} from '@aws-sdk/client-ec2';
import { DescribeTargetHealthCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { groupOf, readGroups, readHosts, targetGroupsOf } from '../../../functions/heal-bastion/aws/hosts.ts';
import { RetryableError } from '../../../shared/kernel/errors.ts';
import { error, IO } from './at-the-edge.ts';
import { A, B, C, FLEET, OTHER } from './small-account.ts';

const [elb, ec2, scaling] = [
  mockClient(ElasticLoadBalancingV2Client),
  mockClient(EC2Client),
  mockClient(AutoScalingClient),
];
const STUBS = [elb, ec2, scaling];

afterAll(() => {
  for (const stub of STUBS) stub.restore();
});
beforeEach(() => {
  for (const stub of STUBS) stub.reset();
});

const GROUP: AutoScalingGroup = {
  AutoScalingGroupName: 'bastion',
  MinSize: 1,
  MaxSize: 4,
  DesiredCapacity: 2,
  DefaultCooldown: 300,
  AvailabilityZones: undefined,
  HealthCheckType: undefined,
  CreatedTime: undefined,
};

describe('an Auto Scaling group', () => {
  it('is read page by page', async () => {
    scaling
      .on(DescribeAutoScalingGroupsCommand)
      .resolvesOnce({ NextToken: 'next', AutoScalingGroups: [GROUP] })
      .resolves({ AutoScalingGroups: [{ ...GROUP, AutoScalingGroupName: 'other' }] });
    expect((await readGroups(IO)).map(({ AutoScalingGroupName: name }) => name)).toEqual(['bastion', 'other']);
  });

  it('registers at target groups by either list', () => {
    const TrafficSources = [{ Identifier: OTHER, Type: 'elbv2' }, { Identifier: FLEET }, { Identifier: undefined }];
    expect(targetGroupsOf({ ...GROUP, TargetGroupARNs: [FLEET], TrafficSources })).toEqual([FLEET, OTHER]);
    expect(targetGroupsOf(GROUP)).toEqual([]);
  });

  it('may leave out almost everything', () => {
    expect(groupOf(GROUP, 'ops')).toEqual({
      name: 'bastion',
      isTagged: false,
      checksByElb: false,
      graceSeconds: 0,
      minSize: 1,
      desired: 2,
      zones: [],
      suspended: [],
      members: 0,
      isWeighted: false,
    });
    expect(() => groupOf({ ...GROUP, DesiredCapacity: undefined }, 'ops')).toThrow('bastion.DesiredCapacity');
    expect(() => groupOf({ ...GROUP, MinSize: undefined }, 'ops')).toThrow('bastion.MinSize');
  });

  it.each([
    ['EC2', false],
    ['ELB', true],
    ['EC2,ELB', true],
    ['EC2, ELB', true],
    ['elb', true],
    ['VPC_LATTICE', false],
  ])('with checks of %s asks Elastic Load Balancing: %j', (HealthCheckType, checksByElb) => {
    expect(groupOf({ ...GROUP, HealthCheckType }, 'ops').checksByElb).toBe(checksByElb);
  });

  it('is of the fleet that its tag names', () => {
    const tagged = (Value: string) => ({ ...GROUP, Tags: [{ Key: 'runbook:bastion', Value }] });
    expect([groupOf(tagged('ops'), 'ops').isTagged, groupOf(tagged('jump'), 'ops').isTagged]).toEqual([true, false]);
  });

  it('counts as members those that are not in standby', () => {
    const states = ['InService', 'Pending', 'Terminating:Wait', 'EnteringStandby', 'Standby', 'Detaching'] as const;
    const Instances = states.map((LifecycleState) => ({
      InstanceId: A,
      AvailabilityZone: 'eu-west-1a',
      LifecycleState,
      HealthStatus: 'Healthy',
      ProtectedFromScaleIn: false,
    }));
    const SuspendedProcesses = [{ ProcessName: 'Launch', SuspensionReason: 'by hand' }, {}];
    expect(groupOf({ ...GROUP, Instances, SuspendedProcesses }, 'ops')).toMatchObject({
      members: 4,
      isWeighted: false,
      suspended: ['Launch'],
    });
  });

  it('counts what its members weigh, as its desired capacity does', () => {
    const weighing = (LifecycleState: 'InService' | 'Standby', WeightedCapacity?: string) => ({
      InstanceId: A,
      AvailabilityZone: 'eu-west-1a',
      LifecycleState,
      HealthStatus: 'Healthy',
      ProtectedFromScaleIn: false,
      ...(WeightedCapacity === undefined ? {} : { WeightedCapacity }),
    });
    const Instances = [weighing('InService', '4'), weighing('InService'), weighing('Standby', '8')];
    expect(groupOf({ ...GROUP, Instances }, 'ops')).toMatchObject({ members: 5, isWeighted: true });
  });
});

describe('the hosts of a fleet', () => {
  const running = (InstanceId: string) => ({
    InstanceId,
    State: { Name: 'running' as const },
    Placement: { AvailabilityZone: 'eu-west-1a' },
    LaunchTime: new Date('2026-11-02T09:14:31Z'),
  });
  const isSo = (Id: string, Port: number) => ({
    Target: { Id, Port },
    TargetHealth: { State: 'healthy' as const },
  });
  const fleet = { arn: FLEET, fleet: 'ops', groups: [], others: [] };

  it('are read in pages, and their checks a hundred at once', async () => {
    const ids = Array.from({ length: 150 }, (_none, index) => `i-${index.toString(16).padStart(17, '0')}`);
    ec2.on(DescribeInstancesCommand).callsFake(({ Filters, NextToken }: DescribeInstancesCommandInput) => {
      const [filter] = Filters ?? [];
      if (filter?.Name !== 'instance-id') return {};
      const Instances = (filter.Values ?? []).map(running);
      return NextToken === undefined
        ? { NextToken: 'next', Reservations: [{ Instances: Instances.slice(0, 30) }] }
        : { Reservations: [{ Instances: Instances.slice(30) }, {}] };
    });
    ec2.on(DescribeInstanceStatusCommand).callsFake(({ InstanceIds = [] }: DescribeInstanceStatusCommandInput) => ({
      InstanceStatuses: [
        ...InstanceIds.map((InstanceId) => ({ InstanceId, SystemStatus: { Status: 'ok' } })),
        { SystemStatus: { Status: 'impaired' } },
      ],
    }));
    const { hosts, instances } = await readHosts({ ...fleet, health: ids.map((id) => isSo(id, 22)) }, IO);
    expect([hosts.length, instances.size]).toEqual([150, 150]);
    expect(hosts.every(({ state, checks }) => state === 'running' && checks?.['system'] === 'ok')).toBe(true);
    // The tagged ones, and two pages of those that are named.
    expect(ec2.commandCalls(DescribeInstancesCommand)).toHaveLength(3);
    expect(ec2.commandCalls(DescribeInstanceStatusCommand)).toHaveLength(2);
  });

  it('may be gone, or known by their tag alone', async () => {
    const Tags = [{ Key: 'runbook:bastion', Value: 'ops' }];
    ec2.on(DescribeInstancesCommand).callsFake(({ Filters }: DescribeInstancesCommandInput) => {
      const isTagged = Filters?.[0]?.Name === 'tag:runbook:bastion';
      return { Reservations: [{ Instances: isTagged ? [{ ...running(C), Tags }, {}] : [] }] };
    });
    ec2.on(DescribeInstanceStatusCommand).resolves({});
    const health = [isSo(A, 2_222), isSo(A, 22)];
    const { hosts } = await readHosts({ ...fleet, health }, IO);
    expect(hosts).toMatchObject([
      { id: A, state: 'absent', isTagged: false, targets: [{ port: 22 }, { port: 2_222 }] },
      { id: C, state: 'running', isTagged: true, targets: [], checks: null, membership: null },
    ]);
  });

  it('have their checks asked for while they run alone', async () => {
    ec2.on(DescribeInstancesCommand).resolves({
      Reservations: [{ Instances: [{ ...running(A), State: { Name: 'stopped' } }, running(B)] }],
    });
    ec2.on(DescribeInstanceStatusCommand).resolves({});
    await readHosts({ ...fleet, health: [] }, IO);
    expect(ec2.commandCalls(DescribeInstanceStatusCommand).map(({ args }) => args[0].input.InstanceIds)).toEqual([[B]]);
  });

  it('are looked at again where one answer of EC2 does not know whom another knows', async () => {
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [running(A)] }] });
    ec2.on(DescribeInstanceStatusCommand).rejects(error('InvalidInstanceID.NotFound'));
    await expect(readHosts({ ...fleet, health: [] }, IO)).rejects.toBeInstanceOf(RetryableError);
    ec2.on(DescribeInstanceStatusCommand).rejects(error('UnauthorizedOperation'));
    await expect(readHosts({ ...fleet, health: [] }, IO)).rejects.not.toBeInstanceOf(RetryableError);
  });

  it('are the last elsewhere only where that is known, by whatever ports', async () => {
    const third = FLEET.replace('bastion/73e2d6bc24d8a067', 'vpn/0123456789abcdef');
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [running(A)] }] });
    ec2.on(DescribeInstanceStatusCommand).resolves({});
    elb.on(DescribeTargetHealthCommand).callsFake(({ TargetGroupArn }) => {
      if (TargetGroupArn === third) throw error('HealthUnavailable');
      return { TargetHealthDescriptions: [isSo(A, 22), isSo(A, 23), {}, { TargetHealth: { State: 'healthy' } }] };
    });
    const lattice = 'arn:aws:vpc-lattice:eu-west-1:111122223333:service/svc-0123456789abcdef0';
    const groups = [
      {
        ...GROUP,
        TargetGroupARNs: [FLEET, OTHER, third],
        TrafficSources: [{ Identifier: lattice }],
      },
    ];
    const { hosts } = await readHosts({ ...fleet, health: [isSo(A, 22)], groups }, IO);
    expect(hosts[0]?.lastIn).toEqual(['targetgroup/jump/0123456789abcdef']);
    expect(elb.commandCalls(DescribeTargetHealthCommand)).toHaveLength(2);
  });

  it('are known as members of groups that do not register here', async () => {
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [running(A), running(B)] }] });
    ec2.on(DescribeInstanceStatusCommand).resolves({});
    const asMember = {
      AvailabilityZone: 'eu-west-1b',
      LifecycleState: 'InService' as const,
      HealthStatus: 'Healthy',
      ProtectedFromScaleIn: false,
    };
    const Instances = [
      { ...asMember, InstanceId: B },
      { ...asMember, InstanceId: undefined },
    ];
    const web = { ...GROUP, AutoScalingGroupName: 'web', Instances };
    const nobodys = { ...GROUP, AutoScalingGroupName: 'empty', Instances: undefined };
    const { hosts } = await readHosts({ ...fleet, health: [isSo(A, 22)], others: [web, nobodys] }, IO);
    expect(hosts.map(({ ofOtherGroup }) => ofOtherGroup)).toEqual([null, 'web']);
  });

  it('are on their way out where they drain elsewhere', async () => {
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [running(A), running(B)] }] });
    ec2.on(DescribeInstanceStatusCommand).resolves({});
    const drains = { Target: { Id: A, Port: 23 }, TargetHealth: { State: 'draining' as const } };
    elb.on(DescribeTargetHealthCommand).resolves({ TargetHealthDescriptions: [drains, isSo(B, 23)] });
    const groups = [{ ...GROUP, TargetGroupARNs: [FLEET, OTHER] }];
    const { hosts } = await readHosts({ ...fleet, health: [isSo(A, 22), isSo(B, 22)], groups }, IO);
    expect(hosts.map(({ drainsIn }) => drainsIn)).toEqual([['targetgroup/jump/0123456789abcdef'], []]);
  });
});
