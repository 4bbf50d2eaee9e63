/** What is done about one cache of CloudFront, that of a distribution or of a tenant. Pure. */

import { nothing, refuse, wait } from '../../../shared/judgement/decisions.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import type { Act, Decision, Evidence, PlannedCall } from '../../../shared/kernel/decision.ts';
import { nextBatch, refusedAlone } from './batch.ts';
import type { Ask, Distribution, DistributionFacts, FlushLimits } from './facts.ts';
import { booking } from './month.ts';
import { nextReference } from './reference.ts';
import { callerReferenceOf, refusedBatches, roomSaidNo } from './refusals.ts';
import { describe, evidenceOf, idsOf, nameOf, paths as counted, totalOf } from './telling.ts';
import { decideWindow } from './window.ts';

/** A cache that there is, and what is asked of it. */
interface Scene {
  readonly facts: DistributionFacts;
  readonly ask: Ask;
  readonly distribution: Distribution;
  readonly limits: FlushLimits;
  readonly now: string;
  /** Batches that CloudFront has refused for a path in them. */
  readonly refused: readonly (readonly string[])[];
  readonly evidence: Evidence;
}

/** Decides on a distribution, or on a tenant. */
export function decideDistribution(facts: DistributionFacts, limits: FlushLimits, now: string): Decision {
  const { ask, distribution, target, window } = facts;
  if (ask === null && window === null) return leftBehind(facts);
  if (distribution === null) return refuse({ target }, 'no-such-distribution', noneOf(target));
  if (!distribution.isTagged) return notTagged(distribution);
  if (distribution.tenants !== null) return hasNone(distribution, distribution.tenants);
  if (distribution.isLeft) return left(distribution);
  const open = window === null ? undefined : decideWindow(window, idsOf(distribution), limits, now);
  if (open !== undefined) return open;
  if (ask === null) return refuse({ target }, 'nothing-asked', `nothing is asked of ${target}`);
  if (window !== null && totalOf(ask) === 0) return notServed(distribution, ask);
  const refused = refusedBatches(facts.refusals ?? []);
  const evidence = evidenceOf(facts, ask, distribution, refusedAlone(refused));
  const scene = { facts, ask, distribution, limits, now, refused, evidence };
  return mayNot(scene) ?? waitToShow(scene) ?? send(scene) ?? follow(scene);
}

/** A run that died has told nobody; which paths it was about only the request says. */
function leftBehind({ target, history }: DistributionFacts): Decision {
  const because = `a run has begun to flush ${target} and has not come to its end: which of its paths CloudFront has taken it has not told, ask for them again`;
  const note = typeof history === 'object' ? (history.pending?.note ?? {}) : {};
  return { kind: 'refuse', code: 'left-behind', because, evidence: { target, ...note }, attention: true, over: true };
}

function noneOf(target: string): string {
  return `there is no ${target.includes(':distribution-tenant/') ? 'tenant' : 'distribution'} ${target}`;
}

function notTagged(distribution: Distribution): Decision {
  const { id, tenantOf } = distribution;
  const what =
    tenantOf === null ? `distribution ${id} has` : `neither tenant ${id} nor its distribution ${tenantOf} has`;
  return refuse(idsOf(distribution), 'not-tagged', `${what} ${tenantOf === null ? 'no' : 'a'} tag runbook:flush`);
}

/** CloudFront takes no invalidation of a multi-tenant distribution. It stands for its tenants only where not all of them are found with it. */
function hasNone({ id }: Distribution, { found, areMore }: NonNullable<Distribution['tenants']>): Decision {
  const evidence = { distribution: id, tenants: found };
  if (!areMore) {
    const because = `multi-tenant distribution ${id} has no cache: its tenants have, and it has ${found}, which are flushed by themselves`;
    return nothing(evidence, 'no-own-cache', because);
  }
  const because = `multi-tenant distribution ${id} has more than ${found} tenants: ${found} of them are flushed, and nothing of the others: tag those that are meant, or name them`;
  return { kind: 'refuse', code: 'too-many-tenants', because, evidence, attention: true };
}

function left(distribution: Distribution): Decision {
  const because = `${nameOf(distribution)} is disabled and serves nobody: it is left, flush it when it is enabled`;
  // Also where it was disabled while it was flushed: what was taken until then goes on.
  return { ...nothing(idsOf(distribution), 'disabled', because), tells: true };
}

/** Of what has changed nothing is seen there: another origin answers, or it lies beside the origin's path. */
function notServed(distribution: Distribution, { by, why, asked }: Ask): Decision {
  const evidence = { ...idsOf(distribution), by, why, asked };
  const because = `none of the ${asked} changed objects is seen at ${nameOf(distribution)}`;
  return { ...nothing(evidence, 'not-served', because), tells: true };
}

/** What is not asked of CloudFront at all. */
function mayNot({ ask, distribution, limits, evidence }: Scene): Decision | undefined {
  const { tags } = ask.counts;
  if (tags > 0 && !distribution.hasCacheTags)
    return refuse(
      evidence,
      'no-cache-tags',
      `distribution ${distribution.tenantOf ?? distribution.id} has no CacheTagConfig, so that nothing is cached under a tag: say paths`,
    );
  const paths = totalOf(ask);
  if (paths <= limits.maxPaths) return undefined;
  const because = `${paths} paths are more than the ${limits.maxPaths} of one request: with collapse they are ${ask.collapsedPaths}, or say a wildcard`;
  return refuse(evidence, 'too-many-paths', because);
}

/** What shows soon is looked for this often. */
const SHOWS_SECONDS = 5;

/** CloudFront has taken an invalidation, and does not list it yet: what is in it must not be sent again. */
function waitToShow({ facts, distribution, limits, now, evidence }: Scene): Decision | undefined {
  const [oldest, ...others] = facts.progress.hidden;
  if (oldest === undefined) return undefined;
  const names = [oldest, ...others].map(({ reference }) => reference).join(', ');
  const because = `CloudFront has taken ${names} at ${nameOf(distribution)}, and does not list it yet`;
  if (secondsSince(oldest.at, now) < limits.maxShowSeconds)
    return wait(evidence, 'not-shown-yet', because, SHOWS_SECONDS);
  const late = `${because}: what is in it is not sent again, ask for it with another reason`;
  return { ...refuse(evidence, 'never-shown', late), over: true };
}

/** What is written down, and what goes next; `undefined`: everything has gone that can. */
function send(scene: Scene): Decision | undefined {
  const { facts, ask, distribution, limits, refused } = scene;
  const { accepted, booked, used, open, inProgress } = facts.progress;
  const bookings = accepted
    .filter(({ reference }) => !booked.includes(reference))
    .map((invalidation) => booking(distribution, ask, invalidation));
  const isOpen = isAnythingOpen(scene);
  if (isOpen && refused.length >= limits.maxRefusals) return { ...tooManyRefused(scene), over: true };
  const room = {
    files: limits.maxFiles - inProgress.files,
    wildcards: limits.maxWildcards - inProgress.wildcards,
    bytes: limits.maxBatchBytes,
  };
  const full = isOpen ? roomSaidNo(facts.refusals ?? [], scene.now) : undefined;
  const batch = isOpen && full === undefined ? nextBatch(open, room, refused) : [];
  const calls =
    batch.length === 0 ? [] : [creation(scene, batch, nextReference(ask.reference, [...used, ...usedIn(facts)]))];
  const plan = [...bookings, ...calls];
  if (plan.length > 0) return flush(scene, plan);
  return isOpen ? waitForRoom(scene, full) : undefined;
}

function isAnythingOpen({ facts, refused }: Scene): boolean {
  const alone = new Set(refusedAlone(refused));
  const { open, openPaths } = facts.progress;
  return openPaths > open.length || open.some((item) => !alone.has(item));
}

/** A reference that CloudFront has refused is not tried again: whether it counts as used is not documented. */
function usedIn({ refusals = [] }: DistributionFacts): readonly string[] {
  return refusals.filter(({ meaning }) => meaning === 'refused').map(({ input }) => callerReferenceOf(input));
}

function creation({ ask, distribution }: Scene, items: readonly string[], reference: string): PlannedCall {
  const { id, tenantOf } = distribution;
  const InvalidationBatch = { CallerReference: reference, Paths: { Quantity: items.length, Items: items } };
  const sent =
    tenantOf === null
      ? { call: 'cloudfront:CreateInvalidation', input: { DistributionId: id, InvalidationBatch } }
      : { call: 'cloudfront:CreateInvalidationForDistributionTenant', input: { Id: id, InvalidationBatch } };
  return {
    ...sent,
    because: `${counted(items.length)} for ${ask.by}: ${ask.why === '' ? 'no reason was given' : ask.why}`,
  };
}

function flush({ ask, distribution, evidence, facts }: Scene, plan: readonly PlannedCall[]): Act {
  const { openPaths } = facts.progress;
  return {
    kind: 'act',
    code: 'flushing',
    because: describe(ask, distribution, openPaths),
    evidence,
    plan,
    intent: `${nameOf(distribution)} flushed for ${ask.reference}`,
    note: { by: ask.by, why: ask.why, paths: openPaths },
    // Frequent deployments are everyday, and CloudFront's own limits bound them.
    budget: 'free',
    more: true,
  };
}

/** How often it is looked whether there is room. */
const ROOM_SECONDS = 20;

function waitForRoom(scene: Scene, full: number | undefined): Decision {
  const { facts, ask, distribution, limits, now, evidence } = scene;
  const { inProgress, openPaths } = facts.progress;
  const { files, wildcards } = inProgress;
  const because = `${counted(openPaths)} cannot go yet: at ${nameOf(distribution)} ${files} files and ${wildcards} wildcards are in progress, and CloudFront takes ${limits.maxFiles} and ${limits.maxWildcards}`;
  if (secondsSince(ask.begunAt, now) >= limits.maxRoomSeconds) {
    const late = `${because}; nothing has become free for ${limits.maxRoomSeconds} s: ask for them again`;
    return { ...refuse(evidence, 'no-room', late), over: true };
  }
  return { ...wait(evidence, 'no-room', because, full ?? ROOM_SECONDS), handsBack: true };
}

function tooManyRefused({ distribution, limits, evidence, facts }: Scene): Extract<Decision, { kind: 'refuse' }> {
  const because = `CloudFront has refused ${limits.maxRefusals} batches at ${nameOf(distribution)}: ${counted(facts.progress.openPaths)} not flushed, look at them`;
  return { kind: 'refuse', code: 'too-many-refused', because, evidence, attention: true };
}

/** Invalidations take about a minute, and now and then a quarter of an hour: at first it is looked often, later it costs too much. */
const [OFTEN_SECONDS, SELDOM_SECONDS, SELDOM_AFTER_SECONDS] = [15, 60, 120];

/** Everything has gone: it is done when CloudFront says so. */
function follow({ facts, ask, distribution, limits, now, refused, evidence }: Scene): Decision {
  const { accepted } = facts.progress;
  const id = nameOf(distribution);
  const [oldest] = accepted.filter(({ isCompleted }) => !isCompleted);
  const alone = refusedAlone(refused);
  if (oldest !== undefined) {
    const seconds = secondsSince(oldest.createdAt, now);
    const because = `invalidation ${oldest.id} of ${id} is in progress since ${oldest.createdAt}`;
    if (seconds >= limits.maxFollowSeconds) {
      const late = `${because}: nothing can cancel it, and it is followed no longer; aws cloudfront get-invalidation${distribution.tenantOf === null ? '' : '-for-distribution-tenant'} says when it is over`;
      return { ...refuse(evidence, 'still-under-way', late), over: true };
    }
    const pause = seconds < SELDOM_AFTER_SECONDS ? OFTEN_SECONDS : SELDOM_SECONDS;
    return { ...wait(evidence, 'in-progress', because, pause), handsBack: true };
  }
  const paths = accepted.reduce((sum, each) => sum + each.paths, 0);
  const flushed = `${counted(paths)} of ${id} flushed`;
  const metrics = { PathsInvalidated: paths };
  if (accepted.length === 0 && facts.window !== null && alone.length === 0) {
    const since = `${counted(totalOf(ask))} of ${id}: invalidated since what they stand for changed, so that nothing is paid for twice`;
    return { ...nothing(evidence, 'flushed-before', since), tells: true };
  }
  if (alone.length === 0) return { ...nothing(evidence, 'flushed', `${flushed} for ${ask.by}`), metrics, tells: true };
  const because = `CloudFront does not take ${alone.join(', ')}; ${flushed}`;
  if (accepted.length === 0) return { ...refuse(evidence, 'path-refused', because), over: true };
  return { ...nothing(evidence, 'path-refused', because), metrics, tells: true, attention: true };
}
