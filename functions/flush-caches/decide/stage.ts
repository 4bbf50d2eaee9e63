/**
 * What is done about one stage of API Gateway. Pure.
 *
 * A flush has no id, and API Gateway tells only that one is under way: whose it is, and when it began, nobody can read. So what counts is
 * what we have written down after API Gateway took ours. Where that is missing, and none is under way that must have begun since, it is
 * flushed once more, which costs the back end load and nothing else.
 */

import { nothing, refuse, wait } from '../../../shared/judgement/decisions.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import type { Decision, Evidence, PlannedCall, Refuse } from '../../../shared/kernel/decision.ts';
import { plannedWrite } from '../../../shared/kernel/ledger/planned-write.ts';
import type { FlushLimits } from './facts.ts';
import { readiness, type Readiness } from './stage-cache.ts';
import type { Stage, StageAsk, StageCache, StageFacts, StageName, WrittenFlush } from './stage-facts.ts';
import { callOf, describeStage, sizeAlone, stageEvidence } from './stage-telling.ts';

/** The partition of the data ledger. */
export const FLUSH_STAGE = 'flush-stage';

/** What the keys of all rows of a stage begin with that are about requests in these words. */
export function stageRows({ apiId, stageName }: StageName, words: string): string {
  return `${apiId}/${stageName}/${words}/`;
}

/**
 * The same words within so long are one request that came twice: Lambda may deliver an event again. Longer would leave stale what somebody
 * has published since and asks for in the same words. Assumed.
 */
const SAME_REQUEST_SECONDS = 120;

/** A row is of no use once its words mean another request; for a day it tells who has flushed. */
const KEPT_MS = 86_400_000;

/** A stage that there is, and what is asked of it. */
interface Scene {
  readonly facts: StageFacts;
  readonly ask: StageAsk;
  readonly stage: Stage;
  readonly limits: FlushLimits;
  readonly now: string;
  /** What of it is not flushed yet. */
  readonly open: readonly StageCache[];
  /** What we have written down of this request. */
  readonly flushed: readonly WrittenFlush[];
  readonly evidence: Evidence;
}

/** Decides on a stage. */
export function decideStage(facts: StageFacts, limits: FlushLimits, now: string): Decision {
  const { ask, stage, target, name } = facts;
  if (ask === null) return leftBehind(facts);
  if (!name.isRest)
    return refuse(
      { target },
      'no-cache',
      `${target} is no stage of a REST API: no other has a cache that can be flushed here`,
    );
  if (stage === null) return over(refuse({ target }, 'no-such-stage', `there is no stage ${target}`));
  const flushed = facts.written.filter(({ at }) => secondsSince(at, ask.begunAt) <= SAME_REQUEST_SECONDS);
  const open = ask.caches.filter((cache) => !flushed.some((each) => each.cache === cache));
  const evidence = stageEvidence(facts, ask, stage, flushed);
  const scene = { facts, ask, stage, limits, now, open, flushed, evidence };
  if (!stage.isTagged) return refuse(evidence, 'not-tagged', `stage ${target} has no tag runbook:flush`);
  return refusedByGateway(scene) ?? send(scene) ?? waitUntilReady(scene) ?? follow(scene);
}

function over(refusal: Refuse): Refuse {
  return { ...refusal, over: true };
}

/** A run that died has told nobody. */
function leftBehind({ target, history }: StageFacts): Decision {
  const because = `a run has begun to flush ${target} and has not come to its end: whether API Gateway has taken it was not written down; ask again, to flush twice costs load and nothing else`;
  const note = typeof history === 'object' ? (history.pending?.note ?? {}) : {};
  return { kind: 'refuse', code: 'left-behind', because, evidence: { target, ...note }, attention: true, over: true };
}

/** What API Gateway does not take it would not take again. */
function refusedByGateway({ facts, evidence }: Scene): Decision | undefined {
  const refusal = (facts.refusals ?? []).find(({ meaning }) => meaning === 'refused');
  if (refusal === undefined) return undefined;
  const because = `API Gateway does not take ${refusal.call} of ${facts.target}: ${refusal.name}: ${refusal.message}`;
  return over(refuse(evidence, 'flush-refused', because));
}

/**
 * What is written down, and what can go now: each call, and behind it that it was taken. Nothing was under way when ours was announced: what
 * is under way since began after the request, and counts, although its reply was lost.
 */
function send(scene: Scene): Decision | undefined {
  const { facts, ask, stage, open, now } = scene;
  const since = open.includes('stage') && readiness(stage) === 'flushing' ? announcedAt(scene) : undefined;
  if (since !== undefined) {
    const because = `a flush of the cache of ${facts.target} has begun since ${since}, and its reply was lost`;
    return flush(scene, ['stage'], because, [rowOf(facts, ask, 'stage', since)]);
  }
  const ready = open.filter((cache) => cache === 'authorizers' || readiness(stage) === 'ready');
  if (ready.length === 0) return undefined;
  const plan = ready.flatMap((cache) => [flushOf(facts.name, ask, cache), rowOf(facts, ask, cache, now)]);
  return flush(scene, ready, describeStage(facts.target, ask, stage, ready), plan);
}

/** When a flush of the cache of the stage was announced for this request, ISO 8601; `undefined`: none was, or it came to nothing. */
function announcedAt({ facts: { history }, ask: { words, begunAt } }: Scene): string | undefined {
  const { at = '', note = {} } = typeof history === 'object' ? (history.pending ?? {}) : {};
  const { words: of, whole } = note;
  const isOurs = of === words && Array.isArray(whole) && whole.includes('stage');
  return isOurs && secondsSince(at, begunAt) <= SAME_REQUEST_SECONDS ? at : undefined;
}

function flush(
  { facts, ask, evidence }: Scene,
  whole: readonly StageCache[],
  because: string,
  plan: readonly PlannedCall[],
): Decision {
  const { apiId, stageName } = facts.name;
  return {
    kind: 'act',
    code: 'flushing',
    because,
    evidence,
    plan,
    // Of all that is asked for, whatever part of it goes now: who approves of one part approves of the rest.
    intent: `${apiId}/${stageName} flushed (${ask.caches.join(', ')}) for ${ask.words}`,
    note: { by: ask.by, why: ask.why, whole, words: ask.words },
    // As often as it is deployed.
    budget: 'free',
    more: true,
  };
}

function flushOf({ apiId, stageName }: StageName, ask: StageAsk, cache: StageCache): PlannedCall {
  return {
    call: callOf(cache),
    input: { restApiId: apiId, stageName },
    because: `for ${ask.by}: ${ask.why === '' ? 'no reason was given' : ask.why}`,
  };
}

function rowOf(
  { name, written }: StageFacts,
  { words, by, why }: StageAsk,
  cache: StageCache,
  at: string,
): PlannedCall {
  return plannedWrite(
    {
      partition: FLUSH_STAGE,
      key: `${stageRows(name, words)}${cache}`,
      ifVersion: written.find((each) => each.cache === cache)?.version ?? 0,
      value: { at, by, why },
      expiresAt: new Date(Date.parse(at) + KEPT_MS).toISOString(),
    },
    'API Gateway has taken it: the same request is not sent again',
  );
}

/** How often a cache is looked at that cannot be flushed yet. */
const READY_SECONDS = 20;

/** Why a cache that is there cannot be flushed yet, by what it is at. */
const NOT_READY: { readonly [readiness in Readiness]?: string } = {
  flushing: 'is being flushed, which began before: what was cached since may be stale, and it is flushed again',
  deleting: 'is being deleted: until that is over it may still be used',
  unavailable: 'is enabled and not available',
};

/** Ours begins when nothing else is under way; `undefined`: there is nothing to wait for. */
function waitUntilReady({ facts, ask, stage, limits, now, open, evidence }: Scene): Decision | undefined {
  if (!open.includes('stage')) return undefined;
  const why = NOT_READY[readiness(stage)];
  if (why === undefined) return undefined;
  const because = `the cache of ${facts.target} ${why} (${stage.status ?? 'API Gateway says no status'})`;
  const longest = readiness(stage) === 'unavailable' ? limits.maxShowSeconds : limits.maxRoomSeconds;
  if (secondsSince(ask.begunAt, now) < longest)
    return { ...wait(evidence, 'cache-busy', because, READY_SECONDS), handsBack: true };
  return over(refuse(evidence, 'cache-busy', `${because}, for ${longest} s now: ask again when it is AVAILABLE`));
}

/** API Gateway takes a flush before it shows it. Assumed. */
const SHOWS_SECONDS = 10;

/** A flush is soon over, and now and then it is not. */
const [OFTEN_SECONDS, SELDOM_SECONDS, SELDOM_AFTER_SECONDS] = [10, 60, 120];

/** Everything has gone: it is done when no flush is under way any more. */
function follow({ facts, ask, stage, limits, now, open, flushed, evidence }: Scene): Decision {
  const own = flushed.find(({ cache }) => cache === 'stage');
  const seconds = own === undefined ? 0 : secondsSince(own.at, now);
  const isUnderWay = own !== undefined && (readiness(stage) === 'flushing' || seconds < SHOWS_SECONDS);
  if (isUnderWay) {
    const because = `the cache of ${facts.target} is being flushed since ${own.at}`;
    const late = `${because}: nothing can cancel it, and it is followed no longer; aws apigateway get-stage says when it is over`;
    if (seconds >= limits.maxFollowSeconds) return over(refuse(evidence, 'still-under-way', late));
    const pause = seconds < SELDOM_AFTER_SECONDS ? OFTEN_SECONDS : SELDOM_SECONDS;
    return { ...wait(evidence, 'in-progress', because, pause), handsBack: true };
  }
  if (flushed.length > 0)
    return {
      ...nothing(
        evidence,
        'flushed',
        `${facts.target} flushed (${ask.caches.filter((cache) => !open.includes(cache)).join(', ')}) for ${ask.by}`,
      ),
      tells: true,
    };
  if (readiness(stage) === 'empty')
    return nothing(evidence, 'cache-empty', `the cache of ${facts.target} is being made: there is nothing in it yet`);
  return nothing(evidence, 'no-cache', `stage ${facts.target} has no cache, nothing to flush${sizeAlone(stage)}`);
}
