/** What faults may change of the end of heal-bastion's runs, and which of its calls may take effect more often. */

import { anything, late, type Rules } from '../equivalence.ts';

/** What is permitted to heal-bastion. */
export const RULES: Rules = {
  differences: [
    ...late(
      'Auto Scaling dates what it does, which a fault sets off later',
      'auto-scaling/Activities/*/StartTime',
      'auto-scaling/Activities/*/EndTime',
    ),
    ...anything(
      'when a state turns depends on when its host was registered',
      'elastic-load-balancing-v2/TargetHealth/*/TargetHealthDescriptions/*/Turns',
    ),
    ...anything(
      'a run that cannot go on behind its booking leaves it, and the next one books anew: fewer are replaced within the hour, never more',
      'ledger/*/actions',
    ),
    // Who counts is asked each minute: a fault moves the minutes, and what is kept of the answers with them.
    ...anything(
      'when who is on a host is counted, and how often, follows the looks, and the question changes nothing',
      'ssm/CommandInvocations/*',
      'ssm/CommandInvocations/*/*',
      'ssm/CommandInvocations/*/*/*',
    ),
  ],
  surplus: [
    {
      call: 'elasticloadbalancing:DeregisterTargets',
      perFault: 1,
      againPerDuplicate: 0,
      againWithoutLedger: 0,
      because: 'who is out already is taken out once more where it was not seen, which changes nothing',
    },
    {
      call: 'elasticloadbalancing:RegisterTargets',
      perFault: 1,
      againPerDuplicate: 0,
      againWithoutLedger: 0,
      because: 'who is in already is registered once more where it was not seen, which changes nothing',
    },
    {
      call: 'ssm:SendCommand',
      perFault: 0,
      againPerDuplicate: 0,
      againWithoutLedger: 1,
      because: 'two who are both granted the lease both ask who is on a host, which changes nothing there',
    },
    {
      call: 'autoscaling:TerminateInstanceInAutoScalingGroup',
      perFault: 0,
      againPerDuplicate: 0,
      againWithoutLedger: 1,
      because:
        'two who are both granted the lease end the same host, and Auto Scaling answers the second with what it does already',
    },
  ],
};
