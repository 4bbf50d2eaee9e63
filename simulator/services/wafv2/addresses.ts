/** The addresses of an IP set: what AWS WAF takes for one, and how it spells it afterwards. */

import { isIPv4, isIPv6 } from 'node:net';

/** The families of IP sets. Source: https://docs.aws.amazon.com/waf/latest/APIReference/API_IPSet.html (IPAddressVersion). */
export const FAMILIES = ['IPV4', 'IPV6'] as const;

export type Family = (typeof FAMILIES)[number];

const BITS: { readonly [family in Family]: number } = { IPV4: 32, IPV6: 128 };
/** An address and its prefix length, without leading zeros; /0 is refused. Source: as above (Addresses). */
const CIDR = /^([^/%]+)\/([1-9]\d{0,2})$/u;
/** Source: https://docs.aws.amazon.com/waf/latest/APIReference/API_UpdateIPSet.html (Addresses: length constraints). */
const LONGEST = 50;
const GROUPS = 8;

export function isFamily(value: unknown): value is Family {
  return value === 'IPV4' || value === 'IPV6';
}

/** `1.2.3.4` at the end of an IPv6 address as its two groups. */
function withoutDots(address: string): string {
  const [, head = '', dotted] = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/u.exec(address) ?? [];
  if (dotted === undefined) return address;
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number);
  return `${head}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

/** The eight groups of four digits of an IPv6 address. */
function groupsOf(address: string): readonly string[] {
  const [left = [], tail] = withoutDots(address)
    .toLowerCase()
    .split('::')
    .map((half) => (half === '' ? [] : half.split(':')));
  const right = tail ?? [];
  const zeros = tail === undefined ? [] : Array.from({ length: GROUPS - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].map((group) => group.padStart(4, '0'));
}

function valueOf(address: string, family: Family): bigint {
  if (family === 'IPV6') return BigInt(`0x${groupsOf(address).join('')}`);
  return address.split('.').reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
}

/**
 * An address range as AWS WAF keeps it: IPv6 with all its digits. `undefined` where it takes none: not of the family, no prefix
 * length, /0, bits set behind the prefix.
 */
export function keptAs(text: string, family: Family): string | undefined {
  const [, address = '', length = ''] = CIDR.exec(text) ?? [];
  const bits = Number(length);
  const isOfFamily = family === 'IPV4' ? isIPv4(address) : isIPv6(address);
  if (text.length > LONGEST || !isOfFamily || bits > BITS[family]) return undefined;
  const hostBits = BigInt(BITS[family] - bits);
  const hasHost = valueOf(address, family) % (1n << hostBits) !== 0n;
  if (hasHost) return undefined;
  return family === 'IPV4' ? text : `${groupsOf(address).join(':')}/${bits}`;
}

/** The family that an address range is written in; it may be wrong otherwise. */
export function familyOf(text: string): Family {
  return text.includes(':') ? 'IPV6' : 'IPV4';
}
