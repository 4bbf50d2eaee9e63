/** What is made of Elastic Load Balancing's answers, whole, lacking and in pages. */

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
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  nameOf,
  readHealth,
  readTargetGroup,
  taggedTargetGroups,
  targetGroupOf,
  targetHealthOf,
  type TargetGroupRead,
} from '../../../functions/heal-bastion/aws/target-groups.ts';
import { error, IO } from './at-the-edge.ts';
import { A, FLEET, OTHER } from './small-account.ts';

const [elb, tagging] = [mockClient(ElasticLoadBalancingV2Client), mockClient(ResourceGroupsTaggingAPIClient)];
const STUBS = [elb, tagging];

afterAll(() => {
  for (const stub of STUBS) stub.restore();
});
beforeEach(() => {
  for (const stub of STUBS) stub.reset();
});

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
    const found = await readTargetGroup(FLEET, IO);
    expect([found?.balancer, found?.balancerAttributes.size, found?.fleet]).toEqual([undefined, 0, undefined]);
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
      checks: { intervalSeconds: 30, unhealthyThreshold: 2, healthyThreshold: 5 },
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
      checks: { intervalSeconds: 5, unhealthyThreshold: 2, healthyThreshold: 2 },
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
    expect(await readHealth(FLEET, IO)).toEqual({ unavailable: 'HealthUnavailable', isGone: false });
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
