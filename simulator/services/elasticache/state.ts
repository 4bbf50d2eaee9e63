/** The records of ElastiCache: what a world file may leave out of them, and how they hang together. */

import type { Shape, World } from '../../engine/model.ts';
import { list, part, show } from '../ec2/state.ts';

export const SERVICE = 'elasticache';

/** The collections with the member that identifies a record, and the word for one in ARNs. */
const NOUNS = {
  ReplicationGroups: ['ReplicationGroupId', 'replicationgroup'],
  CacheClusters: ['CacheClusterId', 'cluster'],
  ServerlessCaches: ['ServerlessCacheName', 'serverlesscache'],
} as const;

/** What holds data, and has tags. */
export type Collection = keyof typeof NOUNS;

export const COLLECTIONS: readonly Collection[] = ['ReplicationGroups', 'CacheClusters', 'ServerlessCaches'];

/** Every record of a collection. */
export function records(world: World, collection: Collection): readonly Shape[] {
  return world.data[SERVICE]?.[collection] ?? [];
}

/** The cluster of an id, which is not case-sensitive. */
export function clusterOf(world: World, id: unknown): Shape | undefined {
  return records(world, 'CacheClusters').find((one) => show(one['CacheClusterId']) === show(id).toLowerCase());
}

/** The members of a group's only shard, or of all. */
export function membersOf(group: Shape): readonly Shape[] {
  return list(group, 'NodeGroups').flatMap((shard) => list(shard, 'NodeGroupMembers'));
}

/** Keys that a node holds where the world does not say it: any number but none. */
const KEYS = 1_000;

function nodesOf(cluster: Shape): readonly Shape[] {
  const given = list(cluster, 'CacheNodes');
  if (given.length > 0) return given;
  const count = typeof cluster['NumCacheNodes'] === 'number' ? cluster['NumCacheNodes'] : 1;
  return Array.from({ length: count }, (_none, index) => ({ CacheNodeId: String(index + 1).padStart(4, '0') }));
}

function completeCluster(world: World, cluster: Shape): void {
  cluster['CacheClusterStatus'] ??= 'available';
  const nodes = nodesOf(cluster);
  for (const node of nodes) node['CacheNodeStatus'] ??= 'available';
  cluster['CacheNodes'] = nodes;
  cluster['NumCacheNodes'] ??= nodes.length;
  const keys = part(cluster, 'Keys');
  cluster['Keys'] = Object.fromEntries(
    nodes.map(({ CacheNodeId }) => [show(CacheNodeId), keys[show(CacheNodeId)] ?? KEYS]),
  );
  name(world, 'CacheClusters', cluster);
}

function name(world: World, collection: Collection, record: Shape): void {
  const [key, noun] = NOUNS[collection];
  record['ARN'] ??= `arn:aws:${SERVICE}:${world.region}:${world.account}:${noun}:${show(record[key])}`;
}

/** A member without a cluster in the file: of a group everything about it can be derived but what is pending there. */
function deriveMember(world: World, group: Shape, id: string): Shape {
  const record: Shape = { CacheClusterId: id, ReplicationGroupId: group['ReplicationGroupId'], NumCacheNodes: 1 };
  if (group['Engine'] !== undefined) record['Engine'] = group['Engine'];
  world.records(SERVICE, 'CacheClusters').push(record);
  return record;
}

function completeGroup(world: World, group: Shape): void {
  group['Status'] ??= 'available';
  name(world, 'ReplicationGroups', group);
  const members = membersOf(group);
  for (const member of members) member['CacheNodeId'] ??= '0001';
  group['MemberClusters'] ??= members.map(({ CacheClusterId }) => CacheClusterId);
  for (const { CacheClusterId } of members) {
    const cluster = clusterOf(world, CacheClusterId) ?? deriveMember(world, group, show(CacheClusterId));
    cluster['ReplicationGroupId'] ??= group['ReplicationGroupId'];
    // Source: API_AddTagsToResource, tags of a group are replicated to all its nodes.
    if (group['Tags'] !== undefined) cluster['Tags'] ??= structuredClone(group['Tags']);
  }
}

/** Completes what the world file has left out. */
export function startElastiCache(world: World): void {
  for (const group of records(world, 'ReplicationGroups')) completeGroup(world, group);
  for (const cluster of records(world, 'CacheClusters')) completeCluster(world, cluster);
  for (const cache of records(world, 'ServerlessCaches')) {
    cache['Status'] ??= 'available';
    name(world, 'ServerlessCaches', cache);
  }
  for (const event of world.data[SERVICE]?.['Events'] ?? []) {
    event['EventId'] ??= world.id('event');
    event['Date'] ??= world.clock.iso();
  }
}
