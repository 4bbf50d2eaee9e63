/** What people are told of a stage's flush: what it costs the back end, what is odd about the stage. Pure. */

import type { Evidence } from '../../../shared/kernel/decision.ts';
import { readiness } from './stage-cache.ts';
import type { Stage, StageAsk, StageCache, StageFacts, WrittenFlush } from './stage-facts.ts';

/** The call that flushes it. */
export function callOf(cache: StageCache): string {
  return cache === 'stage' ? 'apigateway:FlushStageCache' : 'apigateway:FlushStageAuthorizersCache';
}

/** A size that is set without a cache looks like one, and its status stays NOT_AVAILABLE for good. */
export function sizeAlone({ size }: Stage): string {
  return size === null ? '' : `: a size is set (${size} GB), and cacheClusterEnabled is not, so that it stays so`;
}

/** What is odd about the stage, as far as somebody who flushes its cache cares. */
function oddities({ caches }: StageAsk, stage: Stage): readonly string[] {
  if (!caches.includes('stage')) return [];
  const isNone = readiness(stage) === 'none';
  const isEmpty = readiness(stage) === 'empty';
  return [
    ...(isNone ? [`the stage has no cache${sizeAlone(stage)}`] : []),
    ...(isEmpty ? ['the cache is being made, and there is nothing in it yet'] : []),
    ...(!isNone && stage.cachingSettings === 0
      ? ['no method caches (cachingEnabled): there may be nothing in it']
      : []),
    ...(stage.hasCanaryApart
      ? ['not known to be flushed: what the canary caches, which does not use the cache of the stage (useStageCache)']
      : []),
  ];
}

/** What follows for others. */
function costs(caches: readonly StageCache[]): string {
  const whole = caches.includes('stage') ? ['the whole load goes to the back end until it is cached again'] : [];
  const callers = caches.includes('authorizers') ? ['each caller is authorized again'] : [];
  return [...whole, ...callers].join('; ');
}

/** What is recorded with each decision. */
export function stageEvidence(
  { target }: StageFacts,
  ask: StageAsk,
  stage: Stage,
  flushed: readonly WrittenFlush[],
): Evidence {
  const odd = oddities(ask, stage);
  return {
    stage: target,
    by: ask.by,
    why: ask.why,
    whole: ask.caches,
    cache: stage.hasCache ? (stage.size ?? 'enabled') : 'none',
    status: stage.status,
    costs: costs(ask.caches),
    ...(flushed.length === 0 ? {} : { flushed: flushed.map(({ cache, at }) => ({ cache, at })) }),
    ...(odd.length === 0 ? {} : { said: odd }),
  };
}

/** Says what is to be done in one sentence. */
export function describeStage(target: string, ask: StageAsk, stage: Stage, ready: readonly StageCache[]): string {
  const odd = oddities(ask, stage).map((each) => `; ${each}`);
  return `flush ${target} (${ready.join(', ')}) for ${ask.by}: ${costs(ready)}${odd.join('')}`;
}
