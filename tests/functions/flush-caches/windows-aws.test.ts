/** What a distribution is asked for by what was collected, on the simulated AWS. */

import { describe, expect, it } from 'vitest';
import { locate, observe, ofWindow } from '../../../functions/flush-caches/aws.ts';
import type { DistributionFacts } from '../../../functions/flush-caches/decide/facts.ts';
import type { Io, Observed } from '../../../shared/kernel/definition.ts';
import { inFunction } from '../in-a-function.ts';

const [SITE, ALIAS, OTHER, BARE] = ['E1SITE00000000', 'E2ALIAS0000000', 'E3OTHER0000000', 'E4BARE00000000'];
const ARN = 'arn:aws:cloudfront::111122223333:distribution/';
const NAME = 'flush-caches_site_w_0123456789abcdef0123';
const [FROM, TO] = ['2026-11-29T08:58:00.000Z', '2026-11-29T08:59:00.000Z'];
const CHANGED = '2026-11-29T08:58:30.000Z';

interface Made {
  readonly tags?: object;
  readonly config?: object;
  readonly invalidations?: readonly object[];
}

function distribution(Id: string, domain: string, { tags = {}, config = {}, invalidations = [] }: Made = {}): object {
  const origin = { Id: 's3', DomainName: domain, OriginPath: '' };
  return {
    Id,
    DistributionConfig: {
      Enabled: true,
      Origins: { Quantity: 1, Items: [origin] },
      DefaultCacheBehavior: { TargetOriginId: 's3', ViewerProtocolPolicy: 'https-only' },
      ...config,
    },
    Tags: Object.entries({ 'runbook:flush': 'x', ...tags }).map(([Key, Value]) => ({ Key, Value })),
    Invalidations: invalidations,
  };
}

function worldOf(site: Made, keys: readonly string[], more: readonly object[] = []): object {
  const window = { bucket: 'site', from: FROM, to: TO, sealedAt: TO };
  const changes = keys.map((key) => [key, CHANGED]);
  return {
    now: '2026-11-29T09:00:00Z',
    account: '111122223333',
    region: 'eu-west-1',
    cloudfront: {
      Distributions: [
        distribution(SITE, 'site.s3.eu-west-1.amazonaws.com', site),
        distribution(ALIAS, 'ap-0123-s3alias.s3.eu-west-1.amazonaws.com', { tags: { 'runbook:flush-bucket': 'site' } }),
        distribution(OTHER, 'other.s3.eu-west-1.amazonaws.com', { tags: { 'runbook:flush-bucket': 'site' } }),
        { ...distribution(BARE, 'site.s3.amazonaws.com'), Tags: [] },
      ],
    },
    ledger: {
      data: [
        { partition: 'flush-window', key: NAME, version: 2, value: window },
        { partition: 'flush-keys', key: `${NAME}/p1`, version: 1, value: { changes, run: 'm-1' } },
        ...more,
      ],
    },
  };
}

const REQUEST = ofWindow({ kind: 'collected', id: 'c', name: NAME });

async function inWorld<T extends object>(world: object, work: (io: Io) => Promise<T>): Promise<T> {
  const { value, thrown } = await inFunction(world, work);
  if (thrown instanceof Error) throw thrown;
  if (value === undefined) throw new Error('nothing came of it');
  return value;
}

async function seen(site: Made, ...keys: readonly string[]): Promise<Observed<DistributionFacts>> {
  const facts = await inWorld(worldOf(site, keys), (io) => observe(`${ARN}${SITE}`, REQUEST, io));
  if (facts.kind !== 'distribution') throw new Error('it is no distribution');
  return facts;
}

/** An invalidation of somebody else's. */
function theirs(CreateTime: string, ...Items: readonly string[]): object {
  return {
    Id: `I${CreateTime}`,
    CreateTime,
    Status: 'Completed',
    InvalidationBatch: { CallerReference: `theirs-${CreateTime}`, Paths: { Quantity: Items.length, Items } },
  };
}

describe('the distributions of a window', () => {
  it('are tagged, and have the bucket for an origin, by its name or as they say', async () => {
    const located = await inWorld(worldOf({}, ['a']), (io) => locate(REQUEST, io));
    expect(located.map(({ target }) => target.slice(ARN.length)).toSorted()).toEqual([SITE, ALIAS]);
  });

  it('are none of a window of which nothing is written down', async () => {
    const world = { now: FROM, account: '111122223333', region: 'eu-west-1' };
    await expect(inWorld(world, (io) => locate(REQUEST, io))).rejects.toThrow('nothing was collected under');
  });
});

describe('what is asked of a distribution', () => {
  it('is each path under which what was collected is seen', async () => {
    const { ask, progress, window } = await seen({ config: { DefaultRootObject: 'index.html' } }, 'index.html', 'a~b');
    expect(window).toMatchObject({ name: NAME, sealedAt: TO, version: 2 });
    expect(ask).toMatchObject({ by: 'S3', asked: 2, widened: 1, counts: { files: 2, wildcards: 1, tags: 0 } });
    expect(progress.open).toEqual(['/', '/a*', '/index.html']);
  });

  it('is wildcards where the tag says so, and what cannot be read is said', async () => {
    const keys = ['d/a', 'd/b', 'd/c'];
    expect((await seen({ tags: { 'runbook:flush-collapse': '2' } }, ...keys)).progress.open).toEqual(['/d/*']);
    expect((await seen({ tags: { 'runbook:flush-collapse': '3' } }, ...keys)).progress.open).toHaveLength(3);
    const odd = await seen({ tags: { 'runbook:flush-collapse': 'many', 'runbook:flush-index': 'a/b' } }, ...keys);
    expect(odd.progress.open).toHaveLength(3);
    expect(odd.distribution?.problems).toHaveLength(2);
  });

  it('lacks what was invalidated since it changed, by whomever, and not what was before', async () => {
    const invalidations = [
      theirs('2026-11-29T08:58:20.000Z', '/before'),
      theirs('2026-11-29T08:58:32.000Z', '/close'),
      theirs('2026-11-29T08:58:40.000Z', '/after', '/dir/*'),
    ];
    const { progress } = await seen({ invalidations }, 'before', 'close', 'after', 'dir/x', 'none');
    expect(progress.open).toEqual(['/before', '/close', '/none']);
  });

  it('has a wildcard that is as old as the latest of all that went into it', async () => {
    // Somebody has flushed the one that asks for the wildcard, and another has changed since.
    const invalidations = [theirs('2026-11-29T08:58:20.000Z', '/js/run*')];
    const window = { bucket: 'site', from: FROM, to: TO, sealedAt: TO };
    const changes = [
      ['js/run~main.js', '2026-11-29T08:58:05.000Z'],
      ['js/run-new.js', '2026-11-29T08:58:40.000Z'],
      ['js/a.js', '2026-11-29T08:58:05.000Z'],
    ];
    const world = {
      ...worldOf({ invalidations }, []),
      ledger: {
        data: [
          { partition: 'flush-window', key: NAME, version: 2, value: window },
          { partition: 'flush-keys', key: `${NAME}/p1`, version: 1, value: { changes, run: 'm-1' } },
        ],
      },
    };
    const facts = await inWorld(world, (io) => observe(`${ARN}${SITE}`, REQUEST, io));
    expect(facts).toMatchObject({ progress: { open: ['/js/a.js', '/js/run*'] } });
  });

  it('is wildcards where there is more of it than goes in time', async () => {
    const many = Array.from({ length: 4_000 }, (_none, index) => `dir/${index}${'x'.repeat(950)}`);
    const { ask, progress } = await seen({}, ...many);
    expect(ask).toMatchObject({ isCollapsed: true, asked: 4_000 });
    expect(progress.open).toEqual(['/dir/*']);
  });

  it('counts the same moment as before', async () => {
    // Five seconds may lie between the clocks of S3 and CloudFront.
    const invalidations = [theirs('2026-11-29T08:58:34.999Z', '/close'), theirs('2026-11-29T08:58:35.001Z', '/after')];
    const { progress } = await seen({ invalidations }, 'close', 'after');
    expect(progress.open).toEqual(['/close']);
  });

  it('waits for what a window before it has sent, and CloudFront does not list', async () => {
    const row = {
      partition: 'flush-month',
      key: `2026-11/${SITE}/flush-caches-other-1`,
      version: 1,
      value: { paths: 1, invalidation: 'IHIDDEN', at: '2026-11-29T08:58:50.000Z' },
    };
    const facts = await inWorld(worldOf({}, ['a'], [row]), (io) => observe(`${ARN}${SITE}`, REQUEST, io));
    expect(facts).toMatchObject({ progress: { hidden: [{ reference: 'flush-caches-other-1' }] } });
  });

  it('is not known of a window that is open', async () => {
    const world = worldOf({}, ['a']);
    const open = {
      ...world,
      ledger: {
        data: [{ partition: 'flush-window', key: NAME, version: 1, value: { bucket: 'site', from: FROM, to: TO } }],
      },
    };
    expect(await inWorld(open, (io) => observe(`${ARN}${SITE}`, REQUEST, io))).toMatchObject({
      ask: null,
      window: { sealedAt: null },
      progress: { open: [] },
    });
  });

  it('is refused where what was collected cannot be read', async () => {
    const damaged = { partition: 'flush-keys', key: `${NAME}/p2`, version: 1, value: { changes: [['a']] } };
    await expect(inWorld(worldOf({}, ['a'], [damaged]), (io) => observe(`${ARN}${SITE}`, REQUEST, io))).rejects.toThrow(
      'a change is no pair of key and time',
    );
  });
});
