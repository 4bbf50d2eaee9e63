/** What is below the web ACLs: network ACLs with their subnets, network load balancers, managed prefix lists. */

import {
  EC2Client,
  paginateDescribeManagedPrefixLists,
  paginateDescribeNetworkAcls,
  paginateGetManagedPrefixListEntries,
  type ManagedPrefixList,
  type NetworkAcl,
  type NetworkAclEntry,
} from '@aws-sdk/client-ec2';
import {
  ElasticLoadBalancingV2Client,
  paginateDescribeLoadBalancers,
  type LoadBalancer,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { TAG } from '../../../shared/aws/blocklist/tag.ts';
import { client } from '../../../shared/aws/clients.ts';
import { collect } from '../../../shared/aws/pages.ts';
import { isMalformed, parseNetwork } from '../../../shared/judgement/addresses/parse.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import type { AclEntry, BalancerSubnet, TaggedAcl, TaggedPrefixList } from '../decide.ts';

/** An ACL with the blocklist that it is tagged with; empty: none. */
export interface FoundAcl extends TaggedAcl {
  readonly blocklist: string;
}

export interface FoundPrefixList extends Omit<TaggedPrefixList, 'entries'> {
  readonly blocklist: string;
}

function blocklistOf(tags: NetworkAcl['Tags'] = []): string {
  return tags.find(({ Key }) => Key === TAG)?.Value ?? '';
}

/** In its one spelling; of everything the parser knows none. */
function canonical(text: string): string {
  if (text === '0.0.0.0/0' || text === '::/0') return text;
  const parsed = parseNetwork(text);
  if (isMalformed(parsed)) throw new TerminalError(`${text}: ${parsed.says}`);
  return parsed.cidr;
}

function entryOf(entry: NetworkAclEntry): AclEntry {
  const { RuleNumber, RuleAction: action, Protocol: protocol = '', CidrBlock, Ipv6CidrBlock } = entry;
  const cidr = canonical(CidrBlock ?? Ipv6CidrBlock ?? '');
  const family = CidrBlock === undefined ? 'IPV6' : 'IPV4';
  return { ruleNumber: RuleNumber ?? 0, action: action ?? '', protocol, family, cidr };
}

/** Only those that are tagged are read to the entry: what else is somewhere need not be understood. */
function aclOf({ NetworkAclId: id = '', Associations = [], Entries = [], Tags }: NetworkAcl): FoundAcl {
  const blocklist = blocklistOf(Tags);
  const inward = blocklist === '' ? [] : Entries.filter(({ Egress }) => Egress !== true).map(entryOf);
  const entries = inward.toSorted((one, other) => one.ruleNumber - other.ruleNumber);
  return { id, blocklist, subnets: Associations.flatMap(({ SubnetId }) => SubnetId ?? []), entries };
}

/** All ACLs, tagged or not: a subnet of a balancer may be behind any. Throws what AWS throws. */
export async function readAcls(io: Io): Promise<readonly FoundAcl[]> {
  const pages = paginateDescribeNetworkAcls({ client: client(EC2Client) }, {}, { abortSignal: io.signal });
  return (await collect(pages, ({ NetworkAcls }) => NetworkAcls)).map(aclOf);
}

async function described(owner: string, io: Io): Promise<readonly ManagedPrefixList[]> {
  const pages = paginateDescribeManagedPrefixLists(
    { client: client(EC2Client) },
    { Filters: [{ Name: 'owner-id', Values: [owner] }] },
    { abortSignal: io.signal },
  );
  return collect(pages, ({ PrefixLists }) => PrefixLists);
}

/** Prefix lists of the account that are tagged. Throws what AWS throws. */
export async function findPrefixLists(io: Io): Promise<readonly FoundPrefixList[]> {
  const lists = await described(io.account, io);
  return lists.flatMap((list) => {
    const {
      PrefixListId: id = '',
      PrefixListName: name = '',
      MaxEntries: maxEntries = 0,
      AddressFamily: family,
    } = list;
    const blocklist = blocklistOf(list.Tags);
    if (blocklist === '') return [];
    return [{ id, name, maxEntries, blocklist, family: family === 'IPv6' ? ('IPV6' as const) : ('IPV4' as const) }];
  });
}

/** The networks in a list. Throws what AWS throws. */
export async function readEntries(id: string, io: Io): Promise<readonly string[]> {
  const pages = paginateGetManagedPrefixListEntries(
    { client: client(EC2Client) },
    { PrefixListId: id },
    { abortSignal: io.signal },
  );
  const entries = await collect(pages, ({ Entries }) => Entries);
  return entries.flatMap(({ Cidr = '' }) => {
    const parsed = parseNetwork(Cidr);
    return isMalformed(parsed) ? [] : [parsed.cidr];
  });
}

/** The lists of whom CloudFront sends to origins, by the names that AWS gives them. */
const CLOUDFRONT_LISTS = /\.(?:ipv6\.)?cloudfront\.origin-facing$/u;

/** What requests come from that pass CloudFront first. Throws what AWS throws. */
export async function readCloudFrontRanges(io: Io): Promise<readonly string[]> {
  const lists = (await described('AWS', io)).filter(({ PrefixListName = '' }) => CLOUDFRONT_LISTS.test(PrefixListName));
  const entries = await Promise.all(lists.map(({ PrefixListId = '' }) => readEntries(PrefixListId, io)));
  return entries.flat();
}

/** Network load balancers. Throws what AWS throws. */
export async function readBalancers(io: Io): Promise<readonly LoadBalancer[]> {
  const pages = paginateDescribeLoadBalancers(
    { client: client(ElasticLoadBalancingV2Client) },
    {},
    { abortSignal: io.signal },
  );
  const all = await collect(pages, ({ LoadBalancers }) => LoadBalancers);
  return all.filter(({ Type }) => Type === 'network');
}

/** The subnets of the balancers that have one behind an ACL of the blocklist. */
export function balancerSubnetsOf(
  balancers: readonly LoadBalancer[],
  acls: readonly FoundAcl[],
  blocklist: string,
): readonly BalancerSubnet[] {
  const bySubnet = new Map(acls.flatMap((acl) => acl.subnets.map((subnet) => [subnet, acl] as const)));
  return balancers.flatMap(({ LoadBalancerName: balancer = '', AvailabilityZones = [] }) => {
    const subnets = AvailabilityZones.flatMap(({ SubnetId }) => SubnetId ?? []).map((subnet): BalancerSubnet => {
      const acl = bySubnet.get(subnet);
      return { balancer, subnet, acl: acl?.id ?? null, blocklist: acl?.blocklist ?? '' };
    });
    return subnets.some((each) => each.blocklist === blocklist) ? subnets : [];
  });
}
