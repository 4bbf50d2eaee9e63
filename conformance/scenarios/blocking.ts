/** IP sets under their lock, what carries a tag, VPCs and managed prefix lists. */

import {
  DescribeManagedPrefixListsCommand,
  DescribeVpcsCommand,
  GetManagedPrefixListEntriesCommand,
} from '@aws-sdk/client-ec2';
import { GetResourcesCommand } from '@aws-sdk/client-resource-groups-tagging-api';
import { GetIPSetCommand, UpdateIPSetCommand } from '@aws-sdk/client-wafv2';
import type { Scenario } from '../scenario.ts';

const SETS = { edge: { family: 'IPV4', addresses: ['192.0.2.44/32'], tags: { 'runbook:block': 'edge' } } } as const;
const STALE = '00000000-0000-4000-8000-00000000ffff';

export const blockingScenarios: readonly Scenario[] = [
  {
    name: 'an IP set is replaced under its lock token, and has another one then',
    seed: { ipSets: SETS },
    play: async ({ wafV2, id, fact, unnoted }) => {
      const named = { Name: 'edge', Id: id('edge'), Scope: 'REGIONAL' } as const;
      const read = () => unnoted(() => wafV2(new GetIPSetCommand(named)));
      const LockToken = (await read())?.LockToken;
      const written = await unnoted(() =>
        wafV2(new UpdateIPSetCommand({ ...named, Addresses: ['198.51.100.0/24'], LockToken })),
      );
      const after = await read();
      fact('addresses', after?.IPSet?.Addresses?.join(' '));
      fact('token changed', after?.LockToken !== LockToken);
      fact('token as told', after?.LockToken === written?.NextLockToken);
    },
  },
  {
    name: 'an IP set is not written under another token, nor read by another id',
    seed: { ipSets: SETS },
    play: async ({ wafV2, id }) => {
      const named = { Name: 'edge', Id: id('edge'), Scope: 'REGIONAL' } as const;
      await wafV2(new UpdateIPSetCommand({ ...named, Addresses: [], LockToken: STALE }));
      await wafV2(new GetIPSetCommand({ ...named, Id: STALE }));
    },
  },
  {
    name: 'nothing is found by a tag that nothing carries',
    seed: { ipSets: SETS },
    play: async ({ tagging }) => {
      await tagging(new GetResourcesCommand({ TagFilters: [{ Key: 'nobody:has' }] }));
    },
  },
  {
    name: 'VPCs are described with their ranges',
    seed: { vpcs: { own: '10.77.0.0/16' } },
    play: async ({ ec2, id, fact }) => {
      const found = await ec2(new DescribeVpcsCommand({ VpcIds: [id('own')] }));
      fact('range', found?.Vpcs?.[0]?.CidrBlock);
      await ec2(new DescribeVpcsCommand({ VpcIds: ['vpc-0ffffffffffffffff'] }));
    },
  },
  {
    name: 'managed prefix lists are described, and their entries read apart',
    seed: { prefixLists: { office: ['192.0.2.0/24', '198.51.100.0/24'] } },
    play: async ({ ec2, id }) => {
      await ec2(new DescribeManagedPrefixListsCommand({ PrefixListIds: [id('office')] }));
      await ec2(new GetManagedPrefixListEntriesCommand({ PrefixListId: id('office') }));
    },
  },
];
