import type { Rule, RuleAction, Statement, WebACL } from '@aws-sdk/client-wafv2';
import { expect, test } from 'vitest';
import { rulesOf } from '../../../functions/prove-blocklist/aws/rules.ts';

const VISIBLE = { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: 'metric' };
const IS_IN_A: Statement = { IPSetReferenceStatement: { ARN: 'arn:a' } };
const IS_IN_B: Statement = { IPSetReferenceStatement: { ARN: 'arn:b' } };
const IS_GERMAN: Statement = { GeoMatchStatement: { CountryCodes: ['DE'] } };
const LOOKS_INTO: Statement = {
  IPSetReferenceStatement: {
    ARN: 'arn:a',
    IPSetForwardedIPConfig: { HeaderName: 'X-Forwarded-For', FallbackBehavior: 'NO_MATCH', Position: 'LAST' },
  },
};
const GROUP: Statement = { RuleGroupReferenceStatement: { ARN: 'arn:group' } };

function ruleOf(Statement: Statement, change: Partial<Rule> = {}): Rule {
  return { Name: 'r', Priority: 1, Statement, Action: { Block: {} }, VisibilityConfig: VISIBLE, ...change };
}

function read(rules: readonly Rule[], change: Partial<WebACL> = {}) {
  return rulesOf({
    Name: 'shop',
    Id: 'id',
    ARN: 'arn',
    DefaultAction: {},
    VisibilityConfig: VISIBLE,
    Rules: [...rules],
    ...change,
  });
}

const one = (statement: Statement, change: Partial<Rule> = {}) => read([ruleOf(statement, change)])[0];

test('a rule by a set alone matches whoever is in it, and nobody else', () => {
  expect(one(IS_IN_A)).toEqual({
    name: 'r',
    metric: 'metric',
    priority: 1,
    action: 'Block',
    references: [{ arn: 'arn:a', forwarded: null }],
    underConditions: [],
    only: ['arn:a'],
  });
});

test('a rule that looks into a header says into which, and may match anybody: a header can be forged', () => {
  expect(one(LOOKS_INTO)).toMatchObject({
    references: [{ arn: 'arn:a', forwarded: { header: 'x-forwarded-for', position: 'LAST' } }],
    only: null,
  });
});

test.each<[string, Statement, readonly string[], readonly string[], readonly string[] | null]>([
  [
    'either of two sets',
    { OrStatement: { Statements: [IS_IN_A, IS_IN_B] } },
    ['arn:a', 'arn:b'],
    [],
    ['arn:a', 'arn:b'],
  ],
  ['a set or a country', { OrStatement: { Statements: [IS_IN_A, IS_GERMAN] } }, ['arn:a'], [], null],
  ['a set and a country', { AndStatement: { Statements: [IS_GERMAN, IS_IN_A] } }, [], ['arn:a'], ['arn:a']],
  ['everybody but a set', { NotStatement: { Statement: IS_IN_A } }, [], ['arn:a'], null],
  ['a country', IS_GERMAN, [], [], null],
  [
    'whoever of a set comes too often',
    { RateBasedStatement: { Limit: 100, AggregateKeyType: 'IP', ScopeDownStatement: IS_IN_A } },
    [],
    ['arn:a'],
    null,
  ],
  [
    'a group for a set',
    { ManagedRuleGroupStatement: { VendorName: 'AWS', Name: 'core', ScopeDownStatement: IS_IN_A } },
    [],
    ['arn:a'],
    null,
  ],
])(
  'of %s it is said by which sets it matches, which it names, and outside which it matches nobody',
  (_what, statement, by, named, only) => {
    const rule = one(statement);
    expect(rule?.references.map(({ arn }) => arn)).toEqual(by);
    expect(rule?.underConditions).toEqual(named);
    expect(rule?.only).toEqual(only);
  },
);

test.each<[RuleAction, string]>([
  [{ Allow: {} }, 'Allow'],
  [{ Count: {} }, 'Count'],
  [{ Captcha: {} }, 'Captcha'],
  [{ Challenge: {} }, 'Challenge'],
])('an action %j is read as %s', (Action, action) => {
  expect(one(IS_IN_A, { Action })).toMatchObject({ action });
});

test('a group decides itself, counts only where that is overridden, and lets in where one of its rules is told to', () => {
  const { Action: _none, ...bare } = ruleOf(GROUP);
  expect(read([{ ...bare, OverrideAction: { None: {} } }])[0]).toMatchObject({ action: 'Group', only: null });
  expect(read([{ ...bare, OverrideAction: { Count: {} } }])[0]).toMatchObject({ action: 'GroupCount' });
  const letting: Statement = {
    RuleGroupReferenceStatement: {
      ARN: 'arn:group',
      RuleActionOverrides: [{ Name: 'x', ActionToUse: { Allow: {} } }],
    },
  };
  expect(read([{ ...bare, Statement: letting }])[0]).toMatchObject({ action: 'Allow' });
});

test('rules come in the order of their priorities, behind the groups that Firewall Manager puts before them', () => {
  const rules = [ruleOf(IS_IN_A, { Name: 'late', Priority: 9 }), ruleOf(IS_IN_A, { Name: 'early', Priority: 0 })];
  const group = (Name: string, Priority: number) => ({
    Name,
    Priority,
    FirewallManagerStatement: {},
    OverrideAction: {},
    VisibilityConfig: VISIBLE,
  });
  const all = read(rules, { PreProcessFirewallManagerRuleGroups: [group('second', 5), group('first', 2)] });
  expect(all.map(({ name, action, priority }) => `${name} ${action} ${priority}`)).toEqual([
    'first Group -2',
    'second Group -1',
    'early Block 0',
    'late Block 9',
  ]);
});
