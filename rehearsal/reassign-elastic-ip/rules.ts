/** What faults may change of the end of reassign-elastic-ip's runs, and which of its calls may take effect more often. */

import { late, type PermittedDifference, type PermittedSurplus, type Rules } from '../equivalence.ts';
import { HOOK_SURPLUS } from '../lifecycle-hooks.ts';

const differences: readonly PermittedDifference[] = [
  ...late('says when the address moved, which a fault delays', 'ec2/*/*/Tags/runbook:moved-at'),
  ...late('says since when, which a fault delays', 'ec2/*/*/Tags/runbook:quarantined'),
  {
    at: 'ec2/Addresses/*/Tags/runbook:moves',
    how: 'lower',
    bound: 1,
    because: 'a move and its way back that a fault spared the address are not counted',
  },
];

const surplus: readonly PermittedSurplus[] = [
  {
    call: 'ec2:AssociateAddress',
    perFault: 0,
    againPerDuplicate: 1,
    againWithoutLedger: 1,
    because: 'to the computed holder: a second one by a concurrent run leaves the same association',
  },
  {
    call: 'ec2:CreateTags',
    perFault: 1,
    againPerDuplicate: 1,
    againWithoutLedger: 2,
    because:
      'status tags are written again with the same meaning when it is not known whether they were, or by concurrent runs',
  },
  {
    call: 'ec2:DeleteTags',
    perFault: 1,
    againPerDuplicate: 1,
    againWithoutLedger: 1,
    because: 'deleting a tag that is gone changes nothing',
  },
  {
    call: 'ec2:StopInstances',
    perFault: 1,
    againPerDuplicate: 1,
    againWithoutLedger: 1,
    because: 'stopping what is stopping changes nothing; asked again while it is not confirmed',
  },
  ...HOOK_SURPLUS,
];

/** What is permitted to reassign-elastic-ip. */
export const RULES: Rules = { differences, surplus };
