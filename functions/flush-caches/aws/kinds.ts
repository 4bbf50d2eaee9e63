/** What is flushed: each kind of cache, how it is found, and what is read of one. */

import type { Io, Observed } from '../../../shared/kernel/definition.ts';
import type { ClusterFacts, DistributionFacts, StageFacts } from '../decide.ts';
import { isCache, taggedCaches } from './caches.ts';
import { isCluster } from './cluster-arns.ts';
import { observeCluster, taggedClusters } from './observed-cluster.ts';
import { observeDistribution } from './observed-distribution.ts';
import { observeStage } from './observed-stage.ts';
import type { Request } from './requests.ts';
import { isOfStages, isStage } from './stage-arn.ts';
import { taggedStages } from './stages.ts';

/** Facts as they are seen here; the kernel adds what it knows. */
export type Seen = Observed<DistributionFacts> | Observed<StageFacts> | Observed<ClusterFacts>;

/** A kind of cache. */
interface Kind {
  /** Whether a request asks anything of caches of this kind. */
  readonly isAsked: (asked: NonNullable<Request['asked']>) => boolean;
  /** ARNs of all that are tagged with a name. */
  readonly find: (name: string, io: Io) => Promise<readonly string[]>;
  /** Whether the ARN is of this kind. */
  readonly isOne: (target: string) => boolean;
  readonly observe: (target: string, request: Request, io: Io) => Promise<Seen>;
}

/** Of distributions and of tenants. */
const FRONT: Kind = {
  isAsked: ({ items }) => items.length > 0,
  find: taggedCaches,
  isOne: isCache,
  observe: observeDistribution,
};

const STAGES: Kind = {
  isAsked: ({ whole }) => isOfStages(whole),
  find: taggedStages,
  isOne: isStage,
  observe: observeStage,
};

const CLUSTERS: Kind = {
  isAsked: ({ whole }) => whole.includes('cluster'),
  find: taggedClusters,
  isOne: isCluster,
  observe: observeCluster,
};

/** In the order in which a run tells of them. */
export const KINDS: readonly Kind[] = [FRONT, STAGES, CLUSTERS];
