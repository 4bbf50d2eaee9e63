/** What requests of CloudFront, of API Gateway and of Elastic Load Balancing ask IAM. */

import type { Shape } from '../../../simulator/engine/model.ts';
import { part } from '../../../simulator/services/ec2/state.ts';
import type { Authorization } from './policy.ts';
import type { KnownResources } from './resources.ts';
import type { Place } from './template.ts';

interface EdgeRequest {
  readonly input: Shape;
  readonly place: Place;
  readonly resources: KnownResources;
}

function nounOf(operation: string): string {
  if (operation.endsWith('DistributionTenant')) return 'distribution-tenant';
  return operation.endsWith('AnycastIpList') ? 'anycast-ip-list' : 'distribution';
}

/** CloudFront's ARNs name no Region. `undefined`: the operation knows no resources. */
function frontResource(operation: string, { input, place }: EdgeRequest): string | undefined {
  const { DistributionId, DistributionTenantId, Identifier, Resource } = input;
  // An invalidation is no resource of its own.
  const Id = DistributionId ?? DistributionTenantId ?? Identifier ?? input['Id'];
  if (operation === 'ListTagsForResource' && typeof Resource === 'string') return Resource;
  if (operation.startsWith('List') && !operation.startsWith('ListInvalidations')) return undefined;
  if (typeof Id !== 'string')
    throw new Error(`cloudfront:${operation}: say in tests/house/iam/edge.ts what it is authorized on`);
  return `arn:aws:cloudfront::${place.account}:${nounOf(operation)}/${Id}`;
}

/**
 * CloudFront reads the web ACL that a configuration names with the permissions of whoever sends it.
 * Source: https://github.com/aws/aws-sdk-java/issues/2901
 */
function webAclRead(operation: string, { input }: EdgeRequest): Authorization[] {
  if (operation !== 'UpdateDistribution') return [];
  const webAcl = part(input, 'DistributionConfig')['WebACLId'];
  const isOfWaf = typeof webAcl === 'string' && webAcl.startsWith('arn:');
  return isOfWaf ? [{ action: 'wafv2:GetWebACL', resource: webAcl, context: {} }] : [];
}

/** A distribution is authorized by its ARN, which holds its id, and by its tags. */
export function cloudFront(operation: string, request: EdgeRequest): Authorization[] {
  const action = `cloudfront:${operation}`;
  const resource = frontResource(operation, request);
  if (resource === undefined) return [{ action, resource: '*', context: {} }];
  const tags = request.resources.get(resource)?.tags ?? {};
  const keys = Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, [value]] as const);
  return [{ action, resource, context: Object.fromEntries(keys) }, ...webAclRead(operation, request)];
}

/** What describes load balancers is permitted for all of them, or for none; targets go by their target group's tags. */
export function balancing(operation: string, { input, resources }: EdgeRequest): Authorization[] {
  const action = `elasticloadbalancing:${operation}`;
  if (operation.startsWith('Describe')) return [{ action, resource: '*', context: {} }];
  const resource = input['TargetGroupArn'];
  if (!operation.endsWith('Targets') || typeof resource !== 'string')
    throw new Error(`${action}: say in tests/house/iam/edge.ts what it is authorized on`);
  const tags = Object.entries(resources.get(resource)?.tags ?? {});
  const keys = tags.flatMap(([key, value]) =>
    ['aws', 'elasticloadbalancing'].map((prefix) => [`${prefix}:ResourceTag/${key}`, [value]] as const),
  );
  return [{ action, resource, context: Object.fromEntries(keys) }];
}

/** Methods and paths behind the stage's. Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html. */
const OF_STAGES: { readonly [operation: string]: readonly [method: string, path: string] } = {
  GetStage: ['GET', ''],
  FlushStageCache: ['DELETE', '/cache/data'],
  FlushStageAuthorizersCache: ['DELETE', '/cache/authorizers'],
};

/** Of API Gateway IAM knows the methods of requests, and their paths for resources: these name no account, and what is behind a stage has no tags. */
export function apiGateway(operation: string, { input, place }: EdgeRequest): Authorization[] {
  const [method, path] = OF_STAGES[operation] ?? [];
  if (method === undefined || path === undefined)
    throw new Error(`apigateway:${operation}: say in tests/house/iam/edge.ts what it is authorized on`);
  const stage = `restapis/${String(input['restApiId'])}/stages/${String(input['stageName'])}`;
  return [
    { action: `apigateway:${method}`, resource: `arn:aws:apigateway:${place.region}::/${stage}${path}`, context: {} },
  ];
}
