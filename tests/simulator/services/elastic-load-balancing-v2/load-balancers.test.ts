import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { pastedWorld } from '../../../../simulator/world/world-file.ts';
import { simulate } from '../../../../simulator/engine/simulation.ts';
import { DescribeLoadBalancersCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { client } from '../../../../shared/aws/clients.ts';
import { deploy, run } from '../../deploy.ts';
import { refusal } from '../ec2/ec2-world.ts';
import { serviceWorld } from '../service-world.ts';

const PREFIX = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer';
const WEB = `${PREFIX}/app/web/0a1b2c3d4e5f6071`;
const EDGE = `${PREFIX}/net/edge/0a1b2c3d4e5f6072`;
const INSIDE = `${PREFIX}/app/inside/0a1b2c3d4e5f6073`;
const BALANCERS = [
  { LoadBalancerArn: WEB },
  { LoadBalancerArn: EDGE },
  { LoadBalancerArn: INSIDE, Scheme: 'internal' },
];

function begin(balancers: readonly Shape[] = BALANCERS) {
  const { call, set } = serviceWorld({ 'elastic-load-balancing-v2': { LoadBalancers: balancers } });
  const describeAll = (input: Shape = {}): Shape => call('elasticloadbalancing:DescribeLoadBalancers', input);
  const arns = (input: Shape = {}): unknown => {
    const { LoadBalancers: found } = describeAll(input);
    return Array.isArray(found) ? found.map(({ LoadBalancerArn: arn }: Shape) => arn) : undefined;
  };
  return { set, describeAll, arns };
}

describe('DescribeLoadBalancers', () => {
  it('derives from an ARN what a written world leaves out', () => {
    expect(begin().describeAll({ LoadBalancerArns: [WEB] })).toEqual({
      LoadBalancers: [
        {
          LoadBalancerArn: WEB,
          LoadBalancerName: 'web',
          DNSName: 'web-0a1b2c3d4e5f6071.eu-west-1.elb.amazonaws.com',
          Type: 'application',
          Scheme: 'internet-facing',
          State: { Code: 'active' },
          IpAddressType: 'ipv4',
          CreatedTime: new Date('2026-11-22T08:00:00.000Z'),
          AvailabilityZones: [],
        },
      ],
    });
  });

  it('names those of networks and those inside as AWS does', () => {
    expect(begin().describeAll({ Names: ['edge', 'inside'] })).toMatchObject({
      LoadBalancers: [
        { Type: 'network', DNSName: 'edge-0a1b2c3d4e5f6072.elb.eu-west-1.amazonaws.com' },
        { Scheme: 'internal', DNSName: 'internal-inside-0a1b2c3d4e5f6073.eu-west-1.elb.amazonaws.com' },
      ],
    });
  });

  it('goes by pages', () => {
    const { describeAll, arns } = begin();
    expect(describeAll({ PageSize: 2 })).toMatchObject({ LoadBalancers: [{}, {}], NextMarker: EDGE });
    expect(describeAll({ PageSize: 2, Marker: EDGE })).not.toHaveProperty('NextMarker');
    expect(arns({ PageSize: 2, Marker: EDGE })).toEqual([INSIDE]);
    expect(arns()).toEqual([WEB, EDGE, INSIDE]);
  });

  it.each([
    [
      'a name that nobody has',
      { Names: ['web', 'other'] },
      "LoadBalancerNotFoundException: Load balancers '[other]' not found",
    ],
    [
      'an ARN that nobody has',
      { LoadBalancerArns: [WEB, `${PREFIX}/app/web/0`] },
      'LoadBalancerNotFoundException: One or more load balancers not found',
    ],
    [
      'what is no ARN of a load balancer',
      { LoadBalancerArns: ['web'] },
      "ValidationError: 'web' is not a valid load balancer ARN",
    ],
    ['a page of more than 400', { PageSize: 401 }, 'ValidationError: PageSize must be from 1 to 400'],
    ['a marker that it did not give', { Marker: 'x' }, 'ValidationError: The marker is not valid'],
    [
      'more than 20',
      { Names: Array.from({ length: 21 }, (_, index) => `lb-${index}`) },
      'ValidationError: Up to 20 load balancers can be specified in a single call',
    ],
    [
      'ARNs and names at once',
      { Names: ['web'], LoadBalancerArns: [WEB] },
      'not simulated: elasticloadbalancing:DescribeLoadBalancers by ARNs and names at once',
    ],
  ])('is refused for %s', (_what, input, expected) => {
    expect(refusal(() => begin().describeAll(input))).toBe(expected);
  });
});

describe('a script', () => {
  it('makes a load balancer, changes it, and takes it away', () => {
    const { set, arns, describeAll } = begin([]);
    const path = 'elastic-load-balancing-v2/LoadBalancers';
    set(`${path}/web`, { LoadBalancerArn: WEB });
    set(`${path}/${WEB}/State/Code`, 'failed');
    expect(describeAll()).toMatchObject({ LoadBalancers: [{ LoadBalancerArn: WEB, State: { Code: 'failed' } }] });
    set(`${path}/${WEB}`, null);
    expect(arns()).toEqual([]);
  });
});

describe('a world file', () => {
  it('may hold load balancers of this version only', () => {
    expect(refusal(() => begin([{ LoadBalancerArn: `${PREFIX}/classic` }]))).toMatch(
      /^elastic-load-balancing-v2\.LoadBalancers\[0\]\.LoadBalancerArn: must be /u,
    );
  });

  it('that was pasted and says nothing of any does not say that there are none', async () => {
    const frame = { now: '2026-11-22T08:00:00Z', account: '111122223333', region: 'eu-west-1' };
    const ask = () => client(ElasticLoadBalancingV2Client).send(new DescribeLoadBalancersCommand({}));
    const end = async (balancers: object) => {
      const { world } = pastedWorld({ ...frame, 'elastic-load-balancing-v2': balancers });
      return (await simulate(run(deploy(ask), { world }))).error?.message;
    };
    expect(await end({})).toBe(
      'not simulated: elasticloadbalancing:DescribeLoadBalancers in eu-west-1: no LoadBalancers were pasted, `aws elbv2 describe-load-balancers` prints them; write "elastic-load-balancing-v2": { "LoadBalancers": [] } if there are none',
    );
    expect(await end({ LoadBalancers: [] })).toBe(undefined);
  });
});
