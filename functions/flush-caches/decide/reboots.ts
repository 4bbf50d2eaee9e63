/** Reboots as they are written down, and what has come of each. A reboot leaves no id: that it happened only events tell. Pure. */

import { secondsSince } from '../../../shared/judgement/since.ts';
import type { PlannedCall, Refusal } from '../../../shared/kernel/decision.ts';
import { plannedWrite } from '../../../shared/kernel/ledger/planned-write.ts';
import type { ClusterAsk, ClusterFacts, ClusterNode, NodeEvent, Reboot } from './cluster-facts.ts';

/** The partition of the data ledger. */
export const FLUSH_REBOOT = 'flush-reboot';

/** The call that empties a node. */
export const REBOOT = 'elasticache:RebootCacheCluster';

/** What the requests in the same words have in common. */
export function requestOf(delivery: string): string {
  return delivery.replace(/^request:/u, '').slice(0, 16);
}

/** What the keys of a target's reboots begin with: `replicationgroup:sessions/`. */
export function rebootsOf(target: string): string {
  return `${target.split(':').slice(5).join(':')}/`;
}

/** A month: who asks why a database was busy finds it. */
const KEPT_MS = 31 * 86_400_000;

/** Writes down that a node is about to be rebooted. Of two runs that are about to, one is told that the other was first. */
export function announced(
  target: string,
  { by, why, words, run }: ClusterAsk,
  { cluster, node }: ClusterNode,
  { tries, version, now }: { readonly tries: number; readonly version: number; readonly now: string },
): PlannedCall {
  return plannedWrite(
    {
      partition: FLUSH_REBOOT,
      key: `${rebootsOf(target)}${words}/${cluster}/${node}`,
      ifVersion: version,
      value: { cluster, node, words, run, by, why, at: now, tries },
      expiresAt: new Date(Date.parse(now) + KEPT_MS).toISOString(),
    },
    `node ${node} of ${cluster} is about to be rebooted`,
  );
}

/** A node of a cluster. */
type Of = Pick<ClusterNode, 'cluster' | 'node'>;

/** Whether two are about the same node. */
export function isSame(one: Of, other: Of): boolean {
  return one.cluster === other.cluster && one.node === other.node;
}

function eventsSince({ cluster }: ClusterFacts, reboot: Reboot): readonly NodeEvent[] {
  return cluster?.events.filter((event) => isSame(event, reboot) && event.at > reboot.at) ?? [];
}

/** When the node was back; `undefined`: it is not, as far as ElastiCache tells. */
export function backAt(facts: ClusterFacts, reboot: Reboot): string | undefined {
  return eventsSince(facts, reboot).find(({ what }) => what === 'restarted')?.at;
}

/** Whether the node has gone down since. */
export function isDown(facts: ClusterFacts, reboot: Reboot): boolean {
  return eventsSince(facts, reboot).length > 0;
}

/** When ElastiCache has last said no to the call of this reboot, so that the node was not rebooted by it; `undefined`: it has not. */
export function refusedAt({ refusals = [], ask }: ClusterFacts, reboot: Reboot): string | undefined {
  const isOfCall = ({ call, input, at }: Refusal): boolean =>
    call === REBOOT && input['CacheClusterId'] === reboot.cluster && namesNode(input, reboot) && at >= reboot.at;
  return reboot.run === ask?.run ? refusals.findLast(isOfCall)?.at : undefined;
}

function namesNode({ CacheNodeIdsToReboot: nodes }: Refusal['input'], { node }: Reboot): boolean {
  return Array.isArray(nodes) && nodes.includes(node);
}

/**
 * Reboots of this request. The same words within an hour are one request, for Lambda may deliver an event for so long
 * (`maxAgeSeconds`); those before have been seen to their end.
 */
export function ownReboots({ reboots, ask }: ClusterFacts, sameSeconds: number): readonly Reboot[] {
  if (ask === null) return [];
  return reboots.filter(({ words, at }) => words === ask.words && secondsSince(at, ask.begunAt) <= sameSeconds);
}
