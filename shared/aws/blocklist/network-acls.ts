/** Network ACLs, as EC2 answers and as a blocklist means them. */

import {
  EC2Client,
  paginateDescribeNetworkAcls,
  type Filter,
  type NetworkAcl as Described,
  type NetworkAclEntry,
} from '@aws-sdk/client-ec2';
import { IPV4, IPV6, readIpv4, readIpv6 } from '../../judgement/addresses/ranges.ts';
import type { AclEntry, NetworkAcl } from '../../judgement/blocklist/network-acl.ts';
import type { Io } from '../../kernel/definition.ts';
import { TerminalError } from '../../kernel/errors.ts';
import { client } from '../clients.ts';
import { collect } from '../pages.ts';
import { TAG } from './tag.ts';

/** A network as EC2 spells it, everything of its family among them. `undefined`: it is none. */
function canonical({ CidrBlock, Ipv6CidrBlock }: NetworkAclEntry): Pick<AclEntry, 'cidr' | 'family'> | undefined {
  const [, address = '', bits] = /^([^/]+)\/(\d{1,3})$/u.exec(CidrBlock ?? Ipv6CidrBlock ?? '') ?? [];
  if (bits === undefined) return undefined;
  const prefix = Number(bits);
  if (CidrBlock !== undefined) {
    const read = readIpv4(address);
    if (read === undefined || prefix > IPV4.bits) return undefined;
    return { cidr: `${IPV4.textOf(IPV4.first(read, prefix))}/${prefix}`, family: 'IPV4' };
  }
  const read = readIpv6(address);
  if (read === undefined || prefix > IPV6.bits) return undefined;
  return { cidr: `${IPV6.textOf(IPV6.first(read, prefix))}/${prefix}`, family: 'IPV6' };
}

/** An entry that cannot be read might let in or deny anything: nothing is decided beside it. */
function entryOf(id: string, entry: NetworkAclEntry): AclEntry {
  const { RuleNumber: ruleNumber, RuleAction: action, Protocol: protocol, Egress: egress } = entry;
  const network = canonical(entry);
  if (ruleNumber === undefined || action === undefined || protocol === undefined || egress === undefined)
    throw new TerminalError(`${id}: EC2's answer lacks number, action, protocol or direction of an entry`);
  if (network === undefined)
    throw new TerminalError(`${id}: the network of entry ${ruleNumber} cannot be read: ${JSON.stringify(entry)}`);
  return { ruleNumber, ...network, action, protocol, egress };
}

/**
 * An ACL with its entries.
 * @throws TerminalError for an answer that cannot be understood
 */
export function aclOf({ NetworkAclId: id, VpcId: vpcId, Entries: entries, Tags = [] }: Described): NetworkAcl {
  if (id === undefined || vpcId === undefined || entries === undefined)
    throw new TerminalError(`${id ?? 'a network ACL'}: EC2's answer lacks its id, its VPC or its entries`);
  const blocklist = Tags.find(({ Key }) => Key === TAG)?.Value ?? '';
  return { id, vpcId, blocklist, entries: entries.map((entry) => entryOf(id, entry)) };
}

/** Those that pass the filters, in EC2's order. Throws what AWS throws. */
export function describeAcls(filters: readonly Filter[], io: Io): Promise<readonly Described[]> {
  return collect(
    paginateDescribeNetworkAcls({ client: client(EC2Client) }, { Filters: [...filters] }, { abortSignal: io.signal }),
    ({ NetworkAcls }) => NetworkAcls,
  );
}
