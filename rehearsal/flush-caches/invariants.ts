/** What must hold at every moment of a run of flush-caches. */

import type { RunResult } from '../../shared/kernel/report/result.ts';
import { CLUSTER_INVARIANTS } from './cluster-invariants.ts';
import { isRecord } from '../../simulator/engine/json.ts';
import { asShown, cachesIn, coveredBy, isMissed, promisedIn, type Promised } from './changed-keys.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';
import type { Invocation, Watcher } from '../../simulator/engine/run-types.ts';
import { STAGE_INVARIANTS } from './stage-invariants.ts';

type Invoked = Pick<Invocation, 'runbook' | 'event' | 'startedAt'>;

/** Distributions and tenants. They are in us-east-1, wherever the function is; asking makes none. */
function caches({ regions }: World): readonly Shape[] {
  return [...regions.values()].flatMap(({ data: { cloudfront } }) => cachesIn(cloudfront));
}

/** The cache that a run was about. */
function cacheOf(target: string, world: World): Shape | undefined {
  return caches(world).find(({ ARN: arn, Arn: other }) => (arn ?? other) === target);
}

function recordsIn(holder: unknown, member: string): readonly Shape[] {
  const list: unknown = isRecord(holder) ? holder[member] : undefined;
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

function textsIn(holder: unknown, member: string): readonly string[] {
  const list: unknown = isRecord(holder) ? holder[member] : undefined;
  return Array.isArray(list) ? list.map(String) : [];
}

function batchOf(invalidation: Shape): Shape {
  const { InvalidationBatch: batch } = invalidation;
  return isRecord(batch) ? batch : {};
}

function itemsOf(invalidation: Shape): readonly string[] {
  return textsIn(batchOf(invalidation)['Paths'], 'Items');
}

function isWildcard(item: string): boolean {
  return item.startsWith('/') && item.endsWith('*');
}

/** Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/InvalidationLimits.html. */
const [MOST_FILES, MOST_WILDCARDS] = [3_000, 15];

const neverOverTheLimits: Watcher = {
  name: 'never-over-the-in-progress-limits',
  check: (world) => {
    const over = caches(world).flatMap((cache) => {
      const items = recordsIn(cache, 'Invalidations')
        .filter(({ Status: status }) => status === 'InProgress')
        .flatMap(itemsOf);
      const wildcards = items.filter(isWildcard).length;
      const files = items.length - wildcards;
      const isOver = wildcards > MOST_WILDCARDS || files > MOST_FILES;
      return isOver ? [`${String(cache['Id'])}: ${files} files and ${wildcards} wildcards`] : [];
    });
    return over.length === 0 ? undefined : `${over.join(', ')} are in progress`;
  },
};

/** A request by hand. */
interface Request {
  readonly paths: readonly string[];
  readonly by: unknown;
  readonly why: unknown;
  /** When a function was given it first. */
  readonly at: string;
}

/** Requests by hand, each once however often it was delivered. */
function requestsIn(invoked: readonly Invoked[]): readonly Request[] {
  const found = new Map<string, Request>();
  for (const { runbook, event, startedAt } of invoked) {
    if (runbook !== 'flush-caches' || !isRecord(event) || !isRecord(event['params'])) continue;
    const words = JSON.stringify(event);
    if (found.has(words)) continue;
    const { params, requestedBy: by, reason: why } = event;
    const tags = textsIn(params, 'cacheTags').map((tag) => `#${tag.toLowerCase()}`);
    found.set(words, { paths: [...textsIn(params, 'paths'), ...tags], by, why, at: startedAt });
  }
  return [...found.values()];
}

/** An escape and what it stands for are the same object. */
function decoded(item: string): string {
  try {
    return decodeURI(item);
  } catch {
    return item;
  }
}

function covers(item: string, path: string): boolean {
  if (isWildcard(item)) return decoded(path).startsWith(decoded(item.slice(0, -1)));
  return decoded(item) === decoded(path);
}

/** What of a request was told as done, and is in no invalidation that was made since, nor told as refused. */
function missedBy({ evidence, target = '' }: RunResult, { paths, at }: Request, world: World): readonly string[] {
  const items = recordsIn(cacheOf(target, world), 'Invalidations')
    .filter(({ CreateTime: created }) => String(created) >= at)
    .flatMap(itemsOf);
  const wildcards = items.filter(isWildcard);
  const known = new Set([...items, ...textsIn(evidence, 'refused')].map(decoded));
  return paths.filter((path) => !known.has(decoded(path)) && !wildcards.some((item) => covers(item, path)));
}

/** What was collected and is told as flushed where it is seen, and is in no invalidation that was made since. */
function keysMissed(promised: readonly Promised[], told: readonly RunResult[], world: World): readonly string[] {
  return promised.flatMap(({ words, changes }) =>
    told
      .filter(({ runbook, outcome, evidence }) => {
        const { why } = evidence;
        const isOf = typeof why === 'string' && why.endsWith(words);
        return runbook === 'flush-caches' && outcome === 'done' && isOf && evidence['refused'] === undefined;
      })
      .flatMap(({ target = '' }) => {
        const cache = cacheOf(target, world);
        if (cache === undefined) return [];
        const covered = coveredBy(cache);
        const shown = asShown(cache, caches(world));
        return changes.filter((change) => isMissed(shown, covered, change));
      })
      .map(({ key }) => key),
  );
}

/** So long after its end a window is flushed, told as refused, or told as failed: three attempts, and what lies between. */
const FLUSHED_WITHIN_MS = 30 * 60_000;

/** Windows that were promised, and of which nobody has told since what became of them. */
function windowsForgotten(promised: readonly Promised[], told: readonly RunResult[]): readonly Promised[] {
  const ends = told
    .filter(({ runbook }) => runbook === 'flush-caches')
    .map(({ phases }) => phases.at(-1)?.endedAt ?? '');
  return promised.filter(({ to }) => !ends.some((at) => at > to));
}

const everyKeyInvalidated: Watcher = {
  name: 'every-changed-key-invalidated',
  check: (world, memory, told = [], _sent = [], invoked = []) => {
    const seen = Number(memory['told'] ?? 0);
    memory['told'] = told.length;
    if (told.length > seen) {
      const promised = promisedIn(told, invoked);
      const keys = keysMissed(promised, told, world);
      if (keys.length > 0)
        return `${keys.slice(0, 5).join(', ')}: collected and told as flushed, and not invalidated since`;
      memory['open'] = windowsForgotten(promised, told).map(({ to }) => to);
    }
    const open = Array.isArray(memory['open']) ? memory['open'].map(String) : [];
    const late = open.find((to) => world.clock.now() - Date.parse(to) > FLUSHED_WITHIN_MS);
    if (late !== undefined) return `what was collected until ${late} nobody has flushed`;
    const news = told.slice(seen).filter(({ runbook, outcome }) => runbook === 'flush-caches' && outcome === 'done');
    // A run has many steps, and few tell something.
    if (news.length === 0) return undefined;
    const requests = requestsIn(invoked);
    const missed = news.flatMap((result) => {
      const own = requests.filter(({ by, why }) => result.evidence['by'] === by && result.evidence['why'] === why);
      return own.flatMap((request) => missedBy(result, request, world));
    });
    return missed.length === 0
      ? undefined
      : `${missed.slice(0, 5).join(', ')}: told as done, and not invalidated since`;
  },
};

/** So long the same words are one request. */
const SAME_REQUEST_MS = 120_000;

const noPathPaidTwice: Watcher = {
  name: 'no-path-paid-twice',
  check: (world, memory) => {
    // An invalidation does not change what it is of, and none goes away: where none came there is nothing new.
    const all = caches(world);
    const made = all.reduce((sum, cache) => sum + recordsIn(cache, 'Invalidations').length, 0);
    if (made === memory['made']) return undefined;
    memory['made'] = made;
    const twice = all.flatMap((cache) => {
      const paid = new Map<string, number>();
      return recordsIn(cache, 'Invalidations').flatMap((invalidation) => {
        const words = String(batchOf(invalidation)['CallerReference']).replace(/[0-9]+-[0-9]+$/u, '');
        if (!words.startsWith('flush-caches-')) return [];
        const createdMs = Date.parse(String(invalidation['CreateTime']));
        return itemsOf(invalidation).filter((item) => {
          const before = paid.get(words + item);
          paid.set(words + item, createdMs);
          return before !== undefined && createdMs - before <= SAME_REQUEST_MS;
        });
      });
    });
    return twice.length === 0 ? undefined : `${twice.slice(0, 5).join(', ')}: paid for twice for the same request`;
  },
};

export const INVARIANTS: readonly Watcher[] = [
  neverOverTheLimits,
  everyKeyInvalidated,
  noPathPaidTwice,
  ...STAGE_INVARIANTS,
  ...CLUSTER_INVARIANTS,
];
