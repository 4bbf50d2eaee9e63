/** Tags on EC2's resources. */

import {
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeAddressesCommand,
  DescribeTagsCommand,
} from '@aws-sdk/client-ec2';
import type { Scenario, Seed } from '../scenario.ts';

const SEED: Seed = {
  instances: { web: { zone: 'a', tags: { Name: 'web' } } },
  addresses: { vip: { on: 'web', tags: { Name: 'vip', 'runbook:vip': 'web' } } },
};

export const tagScenarios: readonly Scenario[] = [
  {
    name: 'tags are added, overwritten and taken away',
    seed: SEED,
    play: async ({ ec2, id }) => {
      const Resources = [id('vip'), id('web')];
      await ec2(
        new CreateTagsCommand({
          Resources,
          Tags: [
            { Key: 'runbook:moves', Value: '1' },
            { Key: 'Name', Value: 'new' },
          ],
        }),
      );
      await ec2(new DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: Resources }] }));
      await ec2(new CreateTagsCommand({ Resources: [id('vip')], Tags: [{ Key: 'runbook:moves', Value: '1' }] }));
      await ec2(new DeleteTagsCommand({ Resources: [id('vip')], Tags: [{ Key: 'runbook:moves' }] }));
      await ec2(new DeleteTagsCommand({ Resources: [id('vip')], Tags: [{ Key: 'runbook:moves' }] }));
      await ec2(new DescribeAddressesCommand({ AllocationIds: [id('vip')] }));
    },
  },
  {
    name: 'a tag is taken away only with the value that is named',
    seed: SEED,
    play: async ({ ec2, id }) => {
      await ec2(new DeleteTagsCommand({ Resources: [id('vip')], Tags: [{ Key: 'Name', Value: 'other' }] }));
      await ec2(new DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: [id('vip')] }] }));
      await ec2(new DeleteTagsCommand({ Resources: [id('vip')], Tags: [{ Key: 'Name', Value: 'vip' }] }));
      await ec2(new DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: [id('vip')] }] }));
    },
  },
  {
    name: 'tags are found by resource type, key and value',
    seed: SEED,
    play: async ({ ec2 }) => {
      await ec2(new DescribeTagsCommand({ Filters: [{ Name: 'resource-type', Values: ['elastic-ip'] }] }));
      await ec2(new DescribeTagsCommand({ Filters: [{ Name: 'key', Values: ['runbook:vip'] }] }));
      await ec2(new DescribeTagsCommand({ Filters: [{ Name: 'value', Values: ['web'] }] }));
      await ec2(new DescribeTagsCommand({ Filters: [{ Name: 'key', Values: ['nothing'] }] }));
    },
  },
  {
    name: 'requests about tags that cannot be',
    seed: SEED,
    play: async ({ ec2, id }) => {
      await ec2(new CreateTagsCommand({ Resources: ['i-0ffffffffffffffff'], Tags: [{ Key: 'a', Value: 'b' }] }));
      await ec2(new CreateTagsCommand({ Resources: ['eipalloc-0ffffffffffffffff'], Tags: [{ Key: 'a', Value: 'b' }] }));
      await ec2(new CreateTagsCommand({ Resources: [id('vip')], Tags: [{ Key: 'aws:reserved', Value: 'b' }] }));
      await ec2(new CreateTagsCommand({ Resources: [id('vip')], Tags: [{ Key: 'k'.repeat(128), Value: 'b' }] }));
      await ec2(
        new CreateTagsCommand({
          Resources: [id('vip')],
          Tags: Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: 'v' })),
        }),
      );
    },
  },
];
