/** Generated rules of web ACLs and rule groups: by sets, beside other conditions, by labels, through groups; with whatever action. */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import { chance, mostly, sometimes } from '../../worlds/pieces.ts';

/** Sets that statements name: the blocklist's own, one of an office, and one of CloudFront's blocklist. */
export const EDGE =
  'arn:aws:wafv2:eu-west-1:111122223333:regional/ipset/prove-edge/11111111-1111-4111-8111-0000000000a1';
export const OFFICE =
  'arn:aws:wafv2:eu-west-1:111122223333:regional/ipset/prove-office/11111111-1111-4111-8111-0000000000a2';
export const GROUP =
  'arn:aws:wafv2:eu-west-1:111122223333:regional/rulegroup/prove-group/11111111-1111-4111-8111-0000000000a3';
export const ACL_PREFIX = 'awswaf:111122223333:webacl:';
export const GROUP_PREFIX = 'awswaf:111122223333:rulegroup:prove-group:';

/** A rule as it is drawn. */
export interface DrawnRule {
  readonly statement: Shape;
  readonly action: 'Block' | 'Allow' | 'Count' | 'Captcha';
  readonly label: string | undefined;
  readonly isSampled: boolean;
}

function isIn(ARN: string, position?: string): Shape {
  if (position === undefined) return { IPSetReferenceStatement: { ARN } };
  const IPSetForwardedIPConfig = { HeaderName: 'X-Forwarded-For', FallbackBehavior: 'NO_MATCH', Position: position };
  return { IPSetReferenceStatement: { ARN, IPSetForwardedIPConfig } };
}

const LABELS = ['edge', 'seen'] as const;

const plain: fc.Arbitrary<Shape> = mostly<Shape>(
  isIn(EDGE),
  [12, isIn(OFFICE)],
  [8, isIn(EDGE, 'LAST')],
  [4, isIn(EDGE, 'ANY')],
  [4, isIn(EDGE, 'FIRST')],
  [8, { GeoMatchStatement: { CountryCodes: ['DE'] } }],
  [12, { LabelMatchStatement: { Scope: 'LABEL', Key: 'edge' } }],
  [4, { LabelMatchStatement: { Scope: 'LABEL', Key: 'seen' } }],
  [6, { LabelMatchStatement: { Scope: 'LABEL', Key: `${GROUP_PREFIX}edge` } }],
);

const negated: fc.Arbitrary<Shape> = fc
  .tuple(plain, chance(15))
  .map(([Statement, isNot]) => (isNot ? { NotStatement: { Statement } } : Statement));

const statement: fc.Arbitrary<Shape> = fc
  .tuple(negated, sometimes(25, fc.tuple(fc.constantFrom('AndStatement', 'OrStatement'), negated)), chance(8))
  .map(([one, more, isNot]): Shape => {
    const whole = more === undefined ? one : { [more[0]]: { Statements: [one, more[1]] } };
    return isNot ? { NotStatement: { Statement: whole } } : whole;
  });

export const aRule: fc.Arbitrary<DrawnRule> = fc.record({
  statement,
  action: mostly<DrawnRule['action']>('Block', [22, 'Allow'], [25, 'Count'], [5, 'Captcha']),
  label: sometimes(35, fc.constantFrom(...LABELS)),
  isSampled: mostly(true, [10, false]),
});

/** The record of a rule. */
export function ruleRecord({ statement: Statement, action, label, isSampled }: DrawnRule, index: number): Shape {
  const Name = `rule-${index}`;
  return {
    Name,
    Priority: index,
    Action: { [action]: {} },
    Statement,
    ...(label === undefined ? {} : { RuleLabels: [{ Name: label }] }),
    VisibilityConfig: { SampledRequestsEnabled: isSampled, CloudWatchMetricsEnabled: true, MetricName: Name },
  };
}

/** How a web ACL asks the group. */
export interface DrawnGroup {
  readonly at: number;
  readonly isCounted: boolean;
  readonly override: { readonly rule: number; readonly action: string } | undefined;
}

export const aGroup: fc.Arbitrary<DrawnGroup> = fc.record({
  at: fc.nat(3),
  isCounted: chance(20),
  override: sometimes(25, fc.record({ rule: fc.nat(2), action: fc.constantFrom('Count', 'Allow', 'Block') })),
});

/** The record of the rule that asks it. */
export function askingRecord({ at, isCounted, override }: DrawnGroup, inside: number): Shape {
  const isKnown = override !== undefined && override.rule < inside;
  const RuleActionOverrides = isKnown
    ? [{ Name: `rule-${override.rule}`, ActionToUse: { [override.action]: {} } }]
    : [];
  return {
    Name: 'asks-the-group',
    Priority: at - 0.5,
    OverrideAction: isCounted ? { Count: {} } : { None: {} },
    Statement: { RuleGroupReferenceStatement: { ARN: GROUP, RuleActionOverrides } },
    VisibilityConfig: { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: 'asks-the-group' },
  };
}
