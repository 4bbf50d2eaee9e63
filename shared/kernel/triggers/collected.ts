/**
 * A start by name whose work stands in the data ledger: `{ "collected": NAME }`, and nothing else, for Lambda takes two starts of one name
 * for the same only where their payloads are the same byte for byte.
 */

import type { Trigger } from '../definition.ts';
import type { DeliveryBase, DocumentReader } from './triggers.ts';

/** Names what was collected. */
export interface CollectedDelivery extends DeliveryBase {
  readonly kind: 'collected';
  readonly name: string;
}

declare module './triggers.ts' {
  interface Deliveries {
    readonly collected: CollectedDelivery;
  }
}

const collected: DocumentReader = {
  message: {
    called: '{ "collected": NAME }',
    keys: ['collected'],
    read: (root): CollectedDelivery => {
      const name = root.get('collected').matching(/^[\w-]{1,64}$/u, 'the name of an execution', 64);
      return { kind: 'collected', id: `collected:${name}`, name };
    },
  },
};

/** Starts a durable runbook with what was collected for it. */
export function onCollected<Request>(toRequest: (delivery: CollectedDelivery) => Request): Trigger<Request> {
  return {
    name: 'collected',
    reads: collected,
    request: (delivery) => (delivery.kind === 'collected' ? toRequest(delivery) : undefined),
  };
}
