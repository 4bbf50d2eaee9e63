/** What faults may change of the end of runs in turn: what they may of the small runbook's, and how often the next turn is asked for. */

import type { Rules } from '../equivalence.ts';
import { RULES as OF_ONE } from '../recycle-instances/rules.ts';

/** What is permitted to recycle-in-turn. */
export const RULES: Rules = {
  differences: OF_ONE.differences,
  surplus: [
    ...OF_ONE.surplus,
    {
      call: 'lambda:Invoke',
      perFault: 1,
      againPerDuplicate: 1,
      againWithoutLedger: 1,
      because:
        'a turn that was started already is not started again under its name; that it is one, an invariant holds',
    },
  ],
};
