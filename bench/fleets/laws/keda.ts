/**
 * The law of KEDA's scaler for SQS, with a node for each replica.
 *
 * Source: github.com/kedacore/keda, `pkg/scalers/aws_sqs_queue_scaler.go`: the length of a queue is what is visible and what is in flight
 * (`scaleOnInFlight`, by default), asked for every 30 s; the replicas are that by `queueLength`, rounded up, here N for each message. Kubernetes,
 * "Horizontal Pod Autoscaling": on the way down the most that was wanted in the last 300 s counts; "ReplicaSet": of those that are ready the
 * newest goes first.
 */

import type { Law, Model } from '../model.ts';
import { every } from './every.ts';
import { newestFirst, ScalingGroup } from './scaling-group.ts';

const LOOK_SECONDS = 30;
const STABLE_SECONDS = 300;
/** GetQueueAttributes. */
const CALLS_A_LOOK = 1;

/** What was wanted at some second. */
interface Wish {
  readonly at: number;
  readonly replicas: number;
}

/** Replicas by the law; `wishes` of the last 300 s, the present one among them. */
export function keda(wishes: readonly Wish[], current: number): number {
  const latest = wishes.at(-1)?.replicas ?? 0;
  return latest >= current ? latest : Math.min(current, Math.max(...wishes.map(({ replicas }) => replicas)));
}

function begin(model: Model, size: number): void {
  const group = new ScalingGroup(model, size, newestFirst);
  let wishes: readonly Wish[] = [];
  every(model, LOOK_SECONDS, () => {
    model.calls.all += CALLS_A_LOOK;
    const { waiting, atWork } = model.queue(size);
    const wish = { at: model.now, replicas: (waiting.length + atWork) * size };
    wishes = [...wishes.filter(({ at }) => model.now - at < STABLE_SECONDS), wish];
    group.set(keda(wishes, group.desired));
  });
}

export const kedaScaler: Law = {
  name: "KEDA's",
  begin: (model) => {
    for (const size of model.queues.keys()) begin(model, size);
  },
};
