/** The load balancers of a scenario's beginning, made in moto. */

import { DescribeSubnetsCommand, type EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateLoadBalancerCommand,
  type ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { REGION, type Seed } from './scenario.ts';

/** Makes each for an application, in the default subnets of two zones. */
export async function makeLoadBalancers(
  balancing: ElasticLoadBalancingV2Client,
  ec2: EC2Client,
  { loadBalancers = [] }: Seed,
  ids: Map<string, string>,
): Promise<void> {
  if (loadBalancers.length === 0) return;
  const zones = [`${REGION}a`, `${REGION}b`];
  const { Subnets = [] } = await ec2.send(
    new DescribeSubnetsCommand({ Filters: [{ Name: 'availability-zone', Values: zones }] }),
  );
  const subnets = Subnets.flatMap(({ SubnetId }) => (SubnetId === undefined ? [] : [SubnetId]));
  for (const Name of loadBalancers) {
    const { LoadBalancers = [] } = await balancing.send(
      new CreateLoadBalancerCommand({ Name, Type: 'application', Scheme: 'internet-facing', Subnets: subnets }),
    );
    ids.set(Name, LoadBalancers[0]?.LoadBalancerArn ?? '');
    ids.set(`${Name}.dns`, LoadBalancers[0]?.DNSName ?? '');
  }
}
