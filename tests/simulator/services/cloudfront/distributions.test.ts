import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { isShape } from '../../../../simulator/services/ec2/state.ts';
import { refusal } from '../ec2/ec2-world.ts';
import { serviceWorld } from '../service-world.ts';

const ID = 'E1ABCDEFGHIJKL';
const ARN = `arn:aws:cloudfront::111122223333:distribution/${ID}`;
const ETAG = 'E2QWRUHAPOMQZL';
const ACL = 'arn:aws:wafv2:us-east-1:111122223333:global/webacl/site/11111111-2222-4333-8444-555555555555';
const CONFIG = {
  CallerReference: 'made-2024',
  Comment: 'the shop',
  Enabled: true,
  Origins: { Quantity: 1, Items: [{ Id: 'web', DomainName: 'web.example.com' }] },
  DefaultCacheBehavior: { TargetOriginId: 'web', ViewerProtocolPolicy: 'redirect-to-https' },
  WebACLId: ACL,
  PriceClass: 'PriceClass_100',
};
const SHOP = { Id: ID, ETag: ETAG, DistributionConfig: CONFIG, Tags: [{ Key: 'team', Value: 'shop' }] };

function begin(distributions: readonly Shape[] = [SHOP]) {
  const { call, set, pass, world } = serviceWorld({
    region: 'us-east-1',
    cloudfront: { Distributions: distributions },
  });
  const read = (): Shape => call('cloudfront:GetDistributionConfig', { Id: ID });
  const update = (changes: Shape, more: Shape = {}): Shape =>
    call('cloudfront:UpdateDistribution', {
      Id: ID,
      IfMatch: read()['ETag'],
      DistributionConfig: { ...CONFIG, ...changes },
      ...more,
    });
  const status = (): unknown => {
    const { Distribution: distribution } = call('cloudfront:GetDistribution', { Id: ID });
    return isShape(distribution) ? distribution['Status'] : undefined;
  };
  return { call, set, pass, read, update, status, world };
}

function restricted(RestrictionType: string, ...Items: readonly string[]): Shape {
  return { Restrictions: { GeoRestriction: { RestrictionType, Quantity: Items.length, Items } } };
}

describe('GetDistributionConfig', () => {
  it('tells the configuration with what AWS always prints, and the entity tag', () => {
    expect(begin().read()).toEqual({
      ETag: ETAG,
      DistributionConfig: {
        ...CONFIG,
        Aliases: { Quantity: 0 },
        CacheBehaviors: { Quantity: 0 },
        CustomErrorResponses: { Quantity: 0 },
        DefaultRootObject: '',
        HttpVersion: 'http2',
        Logging: { Enabled: false, IncludeCookies: false, Bucket: '', Prefix: '' },
        OriginGroups: { Quantity: 0 },
        Restrictions: { GeoRestriction: { RestrictionType: 'none', Quantity: 0 } },
      },
    });
  });

  it('is refused for a distribution that is not there', () => {
    expect(refusal(() => begin([]).read())).toBe('NoSuchDistribution: The specified distribution does not exist.');
  });

  it('is not simulated of a summary, and says what is missing', () => {
    const { read } = begin([{ Id: ID, WebACLId: ACL }]);
    expect(refusal(read)).toBe(
      `not simulated: cloudfront:GetDistributionConfig of ${ID}: the world file does not say its DistributionConfig; write it into cloudfront.Distributions`,
    );
  });
});

describe('UpdateDistribution', () => {
  it('replaces the configuration under its entity tag, which is another one then', () => {
    const { update, read } = begin();
    const { ETag: after, Distribution: distribution } = update(restricted('blacklist', 'AQ', 'BV'));
    expect(after).toMatch(/^E[A-Z0-9]{13}$/u);
    expect(after).not.toBe(ETAG);
    expect(distribution).toMatchObject({ Id: ID, ARN, Status: 'InProgress' });
    expect(read()).toMatchObject({
      ETag: after,
      DistributionConfig: {
        Restrictions: { GeoRestriction: { RestrictionType: 'blacklist', Quantity: 2, Items: ['AQ', 'BV'] } },
      },
    });
  });

  it('loses what is left out', () => {
    const { call, read, world } = begin();
    const { WebACLId: _acl, PriceClass: _price, ...less } = CONFIG;
    call('cloudfront:UpdateDistribution', { Id: ID, IfMatch: ETAG, DistributionConfig: less });
    expect(read()['DistributionConfig']).toMatchObject({ WebACLId: '', PriceClass: 'PriceClass_All' });
    expect([...world.assumed]).toContain('cloudfront: what an update leaves out is at its default afterwards');
  });

  it('is in progress for five minutes, and for as long again after another change', () => {
    const { update, status, pass } = begin();
    expect(status()).toBe('Deployed');
    update(restricted('blacklist', 'AQ'));
    pass(200);
    update(restricted('blacklist', 'BV'));
    pass(200);
    expect(status()).toBe('InProgress');
    pass(101);
    expect(status()).toBe('Deployed');
  });

  it.each([
    ['the entity tag is missing', {}, { IfMatch: undefined }, 'InvalidIfMatchVersion'],
    ['the entity tag is another', {}, { IfMatch: 'E0000000000000' }, 'PreconditionFailed'],
    ['there is no such distribution', {}, { Id: 'E0000000000000' }, 'NoSuchDistribution'],
    ['the caller reference is another', { CallerReference: 'other' }, {}, 'IllegalUpdate'],
    [
      'a list counts wrong',
      { Restrictions: { GeoRestriction: { RestrictionType: 'blacklist', Quantity: 2, Items: ['AQ'] } } },
      {},
      'InconsistentQuantities',
    ],
    ['a list deep inside counts wrong', { Aliases: { Quantity: 1 } }, {}, 'InconsistentQuantities'],
    ['a country is written small', restricted('blacklist', 'aq'), {}, 'InvalidGeoRestrictionParameter'],
    ['a country is none of ISO 3166-1', restricted('blacklist', 'UK'), {}, 'InvalidGeoRestrictionParameter'],
    ['a country is named twice', restricted('blacklist', 'AQ', 'AQ'), {}, 'InvalidGeoRestrictionParameter'],
    ['countries stand beside none', restricted('none', 'AQ'), {}, 'InvalidGeoRestrictionParameter'],
    ['only nobody would be served', restricted('whitelist'), {}, 'InvalidGeoRestrictionParameter'],
    ['the kind of restriction is unknown', restricted('deny', 'AQ'), {}, 'InvalidGeoRestrictionParameter'],
    ['the web ACL has no ARN', { WebACLId: 'site' }, {}, 'InvalidWebACLId'],
    ['the origin is lost', { Origins: { Quantity: 0, Items: [] } }, {}, 'NoSuchOrigin'],
  ])('is refused where %s, and changes nothing', (_what, changes, more, code) => {
    const { update, read, status } = begin();
    expect(refusal(() => update(changes, more))).toMatch(new RegExp(`^${code}: `, 'u'));
    expect([read()['ETag'], status()]).toEqual([ETAG, 'Deployed']);
  });

  it('says with status 412 that somebody else was faster', () => {
    const { update } = begin();
    const late = (): unknown => update({}, { IfMatch: 'E0000000000000' });
    expect(late).toThrow(expect.objectContaining({ $metadata: expect.objectContaining({ httpStatusCode: 412 }) }));
  });

  it('is not simulated of a summary', () => {
    const { call } = begin([{ Id: ID }]);
    expect(
      refusal(() => call('cloudfront:UpdateDistribution', { Id: ID, IfMatch: ETAG, DistributionConfig: CONFIG })),
    ).toMatch(/^not simulated: cloudfront:UpdateDistribution of E1/u);
  });
});

describe('ListDistributionsByWebACLId', () => {
  const others = ['E2', 'E3', 'E4'].map((Id) => ({ Id, WebACLId: Id === 'E3' ? '' : ACL }));
  const list = (input: Shape): unknown => {
    const { call } = begin([SHOP, ...others]);
    return call('cloudfront:ListDistributionsByWebACLId', { WebACLId: ACL, ...input })['DistributionList'];
  };

  it('lists those of a web ACL, by pages', () => {
    expect(list({ MaxItems: 2 })).toMatchObject({
      Marker: '',
      NextMarker: 'E2',
      MaxItems: 2,
      IsTruncated: true,
      Quantity: 2,
      Items: [{ Id: ID, ARN, WebACLId: ACL, Comment: 'the shop', Status: 'Deployed', ETag: ETAG }, { Id: 'E2' }],
    });
    expect(list({ MaxItems: 2, Marker: 'E2' })).toMatchObject({
      Marker: 'E2',
      IsTruncated: false,
      Quantity: 1,
      Items: [{ Id: 'E4' }],
    });
  });

  it('prints a time as a Date, and neither the whole configuration nor tags', () => {
    const shown = list({ MaxItems: 1 });
    const [first]: unknown[] = isShape(shown) && Array.isArray(shown['Items']) ? shown['Items'] : [];
    expect(first).toMatchObject({ LastModifiedTime: new Date('2026-11-22T08:00:00.000Z') });
    expect(first).not.toHaveProperty('DistributionConfig');
    expect(first).not.toHaveProperty('Tags');
  });

  it('lists those without one by the word null', () => {
    expect(list({ WebACLId: 'null' })).toMatchObject({ Quantity: 1, MaxItems: 100, Items: [{ Id: 'E3' }] });
  });

  it('leaves the items out where there are none', () => {
    expect(list({ WebACLId: `${ACL.slice(0, -1)}6` })).toEqual({
      Marker: '',
      MaxItems: 100,
      IsTruncated: false,
      Quantity: 0,
    });
  });

  it.each([
    ['another form of name', { WebACLId: 'site' }, 'InvalidWebACLId'],
    ['a marker that it did not give', { Marker: 'E9' }, 'InvalidArgument'],
    ['a page of more than 100', { MaxItems: 101 }, 'InvalidArgument'],
  ])('refuses %s', (_what, input, code) => {
    expect(refusal(() => list(input))).toMatch(new RegExp(`^${code}: `, 'u'));
  });
});

describe('ListTagsForResource', () => {
  it('tells the tags of a distribution', () => {
    expect(begin().call('cloudfront:ListTagsForResource', { Resource: ARN })).toEqual({
      Tags: { Items: [{ Key: 'team', Value: 'shop' }] },
    });
  });

  it('is refused for what is not there', () => {
    expect(refusal(() => begin().call('cloudfront:ListTagsForResource', { Resource: `${ARN}0` }))).toMatch(
      /^NoSuchResource: /u,
    );
  });
});

describe('a script', () => {
  const GEO = `cloudfront/Distributions/${ID}/DistributionConfig/Restrictions/GeoRestriction`;

  it('changes the configuration, counts its lists, and gives it another entity tag', () => {
    const { set, read, status } = begin();
    set(GEO, { RestrictionType: 'blacklist', Items: ['AQ'] });
    const first = read()['ETag'];
    set(`${GEO}/Items/+`, 'BV');
    expect(read()['DistributionConfig']).toMatchObject({
      Restrictions: { GeoRestriction: { RestrictionType: 'blacklist', Quantity: 2, Items: ['AQ', 'BV'] } },
    });
    expect(new Set([ETAG, first, read()['ETag']]).size).toBe(3);
    expect(status()).toBe('InProgress');
  });

  it('may not make what CloudFront would not hold', () => {
    const { set } = begin();
    expect(refusal(() => set(GEO, { RestrictionType: 'blacklist', Items: ['UK'] }))).toBe(
      `${GEO}: InvalidGeoRestrictionParameter: Your request contains invalid Restriction parameters.`,
    );
    expect(
      refusal(() => set(`cloudfront/Distributions/${ID}/DistributionConfig/Origins/Items/web/Id`, 'other')),
    ).toMatch(/set the whole list, or add with/u);
  });

  it('leaves the entity tag as it is where tags change', () => {
    const { set, read, call } = begin();
    set(`cloudfront/Distributions/${ID}/Tags/team`, 'other');
    expect(read()['ETag']).toBe(ETAG);
    expect(call('cloudfront:ListTagsForResource', { Resource: ARN })).toEqual({
      Tags: { Items: [{ Key: 'team', Value: 'other' }] },
    });
  });

  it('makes a distribution, and takes it away', () => {
    const { set, read } = begin([]);
    const { Id: _id, ...shop } = SHOP;
    set(`cloudfront/Distributions/${ID}`, shop);
    expect(read()['ETag']).toBe(ETAG);
    set(`cloudfront/Distributions/${ID}`, null);
    expect(refusal(read)).toMatch(/^NoSuchDistribution: /u);
  });
});
