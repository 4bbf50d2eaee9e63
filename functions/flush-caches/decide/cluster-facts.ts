/** What `flush-caches` decides on where the memory of a cluster is to be emptied: ElastiCache, and DAX, which cannot be. */

import type { KernelFacts } from '../../../shared/kernel/decision.ts';

/** What a person asks for. */
export type ClusterAsk = {
  readonly by: string;
  readonly why: string;
  /** The same for the same words: what reboots of this request are written down under. */
  readonly words: string;
  readonly run: string;
  /** When the run began, ISO 8601. */
  readonly begunAt: string;
  /** The value of `runbook:flush` that was asked for; `null`: it was named by its ARN. */
  readonly name: string | null;
};

/** A node that can be rebooted by itself. */
export type ClusterNode = {
  /** The CacheClusterId: in a replication group each node is a cluster of its own. */
  readonly cluster: string;
  readonly node: string;
  /** `null`: of a cluster that is not replicated, or ElastiCache does not say it. */
  readonly role: 'primary' | 'replica' | null;
};

/** Something that ElastiCache or DAX keeps in memory. */
export type Cluster = {
  readonly form: 'replication-group' | 'stand-alone' | 'member' | 'serverless' | 'global-datastore' | 'dax';
  /** Its id or name. */
  readonly id: string;
  /** `memcached`, `redis`, `valkey`; `null`: not told. */
  readonly engine: string | null;
  /** Of the whole, or of what is rebooted in it, if that is another than `available`. */
  readonly status: string;
  /** Values of its own tags by which it opts in; `null`: AWS tells tags only of what is available. */
  readonly tags: { readonly flush: string | null; readonly flushBy: string | null } | null;
  readonly isClusterMode: boolean;
  /** Why its data outlive a reboot; `null`: they do not. */
  readonly durability: string | null;
  /** The global datastore, or the replication group, that it belongs to. */
  readonly belongsTo: string | null;
  readonly isMultiAz: boolean;
  readonly nodes: readonly ClusterNode[];
  /** The parameter group, where a change in it waits for a reboot (ElastiCache), or has the time to live (DAX). */
  readonly parameterGroup: string | null;
  /** Other changes that wait for their time. */
  readonly pending: readonly string[];
  /** What ElastiCache tells of its nodes, oldest first. */
  readonly events: readonly NodeEvent[];
};

/** A node went down, or is back. */
export type NodeEvent = {
  readonly cluster: string;
  readonly node: string;
  readonly what: 'shutdown' | 'restarted';
  /** ISO 8601. */
  readonly at: string;
};

/** A reboot as we have written it down, right before its call: whether that was sent only AWS can tell. */
export type Reboot = {
  readonly cluster: string;
  readonly node: string;
  readonly words: string;
  readonly run: string;
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  /** How many times its call may have been sent. */
  readonly tries: number;
  /** Counts the writes of the item. */
  readonly version: number;
};

/** A cluster, and what is asked of it. */
export interface ClusterFacts extends KernelFacts {
  readonly kind: 'cluster';
  /** ARN. */
  readonly target: string;
  /** `null`: a schedule, which asks for nothing. */
  readonly ask: ClusterAsk | null;
  /** `null`: it is gone, or there was never one; or nothing is asked, and it was not read. */
  readonly cluster: Cluster | null;
  /** Of whatever request. */
  readonly reboots: readonly Reboot[];
}
