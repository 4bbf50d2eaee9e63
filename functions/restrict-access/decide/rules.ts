/** Inbound rules of a security group, one by one: as EC2 lists them, as a note keeps them, and as a call takes them. Pure. */

import { TerminalError } from '../../../shared/kernel/errors.ts';
import { isBag } from '../../../shared/kernel/json.ts';

/** A protocol and its ports, in EC2's own words; of ICMP a type and a code. `-1`: all protocols, which have no ports. */
export type Range = {
  readonly IpProtocol: string;
  readonly FromPort?: number;
  readonly ToPort?: number;
};

/** Who is let in: exactly one of the four. */
type Source =
  | { readonly CidrIp: string }
  | { readonly CidrIpv6: string }
  | { readonly PrefixListId: string }
  | {
      readonly GroupId: string;
      /** The account whose group it is. */
      readonly UserId?: string;
      readonly VpcId?: string;
      readonly VpcPeeringConnectionId?: string;
    };

/** One way in. */
export type Rule = {
  readonly range: Range;
  readonly source: Source;
  readonly description?: string;
};

type Members = { readonly [member: string]: unknown };

/** The lists of an IpPermission, with the members of each of their entries that are sent again. What EC2 tells besides is its own. */
const SOURCES: readonly (readonly [list: string, ...members: readonly string[]])[] = [
  ['IpRanges', 'CidrIp'],
  ['Ipv6Ranges', 'CidrIpv6'],
  ['PrefixListIds', 'PrefixListId'],
  ['UserIdGroupPairs', 'GroupId', 'UserId', 'VpcId', 'VpcPeeringConnectionId'],
];

const ALL_PROTOCOLS = '-1';

function textsIn(from: Members, members: readonly string[]): { readonly [member: string]: string } {
  return Object.fromEntries(
    members.flatMap((member) => {
      const value = from[member];
      return typeof value === 'string' ? [[member, value]] : [];
    }),
  );
}

function rangeIn(permission: Members): Range {
  const { IpProtocol, FromPort, ToPort } = permission;
  if (typeof IpProtocol !== 'string') throw new TerminalError('a rule has no IpProtocol');
  const isPlain = IpProtocol === ALL_PROTOCOLS || typeof FromPort !== 'number' || typeof ToPort !== 'number';
  return isPlain ? { IpProtocol } : { IpProtocol, FromPort, ToPort };
}

function sourceIn(entry: Members, members: readonly string[]): Source {
  const texts = textsIn(entry, members);
  const { CidrIp, CidrIpv6, PrefixListId, GroupId } = texts;
  if (CidrIp !== undefined) return { CidrIp };
  if (CidrIpv6 !== undefined) return { CidrIpv6 };
  if (PrefixListId !== undefined) return { PrefixListId };
  if (GroupId !== undefined) return { ...texts, GroupId };
  throw new TerminalError(`a rule lets in what has no ${members.join(', ')}: ${JSON.stringify(entry)}`);
}

function entriesIn(permission: Members, list: string): readonly Members[] {
  const value = permission[list] ?? [];
  if (Array.isArray(value) && value.every(isBag)) return value;
  throw new TerminalError(`${list} of a rule is no list`);
}

/**
 * The rules in a list of IpPermissions.
 * @throws TerminalError for one that cannot be understood: it may let in anybody, so nothing is decided beside it
 */
export function rulesIn(permissions: readonly unknown[]): readonly Rule[] {
  return permissions.flatMap((permission) => {
    if (!isBag(permission)) throw new TerminalError('a rule is no object');
    const range = rangeIn(permission);
    return SOURCES.flatMap(([list, ...members]) =>
      entriesIn(permission, list).map((entry): Rule => {
        const { Description: description } = entry;
        const source = sourceIn(entry, members);
        return typeof description === 'string' ? { range, source, description } : { range, source };
      }),
    );
  });
}

/** An IpPermission as a call takes it and a note keeps it. JSON. */
export type Permission = Range & {
  IpRanges?: { CidrIp: string; Description?: string }[];
  Ipv6Ranges?: { CidrIpv6: string; Description?: string }[];
  PrefixListIds?: { PrefixListId: string; Description?: string }[];
  UserIdGroupPairs?: { GroupId: string; UserId?: string; Description?: string }[];
};

/** The rules as IpPermissions: one for each range, in the order of the rules. */
export function permissionsOf(rules: readonly Rule[]): Permission[] {
  const byRange = Map.groupBy(rules, ({ range }) => rangeText(range));
  return [...byRange.values()].flatMap((ofRange) => permissionOf(ofRange) ?? []);
}

/** @param rules of one range */
function permissionOf(rules: readonly Rule[]): Permission | undefined {
  const [first] = rules;
  if (first === undefined) return undefined;
  const permission: Permission = { ...first.range };
  for (const { source, description } of rules) {
    const said = description === undefined ? {} : { Description: description };
    if ('CidrIp' in source) (permission.IpRanges ??= []).push({ ...source, ...said });
    else if ('CidrIpv6' in source) (permission.Ipv6Ranges ??= []).push({ ...source, ...said });
    else if ('PrefixListId' in source) (permission.PrefixListIds ??= []).push({ ...source, ...said });
    else (permission.UserIdGroupPairs ??= []).push({ ...source, ...said });
  }
  return permission;
}

/** A range for people, and to tell one from another: `tcp 443`, `udp 8000-8100`, `icmp 8/0`, `all`. */
function rangeText({ IpProtocol, FromPort, ToPort }: Range): string {
  if (IpProtocol === ALL_PROTOCOLS) return 'all';
  if (FromPort === undefined || ToPort === undefined) return IpProtocol;
  if (IpProtocol.startsWith('icmp')) return `${IpProtocol} ${FromPort}/${ToPort}`;
  return FromPort === ToPort ? `${IpProtocol} ${FromPort}` : `${IpProtocol} ${FromPort}-${ToPort}`;
}

function sourceText(source: Source): string {
  if ('CidrIp' in source) return source.CidrIp;
  if ('CidrIpv6' in source) return source.CidrIpv6;
  return 'PrefixListId' in source ? source.PrefixListId : source.GroupId;
}

/** A rule for people, and what makes it the same as another: EC2 takes no second one that differs in its description alone. */
export function ruleText({ range, source }: Rule): string {
  return `${rangeText(range)} from ${sourceText(source)}`;
}

/** The rules that are not among the others. */
export function without(rules: readonly Rule[], others: readonly Rule[]): readonly Rule[] {
  const texts = new Set(others.map(ruleText));
  return rules.filter((rule) => !texts.has(ruleText(rule)));
}

/** Those of the rules that are among the others, as they stand in the first. */
export function among(rules: readonly Rule[], others: readonly Rule[]): readonly Rule[] {
  const texts = new Set(others.map(ruleText));
  return rules.filter((rule) => texts.has(ruleText(rule)));
}

/** Each range once. */
export function rangesOf(rules: readonly Rule[]): readonly Range[] {
  return [...new Map(rules.map(({ range }) => [rangeText(range), range])).values()];
}

/** Whether its source is this group. */
export function isFromGroup({ source }: Rule, groupId: string): boolean {
  return 'GroupId' in source && source.GroupId === groupId;
}

/** Whether its source is this prefix list. */
export function isFromList({ source }: Rule, prefixListId: string): boolean {
  return 'PrefixListId' in source && source.PrefixListId === prefixListId;
}
