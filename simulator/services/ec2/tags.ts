/** CreateTags, DeleteTags, DescribeTags. */

import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { filtered, page, read, strings, tagsOf, write, type FilterPaths } from './filters.ts';
import { isOfAws } from './prefix-lists.ts';
import { COLLECTIONS, demandOne, find, list, records, show, text, type Collection } from './state.ts';

/** Source of the three limits: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html (tag restrictions). */
const MOST_USER_TAGS = 50;
const LONGEST_KEY = 128;
const LONGEST_VALUE = 256;

interface Taggable {
  readonly collection: Collection;
  readonly prefix: string;
  /** The name DescribeTags and the filter `resource-type` use. */
  readonly type: string;
}

const TAGGABLE: readonly Taggable[] = [
  { collection: 'Instances', prefix: 'i', type: 'instance' },
  { collection: 'Addresses', prefix: 'eipalloc', type: 'elastic-ip' },
  { collection: 'NetworkInterfaces', prefix: 'eni', type: 'network-interface' },
  { collection: 'Volumes', prefix: 'vol', type: 'volume' },
  { collection: 'Snapshots', prefix: 'snap', type: 'snapshot' },
  { collection: 'SpotInstanceRequests', prefix: 'sir', type: 'spot-instances-request' },
  { collection: 'Subnets', prefix: 'subnet', type: 'subnet' },
  { collection: 'Vpcs', prefix: 'vpc', type: 'vpc' },
  { collection: 'ManagedPrefixLists', prefix: 'pl', type: 'prefix-list' },
  { collection: 'SecurityGroups', prefix: 'sg', type: 'security-group' },
  { collection: 'VpcPeeringConnections', prefix: 'pcx', type: 'vpc-peering-connection' },
  { collection: 'NetworkAcls', prefix: 'acl', type: 'network-acl' },
  { collection: 'LaunchTemplates', prefix: 'lt', type: 'launch-template' },
  { collection: 'PlacementGroups', prefix: 'pg', type: 'placement-group' },
  { collection: 'CapacityReservations', prefix: 'cr', type: 'capacity-reservation' },
];

function resource(world: World, id: string): Shape {
  const kind = TAGGABLE.find(({ prefix }) => id.startsWith(`${prefix}-`));
  if (kind === undefined) throw awsError('InvalidID', `The ID '${id}' is not valid`);
  // The operations on tags have their own name for an address that is not there. Seen by users of the API: github.com/hashicorp/terraform-provider-aws/issues/11060.
  if (kind.collection === 'Addresses' && find(world, 'Addresses', id) === undefined)
    throw awsError('InvalidElasticIpID.NotFound', `The elasticIp ID '${id}' does not exist`);
  const record = demandOne(world, kind.collection, id);
  if (kind.collection === 'ManagedPrefixLists' && isOfAws(record))
    throw new NotSimulatedError(`how AWS refuses tags on its own prefix list ${id}`);
  return record;
}

function isReserved(key: string): boolean {
  return key.startsWith('aws:');
}

function demandKey(key: string): void {
  if (key === '' || key.length > LONGEST_KEY) {
    throw awsError('InvalidParameterValue', `Tag key must have between 1 and ${LONGEST_KEY} characters`);
  }
  // Seen by users of the API: github.com/AndrewFarley/AWS-Automated-Daily-Instance-AMI-Snapshots/issues/7.
  if (isReserved(key)) {
    throw awsError(
      'InvalidParameterValue',
      `Value ( ${key} ) for parameter key is invalid. Tag keys starting with 'aws:' are reserved for internal use`,
    );
  }
}

function demandResources(input: Shape, world: World): Shape[] {
  const ids = strings(input, 'Resources');
  if (ids.length === 0) throw awsError('MissingParameter', 'The request must contain the parameter resourceIdSet');
  return ids.map((id) => resource(world, id));
}

/** Network interfaces keep their tags in `TagSet`. */
function setTags(record: Shape, tags: readonly Shape[]): void {
  record['TagSet' in record ? 'TagSet' : 'Tags'] = tags;
}

function merged(record: Shape, added: readonly { readonly Key: string; readonly Value: string }[]): Shape[] {
  const tags = new Map<unknown, Shape>(tagsOf(record).map((tag) => [tag['Key'], tag]));
  for (const tag of added) tags.set(tag.Key, { ...tag });
  const all = [...tags.values()];
  if (all.filter((tag) => !isReserved(show(tag['Key']))).length > MOST_USER_TAGS) {
    throw awsError('TagLimitExceeded', 'The maximum number of Tags for a resource has been reached.');
  }
  return all;
}

/** One tag that a request adds, within the limits. */
export function demandTag(Key: string, Value: string): { readonly Key: string; readonly Value: string } {
  demandKey(Key);
  if (Value.length > LONGEST_VALUE)
    throw awsError('InvalidParameterValue', `Tag value exceeds the maximum length of ${LONGEST_VALUE} characters`);
  return { Key, Value };
}

function createTags(input: Shape, world: World): object {
  const targets = demandResources(input, world);
  const added = list(input, 'Tags').map((tag) => demandTag(text(tag, 'Key') ?? '', text(tag, 'Value') ?? ''));
  if (added.length === 0) throw awsError('MissingParameter', 'The request must contain the parameter tagSet');
  // All or nothing: no resource is written before each has passed its limit.
  const results = targets.map((record) => ({ record, tags: merged(record, added) }));
  for (const { record, tags } of results) setTags(record, tags);
  return {};
}

/** A tag given with a value goes only if it has that value; no tags given means all of the user's. */
function isDeleted(tag: Shape, deleted: readonly Shape[]): boolean {
  if (deleted.length === 0) return !isReserved(show(tag['Key']));
  return deleted.some(
    (wanted) => wanted['Key'] === tag['Key'] && (wanted['Value'] === undefined || wanted['Value'] === tag['Value']),
  );
}

function deleteTags(input: Shape, world: World): object {
  const targets = demandResources(input, world);
  const deleted = list(input, 'Tags');
  for (const tag of deleted) demandKey(text(tag, 'Key') ?? '');
  for (const record of targets)
    setTags(
      record,
      tagsOf(record).filter((tag) => !isDeleted(tag, deleted)),
    );
  return {};
}

const FILTERS: FilterPaths = {
  key: 'Key',
  'resource-id': 'ResourceId',
  'resource-type': 'ResourceType',
  value: 'Value',
};

function allTags(world: World): Shape[] {
  return TAGGABLE.flatMap(({ collection, type }) =>
    records(world, collection).flatMap((record) =>
      tagsOf(record).map((tag) => ({
        Key: tag['Key'],
        ResourceId: record[COLLECTIONS[collection]],
        ResourceType: type,
        Value: tag['Value'] ?? '',
        // What `tag:KEY` looks at; not part of the answer.
        Tags: [tag],
      })),
    ),
  );
}

function describeTags(input: Shape, world: World): object {
  const { items, rest } = page('DescribeTags', input, filtered('DescribeTags', input, allTags(world), FILTERS));
  return { Tags: items.map(({ Tags: _tags, ...tag }) => tag), ...rest };
}

export const tagOperations: { readonly [operation: string]: Operation } = {
  CreateTags: write('CreateTags', createTags),
  DeleteTags: write('DeleteTags', deleteTags),
  DescribeTags: read('DescribeTags', describeTags),
};
