/** What lies between a load balancer and its hosts. Read only where some fail its checks. */

import {
  EC2Client,
  paginateDescribeNetworkAcls,
  paginateDescribeNetworkInterfaces,
  paginateDescribeSecurityGroups,
  paginateDescribeSubnets,
  type Instance,
  type NetworkAcl as NetworkAclRecord,
  type NetworkAclEntry,
  type NetworkInterface,
  type SecurityGroup as SecurityGroupRecord,
  type Subnet as SubnetRecord,
} from '@aws-sdk/client-ec2';
import type { LoadBalancer, TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { client } from '../../../shared/aws/clients.ts';
import { need } from '../../../shared/aws/ec2/reading.ts';
import { collect } from '../../../shared/aws/pages.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import type { AclEntry, Network, Node, Reach, Subnet } from '../decide.ts';
import { withinRoom } from './network-room.ts';
import { networksOf, readRules } from './security-rules.ts';
import { nameOf, type TargetGroupRead } from './target-groups.ts';

/** What is checked, and from where. */
export interface Checked {
  readonly read: TargetGroupRead;
  readonly health: readonly TargetHealthDescription[];
  readonly instances: ReadonlyMap<string, Instance>;
  /** Hosts that fail its checks, and those that pass them: where there is no room for all the first go. */
  readonly checked: readonly string[];
}

function filterBy(Name: string, Values: readonly string[]): { readonly Filters: { Name: string; Values: string[] }[] } {
  return { Filters: [{ Name, Values: [...new Set(Values)] }] };
}

interface Read {
  readonly groups: readonly SecurityGroupRecord[];
  readonly acls: readonly NetworkAclRecord[];
  readonly subnets: readonly SubnetRecord[];
  readonly interfaces: readonly NetworkInterface[];
}

/**
 * Descriptions anybody may write who may change an interface of his own; its type is AWS's alone. Source: DescribeNetworkInterfaces,
 * `InterfaceType`.
 */
const NODE_TYPE = 'network_load_balancer';

/** Names of the interfaces that are the nodes of a load balancer. */
function nodesOf({ LoadBalancerArn: arn = '' }: LoadBalancer): string {
  return `ELB ${nameOf(arn)}`;
}

async function readAll(
  groupIds: readonly string[],
  subnetIds: readonly string[],
  balancer: LoadBalancer,
  { signal }: Io,
): Promise<Read> {
  const ec2 = { client: client(EC2Client) };
  const options = { abortSignal: signal };
  const [groups, acls, subnets, interfaces] = await Promise.all([
    collect(
      paginateDescribeSecurityGroups(ec2, filterBy('group-id', groupIds), options),
      (page) => page.SecurityGroups,
    ),
    collect(
      paginateDescribeNetworkAcls(ec2, filterBy('association.subnet-id', subnetIds), options),
      (page) => page.NetworkAcls,
    ),
    collect(paginateDescribeSubnets(ec2, filterBy('subnet-id', subnetIds), options), (page) => page.Subnets),
    collect(paginateDescribeNetworkInterfaces(ec2, filterBy('description', [nodesOf(balancer)]), options), (page) =>
      page.NetworkInterfaces?.filter(({ InterfaceType: type }) => type === NODE_TYPE),
    ),
  ]);
  return { groups, acls, subnets, interfaces };
}

function entryOf(entry: NetworkAclEntry): AclEntry {
  return {
    number: need(entry.RuleNumber, 'Entries[].RuleNumber'),
    isOutbound: need(entry.Egress, 'Entries[].Egress'),
    isAllowed: need(entry.RuleAction, 'Entries[].RuleAction') === 'allow',
    protocol: need(entry.Protocol, 'Entries[].Protocol'),
    from: entry.PortRange?.From ?? null,
    to: entry.PortRange?.To ?? null,
    cidrs: networksOf(need(entry.CidrBlock ?? entry.Ipv6CidrBlock, 'Entries[].CidrBlock')),
  };
}

/** A subnet whose ACL is not among the answers is left out: what is not seen is not blamed. */
function subnetsOf(ids: readonly string[], acls: readonly NetworkAclRecord[]): readonly Subnet[] {
  return ids.flatMap((id) => {
    const acl = acls.find(({ Associations: all }) => (all ?? []).some(({ SubnetId: subnet }) => subnet === id));
    if (acl === undefined) return [];
    return [
      {
        id,
        acl: { id: need(acl.NetworkAclId, 'NetworkAcls[].NetworkAclId'), entries: (acl.Entries ?? []).map(entryOf) },
      },
    ];
  });
}

/** A node may have further addresses, from which it connects, too. */
function addressesOf(
  { PrivateIpAddress: address, PrivateIpAddresses: all, Ipv6Addresses: ipv6 }: NetworkInterface,
  isIpv6: boolean,
): readonly string[] {
  if (isIpv6) return (ipv6 ?? []).flatMap(({ Ipv6Address: each }) => (each === undefined ? [] : networksOf(each)));
  const listed = (all ?? []).flatMap(({ PrivateIpAddress: each }) => each ?? []);
  return [...new Set([...listed, ...(address === undefined ? [] : [address])])].flatMap(networksOf);
}

function cidrsOf(
  { CidrBlock: cidr, Ipv6CidrBlockAssociationSet: ipv6 }: SubnetRecord,
  isIpv6: boolean,
): readonly string[] {
  if (isIpv6) return (ipv6 ?? []).flatMap(({ Ipv6CidrBlock: each }) => (each === undefined ? [] : networksOf(each)));
  return cidr === undefined ? [] : networksOf(cidr);
}

function nodeOf(zone: string, subnet: string, { interfaces, subnets }: Read, isIpv6: boolean): Node {
  const own = interfaces.filter(({ SubnetId: id }) => id === subnet).flatMap((each) => addressesOf(each, isIpv6));
  const [record] = subnets.filter(({ SubnetId: id }) => id === subnet);
  return { subnet, zone, cidrs: own.length > 0 || record === undefined ? own : cidrsOf(record, isIpv6) };
}

function addressOf(
  { PrivateIpAddress: address, Ipv6Address: ipv6, NetworkInterfaces: cards }: Instance,
  isIpv6: boolean,
): string | undefined {
  const [first] = (cards ?? [])
    .flatMap(({ Ipv6Addresses: all }) => all ?? [])
    .flatMap(({ Ipv6Address: each }) => each ?? []);
  return isIpv6 ? (ipv6 ?? first) : address;
}

interface Card {
  readonly subnet: string;
  readonly groups: readonly string[];
}

/** The first interface: a target that is an instance is reached there. */
function cardOf({ SubnetId: subnet, SecurityGroups: groups, NetworkInterfaces: cards }: Instance): Card | undefined {
  const first = (cards ?? []).find(({ Attachment: attachment }) => attachment?.DeviceIndex === 0);
  const ids = (first?.Groups ?? groups ?? []).flatMap(({ GroupId: id }) => id ?? []);
  const own = first?.SubnetId ?? subnet;
  return own === undefined ? undefined : { subnet: own, groups: ids };
}

/** Ports at which a host is checked: where it is registered, or the one that all are checked at. */
function portsOf(id: string, { health, read }: Checked): readonly number[] {
  const own = health.filter(({ Target: target }) => target?.Id === id);
  const said = read.record.HealthCheckPort;
  const ports = own.map(({ HealthCheckPort: port, Target: target }) =>
    Number(port ?? (said === undefined || said === 'traffic-port' ? target?.Port : said)),
  );
  return [...new Set(ports)].filter((port) => Number.isInteger(port));
}

/** Reads the network; `null`: no load balancer is known. */
export async function readNetwork(checked: Checked, io: Io): Promise<Network | null> {
  const { instances } = checked;
  const { balancer, record } = checked.read;
  if (balancer === undefined) return null;
  const isIpv6 = record.IpAddressType === 'ipv6';
  const zones = (balancer.AvailabilityZones ?? []).flatMap(({ ZoneName: zone, SubnetId: subnet }) =>
    zone === undefined || subnet === undefined ? [] : [{ zone, subnet }],
  );
  const cards = checked.checked.flatMap((host) => {
    const instance = instances.get(host);
    const [card, address] = instance === undefined ? [] : [cardOf(instance), addressOf(instance, isIpv6)];
    return card === undefined || address === undefined ? [] : [{ host, card, cidrs: networksOf(address) }];
  });
  const ofBalancer = balancer.SecurityGroups ?? [];
  const subnetIds = [...new Set([...zones.map(({ subnet }) => subnet), ...cards.map(({ card }) => card.subnet)])];
  const all = await readAll([...ofBalancer, ...cards.flatMap(({ card }) => card.groups)], subnetIds, balancer, io);
  const reaches = cards.flatMap(({ host, card: { subnet, groups }, cidrs }): readonly Reach[] =>
    portsOf(host, checked).map((port) => ({ host, cidrs, port, subnet, groups })),
  );
  const nodes = zones.map(({ zone, subnet }) => nodeOf(zone, subnet, all, isIpv6));
  const rules = await readRules({ groups: all.groups, ofBalancer, nodes, reaches }, io);
  const read = { ...rules, subnets: subnetsOf(subnetIds, all.acls), nodes, balancerGroups: ofBalancer, reaches };
  return withinRoom(read);
}
