/** What moto makes of security groups. */

import { ec2Api, type Known } from './known.ts';

const AUTHORIZE = 'ec2:AuthorizeSecurityGroupIngress';
const AGAIN =
  'an inbound rule is there once, whatever its description, and nothing of a request that asks for it again';

export const securityGroupDifferences: readonly Known[] = [
  {
    operation: AUTHORIZE,
    where: ['SecurityGroupRules[].GroupOwnerId'],
    right: 'simulator',
    because: 'A rule that was made is told with the owner of its group. Moto’s is without.',
    source: ec2Api('SecurityGroupRule'),
  },
  {
    operation: AUTHORIZE,
    where: ['error'],
    simulator: 'InvalidParameterValue',
    right: 'simulator',
    because: 'A rule of TCP has ports. Moto fails where it has none.',
    source: 'https://github.com/aws-cloudformation/cfn-lint/issues/1323',
  },
  {
    operation: 'fact',
    where: ['peers afterwards'],
    scenario: AGAIN,
    right: 'simulator',
    because: 'A request that is refused adds nothing. Moto adds what stands before the rule that it refuses.',
    source: ec2Api('AuthorizeSecurityGroupIngress'),
  },
  {
    operation: 'ec2:DescribeSecurityGroups',
    where: ['SecurityGroups[].IpPermissions[].IpRanges[] count'],
    scenario: AGAIN,
    right: 'simulator',
    because: 'A request that is refused adds nothing. Moto adds what stands before the rule that it refuses.',
    source: ec2Api('AuthorizeSecurityGroupIngress'),
  },
  {
    operation: 'ec2:RevokeSecurityGroupIngress',
    where: ['RevokedSecurityGroupRules'],
    right: 'simulator',
    because: 'The rules that were revoked are told. Moto tells none.',
    source: ec2Api('RevokeSecurityGroupIngress'),
  },
];
