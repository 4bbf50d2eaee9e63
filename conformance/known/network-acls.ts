/** What moto makes of network ACLs. */

import { EC2_ERRORS, ec2Api, missingError, type Known } from './known.ts';

const RULES = 'https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html';

export const networkAclDifferences: readonly Known[] = [
  {
    operation: 'ec2:CreateNetworkAclEntry',
    where: ['error'],
    simulator: 'NetworkAclEntryLimitExceeded',
    right: 'simulator',
    because: 'A network ACL has 20 rules by direction and family, the last denial counted. Moto has no such quota.',
    source: 'https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html',
  },
  missingError(
    'ec2:CreateNetworkAclEntry',
    'InvalidParameterValue',
    'Rules have the numbers 1 to 32766; those above are AWS’s own. Moto takes any.',
    ec2Api('CreateNetworkAclEntry'),
  ),
  ...['DeleteNetworkAclEntry', 'ReplaceNetworkAclEntry'].map((name) =>
    missingError(
      `ec2:${name}`,
      'InvalidNetworkAclEntry.NotFound',
      'An entry that is not there is not found. Moto fails.',
      'https://github.com/hashicorp/terraform-provider-aws/issues/12175',
    ),
  ),
  {
    operation: 'ec2:DescribeNetworkAcls',
    where: ['NetworkAcls[].Entries', 'NetworkAcls[].Entries[] count'],
    right: 'simulator',
    because:
      'Every network ACL ends in a denial of everything, in both directions. Moto gives one that was made no entry.',
    source: RULES,
  },
  missingError(
    'ec2:DescribeNetworkAcls',
    'InvalidNetworkAclID.NotFound',
    'The error names the kind of thing that is not there. Moto’s names a route table.',
    EC2_ERRORS,
  ),
];
