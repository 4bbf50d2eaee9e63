import { expect, test } from 'vitest';
import {
  decide,
  type ForwardedIn,
  type Sample,
  type WebAcl,
  type WebRule,
} from '../../../functions/prove-blocklist/decide.ts';
import {
  ALLOW_ARN,
  attached,
  facts,
  letting,
  LIMITS,
  NOW,
  rule,
  sample,
  SET_ARN,
  tagged,
  webAcl,
} from './proof-facts.ts';

function said(change: Parameters<typeof facts>[0] = {}): ReturnType<typeof decide> {
  return decide(facts(change), LIMITS, NOW);
}

function about(change: Partial<WebAcl>, more: Parameters<typeof facts>[0] = {}): ReturnType<typeof decide> {
  return said({ webAcls: [webAcl(change)], ...more });
}

function statusOf({ evidence }: ReturnType<typeof decide>): unknown {
  const sets: unknown = evidence['sets'];
  return Array.isArray(sets) ? sets.map((each: { readonly status: string }) => each.status) : sets;
}

test('a set to which no rule refers is not enforced', () => {
  expect(said({ webAcls: [] })).toMatchObject({
    kind: 'refuse',
    code: 'not-enforced',
    attention: true,
    because: 'edge: no rule of any web ACL of scope REGIONAL refers to edge-v4',
    evidence: { sets: [{ set: 'edge-v4', status: 'not-referenced' }] },
  });
});

test('while web ACLs of its scope could not be read nobody says that none refers to it', () => {
  const unread = ['web ACL shop: AccessDenied: no'];
  expect(said({ webAcls: [], unread, unreadScopes: ['REGIONAL'] })).toMatchObject({
    code: 'partly-proved',
    attention: true,
  });
  expect(said({ webAcls: [], unread, unreadScopes: ['CLOUDFRONT'] })).toMatchObject({ code: 'not-enforced' });
});

test.each(['Count', 'Captcha', 'Challenge'] as const)('a rule with the action %s blocks nobody', (action) => {
  const decision = about({ rules: [rule({ action })] });
  expect(decision).toMatchObject({
    code: 'not-enforced',
    because: `edge: rule block-edge of shop has the action ${action}: it blocks nobody`,
  });
  expect(statusOf(decision)).toEqual(['counts-only']);
});

test('a rule that counts before one that blocks is no harm', () => {
  const counting = rule({ name: 'count-edge', priority: 1, action: 'Count' });
  expect(statusOf(about({ rules: [counting, rule()] }))).toEqual(['enforced']);
});

test('an earlier rule that may let anybody in is named', () => {
  const decision = about({ rules: [letting(), rule()] });
  expect(decision).toMatchObject({
    code: 'not-enforced',
    because: 'edge: rule let-in (priority 1) of shop may let in who is in edge-v4 before rule block-edge (priority 10)',
  });
  expect(statusOf(decision)).toEqual(['behind-an-allow']);
});

test('a later rule lets in nobody who is blocked before it', () => {
  expect(statusOf(about({ rules: [rule(), letting({ priority: 20 })] }))).toEqual(['enforced']);
});

test('an earlier rule for people who are in no blocked network is no harm; one for some who are is', () => {
  const rules = [letting({ only: [ALLOW_ARN] }), rule()];
  expect(statusOf(about({ rules }, { allowSets: { [ALLOW_ARN]: ['192.0.2.0/24'] } }))).toEqual(['enforced']);
  expect(statusOf(about({ rules }, { allowSets: { [ALLOW_ARN]: ['198.51.100.0/24'] } }))).toEqual(['behind-an-allow']);
});

test('where it is not known whom an earlier rule lets in, it may be anybody', () => {
  const rules = [letting({ only: [ALLOW_ARN] }), rule()];
  expect(statusOf(about({ rules }))).toEqual(['behind-an-allow']);
  const unread = tagged([], { content: null });
  expect(statusOf(about({ rules }, { sets: [unread], allowSets: { [ALLOW_ARN]: [] } }))).toEqual(['behind-an-allow']);
});

test('a rule that lets in whoever is in the set is told as such', () => {
  const decision = about({ rules: [rule({ action: 'Allow' })] });
  expect(decision).toMatchObject({ because: 'edge: rule block-edge of shop lets in whoever is in edge-v4' });
  expect(statusOf(decision)).toEqual(['behind-an-allow']);
});

test('a set that is named beside other conditions blocks only under these', () => {
  const decision = about({ rules: [rule({ references: [], underConditions: [SET_ARN] })] });
  expect(decision).toMatchObject({
    because: 'edge: rule block-edge of shop blocks whoever is in edge-v4 only under further conditions',
  });
  expect(statusOf(decision)).toEqual(['under-conditions']);
});

test('a rule group that is asked first is named as not looked into, and is no harm', () => {
  const group = letting({ name: 'managed', action: 'Group' });
  expect(about({ rules: [group, rule()] })).toMatchObject({
    code: 'proved',
    evidence: { sets: [{ status: 'enforced', ruleGroupsNotLookedInto: ['managed'] }] },
  });
});

test('a web ACL that is attached to nothing enforces nothing', () => {
  const decision = about({ attached: attached({ count: 0, names: [] }) });
  expect(decision).toMatchObject({ code: 'not-enforced', because: 'edge: shop is attached to nothing' });
  expect(statusOf(decision)).toEqual(['attached-to-nothing']);
});

test('requests that come prove that something has the web ACL, whatever the lists say', () => {
  const none = attached({ count: 0, names: [] });
  const lately = about({ attached: none, samples: [sample('192.0.2.1/32', 'ALLOW', -900)] });
  expect(lately).toMatchObject({ code: 'proved' });
  expect(statusOf(lately)).toEqual(['enforced']);
  const earlier = about({ attached: none, samples: [sample('192.0.2.1/32', 'ALLOW', -901)] });
  expect(earlier).toMatchObject({ code: 'partly-proved', attention: true });
  expect(statusOf(earlier)).toEqual(['attachments-unread']);
});

test('a web ACL of CloudFront that no distribution has may be that of an application, or of a tenant', () => {
  const sets = [tagged(['198.51.100.7/32'], { scope: 'CLOUDFRONT' })];
  const unlisted = webAcl({ scope: 'CLOUDFRONT', attached: attached({ count: 0, names: [] }) });
  expect(said({ sets, webAcls: [unlisted] })).toMatchObject({
    code: 'partly-proved',
    evidence: {
      sets: [
        {
          status: 'attachments-unread',
          said: 'no distribution has shop; what else may have it, CloudFront does not list',
        },
      ],
    },
  });
});

test('what once had a distribution and has none any more is attached to nothing', () => {
  const sets = [tagged(['198.51.100.7/32'], { scope: 'CLOUDFRONT' })];
  const gone = attached({ count: 0, names: [], hadSome: true });
  const decision = said({ sets, webAcls: [webAcl({ scope: 'CLOUDFRONT', attached: gone })] });
  expect(decision).toMatchObject({ code: 'not-enforced', because: 'edge: shop is attached to nothing any more' });
  const samples = [sample('192.0.2.1/32', 'ALLOW', -60)];
  expect(statusOf(about({ attached: gone, samples }))).toEqual(['enforced']);
});

test('a rule of a group that the web ACL has count instead is told as that', () => {
  const overridden = rule({ name: 'ours#block-edge', action: 'Count', isOverridden: true });
  expect(about({ rules: [overridden] })).toMatchObject({
    because: "edge: rule ours#block-edge of shop has the action Count instead of its rule group's: it blocks nobody",
  });
});

test('a rule that lets in everybody but whoever is in the set lets in nobody who is blocked', () => {
  const spares = [{ arn: SET_ARN, forwarded: null }];
  expect(statusOf(about({ rules: [letting({ spares }), rule()] }))).toEqual(['enforced']);
});

test('a rule that blocks everybody but whoever is in the set blocks nobody who is meant', () => {
  const spares = [{ arn: SET_ARN, forwarded: null }];
  const decision = about({ rules: [rule({ references: [], spares, underConditions: [SET_ARN] })] });
  expect(decision).toMatchObject({ because: 'edge: rule block-edge of shop blocks nobody who is in edge-v4' });
  expect(statusOf(decision)).toEqual(['under-conditions']);
});

test('where samples are switched off it is said that nobody can be seen', () => {
  const decision = about({ rules: [rule({ isSampled: false })], isSampled: false });
  expect(decision).toMatchObject({
    code: 'proved',
    because:
      'edge: 1 block standing; in three hours nobody of them could be seen; every layer that is tagged is enforced',
    evidence: {
      seen: 'cannot be seen: samples are switched off at shop',
      sets: [{ status: 'enforced', samplesSwitchedOff: ['block-edge', 'the default action'] }],
    },
  });
});

test('a spare web ACL that is attached to nothing is no harm beside one that blocks', () => {
  const spare = webAcl({ name: 'spare', attached: attached({ count: 0, names: [] }) });
  const decision = said({ webAcls: [webAcl(), spare] });
  expect(decision).toMatchObject({ code: 'proved' });
  expect(statusOf(decision)).toEqual(['enforced', 'attached-to-nothing']);
});

test('a second web ACL that only counts is harm, for what it is attached to is open', () => {
  const counting = webAcl({ name: 'api', rules: [rule({ action: 'Count' })] });
  expect(said({ webAcls: [webAcl(), counting] })).toMatchObject({ code: 'not-enforced' });
});

test('attachments that are not known prove nothing', () => {
  const decision = about({ attached: null });
  expect(decision).toMatchObject({ code: 'partly-proved', attention: true });
  expect(statusOf(decision)).toEqual(['attachments-unread']);
});

test('where not all kinds of resources answered, one is enough, and none is not nothing', () => {
  expect(about({ attached: attached({ isWhole: false }) })).toMatchObject({
    code: 'proved',
    evidence: { sets: [{ status: 'enforced', attachedToMore: 'perhaps: not all kinds of resources answered' }] },
  });
  expect(statusOf(about({ attached: attached({ isWhole: false, count: 0, names: [] }) }))).toEqual([
    'attachments-unread',
  ]);
});

test('where requests come from CloudFront the rule cannot see the client, unless it looks into the header', () => {
  const samples = [sample('130.176.1.1/32', 'ALLOW', -60), sample('192.0.2.1/32', 'ALLOW', -60)];
  const decision = about({ samples });
  expect(decision).toMatchObject({
    code: 'not-enforced',
    because:
      'edge: shop: 1 of 2 requests that were sampled came from CloudFront: block in a set of scope CLOUDFRONT, or look into the header X-Forwarded-For',
  });
  expect(statusOf(decision)).toEqual(['cannot-see-the-client']);
});

const HEADER = { header: 'x-forwarded-for', position: 'LAST', fallback: 'NO_MATCH' } as const;

function looking(change: Partial<ForwardedIn> = {}): WebRule {
  return rule({ references: [{ arn: SET_ARN, forwarded: { ...HEADER, ...change } }] });
}

function sent(client: string, ...addresses: readonly (string | null)[]): Sample {
  return sample(client, 'ALLOW', -60, { forwarded: { 'x-forwarded-for': addresses } });
}

test('a rule that looks into the header sees who has come by CloudFront, at the end of it or anywhere', () => {
  const samples = [sent('130.176.1.1/32', '192.0.2.9/32', '203.0.113.1/32')];
  expect(statusOf(about({ samples, rules: [looking()] }))).toEqual(['enforced']);
  expect(statusOf(about({ samples, rules: [looking({ position: 'ANY' })] }))).toEqual(['enforced']);
});

test('at the beginning of the header stands what the sender has written, where CloudFront appends who that is', () => {
  const samples = [sent('130.176.1.1/32', '192.0.2.9/32', '203.0.113.1/32')];
  const decision = about({ samples, rules: [looking({ position: 'FIRST' })] });
  expect(statusOf(decision)).toEqual(['under-conditions']);
  expect(decision.because).toContain('look at the last');
  const behindOther = [sent('203.0.113.1/32', '192.0.2.9/32')];
  expect(statusOf(about({ samples: behindOther, rules: [looking({ position: 'FIRST' })] }))).toEqual(['enforced']);
});

test('without the header the rule is not applied, so whoever comes another way is seen by a rule for senders only', () => {
  const samples = [sent('130.176.1.1/32', '203.0.113.1/32'), sample('203.0.113.2/32', 'ALLOW', -60)];
  const decision = about({ samples, rules: [looking()] });
  expect(statusOf(decision)).toEqual(['cannot-see-the-client']);
  expect(decision.because).toBe(
    'edge: shop: 1 of 2 requests that were sampled came without an address in x-forwarded-for, where the rule looks: block by the sender as well',
  );
  expect(statusOf(about({ samples, rules: [looking(), rule()] }))).toEqual(['enforced']);
});

test('what stands in the header and is no address is matched where the rule says so, and else is not', () => {
  const samples = [sent('130.176.1.1/32', null)];
  expect(statusOf(about({ samples, rules: [looking({ fallback: 'MATCH' })] }))).toEqual(['enforced']);
  expect(statusOf(about({ samples, rules: [looking()] }))).toEqual(['cannot-see-the-client']);
});

test('a web ACL behind CloudFront has no more to do than the one at CloudFront has done', () => {
  const samples = [sample('130.176.1.1/32', 'ALLOW', -60), sample('192.0.2.1/32', 'ALLOW', -60)];
  const cdn = tagged(['198.51.100.7/32'], { arn: 'arn:cdn', name: 'edge-cdn', scope: 'CLOUDFRONT' });
  const references = [{ arn: 'arn:cdn', forwarded: null }];
  const atCdn = webAcl({
    arn: 'arn:cdn-acl',
    id: 'cdn',
    name: 'cdn',
    scope: 'CLOUDFRONT',
    rules: [rule({ references })],
  });
  const both = (change: Partial<WebAcl>): ReturnType<typeof decide> =>
    said({ sets: [tagged(['198.51.100.7/32']), cdn], webAcls: [webAcl({ samples }), { ...atCdn, ...change }] });
  expect(both({})).toMatchObject({ code: 'proved' });
  expect(statusOf(both({}))).toEqual(['judged-at-cloudfront', 'enforced']);
  const counting = [rule({ references, action: 'Count' })];
  expect(statusOf(both({ rules: counting }))).toEqual(['cannot-see-the-client', 'counts-only']);
});

test('health checks of a load balancer that stands before another one are no clients', () => {
  const check = sample('10.0.1.7/32', 'ALLOW', -60, { isHealthCheck: true });
  expect(statusOf(about({ samples: [check] }))).toEqual(['enforced']);
});

test('where all requests come from private addresses something stands in front', () => {
  const behind = [sample('10.0.1.7/32', 'ALLOW', -60)];
  expect(statusOf(about({ samples: behind }))).toEqual(['cannot-see-the-client']);
  const mixed = [...behind, sample('192.0.2.1/32', 'ALLOW', -60)];
  expect(statusOf(about({ samples: mixed }))).toEqual(['enforced']);
});

test('a web ACL of CloudFront sees the viewer', () => {
  const sets = [tagged(['198.51.100.7/32'], { scope: 'CLOUDFRONT' })];
  const webAcls = [webAcl({ scope: 'CLOUDFRONT', samples: [sample('130.176.1.1/32', 'ALLOW', -60)] })];
  expect(statusOf(said({ sets, webAcls }))).toEqual(['enforced']);
});
