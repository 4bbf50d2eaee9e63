/** What `flush-caches` decides on about a stage of API Gateway. */

import type { KernelFacts } from '../../../shared/kernel/decision.ts';

/** What of a stage is flushed: what it answers with, or what its authorizers have said. */
export type StageCache = 'stage' | 'authorizers';

/** Which stage. */
export interface StageName {
  /** Another kind of API (HTTP, WebSocket) has no cache. */
  readonly isRest: boolean;
  readonly apiId: string;
  readonly stageName: string;
}

/** What a person asks for, or a deployment. */
export type StageAsk = {
  readonly by: string;
  readonly why: string;
  /** The same for all requests in the same words. */
  readonly words: string;
  /** When the run began, ISO 8601. */
  readonly begunAt: string;
  /** In the order in which they are flushed. */
  readonly caches: readonly StageCache[];
};

/** A stage as it is. */
export interface Stage {
  /** Whether it is tagged `runbook:flush`. */
  readonly isTagged: boolean;
  /** `cacheClusterEnabled`; a size may be set without it. */
  readonly hasCache: boolean;
  /** `cacheClusterStatus`; `null`: API Gateway does not say. */
  readonly status: string | null;
  /** `cacheClusterSize`, GB; `null`: none is set. */
  readonly size: string | null;
  /** Entries of its method settings that cache; each may stand for many methods. */
  readonly cachingSettings: number;
  /** It has a canary that does not use the stage's cache. */
  readonly hasCanaryApart: boolean;
}

/** What we have written down: that a cache was flushed. */
export interface WrittenFlush {
  readonly cache: StageCache;
  /** When it was decided, right before API Gateway took it, ISO 8601. */
  readonly at: string;
  /** How often the row was written. */
  readonly version: number;
}

/** A stage, and what is asked of it. */
export interface StageFacts extends KernelFacts {
  readonly kind: 'stage';
  /** ARN. */
  readonly target: string;
  readonly name: StageName;
  /** `null`: a schedule, which asks for nothing. */
  readonly ask: StageAsk | null;
  /** `null`: it is gone, or there was never one; or it was not read. */
  readonly stage: Stage | null;
  /** Of requests in these words, however long ago. */
  readonly written: readonly WrittenFlush[];
}
