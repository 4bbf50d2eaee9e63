/**
 * Auto Scaling as it speaks through EventBridge and through SNS or SQS. Sources: Auto Scaling user guide, "Amazon EC2 Auto
 * Scaling event reference", "Prepare to add a lifecycle hook" and "Amazon SNS notification options"; PutLifecycleHook for the
 * test notification.
 */

import { Field } from './reader.ts';
import type { LifecycleDelivery, ScalingResultDelivery } from './triggers.ts';

export const TEST_NOTIFICATION = 'autoscaling:TEST_NOTIFICATION';

const TRANSITIONS = {
  'autoscaling:EC2_INSTANCE_LAUNCHING': 'launching',
  'autoscaling:EC2_INSTANCE_TERMINATING': 'terminating',
} as const;
type TransitionName = keyof typeof TRANSITIONS;
const TRANSITION_NAMES = ['autoscaling:EC2_INSTANCE_LAUNCHING', 'autoscaling:EC2_INSTANCE_TERMINATING'] as const;

/** Detail types of the two lifecycle events, with the only transition each can carry. */
const LIFECYCLE_DETAIL_TYPES = new Map<string, TransitionName>([
  ['EC2 Instance-launch Lifecycle Action', 'autoscaling:EC2_INSTANCE_LAUNCHING'],
  ['EC2 Instance-terminate Lifecycle Action', 'autoscaling:EC2_INSTANCE_TERMINATING'],
]);

type ScalingResult = Pick<ScalingResultDelivery, 'activity' | 'successful'>;

/** Detail types in EventBridge and `Event` names in SNS notifications. */
const SCALING_RESULTS = new Map<string, ScalingResult>([
  ['EC2 Instance Launch Successful', { activity: 'launch', successful: true }],
  ['EC2 Instance Launch Unsuccessful', { activity: 'launch', successful: false }],
  ['EC2 Instance Terminate Successful', { activity: 'terminate', successful: true }],
  ['EC2 Instance Terminate Unsuccessful', { activity: 'terminate', successful: false }],
  ['autoscaling:EC2_INSTANCE_LAUNCH', { activity: 'launch', successful: true }],
  ['autoscaling:EC2_INSTANCE_LAUNCH_ERROR', { activity: 'launch', successful: false }],
  ['autoscaling:EC2_INSTANCE_TERMINATE', { activity: 'terminate', successful: true }],
  ['autoscaling:EC2_INSTANCE_TERMINATE_ERROR', { activity: 'terminate', successful: false }],
]);

interface EventFrame {
  readonly at: string;
  readonly account: string;
  readonly region?: string;
}

/** The transition a lifecycle detail type stands for; `undefined` for any other detail type. */
export function lifecycleTransition(detailType: string): TransitionName | undefined {
  return LIFECYCLE_DETAIL_TYPES.get(detailType);
}

/** What a detail type, or an SNS notification's `Event`, says about a scaling activity; `undefined` for any other. */
export function scalingResult(name: string): ScalingResult | undefined {
  return SCALING_RESULTS.get(name);
}

/** `detail` of a lifecycle event, or the whole hook notification: they have the same members. */
export function parseLifecycle(detail: Field, frame: EventFrame, only?: TransitionName): LifecycleDelivery {
  const transition =
    TRANSITIONS[detail.get('LifecycleTransition').oneOf(only === undefined ? TRANSITION_NAMES : [only])];
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

/** `detail` of a scaling result, or the whole SNS notification. */
export function parseScalingResult(detail: Field, frame: EventFrame, result: ScalingResult): ScalingResultDelivery {
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

/** Time and account of a notification, which has no EventBridge envelope. */
export function notificationFrame(notification: Field): EventFrame {
  const arn = notification.get('AutoScalingGroupARN');
  // Hook notifications have no ARN, so they do not say their region.
  const region = arn.absent ? undefined : new Field(arn.text(1600).split(':')[3], arn.path).region();
  return {
    at: notification.get('Time').time(),
    account: notification.get('AccountId').account(),
    ...(region === undefined ? {} : { region }),
  };
}
