/**
 * An Auto Scaling lifecycle hook waits for an answer. Sources: Auto Scaling user guide, "Amazon EC2 Auto Scaling event reference"
 * and "Prepare to add a lifecycle hook".
 */

import type { Trigger } from '../definition.ts';
import { AUTO_SCALING_NOTIFICATION, notificationFrame, type AutoScalingFrame } from './auto-scaling-notification.ts';
import type { Field } from './reader.ts';
import type { DeliveryBase, DocumentReader } from './triggers.ts';

/** `LifecycleTransition`. */
const LAUNCHING = 'autoscaling:EC2_INSTANCE_LAUNCHING';
const TERMINATING = 'autoscaling:EC2_INSTANCE_TERMINATING';

const SOURCES = ['aws.autoscaling'];
const LAUNCH_ACTION = 'EC2 Instance-launch Lifecycle Action';
const TERMINATE_ACTION = 'EC2 Instance-terminate Lifecycle Action';

/** An Auto Scaling lifecycle hook waits for an answer. */
export interface LifecycleDelivery extends DeliveryBase {
  readonly kind: 'lifecycle';
  readonly transition: 'launching' | 'terminating';
  readonly group: string;
  readonly hook: string;
  readonly instanceId: string;
  readonly token: string;
  readonly metadata?: string;
  readonly origin?: string;
  readonly destination?: string;
}

declare module './triggers.ts' {
  interface Deliveries {
    readonly lifecycle: LifecycleDelivery;
  }
}

/** `detail` of a lifecycle event, or the whole hook notification: they have the same members. */
function parseLifecycle(detail: Field, frame: AutoScalingFrame, transitions: readonly string[]): LifecycleDelivery {
  const transition = detail.get('LifecycleTransition').oneOf(transitions) === LAUNCHING ? 'launching' : 'terminating';
  const hook = detail.get('LifecycleHookName').text();
  // API reference: a lifecycle action token is a UUID of 36 characters.
  const token = detail.get('LifecycleActionToken').text(64);
  const metadata = detail.get('NotificationMetadata').optionalText(4000);
  const origin = detail.get('Origin').optionalText();
  const destination = detail.get('Destination').optionalText();
  return {
    kind: 'lifecycle',
    id: `lifecycle:${token}:${hook}`,
    ...frame,
    transition,
    group: detail.get('AutoScalingGroupName').text(),
    hook,
    instanceId: detail.get('EC2InstanceId').instanceId(),
    token,
    ...(metadata === undefined ? {} : { metadata }),
    ...(origin === undefined ? {} : { origin }),
    ...(destination === undefined ? {} : { destination }),
  };
}

const lifecycleHooks: DocumentReader = {
  event: {
    pattern: { source: SOURCES, 'detail-type': [LAUNCH_ACTION, TERMINATE_ACTION] },
    // Each detail type has one transition: another one in it is a contradiction.
    read: ({ detail, detailType, frame }) =>
      parseLifecycle(detail, frame, [detailType === LAUNCH_ACTION ? LAUNCHING : TERMINATING]),
  },
  message: {
    called: AUTO_SCALING_NOTIFICATION,
    keys: ['LifecycleTransition', 'LifecycleActionToken'],
    read: (document) => parseLifecycle(document, notificationFrame(document), [LAUNCHING, TERMINATING]),
  },
};

type ToRequest<Request> = (delivery: LifecycleDelivery) => Request | undefined;

function onHook<Request>(
  transition: LifecycleDelivery['transition'],
  detailType: string,
  toRequest: ToRequest<Request>,
): Omit<Trigger<Request>, 'name'> {
  return {
    reads: lifecycleHooks,
    pattern: { source: SOURCES, 'detail-type': [detailType] },
    request: (delivery) =>
      delivery.kind === 'lifecycle' && delivery.transition === transition ? toRequest(delivery) : undefined,
  };
}

/** An Auto Scaling launch hook waits (`transition: 'launching'`). */
export function onLaunchHook<Request>(toRequest: ToRequest<Request>): Trigger<Request> {
  return { name: 'launch-hook', ...onHook('launching', LAUNCH_ACTION, toRequest) };
}

/** An Auto Scaling terminate hook waits (`transition: 'terminating'`). */
export function onTerminateHook<Request>(toRequest: ToRequest<Request>): Trigger<Request> {
  return { name: 'terminate-hook', ...onHook('terminating', TERMINATE_ACTION, toRequest) };
}
