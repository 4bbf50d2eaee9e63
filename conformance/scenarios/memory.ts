/** Clusters that keep data in memory: what is not there is said to be so. Moto knows no reboot, and no event of a node. */

import { DescribeClustersCommand } from '@aws-sdk/client-dax';
import {
  DescribeCacheClustersCommand,
  DescribeEventsCommand,
  DescribeReplicationGroupsCommand,
  ListTagsForResourceCommand,
  RebootCacheClusterCommand,
} from '@aws-sdk/client-elasticache';
import { ACCOUNT, REGION, type Scenario } from '../scenario.ts';

export const memoryScenarios: readonly Scenario[] = [
  {
    name: 'a cluster of ElastiCache that is not there is not found',
    seed: {},
    play: async ({ elastiCache }) => {
      const CacheClusterId = 'nobody';
      await elastiCache(new DescribeCacheClustersCommand({ CacheClusterId, ShowCacheNodeInfo: true }));
      await elastiCache(new DescribeReplicationGroupsCommand({ ReplicationGroupId: 'nobody' }));
      await elastiCache(
        new ListTagsForResourceCommand({ ResourceName: `arn:aws:elasticache:${REGION}:${ACCOUNT}:cluster:nobody` }),
      );
      await elastiCache(new RebootCacheClusterCommand({ CacheClusterId, CacheNodeIdsToReboot: ['0001'] }));
      await elastiCache(new DescribeEventsCommand({ SourceIdentifier: 'nobody', SourceType: 'cache-cluster' }));
    },
  },
  {
    name: 'a cluster of DAX that is not there is not found',
    seed: {},
    play: async ({ dax }) => {
      await dax(new DescribeClustersCommand({ ClusterNames: ['nobody'] }));
    },
  },
];
