/**
 * What the end of a run with faults may differ in from the end of the same run without, and still count as the same end:
 * the terms, and what is permitted to every runbook. What is permitted to one only, it says in `rehearsal/<runbook>/rules.ts`.
 *
 * Each line has its bound and its reason. Whatever is in no line must be equal; the comparison is in
 * `explorer/compare.ts` and `explorer/effects.ts`.
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

/** What is permitted to those of whom it is said. */
export interface Rules {
  readonly differences: readonly PermittedDifference[];
  /** A call in no line may not take effect once more than without faults. */
  readonly surplus: readonly PermittedSurplus[];
}

/** Times that a disturbed run writes later: repeats are over within this. Lambda's own two repeats come after 1 and 2 minutes. */
const LATE_MINUTES = 6;

/** Times that a fault delays, at these places. */
export function late(because: string, ...places: readonly string[]): readonly PermittedDifference[] {
  return places.map((at) => ({ at, how: 'time', bound: LATE_MINUTES, because }));
}

/** What may be there or not, whatever it is, at these places. */
export function anything(because: string, ...places: readonly string[]): readonly PermittedDifference[] {
  return places.map((at) => ({ at, how: 'any', bound: 0, because }));
}

/**
 * Invariants that a runbook which refuses without its ledger cannot keep while the ledger is lost: it leaves hooks to their own
 * default result, and what is left of a gang to people, by design, and says so.
 */
export const NOT_WITHOUT_LEDGER: readonly string[] = ['hook-answered', 'no-part-of-a-gang-lasts'];
/** Invariants that nobody can keep while a person is asked and does not approve: the answer to a hook, too, is a plan. */
export const NOT_WITHOUT_APPROVAL: readonly string[] = [
  'hook-answered',
  'hook-answered-or-refused-without-ledger',
  'no-part-of-a-gang-lasts',
];

/** What AWS dates by itself: a run that a fault delays sets it off later, whichever runbook's it is. */
const DATED_BY_AWS: readonly PermittedDifference[] = [
  ...late('an instance that a run set off starts later', 'ec2/Instances/*/LaunchTime'),
  ...late('the launch time under another name', 'ec2/Instances/*/UsageOperationUpdateTime'),
  ...late('holds the time of the change', 'ec2/Instances/*/StateTransitionReason'),
  ...late('the time of the change', 'ec2/Instances/*/StateTransitionedAt'),
  ...late('a root volume is made at the launch', 'ec2/Volumes/*/CreateTime'),
  ...late('a Spot instance is asked for at the launch', 'ec2/SpotInstanceRequests/*/CreateTime'),
  ...late(
    'follows the launch',
    'ec2/Instances/*/BlockDeviceMappings/*/Ebs/AttachTime',
    'ec2/Instances/*/NetworkInterfaces/*/Attachment/AttachTime',
    'ec2/Volumes/*/Attachments/*/AttachTime',
    'ec2/NetworkInterfaces/*/Attachment/AttachTime',
  ),
  ...late(
    'a volume is written from the launch of its instance, or its attachment, to its stop',
    'ec2/Writes/*/From',
    'ec2/Writes/*/Until',
  ),
  ...late(
    'the time of a change that a run set off',
    'ec2/InstanceStatuses/*/*/Details/*/ImpairedSince',
    'auto-scaling/Memberships/*/ImpairedSince',
  ),
  ...late('holds the time of its beginning', 'auto-scaling/Activities/*/Cause'),
  ...late('an activity that a run set off or answered begins later', 'auto-scaling/Activities/*/StartTime'),
  ...late('a hook that is answered later ends its activity later', 'auto-scaling/Activities/*/EndTime'),
  ...late('a launch hook that is answered later lets its instance in later', 'auto-scaling/Memberships/*/InServiceAt'),
  ...late(
    'an alarm hears later of what a run did later',
    'cloudwatch/*/*/StateUpdatedTimestamp',
    'cloudwatch/*/*/StateTransitionedTimestamp',
  ),
  ...late('holds the times of the samples', 'cloudwatch/*/*/StateReasonData'),
  ...anything(
    'the time of a message in milliseconds, and the handle of one that was received last',
    'sqs/Queues/*/Messages/*/Attributes/SentTimestamp',
    'sqs/Queues/*/Messages/*/Attributes/ApproximateFirstReceiveTimestamp',
    'sqs/Queues/*/Messages/*/ReceiptHandle',
    'sqs/Queues/*/RecentDeduplicationIds/*/SentTimestamp',
    'sqs/Queues/*/MessageMoveTasks/*/StartedTimestamp',
    'sqs/Queues/*/MessageMoveTasks/*/TaskHandle',
  ),
  ...anything('how often a message is received depends on when others look', 'consumers/Consumers/*/received'),
  ...late('a message is hidden from its receive on', 'sqs/Queues/*/Messages/*/VisibleAt'),
  ...anything("the simulator's own notes for its alarms; the alarms themselves are compared", 'cloudwatch/Samples'),
];

/** What the kernel tells, and what it remembers in the ledger. */
const OF_THE_KERNEL: readonly PermittedDifference[] = [
  ...anything(
    'outcome events tell how a run went, faults and all; that each action was told is checked by itself',
    'eventbridge/Entries',
  ),
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
  ...anything('names the run that failed last; which repeat that was depends on the faults', 'ledger/*/memory/ended'),
  ...anything(
    'what was told last: a report that is cut short leaves it to the next look, which an instance in order does not get',
    'ledger/*/memory/trouble',
  ),
  ...late('memory holds times of what was seen', 'ledger/*/memory/*'),
];

/** Calls of the kernel. */
const CALLS_OF_THE_KERNEL: readonly PermittedSurplus[] = [
  {
    call: 'ledger:*',
    perFault: 40,
    againPerDuplicate: 20,
    againWithoutLedger: 20,
    because: 'the ledger is what a run finds its way with: conditional writes that lose have no effect',
  },
  {
    call: 'lambda:CheckpointDurableExecution',
    perFault: 400,
    againPerDuplicate: 400,
    // Twenty of each tick, every other minute for an hour and a half, which is as long as a drill goes on without its ledger.
    againWithoutLedger: 900,
    because: 'a durable invocation that is repeated checkpoints its later steps itself; the host refuses stale ones',
  },
  {
    call: 'events:PutEvents',
    perFault: 4,
    againPerDuplicate: 2,
    againWithoutLedger: 60,
    because:
      'each attempt tells its own outcome; without its ledger a runbook cannot know what it told, so each minute tells it again',
  },
];

/** What is permitted to every runbook. */
export const FOR_ALL: Rules = { differences: [...DATED_BY_AWS, ...OF_THE_KERNEL], surplus: CALLS_OF_THE_KERNEL };
