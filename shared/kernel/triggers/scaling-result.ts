/**
 * Auto Scaling has launched or terminated an instance, or failed to. Sources: Auto Scaling user guide, "Amazon EC2 Auto Scaling
 * event reference" and "Amazon SNS notification options".
 */

import type { Trigger } from '../definition.ts';
import { AUTO_SCALING_NOTIFICATION, notificationFrame, type AutoScalingFrame } from './auto-scaling-notification.ts';
import type { Field } from './reader.ts';
import type { DeliveryBase, DocumentReader } from './triggers.ts';

const SOURCES = ['aws.autoscaling'];
const LAUNCHED = 'EC2 Instance Launch Successful';
const RESULTS = [
  LAUNCHED,
  'EC2 Instance Launch Unsuccessful',
  'EC2 Instance Terminate Successful',
  'EC2 Instance Terminate Unsuccessful',
];

/** `EC2 Instance Launch|Terminate Successful|Unsuccessful`. */
export interface ScalingResultDelivery extends DeliveryBase {
  readonly kind: 'scaling-result';
  readonly activity: 'launch' | 'terminate';
  readonly successful: boolean;
  readonly group: string;
  readonly instanceId: string;
}

declare module './triggers.ts' {
  interface Deliveries {
    readonly 'scaling-result': ScalingResultDelivery;
  }
}

type Result = Pick<ScalingResultDelivery, 'activity' | 'successful'>;

/** `Event` in a notification. */
const NOTIFICATION = /^autoscaling:EC2_INSTANCE_(?:LAUNCH|TERMINATE)(?:_ERROR)?$/u;

/** `detail` of a scaling result, or the whole notification. */
function parseScalingResult(detail: Field, frame: AutoScalingFrame, result: Result): ScalingResultDelivery {
  const group = detail.get('AutoScalingGroupName').text();
  const instance = detail.get('EC2InstanceId');
  // A launch that failed before EC2 gave an id (no capacity, bad template) has an empty one.
  const none = !result.successful && (instance.absent || instance.value === '');
  const instanceId = none ? '' : instance.instanceId();
  const activityId = detail.get('ActivityId').text();
  // An instance is launched, and terminated, by one activity; the result by event and by SNS has the same activity id.
  const id = `scaling:${activityId}:${instanceId}:${result.successful ? 'successful' : 'unsuccessful'}`;
  return { kind: 'scaling-result', id, ...frame, ...result, group, instanceId };
}

function parseNotification(notification: Field): ScalingResultDelivery {
  const such = 'an Auto Scaling notification such as autoscaling:EC2_INSTANCE_LAUNCH';
  const name = notification.get('Event').matching(NOTIFICATION, such);
  return parseScalingResult(notification, notificationFrame(notification), {
    activity: name.includes('LAUNCH') ? 'launch' : 'terminate',
    successful: !name.endsWith('_ERROR'),
  });
}

const scalingResults: DocumentReader = {
  event: {
    pattern: {
      source: SOURCES,
      'detail-type': RESULTS,
    },
    read: ({ detail, detailType, frame }) =>
      parseScalingResult(detail, frame, {
        activity: detailType.includes('Launch') ? 'launch' : 'terminate',
        successful: detailType.endsWith(' Successful'),
      }),
  },
  message: { called: AUTO_SCALING_NOTIFICATION, keys: ['Event'], read: parseNotification },
};

/** `EC2 Instance Launch Successful`: the group has put an instance into service, hooks included. */
export function onLaunchResult<Request>(
  toRequest: (delivery: ScalingResultDelivery) => Request | undefined,
): Trigger<Request> {
  return {
    name: 'launch-result',
    reads: scalingResults,
    pattern: { source: SOURCES, 'detail-type': [LAUNCHED] },
    request: (delivery) =>
      delivery.kind === 'scaling-result' && delivery.activity === 'launch' && delivery.successful
        ? toRequest(delivery)
        : undefined,
  };
}

/** A group has launched or ended an instance, or could not. */
export function onScalingResult<Request>(
  toRequest: (delivery: ScalingResultDelivery) => Request | undefined,
): Trigger<Request> {
  return {
    name: 'scaling-result',
    reads: scalingResults,
    pattern: { source: SOURCES, 'detail-type': RESULTS },
    request: (delivery) => (delivery.kind === 'scaling-result' ? toRequest(delivery) : undefined),
  };
}
