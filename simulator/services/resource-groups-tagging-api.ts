/** The Resource Groups Tagging API: what carries a tag, in whatever service, by one call. It keeps nothing of its own. */

import { z } from 'zod';
import {
  awsError,
  NotSimulatedError,
  type Operation,
  type ServiceModel,
  type Shape,
  type World,
} from '../engine/model.ts';
import { isRecord } from '../engine/json.ts';
import { arnOfStage } from './api-gateway.ts';
import { arnOf as arnOfQueue } from './sqs/state.ts';

/** Collections whose records it lists, by the service in their ARNs. */
const TAGGED: readonly { readonly service: string; readonly collection: string }[] = [
  { service: 'api-gateway', collection: 'Stages' },
  { service: 'apigatewayv2', collection: 'Stages' },
  { service: 'cloudfront', collection: 'Distributions' },
  { service: 'cloudfront', collection: 'DistributionTenants' },
  { service: 'dax', collection: 'Clusters' },
  { service: 'elastic-load-balancing-v2', collection: 'LoadBalancers' },
  { service: 'elastic-load-balancing-v2', collection: 'TargetGroups' },
  { service: 'elasticache', collection: 'CacheClusters' },
  { service: 'elasticache', collection: 'ReplicationGroups' },
  { service: 'elasticache', collection: 'ServerlessCaches' },
  { service: 'lambda', collection: 'Functions' },
  { service: 'sqs', collection: 'Queues' },
  { service: 'wafv2', collection: 'IPSets' },
  { service: 'wafv2', collection: 'WebACLs' },
];

/** Source: API_GetResources, `ResourcesPerPage`: at most 100, which is also the default. */
const MOST_PER_PAGE = 100;

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

interface Tagged {
  readonly ResourceARN: string;
  readonly Tags: readonly Tag[];
}

function listOf(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A list of keys and values; SQS has the values by their keys, and so has API Gateway. */
function tagsOf(record: Shape): readonly Tag[] {
  const tags = record['Tags'] ?? record['tags'];
  if (isRecord(tags)) return Object.entries(tags).map(([Key, Value]) => ({ Key, Value: textOf(Value) }));
  return listOf(record['Tags']).map(({ Key, Value }) => ({ Key: textOf(Key), Value: textOf(Value) }));
}

function arnOf(world: World, record: Shape): string {
  if (record['QueueName'] !== undefined) return arnOfQueue(world, record);
  if (record['stageName'] !== undefined || record['StageName'] !== undefined) return arnOfStage(world, record);
  return textOf(
    record['FunctionArn'] ??
      record['ClusterArn'] ??
      record['TargetGroupArn'] ??
      record['LoadBalancerArn'] ??
      record['ARN'] ??
      record['Arn'],
  );
}

/**
 * Everything that has, or had, a tag. Global resources are told in us-east-1, where their records are.
 * Source: https://github.com/cloud-custodian/cloud-custodian/pull/2729, a distribution asked for there and elsewhere.
 */
function allTagged(world: World): readonly Tagged[] {
  return TAGGED.flatMap(({ service, collection }) =>
    // Nothing is made by being asked for: of a paste it is not known what is not there.
    (world.data[service]?.[collection] ?? [])
      .map((record) => ({ ResourceARN: arnOf(world, record), Tags: tagsOf(record) }))
      .filter(({ Tags }) => Tags.length > 0),
  );
}

/** `wafv2` or `wafv2:regional/ipset`. The ARN of a queue has its name only. */
function isOfType({ ResourceARN }: Tagged, types: readonly string[]): boolean {
  const [, , service = '', , , ...rest] = ResourceARN.split(':');
  const resource = rest.join(':');
  const fits = (type: string): boolean => {
    const [wanted, kind] = type.split(':');
    const isOfKind = kind === undefined || /^[/:]/u.test(resource.replace(kind, '')) || type === 'sqs:queue';
    return wanted === service && isOfKind;
  };
  return types.length === 0 || types.some(fits);
}

/** All keys must be there, each with one of its values, if it names any. */
function isMatch({ Tags }: Tagged, filters: readonly Record<string, unknown>[]): boolean {
  return filters.every(({ Key, Values }) => {
    const tag = Tags.find((each) => each.Key === Key);
    const values: readonly unknown[] = Array.isArray(Values) ? Values : [];
    return tag !== undefined && (values.length === 0 || values.includes(tag.Value));
  });
}

/** That sets are among what it lists is not said where the services are listed. */
const LISTS_SETS = 'tag: GetResources lists IP sets';

function getResources(input: Shape, world: World): object {
  for (const member of ['ResourceARNList', 'IncludeComplianceDetails', 'TagsPerPage'])
    if (input[member] !== undefined) throw new NotSimulatedError(`tag:GetResources ${member}`);
  const types = Array.isArray(input['ResourceTypeFilters']) ? input['ResourceTypeFilters'].map(String) : [];
  const perPage = Number(input['ResourcesPerPage'] ?? MOST_PER_PAGE);
  if (perPage < 1 || perPage > MOST_PER_PAGE)
    throw awsError('InvalidParameterException', `ResourcesPerPage must be from 1 to ${MOST_PER_PAGE}`);
  const token = textOf(input['PaginationToken']);
  if (!/^\d*$/u.test(token)) throw awsError('PaginationTokenExpiredException', 'the token is not one of this service');
  const from = Number(token);
  const found = allTagged(world)
    .filter((each) => isOfType(each, types) && isMatch(each, listOf(input['TagFilters'])))
    .toSorted((one, other) => (one.ResourceARN < other.ResourceARN ? -1 : 1));
  if (found.some(({ ResourceARN }) => ResourceARN.includes('/ipset/'))) world.assume(LISTS_SETS);
  const isMore = found.length > from + perPage;
  return {
    PaginationToken: isMore ? String(from + perPage) : '',
    ResourceTagMappingList: found.slice(from, from + perPage),
  };
}

const operations: { readonly [operation: string]: Operation } = {
  GetResources: {
    kind: 'read',
    grade: 'documented',
    source: 'https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html',
    run: getResources,
  },
};

export const resourceGroupsTaggingApi: ServiceModel = {
  name: 'resource-groups-tagging-api',
  prefix: 'tag',
  schema: z.strictObject({}).describe('It has nothing of its own: tags stand with what carries them.'),
  collections: {},
  global: [],
  operations,
};
