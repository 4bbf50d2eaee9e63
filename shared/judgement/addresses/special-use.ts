/** Addresses that nobody attacks from over the internet, or that a block of would hit our own side with. Pure. */

import { indexOf } from './lookup.ts';

/**
 * The special-purpose registries of IANA (RFC 6890; IPv4 and IPv6, as of 2025-10), multicast, and what is reserved or deprecated
 * besides. Not in it: 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 and 2001:db8::/32, which drills use as the internet.
 */
const SPECIAL_USE: { readonly [cidr: string]: string } = {
  '0.0.0.0/8': 'this network, RFC 791',
  '10.0.0.0/8': 'private use, RFC 1918',
  '100.64.0.0/10': 'shared by carriers, RFC 6598',
  '127.0.0.0/8': 'loopback, RFC 1122',
  '169.254.0.0/16': 'link local, RFC 3927',
  '172.16.0.0/12': 'private use, RFC 1918',
  '192.0.0.0/24': 'protocol assignments, RFC 6890',
  '192.31.196.0/24': 'AS112, RFC 7535',
  '192.52.193.0/24': 'multicast tunnelling, RFC 7450',
  '192.88.99.0/24': '6to4 relays, RFC 7526',
  '192.168.0.0/16': 'private use, RFC 1918',
  '192.175.48.0/24': 'AS112, RFC 7534',
  '198.18.0.0/15': 'benchmarking, RFC 2544',
  '224.0.0.0/4': 'multicast, RFC 5771',
  '240.0.0.0/4': 'reserved, RFC 1112',
  '255.255.255.255/32': 'broadcast, RFC 919',
  '::/96': 'IPv4-compatible, RFC 4291',
  '::/128': 'unspecified, RFC 4291',
  '::1/128': 'loopback, RFC 4291',
  '::ffff:0:0/96': 'IPv4-mapped, RFC 4291',
  '64:ff9b::/96': 'translation to IPv4, RFC 6052',
  '64:ff9b:1::/48': 'translation to IPv4, RFC 8215',
  '100::/64': 'discard only, RFC 6666',
  '100:0:0:1::/64': 'dummy prefix, RFC 9780',
  '2001::/23': 'protocol assignments, RFC 2928',
  '2002::/16': '6to4, RFC 3056',
  '2620:4f:8000::/48': 'AS112, RFC 7534',
  '5f00::/16': 'segment routing, RFC 9602',
  'fc00::/7': 'unique local, RFC 4193',
  'fe80::/10': 'link local, RFC 4291',
  'fec0::/10': 'site local, RFC 3879',
  'ff00::/8': 'multicast, RFC 4291',
};

const INDEX = indexOf(Object.keys(SPECIAL_USE));

/**
 * The special-use range that a network in its one spelling overlaps, with what it is for: `10.0.0.0/8 (private use, RFC 1918)`.
 * The narrowest around it, else the first inside it.
 */
export function specialUse(cidr: string): string | undefined {
  const range = INDEX.covering(cidr) ?? INDEX.overlapping(cidr)[0];
  return range === undefined ? undefined : `${range} (${SPECIAL_USE[range] ?? 'special use'})`;
}
