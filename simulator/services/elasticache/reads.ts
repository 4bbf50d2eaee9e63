/** What is read of ElastiCache: groups, clusters, tags, events. */

import { CacheCluster$, Event$, ReplicationGroup$ } from '@aws-sdk/client-elasticache';
import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { outputOf } from '../ec2/shape.ts';
import { list, show } from '../ec2/state.ts';
import { pageOf, recordsGiven, sizeOf } from '../listing.ts';
import { clusterOf, COLLECTIONS, records, SERVICE } from './state.ts';

/** Source: MaxRecords of each describe operation. */
const MOST_PER_PAGE = 100;

const shownGroup = outputOf(ReplicationGroup$);
const shownCluster = outputOf(CacheCluster$);
const shownEvent = outputOf(Event$);

function page(input: Shape, all: readonly Shape[], member: string): object {
  const { items, next } = pageOf(all, input['Marker'], sizeOf(input['MaxRecords'], MOST_PER_PAGE));
  return { [member]: items, ...(next === undefined ? {} : { Marker: next }) };
}

function describeGroups(input: Shape, world: World): object {
  const call = `${SERVICE}:DescribeReplicationGroups`;
  const all = recordsGiven(world, { call, service: SERVICE, collection: 'ReplicationGroups' });
  const id = input['ReplicationGroupId'];
  const found = id === undefined ? all : all.filter((one) => one['ReplicationGroupId'] === id);
  if (id !== undefined && found.length === 0)
    throw awsError('ReplicationGroupNotFoundFault', `ReplicationGroup ${show(id)} not found.`, 404);
  return page(input, found.map(shownGroup), 'ReplicationGroups');
}

function describeClusters(input: Shape, world: World): object {
  const call = `${SERVICE}:DescribeCacheClusters`;
  if (input['ShowCacheClustersNotInReplicationGroups'] !== undefined)
    throw new NotSimulatedError(`${call} ShowCacheClustersNotInReplicationGroups`);
  const all = recordsGiven(world, { call, service: SERVICE, collection: 'CacheClusters' });
  const id = input['CacheClusterId'];
  const one = clusterOf(world, id);
  if (id !== undefined && one === undefined)
    throw awsError('CacheClusterNotFoundFault', `CacheCluster not found: ${show(id)}`, 404);
  const found = one === undefined ? all : [one];
  const shown = found.map((record) => {
    const { CacheNodes: nodes, ...rest } = shownCluster(record);
    return input['ShowCacheNodeInfo'] === true ? { ...rest, CacheNodes: nodes } : rest;
  });
  return page(input, shown, 'CacheClusters');
}

/** By the collection: the error for a resource that is not there, and for one that is not available. The second of clusters is not documented. */
const FAULTS = {
  ReplicationGroups: ['ReplicationGroupNotFoundFault', 'InvalidReplicationGroupStateFault'],
  CacheClusters: ['CacheClusterNotFoundFault', 'InvalidCacheClusterStateFault'],
  ServerlessCaches: ['ServerlessCacheNotFoundFault', 'InvalidServerlessCacheStateFault'],
} as const;

const STATE_ASSUMED = 'elasticache: tags of what is not available are refused with the error that names its kind';

function listTags(input: Shape, world: World): object {
  const call = `${SERVICE}:ListTagsForResource`;
  const arn = show(input['ResourceName']);
  for (const collection of COLLECTIONS) {
    const record = records(world, collection).find((one) => one['ARN'] === arn);
    if (record === undefined) continue;
    const status = record['CacheClusterStatus'] ?? record['Status'];
    if (status !== 'available') {
      world.assume(STATE_ASSUMED);
      throw awsError(FAULTS[collection][1], `${arn} is not in available state: ${show(status)}`);
    }
    if (world.isPasted && record['Tags'] === undefined)
      throw new NotSimulatedError(
        `${call}: the tags of ${arn} are not pasted; aws elasticache list-tags-for-resource --resource-name ${arn} prints them: write its TagList beside it as Tags`,
      );
    return { TagList: list(record, 'Tags').map((tag) => ({ ...tag })) };
  }
  const kind = arn.includes(':replicationgroup:') ? 'ReplicationGroups' : 'CacheClusters';
  throw awsError(FAULTS[kind][0], `${arn} is either not present or not available.`, 404);
}

const HOUR_MS = 3_600_000;

/** The SDK sends a time as it was given. */
function msOf(value: unknown): number | undefined {
  if (value instanceof Date) return value.getTime();
  return typeof value === 'string' ? Date.parse(value) : undefined;
}

function describeEvents(input: Shape, world: World): object {
  const call = `${SERVICE}:DescribeEvents`;
  for (const member of ['EndTime', 'Duration'])
    if (input[member] !== undefined) throw new NotSimulatedError(`${call} ${member}`);
  const since = msOf(input['StartTime']) ?? world.clock.now() - HOUR_MS;
  const { SourceIdentifier: id, SourceType: type } = input;
  const found = recordsGiven(world, { call, service: SERVICE, collection: 'Events' }).filter(
    (event) =>
      (id === undefined || event['SourceIdentifier'] === id) &&
      (type === undefined || event['SourceType'] === type) &&
      Date.parse(show(event['Date'])) >= since,
  );
  return page(input, found.map(shownEvent), 'Events');
}

const API = 'https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_';

function reading(name: string, run: Operation['run']): Operation {
  return { kind: 'read', grade: 'documented', source: `${API}${name}.html`, run };
}

export const readOperations: { readonly [operation: string]: Operation } = {
  DescribeReplicationGroups: reading('DescribeReplicationGroups', describeGroups),
  DescribeCacheClusters: reading('DescribeCacheClusters', describeClusters),
  DescribeEvents: reading('DescribeEvents', describeEvents),
  ListTagsForResource: reading('ListTagsForResource', listTags),
};
