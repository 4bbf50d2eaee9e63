/** What is watched while caches are flushed: that each watcher notices what it is there for, and nothing else. */

import { describe, expect, it } from 'vitest';
import { INVARIANTS } from '../../../rehearsal/invariants.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { RunResult } from '../../../shared/kernel/report/result.ts';
import { staged } from '../watching.ts';

const TARGET = 'arn:aws:cloudfront::111122223333:distribution/E1ABCDEFGHIJKL';
const TENANT = 'arn:aws:cloudfront::111122223333:distribution-tenant/dt_acme';
const BEGUN = '2026-11-22T08:00:00.000Z';

function invalidation(items: readonly string[], at = BEGUN, reference = 'flush-caches-abc-202611220800-1'): object {
  const batch = { CallerReference: reference, Paths: { Items: items } };
  return { Id: `I${reference}`, CreateTime: at, CompletesAt: '2026-11-22T12:00:00Z', InvalidationBatch: batch };
}

interface Scene {
  readonly invalidations: readonly object[];
  /** They are those of a tenant, and the run was about that. */
  readonly isOfTenant?: boolean;
  readonly params?: object;
  readonly evidence?: JsonObject;
}

function frontOf({ invalidations, isOfTenant = false }: Scene): object {
  const parent = { Id: 'E1ABCDEFGHIJKL', DistributionConfig: isOfTenant ? { ConnectionMode: 'tenant-only' } : {} };
  if (!isOfTenant) return { Distributions: [{ ...parent, Invalidations: invalidations }] };
  const tenant = { Id: 'dt_acme', DistributionId: parent.Id, Invalidations: invalidations };
  return { Distributions: [parent], DistributionTenants: [tenant] };
}

function found(name: string, scene: Scene): string | undefined {
  const { params = {}, evidence = {}, isOfTenant = false } = scene;
  const { world } = staged({ region: 'us-east-1', cloudfront: frontOf(scene) });
  const told: RunResult = {
    runbook: 'flush-caches',
    run: 'run-1',
    target: isOfTenant ? TENANT : TARGET,
    outcome: 'done',
    reason: 'flushed: so it is',
    evidence: { by: 'kim', why: 'deploy', ...evidence },
    plan: [],
    phases: [],
  };
  const event = { runbook: 'flush-caches', target: 'site', params, reason: 'deploy', requestedBy: 'kim' };
  const invoked = [BEGUN, '2026-11-22T08:00:30.000Z'].map((startedAt) => ({
    runbook: 'flush-caches',
    event,
    startedAt,
  }));
  // A world file knows a distribution's invalidations once its services have begun.
  for (const model of world.services) model.start?.(world);
  return INVARIANTS[name]?.check(world, {}, [told], [], invoked);
}

describe('every-changed-key-invalidated', () => {
  const name = 'every-changed-key-invalidated';

  it('holds for what is named, escaped, covered, tagged or told as refused', () => {
    const params = { paths: ['/a b', '/c/d', '/e', '/ü'], cacheTags: ['Tag'] };
    const invalidations = [invalidation(['/a%20b', '/c/*', '#tag', '/%C3%BC'])];
    expect(found(name, { invalidations, params, evidence: { refused: ['/e'] } })).toBeUndefined();
    expect(found(name, { invalidations, params })).toBe('/e: told as done, and not invalidated since');
  });

  it('is held by each tenant for itself', () => {
    const params = { paths: ['/a', '/b'] };
    const invalidations = [invalidation(['/a'])];
    expect(found(name, { invalidations, params, isOfTenant: true })).toBe(
      '/b: told as done, and not invalidated since',
    );
    expect(found(name, { invalidations: [invalidation(['/*'])], params, isOfTenant: true })).toBeUndefined();
  });

  it('is broken by what was invalidated before the request', () => {
    const before = [invalidation(['/a'], '2026-11-22T07:59:59.000Z')];
    expect(found(name, { invalidations: before, params: { paths: ['/a'] } })).toBe(
      '/a: told as done, and not invalidated since',
    );
  });
});

describe('never-over-the-in-progress-limits', () => {
  const name = 'never-over-the-in-progress-limits';
  const wildcards = Array.from({ length: 16 }, (_none, index) => `/${index}/*`);
  const files = Array.from({ length: 3_001 }, (_none, index) => `/${index}`);

  it('holds at the limits, each apart', () => {
    expect(found(name, { invalidations: [invalidation([...wildcards.slice(1), ...files.slice(1)])] })).toBeUndefined();
  });

  it('is broken by one more of either', () => {
    expect(found(name, { invalidations: [invalidation(wildcards)] })).toBe(
      'E1ABCDEFGHIJKL: 0 files and 16 wildcards are in progress',
    );
    expect(found(name, { invalidations: [invalidation(files)] })).toMatch(/3001 files and 0 wildcards/u);
  });
});

describe('no-path-paid-twice', () => {
  const name = 'no-path-paid-twice';
  const again = (at: string, reference: string) => [invalidation(['/a', '/b']), invalidation(['/b'], at, reference)];

  it('is broken by a path in two invalidations of a request', () => {
    expect(found(name, { invalidations: again('2026-11-22T08:01:00.000Z', 'flush-caches-abc-202611220800-2') })).toBe(
      '/b: paid for twice for the same request',
    );
  });

  it('holds for other words, other people, and what is meant anew', () => {
    const soon = '2026-11-22T08:01:00.000Z';
    expect(found(name, { invalidations: again(soon, 'flush-caches-other-202611220800-1') })).toBeUndefined();
    expect(found(name, { invalidations: again(soon, 'somebody') })).toBeUndefined();
    expect(
      found(name, { invalidations: again('2026-11-22T08:02:01.000Z', 'flush-caches-abc-202611220800-2') }),
    ).toBeUndefined();
  });
});
