/** What is decided about tenants, and about multi-tenant distributions, which have no cache. */

import { describe, expect, it } from 'vitest';
import { decided, gone, planned, REFERENCE, saidNo, taken } from './flush-facts.ts';

const TENANT = { id: 'dt_acme', tenantOf: 'E1ABCDEFGHIJKL' };
const IDS = { tenant: 'dt_acme', distribution: 'E1ABCDEFGHIJKL' };
const NAME = 'tenant dt_acme of E1ABCDEFGHIJKL';

describe('a tenant', () => {
  it('is flushed by an invalidation of its own', () => {
    const decision = decided({ distribution: TENANT });
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'flushing',
      because: `flush 2 paths of ${NAME} for kim: it costs 2 paths`,
      evidence: IDS,
      intent: `${NAME} flushed for ${REFERENCE}`,
      plan: [
        {
          call: 'cloudfront:CreateInvalidationForDistributionTenant',
          input: {
            Id: 'dt_acme',
            InvalidationBatch: { CallerReference: `${REFERENCE}1`, Paths: { Quantity: 2, Items: ['/a', '/b'] } },
          },
        },
      ],
    });
  });

  it('has what was taken written down under its own id, and is told as it is called', () => {
    expect(planned(decided({ distribution: TENANT, progress: { ...gone(taken(1)), booked: [] } }))).toEqual([
      ['ledger:write', `2026-11/dt_acme/${REFERENCE}1`],
    ]);
    const done = decided({ distribution: TENANT, progress: gone(taken(1, { isCompleted: true })) });
    expect(done).toMatchObject({ code: 'flushed', because: `2 paths of ${NAME} flushed for kim`, evidence: IDS });
    const waiting = decided({ distribution: TENANT, progress: gone(taken(1)) });
    expect(waiting.because).toBe(`invalidation I1 of ${NAME} is in progress since 2026-11-29T09:00:30.000Z`);
    const late = decided({ distribution: TENANT, progress: gone(taken(1)), now: '2026-11-29T12:00:00.000Z' });
    expect(late.because).toContain('aws cloudfront get-invalidation-for-distribution-tenant says when it is over');
  });

  it('waits where it has no room, whoever has taken it, and goes in halves where a path is refused', () => {
    const inProgress = { files: 3_000, wildcards: 0, others: 1, unread: 0 };
    expect(decided({ distribution: TENANT, progress: { inProgress } })).toMatchObject({
      kind: 'wait',
      code: 'no-room',
    });
    const full = saidNo(['/a', '/b'], 'capacity');
    expect(decided({ distribution: TENANT, refusals: [full] })).toMatchObject({ kind: 'wait', code: 'no-room' });
    const half = decided({ distribution: TENANT, refusals: [saidNo(['/a', '/b'])] });
    expect(half).toMatchObject({
      plan: [{ input: { Id: 'dt_acme', InvalidationBatch: { Paths: { Items: ['/a'] } } } }],
    });
  });

  it('is left where it is disabled, and refused where neither it nor its distribution has the tag', () => {
    expect(decided({ distribution: { ...TENANT, isLeft: true } })).toEqual({
      kind: 'nothing',
      code: 'disabled',
      because: `${NAME} is disabled and serves nobody: it is left, flush it when it is enabled`,
      evidence: IDS,
      tells: true,
    });
    expect(decided({ distribution: { ...TENANT, isLeft: true, isTagged: false } })).toMatchObject({
      kind: 'refuse',
      code: 'not-tagged',
      because: 'neither tenant dt_acme nor its distribution E1ABCDEFGHIJKL has a tag runbook:flush',
    });
  });

  it('keeps cache tags as its distribution does, and is odd by itself', () => {
    const counts = { files: 0, wildcards: 0, tags: 1 };
    expect(decided({ distribution: TENANT, ask: { counts } })).toMatchObject({
      code: 'no-cache-tags',
      because: expect.stringContaining('distribution E1ABCDEFGHIJKL has no CacheTagConfig'),
    });
    expect(decided({ distribution: { ...TENANT, status: 'InProgress' } }).because).toContain(
      'the tenant is InProgress: its last change is on its way',
    );
  });
});

describe('a multi-tenant distribution', () => {
  it('is never sent anything', () => {
    expect(decided({ distribution: { tenants: { found: 0, areMore: false } } })).toEqual({
      kind: 'nothing',
      code: 'no-own-cache',
      because:
        'multi-tenant distribution E1ABCDEFGHIJKL has no cache: its tenants have, and it has 0, which are flushed by themselves',
      evidence: { distribution: 'E1ABCDEFGHIJKL', tenants: 0 },
    });
  });

  it('tells of tenants that are not flushed, for they are too many', () => {
    expect(decided({ distribution: { tenants: { found: 100, areMore: true } } })).toEqual({
      kind: 'refuse',
      code: 'too-many-tenants',
      because:
        'multi-tenant distribution E1ABCDEFGHIJKL has more than 100 tenants: 100 of them are flushed, and nothing of the others: tag those that are meant, or name them',
      evidence: { distribution: 'E1ABCDEFGHIJKL', tenants: 100 },
      attention: true,
    });
  });
});
