/**
 * What `flush-caches` does about one cache. Pure.
 *
 * What was asked for is sent to CloudFront once, as there is room for it, and followed until CloudFront says that it is done. How far that
 * has come is read from CloudFront at each look: an invalidation that was taken cannot be taken back, nor is it paid for twice.
 *
 * The memory of a cluster is emptied by reboots of its nodes, one at a time, each approved by a person: `decide/cluster.ts`.
 */

import type { Decision } from '../../shared/kernel/decision.ts';
import type { ClusterFacts } from './decide/cluster-facts.ts';
import { decideCluster } from './decide/cluster.ts';
import { decideDistribution } from './decide/distribution.ts';
import type { DistributionFacts, FlushLimits } from './decide/facts.ts';
import { decideStage } from './decide/stage.ts';
import type { StageFacts } from './decide/stage-facts.ts';

export type { Ask, CacheName, Distribution, DistributionFacts, Progress } from './decide/facts.ts';
export {
  bucketIn,
  pathsOf,
  readSpellings,
  UNSAID,
  type Behavior,
  type BucketOrigin,
  type BucketView,
  type Spellings,
} from './decide/key-paths.ts';
export type { Cluster, ClusterAsk, ClusterFacts, ClusterNode, NodeEvent, Reboot } from './decide/cluster-facts.ts';
export { FLUSH_MONTH, monthOf } from './decide/month.ts';
export { readPath, readTag, type Reading } from './decide/paths.ts';
export { FLUSH_REBOOT, rebootsOf, requestOf } from './decide/reboots.ts';
export { referenceOf, referencesSince, wordsOf } from './decide/reference.ts';
export { collapsed, countsOf, selected, standsFor, uncovered } from './decide/selection.ts';
export { FLUSH_STAGE, stageRows } from './decide/stage.ts';
export type { Stage, StageAsk, StageCache, StageFacts, StageName, WrittenFlush } from './decide/stage-facts.ts';

/** One cache, of whatever kind. */
export type Facts = DistributionFacts | StageFacts | ClusterFacts;

/** Decides on one of them. */
export function decide(facts: Facts, limits: FlushLimits, now: string): Decision {
  if (facts.kind === 'cluster') return decideCluster(facts, limits, now);
  return facts.kind === 'stage' ? decideStage(facts, limits, now) : decideDistribution(facts, limits, now);
}
