/** What is read of distributions and their invalidations, and sent, on the simulated AWS. */

import { describe, expect, it } from 'vitest';
import { apply, locate, observe, ofPerson, TICK, verify, type Request } from '../../../functions/flush-caches/aws.ts';
import { createInvalidation } from '../../../functions/flush-caches/aws/invalidations.ts';
import { referenceOf } from '../../../functions/flush-caches/decide.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { errorName } from '../../../shared/kernel/errors.ts';
import { openData } from '../../../shared/kernel/ledger/data.ts';
import { inFunction } from '../in-a-function.ts';

const [SITE, TWIN, OTHER] = ['E1ABCDEFGHIJKL', 'E2ABCDEFGHIJKL', 'E3ABCDEFGHIJKL'];
const ARN = 'arn:aws:cloudfront::111122223333:distribution/';

function tagged(value: string): object[] {
  return [{ Key: 'runbook:flush', Value: value }];
}

function invalidation(id: string, items: readonly string[], more: object = {}): object {
  const batch = { CallerReference: `theirs-${id}`, Paths: { Items: items } };
  return {
    Id: id,
    CreateTime: '2026-11-29T08:59:00Z',
    CompletesAt: '2026-11-29T12:00:00Z',
    InvalidationBatch: batch,
    ...more,
  };
}

const MANY = Array.from({ length: 120 }, (_none, index) =>
  invalidation(`I${index}`, [`/theirs/${index}`, `/w${index}/*`]),
);

function worldOf(more: object = {}): object {
  return {
    now: '2026-11-29T09:00:00Z',
    account: '111122223333',
    region: 'eu-west-1',
    cloudfront: {
      Distributions: [
        { Id: SITE, DistributionConfig: { ContinuousDeploymentPolicyId: 'policy-1' }, Tags: tagged('site'), ...more },
        { Id: TWIN, DistributionConfig: { Staging: true }, Tags: tagged('site') },
        {
          Id: OTHER,
          DistributionConfig: {
            Enabled: false,
            ConnectionMode: 'tenant-only',
            CacheTagConfig: { HeaderName: 'x-tag' },
          },
          Tags: [{ Key: 'team', Value: 'web' }],
        },
      ],
    },
  };
}

function asked(target: string, ...paths: readonly string[]): Request {
  return ofPerson(
    { paths: paths.length === 0 ? ['/a', '/b'] : paths },
    { kind: 'request', id: 'request:0123456789abcdef01', runbook: 'flush-caches', params: {}, dryRun: false, target },
  );
}

async function inWorld<T>(work: (io: Io) => Promise<T>, more: object = {}): Promise<T> {
  const { value, thrown } = await inFunction(worldOf(more), work);
  if (value === undefined) throw thrown;
  return value;
}

/** A distribution as it is seen. */
async function observed(target: string, request: Request, io: Io) {
  const seen = await observe(target, request, io);
  if (seen.kind !== 'distribution') throw new Error(`${target} is seen as a ${seen.kind}`);
  return seen;
}

function create(items: readonly string[], reference: string) {
  const Paths = { Quantity: items.length, Items: [...items] };
  return { DistributionId: SITE, InvalidationBatch: { CallerReference: reference, Paths } };
}

describe('targets', () => {
  it('are all that have the name, or the one of an id; none of another account, and none of a tick', async () => {
    const targets = (request: Request) =>
      inWorld(async (io) => (await locate(request, io)).map(({ target }) => target.replace(ARN, '')));
    expect(await targets(asked('site'))).toEqual([SITE, TWIN]);
    expect(await targets(asked('nobody'))).toEqual([]);
    expect(await targets(asked(OTHER))).toEqual([OTHER]);
    expect(await targets(asked(`${ARN}${OTHER}`))).toEqual([OTHER]);
    expect(await targets(asked(`arn:aws:cloudfront::999999999999:distribution/${OTHER}`))).toEqual([]);
    expect(await targets(TICK)).toEqual([]);
  });
});

describe('a distribution', () => {
  const seen = (id: string, request: Request, more: object = {}) =>
    inWorld((io) => observed(`${ARN}${id}`, request, io), more);

  it('is read with what is asked of it, and with nothing that may not be', async () => {
    expect(await seen(OTHER, asked(OTHER))).toMatchObject({
      distribution: {
        id: OTHER,
        isTagged: false,
        isEnabled: false,
        hasCacheTags: true,
        notFlushed: [],
        tenants: { found: 0, areMore: false },
      },
      progress: { open: [], openPaths: 0 },
    });
    expect(await seen('E0000000000000', asked('E0000000000000'))).toMatchObject({ distribution: null });
    expect(await seen(SITE, TICK)).toMatchObject({ ask: null, distribution: null });
    await expect(inWorld((io) => observe('arn:aws:s3:::bucket', asked('site'), io))).rejects.toThrow(
      'is no cache that is known here',
    );
  });

  it('has a staging distribution beside it, or that is said', async () => {
    expect(await seen(SITE, asked('site'))).toMatchObject({ distribution: { notFlushed: [] } });
    expect(await seen(SITE, asked(SITE))).toMatchObject({
      distribution: {
        notFlushed: [expect.stringMatching(/^the staging distribution of continuous deployment policy policy-1,/u)],
      },
    });
    expect(await seen(TWIN, asked(TWIN))).toMatchObject({ distribution: { notFlushed: [] } });
  });

  it('is there, whatever has become of another that the tagging API shows', async () => {
    const told = new Set<string>();
    for (let hundredths = 1; hundredths <= 40; hundredths += 1) {
      const script = [{ after: `PT${hundredths / 100}S`, set: { [`cloudfront/Distributions/${TWIN}`]: null } }];
      const look = (io: Io) => observed(`${ARN}${SITE}`, asked('site'), io);
      const { value, requests } = await inFunction({ ...worldOf(), script }, look);
      const isBetween = requests.some(({ error }) => error === 'NoSuchDistribution');
      if (isBetween) told.add(value?.distribution?.notFlushed[0]?.slice(0, 24) ?? 'nothing');
    }
    // It went between the list and the look at it.
    expect([...told]).toEqual(['the staging distribution']);
  });

  it('has invalidations of others in progress, of which a hundred are read', async () => {
    expect(await seen(SITE, asked('site'), { Invalidations: MANY.slice(0, 2) })).toMatchObject({
      progress: { open: ['/a', '/b'], openPaths: 2, inProgress: { files: 2, wildcards: 2, others: 2, unread: 0 } },
    });
    expect(await seen(SITE, asked('site'), { Invalidations: MANY })).toMatchObject({
      progress: { inProgress: { files: 120, wildcards: 100, others: 120, unread: 20 } },
    });
  });

  it('is asked for so much as a step can keep', async () => {
    const paths = Array.from({ length: 300 }, (_none, index) => `/${String(index).padStart(3, '0')}${'x'.repeat(996)}`);
    const { progress } = await seen(SITE, asked('site', ...paths));
    expect([progress.open.length, progress.openPaths]).toEqual([169, 300]);
  });
});

describe('an invalidation', () => {
  const send = (items: readonly string[], reference: string, io: Io) =>
    createInvalidation.send(create(items, reference), io);

  it('of this request is found by its reference, and what it covers is not asked for again', async () => {
    const progress = await inWorld(async (io) => {
      const request = asked('site', '/a/1', '/a/2', '/b');
      await send(['/a/*'], `${referenceOf(request.delivery, io.begunAt)}1`, io);
      await send(['/b'], 'flush-caches-another-1', io);
      return (await observed(`${ARN}${SITE}`, request, io)).progress;
    });
    expect(progress).toMatchObject({
      accepted: [{ isCompleted: false, paths: 1 }],
      open: ['/b'],
      openPaths: 1,
      inProgress: { files: 1, wildcards: 1, others: 1, unread: 0 },
      booked: [],
      monthPaths: 0,
    });
    expect(progress.used).toEqual(progress.accepted.map(({ reference }) => reference));
  });

  it('of the same words of more than two minutes ago is another request’s, and its reference is used', async () => {
    const { progress, used } = await inWorld(async (io) => {
      const request = asked('site');
      const own = `${referenceOf(request.delivery, io.begunAt)}1`;
      await send(['/a', '/b'], own, io);
      await openData().write({
        partition: 'flush-month',
        key: `2026-11/${SITE}/${own}`,
        ifVersion: 0,
        value: { paths: 2, invalidation: 'I1', at: io.now() },
      });
      const later = { ...io, begunAt: new Date(Date.parse(io.begunAt) + 121_000).toISOString() };
      return { progress: (await observed(`${ARN}${SITE}`, request, later)).progress, used: [own] };
    });
    expect(progress).toMatchObject({ accepted: [], used, open: ['/a', '/b'], booked: [], monthPaths: 2 });
  });

  it('says by another name that its reference was used', async () => {
    const names = await inWorld(async (io) => {
      await send(['/a'], 'one', io);
      const again = [send(['/a'], 'one', io), send(['/b'], 'one', io), send(['/a~'], 'two', io)];
      return Promise.all(again.map((each) => Promise.resolve(each).then(() => '', errorName)));
    });
    expect(names).toEqual(['CallerReferenceUsed', 'InvalidationBatchAlreadyExists', 'InvalidArgument']);
    expect(names.map((name) => createInvalidation.means[name])).toEqual(['wait', 'wait', 'refused']);
  });

  it('is one of the calls that change something, and is looked at again rather than verified', async () => {
    expect(Object.keys(apply)).toEqual(
      expect.arrayContaining(['ledger:write', 'cloudfront:CreateInvalidation', 'elasticache:RebootCacheCluster']),
    );
    expect(await verify()).toEqual({ ok: true });
  });
});
