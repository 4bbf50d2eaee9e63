/** Which tenants are meant, what is read of one, and what is sent, on the simulated AWS. */

import {
  CloudFrontClient,
  ListDistributionTenantsCommand,
  type DistributionTenantSummary,
} from '@aws-sdk/client-cloudfront';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { locate, observe, ofPerson, ofWindow, tooMany, type Request } from '../../../functions/flush-caches/aws.ts';
import { createTenantInvalidation } from '../../../functions/flush-caches/aws/invalidations.ts';
import { settledFor, tenantsOf } from '../../../functions/flush-caches/aws/tenants.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { errorName } from '../../../shared/kernel/errors.ts';
import { makeIo } from '../../../shared/kernel/run/io.ts';
import { inFunction } from '../in-a-function.ts';

const [MANY, BLOG, PLAIN] = ['E1ABCDEFGHIJKL', 'E2ABCDEFGHIJKL', 'E3ABCDEFGHIJKL'];
const [ACME, BETA, NEWS, OTHER] = [
  'dt_00000000000acme',
  'dt_00000000000beta',
  'dt_00000000000news',
  'dt_0000000000other',
];
const ARN = 'arn:aws:cloudfront::111122223333:distribution-tenant/';
const NAME = 'flush-caches_site_w_0123456789abcdef0123';

function tags(given: object): object[] {
  return Object.entries(given).map(([Key, Value]) => ({ Key, Value }));
}

function distribution(Id: string, given: object, domain: string, more: object = {}): object {
  const Origins = { Quantity: 1, Items: [{ Id: 'o', DomainName: domain, OriginPath: '/{{dir}}' }] };
  return { Id, DistributionConfig: { ConnectionMode: 'tenant-only', Origins, ...more }, Tags: tags(given) };
}

function tenant(Id: string, DistributionId: string, dir: string, more: object = {}): object {
  return { Id, DistributionId, Parameters: [{ Name: 'dir', Value: dir }], Tags: [], ...more };
}

const TENANTS = [
  tenant(ACME, MANY, 'acme'),
  tenant(BETA, MANY, 'beta', { Enabled: false, Tags: tags({ 'runbook:flush': 'beta' }) }),
  tenant(NEWS, BLOG, 'news', { Tags: tags({ 'runbook:flush': 'site', 'runbook:flush-bucket': 'blog' }) }),
  tenant(OTHER, BLOG, 'other'),
];

function worldOf(tenants: readonly object[] = TENANTS, domain = 'site.s3.amazonaws.com', more: object = {}): object {
  const window = { bucket: 'site', from: '2026-11-29T08:58:00.000Z', to: '2026-11-29T08:59:00.000Z', sealedAt: null };
  return {
    now: '2026-11-29T09:00:00Z',
    account: '111122223333',
    region: 'eu-west-1',
    cloudfront: {
      Distributions: [
        distribution(MANY, { 'runbook:flush': 'site', 'runbook:flush-index': 'index.html' }, domain, more),
        distribution(BLOG, {}, 'blog.example.com'),
        { Id: PLAIN, DistributionConfig: {}, Tags: tags({ 'runbook:flush': 'site' }) },
      ],
      DistributionTenants: tenants,
    },
    ledger: { data: [{ partition: 'flush-window', key: NAME, version: 1, value: window }] },
  };
}

function asked(target: string): Request {
  return ofPerson(
    { paths: ['/a', '/b'] },
    { kind: 'request', id: 'request:0123456789abcdef01', runbook: 'flush-caches', params: {}, dryRun: false, target },
  );
}

const WINDOW = ofWindow({ kind: 'collected', id: 'c', name: NAME });

async function inWorld<T>(world: object, work: (io: Io) => Promise<T>): Promise<T> {
  const { value, thrown } = await inFunction(world, work);
  if (value === undefined) throw thrown;
  return value;
}

function targets(request: Request, world = worldOf()): Promise<readonly string[]> {
  return inWorld(world, async (io) =>
    (await locate(request, io)).map(({ target }) => target.slice(target.indexOf('/') + 1)),
  );
}

/** A hundred and one tenants of one distribution. */
function crowd(count: number): readonly object[] {
  return Array.from({ length: count }, (_none, index) =>
    tenant(`dt_${String(index).padStart(15, '0')}`, MANY, `d${index}`),
  );
}

async function seen(id: string, request: Request, world = worldOf()) {
  const facts = await inWorld(world, (io) => observe(`${ARN}${id}`, request, io));
  if (facts.kind !== 'distribution') throw new Error(`${id} is seen as a ${facts.kind}`);
  return facts;
}

describe('tenants that are meant', () => {
  it('are all of a distribution that has the name, and those that have it themselves', async () => {
    expect(await targets(asked('site'))).toEqual([NEWS, ACME, BETA, PLAIN]);
    expect(await targets(asked('beta'))).toEqual([BETA]);
  });

  it('are all of a distribution that is named, if it is tagged, or the one that is named', async () => {
    expect(await targets(asked(MANY))).toEqual([ACME, BETA]);
    expect(await targets(asked(BLOG))).toEqual([BLOG]);
    expect(await targets(asked(OTHER))).toEqual([OTHER]);
    expect(await targets(asked(`${ARN}${OTHER}`))).toEqual([OTHER]);
    expect(await targets(asked(`arn:aws:cloudfront::999999999999:distribution-tenant/${OTHER}`))).toEqual([]);
  });

  it('are a hundred at most of one distribution, which tells of the others', async () => {
    const hundred = await targets(asked('site'), worldOf(crowd(100)));
    expect([hundred.length, hundred.includes(MANY)]).toEqual([101, false]);
    const more = await targets(asked('site'), worldOf(crowd(101)));
    expect([more.length, more[0]]).toEqual([102, MANY]);
    const none = await targets(asked(MANY), worldOf([]));
    expect(none).toEqual([MANY]);
    const located = more.map((id) => ({ target: `${ARN}${id}` }));
    expect(tooMany(located, 100)).toBeUndefined();
    const plain = more.map((id) => ({ target: `arn:aws:cloudfront::111122223333:distribution/${id}` }));
    expect(tooMany(plain, 100)).toBe('102 caches have that name, the limit is 100');
  });
});

describe('tenants of a window', () => {
  const LISTED: DistributionTenantSummary = {
    Id: undefined,
    Arn: undefined,
    DistributionId: MANY,
    Name: 'acme',
    Domains: [],
    CreatedTime: undefined,
    LastModifiedTime: undefined,
    ETag: undefined,
  };

  it('are none where the list has one without its ARN, which would keep its cache', async () => {
    const cloudfront = mockClient(CloudFrontClient);
    cloudfront
      .on(ListDistributionTenantsCommand)
      .resolves({ DistributionTenantList: [{ ...LISTED, Arn: `${ARN}${ACME}` }, LISTED] });
    const io = makeIo({ run: 'r', account: '1', region: 'r', signal: new AbortController().signal, target: 't' });
    await expect(tenantsOf(MANY, io)).rejects.toThrow(`${MANY}: CloudFront's list of tenants lacks the ARN of one`);
    cloudfront.on(ListDistributionTenantsCommand).resolves({ DistributionTenantList: [{ ...LISTED, Id: NEWS }] });
    await expect(tenantsOf(MANY, io)).rejects.toThrow(`lacks the ARN of ${NEWS}`);
    cloudfront.restore();
  });

  it('are those whose distribution has the bucket for an origin, and those that say so themselves', async () => {
    expect(await targets(WINDOW)).toEqual([BETA, ACME]);
    const blog = worldOf(TENANTS, 'other.s3.amazonaws.com');
    expect(await targets(WINDOW, blog)).toEqual([]);
    const own = [tenant(NEWS, BLOG, 'news', { Tags: tags({ 'runbook:flush': 'x', 'runbook:flush-bucket': 'site' }) })];
    expect(await targets(WINDOW, worldOf(own, 'other.s3.amazonaws.com'))).toEqual([NEWS]);
  });

  it('have each the bucket that its parameter says', async () => {
    const named = '{{bucket}}.s3.amazonaws.com';
    const parameters = (bucket: string) => ({ Parameters: [{ Name: 'bucket', Value: bucket }] });
    const tenants = [tenant(ACME, MANY, '', parameters('site')), tenant(BETA, MANY, '', parameters('other'))];
    expect(await targets(WINDOW, worldOf(tenants, named))).toEqual([ACME]);
    const usual = { Name: 'bucket', Definition: { StringSchema: { DefaultValue: 'site', Required: false } } };
    const byDefault = { TenantConfig: { ParameterDefinitions: [usual] } };
    const silent = [tenant(ACME, MANY, '', { Parameters: [] }), tenant(BETA, MANY, '', parameters('other'))];
    expect(await targets(WINDOW, worldOf(silent, named, byDefault))).toEqual([ACME]);
  });
});

describe('the configuration of a tenant', () => {
  it('has its parameters in place of what stands for them, and keeps what nobody says', () => {
    const origins = [{ Id: 'o', DomainName: '{{a}}-{{b-1}}.example.com', OriginPath: '/{{c}}/{{a}}' }];
    const parameters = new Map([
      ['a', 'x$&y'],
      ['b-1', 'z'],
    ]);
    const { Origins: filled } = settledFor(
      {
        CallerReference: 'c',
        Comment: '',
        Enabled: true,
        DefaultCacheBehavior: undefined,
        Origins: { Quantity: 1, Items: origins },
      },
      { parameters },
    );
    expect(filled?.Items).toEqual([{ Id: 'o', DomainName: 'x$&y-z.example.com', OriginPath: '/{{c}}/x$&y' }]);
  });
});

describe('a tenant', () => {
  it('is read with the tags of its distribution beside its own, and what is asked of it', async () => {
    expect(await seen(ACME, asked('site'))).toMatchObject({
      ask: { reference: `flush-caches-0123456789abcdef-${ACME}-202611290900-` },
      distribution: { id: ACME, tenantOf: MANY, isTagged: true, isLeft: false, tenants: null, status: 'Deployed' },
      progress: { open: ['/a', '/b'], openPaths: 2 },
    });
    expect(await seen(BETA, asked('site'))).toMatchObject({
      distribution: { id: BETA, isTagged: true, isLeft: true },
      progress: { open: [] },
    });
    expect(await seen(OTHER, asked(OTHER))).toMatchObject({
      distribution: { isTagged: false },
      progress: { open: [] },
    });
    expect(await seen('dt_0000000000none', asked('dt_0000000000none'))).toMatchObject({ distribution: null });
  });

  it('is gone where its distribution is', async () => {
    const script = [{ after: 'PT0.01S', set: { [`cloudfront/Distributions/${MANY}`]: null } }];
    const facts = await seen(ACME, asked('site'), { ...worldOf(), script });
    expect(facts.distribution).toBeNull();
  });

  it('has invalidations of its own, in progress however long ago they were made', async () => {
    const begun = { Id: 'I1', CreateTime: '2026-11-29T03:00:00Z', CompletesAt: '2026-11-29T12:00:00Z' };
    const over = Array.from({ length: 150 }, (_none, index) => ({
      Id: `IOVER${index}`,
      CreateTime: '2026-11-29T08:00:00Z',
      Status: 'Completed',
      InvalidationBatch: { CallerReference: `o-${index}`, Paths: { Items: ['/x'] } },
    }));
    const theirs = {
      ...begun,
      InvalidationBatch: { CallerReference: 'theirs', Paths: { Items: ['/theirs/*', '/t'] } },
    };
    const tenants = [tenant(ACME, MANY, 'acme', { Invalidations: [theirs, ...over] }), tenant(BETA, MANY, 'beta')];
    const { progress } = await seen(ACME, asked('site'), worldOf(tenants));
    expect(progress.inProgress).toEqual({ files: 1, wildcards: 1, others: 1, unread: 0 });
    expect((await seen(BETA, asked('site'), worldOf(tenants))).progress.inProgress.others).toBe(0);
  });

  it('finds what was taken of this request by its reference', async () => {
    const facts = await inWorld(worldOf(), async (io) => {
      const request = asked('site');
      const batch = {
        CallerReference: `flush-caches-0123456789abcdef-${ACME}-202611290900-1`,
        Paths: { Quantity: 1, Items: ['/a'] },
      };
      await createTenantInvalidation.send({ Id: ACME, InvalidationBatch: batch }, io);
      return observe(`${ARN}${ACME}`, request, io);
    });
    expect(facts).toMatchObject({ progress: { accepted: [{ paths: 1 }], open: ['/b'], openPaths: 1 } });
  });

  it('that is gone is looked at again, and so is a reference that was used', async () => {
    const names = await inWorld(worldOf(), async (io) => {
      const InvalidationBatch = { CallerReference: 'one', Paths: { Quantity: 1, Items: ['/a'] } };
      await createTenantInvalidation.send({ Id: ACME, InvalidationBatch }, io);
      const again = [ACME, 'dt_0000000000none'].map((Id) =>
        createTenantInvalidation.send({ Id, InvalidationBatch }, io),
      );
      return Promise.all(again.map((each) => Promise.resolve(each).then(() => '', errorName)));
    });
    expect(names).toEqual(['CallerReferenceUsed', 'EntityNotFound']);
    expect(names.map((name) => createTenantInvalidation.means[name])).toEqual(['wait', 'conflict']);
  });
});
