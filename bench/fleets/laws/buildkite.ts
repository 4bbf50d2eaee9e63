/**
 * The law of Buildkite's Elastic CI Stack.
 *
 * Source: github.com/buildkite/buildkite-agent-scaler, `scaler/scaler.go`, and the defaults of github.com/buildkite/elastic-ci-stack-for-aws:
 * every ten seconds, instances for all jobs that are scheduled or run; one more than the group has where fewer than half of the expected
 * agents are online; scale-out at most every 300 s; nothing is scaled in, an instance that has been idle for ten minutes ends itself.
 * A job needs N instances here.
 */

import type { Law, Model } from '../model.ts';
import { every } from './every.ts';
import { oldestFirst, ScalingGroup } from './scaling-group.ts';

const LOOK_SECONDS = 10;
const COOLDOWN_SECONDS = 300;
const IDLE_SECONDS = 600;
const ONLINE_SHARE = 0.5;
/** Buildkite's own, and DescribeAutoScalingGroups. */
const CALLS_A_LOOK = 2;

/** What the scaler sees. */
interface Seen {
  readonly scheduled: number;
  readonly running: number;
  readonly nodesPerJob: number;
  /** Of the group: what it wants, what it has, and what of that is up. */
  readonly desired: number;
  readonly actual: number;
  readonly online: number;
}

/** Capacity by the law. */
export function buildkite({ scheduled, running, nodesPerJob, desired, actual, online }: Seen): number {
  const wanted = (scheduled + running) * nodesPerJob;
  const isDangling = actual > 0 && actual === desired && online / actual < ONLINE_SHARE && wanted > 0;
  return isDangling ? Math.max(wanted, desired + 1) : wanted;
}

function begin(model: Model, size: number): void {
  const group = new ScalingGroup(model, size, oldestFirst);
  let scaledAt = -Infinity;
  every(model, LOOK_SECONDS, () => {
    model.calls.all += CALLS_A_LOOK;
    const { now } = model;
    group.leave(group.place.nodes.filter(({ job, idleSince }) => job === null && now - idleSince >= IDLE_SECONDS));
    const { waiting, atWork } = model.queue(size);
    const { desired, inService: online } = group;
    const actual = group.place.nodes.length;
    const seen = { scheduled: waiting.length, running: atWork, nodesPerJob: size, desired, actual, online };
    const wanted = buildkite(seen);
    if (wanted <= desired || now - scaledAt < COOLDOWN_SECONDS) return;
    scaledAt = now;
    group.set(wanted);
  });
}

export const buildkiteScaler: Law = {
  name: "Buildkite's",
  begin: (model) => {
    for (const size of model.queues.keys()) begin(model, size);
  },
};
