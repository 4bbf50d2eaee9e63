/** What people are told of a request: how many paths, what they cost, what is not flushed with them. Pure. */

import type { Evidence } from '../../../shared/kernel/decision.ts';
import type { Ask, CacheName, Distribution, DistributionFacts } from './facts.ts';

/** `1 path`, `2 paths`. */
export function paths(count: number): string {
  return count === 1 ? '1 path' : `${count} paths`;
}

/** How many paths and cache tags are asked for. */
export function totalOf({ counts: { files, wildcards, tags } }: Ask): number {
  return files + wildcards + tags;
}

/** `E1…`, or `tenant dt_… of E1…`. */
export function nameOf({ id, tenantOf }: CacheName): string {
  return tenantOf === null ? id : `tenant ${id} of ${tenantOf}`;
}

/** By what it is found in a record. */
export function idsOf({ id, tenantOf }: CacheName): Evidence {
  return tenantOf === null ? { distribution: id } : { tenant: id, distribution: tenantOf };
}

/** What is wrong with the distribution, or beside it. */
function oddities({ tenantOf, isEnabled, status, notFlushed, problems }: Distribution): readonly string[] {
  return [
    ...(isEnabled ? [] : ['the distribution is disabled: nobody is served by it']),
    ...(status === null || status === 'Deployed'
      ? []
      : [`the ${tenantOf === null ? 'distribution' : 'tenant'} is ${status}: its last change is on its way`]),
    ...notFlushed.map((each) => `not flushed: ${each}`),
    ...problems,
  ];
}

/** How many paths it costs, and how many it would with wildcards. */
function cost(ask: Ask): string {
  const total = totalOf(ask);
  if (ask.isCollapsed) return `it costs ${paths(total)}, collapsed out of ${ask.asked}`;
  if (ask.collapsedPaths >= total) return `it costs ${paths(total)}`;
  return `it costs ${paths(total)}; collapsed ("collapse": true) it would be ${ask.collapsedPaths}`;
}

/** What is recorded with each decision. */
export function evidenceOf(
  { progress }: DistributionFacts,
  ask: Ask,
  distribution: Distribution,
  refused: readonly string[],
): Evidence {
  const { accepted, inProgress, openPaths, monthPaths } = progress;
  const odd = oddities(distribution);
  return {
    ...idsOf(distribution),
    by: ask.by,
    why: ask.why,
    asked: ask.asked,
    paths: totalOf(ask),
    ...ask.counts,
    cost: cost(ask),
    thisMonthByUs: monthPaths,
    open: openPaths,
    inProgress,
    ...(accepted.length === 0 ? {} : { invalidations: accepted }),
    ...(ask.widened === 0 ? {} : { widened: ask.widened, widenedFirst: ask.widenedFirst }),
    ...(odd.length === 0 ? {} : { said: odd }),
    ...(refused.length === 0 ? {} : { refused }),
  };
}

/** Says what is to be done in one sentence. */
export function describe(ask: Ask, distribution: Distribution, open: number): string {
  const wide =
    ask.widened === 0 ? '' : `; ${ask.widened} of them cannot be named, and the narrowest wildcard goes instead`;
  const odd = oddities(distribution).map((each) => `; ${each}`);
  return `flush ${paths(open)} of ${nameOf(distribution)} for ${ask.by}: ${cost(ask)}${wide}${odd.join('')}`;
}
