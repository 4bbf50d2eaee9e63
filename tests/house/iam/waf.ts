/** What a request of AWS WAF's asks IAM. */

import type { Shape } from '../../../simulator/engine/model.ts';
import type { Authorization } from './policy.ts';
import type { KnownResources } from './resources.ts';
import type { Place } from './template.ts';

interface WafRequest {
  readonly input: Shape;
  readonly place: Place;
  readonly resources: KnownResources;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** What a request of WAF's is about: its own ARN, or one made of kind, scope, name and id. `undefined`: it knows no resources. */
function wafResource(operation: string, { input, place }: WafRequest): string | undefined {
  const { Name, Id, Scope, WebACLArn, WebAclArn, ResourceARN, ARN, WebACLName, WebACLId } = input;
  const own = [WebACLArn, WebAclArn, ResourceARN, ARN].find((arn) => typeof arn === 'string');
  if (own !== undefined) return text(own);
  if (operation.startsWith('List')) return undefined;
  const [name, id] = [text(Name ?? WebACLName), text(Id ?? WebACLId)];
  const kind = operation.endsWith('IPSet') ? 'ipset' : 'webacl';
  const scope = Scope === 'CLOUDFRONT' ? 'global' : 'regional';
  if (name === '') throw new Error(`wafv2:${operation}: say in tests/house/iam/waf.ts what it is authorized on`);
  const region = scope === 'global' ? 'us-east-1' : place.region;
  return `arn:aws:wafv2:${region}:${place.account}:${scope}/${kind}/${name}/${id}`;
}

/** A kind of resources that a web ACL may be attached to: what is asked besides, with the permissions of whoever asks WAF. */
interface Behind {
  /** As the service authorization reference has the kind for `wafv2:ListResourcesForWebACL`. */
  readonly kind: string;
  readonly action: string;
  readonly isAboutAcl: boolean;
}

const BEHIND: { readonly [type: string]: Behind } = {
  APP_RUNNER_SERVICE: {
    kind: 'apprunner:REGION:ACCOUNT:service/*',
    action: 'apprunner:ListAssociatedServicesForWebAcl',
    isAboutAcl: true,
  },
  COGNITO_USER_POOL: {
    kind: 'cognito-idp:REGION:ACCOUNT:userpool/*',
    action: 'cognito-idp:ListResourcesForWebACL',
    isAboutAcl: true,
  },
  VERIFIED_ACCESS_INSTANCE: {
    kind: 'ec2:REGION:ACCOUNT:verified-access-instance/*',
    action: 'ec2:DescribeVerifiedAccessInstanceWebAclAssociations',
    isAboutAcl: false,
  },
};

/** What a listing of attachments of one type asks besides. */
function behind(operation: string, acl: string, { input, place }: WafRequest): Authorization[] {
  const asked = operation === 'ListResourcesForWebACL' ? BEHIND[text(input['ResourceType'])] : undefined;
  if (asked === undefined) return [];
  const kind = asked.kind.replace('REGION', place.region).replace('ACCOUNT', place.account);
  return [
    { action: `wafv2:${operation}`, resource: `arn:aws:${kind}`, context: {} },
    { action: asked.action, resource: asked.isAboutAcl ? acl : '*', context: {} },
  ];
}

/** A set or web ACL is authorized by its ARN, which holds its name and id, and by its tags. */
export function wafV2(operation: string, request: WafRequest): Authorization[] {
  const action = `wafv2:${operation}`;
  const resource = wafResource(operation, request);
  if (resource === undefined) return [{ action, resource: '*', context: {} }];
  const tags = request.resources.get(resource)?.tags ?? {};
  const keys = Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, [value]] as const);
  return [{ action, resource, context: Object.fromEntries(keys) }, ...behind(operation, resource, request)];
}
