/**
 * The alarms: few, and each means something to a person. `page` wakes somebody, `look` waits for the morning; each has a topic.
 * Every name begins with the stack's, and every metric of ours has it as a dimension: two stacks in one account hide nothing
 * of each other.
 */

import { att, pascal, PREFIX, ref, type Resources } from './cloudformation.ts';
import { METRIC_NAMESPACE } from '../../shared/kernel/report/telemetry.ts';
import type { Names } from './names.ts';
import { MISSED_PERIODS, type Particulars } from './particulars.ts';
import { longestWait, requestsIds } from './requests.ts';

/** What an alarm means to people. */
type AlarmClass = 'page' | 'look';

/** Properties of an alarm beside those that all have. */
type Properties = Readonly<Record<string, unknown>>;

const USUAL = {
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 0,
  ComparisonOperator: 'GreaterThanThreshold',
  TreatMissingData: 'notBreaching',
};

/** The alarm's own part of its name → the resource. `id`: what its logical id begins with, empty for one of the whole stack. */
function alarm(id: string, name: string, severity: AlarmClass, properties: Properties): Resources {
  const topic = ref(`${pascal(severity)}Topic`);
  // An alarm on an expression has its period and statistic with each metric of it.
  const { Statistic, Period, ...others } = USUAL;
  const usual = 'Metrics' in properties ? others : { Statistic, Period, ...others };
  return {
    [`${id}${pascal(name)}Alarm`]: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: { ...usual, AlarmActions: [topic], OKActions: [topic], ...properties },
    },
  };
}

function joined(parts: readonly Resources[]): Resources {
  return Object.fromEntries(parts.flatMap((part) => Object.entries(part)));
}

const STACK = { Name: 'Stack', Value: PREFIX };

function ofRunbook(runbook: string): object[] {
  return [STACK, { Name: 'Runbook', Value: runbook }];
}

function onQueue(id: string): Properties {
  return {
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Dimensions: [{ Name: 'QueueName', Value: att(id, 'QueueName') }],
    Statistic: 'Maximum',
  };
}

/** The metric that the kernel sums a class up in, over all runbooks. */
function onClass(MetricName: string): Properties {
  return { Namespace: METRIC_NAMESPACE, MetricName, Dimensions: [STACK] };
}

/** Functions that one alarm joins: as many as an alarm on an expression may have metrics, 10. Source: CloudWatch, quotas. */
const JOINED = 10;

/**
 * Those that tick about as often share an alarm, whose period is that of the slowest: at least every two minutes, every five, every hour,
 * and more seldom. Beside one of a quarter of an hour a dead minute's tick would be told of after half an hour.
 */
const PACES_MINUTES = [2, 5, 60, Infinity] as const;

/** What an alarm needs of a runbook that ticks. */
export interface Ticking {
  readonly runbook: string;
  /** The longest time between two ticks. */
  readonly everyMinutes: number;
}

/** A metric of one runbook. */
interface OfOne {
  readonly runbook: string;
  readonly metric: object;
}

/** What an alarm on several runbooks' metrics has: its value is the sum of a bit for each of which the condition holds, and the words say whose. */
interface ByBit {
  readonly decoded: string;
  readonly Metrics: readonly object[];
}

function byBit(watched: readonly OfOne[], Id: string, Period: number, condition: '< 1' | '> 0'): ByBit {
  const bits = watched.map((one, index) => ({ ...one, bit: 2 ** index, id: `m${index + 1}` }));
  const decoded = bits.map(({ runbook, bit }) => `${bit} ${runbook}`).join(', ');
  const sum = {
    Id,
    Label: `the sum of: ${decoded}`,
    Expression: bits.map(({ bit, id }) => `IF(FILL(${id}, 0) ${condition}, ${bit}, 0)`).join(' + '),
    ReturnData: true,
  };
  const parts = bits.map((one) => ({
    Id: one.id,
    MetricStat: { Metric: one.metric, Period, Stat: 'Sum' },
    ReturnData: false,
  }));
  return { decoded, Metrics: [sum, ...parts] };
}

/** As many at a time as one alarm may join. */
function joinable<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / JOINED) }, (_, index) =>
    all.slice(index * JOINED, (index + 1) * JOINED),
  );
}

/** The second of several alarms of one name has a number. */
function numbered(name: string, number: number): string {
  return number === 0 ? name : `${name}-${number + 1}`;
}

/** One alarm for up to ten functions: a bit for each that does not tick. */
function heartbeat(hearts: readonly Ticking[], number: number): Resources {
  const name = numbered('heartbeat', number);
  const Period = Math.max(...hearts.map(({ everyMinutes }) => everyMinutes)) * 60;
  const beats = hearts.map(({ runbook }) => ({
    runbook,
    metric: { Namespace: METRIC_NAMESPACE, MetricName: 'Heartbeat', Dimensions: ofRunbook(runbook) },
  }));
  const { decoded, Metrics } = byBit(beats, 'missing', Period, '< 1');
  return alarm('', name, 'page', {
    AlarmName: `${PREFIX}-${name}`,
    AlarmDescription:
      `A schedule does not run: lost events are not made up for, and kept hooks run out, until it does. ` +
      `The value is the sum of ${decoded}.`,
    Metrics,
    EvaluationPeriods: MISSED_PERIODS,
    // None of them has ever ticked.
    TreatMissingData: 'breaching',
  });
}

function heartbeats(hearts: readonly Ticking[]): Resources {
  const paceOf = ({ everyMinutes }: Ticking): number => PACES_MINUTES.findIndex((slowest) => everyMinutes <= slowest);
  const paces = PACES_MINUTES.map((_slowest, pace) => hearts.filter((heart) => paceOf(heart) === pace));
  return joined(paces.flatMap(joinable).map(heartbeat));
}

/** What an alarm needs of a runbook whose failed runs are kept. */
export interface Kept {
  readonly runbook: string;
  /** Lambda keeps a durable function's failed events in another way, and counts it so. */
  readonly isDurable: boolean;
}

/** One alarm for up to ten functions: a bit for each whose failed run could not be kept. All say the same to a person, and are paid for by metric. */
function lostDeadLetters(kept: readonly Kept[], number: number): Resources {
  const name = numbered('dead-letters-lost', number);
  // What Lambda counts when the dead letter of a failed run could not be kept either. Source: "Lambda metrics", invocation metrics.
  const failures = kept.map(({ runbook, isDurable }) => ({
    runbook,
    metric: {
      Namespace: 'AWS/Lambda',
      MetricName: isDurable ? 'DeadLetterErrors' : 'DestinationDeliveryFailures',
      Dimensions: [{ Name: 'FunctionName', Value: `${PREFIX}-${runbook}` }],
    },
  }));
  const { decoded, Metrics } = byBit(failures, 'lost', USUAL.Period, '> 0');
  return alarm('', name, 'page', {
    AlarmName: `${PREFIX}-${name}`,
    AlarmDescription:
      'A failed run could not be put into its queue: its event is lost, and nobody is told. The log has it. ' +
      `The value is the sum of ${decoded}.`,
    Metrics,
  });
}

/** The alarms of the whole stack. */
export function stackAlarms(hearts: readonly Ticking[], kept: readonly Kept[]): Resources {
  return {
    ...alarm('', 'page', 'page', {
      AlarmName: `${PREFIX}-page`,
      AlarmDescription:
        'A run failed, the ledger did not answer, or an outcome could not be published. Failed, LedgerLost and OutcomeNotPublished ' +
        'by runbook say which; the log and the outcome event have the evidence and the lines to paste.',
      ...onClass('Page'),
    }),
    ...alarm('', 'look', 'look', {
      AlarmName: `${PREFIX}-look`,
      AlarmDescription:
        'Nothing failed, but a person has to look: a plan was refused or held, an event or request could not be read, or a run died ' +
        'and left a lease behind. Attention, BadInput and LeaseExpired by runbook say which; the log has the evidence.',
      ...onClass('Look'),
    }),
    ...alarm('', 'undelivered', 'look', {
      AlarmName: `${PREFIX}-undelivered`,
      AlarmDescription:
        'EventBridge or the Scheduler could not start a function. The messages name rule and target: look at its permission and concurrency.',
      ...onQueue('Undelivered'),
    }),
    ...alarm('', 'failed-runs', 'look', {
      AlarmName: `${PREFIX}-failed-runs`,
      AlarmDescription:
        'Runs failed or waited in vain through every retry of Lambda. The messages say whose; the schedule reconciles; read and delete them.',
      ...onQueue('FailedRuns'),
    }),
    ...heartbeats(hearts),
    ...joined(joinable(kept).map(lostDeadLetters)),
  };
}

function ofDurable({ full, id, runbook }: Names, { durable }: Particulars): Resources {
  if (durable === undefined) return {};
  return alarm(id, 'failed-runs', 'look', {
    AlarmName: `${full}-failed-runs`,
    AlarmDescription: `Executions of ${runbook} failed for good. The schedule takes their work up; read the messages and delete them.`,
    ...onQueue(`${id}Failed`),
  });
}

function ofRequests(names: Names, particulars: Particulars): Resources {
  if (particulars.requests === undefined) return {};
  const { queue, failed } = requestsIds(names);
  const waiting = alarm(names.id, 'requests-waiting', 'look', {
    AlarmName: `${names.full}-requests-waiting`,
    AlarmDescription:
      `Nobody takes requests for ${names.runbook} out of their queue: look at its event source mapping, and at the ` +
      "function's permission and concurrency.",
    ...onQueue(queue),
    MetricName: 'ApproximateAgeOfOldestMessage',
    Threshold: longestWait(particulars),
  });
  const buried = alarm(names.id, 'requests-failed', 'look', {
    AlarmName: `${names.full}-requests-failed`,
    AlarmDescription:
      `Requests for ${names.runbook} could not be understood, or failed each time: they are in the queue as they were sent. ` +
      'The log has why under the id of the message; send them again as they should be, and delete them.',
    ...onQueue(failed),
  });
  return { ...waiting, ...buried };
}

/** An alarm that only this runbook has, on a number that it publishes. */
function own({ full, id, runbook }: Names, [name, { class: severity, ...properties }]: OwnAlarm): Resources {
  const metric = { Namespace: METRIC_NAMESPACE, Dimensions: ofRunbook(runbook) };
  return alarm(id, name, severity, { AlarmName: `${full}-${name}`, ...metric, ...properties });
}

type OwnAlarm = readonly [name: string, properties: Particulars['alarms'][string]];

/** The alarms that belong to one runbook. */
export function runbookAlarms(names: Names, particulars: Particulars): Resources {
  const owned = Object.entries(particulars.alarms).map((entry) => own(names, entry));
  return {
    ...ofDurable(names, particulars),
    ...ofRequests(names, particulars),
    ...joined(owned),
  };
}
