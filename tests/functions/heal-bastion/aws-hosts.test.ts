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
import {
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  type TargetHealthStateEnum,
} from '@aws-sdk/client-elastic-load-balancing-v2';
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

const NONE: ReadonlySet<string> = new Set();

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
    expect(groupOf(GROUP, 'ops', NONE)).toEqual({
      name: 'bastion',
      isTagged: false,
      checksByElb: false,
      checksByEbs: false,
      goneTargetGroups: [],
      graceSeconds: 0,
      minSize: 1,
      desired: 2,
      zones: [],
      suspended: [],
      members: 0,
      isWeighted: false,
    });
    expect(() => groupOf({ ...GROUP, DesiredCapacity: undefined }, 'ops', NONE)).toThrow('bastion.DesiredCapacity');
    expect(() => groupOf({ ...GROUP, MinSize: undefined }, 'ops', NONE)).toThrow('bastion.MinSize');
  });

  it.each([
    ['EC2', false, false],
    ['ELB', true, false],
    ['EC2,ELB', true, false],
    ['EC2, ELB', true, false],
    ['elb', true, false],
    ['EBS, ELB', true, true],
    ['EBS', false, true],
    ['VPC_LATTICE', false, false],
  ])('with checks of %s asks Elastic Load Balancing: %j, for volumes: %j', (HealthCheckType, byElb, byEbs) => {
    const { checksByElb, checksByEbs } = groupOf({ ...GROUP, HealthCheckType }, 'ops', NONE);
    expect([checksByElb, checksByEbs]).toEqual([byElb, byEbs]);
  });

  it('names target groups that are gone, and how it came to them', () => {
    const group = { ...GROUP, TargetGroupARNs: [FLEET], TrafficSources: [{ Identifier: OTHER }] };
    expect(groupOf(group, 'ops', new Set([FLEET, OTHER])).goneTargetGroups).toEqual([
      { arn: FLEET, isTrafficSource: false },
      { arn: OTHER, isTrafficSource: true },
    ]);
    expect(groupOf(group, 'ops', new Set([OTHER])).goneTargetGroups).toHaveLength(1);
  });

  it('is of the fleet that its tag names', () => {
    const tagged = (Value: string) => ({ ...GROUP, Tags: [{ Key: 'runbook:bastion', Value }] });
    expect([groupOf(tagged('ops'), 'ops', NONE).isTagged, groupOf(tagged('jump'), 'ops', NONE).isTagged]).toEqual([
      true,
      false,
    ]);
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
    expect(groupOf({ ...GROUP, Instances, SuspendedProcesses }, 'ops', NONE)).toMatchObject({
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
    expect(groupOf({ ...GROUP, Instances }, 'ops', NONE)).toMatchObject({ members: 5, isWeighted: true });
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

  const elsewhere = FLEET.replace('bastion/73e2d6bc24d8a067', 'vpn/0123456789abcdef');
  const says = (Id: string, State: TargetHealthStateEnum) => ({ Target: { Id, Port: 22 }, TargetHealth: { State } });

  it('are the last elsewhere, by whatever ports', async () => {
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [running(A)] }] });
    ec2.on(DescribeInstanceStatusCommand).resolves({});
    elb.on(DescribeTargetHealthCommand).resolves({
      TargetHealthDescriptions: [isSo(A, 22), isSo(A, 23), {}, { TargetHealth: { State: 'healthy' } }],
    });
    const lattice = 'arn:aws:vpc-lattice:eu-west-1:111122223333:targetgroup/tg-0123456789abcdef0';
    const groups = [{ ...GROUP, TargetGroupARNs: [FLEET, OTHER], TrafficSources: [{ Identifier: lattice }] }];
    const { hosts, gone } = await readHosts({ ...fleet, health: [isSo(A, 22)], groups }, IO);
    expect(hosts[0]).toMatchObject({ lastIn: ['targetgroup/jump/0123456789abcdef'], untoldIn: [] });
    expect([...gone]).toEqual([]);
    expect(elb.commandCalls(DescribeTargetHealthCommand)).toHaveLength(1);
  });

  it.each([
    ['HealthUnavailable', ['targetgroup/vpn/0123456789abcdef'], []],
    ['HealthUnavailableException', ['targetgroup/vpn/0123456789abcdef'], []],
    ['TargetGroupNotFound', [], [elsewhere]],
  ])(
    'may be the last elsewhere where nobody says how its targets are, and not where it is gone: %s',
    async (...row) => {
      const [name, untoldIn, arns] = row;
      ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [running(A), running(B)] }] });
      ec2.on(DescribeInstanceStatusCommand).resolves({});
      elb.on(DescribeTargetHealthCommand).rejects(error(name));
      const groups = [{ ...GROUP, TargetGroupARNs: [FLEET, elsewhere] }];
      const { hosts, gone } = await readHosts({ ...fleet, health: [isSo(A, 22), isSo(B, 22)], groups }, IO);
      expect(hosts.map((host) => [host.lastIn, host.untoldIn])).toEqual([
        [[], untoldIn],
        [[], untoldIn],
      ]);
      expect([...gone]).toEqual(arns);
    },
  );

  const NAME = 'targetgroup/vpn/0123456789abcdef';
  it.each([
    ['another is healthy', [says(A, 'unavailable'), says(B, 'healthy')], [], []],
    ['no other is', [says(A, 'unavailable'), says(B, 'unhealthy')], [], [NAME]],
    ['no other is known to be', [says(A, 'unavailable'), says(B, 'unavailable')], [], [NAME]],
    ['it is healthy at another port', [says(A, 'unavailable'), isSo(A, 23)], [NAME], []],
  ])('may be the last elsewhere where their own health is not told: %s', async (_title, there, lastIn, untoldIn) => {
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [running(A)] }] });
    ec2.on(DescribeInstanceStatusCommand).resolves({});
    elb.on(DescribeTargetHealthCommand).resolves({ TargetHealthDescriptions: there });
    const groups = [{ ...GROUP, TargetGroupARNs: [FLEET, elsewhere] }];
    const { hosts } = await readHosts({ ...fleet, health: [isSo(A, 22)], groups }, IO);
    expect(hosts[0]).toMatchObject({ lastIn, untoldIn });
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
