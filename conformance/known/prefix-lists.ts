/** What moto makes of managed prefix lists. */

import { ec2Api, missingError, type Known } from './known.ts';

const MODIFY = 'ec2:ModifyManagedPrefixList';
const PROVIDER = 'https://github.com/hashicorp/terraform-provider-aws';

export const prefixListDifferences: readonly Known[] = [
  {
    operation: MODIFY,
    where: ['PrefixList.State', 'PrefixList.Version'],
    right: 'simulator',
    because: 'A change is under way for a while, in which the list shows its old version. Moto’s is there at once.',
    source: ec2Api('ManagedPrefixList'),
  },
  missingError(
    MODIFY,
    'IncorrectState',
    'A list that is being changed takes no other change. Moto’s is never being changed.',
    `${PROVIDER}/blob/main/internal/service/ec2/vpc_managed_prefix_list_entry.go`,
  ),
  missingError(
    MODIFY,
    'PrefixListVersionMismatch',
    'A list is changed in its current version only. Moto takes any.',
    `${PROVIDER}/issues/43528`,
  ),
  missingError(
    MODIFY,
    'InvalidPrefixListModification',
    'An entry is added where it is not, and removed where it is. Moto does not look.',
    `${PROVIDER}/issues/29204`,
  ),
  missingError(
    MODIFY,
    'PrefixListMaxEntriesExceeded',
    'A list holds as many entries as its size says. Moto’s holds any number.',
    'https://docs.aws.amazon.com/vpc/latest/userguide/managed-prefix-lists.html',
  ),
  missingError(
    MODIFY,
    'InvalidParameterValue',
    'A list holds networks of one family. Moto’s holds any.',
    'https://docs.aws.amazon.com/vpc/latest/userguide/managed-prefix-lists.html',
  ),
];
