/** What is a network, in which one spelling, and why another text is none. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMalformed, parseNetwork } from '../../../../shared/judgement/addresses/parse.ts';

function read(text: string): string {
  const parsed = parseNetwork(text);
  return isMalformed(parsed) ? parsed.why : parsed.cidr;
}

describe('a text that is a network', () => {
  it.each([
    ['1.10.16.0/20', '1.10.16.0/20'],
    ['1.19.0.0/16', '1.19.0.0/16'],
    ['77.90.185.20', '77.90.185.20/32'],
    ['195.178.188.66/29', '195.178.188.64/29'],
    ['255.255.255.255/1', '128.0.0.0/1'],
    ['0.0.0.0', '0.0.0.0/32'],
    ['42.128.0.0/12', '42.128.0.0/12'],
    ['2a06:5280::/29', '2a06:5280::/29'],
    ['2001:0DB8:0000:0000:0000:0000:0000:0111', '2001:db8::111/128'],
    ['2001:db8::111/128', '2001:db8::111/128'],
    ['2001:db8::111/64', '2001:db8::/64'],
    ['::', '::/128'],
    ['::1', '::1/128'],
    ['ffff::/1', '8000::/1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0/128'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8/128'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1/128'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1/128'],
    ['10:0:1:0:0:1:0:0', '10:0:1::1:0:0/128'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221/128'],
    ['::ffff:198.51.100.200', '198.51.100.200/32'],
    ['::FFFF:c633:64c8', '198.51.100.200/32'],
    ['::ffff:198.51.100.200/120', '198.51.100.0/24'],
    ['::ffff:0:0/97', '0.0.0.0/1'],
    [' 1.2.3.4', '1.2.3.4/32'],
    ['1.2.3.4 ', '1.2.3.4/32'],
    ['\t 1.2.3.4/24\t', '1.2.3.0/24'],
    ['127.0.0.53', '127.0.0.53/32'],
    ['10.0.0.0/8', '10.0.0.0/8'],
  ])('%j is %s', (text, cidr) => {
    expect(read(text)).toBe(cidr);
    expect(read(cidr)).toBe(cidr);
  });
  it('says its family, its prefix, and whether host bits were zeroed', () => {
    expect(parseNetwork('195.178.188.66/29')).toEqual({
      cidr: '195.178.188.64/29',
      family: 'IPV4',
      prefix: 29,
      hadHostBits: true,
    });
    expect(parseNetwork('2001:DB8::/32')).toEqual({
      cidr: '2001:db8::/32',
      family: 'IPV6',
      prefix: 32,
      hadHostBits: false,
    });
    expect(parseNetwork('::ffff:198.51.100.9/120')).toMatchObject({ family: 'IPV4', prefix: 24, hadHostBits: true });
  });
});

describe('a text that is no network', () => {
  it.each([
    ['', 'empty'],
    [' \t ', 'empty'],
    [`1.2.3.4${' '.repeat(58)}`, 'too-long'],
    ['\uFEFF# dirty list, made from real spellings', 'invisible'],
    ['1.2.3.4\u200B', 'invisible'],
    ['1.2.3.4\u00A0', 'invisible'],
    ['1.2.3.4\r', 'invisible'],
    ['1.2.3.4\u0000', 'invisible'],
    ['\uFF11.2.3.4', 'other-digit'],
    ['\u0661.2.3.4', 'other-digit'],
    ['1.10.16.0/20 ; SBL256894', 'several'],
    ['77.90.185.20\t10', 'several'],
    ['16.5.0.0\t16.5.0.255\t24\t117\t-\t-\t-', 'several'],
    ['1.180.24.0 - 1.180.25.255 , 0 , ', 'several'],
    ['001.009.096.105 - 001.009.096.105 , 000 , Some org', 'several'],
    ['Some org:1.2.3.0-1.2.3.17', 'several'],
    ['1.2.3.4,5.6.7.8', 'several'],
    ['1.2.3.4 5.6.7.8', 'several'],
    ['1.2.3.4 /24', 'several'],
    ['; EOF', 'several'],
    ['1.180.24.0 - 1.180.25.255', 'span'],
    ['2001:db8::1-2001:db8::9', 'span'],
    ['{"cidr":"1.10.16.0/20","sblid":"SBL256894","rir":"apnic"}', 'character'],
    ['{"type":"metadata","timestamp":1755877000,"records":1390}', 'character'],
    ['# comment', 'character'],
    ['\uD800', 'character'],
    ['[2001:db8::1]:443', 'brackets'],
    ['1.2.3.4:443', 'port'],
    ['fe80::1%eth0', 'scope'],
    ['example.com', 'name'],
    ['example.com:443', 'name'],
    ['http://1.2.3.4/', 'name'],
    ['localhost', 'name'],
    ['1.2.3.4/24/8', 'two-prefixes'],
    ['1.2.3.4/', 'prefix-missing'],
    ['1.2.3.4/+24', 'prefix-sign'],
    ['1.2.3.4/255.255.255.0', 'netmask'],
    ['2001:db8::/ffff:ffff::', 'netmask'],
    ['0.0.0.0/0', 'prefix-zero'],
    ['::/0', 'prefix-zero'],
    ['::ffff:0:0/96', 'prefix-zero'],
    ['1.2.3.4/024', 'prefix-leading-zero'],
    ['1.2.3.4/00', 'prefix-leading-zero'],
    ['1.2.3.4/33', 'prefix-range'],
    ['1.2.3.4/-1', 'prefix-range'],
    ['1.2.3.4/4294967320', 'prefix-range'],
    ['2001:db8::/129', 'prefix-range'],
    ['1.2.3.4/x', 'prefix-syntax'],
    ['1.2.3.4/2e1', 'prefix-syntax'],
    ['::ffff:198.51.100.200/95', 'mapped-prefix'],
    ['::ffff:198.51.100.200/24', 'mapped-prefix'],
    ['0x7f.1', 'hex'],
    ['1.2.3.0x4', 'hex'],
    ['010.0.0.1', 'leading-zero'],
    ['1.2.3.00', 'leading-zero'],
    ['001.009.096.105', 'leading-zero'],
    ['::ffff:010.0.0.1', 'leading-zero'],
    ['1.2.3', 'short-form'],
    ['10/8', 'short-form'],
    ['16909060', 'short-form'],
    ['256.1.1.1', 'octet'],
    ['1.2.3.1000', 'octet'],
    ['::ffff:1.2.3.256', 'octet'],
    ['1.2.3.4.5', 'ipv4-syntax'],
    ['1..2.3', 'ipv4-syntax'],
    ['1.2.3.', 'ipv4-syntax'],
    ['-1.2.3.4', 'ipv4-syntax'],
    ['12345::1', 'group'],
    ['2001:db8:::1', 'ipv6-syntax'],
    ['1::2::3', 'ipv6-syntax'],
    [':1', 'ipv6-syntax'],
    ['1:2:3:4:5:6:7:', 'ipv6-syntax'],
    ['1:2:3:4:5:6:7', 'ipv6-syntax'],
    ['1:2:3:4:5:6:7:8:9', 'ipv6-syntax'],
    ['1:2:3:4:5:6:7::8', 'ipv6-syntax'],
    ['::1.2.3.4:5', 'ipv6-syntax'],
    ['2001:db8::g', 'ipv6-syntax'],
  ])('%j is refused: %s', (text, why) => {
    expect(read(text)).toBe(why);
  });
  it('is refused with what to do, and without the text', () => {
    expect(parseNetwork('010.0.0.1')).toEqual({
      why: 'leading-zero',
      says: 'An octet begins with 0, which some read as octal: write it in decimal.',
    });
    expect(parseNetwork('9'.repeat(1_000_000))).toEqual({
      why: 'too-long',
      says: 'The text is longer than 64 characters: give one address or network alone.',
    });
  });
});

const ADDRESS_LIKE = fc.string({ unit: fc.constantFrom(...'0123456789abfx.:/%- ,;[]+'.split('')), maxLength: 64 });

describe('any text', () => {
  it('ends as a network that reads as itself, or as a reason', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 70 }), ADDRESS_LIKE), (text) => {
        const parsed = parseNetwork(text);
        const again = isMalformed(parsed) ? parsed : parseNetwork(parsed.cidr);
        expect(again).toEqual(isMalformed(parsed) ? parsed : { ...parsed, hadHostBits: false });
      }),
      { numRuns: 3_000 },
    );
  });
  it('that writes out an IPv4 network is that network', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), fc.integer({ min: 1, max: 32 }), (address, prefix) => {
        const size = 2 ** (32 - prefix);
        const start = Math.floor(address / size) * size;
        const dotted = (value: number): string =>
          [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
        expect(read(`${dotted(address)}/${prefix}`)).toBe(`${dotted(start)}/${prefix}`);
      }),
    );
  });
  it('that writes out eight groups is the address that the platform shortens alike', () => {
    const group = fc.oneof(fc.constant(0), fc.nat(0xffff));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        fc.pre(!(groups.slice(0, 5).every((value) => value === 0) && groups[5] === 0xffff));
        const written = groups.map((value) => value.toString(16).padStart(4, '0').toUpperCase()).join(':');
        const shortened = new URL(`http://[${written}]/`).hostname.slice(1, -1);
        expect(read(written)).toBe(`${shortened}/128`);
      }),
      { numRuns: 1_000 },
    );
  });
});
