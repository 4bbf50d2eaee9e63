/** Facts of a distribution that is asked to be flushed, and what is decided on them. */

import { decide } from '../../../functions/flush-caches/decide.ts';
import type {
  Ask,
  Distribution,
  DistributionFacts,
  FlushLimits,
  Invalidation,
  Progress,
} from '../../../functions/flush-caches/decide/facts.ts';
import type { Decision, Refusal } from '../../../shared/kernel/decision.ts';

const NOW = '2026-11-29T09:01:00.000Z';
export const REFERENCE = 'flush-caches-0123456789abcdef-202611290900-';
const TARGET = 'arn:aws:cloudfront::111122223333:distribution/E1ABCDEFGHIJKL';

/** What the runbook is bounded by, with few paths. */
export const LIMITS: FlushLimits = {
  maxAgeSeconds: 3_600,
  maxTargets: 20,
  cooldownSeconds: 0,
  maxActionsPerWindow: 8,
  windowSeconds: 3_600,
  maxLooks: 10,
  maxWaitSeconds: 18_000,
  maxCalls: 100,
  maxFiles: 3_000,
  maxWildcards: 15,
  maxPaths: 10,
  maxBatchBytes: 120_000,
  maxRefusals: 4,
  maxFollowSeconds: 7_200,
  maxShowSeconds: 600,
  graceSeconds: 10,
  maxRoomSeconds: 7_200,
  maxRebootSeconds: 900,
};

const ASK: Ask = {
  by: 'kim',
  why: 'deploy 812',
  reference: REFERENCE,
  begunAt: '2026-11-29T09:00:00.000Z',
  asked: 2,
  counts: { files: 2, wildcards: 0, tags: 0 },
  isCollapsed: false,
  collapsedPaths: 2,
  widened: 0,
  widenedFirst: [],
};

const SITE: Distribution = {
  id: 'E1ABCDEFGHIJKL',
  tenantOf: null,
  isTagged: true,
  isLeft: false,
  tenants: null,
  isEnabled: true,
  status: 'Deployed',
  hasCacheTags: false,
  notFlushed: [],
  problems: [],
};

const NOTHING_YET: Progress = {
  accepted: [],
  used: [],
  open: ['/a', '/b'],
  openPaths: 2,
  inProgress: { files: 0, wildcards: 0, others: 0, unread: 0 },
  booked: [],
  hidden: [],
  monthPaths: 7,
};

/** An invalidation of this request. */
export function taken(attempt: number, more: Partial<Invalidation> = {}): Invalidation {
  const createdAt = '2026-11-29T09:00:30.000Z';
  return { id: `I${attempt}`, reference: `${REFERENCE}${attempt}`, isCompleted: false, createdAt, paths: 2, ...more };
}

/** All of it has gone, under these invalidations, which are written down. */
export function gone(...accepted: readonly Invalidation[]): Partial<Progress> {
  const booked = accepted.map(({ reference }) => reference);
  return { accepted, booked, used: booked, open: [], openPaths: 0 };
}

/** CloudFront has said no to these paths. */
export function saidNo(paths: readonly string[], meaning: Refusal['meaning'] = 'refused', attempt = 1): Refusal {
  const batch = { CallerReference: `${REFERENCE}${attempt}`, Paths: { Quantity: paths.length, Items: paths } };
  return {
    call: 'cloudfront:CreateInvalidation',
    input: { DistributionId: SITE.id, InvalidationBatch: batch },
    meaning,
    name: meaning === 'refused' ? 'InvalidArgument' : 'TooManyInvalidationsInProgress',
    message: 'no',
    at: '2026-11-29T09:00:55.000Z',
  };
}

interface Change {
  readonly ask?: Partial<Ask> | null;
  readonly distribution?: Partial<Distribution> | null;
  readonly progress?: Partial<Progress>;
  readonly refusals?: readonly Refusal[];
  readonly now?: string;
  readonly history?: DistributionFacts['history'];
  readonly window?: DistributionFacts['window'];
}

/** What is decided. */
export function decided({
  ask = {},
  distribution = {},
  progress,
  refusals = [],
  now = NOW,
  history,
  window = null,
}: Change = {}): Decision {
  const facts: DistributionFacts = {
    kind: 'distribution',
    window,
    target: TARGET,
    ask: ask === null ? null : { ...ASK, ...ask },
    distribution: distribution === null ? null : { ...SITE, ...distribution },
    progress: { ...NOTHING_YET, ...progress },
    history: history ?? { epoch: 0, actions: [], memory: {} },
    refusals,
  };
  return decide(facts, LIMITS, now);
}

/** The calls of a decision's plan, each with what tells it. */
export function planned(decision: Decision): readonly unknown[] {
  if (decision.kind !== 'act') return [];
  return decision.plan.map(({ call, input }) => {
    const batch = input['InvalidationBatch'];
    return call === 'ledger:write' ? [call, input['key']] : [call, batch];
  });
}
