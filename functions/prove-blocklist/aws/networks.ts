/** What is below the web ACLs: network ACLs with their subnets, network load balancers, managed prefix lists. */

import type { NetworkAcl } from '@aws-sdk/client-ec2';
import {
  ElasticLoadBalancingV2Client,
  paginateDescribeLoadBalancers,
  type LoadBalancer,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { attempted, type Reading } from '../../../shared/aws/attempted.ts';
import { aclOf, describeAcls } from '../../../shared/aws/blocklist/network-acls.ts';
import {
  blocklistOf,
  describePrefixLists,
  entriesOf,
  taggedPrefixLists,
} from '../../../shared/aws/blocklist/prefix-lists.ts';
import { TAG } from '../../../shared/aws/blocklist/tag.ts';
import { client } from '../../../shared/aws/clients.ts';
import { collect } from '../../../shared/aws/pages.ts';
import { isMalformed, parseNetwork } from '../../../shared/judgement/addresses/parse.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import type { BalancerSubnet, TaggedAcl, TaggedPrefixList } from '../decide.ts';

/** An ACL with the blocklist that it is tagged with; empty: none. */
export interface FoundAcl extends TaggedAcl {
  readonly blocklist: string;
}

export interface FoundPrefixList extends Omit<TaggedPrefixList, 'entries'> {
  readonly blocklist: string;
}

/** What comes in, in the order of numbers. @throws TerminalError for an answer that cannot be understood */
function inward(acl: NetworkAcl): TaggedAcl['entries'] {
  const { entries } = aclOf(acl);
  return entries.filter(({ egress }) => !egress).toSorted((one, other) => one.ruleNumber - other.ruleNumber);
}

function subnetsOf({ Associations = [] }: NetworkAcl): readonly string[] {
  return Associations.flatMap(({ SubnetId }) => SubnetId ?? []);
}

/** Only those that are tagged are read to the entry: what else is somewhere need not be understood. */
async function foundAcl(
  acl: NetworkAcl,
  io: Io,
): Promise<{ readonly acl: FoundAcl; readonly unread: readonly string[] }> {
  const { NetworkAclId: id = '', Tags = [] } = acl;
  const blocklist = Tags.find(({ Key }) => Key === TAG)?.Value ?? '';
  const found = { id, blocklist, subnets: subnetsOf(acl) };
  if (blocklist === '') return { acl: { ...found, entries: [] }, unread: [] };
  const read = await attempted(`network ACL ${id}`, io, () => Promise.resolve().then(() => inward(acl)));
  return { acl: { ...found, entries: read.value }, unread: read.unread };
}

/** All ACLs, tagged or not: a subnet of a balancer may be behind any. One that cannot be understood is told, and the others are there. */
export async function readAcls(io: Io): Promise<Reading<readonly FoundAcl[]>> {
  const { value, unread } = await attempted('network ACLs', io, () => describeAcls([], io));
  const found = await Promise.all((value ?? []).map((acl) => foundAcl(acl, io)));
  return {
    value: value === null ? null : found.map(({ acl }) => acl),
    unread: [...unread, ...found.flatMap((each) => each.unread)],
  };
}

/** Prefix lists of the account that are tagged. Throws what AWS throws. */
export async function findPrefixLists(io: Io): Promise<readonly FoundPrefixList[]> {
  const lists = await taggedPrefixLists([{ Name: 'owner-id', Values: [io.account] }], io);
  return lists.map((list) => {
    const { PrefixListId: id = '', PrefixListName: name = id, MaxEntries: maxEntries = null, AddressFamily } = list;
    const family = AddressFamily === 'IPv6' ? 'IPV6' : 'IPV4';
    return { id, name, maxEntries, family, blocklist: blocklistOf(list) };
  });
}

/** The networks in a list; what our own parser refuses blocks nobody that we have asked for. Throws what AWS throws. */
export async function readEntries(id: string, io: Io): Promise<readonly string[]> {
  const entries = await entriesOf(id, io);
  return entries.filter((text) => !isMalformed(parseNetwork(text)));
}

/** The lists of whom CloudFront sends to origins, by the names that AWS gives them. */
const CLOUDFRONT_LISTS = /\.(?:ipv6\.)?cloudfront\.origin-facing$/u;

/** What requests come from that pass CloudFront first. Throws what AWS throws. */
export async function readCloudFrontRanges(io: Io): Promise<readonly string[]> {
  const lists = (await describePrefixLists([{ Name: 'owner-id', Values: ['AWS'] }], io)).filter(
    ({ PrefixListName = '' }) => CLOUDFRONT_LISTS.test(PrefixListName),
  );
  const entries = await Promise.all(lists.map(({ PrefixListId = '' }) => readEntries(PrefixListId, io)));
  return entries.flat();
}

/** Network load balancers that somebody from outside can come to. Throws what AWS throws. */
export async function readBalancers(io: Io): Promise<readonly LoadBalancer[]> {
  const pages = paginateDescribeLoadBalancers(
    { client: client(ElasticLoadBalancingV2Client) },
    {},
    { abortSignal: io.signal },
  );
  const all = await collect(pages, ({ LoadBalancers }) => LoadBalancers);
  return all.filter(({ Type, Scheme }) => Type === 'network' && Scheme !== 'internal');
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
