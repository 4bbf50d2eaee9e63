/** The load balancers of a scenario's beginning, as the simulator's world file has them. */

import { ACCOUNT, REGION, type Seed } from './scenario.ts';

export function loadBalancerIds({ loadBalancers = [] }: Seed): ReadonlyMap<string, string> {
  const named = loadBalancers.flatMap((name, index) => {
    const digits = (index + 1).toString(16).padStart(16, '0');
    return [
      [name, `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}:loadbalancer/app/${name}/${digits}`],
      [`${name}.dns`, `${name}-${digits}.${REGION}.elb.amazonaws.com`],
    ] as const;
  });
  return new Map(named);
}

export function loadBalancerRecords({ loadBalancers = [] }: Seed, id: (name: string) => string): object[] {
  return loadBalancers.map((name) => ({
    LoadBalancerArn: id(name),
    DNSName: id(`${name}.dns`),
    VpcId: 'vpc-0a000000000000001',
    AvailabilityZones: ['a', 'b'].map((letter) => ({
      ZoneName: `${REGION}${letter}`,
      SubnetId: `subnet-0${letter}000000000000001`,
    })),
  }));
}
