/** Web ACLs: read, listed, and what they are attached to. The rule groups that they ask. And the tags of whatever has any. */

import { RuleGroup$, WebACL$ } from '@aws-sdk/client-wafv2';
import { type Operation, type Shape, type World } from '../../engine/model.ts';
import { list, show, text } from '../ec2/state.ts';
import { page, summaries } from './pages.ts';
import { demandArn, demandMember, demandNamed, invalid } from './state.ts';

const REFERENCE = 'https://docs.aws.amazon.com/waf/latest/APIReference/API_';

/** The members that the SDK knows. Statements hold statements, so what is in them is copied as it is. */
const MEMBERS: readonly string[] = WebACL$[4];
const MEMBERS_OF_GROUPS: readonly string[] = RuleGroup$[4];

function printed(record: Shape, members: readonly string[]): Shape {
  const shown = members
    .filter((member) => record[member] !== undefined)
    .map((member) => [member, record[member]] as const);
  return structuredClone({ Description: '', ...Object.fromEntries(shown) });
}

function listWebAcls(input: Shape, world: World): object {
  const { items, rest } = summaries('wafv2:ListWebACLs', input, world, 'WebACLs');
  return { WebACLs: items, ...rest };
}

function getWebAcl(input: Shape, world: World): object {
  const arn = text(input, 'ARN');
  const acl = arn === undefined ? demandNamed(world, 'WebACLs', input) : demandArn(world, ['WebACLs'], arn);
  demandMember('wafv2:GetWebACL', 'WebACLs', acl, 'Rules');
  return {
    WebACL: printed(acl, MEMBERS),
    LockToken: acl['LockToken'],
    ...(acl['ApplicationIntegrationURL'] === undefined
      ? {}
      : { ApplicationIntegrationURL: acl['ApplicationIntegrationURL'] }),
  };
}

function getRuleGroup(input: Shape, world: World): object {
  const arn = text(input, 'ARN');
  const group = arn === undefined ? demandNamed(world, 'RuleGroups', input) : demandArn(world, ['RuleGroups'], arn);
  demandMember('wafv2:GetRuleGroup', 'RuleGroups', group, 'Rules');
  return { RuleGroup: printed(group, MEMBERS_OF_GROUPS), LockToken: group['LockToken'] };
}

/**
 * What is attached, by the form of its ARN.
 * Source: https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociateWebACL.html (ResourceArn).
 */
const KINDS: readonly (readonly [type: string, arn: RegExp])[] = [
  ['APPLICATION_LOAD_BALANCER', /^arn:[^:]+:elasticloadbalancing:[^:]*:[^:]*:loadbalancer\/app\//u],
  ['API_GATEWAY', /^arn:[^:]+:apigateway:/u],
  ['APPSYNC', /^arn:[^:]+:appsync:/u],
  ['COGNITO_USER_POOL', /^arn:[^:]+:cognito-idp:/u],
  ['APP_RUNNER_SERVICE', /^arn:[^:]+:apprunner:/u],
  ['VERIFIED_ACCESS_INSTANCE', /^arn:[^:]+:ec2:[^:]*:[^:]*:verified-access-instance\//u],
  ['AMPLIFY', /^arn:[^:]+:amplify:/u],
];

/** The type that is meant where a request names none. Source: the SDK's documentation of ListResourcesForWebACLRequest. */
const DEFAULT_TYPE = 'APPLICATION_LOAD_BALANCER';

function listResources(input: Shape, world: World): object {
  const arn = show(input['WebACLArn']);
  const acl = demandArn(world, ['WebACLs'], arn);
  if (acl['Scope'] === 'CLOUDFRONT') {
    world.assume('wafv2: ListResourcesForWebACL refuses a web ACL for CloudFront');
    throw invalid(
      'The ARN isn’t valid. A valid ARN begins with arn: and includes other information separated by colons or slashes.',
      'RESOURCE_ARN',
      arn,
    );
  }
  const type = text(input, 'ResourceType') ?? DEFAULT_TYPE;
  const form = KINDS.find(([kind]) => kind === type)?.[1];
  const resources = demandMember('wafv2:ListResourcesForWebACL', 'WebACLs', acl, 'Resources');
  const attached = Array.isArray(resources) ? resources.filter((one: unknown) => typeof one === 'string') : [];
  return { ResourceArns: attached.filter((one) => form?.test(one) === true) };
}

/** A listing of tags says that there are more where there are more. Whether it says so always, as listings of sets do, is not known. */
function listTags(input: Shape, world: World): object {
  const arn = show(input['ResourceARN']);
  const tagged = demandArn(world, ['IPSets', 'WebACLs'], arn);
  const isSet = arn.includes('/ipset/');
  demandMember('wafv2:ListTagsForResource', isSet ? 'IPSets' : 'WebACLs', tagged, 'Tags');
  const tags = list(tagged, 'Tags');
  const { items, rest } = page(input, tags, 'Key');
  const isLast = page({ ...input, ...rest }, tags, 'Key').items.length === 0;
  return {
    TagInfoForResource: { ResourceARN: arn, TagList: structuredClone(items) },
    ...(isLast ? {} : rest),
  };
}

export const webAclOperations: { readonly [operation: string]: Operation } = {
  ListWebACLs: { kind: 'read', grade: 'documented', source: `${REFERENCE}ListWebACLs.html`, run: listWebAcls },
  GetWebACL: { kind: 'read', grade: 'documented', source: `${REFERENCE}GetWebACL.html`, run: getWebAcl },
  GetRuleGroup: { kind: 'read', grade: 'documented', source: `${REFERENCE}GetRuleGroup.html`, run: getRuleGroup },
  ListResourcesForWebACL: {
    kind: 'read',
    grade: 'documented',
    source: `${REFERENCE}ListResourcesForWebACL.html`,
    run: listResources,
  },
  ListTagsForResource: {
    kind: 'read',
    grade: 'documented',
    source: `${REFERENCE}ListTagsForResource.html`,
    run: listTags,
  },
};
