/** Rules of a web ACL, and of the account's own rule groups in it, as WAF answers and as the runbook means them. */

import type {
  FirewallManagerRuleGroup,
  Rule,
  RuleAction,
  RuleGroup,
  RuleGroupReferenceStatement,
  Statement,
  WebACL,
} from '@aws-sdk/client-wafv2';
import type { WebRule } from '../decide.ts';
import { meaningOf, type Context, type Label, type Meaning } from './statements.ts';

/** Rule groups of the account's own by their ARN; one that could not be read is not there. */
export type Groups = ReadonlyMap<string, RuleGroup>;

type Action = WebRule['action'];

/** What WAF ends with when a rule with such an action matches: no later one is asked. Who solves a puzzle goes on. */
const ENDS: ReadonlySet<Action> = new Set(['Allow', 'Block', 'Captcha', 'Challenge']);

function isManaged({ ManagedRuleGroupStatement: managed }: Statement): boolean {
  return managed !== undefined;
}

/** Whether a rule inside the group is told to let in what it matches. */
function isMadeToAllow({ RuleGroupReferenceStatement: own, ManagedRuleGroupStatement: managed }: Statement): boolean {
  const overrides = [...(own?.RuleActionOverrides ?? []), ...(managed?.RuleActionOverrides ?? [])];
  return overrides.some(({ ActionToUse: action }) => action?.Allow !== undefined);
}

function actionIn(action: RuleAction | undefined): Action {
  if (action?.Block !== undefined) return 'Block';
  if (action?.Allow !== undefined) return 'Allow';
  if (action?.Captcha !== undefined) return 'Captcha';
  return action?.Challenge === undefined ? 'Count' : 'Challenge';
}

function actionOf({ Action: action, OverrideAction: override, Statement: statement = {} }: Rule): Action {
  if (!isManaged(statement) && statement.RuleGroupReferenceStatement === undefined) return actionIn(action);
  if (override?.Count !== undefined) return 'GroupCount';
  return isMadeToAllow(statement) ? 'Allow' : 'Group';
}

/** What rules have in common wherever they stand. */
type Place = Pick<WebRule, 'name' | 'metric' | 'priority' | 'isSampled'>;

function placeOf({ Name: name = '', Priority: priority = 0, VisibilityConfig: visible }: Rule): Place {
  const { MetricName: metric = name, SampledRequestsEnabled: isSampled = true } = visible ?? {};
  return { name, metric, priority, isSampled };
}

function webRule(place: Place, action: Action, isOverridden: boolean, meaning: Meaning): WebRule {
  const { references, spares, only, mentioned } = meaning;
  const known = new Set(references.map(({ arn }) => arn));
  const underConditions = [...new Set(mentioned)].filter((arn) => !known.has(arn));
  return { ...place, action, isOverridden, references, spares, underConditions, only };
}

/** Rules that were read, and the labels that those after them may go by. */
interface Read {
  readonly rules: readonly WebRule[];
  readonly labels: readonly Label[];
}

function labelsOf({ RuleLabels: labels = [] }: Rule, prefix: string, meaning: Meaning, isSure: boolean): Label[] {
  return labels.map(({ Name: name = '' }) => ({ full: prefix + name, meaning, isSure }));
}

function inOrder<T extends { readonly Priority: number | undefined }>(all: readonly T[]): readonly T[] {
  return all.toSorted((one, other) => (one.Priority ?? 0) - (other.Priority ?? 0));
}

/** What a web ACL has a group's rule do; `undefined`: what the group says. */
function overrideOf(name: string, statement: RuleGroupReferenceStatement, isCounted: boolean): Action | undefined {
  if (isCounted) return 'Count';
  const { ExcludedRules: excluded = [], RuleActionOverrides: overrides = [] } = statement;
  const instead = overrides.find((each) => each.Name === name);
  if (instead !== undefined) return actionIn(instead.ActionToUse);
  return excluded.some((each) => each.Name === name) ? 'Count' : undefined;
}

/** A group's rules at the place of the rule that refers to it. No group refers to another one. */
function groupRules(referring: Rule, statement: RuleGroupReferenceStatement, group: RuleGroup, before: Read): Read {
  const { Name: called = '', LabelNamespace: prefix = '', Rules: inside = [] } = group;
  const isCounted = referring.OverrideAction?.Count !== undefined;
  const rules: WebRule[] = [];
  const labels = [...before.labels];
  // Where the result is only counted, a rule that ends the group still ends it: the ones after it may not be asked.
  let isReached = true;
  for (const rule of inOrder(inside)) {
    const { Name: name = '', Statement: what } = rule;
    const meaning = meaningOf(what, { prefix, labels });
    const own = actionIn(rule.Action);
    const override = overrideOf(name, statement, isCounted);
    const place = { ...placeOf(referring), name: `${called}#${name}` };
    rules.push(webRule(place, override ?? own, override !== undefined && override !== own, meaning));
    labels.push(...labelsOf(rule, prefix, meaning, isReached));
    const unbound = overrideOf(name, statement, false) ?? own;
    if (isCounted && ENDS.has(unbound)) isReached = false;
  }
  return { rules: [...before.rules, ...rules], labels };
}

function withRule(rule: Rule, prefix: string, groups: Groups, before: Read): Read {
  const { Statement: statement = {} } = rule;
  const { RuleGroupReferenceStatement: own } = statement;
  const group = groups.get(own?.ARN ?? '');
  if (own !== undefined && group !== undefined) return groupRules(rule, own, group, before);
  const context: Context = { prefix, labels: before.labels };
  const meaning = meaningOf(statement, context);
  return {
    rules: [...before.rules, webRule(placeOf(rule), actionOf(rule), false, meaning)],
    labels: [...before.labels, ...labelsOf(rule, prefix, meaning, true)],
  };
}

/** A group that Firewall Manager puts before all rules; after them nothing matters here. */
function groupOf(rule: FirewallManagerRuleGroup, index: number, all: readonly unknown[]): WebRule {
  const { Name, VisibilityConfig } = rule;
  const place = placeOf({ Name, VisibilityConfig, Priority: index - all.length, Statement: {} });
  return webRule(place, 'Group', false, { references: [], spares: [], only: null, mentioned: [] });
}

/** The ARNs of the account's own rule groups that a web ACL asks. */
export function ownGroupsIn({ Rules: rules = [] }: WebACL): readonly string[] {
  return rules.flatMap(({ Statement: statement }) => statement?.RuleGroupReferenceStatement?.ARN ?? []);
}

/** The rules in the order in which WAF asks them, those of the account's own groups among them. */
export function rulesOf(acl: WebACL, groups: Groups = new Map()): readonly WebRule[] {
  const { PreProcessFirewallManagerRuleGroups: first = [], Rules: rules = [], LabelNamespace: prefix = '' } = acl;
  const begin: Read = { rules: inOrder(first).map(groupOf), labels: [] };
  return inOrder(rules).reduce((before, rule) => withRule(rule, prefix, groups, before), begin).rules;
}
