/** The simulated ElastiCache: replication groups, clusters and their nodes, what these hold, and their reboots. */

import type { ServiceModel } from '../../engine/model.ts';
import { readOperations } from './reads.ts';
import { rebootOperations } from './reboots.ts';
import { elastiCacheSchema } from './schema.ts';
import { SERVICE, startElastiCache } from './state.ts';

export const elastiCache: ServiceModel = {
  name: SERVICE,
  prefix: 'elasticache',
  schema: elastiCacheSchema,
  collections: {
    ReplicationGroups: 'ReplicationGroupId',
    CacheClusters: 'CacheClusterId',
    ServerlessCaches: 'ServerlessCacheName',
    Events: 'EventId',
  },
  operations: { ...readOperations, ...rebootOperations },
  start: startElastiCache,
};
