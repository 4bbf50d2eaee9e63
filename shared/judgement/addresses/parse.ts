/** Text of somebody else's becomes a network in its one spelling, or is refused with what is wrong. Pure. */

import { IPV4, IPV6, readIpv4, readIpv6, readPrefix, type AddressFamily, type Arithmetic } from './ranges.ts';

/** Characters. The longest address with its prefix has 49 (`0000:…:255.255.255.255/128`); what is longer is not even looked at. */
const TEXT_LIMIT = 64;

const SAYS = {
  empty: 'There is no address: give one.',
  'too-long': `The text is longer than ${TEXT_LIMIT} characters: give one address or network alone.`,
  'other-digit': 'A digit is none of 0 to 9, though it may look like one: type the address anew.',
  invisible: 'There is a character that cannot be seen: type the address anew.',
  character: 'There is a character that is in no address: give one address or network alone.',
  several: 'There is more than one value: give one address or network at a time.',
  span: 'It is a span: write it as networks, such as 198.51.100.0/24.',
  brackets: 'The address stands in brackets: leave them out, and a port with them.',
  port: 'There is a port behind the address: leave it out.',
  scope: 'A scope (`%`) is of one machine only: give an address that others know.',
  name: 'It is a name: give the address that it stood for.',
  'two-prefixes': 'There is more than one `/`: give one prefix.',
  'prefix-missing': 'There is nothing behind `/`: give the prefix, or leave the `/` out.',
  'prefix-sign': 'The prefix has a sign: give the number of bits alone.',
  netmask: 'There is a netmask behind `/`: give the number of bits, 24 for 255.255.255.0.',
  'prefix-zero': 'It would be every address there is: give a prefix of 1 or more.',
  'prefix-leading-zero': 'The prefix begins with 0: give it without.',
  'prefix-range': 'The prefix is out of range: 1 to 32 for IPv4, 1 to 128 for IPv6.',
  'prefix-syntax': 'The prefix is no number: give the number of bits.',
  'mapped-prefix': 'An IPv4 address in an IPv6 one has a prefix of more than 96: give the network as IPv4.',
  hex: 'An octet is hexadecimal: write it in decimal.',
  'leading-zero': 'An octet begins with 0, which some read as octal: write it in decimal.',
  'short-form': 'There are fewer than four octets: write all four.',
  octet: 'An octet is more than 255: correct it.',
  'ipv4-syntax': 'It is no IPv4 address: write four numbers from 0 to 255 with dots between.',
  group: 'A group has more than four digits: correct it.',
  'ipv6-syntax': 'It is no IPv6 address: write eight groups, or `::` once for those that are zero.',
} as const;

/** What is wrong, for counters and tests. */
export type MalformedCode = keyof typeof SAYS;

/** A text that is no network. */
export interface Malformed {
  readonly why: MalformedCode;
  /** One or two short sentences for a person, with what to do. The text itself is not in it. */
  readonly says: string;
}

type Rule = readonly [matches: RegExp, why: MalformedCode];

/** The first that matches says why. */
function firstOf(rules: readonly Rule[], text: string): MalformedCode | undefined {
  return rules.find(([matches]) => matches.test(text))?.[1];
}

const OF_THE_WHOLE: readonly Rule[] = [
  [/^$/u, 'empty'],
  [/(?![ \t])[\p{Cc}\p{Cf}\p{Z}\p{DI}\u2800]/u, 'invisible'],
  [/(?![0-9])\p{Nd}/u, 'other-digit'],
  [/^[\d.]+[ \t]*-[ \t]*[\d.]+$/u, 'span'],
  [/^[\da-f.]*:[\da-f:.]*[ \t]*-[ \t]*[\da-f.]*:[\da-f:.]*$/iu, 'span'],
  [/:\/\//u, 'name'],
  [/^\[[\da-f:.]*\]/iu, 'brackets'],
  [/[^\p{L}\p{M}\d.:/_+\-%,; \t|]/u, 'character'],
  [/[,; \t|]/u, 'several'],
  [/%/u, 'scope'],
];

const OF_THE_PREFIX: readonly Rule[] = [
  [/^$/u, 'prefix-missing'],
  [/\//u, 'two-prefixes'],
  [/[.:]/u, 'netmask'],
  [/^\+/u, 'prefix-sign'],
  [/^0$/u, 'prefix-zero'],
  [/^0\d+$/u, 'prefix-leading-zero'],
  [/^-?\d+$/u, 'prefix-range'],
];

const OF_IPV4: readonly Rule[] = [
  [/^0x|\.0x/iu, 'hex'],
  [/\p{L}/u, 'name'],
  [/^0\d|\.0\d/u, 'leading-zero'],
  [/^\d+(?:\.\d+){0,2}$/u, 'short-form'],
  [/\d{4}|[3-9]\d\d|2[6-9]\d|25[6-9]/u, 'octet'],
];

const OF_IPV6: readonly Rule[] = [
  [/^[\d.]+:\d*$/u, 'port'],
  [/^[^:]*\.[^:]*:[^:]*$/u, 'name'],
  [/[\da-f]{5}/iu, 'group'],
];

/** @param text a text that is no network; one of more than `TEXT_LIMIT` characters is not asked about. */
function whyWhole(text: string): MalformedCode | undefined {
  return firstOf(OF_THE_WHOLE, text);
}

/** @param prefix what stands behind the first slash and is no prefix. */
function whyPrefix(prefix: string): MalformedCode {
  return firstOf(OF_THE_PREFIX, prefix) ?? 'prefix-syntax';
}

/** @param address what stands before the first slash and is no IPv4 address. */
function whyIpv4(address: string): MalformedCode {
  return firstOf(OF_IPV4, address) ?? 'ipv4-syntax';
}

/** @param address what stands before the first slash, has a colon and is no IPv6 address. */
function whyIpv6(address: string): MalformedCode {
  const why = firstOf(OF_IPV6, address);
  if (why !== undefined) return why;
  const octets = address.slice(address.lastIndexOf(':') + 1);
  return octets.includes('.') && readIpv4(octets) === undefined ? whyIpv4(octets) : 'ipv6-syntax';
}

/** The refusal with its sentence; also for who finds the same wrong in more than one text. */
export function malformed(why: MalformedCode): Malformed {
  return { why, says: SAYS[why] };
}

/** A network in its one spelling. */
export interface Network {
  /** `198.51.100.9/32`, `2001:db8::111/128`: with its prefix, lower case, shortened as RFC 5952 says, host bits zero. */
  readonly cidr: string;
  readonly family: AddressFamily;
  /** Bits, 1 to 32 or 1 to 128. */
  readonly prefix: number;
  /** The text had host bits, and they were zeroed: more addresses than it seemed to name. */
  readonly hadHostBits: boolean;
}

function networkOf<A extends number | bigint>(
  family: AddressFamily,
  { first, textOf }: Arithmetic<A>,
  address: A,
  prefix: number,
): Network {
  const start = first(address, prefix);
  return { cidr: `${textOf(start)}/${prefix}`, family, prefix, hadHostBits: start !== address };
}

/** `::ffff:198.51.100.200` in groups alone: the last two of them may be written as four octets. */
function inGroups(text: string): string {
  if (!text.includes('.')) return text;
  const last = text.lastIndexOf(':') + 1;
  const octets = readIpv4(text.slice(last));
  if (octets === undefined) return text;
  return `${text.slice(0, last)}${(octets >>> 16).toString(16)}:${(octets & 0xffff).toString(16)}`;
}

/** The first 96 bits of an IPv4 address that is written as an IPv6 one (`::ffff:0:0/96`). */
const MAPPED = 0xffffn;
const MAPPED_PREFIX = 96;

function readAsIpv4(address: string, prefix: string | undefined): Network | MalformedCode {
  const read = readIpv4(address);
  if (read === undefined) return whyIpv4(address);
  const bits = prefix === undefined ? IPV4.bits : readPrefix(prefix, 0, IPV4.bits);
  return bits === undefined ? whyPrefix(prefix ?? '') : networkOf('IPV4', IPV4, read, bits);
}

function readAsIpv6(address: string, prefix: string | undefined): Network | MalformedCode {
  const read = readIpv6(inGroups(address));
  if (read === undefined) return whyIpv6(address);
  const bits = prefix === undefined ? IPV6.bits : readPrefix(prefix, 0, IPV6.bits);
  if (bits === undefined) return whyPrefix(prefix ?? '');
  if (read >> 32n !== MAPPED) return networkOf('IPV6', IPV6, read, bits);
  if (bits === MAPPED_PREFIX) return 'prefix-zero';
  if (bits < MAPPED_PREFIX) return 'mapped-prefix';
  return networkOf('IPV4', IPV4, Number(BigInt.asUintN(32, read)), bits - MAPPED_PREFIX);
}

function readNetwork(text: string): Network | MalformedCode {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const prefix = slash < 0 ? undefined : text.slice(slash + 1);
  return address.includes(':') ? readAsIpv6(address, prefix) : readAsIpv4(address, prefix);
}

/** Spaces and tabs at both ends; another blank is a reason to refuse. */
function trimmed(text: string): string {
  const isBlank = (at: number): boolean => text[at] === ' ' || text[at] === '\t';
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(from)) from += 1;
  while (to > from && isBlank(to - 1)) to -= 1;
  return text.slice(from, to);
}

/**
 * One address or network out of a text. Strict: what two programs could read in two ways is refused, never guessed at. An address
 * alone is a network of itself, an IPv4 address in IPv6 clothes is IPv4, host bits are zeroed and `hadHostBits` says so. Throws nothing.
 */
export function parseNetwork(text: string): Network | Malformed {
  if (text.length > TEXT_LIMIT) return malformed('too-long');
  const bare = trimmed(text);
  const read = readNetwork(bare);
  return typeof read === 'string' ? malformed(whyWhole(bare) ?? read) : read;
}

/** Whether the text was refused. */
export function isMalformed(parsed: Network | Malformed): parsed is Malformed {
  return 'why' in parsed;
}
