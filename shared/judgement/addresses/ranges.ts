/** A network as the span of numbers that it is, and back to text. Numbers for IPv4, bigints for IPv6: each fast, both compared alike. Pure. */

/** As WAF spells it (`IPAddressVersion`). */
export type AddressFamily = 'IPV4' | 'IPV6';

/** A network as a span of numbers. Two networks share no address, or one lies inside the other. */
export interface Range<A extends number | bigint = number | bigint> {
  readonly start: A;
  readonly end: A;
  readonly prefix: number;
  /** Its one spelling. */
  readonly cidr: string;
}

/** What the two families do differently. */
export interface Arithmetic<A extends number | bigint> {
  readonly bits: 32 | 128;
  /** The first address of the network of this prefix that the address lies in. */
  readonly first: (address: A, prefix: number) => A;
  /** The last one. */
  readonly last: (address: A, prefix: number) => A;
  /** Whether two different networks of one prefix are the halves of a wider one; a network of prefix 0 is never made. */
  readonly areHalves: (one: A, other: A, prefix: number) => boolean;
  readonly textOf: (address: A) => string;
  /**
   * Networks in their one spelling, in the order of addresses; of two that begin alike the wider is first, so that what lies around
   * another comes before it. Throws an Error where one is none, or has host bits.
   */
  readonly sorted: (cidrs: readonly string[]) => Range<A>[];
}

const DOT = 46;
const COLON = 58;
const ZERO = 48;

/**
 * Reads four decimal octets and nothing else: no leading zero, no blank, no short form.
 * @param to where in the text the address ends.
 * @returns `undefined` where the text is anything else.
 */
export function readIpv4(text: string, to: number = text.length): number | undefined {
  let address = 0;
  let octet = -1;
  let octets = 1;
  for (let at = 0; at < to; at += 1) {
    const code = text.charCodeAt(at);
    const digit = code - ZERO;
    if (code === DOT && octet >= 0) {
      address = (address << 8) | octet;
      octet = -1;
      octets += 1;
    } else if (digit >= 0 && digit <= 9 && octet !== 0) {
      octet = octet < 0 ? digit : octet * 10 + digit;
      if (octet > 255) return undefined;
    } else return undefined;
  }
  return octets === 4 && octet >= 0 ? ((address << 8) | octet) >>> 0 : undefined;
}

/** The value of a hexadecimal digit, -1 of any other character. */
function hexDigit(code: number): number {
  if (code >= ZERO && code <= 57) return code - ZERO;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** Groups are put together here; no call leaves anything behind that another one reads. */
const GROUPS = new DataView(new ArrayBuffer(16));

/** Moves the groups behind `::` to the end of the address, and zeroes what it stands for. */
function spread(gap: number, count: number): void {
  const behind = count - gap;
  for (let index = 1; index <= behind; index += 1)
    GROUPS.setUint16(16 - index * 2, GROUPS.getUint16((count - index) * 2));
  for (let index = gap; index < 8 - behind; index += 1) GROUPS.setUint16(index * 2, 0);
}

/**
 * Reads groups of one to four hexadecimal digits, with at most one `::` for at least one group of zeros.
 * @param to where in the text the address ends.
 * @returns `undefined` where the text is anything else. The dotted end (`::ffff:192.0.2.1`) is not read here.
 */
export function readIpv6(text: string, to: number = text.length): bigint | undefined {
  let count = 0;
  let gap = -1;
  let at = 0;
  if (text.charCodeAt(0) === COLON) {
    if (text.charCodeAt(1) !== COLON) return undefined;
    gap = 0;
    at = 2;
  }
  while (at < to) {
    let group = 0;
    const began = at;
    for (; at < to; at += 1) {
      const digit = hexDigit(text.charCodeAt(at));
      if (digit < 0) break;
      group = group * 16 + digit;
    }
    const digits = at - began;
    if (digits < 1 || digits > 4 || count === 8) return undefined;
    GROUPS.setUint16(count * 2, group);
    count += 1;
    if (at === to) break;
    if (text.charCodeAt(at) !== COLON || at + 1 === to) return undefined;
    at += 1;
    if (text.charCodeAt(at) === COLON) {
      if (gap >= 0) return undefined;
      gap = count;
      at += 1;
    }
  }
  if (gap < 0 ? count !== 8 : count === 8) return undefined;
  if (gap >= 0) spread(gap, count);
  return (GROUPS.getBigUint64(0) << 64n) | GROUPS.getBigUint64(8);
}

/** Addresses in an IPv4 network of each prefix. */
const SIZES = Array.from({ length: 33 }, (_, prefix) => 2 ** (32 - prefix));
/** Ones for the bits behind each IPv6 prefix. */
const HOST_BITS = Array.from({ length: 129 }, (_, prefix) => (1n << BigInt(128 - prefix)) - 1n);

/** How many addresses an IPv4 network of this prefix has, 1 to 32. */
export function sizeOf(prefix: number): number {
  return SIZES[prefix] ?? 1;
}

function hostBits(prefix: number): bigint {
  return HOST_BITS[prefix] ?? 0n;
}

function textOfIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

function groupsText(from: number, to: number): string {
  let text = '';
  for (let index = from; index < to; index += 1)
    text += `${index === from ? '' : ':'}${GROUPS.getUint16(index * 2).toString(16)}`;
  return text;
}

/** RFC 5952: lower case, no leading zeros, `::` for the longest run of two and more zero groups, for the first of equals. */
function textOfIpv6(address: bigint): string {
  GROUPS.setBigUint64(0, address >> 64n);
  GROUPS.setBigUint64(8, BigInt.asUintN(64, address));
  let longest = 1;
  let gap = -1;
  let zeros = 0;
  for (let index = 0; index < 8; index += 1) {
    zeros = GROUPS.getUint16(index * 2) === 0 ? zeros + 1 : 0;
    if (zeros <= longest) continue;
    longest = zeros;
    gap = index + 1 - zeros;
  }
  return gap < 0 ? groupsText(0, 8) : `${groupsText(0, gap)}::${groupsText(gap + longest, 8)}`;
}

/** The family of a network in its one spelling. */
export function familyOf(cidr: string): AddressFamily {
  return cidr.includes(':') ? 'IPV6' : 'IPV4';
}

/**
 * The decimal number of bits behind the slash: no sign, no leading zero, not 0, which would be the whole internet.
 * @param from where in the text the number begins.
 * @returns `undefined` where it is anything else, or more than `bits`.
 */
export function readPrefix(text: string, from: number, bits: number): number | undefined {
  let prefix = 0;
  for (let at = from; at < text.length; at += 1) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9 || (digit === 0 && prefix === 0)) return undefined;
    prefix = prefix * 10 + digit;
    if (prefix > bits) return undefined;
  }
  return prefix === 0 ? undefined : prefix;
}

/** What did not come through the parser must not be guessed at: a block of the wrong addresses is worse than a failed run. */
function notCanonical(cidr: string): Error {
  return new Error(`not a network in its one spelling: ${cidr}`);
}

/** @throws Error where `cidr` is no IPv4 network in its one spelling. */
export function ipv4Range(cidr: string): Range<number> {
  const slash = cidr.indexOf('/');
  const start = readIpv4(cidr, slash);
  const prefix = readPrefix(cidr, slash + 1, 32);
  if (slash < 0 || start === undefined || prefix === undefined || (start & (sizeOf(prefix) - 1)) !== 0)
    throw notCanonical(cidr);
  return { start, end: start + sizeOf(prefix) - 1, prefix, cidr };
}

function ipv6Range(cidr: string): Range<bigint> {
  const slash = cidr.indexOf('/');
  const start = readIpv6(cidr, slash);
  const prefix = readPrefix(cidr, slash + 1, 128);
  if (slash < 0 || start === undefined || prefix === undefined) throw notCanonical(cidr);
  if (prefix === 128) return { start, end: start, prefix, cidr };
  const end = start | hostBits(prefix);
  if ((end ^ hostBits(prefix)) !== start) throw notCanonical(cidr);
  return { start, end, prefix, cidr };
}

function compareIpv6(one: Range<bigint>, other: Range<bigint>): number {
  if (one.start === other.start) return one.prefix - other.prefix;
  return one.start < other.start ? -1 : 1;
}

export const IPV4: Arithmetic<number> = {
  bits: 32,
  first: (address, prefix) => (address & -sizeOf(prefix)) >>> 0,
  last: (address, prefix) => (address | (sizeOf(prefix) - 1)) >>> 0,
  areHalves: (one, other, prefix) => prefix > 1 && (one ^ other) >>> 0 === sizeOf(prefix),
  textOf: textOfIpv4,
  sorted: (cidrs) =>
    cidrs.map(ipv4Range).toSorted((one, other) => one.start - other.start || one.prefix - other.prefix),
};

export const IPV6: Arithmetic<bigint> = {
  bits: 128,
  first: (address, prefix) => (address | hostBits(prefix)) ^ hostBits(prefix),
  last: (address, prefix) => address | hostBits(prefix),
  areHalves: (one, other, prefix) => prefix > 1 && (one ^ other) === hostBits(prefix) + 1n,
  textOf: textOfIpv6,
  sorted: (cidrs) => cidrs.map(ipv6Range).toSorted(compareIpv6),
};

/** A network in its one spelling as a range. @throws Error where it is none, or has host bits. */
export function rangeOf(cidr: string): Range {
  return familyOf(cidr) === 'IPV4' ? ipv4Range(cidr) : ipv6Range(cidr);
}
