/** IP sets under their lock, what carries a tag, VPCs and managed prefix lists. */

import {
  DescribeManagedPrefixListsCommand,
  DescribeVpcsCommand,
  GetManagedPrefixListEntriesCommand,
} from '@aws-sdk/client-ec2';
import { GetResourcesCommand } from '@aws-sdk/client-resource-groups-tagging-api';
import {
  GetIPSetCommand,
  GetRateBasedStatementManagedKeysCommand,
  GetSampledRequestsCommand,
  GetRuleGroupCommand,
  GetWebACLCommand,
  ListIPSetsCommand,
  ListResourcesForWebACLCommand,
  ListTagsForResourceCommand,
  ListWebACLsCommand,
  UpdateIPSetCommand,
} from '@aws-sdk/client-wafv2';
import type { Scenario } from '../scenario.ts';

const SETS = { edge: { family: 'IPV4', addresses: ['192.0.2.44/32'], tags: { 'runbook:block': 'edge' } } } as const;
const ACLS = { site: { counting: { flood: 'IP', 'by-method': 'CUSTOM_KEYS' } } } as const;
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
    name: 'IP sets are listed by their scope, and tell their tags by their ARN',
    seed: { ipSets: SETS },
    play: async ({ wafV2, fact, unnoted }) => {
      // Each has a lock token, which is another one each time.
      const listed = await unnoted(() => wafV2(new ListIPSetsCommand({ Scope: 'REGIONAL' })));
      fact('sets', listed?.IPSets?.map(({ Name }) => Name).join(' '));
      const ResourceARN = listed?.IPSets?.[0]?.ARN;
      await wafV2(new ListTagsForResourceCommand({ ResourceARN }));
      await wafV2(new ListIPSetsCommand({ Scope: 'CLOUDFRONT' }));
    },
  },
  {
    name: 'web ACLs are listed, read with their rules, and tell what they are attached to',
    seed: { webAcls: ACLS },
    play: async ({ wafV2, id }) => {
      const listed = await wafV2(new ListWebACLsCommand({ Scope: 'REGIONAL' }));
      await wafV2(new GetWebACLCommand({ Name: 'site', Id: id('site'), Scope: 'REGIONAL' }));
      await wafV2(new GetWebACLCommand({ Name: 'site', Id: STALE, Scope: 'REGIONAL' }));
      await wafV2(new ListResourcesForWebACLCommand({ WebACLArn: listed?.WebACLs?.[0]?.ARN }));
      await wafV2(new GetRuleGroupCommand({ Name: 'none', Id: STALE, Scope: 'REGIONAL' }));
    },
  },
  {
    name: 'a rate-based rule tells whom it holds, if it counts by address',
    seed: { webAcls: ACLS },
    play: async ({ wafV2, id }) => {
      const named = { Scope: 'REGIONAL', WebACLName: 'site', WebACLId: id('site') } as const;
      await wafV2(new GetRateBasedStatementManagedKeysCommand({ ...named, RuleName: 'flood' }));
      await wafV2(new GetRateBasedStatementManagedKeysCommand({ ...named, RuleName: 'by-method' }));
      await wafV2(new GetRateBasedStatementManagedKeysCommand({ ...named, RuleName: 'none' }));
    },
  },
  {
    name: 'a rule tells which requests it met with lately',
    seed: { webAcls: ACLS },
    play: async ({ wafV2, unnoted }) => {
      const listed = await unnoted(() => wafV2(new ListWebACLsCommand({ Scope: 'REGIONAL' })));
      const EndTime = new Date();
      const TimeWindow = { StartTime: new Date(EndTime.getTime() - 3_600_000), EndTime };
      const asked = { WebAclArn: listed?.WebACLs?.[0]?.ARN, Scope: 'REGIONAL', TimeWindow, MaxItems: 500 } as const;
      await wafV2(new GetSampledRequestsCommand({ ...asked, RuleMetricName: 'flood' }));
      await wafV2(new GetSampledRequestsCommand({ ...asked, RuleMetricName: 'none' }));
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
