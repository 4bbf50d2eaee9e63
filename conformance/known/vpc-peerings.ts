/** What moto makes of VPC peering connections. */

import { EC2_ERRORS, ec2Api, missingError, type Known } from './known.ts';

const DESCRIBE = 'ec2:DescribeVpcPeeringConnections';

export const peeringDifferences: readonly Known[] = [
  {
    operation: DESCRIBE,
    where: ['VpcPeeringConnections[].*VpcInfo.CidrBlockSet'],
    right: 'simulator',
    because: 'Each side shows all ranges of its VPC. Moto shows the first one only.',
    source: ec2Api('VpcPeeringConnectionVpcInfo'),
  },
  {
    operation: 'fact',
    where: ['found deleted', 'found by accepter'],
    scenario: 'a VPC peering connection is found by its status and its VPCs',
    right: 'simulator',
    because: 'Peerings are filtered. Moto gives all.',
    source: ec2Api('DescribeVpcPeeringConnections'),
  },
  missingError(
    DESCRIBE,
    'InvalidVpcPeeringConnectionID.NotFound',
    'An id that is not there is not found. Moto’s answer is empty.',
    EC2_ERRORS,
  ),
];
