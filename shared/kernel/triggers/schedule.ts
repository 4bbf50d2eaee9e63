/** A schedule's tick. */

import type { Trigger } from '../definition.ts';
import type { DeliveryBase, DocumentReader } from './triggers.ts';

/** A tick without an input of its own (`Scheduled Event`). */
export interface ScheduleDelivery extends DeliveryBase {
  readonly kind: 'schedule';
}

declare module './triggers.ts' {
  interface Deliveries {
    readonly schedule: ScheduleDelivery;
  }
}

/** A rule's tick and the Scheduler's have the same form; the Scheduler writes `detail` as text (`"{}"`), so it is not read. */
const ticks: DocumentReader = {
  event: {
    pattern: { source: ['aws.events', 'aws.scheduler'], 'detail-type': ['Scheduled Event'] },
    read: ({ id, frame, resources }): ScheduleDelivery => {
      const [schedule] = resources.optionalList();
      const name = schedule === undefined ? id : schedule.text(2048);
      return { kind: 'schedule', id: `schedule:${name}:${frame.at}`, ...frame };
    },
  },
};

/**
 * A tick without an input of its own.
 * @param expression of EventBridge Scheduler, in UTC: `rate(1 minute)` for `everyMinutes: 1` of `function.yml`,
 *   `cron(0 8 * * ? *)` for `cron: '0 8 * * ? *'`.
 */
export function onSchedule<Request>(
  expression: string,
  toRequest: (delivery: ScheduleDelivery) => Request | undefined,
): Trigger<Request> {
  return {
    name: 'schedule',
    reads: ticks,
    schedule: expression,
    request: (delivery) => (delivery.kind === 'schedule' ? toRequest(delivery) : undefined),
  };
}
