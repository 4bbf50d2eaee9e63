/** ElastiCache's part of a world file. */

import { CacheCluster$, Event$, ReplicationGroup$, ServerlessCache$ } from '@aws-sdk/client-elasticache';
import { z } from 'zod';
import { parseDuration } from '../../world/duration.ts';
import { recordSchema, type Refinements } from '../ec2/shape.ts';
import { TRIMMINGS } from '../pasted.ts';

/** Source: API_CacheCluster (CacheClusterStatus). */
const CLUSTER_STATES = [
  'available',
  'creating',
  'deleted',
  'deleting',
  'incompatible-network',
  'modifying',
  'rebooting cluster nodes',
  'restore-failed',
  'snapshotting',
] as const;

const REFINEMENTS: Refinements = {
  CacheCluster: { CacheClusterStatus: z.enum(CLUSTER_STATES).describe('Default: available.') },
  // Source: API_NodeGroupMember (CurrentRole).
  NodeGroupMember: { CurrentRole: z.enum(['primary', 'replica']) },
  ReplicationGroup: {
    // Source: API_ReplicationGroup (Status).
    Status: z
      .enum(['creating', 'available', 'modifying', 'deleting', 'create-failed', 'snapshotting'])
      .describe('Default: available.'),
    EffectiveDurability: z.enum(['async', 'disabled', 'sync']),
  },
};

const tags = z
  .array(z.strictObject({ Key: z.string().min(1), Value: z.string() }))
  .optional()
  .describe('The TagList that list-tags-for-resource prints. Default: none; of a paste they are not known.');

const group = recordSchema(ReplicationGroup$, 'ReplicationGroupId', REFINEMENTS, { Tags: tags });

const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, { error: 'must be a duration such as PT1M' })
  .optional();

const cluster = recordSchema(CacheCluster$, 'CacheClusterId', REFINEMENTS, {
  Tags: tags.describe('As of a group, whose members have its tags.'),
  RebootTakes: duration.describe('From RebootCacheCluster until a node is back. Default: PT1M.'),
  StatusLags: duration.describe(
    'From RebootCacheCluster until status and events tell of it. Default: none, and a second for the event.',
  ),
  RebootFails: z.array(z.string()).optional().describe('Ids of nodes that do not come back.'),
  Keys: z
    .record(z.string(), z.number().int().min(0))
    .optional()
    .describe('How many keys each of its nodes holds, by its id. Default: 1000 each.'),
  Reboots: z
    .array(z.strictObject({ CacheNodeIds: z.array(z.string()), At: z.string() }))
    .optional()
    .describe('Derived: what RebootCacheCluster has taken, in order.'),
});

const serverless = recordSchema(ServerlessCache$, 'ServerlessCacheName', REFINEMENTS, { Tags: tags });

const event = recordSchema(Event$, undefined, REFINEMENTS, { EventId: z.string().optional().describe('Derived.') });

export const elastiCacheSchema = z.strictObject({
  ...TRIMMINGS,
  Marker: z.string().optional().describe('As NextToken.'),
  ReplicationGroups: z
    .array(group)
    .optional()
    .describe('describe-replication-groups output as it is. Members that CacheClusters does not have are derived.'),
  CacheClusters: z
    .array(cluster)
    .optional()
    .describe('describe-cache-clusters --show-cache-node-info output as it is. Nodes are derived from NumCacheNodes.'),
  ServerlessCaches: z.array(serverless).optional().describe('describe-serverless-caches output as it is.'),
  Events: z.array(event).optional().describe('describe-events output as it is.'),
});
