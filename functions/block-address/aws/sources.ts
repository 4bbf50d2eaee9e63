/** The ranges that nobody may have blocked, as the account shows them. Each source by itself: one that fails takes none with it. */

import {
  DescribeAddressesCommand,
  EC2Client,
  paginateDescribeManagedPrefixLists,
  paginateDescribeNetworkInterfaces,
  paginateDescribeVpcPeeringConnections,
  paginateDescribeVpcs,
  paginateGetManagedPrefixListEntries,
  type ManagedPrefixList,
} from '@aws-sdk/client-ec2';
import { client } from '../../../shared/aws/clients.ts';
import { collect } from '../../../shared/aws/pages.ts';
import { rangesOf } from '../../../shared/judgement/blocklist/ranges.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { classify } from '../../../shared/kernel/errors.ts';
import { SOURCES, type SourceReading } from '../decide.ts';

type Source = (typeof SOURCES)[number];

/** Elastic IPs, of NAT gateways and load balancers too. */
async function addresses(io: Io): Promise<readonly (string | undefined)[]> {
  const { Addresses = [] } = await client(EC2Client).send(new DescribeAddressesCommand({}), { abortSignal: io.signal });
  return Addresses.flatMap(({ PublicIp, CarrierIp, CustomerOwnedIp }) => [PublicIp, CarrierIp, CustomerOwnedIp]);
}

/** Public addresses that are nobody's Elastic IP; load balancers' interfaces are among them. What they have of IPv6 lies in the VPCs' ranges. */
async function interfaces(io: Io): Promise<readonly (string | undefined)[]> {
  const all = await collect(
    paginateDescribeNetworkInterfaces({ client: client(EC2Client) }, {}, { abortSignal: io.signal }),
    ({ NetworkInterfaces }) => NetworkInterfaces,
  );
  return all.flatMap(({ Association, PrivateIpAddresses = [] }) => [
    Association?.PublicIp,
    ...PrivateIpAddresses.map((each) => each.Association?.PublicIp),
  ]);
}

async function vpcs(io: Io): Promise<readonly (string | undefined)[]> {
  const all = await collect(
    paginateDescribeVpcs({ client: client(EC2Client) }, {}, { abortSignal: io.signal }),
    ({ Vpcs }) => Vpcs,
  );
  return all.flatMap(({ CidrBlock, CidrBlockAssociationSet = [], Ipv6CidrBlockAssociationSet = [] }) => [
    CidrBlock,
    ...CidrBlockAssociationSet.map((each) => each.CidrBlock),
    ...Ipv6CidrBlockAssociationSet.map((each) => each.Ipv6CidrBlock),
  ]);
}

/** What CloudFront and Route 53's health checks come from; not all that AWS has: attackers are in EC2's ranges too. */
const PROTECTED_LISTS =
  /\.(?:cloudfront\.origin-facing|ipv6\.cloudfront\.origin-facing|(?:ipv6\.)?route53-healthchecks)$/u;

async function prefixLists(io: Io): Promise<readonly (string | undefined)[]> {
  const lists = await collect(
    paginateDescribeManagedPrefixLists(
      { client: client(EC2Client) },
      { Filters: [{ Name: 'owner-id', Values: ['AWS'] }] },
      { abortSignal: io.signal },
    ),
    ({ PrefixLists }) => PrefixLists,
  );
  const wanted = lists.filter(({ PrefixListName = '' }) => PROTECTED_LISTS.test(PrefixListName));
  const entries = await Promise.all(wanted.map((list) => entriesOf(list, io)));
  return entries.flat();
}

async function entriesOf({ PrefixListId }: ManagedPrefixList, io: Io): Promise<readonly (string | undefined)[]> {
  const entries = await collect(
    paginateGetManagedPrefixListEntries({ client: client(EC2Client) }, { PrefixListId }, { abortSignal: io.signal }),
    ({ Entries }) => Entries,
  );
  return entries.map(({ Cidr }) => Cidr);
}

/** Ranges of the VPCs that are peered with ours, in whichever account. */
async function peerings(io: Io): Promise<readonly (string | undefined)[]> {
  const all = await collect(
    paginateDescribeVpcPeeringConnections(
      { client: client(EC2Client) },
      { Filters: [{ Name: 'status-code', Values: ['active'] }] },
      { abortSignal: io.signal },
    ),
    ({ VpcPeeringConnections }) => VpcPeeringConnections,
  );
  const sides = all.flatMap(({ AccepterVpcInfo = {}, RequesterVpcInfo = {} }) => [AccepterVpcInfo, RequesterVpcInfo]);
  return sides.flatMap(({ CidrBlock, CidrBlockSet = [], Ipv6CidrBlockSet = [] }) => [
    CidrBlock,
    ...CidrBlockSet.map((block) => block.CidrBlock),
    ...Ipv6CidrBlockSet.map((block) => block.Ipv6CidrBlock),
  ]);
}

const READERS: { readonly [source in Source]: (io: Io) => Promise<readonly (string | undefined)[]> } = {
  addresses,
  interfaces,
  peerings,
  'prefix-lists': prefixLists,
  vpcs,
};

/** Between two readings of a source that was throttled: longer than EC2 takes to have a token again. */
const AGAIN_MS = 2_000;

/** Reads a source, and once more where that may help: what was not read for long keeps everybody from being blocked. */
async function readSource(source: Source, io: Io, mayRepeat = true): Promise<SourceReading> {
  try {
    return { source, ranges: rangesOf(await READERS[source](io)), fault: null };
  } catch (error) {
    const { class: verdict, name, message } = classify(error);
    if (verdict === 'terminal' || !mayRepeat) return { source, ranges: null, fault: `${name}: ${message}` };
    await io.sleep(AGAIN_MS);
    return readSource(source, io, false);
  }
}

/** All sources as they are now. */
export function readSources(io: Io): Promise<readonly SourceReading[]> {
  return Promise.all(SOURCES.map((source) => readSource(source, io)));
}
