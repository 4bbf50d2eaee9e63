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

/** Functions that one heartbeat alarm joins: as many as an alarm on an expression may have metrics, 10. Source: CloudWatch, quotas. */
const HEARTS = 10;

/** Functions that tick more seldom have alarms of their own: beside them a dead minute's tick would be told of after days. */
const BRISK_MINUTES = 60;

/** What an alarm needs of a runbook that ticks. */
export interface Ticking {
  readonly runbook: string;
  /** The longest time between two ticks. */
  readonly everyMinutes: number;
}

/** One alarm for up to ten functions. Its value has a bit for each that does not tick; its description says whose. */
function heartbeat(hearts: readonly Ticking[], number: number): Resources {
  const name = number === 0 ? 'heartbeat' : `heartbeat-${number + 1}`;
  const Period = Math.max(...hearts.map(({ everyMinutes }) => everyMinutes)) * 60;
  const bits = hearts.map(({ runbook }, index) => ({ runbook, bit: 2 ** index, metric: `m${index + 1}` }));
  const decoded = bits.map(({ runbook, bit }) => `${bit} ${runbook}`).join(', ');
  const missing = {
    Id: 'missing',
    Label: `the sum of: ${decoded}`,
    Expression: bits.map(({ bit, metric }) => `IF(FILL(${metric}, 0) < 1, ${bit}, 0)`).join(' + '),
    ReturnData: true,
  };
  const beats = bits.map(({ runbook, metric }) => ({
    Id: metric,
    MetricStat: {
      Metric: { Namespace: METRIC_NAMESPACE, MetricName: 'Heartbeat', Dimensions: ofRunbook(runbook) },
      Period,
      Stat: 'Sum',
    },
    ReturnData: false,
  }));
  return alarm('', name, 'page', {
    AlarmName: `${PREFIX}-${name}`,
    AlarmDescription:
      `A schedule does not run: lost events are not made up for, and kept hooks run out, until it does. ` +
      `The value is the sum of ${decoded}.`,
    Metrics: [missing, ...beats],
    EvaluationPeriods: MISSED_PERIODS,
    // None of them has ever ticked.
    TreatMissingData: 'breaching',
  });
}

function heartbeats(hearts: readonly Ticking[]): Resources {
  const isBrisk = ({ everyMinutes }: Ticking): boolean => everyMinutes <= BRISK_MINUTES;
  const paces = [hearts.filter(isBrisk), hearts.filter((heart) => !isBrisk(heart))];
  const groups = paces.flatMap((alike) =>
    Array.from({ length: Math.ceil(alike.length / HEARTS) }, (_, index) =>
      alike.slice(index * HEARTS, (index + 1) * HEARTS),
    ),
  );
  return joined(groups.map(heartbeat));
}

/** The alarms of the whole stack. */
export function stackAlarms(hearts: readonly Ticking[]): Resources {
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
  };
}

/** What Lambda counts when the dead letter of a failed run could not be kept either. Source: "Lambda metrics", invocation metrics. */
function onLostDeadLetters({ durable }: Particulars): string {
  return durable === undefined ? 'DestinationDeliveryFailures' : 'DeadLetterErrors';
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
    ...alarm(names.id, 'dead-letters-lost', 'page', {
      AlarmName: `${names.full}-dead-letters-lost`,
      AlarmDescription:
        'A failed run could not be put into its queue: its event is lost, and nobody is told. The log has it.',
      Namespace: 'AWS/Lambda',
      MetricName: onLostDeadLetters(particulars),
      Dimensions: [{ Name: 'FunctionName', Value: names.full }],
    }),
    ...joined(owned),
  };
}
