/** What starts a run, reduced to what is asked. */

import type { MetricAlarmDelivery } from '../../../shared/kernel/triggers/alarm-metrics.ts';
import type { Alarm, Ask, Looking } from '../decide.ts';

/** What starts a run. JSON. */
export type Request = {
  /** The queue of dead letters by name, ARN or URL; `null`: every one that is tagged. */
  readonly target: string | null;
  /** `null`: the schedule, which finishes what was begun, and asks for what is tagged `auto`. */
  readonly ask: Ask | null;
  /** The alarm that asks; absent: none does. */
  readonly alarm?: Alarm;
  /** The letters are only looked at; absent: they are moved. */
  readonly looking?: Looking;
  /** Who wants a redrive stopped; absent: nobody. */
  readonly cancelledBy?: string;
};

/** What the schedule asks for. */
export const TICK: Request = { target: null, ask: null };

/** Source: Amazon SQS developer guide, "Available CloudWatch metrics for Amazon SQS". */
const [SQS_METRICS, DEPTH] = ['AWS/SQS', 'ApproximateNumberOfMessagesVisible'];

/** An alarm that watches a queue. Every other alarm is somebody else's: of instances, of the runbooks themselves. */
export function ofAlarm({ id, alarmName, state, metrics, isComputed }: MetricAlarmDelivery): Request | undefined {
  const [metric] = metrics.filter(
    ({ namespace, dimensions }) => namespace === SQS_METRICS && dimensions['QueueName'] !== undefined,
  );
  if (metric === undefined) return undefined;
  const { name, dimensions } = metric;
  const isOne = name === DEPTH && metrics.length === 1;
  return {
    target: dimensions['QueueName'] ?? null,
    ask: {
      maxMessages: null,
      perSecond: null,
      filter: null,
      maxAgeSeconds: null,
      by: `alarm ${alarmName}`,
      delivery: id,
      at: null,
    },
    alarm: { name: alarmName, state, watches: isComputed ? 'what is computed' : isOne ? 'depth' : name },
  };
}
