/** The alarms that every runbook has. What one says otherwise, or has beside them, stands in its `function.yml`. */

import { att, pascal, ref, type Resources } from './cloudformation.ts';
import type { Names } from './names.ts';
import type { Particulars } from './particulars.ts';

/** Properties of alarms by the alarm's name. */
type Alarms = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const USUAL = {
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 0,
  ComparisonOperator: 'GreaterThanThreshold',
  TreatMissingData: 'notBreaching',
  AlarmActions: [ref('AlarmTopic')],
  OKActions: [ref('AlarmTopic')],
};

function onLambda({ full }: Names): object {
  return { Namespace: 'AWS/Lambda', Dimensions: [{ Name: 'FunctionName', Value: full }] };
}

function onQueue(id: string): object {
  return {
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Dimensions: [{ Name: 'QueueName', Value: att(id, 'QueueName') }],
    Statistic: 'Maximum',
  };
}

/** On what the kernel counts. */
function onCounter({ runbook }: Names, MetricName: string): object {
  return { Namespace: 'Runbook', MetricName, Dimensions: [{ Name: 'Runbook', Value: runbook }] };
}

function ofPlain(names: Names): Alarms {
  const lambda = onLambda(names);
  return {
    errors: {
      ...lambda,
      MetricName: 'Errors',
      AlarmDescription: 'The function threw or ran out of time. Read its log; Lambda tries the event twice more.',
    },
    'events-dropped': {
      ...lambda,
      MetricName: 'AsyncEventsDropped',
      AlarmDescription: 'Lambda gave up on events, by age or after its retries. They are in the queue of failed runs.',
    },
    destination: {
      ...lambda,
      MetricName: 'DestinationDeliveryFailures',
      AlarmDescription: 'A failed event could not be put into the queue of failed runs and is lost; the log has it.',
    },
    'failed-runs': {
      ...onQueue(`${names.id}Failed`),
      AlarmDescription: 'Runs failed after every retry. The schedule reconciles; read the messages and delete them.',
    },
  };
}

function ofDurable(names: Names): Alarms {
  const lambda = onLambda(names);
  return {
    errors: {
      ...lambda,
      MetricName: 'Errors',
      AlarmDescription:
        'An invocation threw or ran out of time. Read its log; the execution goes on from its last checkpoint.',
    },
    'execution-failed': {
      ...lambda,
      MetricName: 'DurableExecutionFailed',
      AlarmDescription:
        'A durable execution ended as failed. Its event is in the queue of failed runs; the schedule takes its work up.',
    },
    'execution-timed-out': {
      ...lambda,
      MetricName: 'DurableExecutionTimedOut',
      AlarmDescription:
        'A durable execution outlived its time, although a run ends itself before. Look what it hung on.',
    },
    'execution-stopped': {
      ...lambda,
      MetricName: 'DurableExecutionStopped',
      AlarmDescription:
        'Somebody stopped a durable execution. The schedule takes its work up unless the kill switch is on.',
    },
    'events-dropped': {
      ...lambda,
      MetricName: 'AsyncEventsDropped',
      AlarmDescription: 'Lambda gave up on events. They are in the queue of failed runs.',
    },
    'dead-letter': {
      ...lambda,
      MetricName: 'DeadLetterErrors',
      AlarmDescription: 'A failed event could not be put into the queue of failed runs and is lost; the log has it.',
    },
    'failed-runs': {
      ...onQueue(`${names.id}Failed`),
      AlarmDescription: 'Runs failed for good. The schedule reconciles; read the messages and delete them.',
    },
  };
}

function ofAll(names: Names, { schedule }: Particulars): Alarms {
  return {
    // Asynchronous events wait and come back: only throttling that lasts is news.
    throttles: {
      ...onLambda(names),
      MetricName: 'Throttles',
      EvaluationPeriods: 5,
      DatapointsToAlarm: 3,
      AlarmDescription: "More events than the function's concurrency can work off, three minutes out of five.",
    },
    undelivered: {
      ...onQueue(`${names.id}Undelivered`),
      AlarmDescription:
        'EventBridge or the Scheduler could not start the function. Check its permission and concurrency.',
    },
    failed: {
      ...onCounter(names, 'Failed'),
      AlarmDescription: 'A run ended as failed. Its outcome event has the evidence and the command lines.',
    },
    attention: {
      ...onCounter(names, 'Attention'),
      AlarmDescription: 'Nothing failed, but a person has to look.',
    },
    'bad-input': {
      ...onCounter(names, 'BadInput'),
      AlarmDescription: 'An event or request could not be read. The log names the path of the fault.',
    },
    'ledger-lost': {
      ...onCounter(names, 'LedgerLost'),
      AlarmDescription: 'DynamoDB did not answer. Nothing is changed until it does.',
    },
    'lease-expired': {
      ...onCounter(names, 'LeaseExpired'),
      AlarmDescription: 'A run died and left a lease behind. The schedule finishes it; see that it did.',
    },
    'outcome-not-published': {
      ...onCounter(names, 'OutcomeNotPublished'),
      AlarmDescription: 'An outcome did not reach the bus. The run is not affected; its record is in the ledger.',
    },
    // A deployment or a slow tick is no alarm.
    heartbeat: {
      ...onCounter(names, 'Heartbeat'),
      Period: schedule.everyMinutes * 60,
      EvaluationPeriods: schedule.missedTicks,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
      AlarmDescription: 'The schedule does not run. Lost events are not made up for until it does.',
    },
  };
}

/** On what an alarm that only one runbook has is watching: the function, or a counter of its own. */
function particular(names: Names, properties: Readonly<Record<string, unknown>>): object {
  return properties['Namespace'] === 'AWS/Lambda'
    ? onLambda(names)
    : onCounter(names, String(properties['MetricName']));
}

/** The alarms of a runbook. */
export function alarmResources(names: Names, particulars: Particulars): Resources {
  const standard: Alarms = {
    ...(particulars.durable === undefined ? ofPlain(names) : ofDurable(names)),
    ...ofAll(names, particulars),
  };
  const own = Object.entries(particulars.alarms).map(([name, properties]): [string, object] => [
    name,
    { ...(standard[name] ?? particular(names, properties)), ...properties },
  ]);
  const all = Object.entries({ ...standard, ...Object.fromEntries(own) });
  return Object.fromEntries(
    all.map(([name, properties]) => [
      `${names.id}${pascal(name)}Alarm`,
      { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmName: `${names.full}-${name}`, ...USUAL, ...properties } },
    ]),
  );
}
