/** Entries of network ACLs: as a file or a script gives them, as EC2 keeps them, and those that AWS puts in itself. */

import { BadInputError } from '../../../shared/kernel/errors.ts';
import { IPV4, IPV6, readIpv4, readIpv6 } from '../../../shared/judgement/addresses/ranges.ts';
import type { Shape, World } from '../../engine/model.ts';
import { isShape, list, records, show } from './state.ts';

/** Rules by direction and family. Source: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html (network ACLs). */
export const MOST_RULES = 20;

/** The members that hold an entry's network. */
const FAMILIES = ['CidrBlock', 'Ipv6CidrBlock'] as const;
export type NetworkMember = (typeof FAMILIES)[number];

/** What AWS denies where no entry says otherwise, `*` on the console. Source: nacl-rules.html; the numbers as AWS prints them. */
const DENIES: { readonly [member in NetworkMember]: Shape } = {
  CidrBlock: { RuleNumber: 32_767, CidrBlock: '0.0.0.0/0' },
  Ipv6CidrBlock: { RuleNumber: 32_768, Ipv6CidrBlock: '::/0' },
};

/** The networks of an entry, or of a request for one; rightly there is one. */
export function networkOf(entry: Shape): readonly (readonly [NetworkMember, string])[] {
  return FAMILIES.flatMap((member) => {
    const cidr = entry[member];
    return typeof cidr === 'string' ? [[member, cidr] as const] : [];
  });
}

export function familyOfEntry(entry: Shape): NetworkMember {
  return networkOf(entry)[0]?.[0] ?? 'CidrBlock';
}

export function entriesOf(acl: Shape): Shape[] {
  return list(acl, 'Entries');
}

/** Both families share the numbers of their direction. */
export function entryAt(acl: Shape, ruleNumber: number, egress: boolean): Shape | undefined {
  return entriesOf(acl).find((each) => each['RuleNumber'] === ruleNumber && (each['Egress'] === true) === egress);
}

/**
 * A network as EC2 keeps it: with its prefix, without host bits. `undefined`: it is none of the family.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html (CidrBlock).
 */
export function canonical(member: NetworkMember, cidr: string): string | undefined {
  const [, address = '', bits] = /^([^/]+)\/(\d{1,3})$/u.exec(cidr) ?? [];
  if (bits === undefined) return undefined;
  const prefix = Number(bits);
  if (member === 'CidrBlock') {
    const read = readIpv4(address);
    return read === undefined || prefix > IPV4.bits ? undefined : `${IPV4.textOf(IPV4.first(read, prefix))}/${prefix}`;
  }
  const read = readIpv6(address);
  return read === undefined || prefix > IPV6.bits ? undefined : `${IPV6.textOf(IPV6.first(read, prefix))}/${prefix}`;
}

/** All entries, with AWS's own denials where the file leaves them out: those of IPv6 where the ACL or its VPC has any of that. */
export function withDefaultDenials(acl: Shape, vpc: Shape | undefined): Shape[] {
  const entries = entriesOf(acl);
  const hasIpv6 =
    entries.some((each) => familyOfEntry(each) === 'Ipv6CidrBlock') ||
    list(vpc, 'Ipv6CidrBlockAssociationSet').length > 0;
  const families: readonly NetworkMember[] = hasIpv6 ? FAMILIES : ['CidrBlock'];
  const denials = families.flatMap((member) =>
    [true, false].map((Egress): Shape => ({ Egress, Protocol: '-1', RuleAction: 'deny', ...DENIES[member] })),
  );
  const missing = denials.filter(
    (each) => entryAt(acl, Number(each['RuleNumber']), each['Egress'] === true) === undefined,
  );
  return [...entries, ...missing];
}

/** An entry of a file or a script, as EC2 would keep it. */
function keptEntry(entry: unknown, at: string): Shape {
  if (!isShape(entry)) throw new BadInputError(at, 'expected an entry such as describe-network-acls prints');
  const [[member, cidr] = [], second] = networkOf(entry);
  if (member === undefined || cidr === undefined || second !== undefined)
    throw new BadInputError(at, 'an entry has a CidrBlock or an Ipv6CidrBlock');
  const network = canonical(member, cidr);
  if (network === undefined) throw new BadInputError(`${at}.${member}`, `${cidr} is not a network of that family`);
  if (typeof entry['RuleNumber'] !== 'number') throw new BadInputError(`${at}.RuleNumber`, 'is missing');
  return { Protocol: '-1', Egress: false, RuleAction: 'deny', ...entry, [member]: network };
}

/**
 * The entries of an ACL, as EC2 would keep them.
 * @throws BadInputError that names the entry: a number is there twice in one direction, or its network is none
 */
function keptEntries(entries: readonly unknown[], at: string): Shape[] {
  const seen = new Set<string>();
  return entries.map((given, index) => {
    const entry = keptEntry(given, `${at}[${index}]`);
    const number = `${show(entry['RuleNumber'])} ${entry['Egress'] === true ? 'egress' : 'ingress'}`;
    if (seen.has(number)) throw new BadInputError(`${at}[${index}].RuleNumber`, `${number} is there twice`);
    seen.add(number);
    return entry;
  });
}

/** Spells the entries of a file as EC2 would. */
export function startNetworkAcls(world: World): void {
  for (const [index, acl] of records(world, 'NetworkAcls').entries())
    if (acl['Entries'] !== undefined) acl['Entries'] = keptEntries(entriesOf(acl), `ec2.NetworkAcls[${index}].Entries`);
}

/** A person's or a stack's edit of the entries, as a whole: `"ec2/NetworkAcls/acl-1/Entries/+": { "RuleNumber": 90, … }`. */
export function changeNetworkAcl(world: World, id: string, path: readonly string[], value: unknown): boolean {
  const at = ['ec2/NetworkAcls', id, ...path].join('/');
  const [member, ...inside] = path;
  if (member === undefined) {
    if (isShape(value) && value['Entries'] !== undefined)
      value['Entries'] = keptEntries(list(value, 'Entries'), `${at}.Entries`);
    return false;
  }
  if (member !== 'Entries') return false;
  if (inside.length > 0 || !Array.isArray(value))
    throw new BadInputError(at, 'set the whole list, or add with /+ and remove with /-');
  const acl = records(world, 'NetworkAcls').find((each) => each['NetworkAclId'] === id);
  if (acl === undefined) return false;
  acl['Entries'] = keptEntries(value, at);
  return true;
}
