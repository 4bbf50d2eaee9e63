/**
 * EC2 says two minutes before that it takes a Spot instance back. Source: EC2 user guide, "Spot Instance interruption notices". It is a hint
 * like any event: AWS emits it on a best effort basis.
 */

import type { Trigger } from '../definition.ts';
import type { DeliveryBase, DocumentReader } from './triggers.ts';

const ACTIONS = ['terminate', 'stop', 'hibernate'] as const;

const EVENTS = { source: ['aws.ec2'], 'detail-type': ['EC2 Spot Instance Interruption Warning'] };

export interface SpotNoticeDelivery extends DeliveryBase {
  readonly kind: 'spot-notice';
  readonly instanceId: string;
  readonly action: (typeof ACTIONS)[number];
}

declare module './triggers.ts' {
  interface Deliveries {
    readonly 'spot-notice': SpotNoticeDelivery;
  }
}

const spotNotices: DocumentReader = {
  event: {
    pattern: EVENTS,
    read: ({ detail, frame }): SpotNoticeDelivery => {
      const instanceId = detail.get('instance-id').instanceId();
      const action = detail.get('instance-action').oneOf(ACTIONS);
      return { kind: 'spot-notice', id: `spot-notice:${instanceId}:${frame.at}`, ...frame, instanceId, action };
    },
  },
};

/** `EC2 Spot Instance Interruption Warning`, whatever becomes of the instance: what it was at ends. */
export function onSpotNotice<Request>(toRequest: (delivery: SpotNoticeDelivery) => Request): Trigger<Request> {
  return {
    name: 'spot-notice',
    reads: spotNotices,
    pattern: EVENTS,
    request: (delivery) => (delivery.kind === 'spot-notice' ? toRequest(delivery) : undefined),
  };
}
