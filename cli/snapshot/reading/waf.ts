/** WAF: IP sets, web ACLs and rule groups of one scope. */

import { isRecord } from '../../../simulator/engine/json.ts';
import type { Row } from '../asking.ts';
import { distinct, rowsOf, section, textOf, textsIn, textsOf, type Place, type Section } from './place.ts';

/** Source: API_ListResourcesForWebACL, ResourceType. CloudFront is asked of CloudFront. */
const BEHIND = [
  'APPLICATION_LOAD_BALANCER',
  'API_GATEWAY',
  'APPSYNC',
  'COGNITO_USER_POOL',
  'APP_RUNNER_SERVICE',
  'VERIFIED_ACCESS_INSTANCE',
  'AMPLIFY',
] as const;

/** Source: API_ListWebACLs, Limit: at most 100. */
const PAGE = 100;

/** Where records of a scope stand. */
export type Scope = 'REGIONAL' | 'CLOUDFRONT';

async function tagsOf({ ask, region }: Place, ResourceARN: unknown): Promise<Row> {
  const answer = await ask.one(region, 'wafv2:ListTagsForResource', { ResourceARN });
  const info = answer?.['TagInfoForResource'];
  if (answer === undefined) return {};
  return { Tags: isRecord(info) ? (info['TagList'] ?? []) : [] };
}

async function ipSet(place: Place, Scope: Scope, { Name, Id }: Row): Promise<readonly Row[]> {
  const { ask, region } = place;
  const answer = await ask.one(region, 'wafv2:GetIPSet', { Name, Id, Scope });
  if (!isRecord(answer?.['IPSet'])) return [];
  const { IPSet: found, LockToken } = answer;
  return [
    { ...found, Scope, ...(LockToken === undefined ? {} : { LockToken }), ...(await tagsOf(place, found['ARN'])) },
  ];
}

async function resourcesOf({ ask, region }: Place, Scope: Scope, WebACLArn: unknown): Promise<Row> {
  if (Scope === 'CLOUDFRONT') return {};
  const found = await ask.each(BEHIND, (ResourceType) =>
    ask.one(region, 'wafv2:ListResourcesForWebACL', { WebACLArn, ResourceType }),
  );
  if (found.includes(undefined)) return {};
  return { Resources: distinct(found.flatMap((one) => textsOf(one?.['ResourceArns']))) };
}

/** Whom the rate-based rules of a web ACL hold, by the name of the rule. */
async function heldBy({ ask, region }: Place, Scope: Scope, acl: Row): Promise<Row> {
  const rules = rowsOf(acl['Rules']).filter((rule) =>
    JSON.stringify(rule['Statement'])?.includes('"RateBasedStatement"'),
  );
  if (rules.length === 0) return {};
  const found = await ask.each(rules, async ({ Name: RuleName }) => {
    const input = { Scope, WebACLName: acl['Name'], WebACLId: acl['Id'], RuleName };
    const answer = await ask.one(region, 'wafv2:GetRateBasedStatementManagedKeys', input);
    const held = (
      [
        ['IPV4', 'ManagedKeysIPV4'],
        ['IPV6', 'ManagedKeysIPV6'],
      ] as const
    ).map(([version, member]) => {
      const set = answer?.[member];
      return [version, isRecord(set) ? textsOf(set['Addresses']) : []] as const;
    });
    return answer === undefined ? [] : [[textOf(RuleName), Object.fromEntries(held)] as const];
  });
  return { ManagedKeys: Object.fromEntries(found.flat()) };
}

async function webAcl(place: Place, Scope: Scope, { Name, Id }: Row): Promise<readonly Row[]> {
  const { ask, region } = place;
  const answer = await ask.one(region, 'wafv2:GetWebACL', { Name, Id, Scope });
  if (!isRecord(answer?.['WebACL'])) return [];
  const { WebACL: found, LockToken, ApplicationIntegrationURL } = answer;
  return [
    {
      ...found,
      Scope,
      ...(LockToken === undefined ? {} : { LockToken }),
      ...(ApplicationIntegrationURL === undefined ? {} : { ApplicationIntegrationURL }),
      ...(await tagsOf(place, found['ARN'])),
      ...(await heldBy(place, Scope, found)),
      ...(await resourcesOf(place, Scope, found['ARN'])),
    },
  ];
}

/** ARNs of rule groups that web ACLs name. */
function groupsIn(acls: readonly Row[]): readonly string[] {
  return distinct(textsIn(acls).filter((one) => /^arn:[^:]*:wafv2:.*\/rulegroup\//u.test(one)));
}

async function ruleGroup({ ask, region }: Place, Scope: Scope, ARN: string): Promise<readonly Row[]> {
  const answer = await ask.one(region, 'wafv2:GetRuleGroup', { ARN });
  if (!isRecord(answer?.['RuleGroup'])) return [];
  const { RuleGroup: found, LockToken } = answer;
  return [{ ...found, Scope, ...(LockToken === undefined ? {} : { LockToken }) }];
}

/** A scope of WAF, in the Region where it stands. */
export async function readWaf(place: Place, Scope: Scope): Promise<Section> {
  const { ask, region } = place;
  const sets = await ask.all(region, 'wafv2:ListIPSets', { Scope, Limit: PAGE }, 'IPSets');
  const acls = await ask.all(region, 'wafv2:ListWebACLs', { Scope, Limit: PAGE }, 'WebACLs');
  const whole = acls && (await ask.each(acls, (one) => webAcl(place, Scope, one))).flat();
  const groups = whole && (await ask.each(groupsIn(whole), (arn) => ruleGroup(place, Scope, arn))).flat();
  return section({
    IPSets: sets && (await ask.each(sets, (one) => ipSet(place, Scope, one))).flat(),
    WebACLs: whole,
    RuleGroups: groups,
  });
}
