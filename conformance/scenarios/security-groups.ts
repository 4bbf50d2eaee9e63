/** Security groups, and their inbound rules. */

import {
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupsCommand,
  RevokeSecurityGroupIngressCommand,
  type IpPermission,
} from '@aws-sdk/client-ec2';
import type { Place, Scenario } from '../scenario.ts';

const SEED = { vpcs: { own: '10.79.0.0/16' }, securityGroups: { web: 'own', hosts: 'own' } } as const;

/** HTTPS from these networks. */
function https(...networks: readonly string[]): IpPermission {
  return { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: networks.map((CidrIp) => ({ CidrIp })) };
}

async function look({ ec2, id, fact }: Place, when: string): Promise<void> {
  const found = await ec2(new DescribeSecurityGroupsCommand({ GroupIds: [id('web')] }));
  const permissions = found?.SecurityGroups?.[0]?.IpPermissions ?? [];
  const peers = permissions.flatMap(({ IpRanges = [], Ipv6Ranges = [], PrefixListIds = [], UserIdGroupPairs = [] }) => [
    ...IpRanges.map(({ CidrIp = '' }) => CidrIp),
    ...Ipv6Ranges.map(({ CidrIpv6 = '' }) => CidrIpv6),
    ...PrefixListIds.map(({ PrefixListId = '' }) => (PrefixListId === id('office') ? 'office' : PrefixListId)),
    ...UserIdGroupPairs.map(({ GroupId = '' }) => (GroupId === id('hosts') ? 'hosts' : GroupId)),
  ]);
  fact(`peers ${when}`, peers.toSorted().join(', '));
}

export const securityGroupScenarios: readonly Scenario[] = [
  {
    name: 'inbound rules of a security group of all kinds are authorized and revoked',
    seed: { ...SEED, prefixLists: { office: ['192.0.2.0/24'] } },
    play: async (place) => {
      const { ec2, id } = place;
      const GroupId = id('web');
      const peers = [
        { IpRanges: [{ CidrIp: '198.51.100.0/24', Description: 'INC-1' }] },
        { Ipv6Ranges: [{ CidrIpv6: '2001:db8::/64' }] },
        { PrefixListIds: [{ PrefixListId: id('office') }] },
        { UserIdGroupPairs: [{ GroupId: id('hosts') }] },
      ];
      for (const peer of peers) {
        const IpPermissions = [{ ...https(), ...peer }];
        await ec2(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
      }
      await look(place, 'authorized');
      const revoked = { ...https('198.51.100.0/24'), PrefixListIds: [{ PrefixListId: id('office') }] };
      await ec2(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: [revoked] }));
      await look(place, 'revoked');
    },
  },
  {
    name: 'a security group is found by its VPC and name',
    seed: SEED,
    play: async ({ ec2, id, fact, unnoted }) => {
      const Filters = [
        { Name: 'vpc-id', Values: [id('own')] },
        { Name: 'group-name', Values: ['web'] },
      ];
      const found = await unnoted(() => ec2(new DescribeSecurityGroupsCommand({ Filters })));
      fact('found', found?.SecurityGroups?.map(({ GroupId }) => GroupId === id('web')).join());
    },
  },
  {
    name: 'an inbound rule is there once, whatever its description, and nothing of a request that asks for it again',
    seed: SEED,
    play: async (place) => {
      const { ec2, id } = place;
      const GroupId = id('web');
      await ec2(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [https('192.0.2.1/32')] }));
      const again = https('192.0.2.2/32', '192.0.2.1/32');
      await ec2(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [again] }));
      await look(place, 'afterwards');
    },
  },
  {
    name: 'an inbound rule that is not there is not revoked, and neither are the others of the request',
    seed: SEED,
    play: async (place) => {
      const { ec2, id } = place;
      const GroupId = id('web');
      await ec2(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [https('192.0.2.1/32')] }));
      const more = https('192.0.2.1/32', '192.0.2.2/32');
      await ec2(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: [more] }));
      await look(place, 'afterwards');
    },
  },
  {
    name: 'a security group keeps a network without host bits',
    seed: SEED,
    play: async (place) => {
      const IpPermissions = [https('198.51.100.9/24')];
      await place.ec2(new AuthorizeSecurityGroupIngressCommand({ GroupId: place.id('web'), IpPermissions }));
      await look(place, 'kept');
    },
  },
  {
    name: 'a security group holds 60 inbound rules of a family, and no more',
    seed: SEED,
    play: async ({ ec2, id }) => {
      const GroupId = id('web');
      const networks = Array.from({ length: 60 }, (_, host) => `192.0.2.${host}/32`);
      await ec2(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [https(...networks)] }));
      await ec2(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [https('198.51.100.1/32')] }));
    },
  },
  {
    name: 'a security group refuses what is no group, no network and no port',
    seed: SEED,
    play: async ({ ec2, id }) => {
      const GroupId = id('web');
      await ec2(new DescribeSecurityGroupsCommand({ GroupIds: ['sg-0fffffffffffffff0'] }));
      await ec2(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [https('192.0.2.1')] }));
      const portless = { IpProtocol: 'tcp', IpRanges: [{ CidrIp: '192.0.2.1/32' }] };
      await ec2(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [portless] }));
    },
  },
];
