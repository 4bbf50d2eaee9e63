import type {
  Rule,
  RuleAction,
  RuleGroup,
  RuleGroupReferenceStatement,
  Statement,
  WebACL,
} from '@aws-sdk/client-wafv2';
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
    isOverridden: false,
    references: [{ arn: 'arn:a', forwarded: null }],
    spares: [],
    underConditions: [],
    only: ['arn:a'],
    isSampled: true,
  });
});

test('a rule that looks into a header says into which, and may match anybody: a header can be forged', () => {
  expect(one(LOOKS_INTO)).toMatchObject({
    references: [{ arn: 'arn:a', forwarded: { header: 'x-forwarded-for', position: 'LAST', fallback: 'NO_MATCH' } }],
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
  [
    'everybody but those who are not in a set',
    { NotStatement: { Statement: { NotStatement: { Statement: IS_IN_A } } } },
    ['arn:a'],
    [],
    null,
  ],
  [
    'a set, and either that one or a country',
    { AndStatement: { Statements: [IS_IN_A, { OrStatement: { Statements: [IS_GERMAN, IS_IN_A] } }] } },
    ['arn:a'],
    [],
    ['arn:a'],
  ],
  ['a country', IS_GERMAN, [], [], null],
  [
    'whoever of a set comes too often',
    { RateBasedStatement: { Limit: 100, AggregateKeyType: 'IP', ScopeDownStatement: IS_IN_A } },
    [],
    ['arn:a'],
    ['arn:a'],
  ],
  [
    'a group for a set',
    { ManagedRuleGroupStatement: { VendorName: 'AWS', Name: 'core', ScopeDownStatement: IS_IN_A } },
    [],
    ['arn:a'],
    ['arn:a'],
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

test('of everybody but a set it is said that nobody in it is matched', () => {
  const not: Statement = { NotStatement: { Statement: IS_IN_A } };
  const spares = [{ arn: 'arn:a', forwarded: null }];
  expect(one(not)).toMatchObject({ references: [], spares });
  expect(one({ AndStatement: { Statements: [IS_GERMAN, not] } })).toMatchObject({ spares });
  expect(one({ OrStatement: { Statements: [IS_GERMAN, not] } })).toMatchObject({ spares: [] });
});

const NAMESPACE = 'awswaf:111122223333:webacl:shop:';

function labelled(key: string, scope: 'LABEL' | 'NAMESPACE' = 'LABEL'): Statement {
  return { LabelMatchStatement: { Scope: scope, Key: key } };
}

/** The second of two rules: the first counts whoever is in a set, and labels them. */
function afterLabelling(statement: Statement, what: Statement = IS_IN_A, label = 'blocklist:edge') {
  const labels = ruleOf(what, { Action: { Count: {} }, RuleLabels: [{ Name: label }] });
  return read([labels, ruleOf(statement, { Name: 'by-label', Priority: 2 })], { LabelNamespace: NAMESPACE })[1];
}

test.each<[string, Statement]>([
  ['its name', labelled('blocklist:edge')],
  ['its whole name', labelled(`${NAMESPACE}blocklist:edge`)],
  ['its namespace', labelled('blocklist:', 'NAMESPACE')],
  ['its namespace without a colon', labelled('blocklist', 'NAMESPACE')],
])('a rule by a label, named by %s, matches whoever an earlier rule has labelled', (_what, statement) => {
  expect(afterLabelling(statement)).toMatchObject({
    action: 'Block',
    references: [{ arn: 'arn:a', forwarded: null }],
    only: ['arn:a'],
  });
});

test('a part of a name may be meant, and is not for certain', () => {
  expect(afterLabelling(labelled('edge'))).toMatchObject({
    references: [],
    underConditions: ['arn:a'],
    only: ['arn:a'],
  });
});

test('a label that nobody adds before matches nobody; one of somebody else may match anybody', () => {
  expect(afterLabelling(labelled('other'))).toMatchObject({ references: [], underConditions: [], only: [] });
  expect(afterLabelling(labelled('awswaf:managed:aws:bot'))).toMatchObject({ references: [], only: null });
});

test('a label that is put on a part of a set only blocks under that condition', () => {
  const some: Statement = { AndStatement: { Statements: [IS_IN_A, IS_GERMAN] } };
  expect(afterLabelling(labelled('blocklist:edge'), some)).toMatchObject({
    references: [],
    underConditions: ['arn:a'],
  });
});

const GROUP_ARN = 'arn:aws:wafv2:eu-west-1:111122223333:regional/rulegroup/ours/1';
const GROUP_NAMESPACE = 'awswaf:111122223333:rulegroup:ours:';

/** The rules of a web ACL that asks a group of the account, and a label of that. */
function withGroup(
  inside: readonly Rule[],
  change: Partial<Rule> = {},
  own: Partial<RuleGroupReferenceStatement> = {},
) {
  const group: RuleGroup = {
    Name: 'ours',
    Id: '1',
    Capacity: 10,
    ARN: GROUP_ARN,
    VisibilityConfig: VISIBLE,
    LabelNamespace: GROUP_NAMESPACE,
    Rules: [...inside],
  };
  const { Action: _none, ...bare } = ruleOf(
    { RuleGroupReferenceStatement: { ARN: GROUP_ARN, ...own } },
    {
      Name: 'asks-ours',
      Priority: 5,
      OverrideAction: { None: {} },
      VisibilityConfig: { ...VISIBLE, MetricName: 'asks' },
    },
  );
  const after = ruleOf(labelled(`${GROUP_NAMESPACE}edge`), { Name: 'by-label', Priority: 9 });
  const acl = { Name: 'shop', Id: 'id', ARN: 'arn', DefaultAction: {}, VisibilityConfig: VISIBLE };
  return rulesOf(
    { ...acl, LabelNamespace: NAMESPACE, Rules: [{ ...bare, ...change }, after] },
    new Map([[GROUP_ARN, group]]),
  );
}

const told = (rules: ReturnType<typeof withGroup>): unknown =>
  rules.map(({ name, action, isOverridden }) => `${name} ${action}${isOverridden ? ' instead' : ''}`);

test("a group of the account's own is looked into: its rules stand where it is asked, in their own order", () => {
  const rules = withGroup([ruleOf(IS_IN_B, { Name: 'later', Priority: 7 }), ruleOf(IS_IN_A, { Name: 'first' })]);
  expect(told(rules)).toEqual(['ours#first Block', 'ours#later Block', 'by-label Block']);
  expect(rules[0]).toMatchObject({ metric: 'asks', priority: 5, references: [{ arn: 'arn:a' }] });
});

test('what the web ACL has a rule of the group do instead counts: one by one, as excluded, or as a whole', () => {
  const inside = [ruleOf(IS_IN_A, { Name: 'first' }), ruleOf(IS_IN_B, { Name: 'later', Priority: 7 })];
  const overrides = [{ Name: 'first', ActionToUse: { Allow: {} } }];
  expect(told(withGroup(inside, {}, { RuleActionOverrides: overrides }))).toEqual([
    'ours#first Allow instead',
    'ours#later Block',
    'by-label Block',
  ]);
  expect(told(withGroup(inside, {}, { ExcludedRules: [{ Name: 'later' }] }))).toEqual([
    'ours#first Block',
    'ours#later Count instead',
    'by-label Block',
  ]);
  expect(told(withGroup(inside, { OverrideAction: { Count: {} } }))).toEqual([
    'ours#first Count instead',
    'ours#later Count instead',
    'by-label Block',
  ]);
});

test('a label of the group is followed by its whole name, where the rule that adds it is asked for certain', () => {
  const labels = ruleOf(IS_IN_A, {
    Name: 'labels',
    Priority: 3,
    Action: { Count: {} },
    RuleLabels: [{ Name: 'edge' }],
  });
  expect(withGroup([labels]).at(-1)).toMatchObject({ name: 'by-label', references: [{ arn: 'arn:a' }] });
  const ends = ruleOf(IS_GERMAN, { Name: 'ends', Priority: 1 });
  expect(withGroup([ends, labels]).at(-1)).toMatchObject({ references: [{ arn: 'arn:a' }] });
  const counted = withGroup([ends, labels], { OverrideAction: { Count: {} } });
  expect(counted.at(-1)).toMatchObject({ references: [], underConditions: ['arn:a'] });
});

test('where WAF keeps no samples of a rule that is said', () => {
  expect(one(IS_IN_A, { VisibilityConfig: { ...VISIBLE, SampledRequestsEnabled: false } })).toMatchObject({
    isSampled: false,
  });
});
