/** Security groups and prefix lists, as far as they decide about a health check. */

import {
  EC2Client,
  paginateGetManagedPrefixListEntries,
  type IpPermission,
  type SecurityGroup as SecurityGroupRecord,
} from '@aws-sdk/client-ec2';
import { client } from '../../../shared/aws/clients.ts';
import { need } from '../../../shared/aws/ec2/reading.ts';
import { collect } from '../../../shared/aws/pages.ts';
import { subtract } from '../../../shared/judgement/addresses/arithmetic.ts';
import { isMalformed, parseNetwork } from '../../../shared/judgement/addresses/parse.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { errorName, TerminalError } from '../../../shared/kernel/errors.ts';
import { isOfPort, type Network, type Node, type Permission, type PrefixList, type Reach } from '../decide.ts';

/** Both halves of all there is, by how AWS writes it: a network of every address is none that is reckoned with. */
const HALVES: ReadonlyMap<string, readonly string[]> = new Map([
  ['0.0.0.0/0', ['0.0.0.0/1', '128.0.0.0/1']],
  ['::/0', ['::/1', '8000::/1']],
]);

/** In the one spelling in which networks are compared. */
export function networksOf(text: string): readonly string[] {
  const halves = HALVES.get(text);
  if (halves !== undefined) return halves;
  const network = parseNetwork(text);
  if (isMalformed(network)) throw new TerminalError(`'${text}' is no network`);
  return [network.cidr];
}

/**
 * Whoever shares a list lets its entries be read; our role is not allowed to, and the share may end while rules still name the list.
 * Source: https://docs.aws.amazon.com/vpc/latest/userguide/sharing-perms.html; names: EC2 API "error codes" page.
 */
const UNREADABLE: ReadonlySet<string> = new Set(['UnauthorizedOperation', 'InvalidPrefixListID.NotFound']);

/** A list may have thousands of networks: kept is what decides, `ends` as far as they are of it. */
async function readList(id: string, ends: readonly string[], { signal }: Io): Promise<PrefixList> {
  try {
    const entries = await collect(
      paginateGetManagedPrefixListEntries({ client: client(EC2Client) }, { PrefixListId: id }, { abortSignal: signal }),
      ({ Entries }) => Entries,
    );
    const cidrs = entries.flatMap(({ Cidr: cidr }) => (cidr === undefined ? [] : networksOf(cidr)));
    return { id, cidrs: subtract(ends, subtract(ends, cidrs)) };
  } catch (error) {
    // What cannot be read is told as that: one list is no reason to leave a fleet alone.
    if (UNREADABLE.has(errorName(error))) return { id, cidrs: null };
    throw error;
  }
}

function permissionOf(permission: IpPermission, ports: readonly number[]): readonly Permission[] {
  const { IpRanges: ranges, Ipv6Ranges: ranges6, UserIdGroupPairs: pairs, PrefixListIds: lists } = permission;
  const of = {
    protocol: need(permission.IpProtocol, 'IpPermissions[].IpProtocol'),
    from: permission.FromPort ?? null,
    to: permission.ToPort ?? null,
  };
  if (!ports.some((port) => isOfPort(of, port))) return [];
  return [
    {
      ...of,
      cidrs: [
        ...(ranges ?? []).flatMap(({ CidrIp: cidr }) => (cidr === undefined ? [] : networksOf(cidr))),
        ...(ranges6 ?? []).flatMap(({ CidrIpv6: cidr }) => (cidr === undefined ? [] : networksOf(cidr))),
      ],
      lists: (lists ?? []).flatMap(({ PrefixListId: id }) => id ?? []),
      groups: (pairs ?? []).flatMap(({ GroupId: id }) => id ?? []),
    },
  ];
}

/** Whose rules are read, and for what. */
export interface Ruled {
  readonly groups: readonly SecurityGroupRecord[];
  /** Security groups of the load balancer. */
  readonly ofBalancer: readonly string[];
  readonly nodes: readonly Node[];
  readonly reaches: readonly Reach[];
}

/** A check goes out of the balancer and into the host: what else the rules say is not asked for. */
export async function readRules(
  { groups, ofBalancer, nodes, reaches }: Ruled,
  io: Io,
): Promise<Pick<Network, 'securityGroups' | 'prefixLists'>> {
  const ports = [...new Set(reaches.map(({ port }) => port))];
  const ofHosts = new Set(reaches.flatMap((reach) => reach.groups));
  const securityGroups = [...new Set([...ofBalancer, ...ofHosts])].map((id) => {
    const { IpPermissions: into, IpPermissionsEgress: out } = need(
      groups.find(({ GroupId }) => GroupId === id),
      `SecurityGroups[${id}]`,
    );
    return {
      id,
      inbound: ofHosts.has(id) ? (into ?? []).flatMap((each) => permissionOf(each, ports)) : [],
      outbound: ofBalancer.includes(id) ? (out ?? []).flatMap((each) => permissionOf(each, ports)) : [],
    };
  });
  const named = new Set(
    securityGroups.flatMap(({ inbound, outbound }) => [...inbound, ...outbound]).flatMap(({ lists }) => lists),
  );
  const ends = [...nodes, ...reaches].flatMap(({ cidrs }) => cidrs);
  const prefixLists = await Promise.all([...named].map((id) => readList(id, ends, io)));
  return { securityGroups, prefixLists };
}
