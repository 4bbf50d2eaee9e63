import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { isShape, list, part, show } from '../../../../simulator/services/ec2/state.ts';
import { parseWorld } from '../../../../simulator/world/world-file.ts';
import { refusal } from '../ec2/ec2-world.ts';
import { serviceWorld } from '../service-world.ts';

const ID = 'E1ABCDEFGHIJKL';
const THEIRS = {
  Id: 'I2J0I21PCUYOIK',
  CreateTime: '2026-11-22T07:00:00Z',
  CompletesAt: '2026-11-22T09:00:00Z',
  InvalidationBatch: { Paths: { Items: ['/theirs/*'] } },
};
const BAD = 'InvalidArgument: Your request contains one or more invalid invalidation paths.';
const FULL =
  'TooManyInvalidationsInProgress: You have exceeded the maximum number of allowable InProgress invalidation batch requests, or invalidation objects.';

function begin(more: Shape = {}, world: Shape = {}) {
  const begun = serviceWorld({
    now: '2026-11-22T08:00:00Z',
    region: 'us-east-1',
    cloudfront: { Distributions: [{ Id: ID, DistributionConfig: {}, ...more }] },
    ...world,
  });
  const { call } = begun;
  const create = (items: readonly string[], reference = 'one', changes: Shape = {}): Shape =>
    call('cloudfront:CreateInvalidation', {
      DistributionId: ID,
      InvalidationBatch: {
        CallerReference: reference,
        Paths: { Quantity: items.length, Items: items },
        ...changes,
      },
    });
  const get = (id: unknown): Shape =>
    part(call('cloudfront:GetInvalidation', { DistributionId: ID, Id: id }), 'Invalidation');
  const listed = (input: Shape = {}): Shape =>
    part(call('cloudfront:ListInvalidations', { DistributionId: ID, ...input }), 'InvalidationList');
  const inProgress = (): unknown =>
    part(call('cloudfront:GetDistribution', { Id: ID }), 'Distribution')['InProgressInvalidationBatches'];
  const recorded = (): unknown => begun.world.records('cloudfront', 'Distributions')[0]?.['InvalidatedPaths'];
  return { ...begun, create, get, listed, inProgress, recorded };
}

describe('CreateInvalidation', () => {
  it('takes a batch, which is in progress for a minute and completed then', () => {
    const { create, get, inProgress, recorded, pass } = begin();
    const { Invalidation: made } = create(['/b', '/a*']);
    const { Id: id } = isShape(made) ? made : {};
    expect(id).toMatch(/^I[A-Z0-9]{13}$/u);
    expect(made).toMatchObject({
      Status: 'InProgress',
      CreateTime: new Date('2026-11-22T08:00:00Z'),
      InvalidationBatch: { CallerReference: 'one', Paths: { Quantity: 2, Items: ['/b', '/a*'] } },
    });
    expect(inProgress()).toBe(1);
    pass(59);
    expect(get(id)['Status']).toBe('InProgress');
    pass(1);
    expect(get(id)['Status']).toBe('Completed');
    expect(inProgress()).toBe(0);
    expect(recorded()).toEqual(['/a*', '/b']);
  });

  it('takes as long as the world says', () => {
    const { create, get, pass } = begin({ InvalidationTakes: 'PT14M' });
    const { Invalidation: made } = create(['/a']);
    const id = isShape(made) ? made['Id'] : undefined;
    pass(839);
    expect(get(id)['Status']).toBe('InProgress');
    pass(1);
    expect(get(id)['Status']).toBe('Completed');
  });

  it.each(['a', '/a b', '/a~', '/ü', '/a*b', '/a#b', '/a%zz', `/${'a'.repeat(4_000)}`, '#', '#a,b', '/refused'])(
    'refuses the whole batch for %s, and names no path',
    (path) => {
      const { create, recorded } = begin({ RefusedPaths: ['/refused'] });
      expect(refusal(() => create(['/good', path]))).toBe(BAD);
      expect(recorded()).toBeUndefined();
    },
  );

  it.each(['/', '/*', '/a%20b', '/a%7Eb', '/a%2Ab', "/!$&'()+,-.:;=?@_", '#tag', `/${'a'.repeat(3_999)}`])(
    'takes %s',
    (path) => {
      const { create, recorded } = begin();
      create([path]);
      expect(recorded()).toEqual([path]);
    },
  );

  it('takes a CallerReference once: with other paths it is there already, with the same it was used', () => {
    const { create } = begin();
    create(['/a']);
    expect(refusal(() => create(['/a', '/b']))).toBe(
      'InvalidationBatchAlreadyExists: An invalidation batch with this caller reference exists already.',
    );
    expect(refusal(() => create(['/a']))).toBe(
      'InvalidArgument: Your request contains a caller reference that was used for a previous invalidation batch for the same distribution.',
    );
    expect(refusal(() => create(['/a'], ''))).toBe('InvalidArgument: Your request lacks a caller reference.');
    expect(() => create(['/a'], 'two')).not.toThrow();
  });

  it('takes 15 wildcards at one time, other people’s included, and apart from them 3,000 files', () => {
    const files = Array.from({ length: 3_000 }, (_none, index) => `/${index}`);
    const wildcards = Array.from({ length: 15 }, (_none, index) => `/${index}/*`);
    const { create, pass, set } = begin({ Invalidations: [THEIRS] });
    expect(refusal(() => create(wildcards))).toBe(FULL);
    create(wildcards.slice(1), 'wildcards');
    expect(refusal(() => create(['/x/*'], 'more'))).toBe(FULL);
    create(files, 'files');
    expect(refusal(() => create(['/x'], 'more'))).toBe(FULL);
    pass(60);
    create(['/x', '/y/*'], 'more');
    set(`cloudfront/Distributions/${ID}/Invalidations`, []);
    expect(() => create(wildcards, 'then')).not.toThrow();
  });

  it('refuses what counts wrong, is too large, or is about no distribution', () => {
    const { create, call } = begin();
    expect(refusal(() => create(['/a'], 'one', { Paths: { Quantity: 2, Items: ['/a'] } }))).toMatch(
      /^InconsistentQuantities:/u,
    );
    expect(refusal(() => create(Array.from({ length: 3_001 }, (_none, index) => `/${index}`)))).toMatch(
      /^BatchTooLarge:/u,
    );
    expect(refusal(() => create([]))).toBe(BAD);
    expect(refusal(() => call('cloudfront:CreateInvalidation', { DistributionId: 'E0' }))).toMatch(
      /^NoSuchDistribution:/u,
    );
  });

  it('is throttled after six at once, and takes one a second then', () => {
    const { create, pass } = begin();
    for (let index = 0; index < 6; index += 1) create(['/a'], `${index}`);
    expect(refusal(() => create(['/a'], 'x'))).toBe('Throttling: Rate exceeded');
    pass(2);
    create(['/a'], 'x');
    create(['/a'], 'y');
    expect(refusal(() => create(['/a'], 'z'))).toBe('Throttling: Rate exceeded');
  });
});

describe('invalidations', () => {
  it('are listed newest first, page by page, other people’s among them', () => {
    const { create, listed, pass } = begin({ Invalidations: [THEIRS] });
    create(['/a'], 'one');
    pass(1);
    create(['/b'], 'two');
    const first = listed({ MaxItems: 2 });
    expect(first).toMatchObject({ IsTruncated: true, Quantity: 2, MaxItems: 2 });
    const second = listed({ MaxItems: 2, Marker: first['NextMarker'] });
    expect(second).toMatchObject({ IsTruncated: false, Quantity: 1 });
    const all = [...list(first, 'Items'), ...list(second, 'Items')];
    expect(all.map(({ CreateTime: at }) => (at instanceof Date ? at.toISOString() : show(at)))).toEqual([
      '2026-11-22T08:00:01.000Z',
      '2026-11-22T08:00:00.000Z',
      '2026-11-22T07:00:00.000Z',
    ]);
    expect(all[2]).toEqual({ Id: THEIRS.Id, CreateTime: new Date(THEIRS.CreateTime), Status: 'InProgress' });
  });

  it('of other people are completed when the world says', () => {
    const { get, pass, inProgress, recorded } = begin({ Invalidations: [THEIRS] });
    expect(get(THEIRS.Id)).toMatchObject({
      Status: 'InProgress',
      InvalidationBatch: { CallerReference: THEIRS.Id, Paths: { Quantity: 1, Items: ['/theirs/*'] } },
    });
    pass(3_600);
    expect(get(THEIRS.Id)['Status']).toBe('Completed');
    expect(inProgress()).toBe(0);
    expect(recorded()).toBeUndefined();
  });

  it('that are not there are said to be none', () => {
    const { get, listed } = begin();
    expect(refusal(() => get('I0'))).toBe('NoSuchInvalidation: The specified invalidation does not exist.');
    expect(listed()).toMatchObject({ Quantity: 0, IsTruncated: false });
  });

  it('may come by a script', () => {
    const { set, inProgress } = begin();
    set(`cloudfront/Distributions/${ID}/Invalidations`, [THEIRS]);
    expect(inProgress()).toBe(1);
    expect(() => set(`cloudfront/Distributions/${ID}/Invalidations`, [{ Id: 'I1' }])).toThrow(
      `cloudfront/Distributions/${ID}/Invalidations.Invalidations[0].InvalidationBatch: must say its Paths`,
    );
    expect(() => set(`cloudfront/Distributions/${ID}/Invalidations/0/Status`, 'Completed')).toThrow(
      'set the whole list',
    );
  });

  it('have to say their paths in a world file', () => {
    expect(() => begin({ Invalidations: [{ Id: 'I1' }] })).toThrow(
      'cloudfront.Distributions[0].Invalidations[0].InvalidationBatch: must say its Paths, as get-invalidation prints them',
    );
  });
});

describe('a world file', () => {
  it('may write tags as list-tags-for-resource prints them', () => {
    const tags = [{ Key: 'runbook:flush', Value: 'site' }];
    const { data } = parseWorld({
      now: '2026-11-22T08:00:00Z',
      account: '111122223333',
      region: 'us-east-1',
      cloudfront: { Distributions: [{ Id: ID, Tags: { Items: tags } }] },
    });
    expect(data['cloudfront']?.['Distributions']?.[0]?.['Tags']).toEqual(tags);
  });
});
