/** Rules of a web ACL, as WAF answers and as the runbook means them. */

import type { FirewallManagerRuleGroup, IPSetReferenceStatement, Rule, Statement, WebACL } from '@aws-sdk/client-wafv2';
import type { ForwardedIn, SetReference, WebRule } from '../decide.ts';

function forwardedIn({ IPSetForwardedIPConfig: config }: IPSetReferenceStatement): ForwardedIn | null {
  if (config === undefined) return null;
  const { HeaderName: header = '', Position: position = 'FIRST' } = config;
  return { header: header.toLowerCase(), position };
}

function referenceOf(statement: IPSetReferenceStatement): SetReference {
  return { arn: statement.ARN ?? '', forwarded: forwardedIn(statement) };
}

/** Sets by which the statement is true whatever else the request is. */
function sufficient(statement: Statement): readonly SetReference[] {
  const { IPSetReferenceStatement: set, OrStatement: or } = statement;
  if (set !== undefined) return [referenceOf(set)];
  return (or?.Statements ?? []).flatMap(sufficient);
}

/** All sets that are named in it, however deep. */
function mentioned(statement: Statement | undefined): readonly string[] {
  if (statement === undefined) return [];
  const { IPSetReferenceStatement: set, OrStatement: or, AndStatement: and, NotStatement: not } = statement;
  const { RateBasedStatement: rate, ManagedRuleGroupStatement: group } = statement;
  const inner = [...(or?.Statements ?? []), ...(and?.Statements ?? [])].flatMap(mentioned);
  const scopes = [not?.Statement, rate?.ScopeDownStatement, group?.ScopeDownStatement].flatMap(mentioned);
  return [...(set?.ARN === undefined ? [] : [set.ARN]), ...inner, ...scopes];
}

/** Sets outside which the statement is never true; `null`: it may be true of anybody. A header can be forged, the sender cannot. */
function necessary(statement: Statement): readonly string[] | null {
  const { IPSetReferenceStatement: set, OrStatement: or, AndStatement: and } = statement;
  if (set !== undefined) return set.IPSetForwardedIPConfig === undefined ? [set.ARN ?? ''] : null;
  if (or !== undefined) {
    const each = (or.Statements ?? []).map(necessary);
    return each.some((sets) => sets === null) ? null : each.flatMap((sets) => sets ?? []);
  }
  return (and?.Statements ?? []).map(necessary).find((sets) => sets !== null) ?? null;
}

function isGroup({ RuleGroupReferenceStatement: own, ManagedRuleGroupStatement: managed }: Statement): boolean {
  return own !== undefined || managed !== undefined;
}

/** Whether a rule inside the group is told to let in what it matches. */
function isMadeToAllow({ RuleGroupReferenceStatement: own, ManagedRuleGroupStatement: managed }: Statement): boolean {
  const overrides = [...(own?.RuleActionOverrides ?? []), ...(managed?.RuleActionOverrides ?? [])];
  return overrides.some(({ ActionToUse: action }) => action?.Allow !== undefined);
}

function actionOf({ Action: action, OverrideAction: override, Statement: statement = {} }: Rule): WebRule['action'] {
  if (isGroup(statement)) {
    if (override?.Count !== undefined) return 'GroupCount';
    return isMadeToAllow(statement) ? 'Allow' : 'Group';
  }
  if (action?.Block !== undefined) return 'Block';
  if (action?.Allow !== undefined) return 'Allow';
  if (action?.Captcha !== undefined) return 'Captcha';
  return action?.Challenge === undefined ? 'Count' : 'Challenge';
}

function ruleOf(rule: Rule): WebRule {
  const { Name: name = '', Priority: priority = 0, Statement: statement = {}, VisibilityConfig: visible } = rule;
  const references = sufficient(statement);
  const known = new Set(references.map(({ arn }) => arn));
  return {
    name,
    metric: visible?.MetricName ?? name,
    priority,
    action: actionOf(rule),
    ...(statement.RuleGroupReferenceStatement === undefined ? {} : { asksOwnGroup: true as const }),
    references,
    underConditions: mentioned(statement).filter((arn) => !known.has(arn)),
    only: necessary(statement),
  };
}

/** A group that Firewall Manager puts before all rules; after them nothing matters here. */
function groupOf(
  { Name: name = '', VisibilityConfig: visible }: FirewallManagerRuleGroup,
  index: number,
  all: readonly unknown[],
): WebRule {
  const priority = index - all.length;
  const nobody = { references: [], underConditions: [], only: null };
  return { name, metric: visible?.MetricName ?? name, priority, action: 'Group', ...nobody };
}

/** The rules in the order in which WAF asks them. */
export function rulesOf({
  PreProcessFirewallManagerRuleGroups: first = [],
  Rules: rules = [],
}: WebACL): readonly WebRule[] {
  const groups = first.toSorted((one, other) => (one.Priority ?? 0) - (other.Priority ?? 0)).map(groupOf);
  return [...groups, ...rules.map(ruleOf).toSorted((one, other) => one.priority - other.priority)];
}
