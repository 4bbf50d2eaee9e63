/** The load balancers and target groups of a scenario's beginning, as the simulator's world file has them. */

import { ACCOUNT, REGION, type Seed } from './scenario.ts';

const ARN = `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}`;
const VPC = 'vpc-0a000000000000001';
const ZONES = ['a', 'b'] as const;

const digitsOf = (index: number): string => (index + 1).toString(16).padStart(16, '0');

export function loadBalancerIds({
  loadBalancers = [],
  networks = [],
  targetGroups = {},
}: Seed): ReadonlyMap<string, string> {
  const applications = loadBalancers.flatMap((name, index) => [
    [name, `${ARN}:loadbalancer/app/${name}/${digitsOf(index)}`] as const,
    [`${name}.dns`, `${name}-${digitsOf(index)}.${REGION}.elb.amazonaws.com`] as const,
  ]);
  const others = networks.map((name, index) => [name, `${ARN}:loadbalancer/net/${name}/${digitsOf(index)}`] as const);
  const groups = Object.entries(targetGroups).flatMap(([name, { behind }], index) => {
    const digits = digitsOf(index);
    const group = [name, `${ARN}:targetgroup/${name}/${digits}`] as const;
    if (behind === undefined) return [group];
    const balancer = digitsOf(networks.indexOf(behind));
    return [group, [`${name}.listener`, `${ARN}:listener/net/${behind}/${balancer}/${digits}`] as const];
  });
  return new Map([...applications, ...others, ...groups]);
}

function groupRecords({ targetGroups = {} }: Seed, id: (name: string) => string): object {
  const groups = Object.entries(targetGroups);
  return {
    TargetGroups: groups.map(([name, { port, behind, tags = {} }]) => ({
      TargetGroupArn: id(name),
      Protocol: 'TCP',
      Port: port,
      VpcId: VPC,
      LoadBalancerArns: behind === undefined ? [] : [id(behind)],
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    })),
    TargetHealth: groups.flatMap(([name, { targets }]) =>
      targets === undefined
        ? []
        : [
            {
              TargetGroupArn: id(name),
              TargetHealthDescriptions: targets.map((target) => ({
                Target: { Id: id(target) },
                TargetHealth: { State: 'healthy' },
              })),
            },
          ],
    ),
    Listeners: groups.flatMap(([name, { port, behind }]) =>
      behind === undefined
        ? []
        : [
            {
              ListenerArn: id(`${name}.listener`),
              LoadBalancerArn: id(behind),
              Port: port,
              Protocol: 'TCP',
              DefaultActions: [{ Type: 'forward', TargetGroupArn: id(name) }],
            },
          ],
    ),
  };
}

/** The section of Elastic Load Balancing. */
export function balancingSection(seed: Seed, id: (name: string) => string): object {
  const { loadBalancers = [], networks = [] } = seed;
  return {
    LoadBalancers: [...loadBalancers, ...networks].map((name) => ({
      LoadBalancerArn: id(name),
      ...(loadBalancers.includes(name) ? { DNSName: id(`${name}.dns`) } : {}),
      VpcId: VPC,
      AvailabilityZones: ZONES.map((letter) => ({
        ZoneName: `${REGION}${letter}`,
        SubnetId: `subnet-0${letter}000000000000001`,
      })),
    })),
    ...groupRecords(seed, id),
  };
}

/** The subnets of the nodes that check targets: health checks come from any address there. */
export function balancedSubnets({ networks = [] }: Seed): object[] {
  if (networks.length === 0) return [];
  return ZONES.map((letter, index) => ({
    SubnetId: `subnet-0${letter}000000000000001`,
    VpcId: VPC,
    AvailabilityZone: `${REGION}${letter}`,
    CidrBlock: `172.31.${16 * index}.0/20`,
  }));
}
