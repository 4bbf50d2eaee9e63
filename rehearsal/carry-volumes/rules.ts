/** What faults may change of the end of carry-volumes' runs, and which of its calls may take effect more often. */

import { anything, late, type PermittedDifference, type PermittedSurplus, type Rules } from '../equivalence.ts';
import { HOOK_SURPLUS } from '../lifecycle-hooks.ts';

const differences: readonly PermittedDifference[] = [
  ...late('says since when, which a fault delays', 'ec2/*/*/Tags/runbook:superseded-at'),
  {
    at: 'ec2/Snapshots/*',
    how: 'extra',
    bound: 0,
    because:
      'a second copy after a read that did not show the first yet: no client token; how many is bounded below, and the sweep retires them',
  },
  ...anything(
    'says whether the file systems were frozen: a wish, which a fault may cost; that it is true is watched',
    'ec2/Snapshots/*/Description',
    'ec2/Snapshots/*/Frozen',
  ),
  ...anything(
    'what was sent for that wish, and how often; that nothing stays frozen is watched',
    'ssm/CommandInvocations',
    'ssm/CommandInvocations/*',
  ),
  ...late(
    'a volume or snapshot that a run makes, releases or attaches later',
    'ec2/Snapshots/*/StartTime',
    'ec2/Snapshots/*/CompletionTime',
    'ec2/Snapshots/*/CompletesAt',
    'ec2/Snapshots/*/Holds/*/Until',
    'ec2/Volumes/*/Holds/*/Until',
    'ec2/VolumeTokens/*/UsedAt',
  ),
  ...anything(
    'what EC2 keeps of client tokens: which try used which token depends on the faults; the volumes themselves are compared',
    'ec2/VolumeTokens/*',
    'ec2/VolumeTokens/*/*',
  ),
  ...late('holds the time of the suspension', 'auto-scaling/AutoScalingGroups/*/SuspendedProcesses/*/SuspensionReason'),
];

const surplus: readonly PermittedSurplus[] = [
  {
    call: 'ec2:CreateSnapshots',
    perFault: 1,
    againPerDuplicate: 1,
    againWithoutLedger: 0,
    because: 'has no client token: looked for by its run tag before it is made again, and a surplus set is swept',
  },
  {
    call: 'ec2:CreateSnapshot',
    perFault: 1,
    againPerDuplicate: 1,
    againWithoutLedger: 0,
    because: 'the same, for one volume',
  },
  {
    call: 'ec2:CreateVolume',
    perFault: 2,
    againPerDuplicate: 1,
    againWithoutLedger: 1,
    because: 'the same client token answers with the same volume',
  },
  {
    call: 'ec2:DetachVolume',
    perFault: 2,
    againPerDuplicate: 1,
    againWithoutLedger: 1,
    because: 'detaching what is detaching changes nothing',
  },
  {
    call: 'ec2:ModifyInstanceAttribute',
    perFault: 2,
    againPerDuplicate: 1,
    againWithoutLedger: 1,
    because: 'DeleteOnTermination false is set to false again',
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
    call: 'ec2:StopInstances',
    perFault: 1,
    againPerDuplicate: 1,
    againWithoutLedger: 1,
    because: 'stopping what is stopping changes nothing; asked again while it is not confirmed',
  },
  {
    call: 'autoscaling:SuspendProcesses',
    perFault: 1,
    againPerDuplicate: 1,
    againWithoutLedger: 1,
    because: 'suspending what is suspended changes nothing',
  },
  {
    call: 'ssm:SendCommand',
    perFault: 2,
    againPerDuplicate: 2,
    againWithoutLedger: 2,
    because:
      'has no client token: freezing what is frozen and thawing what is thawed changes nothing, and the host thaws by itself',
  },
  ...HOOK_SURPLUS,
];

/** What is permitted to carry-volumes. */
export const RULES: Rules = { differences, surplus };
