/** Clusters of ElastiCache: what a reboot empties, and what it does not. */

import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../simulator/engine/model.ts';
import { serviceWorld, type ServiceWorld } from './service-world.ts';

const AT = 'arn:aws:elasticache:eu-west-1:111122223333';
const TAGS = [{ Key: 'runbook:flush', Value: 'shop' }];

function member(id: string, role: string): Shape {
  return { CacheClusterId: id, CurrentRole: role };
}

/** A group of a primary and a replica, and a Memcached of two nodes. */
function world(more: Shape = {}, group: Shape = {}): ServiceWorld {
  return serviceWorld({
    elasticache: {
      ReplicationGroups: [
        {
          ReplicationGroupId: 'carts',
          Engine: 'valkey',
          NodeGroups: [{ NodeGroupMembers: [member('carts-1', 'primary'), member('carts-2', 'replica')] }],
          Tags: TAGS,
          ...group,
        },
      ],
      CacheClusters: [
        { CacheClusterId: 'pages', Engine: 'memcached', NumCacheNodes: 2, RebootTakes: 'PT40S', ...more },
      ],
      ServerlessCaches: [{ ServerlessCacheName: 'bursts', Tags: TAGS }],
      Events: [
        { SourceIdentifier: 'pages', SourceType: 'cache-cluster', Message: 'created', Date: '2026-11-01T08:00:00Z' },
      ],
    },
  });
}

function reboot({ call }: ServiceWorld, id: string, ...nodes: readonly string[]): Shape {
  return call('elasticache:RebootCacheCluster', { CacheClusterId: id, CacheNodeIdsToReboot: nodes });
}

function cluster(made: ServiceWorld, id: string): Shape {
  const found = made.world.records('elasticache', 'CacheClusters').find((one) => one['CacheClusterId'] === id);
  return found ?? {};
}

function told({ call }: ServiceWorld, id: string, more: Shape = {}): readonly unknown[] {
  const { Events: events } = call('elasticache:DescribeEvents', { SourceIdentifier: id, ...more });
  return Array.isArray(events) ? events.map(({ Message }: Shape) => Message) : [];
}

function named(name: string): unknown {
  return expect.objectContaining({ name });
}

describe('a reboot of a node', () => {
  it('loses what it holds, and the cluster is not available until it is back', () => {
    const made = world();
    expect(reboot(made, 'Pages', '0001')).toMatchObject({
      CacheCluster: { CacheClusterId: 'pages', CacheClusterStatus: 'rebooting cluster nodes' },
    });
    expect(cluster(made, 'pages')).toMatchObject({ Keys: { '0001': 0, '0002': 1_000 } });
    expect(() => reboot(made, 'pages', '0002')).toThrow(named('InvalidCacheClusterStateFault'));
    made.pass(2);
    expect(told(made, 'pages')).toEqual(['Cache node 0001 shutdown']);
    made.pass(40);
    expect(told(made, 'pages')).toEqual(['Cache node 0001 shutdown', 'Cache node 0001 restarted']);
    expect(cluster(made, 'pages')).toMatchObject({
      CacheClusterStatus: 'available',
      Reboots: [{ CacheNodeIds: ['0001'], At: '2026-11-22T08:00:00.000Z' }],
    });
  });

  it('that does not come back leaves the cluster as it is', () => {
    const made = world({ RebootFails: ['0002'] });
    reboot(made, 'pages', '0002');
    made.quiesce();
    expect(cluster(made, 'pages')).toMatchObject({ CacheClusterStatus: 'rebooting cluster nodes' });
  });

  it('applies what waits for one in its parameter group', () => {
    const made = world({
      CacheParameterGroup: {
        CacheParameterGroupName: 'p',
        ParameterApplyStatus: 'pending-reboot',
        CacheNodeIdsToReboot: ['0001', '0002'],
      },
    });
    reboot(made, 'pages', '0001');
    made.quiesce();
    expect(cluster(made, 'pages')).toMatchObject({
      CacheParameterGroup: { ParameterApplyStatus: 'pending-reboot', CacheNodeIdsToReboot: ['0002'] },
    });
    reboot(made, 'pages', '0002');
    made.quiesce();
    expect(cluster(made, 'pages')).toMatchObject({
      CacheParameterGroup: { ParameterApplyStatus: 'in-sync', CacheNodeIdsToReboot: [] },
    });
  });

  it('needs a cluster and a node that there are', () => {
    const made = world();
    expect(() => reboot(made, 'nobody', '0001')).toThrow(named('CacheClusterNotFoundFault'));
    expect(() => reboot(made, 'pages', '0003')).toThrow(named('InvalidParameterValueException'));
    expect(() => reboot(made, 'pages')).toThrow(named('InvalidParameterValueException'));
  });

  it('in cluster mode is not simulated', () => {
    expect(() => reboot(world({}, { ClusterEnabled: true }), 'carts-1', '0001')).toThrow(named('NotSimulatedError'));
  });
});

describe('a replication group', () => {
  it('is empty when its primary was rebooted, its replicas too', () => {
    const made = world();
    reboot(made, 'carts-1', '0001');
    expect(cluster(made, 'carts-2')).toMatchObject({ Keys: { '0001': 1_000 } });
    made.quiesce();
    expect([cluster(made, 'carts-1')['Keys'], cluster(made, 'carts-2')['Keys']]).toEqual([
      { '0001': 0 },
      { '0001': 0 },
    ]);
  });

  it('has its data back where a replica was rebooted', () => {
    const made = world();
    reboot(made, 'carts-2', '0001');
    expect(cluster(made, 'carts-2')).toMatchObject({ Keys: { '0001': 0 } });
    made.quiesce();
    expect(cluster(made, 'carts-2')).toMatchObject({ Keys: { '0001': 1_000 } });
  });

  it('is described with its members, which have its tags', () => {
    const made = world();
    expect(made.call('elasticache:DescribeReplicationGroups', { ReplicationGroupId: 'carts' })).toMatchObject({
      ReplicationGroups: [
        { Status: 'available', ARN: `${AT}:replicationgroup:carts`, MemberClusters: ['carts-1', 'carts-2'] },
      ],
    });
    expect(() => made.call('elasticache:DescribeReplicationGroups', { ReplicationGroupId: 'x' })).toThrow(
      named('ReplicationGroupNotFoundFault'),
    );
    for (const arn of [`${AT}:replicationgroup:carts`, `${AT}:cluster:carts-2`, `${AT}:serverlesscache:bursts`])
      expect(made.call('elasticache:ListTagsForResource', { ResourceName: arn })).toEqual({ TagList: TAGS });
  });
});

describe('what is read', () => {
  it('of a cluster has its nodes where they are asked for', () => {
    const made = world();
    const CacheClusterId = 'pages';
    expect(made.call('elasticache:DescribeCacheClusters', { CacheClusterId, ShowCacheNodeInfo: true })).toMatchObject({
      CacheClusters: [{ CacheNodes: [{ CacheNodeId: '0001', CacheNodeStatus: 'available' }, { CacheNodeId: '0002' }] }],
    });
    expect(made.call('elasticache:DescribeCacheClusters', { CacheClusterId })).toEqual({
      CacheClusters: [expect.not.objectContaining({ CacheNodes: expect.anything() })],
    });
    const { CacheClusters: all } = made.call('elasticache:DescribeCacheClusters');
    expect(all).toHaveLength(3);
    expect(() => made.call('elasticache:DescribeCacheClusters', { CacheClusterId: 'x' })).toThrow(
      named('CacheClusterNotFoundFault'),
    );
  });

  it('of tags is nothing where there is nothing, or it is not available', () => {
    const made = world();
    const tags = (resource: string) =>
      made.call('elasticache:ListTagsForResource', { ResourceName: `${AT}:${resource}` });
    expect(tags('cluster:pages')).toEqual({ TagList: [] });
    expect(() => tags('cluster:x')).toThrow(named('CacheClusterNotFoundFault'));
    expect(() => tags('replicationgroup:x')).toThrow(named('ReplicationGroupNotFoundFault'));
    reboot(made, 'pages', '0001');
    expect(() => tags('cluster:pages')).toThrow(named('InvalidCacheClusterStateFault'));
  });

  it('of events is what was since a time, or in the last hour', () => {
    const made = world();
    expect(told(made, 'pages')).toEqual([]);
    expect(told(made, 'pages', { StartTime: new Date('2026-10-31T00:00:00Z') })).toEqual(['created']);
    expect(told(made, 'pages', { StartTime: '2026-10-31T00:00:00Z', SourceType: 'replication-group' })).toEqual([]);
  });

  it('otherwise than it is asked for here is not simulated', () => {
    const made = world();
    for (const [call, input] of [
      ['DescribeEvents', { Duration: 60 }],
      ['DescribeCacheClusters', { ShowCacheClustersNotInReplicationGroups: true }],
    ] as const)
      expect(() => made.call(`elasticache:${call}`, input)).toThrow(named('NotSimulatedError'));
  });

  it('of all that has a name are groups, their members and serverless caches', () => {
    const { ResourceTagMappingList: found } = world().call('tag:GetResources', {
      ResourceTypeFilters: ['elasticache'],
    });
    const arns = Array.isArray(found) ? found.map(({ ResourceARN }: Shape) => ResourceARN) : [];
    expect(arns).toEqual(
      ['cluster:carts-1', 'cluster:carts-2', 'replicationgroup:carts', 'serverlesscache:bursts'].map(
        (id) => `${AT}:${id}`,
      ),
    );
  });
});
