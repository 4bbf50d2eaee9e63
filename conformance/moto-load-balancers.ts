/** The load balancers and target groups of a scenario's beginning, made in moto. */

import { DescribeSubnetsCommand, type EC2Client } from '@aws-sdk/client-ec2';
import {
  AddTagsCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  type ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { need, type Ids } from './moto-answers.ts';
import { REGION, type Seed } from './scenario.ts';
import type { SeedTargetGroup } from './seed-balancing.ts';

interface Network {
  readonly subnets: string[];
  readonly vpc: string;
}

/** The default subnets of two zones. */
async function networkOf(ec2: EC2Client): Promise<Network> {
  const zones = [`${REGION}a`, `${REGION}b`];
  const { Subnets = [] } = await ec2.send(
    new DescribeSubnetsCommand({ Filters: [{ Name: 'availability-zone', Values: zones }] }),
  );
  return {
    subnets: Subnets.flatMap(({ SubnetId }) => (SubnetId === undefined ? [] : [SubnetId])),
    vpc: need(Subnets[0]?.VpcId, 'VPC'),
  };
}

async function makeGroup(
  balancing: ElasticLoadBalancingV2Client,
  [Name, { port: Port, behind, targets = [], tags = {} }]: readonly [string, SeedTargetGroup],
  VpcId: string,
  ids: Ids,
): Promise<void> {
  const { TargetGroups } = await balancing.send(
    new CreateTargetGroupCommand({ Name, Protocol: 'TCP', Port, VpcId, TargetType: 'instance' }),
  );
  const TargetGroupArn = need(TargetGroups?.[0]?.TargetGroupArn, 'target group');
  ids.set(Name, TargetGroupArn);
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  if (Tags.length > 0) await balancing.send(new AddTagsCommand({ ResourceArns: [TargetGroupArn], Tags }));
  if (behind !== undefined) {
    const { Listeners } = await balancing.send(
      new CreateListenerCommand({
        LoadBalancerArn: need(ids.get(behind), behind),
        Protocol: 'TCP',
        Port,
        DefaultActions: [{ Type: 'forward', TargetGroupArn }],
      }),
    );
    ids.set(`${Name}.listener`, need(Listeners?.[0]?.ListenerArn, 'listener'));
  }
  const Targets = targets.map((name) => ({ Id: need(ids.get(name), name) }));
  if (Targets.length > 0) await balancing.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
}

/** Makes load balancers in the default subnets of two zones, then the target groups. */
export async function makeLoadBalancers(
  balancing: ElasticLoadBalancingV2Client,
  ec2: EC2Client,
  { loadBalancers = [], networks = [], targetGroups = {} }: Seed,
  ids: Ids,
): Promise<void> {
  const groups = Object.entries(targetGroups);
  if (loadBalancers.length + networks.length + groups.length === 0) return;
  const { subnets: Subnets, vpc } = await networkOf(ec2);
  for (const Name of [...loadBalancers, ...networks]) {
    const Type = networks.includes(Name) ? 'network' : 'application';
    const { LoadBalancers = [] } = await balancing.send(
      new CreateLoadBalancerCommand({ Name, Type, Scheme: 'internet-facing', Subnets }),
    );
    ids.set(Name, need(LoadBalancers[0]?.LoadBalancerArn, 'load balancer'));
    if (Type === 'application') ids.set(`${Name}.dns`, need(LoadBalancers[0]?.DNSName, 'name of a load balancer'));
  }
  for (const group of groups) await makeGroup(balancing, group, vpc, ids);
}
