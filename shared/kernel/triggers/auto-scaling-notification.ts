/** What the notifications have in common that Auto Scaling sends to a topic or a queue. */

import { Field } from './reader.ts';
import type { EventFrame } from './triggers.ts';

/** As the line of bad input lists them. */
export const AUTO_SCALING_NOTIFICATION = 'an Auto Scaling notification';

/** Where an Auto Scaling document comes from: a notification does not always say its region. */
export type AutoScalingFrame = Omit<EventFrame, 'region'> & { readonly region?: string };

/** Time and account of a notification, which has no EventBridge frame. */
export function notificationFrame(notification: Field): AutoScalingFrame {
  const arn = notification.get('AutoScalingGroupARN');
  // Hook notifications have no ARN, so they do not say their region.
  const region = arn.absent ? undefined : new Field(arn.text(1600).split(':')[3], arn.path).region();
  return {
    at: notification.get('Time').time(),
    account: notification.get('AccountId').account(),
    ...(region === undefined ? {} : { region }),
  };
}
