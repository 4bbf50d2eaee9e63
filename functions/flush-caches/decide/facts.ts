/** What `flush-caches` decides on. */

import type { WindowRow } from '../../../shared/judgement/flush-window.ts';
import type { KernelFacts } from '../../../shared/kernel/decision.ts';
import type { Limits } from '../../../shared/kernel/definition.ts';
import type { Counts } from './selection.ts';

/** What a person asks for, or a deployment. */
export type Ask = {
  readonly by: string;
  readonly why: string;
  /** What each CallerReference of this request begins with. */
  readonly reference: string;
  /** When the run began, ISO 8601. */
  readonly begunAt: string;
  /** Paths and cache tags as they were written. */
  readonly asked: number;
  /** What is to be sent of them: each once, without what a wildcard covers. */
  readonly counts: Counts;
  /** A wildcard for each directory was asked for. */
  readonly isCollapsed: boolean;
  /** How many paths it would be with a wildcard for each directory. */
  readonly collapsedPaths: number;
  /** Paths that cannot be named, of which a wildcard goes: how many, and the first of them. */
  readonly widened: number;
  readonly widenedFirst: readonly { readonly asked: string; readonly sent: string }[];
};

/** What has a cache of its own at CloudFront: a distribution, or a tenant of a multi-tenant one. */
export type CacheName = {
  readonly id: string;
  /** The multi-tenant distribution of a tenant; `null`: it is a distribution itself. */
  readonly tenantOf: string | null;
};

/** A distribution or a tenant as it is. */
export interface Distribution extends CacheName {
  /** Whether it is tagged `runbook:flush`; of a tenant, it or its distribution. */
  readonly isTagged: boolean;
  /** A tenant that serves nobody, so that it is left. */
  readonly isLeft: boolean;
  /** A multi-tenant distribution has no cache: its tenants, of which it has so many, have. `null`: it has one. */
  readonly tenants: { readonly found: number; readonly areMore: boolean } | null;
  readonly isEnabled: boolean;
  /** `InProgress`: what was changed last is still on its way to the edges. `null`: not known. */
  readonly status: string | null;
  /** It keeps cache tags, by which objects can be invalidated. */
  readonly hasCacheTags: boolean;
  /** What has a cache of its own and is not flushed with it, in words; empty: nothing. */
  readonly notFlushed: readonly string[];
  /** One line for each tag that cannot be read. */
  readonly problems: readonly string[];
}

/** The window in which what is asked for was collected. */
export type CollectedWindow = Pick<WindowRow, 'name' | 'bucket' | 'from' | 'to' | 'sealedAt' | 'triedBy' | 'version'>;

/** An invalidation of this request that CloudFront has taken. */
export type Invalidation = {
  readonly id: string;
  readonly reference: string;
  readonly isCompleted: boolean;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly paths: number;
};

/** How far a request has come at one cache. */
export interface Progress {
  /** Oldest first. */
  readonly accepted: readonly Invalidation[];
  /** All CallerReferences of these words that were seen, of requests before this one too. */
  readonly used: readonly string[];
  /** Of what is not accepted yet so much as a step can keep, always in the same order. */
  readonly open: readonly string[];
  /** How many are not accepted yet. */
  readonly openPaths: number;
  /** What is in progress, whoever has asked for it. */
  readonly inProgress: {
    readonly files: number;
    readonly wildcards: number;
    /** Batches of other people. */
    readonly others: number;
    /** Batches whose paths were not read, for there are too many. */
    readonly unread: number;
  };
  /** What we have written down of this request: its CallerReferences. */
  readonly booked: readonly string[];
  /** What of that CloudFront does not list, and when it had taken it, ISO 8601. */
  readonly hidden: readonly { readonly reference: string; readonly at: string }[];
  /** How many paths we have sent this month, as far as it is written down. */
  readonly monthPaths: number;
}

/** A distribution of CloudFront, or a tenant of one, and what is asked of it. */
export interface DistributionFacts extends KernelFacts {
  readonly kind: 'distribution';
  /** ARN. */
  readonly target: string;
  /** `null`: a schedule, which knows of no paths. */
  readonly ask: Ask | null;
  /** `null`: it was asked for at once. What an open window comes to is not known yet: then nothing is asked. */
  readonly window: CollectedWindow | null;
  /** A distribution or a tenant. `null`: it is gone, or there was never one; or nothing is asked, and it was not read. */
  readonly distribution: Distribution | null;
  readonly progress: Progress;
}

/** What the runbook is bounded by, besides what every runbook is. */
export interface FlushLimits extends Limits {
  /** Files that may be in progress at one time at a distribution. */
  readonly maxFiles: number;
  /** Wildcards, apart from the files. */
  readonly maxWildcards: number;
  /** Paths of one request. */
  readonly maxPaths: number;
  /** UTF-8 bytes of the paths of one batch. */
  readonly maxBatchBytes: number;
  /** Batches that CloudFront may refuse while a path is looked for that it does not take. */
  readonly maxRefusals: number;
  /** How long an invalidation is followed. */
  readonly maxFollowSeconds: number;
  /** How long it is waited for that CloudFront lists what it has taken. */
  readonly maxShowSeconds: number;
  /** So long after its end a window is still open: until then what was told in it may be written down. */
  readonly graceSeconds: number;
  /** How long it is waited for that there is room. */
  readonly maxRoomSeconds: number;
  /** How long a rebooted node may take to be back. */
  readonly maxRebootSeconds: number;
}
