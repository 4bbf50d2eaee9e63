/** What faults may change of the end of deny-networks' runs, and which of its calls may take effect more often. */

import { anything, type Rules } from '../equivalence.ts';

/** What is permitted to deny-networks. */
export const RULES: Rules = {
  differences: [
    ...anything(
      'a denial has the highest number that was free when it came, and a fault has them come in another order; that each comes before what lets it in, an invariant says',
      'ec2/NetworkAcls/*/Entries/*/RuleNumber',
      'ec2/NetworkAcls/*/Entries/*/CidrBlock',
      'ec2/NetworkAcls/*/Entries/*/Ipv6CidrBlock',
    ),
    ...anything(
      'what a host refuses stays announced while each tick says so; a run that a fault broke off is told of by the next, and settled',
      'ledger/*/pending',
    ),
    ...anything(
      'each change gives a list another version, and a fault may have in two changes what else is in one',
      'ec2/ManagedPrefixLists/*/Version',
    ),
    ...anything(
      'what a host was given stands in each command with the moments of decision and end, and a fault has one more sent; that hosts drop what is blocked, and no longer, invariants say',
      'ssm/CommandInvocations/*',
    ),
  ],
  surplus: [
    {
      call: 'ssm:SendCommand',
      perFault: 2,
      againPerDuplicate: 1,
      againWithoutLedger: 1,
      because:
        'it has no client token: whether one was sent that was not answered, or cannot be seen yet, is not known, and a second gives the host the same; a network that comes a moment later is another',
    },
    {
      call: 'ec2:ModifyManagedPrefixList',
      perFault: 1,
      againPerDuplicate: 1,
      againWithoutLedger: 1,
      because:
        'what else comes and goes in one change is in two where a tick came between; EC2 takes none under an old version',
    },
    ...(['ec2:CreateNetworkAclEntry', 'ec2:DeleteNetworkAclEntry'] as const).map((call) => ({
      call,
      perFault: 1,
      againPerDuplicate: 1,
      againWithoutLedger: 1,
      because:
        'a wider network is denied as a whole where what many people share in it is learned of a moment later, and is cut then',
    })),
    {
      call: 'ec2:ReplaceNetworkAclEntry',
      perFault: 1,
      againPerDuplicate: 1,
      againWithoutLedger: 1,
      because:
        'two runs that come together without a lease each swap the same number; the second writes what the first has',
    },
  ],
};
