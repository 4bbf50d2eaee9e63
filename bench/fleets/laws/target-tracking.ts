/**
 * Target tracking of Amazon EC2 Auto Scaling on the backlog of an instance.
 *
 * Source: Amazon EC2 Auto Scaling User Guide, "Scaling policy based on Amazon SQS": the metric is ApproximateNumberOfMessages divided by the
 * instances in service, the target is the acceptable latency divided by the time that a message takes; capacity becomes the present
 * one times metric by target, rounded up. "Target tracking scaling policies": alarms of three minutes above the target and of fifteen
 * below nine tenths of it. The acceptable latency is one run here, and a message is work for a gang, so the target is one message for
 * each N instances.
 */

import type { Law, Model } from '../model.ts';
import { every } from './every.ts';
import { oldestFirst, ScalingGroup } from './scaling-group.ts';

/** With none in service the metric is divided by nothing, and the group would never grow. */
const LEAST = 1;
const LOOK_SECONDS = 60;
const MINUTES = { out: 3, in: 15 };
/** Of the target: above it nothing goes. */
const IN_SHARE = 0.9;
/** GetQueueAttributes, DescribeAutoScalingGroups, PutMetricData. */
const CALLS_A_LOOK = 3;

/** What the policy sees in a minute. */
interface Backlog {
  readonly visible: number;
  readonly inService: number;
  readonly nodesPerJob: number;
}

/** Capacity by the law; `side` says which alarm it belongs to. */
export function targetTracking({ visible, inService, nodesPerJob }: Backlog): {
  readonly wanted: number;
  readonly side: 'out' | 'in' | 'none';
} {
  const instances = Math.max(LEAST, inService);
  const [metric, target] = [visible / instances, 1 / nodesPerJob];
  const wanted = Math.max(LEAST, Math.ceil((instances * metric) / target));
  if (metric > target) return { wanted, side: 'out' };
  return { wanted, side: metric < IN_SHARE * target ? 'in' : 'none' };
}

function begin(model: Model, size: number): void {
  const group = new ScalingGroup(model, size, oldestFirst);
  const minutes = { out: 0, in: 0 };
  group.set(LEAST);
  every(model, LOOK_SECONDS, () => {
    model.calls.all += CALLS_A_LOOK;
    const visible = model.queue(size).waiting.length;
    const { wanted, side } = targetTracking({ visible, inService: group.inService, nodesPerJob: size });
    minutes.out = side === 'out' ? minutes.out + 1 : 0;
    minutes.in = side === 'in' ? minutes.in + 1 : 0;
    if (minutes.out >= MINUTES.out) group.set(Math.max(group.desired, wanted));
    if (minutes.in >= MINUTES.in) group.set(Math.min(group.desired, wanted));
  });
}

export const awsTargetTracking: Law = {
  name: 'AWS target tracking',
  begin: (model) => {
    for (const size of model.queues.keys()) begin(model, size);
  },
};
