/**
 * What the end of a run with faults may differ in from the end of the same run without, and still count as the same end.
 *
 * Each line has its bound and its reason. Whatever is in no line must be equal; the comparison is in
 * `explorer-compare.ts`.
 */

/** How far two values at one place may differ. */
export interface PermittedDifference {
  /** `service/Collection/RECORD/Member/…`; `*` stands for one step. Tags are members by their key. */
  readonly at: string;
  readonly how:
    /** Both are times (ISO 8601, alone or inside a text), at most `bound` minutes apart. */
    | 'time'
    /** Numbers; the disturbed run's is at most `bound` lower. */
    | 'lower'
    /** Numbers; the undisturbed run's is 0, the disturbed run's at most `bound`. */
    | 'first'
    /** Only the disturbed run has it. */
    | 'extra'
    /** Either may be there or not, whatever its value. */
    | 'any';
  readonly bound: number;
  readonly because: string;
}

/** Times that a disturbed run writes later: repeats are over within this. Lambda's own two repeats come after 1 and 2 minutes. */
const LATE_MINUTES = 6;

/**
 * Invariants that a runbook which refuses without its ledger cannot keep while the ledger is lost: it leaves hooks to their own
 * default result, by design, and says so.
 */
export const NOT_WITHOUT_LEDGER: readonly string[] = ['hook-answered'];

/** The differences permitted in the world and the ledger at the end. */
export const PERMITTED_DIFFERENCES: readonly PermittedDifference[] = [
  {
    at: 'ec2/*/*/Tags/runbook:moved-at',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'says when the address moved, which a fault delays',
  },
  {
    at: 'ec2/*/*/Tags/runbook:quarantined',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'says since when, which a fault delays',
  },
  {
    at: 'ec2/*/*/Tags/runbook:superseded-at',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'says since when, which a fault delays',
  },
  {
    at: 'ec2/Instances/*/LaunchTime',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'an instance that a run set off starts later',
  },
  {
    at: 'ec2/Instances/*/StateTransitionReason',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'holds the time of the change',
  },
  { at: 'ec2/Instances/*/StateTransitionedAt', how: 'time', bound: LATE_MINUTES, because: 'the time of the change' },
  {
    at: 'ec2/Instances/*/UsageOperationUpdateTime',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'the launch time under another name',
  },
  {
    at: 'ec2/Instances/*/BlockDeviceMappings/*/Ebs/AttachTime',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'follows the launch',
  },
  {
    at: 'ec2/Instances/*/NetworkInterfaces/*/Attachment/AttachTime',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'follows the launch',
  },
  {
    at: 'ec2/Snapshots/*',
    how: 'extra',
    bound: 0,
    because:
      'a second copy after a read that did not show the first yet: no client token; how many is bounded below, and the sweep retires them',
  },
  {
    at: 'ec2/Snapshots/*/Description',
    how: 'any',
    bound: 0,
    because: 'says whether the file systems were frozen: a wish, which a fault may cost; that it is true is watched',
  },
  { at: 'ec2/Snapshots/*/Frozen', how: 'any', bound: 0, because: 'the same' },
  {
    at: 'ssm/CommandInvocations',
    how: 'any',
    bound: 0,
    because: 'what was sent for the wish, and how often; that nothing stays frozen is watched',
  },
  { at: 'ssm/CommandInvocations/*', how: 'any', bound: 0, because: 'the same' },
  {
    at: 'ec2/Snapshots/*/StartTime',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'a volume or snapshot that a run makes, releases or attaches later',
  },
  {
    at: 'ec2/Snapshots/*/CompletionTime',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'a volume or snapshot that a run makes, releases or attaches later',
  },
  {
    at: 'ec2/Snapshots/*/CompletesAt',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'a volume or snapshot that a run makes, releases or attaches later',
  },
  {
    at: 'ec2/Snapshots/*/Holds/*/Until',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'a volume or snapshot that a run makes, releases or attaches later',
  },
  {
    at: 'ec2/Volumes/*/Holds/*/Until',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'a volume or snapshot that a run makes, releases or attaches later',
  },
  {
    at: 'ec2/Writes/*/From',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'a volume or snapshot that a run makes, releases or attaches later',
  },
  {
    at: 'ec2/Writes/*/Until',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'a volume or snapshot that a run makes, releases or attaches later',
  },
  {
    at: 'ec2/VolumeTokens/*/UsedAt',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'a volume or snapshot that a run makes, releases or attaches later',
  },
  {
    at: 'ec2/VolumeTokens/*',
    how: 'any',
    bound: 0,
    because:
      'what EC2 keeps of client tokens: which try used which token depends on the faults; the volumes themselves are compared',
  },
  { at: 'ec2/VolumeTokens/*/*', how: 'any', bound: 0, because: 'the same' },
  {
    at: 'auto-scaling/AutoScalingGroups/*/SuspendedProcesses/*/SuspensionReason',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'holds the time of the suspension',
  },
  { at: 'ec2/Volumes/*/CreateTime', how: 'time', bound: LATE_MINUTES, because: 'a root volume is made at the launch' },
  { at: 'ec2/Volumes/*/Attachments/*/AttachTime', how: 'time', bound: LATE_MINUTES, because: 'follows the launch' },
  {
    at: 'ec2/NetworkInterfaces/*/Attachment/AttachTime',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'follows the launch',
  },
  {
    at: 'ec2/InstanceStatuses/*/*/Details/*/ImpairedSince',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'the time of a change that a run set off',
  },
  {
    at: 'auto-scaling/Activities/*/Cause',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'holds the time of its beginning',
  },
  {
    at: 'auto-scaling/Activities/*/StartTime',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'an activity that a run set off or answered begins later',
  },
  {
    at: 'auto-scaling/Activities/*/EndTime',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'a hook that is answered later ends its activity later',
  },
  {
    at: 'auto-scaling/Memberships/*/InServiceAt',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'a launch hook that is answered later lets its instance in later',
  },
  {
    at: 'auto-scaling/Memberships/*/ImpairedSince',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'the time of a change that a run set off',
  },
  {
    at: 'cloudwatch/*/*/StateUpdatedTimestamp',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'an alarm hears later of what a run did later',
  },
  {
    at: 'cloudwatch/*/*/StateTransitionedTimestamp',
    how: 'time',
    bound: LATE_MINUTES,
    because: 'an alarm hears later of what a run did later',
  },
  { at: 'cloudwatch/*/*/StateReasonData', how: 'time', bound: LATE_MINUTES, because: 'holds the times of the samples' },
  {
    at: 'cloudwatch/Samples',
    how: 'any',
    bound: 0,
    because: "the simulator's own notes for its alarms; the alarms themselves are compared",
  },
  {
    at: 'eventbridge/Entries',
    how: 'any',
    bound: 0,
    because: 'outcome events tell how a run went, faults and all; that each action was told is checked by itself',
  },
  {
    at: 'ec2/Addresses/*/Tags/runbook:moves',
    how: 'lower',
    bound: 1,
    because: 'a move and its way back that a fault spared the address are not counted',
  },
  {
    at: 'ledger/*/actions',
    how: 'first',
    bound: 1,
    because:
      'what a person asks for is not counted; where that run dies the schedule finishes it, and the schedule counts',
  },
  {
    at: 'ledger/*/actions',
    how: 'lower',
    bound: 8,
    because:
      'a ledger that did not answer booked nothing; a runbook that proceeds without it counts by its tags instead',
  },
  {
    at: 'ledger/*/memory/ended',
    how: 'any',
    bound: 0,
    because: 'names the run that failed last; which repeat that was depends on the faults',
  },
  {
    at: 'ledger/*/memory/trouble',
    how: 'any',
    bound: 0,
    because:
      'what was told last: a report that is cut short leaves it to the next look, which an instance in order does not get',
  },
  { at: 'ledger/*/memory/*', how: 'time', bound: LATE_MINUTES, because: 'memory holds times of what was seen' },
];

/** How much more often than without faults a mutating call may take effect. */
export interface PermittedSurplus {
  /** `service:Operation`; `service:*` for all of a service. */
  readonly call: string;
  /** For each fault of the plan, and each target that a run has side by side with others: a death interrupts them all. */
  readonly perFault: number;
  /** How many times over everything may be done again, for each second delivery. */
  readonly againPerDuplicate: number;
  /** How many times over everything may be done again while there is no ledger, and so no lease between concurrent events. */
  readonly againWithoutLedger: number;
  readonly because: string;
}

function may(
  call: string,
  perFault: number,
  againPerDuplicate: number,
  againWithoutLedger: number,
  because: string,
): PermittedSurplus {
  return { call, perFault, againPerDuplicate, againWithoutLedger, because };
}

/** The surplus permitted; a call in no line may not take effect once more than without faults. */
export const PERMITTED_SURPLUS: readonly PermittedSurplus[] = [
  may(
    'ledger:*',
    40,
    20,
    20,
    'the ledger is what a run finds its way with: conditional writes that lose have no effect',
  ),
  may(
    'lambda:*',
    400,
    400,
    400,
    'a durable invocation that is repeated checkpoints its later steps itself; the host refuses stale ones',
  ),
  may(
    'events:PutEvents',
    4,
    2,
    60,
    'each attempt tells its own outcome; without its ledger a runbook cannot know what it told, so each minute tells it again',
  ),
  may(
    'ec2:CreateTags',
    1,
    1,
    2,
    'status tags are written again with the same meaning when it is not known whether they were, or by concurrent runs',
  ),
  may('ec2:DeleteTags', 1, 1, 1, 'deleting a tag that is gone changes nothing'),
  may(
    'ec2:AssociateAddress',
    0,
    1,
    1,
    'to the computed holder: a second one by a concurrent run leaves the same association',
  ),
  may(
    'ec2:CreateSnapshots',
    1,
    1,
    0,
    'has no client token: looked for by its run tag before it is made again, and a surplus set is swept',
  ),
  may('ec2:CreateSnapshot', 1, 1, 0, 'the same, for one volume'),
  may('ec2:CreateVolume', 2, 1, 1, 'the same client token answers with the same volume'),
  may('ec2:DetachVolume', 2, 1, 1, 'detaching what is detaching changes nothing'),
  may('ec2:ModifyInstanceAttribute', 2, 1, 1, 'DeleteOnTermination false is set to false again'),
  may('autoscaling:SuspendProcesses', 1, 1, 1, 'suspending what is suspended changes nothing'),
  may(
    'ssm:SendCommand',
    2,
    2,
    2,
    'has no client token: freezing what is frozen and thawing what is thawed changes nothing, and the host thaws by itself',
  ),
  may('ec2:StopInstances', 1, 1, 1, 'stopping what is stopping changes nothing; asked again while it is not confirmed'),
  may('ec2:StartInstances', 1, 1, 1, 'starting what is starting changes nothing'),
  may(
    'autoscaling:RecordLifecycleActionHeartbeat',
    4,
    4,
    4,
    "bounded by the hook's global time-out, and only keeps it waiting",
  ),
  may('autoscaling:CompleteLifecycleAction', 1, 1, 1, 'a second answer is refused: no active lifecycle action found'),
];
