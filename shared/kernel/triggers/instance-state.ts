/** EC2 says that an instance has changed its state. Source: EC2 user guide, "EC2 instance state change events". */

import type { Trigger } from '../definition.ts';
import type { DeliveryBase, DocumentReader } from './triggers.ts';

const STATES = ['pending', 'running', 'stopping', 'stopped', 'shutting-down', 'terminated'] as const;

const EVENTS = { source: ['aws.ec2'], 'detail-type': ['EC2 Instance State-change Notification'] };

export interface InstanceStateDelivery extends DeliveryBase {
  readonly kind: 'instance-state';
  readonly instanceId: string;
  readonly state: (typeof STATES)[number];
}

declare module './triggers.ts' {
  interface Deliveries {
    readonly 'instance-state': InstanceStateDelivery;
  }
}

const instanceStates: DocumentReader = {
  event: {
    pattern: EVENTS,
    read: ({ detail, frame }): InstanceStateDelivery => {
      const instanceId = detail.get('instance-id').instanceId();
      const state = detail.get('state').oneOf(STATES);
      return { kind: 'instance-state', id: `instance:${instanceId}:${state}:${frame.at}`, ...frame, instanceId, state };
    },
  },
};

/** `EC2 Instance State-change Notification` into one of `states`. */
export function onInstanceState<Request>(
  states: readonly InstanceStateDelivery['state'][],
  toRequest: (delivery: InstanceStateDelivery) => Request | undefined,
): Trigger<Request> {
  return {
    name: 'ec2-state-change',
    reads: instanceStates,
    pattern: { ...EVENTS, detail: { state: states } },
    request: (delivery) =>
      delivery.kind === 'instance-state' && states.includes(delivery.state) ? toRequest(delivery) : undefined,
  };
}
