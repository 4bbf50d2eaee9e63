/** What is read of sets, web ACLs and the ledger, on the simulated AWS. */

import { describe, expect, it } from 'vitest';
import { locate, observe, type Seen } from '../../../functions/prove-blocklist/aws.ts';
import type { Located } from '../../../shared/kernel/definition.ts';
import type { Done } from '../in-a-function.ts';
import {
  ALL,
  ALB,
  countOf,
  EDGE_ARN,
  ID,
  isIn,
  LISTING,
  OFFICE_ARN,
  POOL,
  rule,
  seenIn,
  SHOP,
  within,
  WORLD,
} from './small-account.ts';

function rememberedAt(at: string, count = 1): object {
  const text = JSON.stringify({ at, readAt: at, isWhole: true, count, names: ['arn:remembered'] });
  const history = { epoch: 0, actions: [], memory: { [`attached:${ID}1`]: text, 'attached:gone': text } };
  return {
    ledger: { ...WORLD.ledger, resources: [{ resource: 'blocklist/edge', runbook: 'prove-blocklist', history }] },
  };
}

describe('a blocklist', () => {
  it('is read with its sets, the web ACLs that name them, whom these let in first, and whom they have seen', async () => {
    const done = await within((io) => locate(ALL, io));
    expect(done.value?.map(({ target }) => target)).toEqual(['blocklist/edge']);
    const [facts] = seenIn(done);
    expect(facts).toMatchObject({
      blocklist: 'edge',
      address: null,
      hasGuardLists: false,
      sets: [
        {
          arn: EDGE_ARN,
          name: 'edge-v4',
          scope: 'REGIONAL',
          isNumbered: false,
          content: { family: 'IPV4', addresses: ['198.51.100.7/32'] },
        },
      ],
      allowSets: { [OFFICE_ARN]: ['192.0.2.0/24'] },
      cloudFrontRanges: ['130.176.0.0/18'],
      acls: [],
      prefixLists: [],
      balancerSubnets: [],
      unread: [],
      unreadScopes: [],
    });
    expect(facts?.webAcls).toMatchObject([
      {
        name: 'shop',
        rules: [
          { name: 'office', action: 'Allow', only: [OFFICE_ARN] },
          { name: 'block', action: 'Block', references: [{ arn: EDGE_ARN, forwarded: null }] },
        ],
        isReadNow: true,
        attached: { isWhole: true, count: 2, names: [ALB, POOL] },
        samples: [
          { client: '198.51.100.7/32', at: '2026-11-22T07:50:00.000Z', action: 'BLOCK', rule: 'block' },
          { client: '2001:db8::1/128', action: 'ALLOW', rule: 'the default action' },
        ],
      },
    ]);
  });

  it('is read alone where it is asked for by its name, and nothing is where nothing has that name', async () => {
    const named = await within((io) => locate({ ...ALL, target: 'edge' }, io));
    expect(seenIn(named).map((facts) => facts?.address)).toEqual([null]);
    expect(seenIn(await within((io) => locate({ ...ALL, target: 'edgy' }, io)))).toEqual([]);
  });

  it('is read for an address in its one spelling where that is asked for', async () => {
    const done = await within((io) => locate({ ...ALL, target: '198.51.100.7' }, io));
    expect(seenIn(done).map((facts) => facts?.address)).toEqual(['198.51.100.7/32']);
  });

  it('is observed again by its target, and is no more once nothing is tagged with it', async () => {
    expect((await within((io) => observe('blocklist/edge', ALL, io))).value?.blocklist).toBe('edge');
    const { thrown } = await within((io) => observe('blocklist/gone', ALL, io));
    expect(thrown).toMatchObject({ name: 'TerminalError', message: 'nothing is tagged with gone any more' });
  });

  it('is none where nothing is tagged', async () => {
    const done = await within((io) => locate(ALL, io), {
      wafv2: { IPSets: [], WebACLs: [{ ...SHOP, Rules: [], SampledRequests: [] }] },
    });
    expect(seenIn(done)).toEqual([]);
    expect(countOf(done, 'wafv2:ListWebACLs')).toBe(0);
  });
});

describe('a rule group of the account', () => {
  const arn = `arn:aws:wafv2:eu-west-1:111122223333:regional/rulegroup/ours/${ID}7`;
  const asks = (name: string, priority: number): object => {
    const { Action: _none, ...bare } = { Action: {}, ...rule(name, priority, 'Block', {}) };
    return { ...bare, OverrideAction: { None: {} }, Statement: { RuleGroupReferenceStatement: { ARN: arn } } };
  };
  const Rules = [rule('block', 1, 'Block', isIn(EDGE_ARN))];
  const group = { Name: 'ours', Id: `${ID}7`, ARN: arn, Capacity: 1, Rules };
  const two = [
    { ...SHOP, Rules: [asks('ours-first', 3)] },
    { Name: 'other', Id: `${ID}2`, Rules: [asks('ours', 1)], Resources: [] },
  ];
  const world = { wafv2: { IPSets: WORLD.wafv2.IPSets, WebACLs: two, RuleGroups: [group] } };

  it('is read once, and its rules are those of every web ACL that asks it', async () => {
    const done = await within((io) => locate(ALL, io), world);
    expect(countOf(done, 'wafv2:GetRuleGroup')).toBe(1);
    expect(seenIn(done)[0]?.webAcls.map(({ name, rules }) => [name, rules.map((each) => each.name)])).toEqual([
      ['other', ['ours#block']],
      ['shop', ['ours#block']],
    ]);
  });

  it('that cannot be read is told, and nobody says that none refers to a set', async () => {
    const calm = await within((io) => locate(ALL, io), world);
    const request = calm.requests.findIndex(({ call }) => call === 'wafv2:GetRuleGroup');
    const done = await within((io) => locate(ALL, io), world, [{ request, kind: 'throttled-for-a-minute' }]);
    expect(seenIn(done)[0]).toMatchObject({ webAcls: [], unreadScopes: ['REGIONAL'] });
    expect(seenIn(done)[0]?.unread).toEqual([expect.stringContaining(`rule group ${arn}: `)]);
  });
});

describe('samples', () => {
  const asked = 'wafv2:GetSampledRequests';
  const from = (ClientIP: string, Timestamp: string, Weight = 1): object => ({
    RuleMetricName: 'shop',
    Request: { ClientIP },
    Action: 'ALLOW',
    Timestamp,
    Weight,
  });
  const busy = (...SampledRequests: readonly object[]): object => ({
    wafv2: { ...WORLD.wafv2, WebACLs: [{ ...SHOP, SampledRequests }] },
  });
  const clients = (done: Done<readonly Located<Seen>[]>): unknown =>
    seenIn(done)[0]?.webAcls[0]?.samples?.map(({ client }) => client);

  it('are asked for once for each rule that matters, and for the default action', async () => {
    const done = await within((io) => locate(ALL, io));
    expect(done.requests.filter(({ call }) => call === asked).map(({ input }) => input['RuleMetricName'])).toEqual([
      'm-office',
      'm-block',
      'shop',
    ]);
  });

  it('of very many requests are those of the last quarter of an hour, too: WAF takes the first 5,000', async () => {
    const early = from('192.0.2.1', '2026-11-22T06:00:00Z', 5_000);
    const done = await within((io) => locate(ALL, io), busy(early, from('192.0.2.2', '2026-11-22T07:59:00Z')));
    expect(countOf(done, asked)).toBe(4);
    expect(clients(done)).toEqual(['192.0.2.1/32', '192.0.2.2/32']);
  });

  it('that reach into it are not asked for twice', async () => {
    const late = from('192.0.2.1', '2026-11-22T07:50:00Z', 5_000);
    const done = await within((io) => locate(ALL, io), busy(late, from('192.0.2.2', '2026-11-22T07:59:00Z')));
    expect(countOf(done, asked)).toBe(3);
    expect(clients(done)).toEqual(['192.0.2.1/32']);
  });

  it('of what the rules look for in headers keep its places, whatever stands there, and tell health checks', async () => {
    const looks = {
      IPSetReferenceStatement: {
        ARN: EDGE_ARN,
        IPSetForwardedIPConfig: { HeaderName: 'X-Forwarded-For', FallbackBehavior: 'MATCH', Position: 'LAST' },
      },
    };
    const Headers = [
      { Name: 'x-forwarded-for', Value: 'unknown, 192.0.2.1' },
      { Name: 'X-Forwarded-For', Value: '2001:DB8::1' },
      { Name: 'User-Agent', Value: 'ELB-HealthChecker/2.0' },
    ];
    const SampledRequests = [
      {
        RuleMetricName: 'm-block',
        Request: { ClientIP: '10.0.0.1', Headers },
        Action: 'ALLOW',
        Timestamp: '2026-11-22T07:59:00Z',
      },
    ];
    const done = await within((io) => locate(ALL, io), {
      wafv2: { ...WORLD.wafv2, WebACLs: [{ ...SHOP, Rules: [rule('block', 1, 'Block', looks)], SampledRequests }] },
    });
    expect(seenIn(done)[0]?.webAcls[0]?.samples).toMatchObject([
      { isHealthCheck: true, forwarded: { 'x-forwarded-for': [null, '192.0.2.1/32', '2001:db8::1/128'] } },
    ]);
  });

  it('are not asked for where WAF keeps none', async () => {
    const off = {
      ...rule('block', 1, 'Block', isIn(EDGE_ARN)),
      VisibilityConfig: { SampledRequestsEnabled: false, CloudWatchMetricsEnabled: true, MetricName: 'm-block' },
    };
    const done = await within((io) => locate(ALL, io), {
      wafv2: { ...WORLD.wafv2, WebACLs: [{ ...SHOP, Rules: [off] }] },
    });
    expect(done.requests.filter(({ call }) => call === asked).map(({ input }) => input['RuleMetricName'])).toEqual([
      'shop',
    ]);
    expect(seenIn(done)[0]?.webAcls[0]?.rules[0]).toMatchObject({ isSampled: false });
  });

  it('without an address that can be read say nothing of a client', async () => {
    const done = await within((io) => locate(ALL, io), busy(from('unknown', '2026-11-22T07:59:00Z')));
    expect(clients(done)).toEqual([null]);
  });
});

describe('attachments', () => {
  it('are asked for kind by kind, two seconds apart', async () => {
    const { requests } = await within((io) => locate(ALL, io));
    const times = requests.filter(({ call }) => call === LISTING).map(({ at }) => Date.parse(at));
    expect(times).toHaveLength(6);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(2_000);
  });

  it('are not asked for again within a quarter of an hour: what is remembered stands, with its time', async () => {
    const done = await within((io) => locate(ALL, io), rememberedAt('2026-11-22T07:46:00.000Z'));
    expect(countOf(done, LISTING)).toBe(0);
    expect(seenIn(done)[0]?.webAcls[0]).toMatchObject({
      isReadNow: false,
      attached: { readAt: '2026-11-22T07:46:00.000Z', count: 1, names: ['arn:remembered'] },
    });
    expect(seenIn(done)[0]?.forget).toEqual(['attached:gone']);
  });

  it('are asked for again after it', async () => {
    const done = await within((io) => locate(ALL, io), rememberedAt('2026-11-22T07:45:00.000Z'));
    expect(countOf(done, LISTING)).toBe(6);
    expect(seenIn(done)[0]?.webAcls[0]).toMatchObject({ isReadNow: true, attached: { count: 2 } });
  });

  it('are asked for where what is remembered cannot be understood', async () => {
    const history = { epoch: 0, actions: [], memory: { [`attached:${ID}1`]: '{"at":' } };
    const resources = [{ resource: 'blocklist/edge', runbook: 'prove-blocklist', history }];
    const done = await within((io) => locate(ALL, io), { ledger: { ...WORLD.ledger, resources } });
    expect(countOf(done, LISTING)).toBe(6);
  });

  it('of which one kind does not answer are told as not whole, and count as asked for', async () => {
    const calm = await within((io) => locate(ALL, io));
    const last = calm.requests.findLastIndex(({ call }) => call === LISTING);
    const done = await within((io) => locate(ALL, io), {}, [{ request: last, kind: 'throttled-for-a-minute' }]);
    const [facts] = seenIn(done);
    expect(facts?.webAcls[0]).toMatchObject({ isReadNow: true, attached: { isWhole: false, count: 2 } });
    expect(facts?.unread).toEqual([
      expect.stringMatching(/^what shop is attached to \(VERIFIED_ACCESS_INSTANCE\): \w+: /u),
    ]);
  });

  it('of which no kind answers leave what was known before, with its time', async () => {
    const before = rememberedAt('2026-11-22T07:00:00.000Z');
    const calm = await within((io) => locate(ALL, io), before);
    const first = calm.requests.findIndex(({ call }) => call === LISTING);
    const done = await within((io) => locate(ALL, io), before, [{ request: first, kind: 'throttled-for-a-minute' }]);
    const [facts] = seenIn(done);
    const attached = facts?.webAcls[0]?.attached;
    expect(attached).toMatchObject({ readAt: '2026-11-22T07:00:00.000Z', isWhole: false, count: 1 });
    expect((attached?.at ?? '') > '2026-11-22T08:00:00.000Z').toBe(true);
  });
});

/** What a run tells of what it could not read. */
function toldOf({ value, thrown }: Done<readonly Located<Seen>[]>): string {
  if (thrown instanceof Error) return thrown.name;
  return (value?.[0]?.facts?.unread.length ?? 0) > 0 ? 'unread' : 'nothing';
}

/** Who cannot even say what is tagged cannot say that nothing is. */
const WITHOUT: { readonly [call: string]: string } = { 'tag:GetResources': 'RetryableError' };

describe('a place that does not answer', () => {
  it('holds up no other, and is told with its reason; one throttle is got over', async () => {
    const calm = await within((io) => locate(ALL, io));
    const asked = calm.requests.flatMap(({ call, region }, request) => {
      const where = region === undefined ? call : `${call} in ${region}`;
      return call.startsWith('ledger:') ? [] : [{ call: where, request }];
    });
    expect(asked.length).toBeGreaterThan(15);
    for (const { call, request } of asked) {
      const once = await within((io) => locate(ALL, io), {}, [{ request, kind: 'throttled' }]);
      expect([call, request, seenIn(once)[0]?.unread]).toEqual([call, request, []]);
      const long = await within((io) => locate(ALL, io), {}, [{ request, kind: 'throttled-for-a-minute' }]);
      expect([call, toldOf(long)]).toEqual([call, WITHOUT[call] ?? 'unread']);
    }
  });
});
