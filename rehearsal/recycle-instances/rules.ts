/** What faults may change of the end of recycle-instances' runs: the small runbook that proves the kernel (`tests/recycle-instances`). */

import type { PermittedSurplus, Rules } from '../equivalence.ts';

const surplus: readonly PermittedSurplus[] = [
  {
    call: 'ec2:CreateTags',
    perFault: 1,
    againPerDuplicate: 1,
    againWithoutLedger: 2,
    because: 'the stage is written again with the same meaning when it is not known whether it was',
  },
  {
    call: 'ec2:StopInstances',
    perFault: 1,
    againPerDuplicate: 1,
    againWithoutLedger: 1,
    because: 'stopping what is stopping changes nothing',
  },
  {
    call: 'ec2:StartInstances',
    perFault: 1,
    againPerDuplicate: 1,
    againWithoutLedger: 1,
    because: 'starting what is starting changes nothing',
  },
];

/** What is permitted to recycle-instances. */
export const RULES: Rules = { differences: [], surplus };
