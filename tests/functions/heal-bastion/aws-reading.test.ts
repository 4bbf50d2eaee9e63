/** What is made of AWS's answers, whole, lacking and in pages. */

import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  type AutoScalingGroup,
} from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand, DescribeInstanceStatusCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { ListCommandInvocationsCommand, ListDocumentsCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { groupOf, readGroups, readHosts, targetGroupsOf } from '../../../functions/heal-bastion/aws/hosts.ts';
import { readCounts } from '../../../functions/heal-bastion/aws/sessions.ts';
import {
  nameOf,
  readHealth,
  readTargetGroup,
  taggedTargetGroups,
  targetGroupOf,
  targetHealthOf,
  type TargetGroupRead,
} from '../../../functions/heal-bastion/aws/target-groups.ts';
import { makeIo } from '../../../shared/kernel/run/io.ts';
import { A, B, C, FLEET, OTHER } from './small-account.ts';

const [elb, ec2, scaling] = [
  mockClient(ElasticLoadBalancingV2Client),
  mockClient(EC2Client),
  mockClient(AutoScalingClient),
];
const [tagging, ssm] = [mockClient(ResourceGroupsTaggingAPIClient), mockClient(SSMClient)];
const STUBS = [elb, ec2, scaling, tagging, ssm];

afterAll(() => {
  for (const stub of STUBS) stub.restore();
});
beforeEach(() => {
  for (const stub of STUBS) stub.reset();
});

const IO = makeIo({
  run: 'r',
  account: '111122223333',
  region: 'eu-west-1',
  signal: new AbortController().signal,
  target: 't',
});

function error(name: string): Error {
  return Object.assign(new Error('no'), { name });
}

const BALANCER = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/bastion/50dc6c495c0c9188';

describe('the end of an ARN', () => {
  it('is as metrics name it', () => {
    expect(nameOf(FLEET)).toBe('targetgroup/bastion/73e2d6bc24d8a067');
    expect(nameOf(BALANCER)).toBe('net/bastion/50dc6c495c0c9188');
    expect(nameOf('bastion')).toBe('');
  });
});

describe('target groups that are tagged', () => {
  it('are read page by page, and sorted; what has no ARN is none', async () => {
    const Tags = [{ Key: 'runbook:bastion', Value: 'ops' }];
    tagging
      .on(GetResourcesCommand)
      .resolvesOnce({ PaginationToken: 'next', ResourceTagMappingList: [{ ResourceARN: OTHER, Tags }, { Tags }] })
      .resolves({ ResourceTagMappingList: [{ ResourceARN: FLEET, Tags: [{ Key: 'runbook:bastion', Value: '' }] }] });
    expect(await taggedTargetGroups(IO)).toEqual([
      { arn: FLEET, fleet: '' },
      { arn: OTHER, fleet: 'ops' },
    ]);
    expect(tagging.commandCalls(GetResourcesCommand)[0]?.args[0].input).toMatchObject({
      TagFilters: [{ Key: 'runbook:bastion' }],
      ResourceTypeFilters: ['elasticloadbalancing:targetgroup'],
    });
  });

  it('are not known where the answer fails', async () => {
    tagging.on(GetResourcesCommand).resolvesOnce({ PaginationToken: 'next' }).rejects(error('ThrottledException'));
    await expect(taggedTargetGroups(IO)).rejects.toThrow('no');
  });
});

describe('a target group', () => {
  const answers = (LoadBalancerArns: string[] | undefined) => {
    elb.on(DescribeTargetGroupsCommand).resolves({ TargetGroups: [{ TargetGroupArn: FLEET, LoadBalancerArns }] });
    elb.on(DescribeTagsCommand).resolves({
      TagDescriptions: [{ ResourceArn: FLEET, Tags: [{ Key: 'runbook:bastion', Value: 'ops' }] }],
    });
    elb.on(DescribeTargetGroupAttributesCommand).resolves({ Attributes: [{ Key: 'one', Value: '1' }] });
    elb.on(DescribeLoadBalancersCommand).resolves({ LoadBalancers: [{ LoadBalancerArn: BALANCER }] });
    elb.on(DescribeLoadBalancerAttributesCommand).resolves({ Attributes: [{ Key: 'two', Value: '2' }] });
  };

  it('is read with its tag, its attributes and its load balancer', async () => {
    answers([BALANCER]);
    expect(await readTargetGroup(FLEET, IO)).toEqual({
      record: { TargetGroupArn: FLEET, LoadBalancerArns: [BALANCER] },
      fleet: 'ops',
      attributes: new Map([['one', '1']]),
      balancer: { LoadBalancerArn: BALANCER },
      balancerAttributes: new Map([['two', '2']]),
    });
  });

  it('may have no load balancer, no tags', async () => {
    answers(undefined);
    elb.on(DescribeTagsCommand).resolves({});
    const read = await readTargetGroup(FLEET, IO);
    expect([read?.balancer, read?.balancerAttributes.size, read?.fleet]).toEqual([undefined, 0, undefined]);
    expect(elb.commandCalls(DescribeLoadBalancersCommand)).toHaveLength(0);
  });

  it.each(['TargetGroupNotFound', 'TargetGroupNotFoundException'])('is gone where AWS says %s', async (name) => {
    answers([BALANCER]);
    elb.on(DescribeTagsCommand).rejects(error(name));
    expect(await readTargetGroup(FLEET, IO)).toBeUndefined();
  });

  it('is gone where it is not among the answers', async () => {
    answers([BALANCER]);
    elb.on(DescribeTargetGroupsCommand).resolves({});
    expect(await readTargetGroup(FLEET, IO)).toBeUndefined();
  });

  it.each(['LoadBalancerNotFoundException', 'ThrottlingException'])(
    'is not gone by %s: that is thrown',
    async (name) => {
      answers([BALANCER]);
      elb.on(DescribeLoadBalancersCommand).rejects(error(name));
      await expect(readTargetGroup(FLEET, IO)).rejects.toMatchObject({ name });
    },
  );
});

/** A target group as it is read, but for what is said. */
function read(more: Partial<TargetGroupRead> = {}): TargetGroupRead {
  return {
    record: { TargetGroupArn: FLEET },
    fleet: 'ops',
    attributes: new Map(),
    balancer: { LoadBalancerArn: BALANCER, Type: 'network' },
    balancerAttributes: new Map(),
    ...more,
  };
}

describe('what a target group says', () => {
  it('is AWS’s default where it is left out', () => {
    expect(targetGroupOf(read(), 'ops')).toEqual({
      name: 'targetgroup/bastion/73e2d6bc24d8a067',
      fleet: 'ops',
      targetType: 'instance',
      healthySeconds: 150,
      resetsUnhealthy: true,
      drainsSeconds: 300,
      resetsDrainedAfterSeconds: null,
      balancer: { name: 'net/bastion/50dc6c495c0c9188', zones: [], isCrossZone: false },
    });
  });

  it('is how long a check takes, and a good host to be found good', () => {
    const record = { TargetGroupArn: FLEET, HealthCheckIntervalSeconds: 5, HealthyThresholdCount: 2 };
    expect(targetGroupOf(read({ record: { ...record, TargetType: 'ip' } }), 'ops')).toMatchObject({
      targetType: 'ip',
      healthySeconds: 10,
    });
  });

  it('is what becomes of sessions', () => {
    const of = (attributes: { readonly [key: string]: string }) =>
      targetGroupOf(read({ attributes: new Map(Object.entries(attributes)) }), 'ops');
    const [delay, ends] = [
      'deregistration_delay.timeout_seconds',
      'deregistration_delay.connection_termination.enabled',
    ];
    expect(of({ [delay]: '60', [ends]: 'true' })).toMatchObject({ drainsSeconds: 60, resetsDrainedAfterSeconds: 60 });
    expect(of({ [delay]: '60', [ends]: 'false' })).toMatchObject({
      drainsSeconds: 60,
      resetsDrainedAfterSeconds: null,
    });
    expect(of({ [ends]: 'true' }).resetsDrainedAfterSeconds).toBe(300);
    const unhealthy = 'target_health_state.unhealthy.connection_termination.enabled';
    expect(of({ [unhealthy]: 'false' }).resetsUnhealthy).toBe(false);
    expect(of({ [unhealthy]: 'true' }).resetsUnhealthy).toBe(true);
  });

  it.each([
    ['true', 'false', true],
    ['false', 'true', false],
    ['use_load_balancer_configuration', 'true', true],
    ['use_load_balancer_configuration', 'false', false],
    [undefined, 'true', true],
    [undefined, undefined, false],
  ])('is whether it is balanced across zones: %s, its load balancer %s', (own, theirs, expected) => {
    const attributes = (value: string | undefined) =>
      new Map(value === undefined ? [] : [['load_balancing.cross_zone.enabled', value]]);
    const said = targetGroupOf(read({ attributes: attributes(own), balancerAttributes: attributes(theirs) }), 'ops');
    expect(said.balancer?.isCrossZone).toBe(expected);
  });

  it('is a Network Load Balancer with its zones, or none', () => {
    const AvailabilityZones = [{ ZoneName: 'eu-west-1b' }, {}, { ZoneName: 'eu-west-1a' }];
    const balancer = { LoadBalancerArn: BALANCER, Type: 'network', AvailabilityZones } as const;
    expect(targetGroupOf(read({ balancer }), 'ops').balancer?.zones).toEqual(['eu-west-1a', 'eu-west-1b']);
    expect(targetGroupOf(read({ balancer: { ...balancer, Type: 'application' } }), 'ops').balancer).toBeNull();
    expect(targetGroupOf(read({ balancer: undefined }), 'ops').balancer).toBeNull();
  });
});

describe('how targets are', () => {
  it('is what Elastic Load Balancing says', async () => {
    elb.on(DescribeTargetHealthCommand).resolves({ TargetHealthDescriptions: [] });
    expect(await readHealth(FLEET, IO)).toEqual([]);
  });

  it('is not known where it has no answer, or says so', async () => {
    elb.on(DescribeTargetHealthCommand).resolves({});
    await expect(readHealth(FLEET, IO)).rejects.toThrow("TargetHealthDescriptions: missing in AWS's answer");
    elb.on(DescribeTargetHealthCommand).rejects(error('HealthUnavailable'));
    expect(await readHealth(FLEET, IO)).toEqual({ unavailable: 'HealthUnavailable' });
    elb.on(DescribeTargetHealthCommand).rejects(error('ThrottlingException'));
    await expect(readHealth(FLEET, IO)).rejects.toMatchObject({ name: 'ThrottlingException' });
  });

  it.each([
    [undefined, false],
    [{}, false],
    [{ State: 'no_override' }, false],
    [{ State: 'unknown' }, false],
    [{ State: 'zonal_shift_active' }, true],
    [{ State: 'zonal_shift_delegated_to_dns' }, true],
  ] as const)('may be so by a zonal shift: %j', (AdministrativeOverride, isShifted) => {
    const said = { Target: { Id: A, Port: 22 }, TargetHealth: { State: 'unhealthy' } } as const;
    expect(
      targetHealthOf({ ...said, ...(AdministrativeOverride === undefined ? {} : { AdministrativeOverride }) }),
    ).toEqual({
      port: 22,
      state: 'unhealthy',
      reason: null,
      isShifted,
    });
  });

  it('needs a port and a state', () => {
    expect(() => targetHealthOf({ Target: { Id: A }, TargetHealth: { State: 'healthy' } })).toThrow('Target.Port');
    expect(() => targetHealthOf({ Target: { Id: A, Port: 22 } })).toThrow(`${A}.TargetHealth.State`);
  });
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
      suspended: ['Launch'],
    });
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
  const fleet = { arn: FLEET, fleet: 'ops', groups: [] };

  it('are read in pages, and those by name a hundred at once', async () => {
    const ids = Array.from({ length: 150 }, (_none, index) => `i-${index.toString(16).padStart(17, '0')}`);
    ec2.on(DescribeInstancesCommand).callsFake(({ Filters, NextToken }) => {
      const [filter] = Filters ?? [];
      if (filter?.Name !== 'instance-id') return {};
      const Instances = filter.Values.map(running);
      return NextToken === undefined
        ? { NextToken: 'next', Reservations: [{ Instances: Instances.slice(0, 30) }] }
        : { Reservations: [{ Instances: Instances.slice(30) }, {}] };
    });
    ec2.on(DescribeInstanceStatusCommand).callsFake(({ InstanceIds }) => ({
      InstanceStatuses: [
        ...InstanceIds.map((InstanceId: string) => ({ InstanceId, SystemStatus: { Status: 'ok' } })),
        { SystemStatus: { Status: 'impaired' } },
      ],
    }));
    const { hosts, instances } = await readHosts({ ...fleet, health: ids.map((id) => isSo(id, 22)) }, IO);
    expect([hosts.length, instances.size]).toEqual([150, 150]);
    expect(hosts.every(({ state, checks }) => state === 'running' && checks?.['system'] === 'ok')).toBe(true);
    // Two of those that are tagged or named, each with another page, and the tagged ones.
    expect(ec2.commandCalls(DescribeInstancesCommand)).toHaveLength(5);
    expect(ec2.commandCalls(DescribeInstanceStatusCommand)).toHaveLength(2);
  });

  it('may be gone, or known by their tag alone', async () => {
    const Tags = [{ Key: 'runbook:bastion', Value: 'ops' }];
    ec2.on(DescribeInstancesCommand).callsFake(({ Filters }) => {
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
});

describe('counts of who is on a host', () => {
  const AT = new Date('2026-11-30T08:59:00Z');
  const DOCUMENT = { DocumentIdentifiers: [{ Name: 'count-sessions' }] };
  const invocation = (more: object = {}) => ({
    Comment: `heal-bastion sessions ${A}`,
    RequestedDateTime: AT,
    Status: 'Success' as const,
    CommandPlugins: [{ Output: '{"sessions": 2}\n' }],
    ...more,
  });
  const counted = async (...CommandInvocations: readonly object[]) => {
    ssm.on(ListDocumentsCommand).resolves(DOCUMENT);
    ssm.on(ListCommandInvocationsCommand).resolves({ CommandInvocations: [...CommandInvocations] });
    return (await readCounts('ops', [A], IO)).counts[A];
  };

  it('are read where somebody is out alone', async () => {
    expect(await readCounts('ops', [], IO)).toEqual({ document: null, counts: {} });
    expect(ssm.calls()).toHaveLength(0);
  });

  it('are by the one document of this account that carries the name', async () => {
    ssm.on(ListDocumentsCommand).resolves(DOCUMENT);
    ssm.on(ListCommandInvocationsCommand).resolves({});
    const now = () => '2026-11-30T09:00:00.000Z';
    expect(await readCounts('ops', [A, B], { ...IO, now })).toEqual({
      document: 'count-sessions',
      counts: { [A]: [], [B]: [] },
    });
    expect(ssm.commandCalls(ListDocumentsCommand)[0]?.args[0].input.Filters).toEqual([
      { Key: 'Owner', Values: ['Self'] },
      { Key: 'DocumentType', Values: ['Command'] },
      { Key: 'tag:runbook:bastion', Values: ['ops'] },
    ]);
    expect(ssm.commandCalls(ListCommandInvocationsCommand)[0]?.args[0].input).toMatchObject({
      InstanceId: A,
      Filters: [
        { key: 'DocumentName', value: 'count-sessions' },
        { key: 'InvokedAfter', value: '2026-11-30T08:00:00.000Z' },
      ],
      Details: true,
    });
  });

  it('may be by two documents on two pages, which is none', async () => {
    ssm
      .on(ListDocumentsCommand)
      .resolvesOnce({ ...DOCUMENT, NextToken: 'next' })
      .resolves(DOCUMENT);
    expect(await readCounts('ops', [A], IO)).toEqual({ document: null, counts: {} });
  });

  it('are those of our own comment, the newest first', async () => {
    const later = new Date('2026-11-30T08:59:30Z');
    const found = await counted(
      invocation(),
      invocation({ Comment: 'of a person' }),
      invocation({ RequestedDateTime: later, Status: 'InProgress', CommandPlugins: undefined }),
    );
    expect(found).toEqual([
      { requestedAt: '2026-11-30T08:59:30.000Z', status: 'InProgress', sessions: null },
      { requestedAt: '2026-11-30T08:59:00.000Z', status: 'Success', sessions: 2 },
    ]);
  });

  it.each([
    ['{"sessions":0}', 0],
    [' { "sessions" : 12 } \r', 12],
    ['{"sessions": 3}\n{"sessions": 4}\nlogged', 4],
    ['{"sessions": "3"}', null],
    ['{"sessions": -1}', null],
    ['{"sessions": 1, "hosts": 2}', null],
    ['{"sessions": 1000000}', null],
    ['sessions: 3', null],
    ['', null],
  ])('say how many in a line of JSON: %j', async (Output, sessions) => {
    expect((await counted(invocation({ CommandPlugins: [{}, { Output }] })))?.[0]?.sessions).toBe(sessions);
  });

  it.each(['Failed', 'TimedOut', 'Cancelled', 'InProgress'])('that are %s say nothing', async (Status) => {
    expect((await counted(invocation({ Status })))?.[0]).toMatchObject({ status: Status, sessions: null });
  });

  it('need a status and a time', async () => {
    await expect(counted(invocation({ Status: undefined }))).rejects.toThrow('CommandInvocations[].Status');
    await expect(counted(invocation({ RequestedDateTime: undefined }))).rejects.toThrow('RequestedDateTime');
  });
});
