/** What the requests ask IAM by which memory is read and emptied: ElastiCache and DAX. Source: service authorization reference. */

import type { Shape } from '../../../simulator/engine/model.ts';
import { tagKeys, text } from './contexts.ts';
import type { Authorization } from './policy.ts';
import type { KnownResources } from './resources.ts';
import type { Place } from './template.ts';

interface MemoryRequest {
  readonly input: Shape;
  readonly place: Place;
  readonly resources: KnownResources;
}

/** By the id that the request names, with the tags of what it names; events know no resources. */
export function elastiCache(operation: string, { input, place, resources }: MemoryRequest): Authorization[] {
  const action = `elasticache:${operation}`;
  if (operation === 'DescribeEvents') return [{ action, resource: '*', context: {} }];
  const at = `arn:aws:elasticache:${place.region}:${place.account}`;
  const [cluster, group, arn] = [input['CacheClusterId'], input['ReplicationGroupId'], input['ResourceName']].map(text);
  const resource = cluster ? `${at}:cluster:${cluster}` : group ? `${at}:replicationgroup:${group}` : arn;
  if (!resource) throw new Error(`${action}: say in tests/house/iam/memory.ts what it is authorized on`);
  const id = resource.split(':').at(-1) ?? '';
  return [{ action, resource, context: tagKeys('elasticache', resources.get(id)?.tags ?? {}) }];
}

/** By the names that the request has. DAX has no condition by tag. */
export function dax(operation: string, { input, place }: MemoryRequest): Authorization[] {
  const names: unknown = input['ClusterNames'];
  if (operation !== 'DescribeClusters' || !Array.isArray(names))
    throw new Error(`dax:${operation}: say in tests/house/iam/memory.ts what it is authorized on`);
  return names.map((name) => ({
    action: `dax:${operation}`,
    resource: `arn:aws:dax:${place.region}:${place.account}:cache/${text(name)}`,
    context: {},
  }));
}
