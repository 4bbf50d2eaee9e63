/** Clusters of DAX. */

import { describe, expect, it } from 'vitest';
import { serviceWorld } from './service-world.ts';

const ARN = 'arn:aws:dax:eu-west-1:111122223333:cache/reads';
const Tags = [{ Key: 'runbook:flush', Value: 'shop' }];

describe('a cluster of DAX', () => {
  const { call } = serviceWorld({ dax: { Clusters: [{ ClusterName: 'reads', Tags }, { ClusterName: 'others' }] } });

  it('is described by its name, or with all', () => {
    expect(call('dax:DescribeClusters', { ClusterNames: ['reads'] })).toEqual({
      Clusters: [{ ClusterName: 'reads', ClusterArn: ARN, Status: 'available' }],
    });
    expect(call('dax:DescribeClusters')['Clusters']).toHaveLength(2);
    expect(() => call('dax:DescribeClusters', { ClusterNames: ['x'] })).toThrow(
      expect.objectContaining({ name: 'ClusterNotFoundFault' }),
    );
  });

  it('is found by its tags', () => {
    expect(call('tag:GetResources', { TagFilters: [{ Key: 'runbook:flush', Values: ['shop'] }] })).toMatchObject({
      ResourceTagMappingList: [{ ResourceARN: ARN, Tags }],
    });
  });
});
