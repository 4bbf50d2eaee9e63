/** Clusters of ElastiCache and DAX, as far as it matters to what they hold in memory. */

import {
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  ListTagsForResourceCommand,
  paginateDescribeEvents,
  RebootCacheClusterCommand,
  type CacheCluster,
  type NodeGroupMember,
  type ReplicationGroup,
} from '@aws-sdk/client-elasticache';
import { DAXClient, DescribeClustersCommand } from '@aws-sdk/client-dax';
import { client } from '../../../shared/aws/clients.ts';
import { collect } from '../../../shared/aws/pages.ts';
import { textOf, textsOf } from '../../../shared/aws/planned-input.ts';
import type { Change, Io } from '../../../shared/kernel/definition.ts';
import { errorName, TerminalError } from '../../../shared/kernel/errors.ts';
import type { Cluster, ClusterNode, NodeEvent } from '../decide.ts';

/** Sources: the errors that each operation lists, by the names that the SDK gives them. */
const GONE = /^(?:CacheClusterNotFound|ReplicationGroupNotFound|ClusterNotFound)Fault$/u;

/** Tags of what is not available are refused; API_ListTagsForResource does not name the error for clusters. */
const NOT_AVAILABLE = /^Invalid(?:CacheCluster|ReplicationGroup)StateFault$/u;

async function unless<T>(name: RegExp, read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (name.test(errorName(error))) return undefined;
    throw error;
  }
}

/** A replication group as AWS prints it; `undefined`: it is gone, or there was never one. */
async function readGroup(id: string, io: Io): Promise<ReplicationGroup | undefined> {
  const command = new DescribeReplicationGroupsCommand({ ReplicationGroupId: id });
  const answer = await unless(GONE, client(ElastiCacheClient).send(command, { abortSignal: io.signal }));
  return answer?.ReplicationGroups?.[0];
}

/** Ids of the clusters that are nodes of a group. */
export async function membersOf(group: string, io: Io): Promise<readonly string[]> {
  return (await readGroup(group, io))?.MemberClusters ?? [];
}

async function readCluster(id: string, io: Io): Promise<CacheCluster | undefined> {
  const command = new DescribeCacheClustersCommand({ CacheClusterId: id, ShowCacheNodeInfo: true });
  const answer = await unless(GONE, client(ElastiCacheClient).send(command, { abortSignal: io.signal }));
  return answer?.CacheClusters?.[0];
}

async function readTags(arn: string, io: Io): Promise<Cluster['tags']> {
  const command = new ListTagsForResourceCommand({ ResourceName: arn });
  const answer = await unless(NOT_AVAILABLE, client(ElastiCacheClient).send(command, { abortSignal: io.signal }));
  if (answer === undefined) return null;
  const valueOf = (key: string): string | null => answer.TagList?.find(({ Key }) => Key === key)?.Value ?? null;
  return { flush: valueOf('runbook:flush'), flushBy: valueOf('runbook:flush-by') };
}

/** Source: the user guide's page "Event Notifications and Amazon SNS", ElastiCache:CacheNodesRebooted. */
const NODE_EVENT = /^Cache node (\d{4}) (shutdown|restarted)/iu;

async function readEvents(cluster: string, since: Date, io: Io): Promise<readonly NodeEvent[]> {
  const told = await collect(
    paginateDescribeEvents(
      { client: client(ElastiCacheClient) },
      { SourceIdentifier: cluster, SourceType: 'cache-cluster', StartTime: since },
      { abortSignal: io.signal },
    ),
    ({ Events }) => Events,
  );
  return told
    .flatMap(({ Message = '', Date: at }): readonly NodeEvent[] => {
      const [, node, what] = NODE_EVENT.exec(Message) ?? [];
      if (node === undefined || what === undefined || at === undefined) return [];
      return [
        { cluster, node, what: what.toLowerCase() === 'shutdown' ? 'shutdown' : 'restarted', at: at.toISOString() },
      ];
    })
    .toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

/** Nothing is known of what is not read, for nothing is done about it. */
export const UNREAD: Omit<Cluster, 'form' | 'id'> = {
  engine: null,
  status: 'available',
  tags: null,
  isClusterMode: false,
  durability: null,
  belongsTo: null,
  isMultiAz: false,
  nodes: [],
  parameterGroup: null,
  pending: [],
  events: [],
};

/** The first status that is not `available`. AWS tells one of everything that it has made; without one it is not known to be available. */
function statusOf(...statuses: readonly (string | undefined)[]): string {
  return (
    statuses.map((status) => status ?? 'of unknown status').find((status) => status !== 'available') ?? 'available'
  );
}

/** What is pending at a cluster: the parameter group whose changes wait for a reboot, and other changes by their names. */
function pendingOf(cluster: CacheCluster | undefined): Pick<Cluster, 'parameterGroup' | 'pending'> {
  const { CacheParameterGroup: parameters, PendingModifiedValues: values = {}, CacheNodes: nodes = [] } = cluster ?? {};
  const waits =
    parameters?.ParameterApplyStatus === 'pending-reboot' ||
    (parameters?.CacheNodeIdsToReboot ?? []).length > 0 ||
    nodes.some(({ ParameterGroupStatus }) => ParameterGroupStatus === 'pending-reboot');
  const pending = Object.entries(values)
    .filter(([, value]) => value !== undefined && (!Array.isArray(value) || value.length > 0))
    .map(([name]) => name);
  return { parameterGroup: waits ? (parameters?.CacheParameterGroupName ?? 'of unknown name') : null, pending };
}

function nodeOf({
  CacheClusterId: cluster,
  CacheNodeId: node = '0001',
  CurrentRole: role,
}: NodeGroupMember): ClusterNode {
  if (cluster === undefined) throw new TerminalError("ElastiCache's answer lacks the CacheClusterId of a member");
  return { cluster, node, role: role === 'primary' || role === 'replica' ? role : null };
}

/** `disabled` is what a cache has. Where ElastiCache does not resolve its default it is not known not to be durable. */
function durabilityOf({ Durability: set, EffectiveDurability: effective }: ReplicationGroup): string | null {
  const durability = effective ?? set ?? 'disabled';
  return durability === 'disabled' ? null : durability;
}

/** `compatible` is on the way to cluster mode, and has clients that use it already. */
function isInClusterMode({
  ClusterEnabled: isEnabled,
  ClusterMode: mode = 'disabled',
  NodeGroups: shards = [],
}: ReplicationGroup): boolean {
  return isEnabled === true || mode !== 'disabled' || shards.length > 1;
}

/** Reads a replication group; `null`: it is gone, or there was never one. */
export async function readReplicationGroup(id: string, arn: string, since: Date, io: Io): Promise<Cluster | null> {
  const group = await readGroup(id, io);
  if (group === undefined) return null;
  const nodes = (group.NodeGroups ?? []).flatMap(({ NodeGroupMembers: members = [] }) => members.map(nodeOf));
  const about = {
    ...UNREAD,
    form: 'replication-group' as const,
    id,
    engine: group.Engine ?? null,
    isClusterMode: isInClusterMode(group),
    durability: durabilityOf(group),
    belongsTo: group.GlobalReplicationGroupInfo?.GlobalReplicationGroupId ?? null,
    isMultiAz: group.MultiAZ === 'enabled',
    nodes,
  };
  const first = nodes.find(({ role }) => role === 'primary') ?? nodes[0];
  if (about.isClusterMode || first === undefined) return { ...about, status: statusOf(group.Status) };
  const member = await readCluster(first.cluster, io);
  const status = statusOf(group.Status, member?.CacheClusterStatus);
  const tags = status === 'available' ? await readTags(group.ARN ?? arn, io) : null;
  return { ...about, status, tags, ...pendingOf(member), events: await readEvents(first.cluster, since, io) };
}

/** Reads a cluster that is, or is not, part of a group; `null`: it is gone, or there was never one. */
export async function readCacheCluster(id: string, arn: string, since: Date, io: Io): Promise<Cluster | null> {
  const cluster = await readCluster(id, io);
  if (cluster === undefined) return null;
  const { Engine: engine = null, CacheNodes: printed = [], ReplicationGroupId: group = '' } = cluster;
  if (group !== '') return { ...UNREAD, form: 'member', id, engine, belongsTo: group };
  const status = statusOf(cluster.CacheClusterStatus);
  const nodes = printed.map(({ CacheNodeId }) => nodeOf({ CacheClusterId: id, CacheNodeId }));
  const tags = status === 'available' ? await readTags(cluster.ARN ?? arn, io) : null;
  const events = await readEvents(id, since, io);
  return { ...UNREAD, form: 'stand-alone', id, engine, status, tags, nodes, ...pendingOf(cluster), events };
}

/** Reads a cluster of DAX; `null`: it is gone, or there was never one. */
export async function readDax(id: string, io: Io): Promise<Cluster | null> {
  const command = new DescribeClustersCommand({ ClusterNames: [id] });
  const answer = await unless(GONE, client(DAXClient).send(command, { abortSignal: io.signal }));
  const cluster = answer?.Clusters?.[0];
  if (cluster === undefined) return null;
  return { ...UNREAD, form: 'dax', id, parameterGroup: cluster.ParameterGroup?.ParameterGroupName ?? null };
}

/**
 * Sources of the names: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_RebootCacheCluster.html, and CommonErrors there.
 * What was throttled was not done, and is known not to be.
 */
export const rebootCacheCluster: Change = {
  send: (input, io) =>
    client(ElastiCacheClient).send(
      new RebootCacheClusterCommand({
        CacheClusterId: textOf(input, 'CacheClusterId'),
        CacheNodeIdsToReboot: textsOf(input, 'CacheNodeIdsToReboot'),
      }),
      { abortSignal: io.signal },
    ),
  means: {
    InvalidCacheClusterStateFault: 'conflict',
    CacheClusterNotFoundFault: 'conflict',
    Throttling: 'capacity',
    ThrottlingException: 'capacity',
    RequestLimitExceeded: 'capacity',
  },
};
