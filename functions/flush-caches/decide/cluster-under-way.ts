/** Reboots that are under way, or may be: what is waited for, and for how long. Pure. */

import { refuse, wait } from '../../../shared/judgement/decisions.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import type { Decision, Evidence } from '../../../shared/kernel/decision.ts';
import type { Cluster, ClusterAsk, ClusterFacts, ClusterNode, Reboot } from './cluster-facts.ts';
import type { FlushLimits } from './facts.ts';
import { backAt, isDown, isSame, refusedAt } from './reboots.ts';

/** A cluster that there is, and what is asked of it. */
export interface Scene {
  readonly facts: ClusterFacts;
  readonly ask: ClusterAsk;
  readonly cluster: Cluster;
  readonly limits: FlushLimits;
  readonly now: string;
  /** What has to be rebooted, in order. */
  readonly nodes: readonly ClusterNode[];
  /** Reboots of this request, and those of them whose node is back. */
  readonly own: readonly Reboot[];
  readonly done: readonly Reboot[];
  readonly evidence: Evidence;
}

/** A node is back within a minute or two: at first it is looked often, later it costs too much. */
const [OFTEN_SECONDS, SELDOM_SECONDS, SELDOM_AFTER_SECONDS] = [15, 60, 180];

function pauseSince(at: string, now: string): number {
  return secondsSince(at, now) < SELDOM_AFTER_SECONDS ? OFTEN_SECONDS : SELDOM_SECONDS;
}

/** A reboot of which nothing has shown is tried once more, and that is told. */
const MOST_TRIES = 2;

/** Somebody's reboot is under way, or may be: nothing else goes down meanwhile. */
export function underWay(scene: Scene): Decision | undefined {
  const { facts, own, limits, now } = scene;
  const recent = facts.reboots.filter(
    (each) => own.includes(each) || secondsSince(each.at, now) < limits.maxRebootSeconds,
  );
  const open = recent.filter((each) => backAt(facts, each) === undefined);
  for (const each of open) {
    const found = notBack(scene, each);
    if (found !== undefined) return found;
  }
  return notAvailable(scene) ?? besideAnother(scene);
}

function notBack(scene: Scene, each: Reboot): Decision | undefined {
  const { facts, own, cluster, limits, now, evidence } = scene;
  const isOwn = own.includes(each);
  const seconds = secondsSince(each.at, now);
  const what = `node ${each.node} of ${each.cluster}, which was to be rebooted at ${each.at} for ${each.by},`;
  const refused = isOwn ? refusedAt(facts, each) : undefined;
  if (refused !== undefined) {
    const because = `ElastiCache does not reboot ${each.cluster} right now: it is throttling, or the cluster is not available`;
    return secondsSince(refused, now) < OFTEN_SECONDS
      ? wait(evidence, 'refused-for-now', because, OFTEN_SECONDS)
      : undefined;
  }
  if (cluster.status !== 'available' || isDown(facts, each)) {
    const because = `${what} is not back: ${cluster.id} is ${cluster.status}`;
    if (seconds < limits.maxRebootSeconds) return wait(evidence, 'rebooting', because, pauseSince(each.at, now));
    const late = `${because} after ${limits.maxRebootSeconds} s, and no other is touched: aws elasticache describe-events may tell why`;
    return refuse(evidence, 'node-not-back', late);
  }
  // Nothing shows that the call was sent, and nothing that it was not.
  const because = `${what} shows nothing of it yet`;
  if (seconds < limits.maxShowSeconds) return wait(evidence, 'not-shown-yet', because, pauseSince(each.at, now));
  if (!isOwn || each.tries < MOST_TRIES) return undefined;
  return refuse(evidence, 'never-shown', `${what} was tried twice and shows nothing of it: look at its events`);
}

/** The node is back, and the cluster, or its group, is not yet. */
function notAvailable({ facts, done, cluster, limits, now, evidence }: Scene): Decision | undefined {
  const back = done.map((each) => backAt(facts, each) ?? each.at).toSorted();
  const last = back.at(-1);
  if (last === undefined || cluster.status === 'available') return undefined;
  const because = `${cluster.id} is ${cluster.status} since its node is back, at ${last}`;
  if (secondsSince(last, now) < limits.maxRebootSeconds)
    return wait(evidence, 'rebooting', because, pauseSince(last, now));
  return refuse(evidence, 'node-not-back', `${because}, and no other is touched: look at it`);
}

/** The request has come twice, and the other run goes on by itself, unless it has died. */
function besideAnother({ facts, ask, own, nodes, done, cluster, limits, now, evidence }: Scene): Decision | undefined {
  const isAllDone = nodes.every((node) => done.some((one) => isSame(one, node)));
  const others = own.filter(({ run }) => run !== ask.run);
  const last = others
    .map((each) => backAt(facts, each) ?? each.at)
    .toSorted()
    .at(-1);
  if (isAllDone || last === undefined || secondsSince(last, now) >= limits.maxShowSeconds) return undefined;
  const because = `another run reboots ${cluster.id} for the same request: ${others.map(({ run }) => run).join(', ')}`;
  return wait(evidence, 'another-run', because, OFTEN_SECONDS);
}
