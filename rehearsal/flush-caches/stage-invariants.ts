/** What must hold at every moment of a run of flush-caches at stages of API Gateway. */

import type { RunResult } from '../../shared/kernel/report/result.ts';
import { isRecord } from '../../simulator/engine/json.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';
import type { Invocation, Watcher } from '../../simulator/engine/run-types.ts';
import { parseDuration } from '../../simulator/world/duration.ts';

function stages({ regions }: World): readonly Shape[] {
  return [...regions.values()].flatMap((world) => world.data['api-gateway']?.['Stages'] ?? []);
}

function nameOf({ restApiId, stageName }: Shape): string {
  return `/restapis/${String(restApiId)}/stages/${String(stageName)}`;
}

/** When what was flushed of a stage, oldest first. */
function flushesOf(stage: Shape | undefined, of: string): readonly string[] {
  const flushes: unknown = stage?.['Flushes'];
  if (!Array.isArray(flushes)) return [];
  return flushes.flatMap((flush: unknown) => (isRecord(flush) && flush['Of'] === of ? [String(flush['At'])] : []));
}

/** How long a flush takes at least, whatever the world says not. */
const TAKES_MS = 30_000;

const neverTwoAtOnce: Watcher = {
  name: 'never-two-flushes-of-a-stage-at-once',
  check: (world) => {
    const twice = stages(world).filter((stage) => {
      const takesMs = parseDuration(String(stage['FlushTakes'])) ?? TAKES_MS;
      const times = flushesOf(stage, 'data').map((at) => Date.parse(at));
      return times.some((at, index) => at - (times[index - 1] ?? -Infinity) < takesMs);
    });
    return twice.length === 0 ? undefined : `${twice.map(nameOf).join(', ')}: flushed while a flush was under way`;
  },
};

const noneUntagged: Watcher = {
  name: 'no-untagged-stage-flushed',
  check: (world) => {
    const flushed = stages(world).filter(({ tags, Flushes: flushes }) => {
      const isTagged = isRecord(tags) && tags['runbook:flush'] !== undefined;
      return !isTagged && Array.isArray(flushes) && flushes.length > 0;
    });
    return flushed.length === 0 ? undefined : `${flushed.map(nameOf).join(', ')}: flushed without a tag`;
  },
};

/** When a function was first given the request that a result is about; later than everything where it was given none. */
function askedAt({ evidence }: RunResult, invoked: readonly Pick<Invocation, 'event' | 'startedAt'>[]): string {
  const times = invoked.flatMap(({ event, startedAt }) =>
    isRecord(event) && event['requestedBy'] === evidence['by'] && event['reason'] === evidence['why']
      ? [startedAt]
      : [],
  );
  return times.toSorted()[0] ?? '~';
}

/** What of a result that is told as done was not flushed since the request. */
function missedBy(result: RunResult, at: string, world: World): readonly string[] {
  const { evidence, target = '' } = result;
  const stage = stages(world).find((one) => target.endsWith(nameOf(one)));
  const whole: unknown = evidence['whole'];
  if (stage === undefined || !Array.isArray(whole)) return [];
  const asked = whole.filter((cache) => cache === 'authorizers' || stage['cacheClusterEnabled'] === true);
  return asked
    .filter((cache) => !flushesOf(stage, cache === 'stage' ? 'data' : 'authorizers').some((time) => time >= at))
    .map((cache) => `${target} (${String(cache)})`);
}

const everyFlushed: Watcher = {
  name: 'every-asked-stage-flushed-since',
  check: (world, memory, told = [], _sent = [], invoked = []) => {
    const seen = Number(memory['told'] ?? 0);
    memory['told'] = told.length;
    const missed = told
      .slice(seen)
      .filter(({ runbook, outcome }) => runbook === 'flush-caches' && outcome === 'done')
      .flatMap((result) => missedBy(result, askedAt(result, invoked), world));
    return missed.length === 0
      ? undefined
      : `${missed.join(', ')}: told as done, and not flushed since it was asked for`;
  },
};

export const STAGE_INVARIANTS: readonly Watcher[] = [neverTwoAtOnce, noneUntagged, everyFlushed];
