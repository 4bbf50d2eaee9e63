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

/** What WAF asks of the services to which a web ACL may be attached, with the permissions of whoever asks it. */
const ASKED_BEHIND: { readonly [type: string]: (acl: string) => Authorization } = {
  APP_RUNNER_SERVICE: (resource) => ({ action: 'apprunner:ListAssociatedServicesForWebAcl', resource, context: {} }),
  COGNITO_USER_POOL: (resource) => ({ action: 'cognito-idp:ListResourcesForWebACL', resource, context: {} }),
  VERIFIED_ACCESS_INSTANCE: () => ({
    action: 'ec2:DescribeVerifiedAccessInstanceWebAclAssociations',
    resource: '*',
    context: {},
  }),
};

/** A set or web ACL is authorized by its ARN, which holds its name and id, and by its tags. */
export function wafV2(operation: string, request: WafRequest): Authorization[] {
  const action = `wafv2:${operation}`;
  const resource = wafResource(operation, request);
  if (resource === undefined) return [{ action, resource: '*', context: {} }];
  const tags = request.resources.get(resource)?.tags ?? {};
  const keys = Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, [value]] as const);
  const behind = operation === 'ListResourcesForWebACL' ? ASKED_BEHIND[text(request.input['ResourceType'])] : undefined;
  return [{ action, resource, context: Object.fromEntries(keys) }, ...(behind === undefined ? [] : [behind(resource)])];
}
