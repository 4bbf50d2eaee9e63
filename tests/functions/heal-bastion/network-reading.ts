/** Reads the network of a small account: one host that fails, behind one node. */

import {
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  EC2Client,
  type Instance,
  type IpPermission,
} from '@aws-sdk/client-ec2';
import type { LoadBalancer } from '@aws-sdk/client-elastic-load-balancing-v2';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach } from 'vitest';
import { readNetwork, type Checked } from '../../../functions/heal-bastion/aws/network.ts';
import type { TargetGroupRead } from '../../../functions/heal-bastion/aws/target-groups.ts';
import type { Network } from '../../../functions/heal-bastion/decide.ts';
import { IO } from './at-the-edge.ts';
import { A, FLEET } from './small-account.ts';

export const ec2 = mockClient(EC2Client);

afterAll(() => {
  ec2.restore();
});

export const SSH: IpPermission = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '10.0.1.0/24' }] };

beforeEach(() => {
  ec2.reset();
  ec2.on(DescribeSecurityGroupsCommand).resolves({ SecurityGroups: [{ GroupId: 'sg-host', IpPermissions: [SSH] }] });
  ec2.on(DescribeNetworkAclsCommand).resolves({});
  ec2.on(DescribeSubnetsCommand).resolves({ Subnets: [{ SubnetId: 'subnet-a', CidrBlock: '10.0.1.0/24' }] });
  ec2.on(DescribeNetworkInterfacesCommand).resolves({});
});

export const HOST: Instance = {
  InstanceId: A,
  SubnetId: 'subnet-a',
  PrivateIpAddress: '10.0.1.10',
  SecurityGroups: [{ GroupId: 'sg-host' }],
};

export const BALANCER: LoadBalancer = {
  LoadBalancerArn: 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/bastion/50dc6c495c0c9188',
  AvailabilityZones: [{ ZoneName: 'eu-west-1a', SubnetId: 'subnet-a' }],
};

export interface Change {
  readonly record?: Partial<TargetGroupRead['record']>;
  readonly balancer?: Partial<LoadBalancer> | null;
  readonly instance?: Partial<Instance>;
  readonly more?: Partial<Checked>;
}

/** What is read of the network of one host that fails. */
export async function read({
  record = {},
  balancer = {},
  instance = {},
  more = {},
}: Change = {}): Promise<Network | null> {
  const checked: Checked = {
    read: {
      record: { TargetGroupArn: FLEET, ...record },
      fleet: 'ops',
      attributes: new Map(),
      balancer: balancer === null ? undefined : { ...BALANCER, ...balancer },
      balancerAttributes: new Map(),
    },
    health: [{ Target: { Id: A, Port: 22 }, HealthCheckPort: '22' }],
    instances: new Map([[A, { ...HOST, ...instance }]]),
    checked: [A],
    ...more,
  };
  return readNetwork(checked, IO);
}
