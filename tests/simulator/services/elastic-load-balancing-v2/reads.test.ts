import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { refusal } from '../ec2/ec2-world.ts';
import { A, B, BALANCER, bastions, ELB, GROUP, target } from './bastion-world.ts';

const LISTENER =
  'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/net/bastion/50dc6c495c0c9188/73e2d6bc24d8a067';
const NO_GROUP = GROUP.replace('bastion', 'none');
const NO_BALANCER = BALANCER.replace('bastion', 'none');

const asked = (operation: string, input: Shape, parts: Parameters<typeof bastions>[0] = {}): Shape =>
  bastions(parts).call(`elasticloadbalancing:${operation}`, input);

function valuesOf({ Attributes: all }: Shape): object {
  const entries = Array.isArray(all) ? all.map(({ Key, Value }: Shape) => [Key, Value] as const) : [];
  return Object.fromEntries<unknown>(entries.map(([key, value]) => [String(key), value]));
}

describe('DescribeTargetGroups', () => {
  it('prints what a world file leaves out as AWS makes it', () => {
    const group = {
      HealthCheckIntervalSeconds: undefined,
      HealthyThresholdCount: undefined,
      UnhealthyThresholdCount: undefined,
      LoadBalancerArns: undefined,
    };
    expect(asked('DescribeTargetGroups', { Names: ['bastion'] }, { group })).toEqual({
      TargetGroups: [
        {
          TargetGroupArn: GROUP,
          TargetGroupName: 'bastion',
          TargetType: 'instance',
          Protocol: 'TCP',
          Port: 22,
          IpAddressType: 'ipv4',
          HealthCheckProtocol: 'TCP',
          HealthCheckPort: 'traffic-port',
          HealthCheckEnabled: true,
          HealthCheckIntervalSeconds: 30,
          HealthCheckTimeoutSeconds: 10,
          HealthyThresholdCount: 5,
          UnhealthyThresholdCount: 2,
          LoadBalancerArns: [],
        },
      ],
    });
  });

  it.each([
    ['all', {}],
    ['by ARN', { TargetGroupArns: [GROUP] }],
    ['by name', { Names: ['bastion'] }],
    ['by load balancer', { LoadBalancerArn: BALANCER }],
  ])('finds %s', (_how, input) => {
    expect(asked('DescribeTargetGroups', input)).toMatchObject({
      TargetGroups: [{ TargetGroupArn: GROUP, VpcId: 'vpc-1', LoadBalancerArns: [BALANCER] }],
    });
  });

  it.each([
    ['a group that is not there', { TargetGroupArns: [GROUP, NO_GROUP] }, 'TargetGroupNotFoundException'],
    ['a name that nobody has', { Names: ['none'] }, 'TargetGroupNotFoundException'],
    ['what is no ARN', { TargetGroupArns: ['bastion'] }, "'bastion' is not a valid target group ARN"],
    ['a load balancer that is not there', { LoadBalancerArn: NO_BALANCER }, 'LoadBalancerNotFoundException'],
    ['two ways at once', { Names: ['bastion'], TargetGroupArns: [GROUP] }, 'cannot be specified at the same time'],
  ])('is refused for %s', (_what, input, told) => {
    expect(refusal(() => asked('DescribeTargetGroups', input))).toContain(told);
  });
});

describe('attributes', () => {
  it('of a target group are the defaults of its protocol, with what the world gives', () => {
    const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '120' }];
    expect(
      valuesOf(asked('DescribeTargetGroupAttributes', { TargetGroupArn: GROUP }, { group: { Attributes } })),
    ).toEqual({
      'deregistration_delay.connection_termination.enabled': 'false',
      'deregistration_delay.timeout_seconds': '120',
      'load_balancing.cross_zone.enabled': 'use_load_balancer_configuration',
      'preserve_client_ip.enabled': 'true',
      'proxy_protocol_v2.enabled': 'false',
      'stickiness.enabled': 'false',
      'stickiness.type': 'source_ip',
      'target_group_health.dns_failover.minimum_healthy_targets.count': '1',
      'target_group_health.dns_failover.minimum_healthy_targets.percentage': 'off',
      'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': '1',
      'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': 'off',
      'target_health_state.unhealthy.connection_termination.enabled': 'true',
      'target_health_state.unhealthy.draining_interval_seconds': '0',
    });
  });

  it('of a group for UDP end connections when it has drained, not when it is unhealthy', () => {
    const parts = { group: { Protocol: 'UDP', HealthCheckPort: '22' } };
    expect(valuesOf(asked('DescribeTargetGroupAttributes', { TargetGroupArn: GROUP }, parts))).toMatchObject({
      'deregistration_delay.connection_termination.enabled': 'true',
      'target_health_state.unhealthy.connection_termination.enabled': 'false',
    });
  });

  it('of a group for addresses lose the address of the client', () => {
    const parts = { group: { TargetType: 'ip' }, targets: [] };
    expect(valuesOf(asked('DescribeTargetGroupAttributes', { TargetGroupArn: GROUP }, parts))).toMatchObject({
      'preserve_client_ip.enabled': 'false',
    });
  });

  it.each([
    ['internal', 'true'],
    ['internet-facing', 'false'],
  ])('of a load balancer that is %s', (Scheme, denies) => {
    const Attributes = [{ Key: 'load_balancing.cross_zone.enabled', Value: 'true' }];
    const parts = { balancer: { Scheme, Attributes } };
    expect(valuesOf(asked('DescribeLoadBalancerAttributes', { LoadBalancerArn: BALANCER }, parts))).toEqual({
      'access_logs.s3.bucket': '',
      'access_logs.s3.enabled': 'false',
      'access_logs.s3.prefix': '',
      'deletion_protection.enabled': 'false',
      'dns_record.client_routing_policy': 'any_availability_zone',
      'ipv6.deny_all_igw_traffic': denies,
      'load_balancing.cross_zone.enabled': 'true',
      'secondary_ips.auto_assigned.per_subnet': '0',
      'zonal_shift.config.enabled': 'false',
    });
  });

  it('of applications are not simulated', () => {
    const arn = BALANCER.replace('/net/', '/app/');
    const parts = { balancer: { LoadBalancerArn: arn }, group: { LoadBalancerArns: [arn], Protocol: 'HTTP' } };
    expect(refusal(() => asked('DescribeLoadBalancerAttributes', { LoadBalancerArn: arn }, parts))).toContain(
      'not simulated',
    );
    expect(refusal(() => asked('DescribeTargetGroupAttributes', { TargetGroupArn: GROUP }, parts))).toContain(
      'not simulated',
    );
  });
});

describe('DescribeTags', () => {
  it('prints those of groups, load balancers and listeners', () => {
    expect(asked('DescribeTags', { ResourceArns: [GROUP, BALANCER, LISTENER] })).toEqual({
      TagDescriptions: [
        { ResourceArn: GROUP, Tags: [{ Key: 'runbook:bastion', Value: 'ops' }] },
        { ResourceArn: BALANCER, Tags: [] },
        { ResourceArn: LISTENER, Tags: [] },
      ],
    });
  });

  it.each([
    ['a group that is not there', [GROUP, NO_GROUP], 'TargetGroupNotFoundException'],
    ['a load balancer that is not there', [NO_BALANCER], 'LoadBalancerNotFoundException'],
    ['nothing', [], 'ValidationError: From 1 to 20'],
    ['more than 20', Array.from({ length: 21 }, () => GROUP), 'ValidationError: From 1 to 20'],
  ])('is refused for %s', (_what, ResourceArns, told) => {
    expect(refusal(() => asked('DescribeTags', { ResourceArns }))).toContain(told);
  });
});

describe('DescribeListeners', () => {
  it.each([{ LoadBalancerArn: BALANCER }, { ListenerArns: [LISTENER] }])('finds one by %o', (input) => {
    expect(asked('DescribeListeners', input)).toEqual({
      Listeners: [
        {
          ListenerArn: LISTENER,
          LoadBalancerArn: BALANCER,
          Port: 22,
          Protocol: 'TCP',
          DefaultActions: [{ Type: 'forward', TargetGroupArn: GROUP }],
        },
      ],
    });
  });

  it.each([
    ['nothing', {}, 'ValidationError'],
    ['two ways at once', { LoadBalancerArn: BALANCER, ListenerArns: [LISTENER] }, 'ValidationError'],
    ['a listener that is not there', { ListenerArns: [LISTENER, `${LISTENER}0`] }, 'ListenerNotFoundException'],
    ['a load balancer that is not there', { LoadBalancerArn: NO_BALANCER }, 'LoadBalancerNotFoundException'],
  ])('is refused for %s', (_what, input, told) => {
    expect(refusal(() => asked('DescribeListeners', input))).toContain(told);
  });
});

describe('DescribeTargetHealth', () => {
  it('prints a healthy target without a reason, and the port that is checked as text', () => {
    const parts = { group: { HealthCheckPort: '2022' }, targets: [target(A, 'healthy')] };
    expect(asked('DescribeTargetHealth', { TargetGroupArn: GROUP }, parts)).toEqual({
      TargetHealthDescriptions: [
        { Target: { Id: A, Port: 22 }, HealthCheckPort: '2022', TargetHealth: { State: 'healthy' } },
      ],
    });
  });

  it.each([
    ['initial', 'Elb.RegistrationInProgress', 'Target registration is in progress'],
    ['unhealthy', 'Target.FailedHealthChecks', 'Health checks failed'],
    ['draining', 'Target.DeregistrationInProgress', 'Target deregistration is in progress'],
    ['unavailable', 'Elb.InternalError', 'Health checks failed due to an internal error'],
  ])('says of one that is %s why', (State, Reason, Description) => {
    const parts = { targets: [target(A, State), target(B, 'healthy')] };
    expect(asked('DescribeTargetHealth', { TargetGroupArn: GROUP, Targets: [{ Id: A }] }, parts)).toMatchObject({
      TargetHealthDescriptions: [{ TargetHealth: { State, Reason, Description } }],
    });
  });

  it('says of a host that is not registered, or not by that port, that it is not', () => {
    const Targets = [
      { Id: B, Port: 22 },
      { Id: A, Port: 2222 },
    ];
    const TargetHealth = {
      State: 'unused',
      Reason: 'Target.NotRegistered',
      Description: 'Target is not registered to the target group',
    };
    expect(
      asked('DescribeTargetHealth', { TargetGroupArn: GROUP, Targets }, { targets: [target(A, 'healthy')] }),
    ).toEqual({
      TargetHealthDescriptions: [
        { Target: { Id: B, Port: 22 }, TargetHealth },
        { Target: { Id: A, Port: 2222 }, TargetHealth },
      ],
    });
  });

  it('is refused for what is no instance, and for a group that is not there', () => {
    expect(
      refusal(() => asked('DescribeTargetHealth', { TargetGroupArn: GROUP, Targets: [{ Id: 'i-0d1' }] })),
    ).toContain("InvalidTargetException: The following targets are not valid instances: 'i-0d1'");
    expect(refusal(() => asked('DescribeTargetHealth', { TargetGroupArn: NO_GROUP }))).toContain(
      'TargetGroupNotFoundException',
    );
  });

  it('shows anomalies to those alone who ask for them', () => {
    const AnomalyDetection = { Result: 'normal', MitigationInEffect: 'no' };
    const parts = { targets: [{ ...target(A, 'healthy'), AnomalyDetection }] };
    expect(asked('DescribeTargetHealth', { TargetGroupArn: GROUP }, parts)).not.toHaveProperty(
      'TargetHealthDescriptions.0.AnomalyDetection',
    );
    expect(asked('DescribeTargetHealth', { TargetGroupArn: GROUP, Include: ['All'] }, parts)).toMatchObject({
      TargetHealthDescriptions: [{ AnomalyDetection }],
    });
  });

  it('does not leave a new target initial for good where the world does not say whether it is reached', () => {
    const AvailabilityZones = [{ ZoneName: 'eu-west-1a', SubnetId: 'subnet-x' }];
    const parts = { balancer: { AvailabilityZones }, targets: [target(A, 'initial')] };
    expect(refusal(() => asked('DescribeTargetHealth', { TargetGroupArn: GROUP }, parts))).toContain(
      'whether the new target i-0a1 gets healthy: ec2.Subnets has no CidrBlock of subnet-x',
    );
  });
});

describe('a script', () => {
  it('makes a target group, and takes it away', () => {
    const { call, set } = bastions();
    const arn = GROUP.replace('bastion', 'spare');
    set(`${ELB}/TargetGroups/spare`, { TargetGroupArn: arn, Port: 2222 });
    expect(call('elasticloadbalancing:DescribeTargetGroups', { Names: ['spare'] })).toMatchObject({
      TargetGroups: [{ TargetGroupArn: arn, HealthCheckIntervalSeconds: 30 }],
    });
    expect(call('elasticloadbalancing:DescribeTargetHealth', { TargetGroupArn: arn })).toEqual({
      TargetHealthDescriptions: [],
    });
    set(`${ELB}/TargetGroups/${arn}`, null);
    expect(call('elasticloadbalancing:DescribeTargetGroups', {})).toMatchObject({
      TargetGroups: [{ TargetGroupArn: GROUP }],
    });
  });
});
