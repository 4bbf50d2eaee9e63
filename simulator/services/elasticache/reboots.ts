/** Reboots: what is lost by one, how long it takes, and what it applies. */

import { CacheCluster$ } from '@aws-sdk/client-elasticache';
import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { parseDuration } from '../../world/duration.ts';
import { outputOf } from '../ec2/shape.ts';
import { list, part, show } from '../ec2/state.ts';
import { clusterOf, membersOf, records, SERVICE } from './state.ts';

/** AWS speaks of a momentary outage, and of no time. */
const TAKES_MS = 60_000;
const TAKES_ASSUMED = 'elasticache: a node is back a minute after its reboot';

/** Until the engine is down. */
const SHUTDOWN_MS = 1_000;

/** The status of a group whose member reboots is not documented. */
const GROUP_ASSUMED = 'elasticache: a replication group stays available while a member reboots';

const shown = outputOf(CacheCluster$);

function takesMs(world: World, cluster: Shape): number {
  const given = parseDuration(show(cluster['RebootTakes']));
  if (given === undefined) world.assume(TAKES_ASSUMED);
  return given ?? TAKES_MS;
}

/** Source: the user guide's page "Event Notifications and Amazon SNS", ElastiCache:CacheNodesRebooted. */
function tell(world: World, cluster: Shape, Message: string): void {
  world.records(SERVICE, 'Events').push({
    EventId: world.id('event'),
    SourceIdentifier: cluster['CacheClusterId'],
    SourceType: 'cache-cluster',
    Message,
    Date: world.clock.iso(),
  });
}

function groupOf(world: World, cluster: Shape): Shape | undefined {
  const id = cluster['ReplicationGroupId'];
  return id === undefined
    ? undefined
    : records(world, 'ReplicationGroups').find((one) => one['ReplicationGroupId'] === id);
}

function keysOf(cluster: Shape | undefined): Shape {
  return part(cluster, 'Keys');
}

/**
 * Replicas that see the primary empty clear their copy; one that comes back copies the primary. Source:
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html (a customer-initiated reboot of a primary), the second by inference.
 */
function replicate(world: World, cluster: Shape): void {
  const group = groupOf(world, cluster);
  const members = group === undefined ? [] : membersOf(group);
  const primary = members.find(({ CurrentRole }) => CurrentRole === 'primary');
  if (primary === undefined) return;
  const copied = { ...keysOf(clusterOf(world, primary['CacheClusterId'])) };
  for (const { CacheClusterId } of members) {
    const replica = clusterOf(world, CacheClusterId);
    if (replica !== undefined) replica['Keys'] = { ...copied };
  }
}

function come(world: World, cluster: Shape, node: Shape): void {
  node['CacheNodeStatus'] = 'available';
  node['ParameterGroupStatus'] = 'in-sync';
  tell(world, cluster, `Cache node ${show(node['CacheNodeId'])} restarted`);
  const status = part(cluster, 'CacheParameterGroup');
  const waiting: unknown = status['CacheNodeIdsToReboot'];
  const left = Array.isArray(waiting) ? waiting.filter((id) => id !== node['CacheNodeId']) : [];
  if (cluster['CacheParameterGroup'] !== undefined)
    cluster['CacheParameterGroup'] = {
      ...status,
      ParameterApplyStatus: left.length === 0 ? 'in-sync' : 'pending-reboot',
      CacheNodeIdsToReboot: left,
    };
  replicate(world, cluster);
  const isBack = list(cluster, 'CacheNodes').every(({ CacheNodeStatus }) => CacheNodeStatus === 'available');
  if (isBack) cluster['CacheClusterStatus'] = 'available';
}

/** Of a Valkey in eu-central-1 a public report of a game day saw it say `available` after the call, and until the event that the node was back. */
function showDown(cluster: Shape, node: Shape): void {
  node['CacheNodeStatus'] = 'rebooting';
  cluster['CacheClusterStatus'] = 'rebooting cluster nodes';
}

function goDown(world: World, cluster: Shape, node: Shape): void {
  const id = show(node['CacheNodeId']);
  cluster['Keys'] = { ...keysOf(cluster), [id]: 0 };
  const lagMs = parseDuration(show(cluster['StatusLags'])) ?? 0;
  let isBack = false;
  world.clock.after(Math.max(lagMs, SHUTDOWN_MS), () => tell(world, cluster, `Cache node ${id} shutdown`));
  if (lagMs === 0) showDown(cluster, node);
  else world.clock.after(lagMs, () => (isBack ? undefined : showDown(cluster, node)));
  const fails: unknown = cluster['RebootFails'];
  if (Array.isArray(fails) && fails.includes(id)) return;
  world.clock.after(takesMs(world, cluster), () => {
    isBack = true;
    come(world, cluster, node);
  });
}

/** @throws AwsError for what ElastiCache refuses */
function demandNodes(cluster: Shape, ids: readonly string[]): readonly Shape[] {
  const nodes = list(cluster, 'CacheNodes').filter(({ CacheNodeId }) => ids.includes(show(CacheNodeId)));
  if (ids.length > 0 && nodes.length === ids.length) return nodes;
  // The operation lists no error for it.
  throw awsError('InvalidParameterValueException', `The cluster has no such node: ${ids.join(', ')}`);
}

function reboot(input: Shape, world: World): object {
  const cluster = clusterOf(world, input['CacheClusterId']);
  if (cluster === undefined)
    throw awsError('CacheClusterNotFoundFault', `CacheCluster not found: ${show(input['CacheClusterId'])}`, 404);
  const group = groupOf(world, cluster);
  if (group?.['ClusterEnabled'] === true) throw new NotSimulatedError(`${SERVICE}:RebootCacheCluster in cluster mode`);
  if (group !== undefined) world.assume(GROUP_ASSUMED);
  if (cluster['CacheClusterStatus'] !== 'available')
    throw awsError(
      'InvalidCacheClusterStateFault',
      `Cluster is not in available state: ${show(cluster['CacheClusterStatus'])}`,
    );
  const ids: unknown = input['CacheNodeIdsToReboot'];
  const nodes = demandNodes(cluster, Array.isArray(ids) ? ids.map(show) : []);
  cluster['Reboots'] = [...list(cluster, 'Reboots'), { CacheNodeIds: ids, At: world.clock.iso() }];
  for (const node of nodes) goDown(world, cluster, node);
  return { CacheCluster: shown(cluster) };
}

export const rebootOperations: { readonly [operation: string]: Operation } = {
  RebootCacheCluster: {
    kind: 'write',
    grade: 'documented',
    source: 'https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_RebootCacheCluster.html',
    run: reboot,
  },
};
