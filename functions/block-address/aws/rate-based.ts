/** Whom a rate-based rule holds while its alarm rings: an alarm names the rule, and WAF names the addresses. */

import {
  GetRateBasedStatementManagedKeysCommand,
  GetWebACLCommand,
  ListWebACLsCommand,
  WAFV2Client,
  type GetRateBasedStatementManagedKeysResponse,
  type Rule,
  type Scope,
  type WebACL,
  type WebACLSummary,
} from '@aws-sdk/client-wafv2';
import { client } from '../../../shared/aws/clients.ts';
import { isMalformed, parseNetwork } from '../../../shared/judgement/addresses/parse.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { errorName, TerminalError } from '../../../shared/kernel/errors.ts';
import type { AlarmMetric } from '../../../shared/kernel/triggers/alarm-metrics.ts';
import type { HeldBy } from '../decide.ts';

/** Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html (namespace, metric, dimensions). */
const NAMESPACE = 'AWS/WAFV2';
const METRIC = 'BlockedRequests';
/** What stands in the dimension `Rule` of requests that are no single rule's. Source: as above. */
const NO_RULE: ReadonlySet<string> = new Set(['ALL', 'Default_Action']);
/** What is for CloudFront is there. Source: https://docs.aws.amazon.com/waf/latest/APIReference/API_GetWebACL.html (Scope). */
const CLOUDFRONT_REGION = 'us-east-1';

/** WAF answers five readings a second to all callers of an account: between two of ours there is room for others. */
const BETWEEN_READINGS_MS = 250;

/** A rule as an alarm names it: by the names of metrics, in a scope. */
interface NamedRule {
  readonly webAcl: string;
  readonly rule: string;
  readonly scope: Scope;
}

function refused(because: string): Extract<HeldBy, { readonly refused: string }> {
  return { refused: 'no-rate-based-rule', because };
}

/** The rule that the metrics name, without WAF's answer yet; in words, why they name none. */
function ruleNamed(metrics: readonly AlarmMetric[], { region }: Io): NamedRule | string {
  const ofRules = metrics.filter(({ namespace, name, dimensions: { WebACL: acl, Rule: rule, RuleGroup: group } }) => {
    const isBlocked = namespace === NAMESPACE && name === METRIC;
    return isBlocked && acl !== undefined && rule !== undefined && group === undefined && !NO_RULE.has(rule);
  });
  const all = new Map(
    ofRules.map(({ dimensions }) => [
      [dimensions['WebACL'], dimensions['Rule'], dimensions['Region']].join(' '),
      dimensions,
    ]),
  );
  const [dimensions] = all.values();
  if (dimensions === undefined) return `none of its metrics is ${NAMESPACE} ${METRIC} of a rule of a web ACL`;
  const { WebACL: webAcl = '', Rule: rule = '', Region: where } = dimensions;
  if (all.size > 1) return `its metrics are of ${all.size} rules, and which of them rings is not said`;
  if (where !== undefined && where !== region)
    return `${webAcl}/${rule} is in ${where}, which is not seen from ${region}`;
  return { webAcl, rule, scope: where === undefined ? 'CLOUDFRONT' : 'REGIONAL' };
}

/** A client for where the scope is. */
function wafOf(scope: Scope): WAFV2Client {
  return client(WAFV2Client, scope === 'CLOUDFRONT' ? { region: CLOUDFRONT_REGION } : {});
}

/** All web ACLs of a scope. WAF gives a marker with the last page, too: what comes after it is empty. */
async function summariesOf(scope: Scope, io: Io): Promise<readonly WebACLSummary[]> {
  const all: WebACLSummary[] = [];
  let marker: string | undefined;
  do {
    if (marker !== undefined) await io.sleep(BETWEEN_READINGS_MS);
    const command = new ListWebACLsCommand({ Scope: scope, NextMarker: marker });
    const { WebACLs = [], NextMarker } = await wafOf(scope).send(command, { abortSignal: io.signal });
    all.push(...WebACLs);
    marker = WebACLs.length === 0 ? undefined : NextMarker;
  } while (marker !== undefined);
  return all;
}

/** Reads web ACLs one after the other. One that is gone since it was listed has no rules. */
async function readWebAcls(summaries: readonly WebACLSummary[], scope: Scope, io: Io): Promise<readonly WebACL[]> {
  const read: WebACL[] = [];
  for (const { Name, Id } of summaries) {
    await io.sleep(BETWEEN_READINGS_MS);
    try {
      const command = new GetWebACLCommand({ Name, Id, Scope: scope });
      const { WebACL: acl } = await wafOf(scope).send(command, { abortSignal: io.signal });
      if (acl !== undefined) read.push(acl);
    } catch (error) {
      if (errorName(error) !== 'WAFNonexistentItemException') throw error;
    }
  }
  return read;
}

/**
 * The web ACLs whose metric has the name, else those that have it themselves: writers of alarms take the one for the other. Most are
 * named as their metric is: where such a one is there, the others are not read.
 */
async function webAclsOf({ webAcl, scope }: NamedRule, io: Io): Promise<readonly WebACL[]> {
  const summaries = await summariesOf(scope, io);
  const isNamedSo = ({ Name }: WebACLSummary): boolean => Name === webAcl;
  const hasMetric = ({ VisibilityConfig }: WebACL): boolean => VisibilityConfig?.MetricName === webAcl;
  const named = await readWebAcls(summaries.filter(isNamedSo), scope, io);
  if (named.some(hasMetric)) return named.filter(hasMetric);
  const others = await readWebAcls(
    summaries.filter((one) => !isNamedSo(one)),
    scope,
    io,
  );
  const found = others.filter(hasMetric);
  return found.length > 0 ? found : named;
}

function addressesIn(answer: GetRateBasedStatementManagedKeysResponse, rule: string): readonly string[] {
  const all = [answer.ManagedKeysIPV4, answer.ManagedKeysIPV6].flatMap((keys) => keys?.Addresses ?? []);
  return all.map((text) => {
    const parsed = parseNetwork(text);
    if (isMalformed(parsed)) throw new TerminalError(`held by ${rule}: ${text}: ${parsed.says}`);
    return parsed.cidr;
  });
}

/** What WAF says that the rule holds; `undefined`: the rule is gone. */
async function askWaf(acl: WebACL, { Name: rule }: Rule, scope: Scope, io: Io): Promise<readonly string[] | undefined> {
  await io.sleep(BETWEEN_READINGS_MS);
  try {
    const command = new GetRateBasedStatementManagedKeysCommand({
      Scope: scope,
      WebACLName: acl.Name,
      WebACLId: acl.Id,
      RuleName: rule,
    });
    return addressesIn(await wafOf(scope).send(command, { abortSignal: io.signal }), `${acl.Name}/${rule}`);
  } catch (error) {
    if (errorName(error) === 'WAFNonexistentItemException') return undefined;
    throw error;
  }
}

/**
 * Names the addresses that the rate-based rule of an alarm holds now; none is an answer, too.
 * @param metrics those that the alarm watches
 * @throws what AWS throws: an answer that failed is not an empty one
 */
export async function heldBy(metrics: readonly AlarmMetric[], io: Io): Promise<HeldBy> {
  const named = ruleNamed(metrics, io);
  if (typeof named === 'string') return refused(named);
  const called = `${named.webAcl}/${named.rule}`;
  const acls = await webAclsOf(named, io);
  const rules = acls.flatMap((acl) => (acl.Rules ?? []).map((rule) => ({ acl, rule })));
  const [only, other] = rules.filter(({ rule }) => rule.VisibilityConfig?.MetricName === named.rule);
  if (only === undefined) return refused(`no web ACL of scope ${named.scope} has a rule with the metric ${called}`);
  if (other !== undefined) return refused(`the metric ${called} is that of several rules`);
  return heldByRule(only.acl, only.rule, named.scope, io);
}

async function heldByRule(acl: WebACL, rule: Rule, scope: Scope, io: Io): Promise<HeldBy> {
  const called = `${acl.Name}/${rule.Name}`;
  const counts = rule.Statement?.RateBasedStatement;
  if (counts === undefined) return refused(`${called} is not a rate-based rule`);
  if (counts.AggregateKeyType === 'FORWARDED_IP')
    return {
      refused: 'held-by-header',
      because: `${called} counts by a header that the sender of a request may write`,
    };
  if (counts.AggregateKeyType !== 'IP')
    return refused(`${called} counts by ${counts.AggregateKeyType ?? 'nothing'}, and holds no addresses`);
  const addresses = await askWaf(acl, rule, scope, io);
  if (addresses === undefined) return refused(`${called} is gone`);
  const [name, webAcl] = [rule.Name ?? '', acl.ARN ?? ''];
  return { addresses: addresses.map((address) => ({ address, rule: name, webAcl })) };
}
