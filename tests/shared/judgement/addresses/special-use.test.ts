/** Which addresses are nobody's on the internet. */

import { describe, expect, it } from 'vitest';
import { specialUse } from '../../../../shared/judgement/addresses/special-use.ts';

describe('special use', () => {
  it.each([
    ['127.0.0.53/32', '127.0.0.0/8 (loopback, RFC 1122)'],
    ['10.0.0.0/8', '10.0.0.0/8 (private use, RFC 1918)'],
    ['172.31.255.255/32', '172.16.0.0/12 (private use, RFC 1918)'],
    ['192.168.1.0/24', '192.168.0.0/16 (private use, RFC 1918)'],
    ['169.254.169.254/32', '169.254.0.0/16 (link local, RFC 3927)'],
    ['100.64.0.1/32', '100.64.0.0/10 (shared by carriers, RFC 6598)'],
    ['255.255.255.255/32', '255.255.255.255/32 (broadcast, RFC 919)'],
    ['240.0.0.1/32', '240.0.0.0/4 (reserved, RFC 1112)'],
    ['192.0.0.0/8', '192.0.0.0/24 (protocol assignments, RFC 6890)'],
    ['::1/128', '::1/128 (loopback, RFC 4291)'],
    ['::/64', '::/96 (IPv4-compatible, RFC 4291)'],
    ['2002:c633:6409::/48', '2002::/16 (6to4, RFC 3056)'],
    ['fe80::1/128', 'fe80::/10 (link local, RFC 4291)'],
    ['fd00::/8', 'fc00::/7 (unique local, RFC 4193)'],
    ['ff02::1/128', 'ff00::/8 (multicast, RFC 4291)'],
  ])('has %s, which lies in or around %s', (cidr, said) => {
    expect(specialUse(cidr)).toBe(said);
  });
  it.each([
    '192.0.2.0/24',
    '198.51.100.9/32',
    '203.0.113.0/24',
    '2001:db8::/32',
    '9.255.255.255/32',
    '11.0.0.0/32',
    '172.32.0.0/16',
    '100.128.0.0/32',
    '1.1.1.1/32',
    '2a06:5280::/29',
    '2606:4700:4700::1111/128',
  ])('has not %s', (cidr) => {
    expect(specialUse(cidr)).toBeUndefined();
  });
});
