/** VPC peering connections. */

import { DescribeVpcPeeringConnectionsCommand } from '@aws-sdk/client-ec2';
import type { Scenario } from '../scenario.ts';

const SEED = {
  vpcs: { own: '10.80.0.0/16', other: '10.81.0.0/16' },
  peerings: { between: ['own', 'other'] },
} as const;

export const peeringScenarios: readonly Scenario[] = [
  {
    name: 'a VPC peering connection is described with the ranges of both sides',
    seed: SEED,
    play: async ({ ec2, id }) => {
      await ec2(new DescribeVpcPeeringConnectionsCommand({ VpcPeeringConnectionIds: [id('between')] }));
    },
  },
  {
    name: 'a VPC peering connection is found by its status and its VPCs',
    seed: SEED,
    play: async ({ ec2, id, fact, unnoted }) => {
      const found = async (Name: string, value: string): Promise<number | undefined> => {
        const Filters = [{ Name, Values: [value] }];
        const answer = await unnoted(() => ec2(new DescribeVpcPeeringConnectionsCommand({ Filters })));
        return answer?.VpcPeeringConnections?.length;
      };
      fact('found active', await found('status-code', 'active'));
      fact('found deleted', await found('status-code', 'deleted'));
      fact('found by requester', await found('requester-vpc-info.vpc-id', id('own')));
      fact('found by accepter', await found('accepter-vpc-info.vpc-id', id('own')));
    },
  },
  {
    name: 'a VPC peering connection that is not there is not found',
    seed: SEED,
    play: async ({ ec2 }) => {
      const VpcPeeringConnectionIds = ['pcx-0fffffffffffffff0'];
      await ec2(new DescribeVpcPeeringConnectionsCommand({ VpcPeeringConnectionIds }));
    },
  },
];
