/** Facts of a cluster that is asked to be emptied, and what is decided on them. */

import {
  decide,
  type Cluster,
  type ClusterAsk,
  type ClusterFacts,
  type NodeEvent,
  type Reboot,
} from '../../../functions/flush-caches/decide.ts';
import type { Decision, Refusal } from '../../../shared/kernel/decision.ts';
import { LIMITS } from './flush-facts.ts';

const AT = 'arn:aws:elasticache:eu-west-1:111122223333';
export const NOW = '2026-11-29T09:10:00.000Z';

/** So many seconds before now. */
export function ago(seconds: number): string {
  return new Date(Date.parse(NOW) - seconds * 1_000).toISOString();
}

const ASK: ClusterAsk = {
  by: 'kim',
  why: 'bad prices',
  words: '0123456789abcdef',
  run: 'run-1',
  begunAt: ago(300),
  name: 'shop',
};

/** A Memcached of two nodes. */
export const PAGES: Cluster = {
  form: 'stand-alone',
  id: 'pages',
  engine: 'memcached',
  status: 'available',
  tags: { flush: 'shop', flushBy: 'reboot' },
  isClusterMode: false,
  durability: null,
  belongsTo: null,
  isMultiAz: false,
  nodes: ['0001', '0002'].map((node) => ({ cluster: 'pages', node, role: null })),
  parameterGroup: null,
  pending: [],
  events: [],
};

/** A group of three, the second of which is the primary. */
export const CARTS: Cluster = {
  ...PAGES,
  form: 'replication-group',
  id: 'carts',
  engine: 'valkey',
  isMultiAz: true,
  nodes: (['replica', 'primary', 'replica'] as const).map((role, index) => ({
    cluster: `carts-${index + 1}`,
    node: '0001',
    role,
  })),
};

/** A reboot of this request, so many seconds ago. */
export function written(node: string, seconds: number, more: Partial<Reboot> = {}): Reboot {
  const { words, run, by } = ASK;
  return { cluster: 'pages', node, words, run, by, at: ago(seconds), tries: 1, version: 1, ...more };
}

/** What ElastiCache tells of a node. */
export function event(node: string, what: NodeEvent['what'], seconds: number, cluster = 'pages'): NodeEvent {
  return { cluster, node, what, at: ago(seconds) };
}

/** ElastiCache has said no to the reboot of a node of this run. */
export function saidNo(node: string, seconds: number): Refusal {
  return {
    call: 'elasticache:RebootCacheCluster',
    input: { CacheClusterId: 'pages', CacheNodeIdsToReboot: [node] },
    meaning: 'conflict',
    name: 'InvalidCacheClusterStateFault',
    message: 'no',
    at: ago(seconds),
  };
}

interface Change {
  readonly ask?: Partial<ClusterAsk> | null;
  /** Members of the cluster that are otherwise. */
  readonly cluster?: Partial<Cluster> | null;
  /** What it is but for these. */
  readonly of?: Cluster;
  readonly reboots?: readonly Reboot[];
  readonly refusals?: readonly Refusal[];
  readonly history?: ClusterFacts['history'];
}

/** What is decided. */
export function decided({
  ask = {},
  cluster = {},
  of = PAGES,
  reboots = [],
  refusals = [],
  history,
}: Change = {}): Decision {
  const kind = of.form === 'replication-group' ? 'replicationgroup' : 'cluster';
  return decide(
    {
      kind: 'cluster',
      target: `${AT}:${kind}:${of.id}`,
      ask: ask === null ? null : { ...ASK, ...ask },
      cluster: cluster === null ? null : { ...of, ...cluster },
      reboots,
      history: history ?? { epoch: 0, actions: [], memory: {} },
      refusals,
    },
    LIMITS,
    NOW,
  );
}

/** Which nodes a decision reboots, under which version and try of what is written down. */
export function planned(decision: Decision): readonly unknown[] {
  if (decision.kind !== 'act') return [decision.kind, decision.code];
  const [write, call] = decision.plan;
  const value = write?.input['value'];
  return [call?.input, write?.input['key'], write?.input['ifVersion'], value];
}
