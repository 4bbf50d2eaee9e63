/** What people have at stake where changed objects are flushed by themselves, each with the sentence of the page that promises it. */

import { isRecord } from '../../simulator/engine/json.ts';
import type { Shape } from '../../simulator/engine/model.ts';
import type { SimulationEnd } from '../../simulator/engine/simulation.ts';
import { INVARIANTS } from '../flush-caches/invariants.ts';
import { asShown, cachesIn, changedIn, coveredBy, isMissed, type Changed } from '../flush-caches/changed-keys.ts';
import type { Given, Interest } from '../worlds/interest.ts';
import { named, watching } from '../worlds/looks.ts';

/** An attempt after five minutes, another, and what they wait for; and a bad minute of AWS's. */
const FLUSHED_WITHIN_SECONDS = 1_500;

/** Distributions and tenants. */
function cachesOf(end: SimulationEnd): readonly Shape[] {
  return cachesIn(end.world.regions.get('us-east-1')?.data['cloudfront']);
}

function tagsOf(distribution: Shape): readonly Shape[] {
  const { Tags: tags } = distribution;
  const list: unknown = isRecord(tags) ? tags['Items'] : tags;
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

/** Itself, or the distribution that it is a tenant of. */
function isTagged(cache: Shape, all: readonly Shape[]): boolean {
  const parent = all.find(({ Id: id }) => id === cache['DistributionId']);
  return [cache, ...(parent === undefined ? [] : [parent])].some((each) =>
    tagsOf(each).some(({ Key: key }) => key === 'runbook:flush'),
  );
}

/** A multi-tenant distribution has no cache, a tenant that is disabled is left, and one whose distribution is gone is none. */
function mayBeFlushed(cache: Shape, all: readonly Shape[]): boolean {
  const { DistributionConfig: config, DistributionId: of, Enabled: enabled } = cache;
  if (of === undefined) return !isRecord(config) || config['ConnectionMode'] !== 'tenant-only';
  return enabled !== false && all.some(({ Id: id }) => id === of);
}

/** What was told long enough before the end, and nobody has told of as lost. */
function promised(given: Given): readonly Changed[] {
  return given.case.arrivals
    .filter(({ seconds }) => given.beginMs + (seconds + given.allowing(FLUSHED_WITHIN_SECONDS)) * 1_000 < given.endMs)
    .flatMap(({ event }) => changedIn(event));
}

/** Somebody has said that something is not flushed: then a person knows. */
function isTold({ results }: SimulationEnd): boolean {
  return results.some(
    ({ result: { runbook, outcome, reason } }) =>
      (runbook === 'flush-caches' || runbook === 'receive-requests') &&
      (outcome === 'refused' || (outcome === 'failed' && !reason.startsWith('bad-input'))),
  );
}

const nothingIsLost: Interest = {
  name: 'every-change-is-flushed',
  of: 'flush-caches',
  quotes:
    'What distributions are tagged, whatever the name, and have the bucket for an origin are flushed, each of the paths under which the objects are seen there:',
  end: (end, given) => {
    if (given.case.surroundings.ledgerLost || given.case.surroundings.switched.length > 0 || isTold(end)) return [];
    const all = cachesOf(end);
    return all
      .filter((cache) => isTagged(cache, all) && mayBeFlushed(cache, all))
      .flatMap((cache) => {
        const covered = coveredBy(cache);
        const shown = asShown(cache, all);
        return promised(given)
          .filter((change) => isMissed(shown, covered, change))
          .map(({ bucket, key, at }) => `${bucket}/${key} of ${at} is not flushed at ${String(cache['Id'])}`);
      });
  },
};

const nothingElseIsTouched: Interest = {
  name: 'what-is-not-tagged-is-left-alone',
  of: 'flush-caches',
  quotes: 'Nothing that is tagged so never means all of them.',
  end: (end) => {
    const all = cachesOf(end);
    return all
      .filter((cache) => !isTagged(cache, all) || !mayBeFlushed(cache, all))
      .filter((cache) => JSON.stringify(cache['Invalidations'] ?? []).includes('flush-caches-'))
      .map((cache) => `${String(cache['Id'])} is not tagged or cannot be flushed, and was`);
  },
};

const nobodyIsHeldUp: Interest = {
  name: 'what-is-damaged-holds-nobody-up',
  quotes: 'Neither delays its neighbours: messages about different things are different runs.',
  end: ({ deadLetters }, given) => {
    if (given.case.surroundings.ledgerLost || given.case.surroundings.faults.length > 0) return [];
    return deadLetters
      .filter(({ runbook, event }) => runbook === 'receive-requests' && changedIn(event).length > 0)
      .map(({ error }) => `a sound message came to the dead letters: ${error}`);
  },
};

const nothingForeignIsStarted: Interest = {
  name: 'nothing-is-started-under-a-foreign-name',
  quotes: '`flush-caches` and `redrive-dead-letters` can be asked for so, and nothing else.',
  end: ({ executions }) =>
    executions
      .filter(({ runbook, name }) => runbook !== 'flush-caches' || !/^[\w-]{1,64}$/u.test(name))
      .map(({ runbook, name }) => `${runbook} was started as ${name}`),
};

/** What must hold in every such world. */
export const INTERESTS: readonly Interest[] = [
  nothingIsLost,
  nothingElseIsTouched,
  nobodyIsHeldUp,
  nothingForeignIsStarted,
  {
    name: 'never-over-the-in-progress-limits',
    of: 'flush-caches',
    quotes: '3,000 files and, apart from them, 15 wildcards of a distribution, whoever has asked for them.',
    watch: watching(named(INVARIANTS, 'never-over-the-in-progress-limits'), () => false),
  },
  {
    name: 'no-path-paid-twice',
    of: 'flush-caches',
    quotes: 'So a path is not paid for twice, also where the request comes twice at the same moment.',
    watch: watching(named(INVARIANTS, 'no-path-paid-twice'), () => false),
  },
];
