/**
 * What `flush-caches` does about one cache. Pure.
 *
 * What was asked for is sent to CloudFront once, as there is room for it, and followed until CloudFront says that it is done. How far that
 * has come is read from CloudFront at each look: an invalidation that was taken cannot be taken back, nor is it paid for twice.
 */

import type { Decision } from '../../shared/kernel/decision.ts';
import { decideDistribution } from './decide/distribution.ts';
import type { DistributionFacts, FlushLimits } from './decide/facts.ts';
import { decideStage } from './decide/stage.ts';
import type { StageFacts } from './decide/stage-facts.ts';

export type { Ask, CollectedWindow, Distribution, DistributionFacts, Progress } from './decide/facts.ts';
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
export { FLUSH_MONTH, monthOf } from './decide/month.ts';
export { readPath, readTag, type Reading } from './decide/paths.ts';
export { referenceOf, referencesSince, wordsOf } from './decide/reference.ts';
export { collapsed, countsOf, selected, uncovered } from './decide/selection.ts';
export { FLUSH_STAGE, stageRows } from './decide/stage.ts';
export type { Stage, StageAsk, StageCache, StageFacts, StageName, WrittenFlush } from './decide/stage-facts.ts';

/** One cache, of whatever kind. */
export type Facts = DistributionFacts | StageFacts;

/** Decides on one of them. */
export function decide(facts: Facts, limits: FlushLimits, now: string): Decision {
  return facts.kind === 'stage' ? decideStage(facts, limits, now) : decideDistribution(facts, limits, now);
}
