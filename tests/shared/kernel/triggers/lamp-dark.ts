/** A trigger that only the tests have, whole in this file: what a new kind of trigger takes. */

import type { Trigger } from '../../../../shared/kernel/definition.ts';
import type { Field } from '../../../../shared/kernel/triggers/reader.ts';
import type { DeliveryBase, DocumentReader } from '../../../../shared/kernel/triggers/triggers.ts';

const EVENTS = { source: ['toy.lamps'], 'detail-type': ['Lamp Dark'] };

/** A lamp has gone out: EventBridge event, or the message that the lamp itself sends. */
export interface LampDarkDelivery extends DeliveryBase {
  readonly kind: 'lamp-dark';
  readonly lamp: number;
}

declare module '../../../../shared/kernel/triggers/triggers.ts' {
  interface Deliveries {
    readonly 'lamp-dark': LampDarkDelivery;
  }
}

function parseLamp(report: Field, at: string): LampDarkDelivery {
  const lamp = Number(report.get('lamp').matching(/^\d{1,4}$/u, 'the number of a lamp'));
  return { kind: 'lamp-dark', id: `lamp:${lamp}:${at}`, at, lamp };
}

const lampReports: DocumentReader = {
  event: { pattern: EVENTS, read: ({ detail, frame }) => parseLamp(detail, frame.at) },
  message: {
    called: "a lamp's report",
    keys: ['lamp'],
    read: (report) => parseLamp(report, report.get('dark').time()),
  },
};

/** A lamp has gone out. */
export function onLampDark<Request>(toRequest: (delivery: LampDarkDelivery) => Request | undefined): Trigger<Request> {
  return {
    name: 'lamp-dark',
    reads: lampReports,
    pattern: EVENTS,
    request: (delivery) => (delivery.kind === 'lamp-dark' ? toRequest(delivery) : undefined),
  };
}
