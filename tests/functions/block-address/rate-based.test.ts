/** Whom the rule of an alarm holds, on the simulated AWS. */

import { describe, expect, it } from 'vitest';
import { heldBy } from '../../../functions/block-address/aws/rate-based.ts';
import type { HeldBy } from '../../../functions/block-address/decide.ts';
import { makeIo } from '../../../shared/kernel/run/io.ts';
import type { AlarmMetric } from '../../../shared/kernel/triggers/alarm-metrics.ts';
import { NO_FAULTS, type FaultPoint, type LoggedRequest } from '../../../simulator/engine/run-types.ts';
import { simulate } from '../../../simulator/engine/simulation.ts';
import { deploy, run } from '../../simulator/deploy.ts';

const IDS = { CLOUDFRONT: 'aaaaaaaa-1111-4111-8111-111111111111', REGIONAL: 'bbbbbbbb-1111-4111-8111-111111111111' };

function rule(Name: string, MetricName: string, Statement: object): object {
  const VisibilityConfig = { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName };
  return { Name, Priority: 0, Action: { Block: {} }, Statement, VisibilityConfig };
}

function counts(AggregateKeyType: string): object {
  return { RateBasedStatement: { Limit: 500, AggregateKeyType } };
}

function acl(Scope: 'REGIONAL' | 'CLOUDFRONT', more: object = {}): object {
  return {
    Name: 'site',
    Id: IDS[Scope],
    Scope,
    Rules: [
      rule('flood', 'flood-metric', counts('IP')),
      rule('forwarded', 'forwarded', counts('FORWARDED_IP')),
      rule('by-header', 'by-header', counts('CUSTOM_KEYS')),
      rule('geo', 'geo', { GeoMatchStatement: { CountryCodes: ['XX'] } }),
      rule('one', 'shared', counts('IP')),
      rule('two', 'shared', counts('IP')),
    ],
    ManagedKeys: {
      flood: { IPV4: [Scope === 'REGIONAL' ? '198.51.100.9/32' : '203.0.113.7/32'], IPV6: ['2001:db8::9/128'] },
    },
    ...more,
  };
}

const OTHER = {
  Name: 'other',
  Rules: [rule('flood', 'flood-metric', counts('IP'))],
  ManagedKeys: { flood: { IPV4: ['192.0.2.1/32'] } },
  VisibilityConfig: { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: 'other-metric' },
};

/** The metric of a rule of `site`, in the Region at home. */
function blocked(dimensions: AlarmMetric['dimensions'] = {}): AlarmMetric {
  return {
    namespace: 'AWS/WAFV2',
    name: 'BlockedRequests',
    dimensions: { WebACL: 'site', Rule: 'flood-metric', Region: 'eu-west-1', ...dimensions },
  };
}

interface Answer {
  readonly held: HeldBy | undefined;
  readonly thrown: unknown;
  readonly requests: readonly LoggedRequest[];
}

async function ask(
  metrics: readonly AlarmMetric[],
  points: readonly FaultPoint[] = [],
  acls: readonly object[] = [OTHER, acl('REGIONAL'), acl('CLOUDFRONT')],
): Promise<Answer> {
  let held: HeldBy | undefined;
  let thrown: unknown;
  const fn = deploy(
    async () => {
      const { signal } = new AbortController();
      const io = makeIo({ run: 'r', account: '111122223333', region: 'eu-west-1', signal, target: 't' });
      try {
        held = await heldBy(metrics, io);
      } catch (error) {
        thrown = error;
      }
    },
    { timeoutSeconds: 60 },
  );
  const world = {
    now: '2026-11-22T08:00:00Z',
    account: '111122223333',
    region: 'eu-west-1',
    wafv2: { WebACLs: acls },
  };
  const { requests, error } = await simulate(run(fn, { world, faults: { ...NO_FAULTS, points } }));
  if (error !== undefined) throw error;
  return { held, thrown, requests };
}

describe('whom a rate-based rule holds', () => {
  it('is read from the rule whose metric the alarm names, of the web ACL at home', async () => {
    const { held, requests } = await ask([blocked()]);
    const webAcl = `arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/site/${IDS.REGIONAL}`;
    expect(held).toEqual({
      addresses: [
        { address: '198.51.100.9/32', rule: 'flood', webAcl },
        { address: '2001:db8::9/128', rule: 'flood', webAcl },
      ],
    });
    expect(requests.map(({ call, region }) => [call, region])).toEqual([
      ['wafv2:ListWebACLs', undefined],
      ['wafv2:ListWebACLs', undefined],
      ['wafv2:GetWebACL', undefined],
      ['wafv2:GetRateBasedStatementManagedKeys', undefined],
    ]);
  });

  it('is read in us-east-1 where the metric has no Region: the web ACL is for CloudFront', async () => {
    const { Region: _region, ...dimensions } = blocked().dimensions;
    const { held, requests } = await ask([{ ...blocked(), dimensions }]);
    const webAcl = `arn:aws:wafv2:us-east-1:111122223333:global/webacl/site/${IDS.CLOUDFRONT}`;
    expect(held).toMatchObject({ addresses: [{ address: '203.0.113.7/32', webAcl }, { webAcl }] });
    expect(new Set(requests.map(({ region }) => region))).toEqual(new Set(['us-east-1']));
  });

  it('is found of a web ACL whose metric is named otherwise than itself, by either name', async () => {
    const addresses = [{ address: '192.0.2.1/32' }];
    expect((await ask([blocked({ WebACL: 'other-metric' })])).held).toMatchObject({ addresses });
    expect((await ask([blocked({ WebACL: 'other' })])).held).toMatchObject({ addresses });
  });

  it('may be nobody', async () => {
    const { held } = await ask([blocked()], [], [acl('REGIONAL', { ManagedKeys: {} })]);
    expect(held).toEqual({ addresses: [] });
  });

  it('is one rule, however many of its metrics the alarm watches', async () => {
    expect((await ask([blocked(), blocked()])).held).toHaveProperty('addresses');
  });
});

describe('an alarm is refused', () => {
  it.each([
    ['without metrics', [], 'none of its metrics is AWS/WAFV2 BlockedRequests of a rule of a web ACL'],
    [
      'of another metric',
      [{ ...blocked(), name: 'AllowedRequests' }],
      'none of its metrics is AWS/WAFV2 BlockedRequests of a rule of a web ACL',
    ],
    [
      'of all rules',
      [blocked({ Rule: 'ALL' })],
      'none of its metrics is AWS/WAFV2 BlockedRequests of a rule of a web ACL',
    ],
    [
      'of a rule in a rule group',
      [blocked({ RuleGroup: 'group' })],
      'none of its metrics is AWS/WAFV2 BlockedRequests of a rule of a web ACL',
    ],
    [
      'of several rules',
      [blocked(), blocked({ Rule: 'geo' })],
      'its metrics are of 2 rules, and which of them rings is not said',
    ],
    [
      'of another Region',
      [blocked({ Region: 'ap-south-1' })],
      'site/flood-metric is in ap-south-1, which is not seen from eu-west-1',
    ],
    [
      'of no rule there is',
      [blocked({ Rule: 'none' })],
      'no web ACL of scope REGIONAL has a rule with the metric site/none',
    ],
    [
      'of no web ACL there is',
      [blocked({ WebACL: 'x' })],
      'no web ACL of scope REGIONAL has a rule with the metric x/flood-metric',
    ],
    ['of two rules under one metric', [blocked({ Rule: 'shared' })], 'the metric site/shared is that of several rules'],
    ['of a rule that counts nothing', [blocked({ Rule: 'geo' })], 'site/geo is not a rate-based rule'],
    [
      'of a rule that counts by something else',
      [blocked({ Rule: 'by-header' })],
      'site/by-header counts by CUSTOM_KEYS, and holds no addresses',
    ],
  ])('%s', async (_what, metrics, because) => {
    expect((await ask(metrics)).held).toEqual({ refused: 'no-rate-based-rule', because });
  });

  it('of a rule that counts by what the sender writes', async () => {
    expect((await ask([blocked({ Rule: 'forwarded' })])).held).toEqual({
      refused: 'held-by-header',
      because: 'site/forwarded counts by a header that the sender of a request may write',
    });
  });
});

it.each([0, 1, 2, 3])('what AWS does not answer is no empty answer: request %i', async (request) => {
  const { held, thrown } = await ask([blocked()], [{ request, kind: 'failed-before' }]);
  expect([held, String(thrown)]).toEqual([undefined, 'InternalError: An internal error has occurred']);
});
