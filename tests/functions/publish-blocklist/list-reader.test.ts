/** What every line of a list of somebody else's is found to be, and what the list is then. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readList, verdictsOf } from '../../../functions/publish-blocklist/decide/list-reader.ts';

/** Made from the spellings of real feeds; each line with its verdict and what it adds. */
const DIRTY: readonly (readonly [text: string, verdict: string, networks: string])[] = [
  ['# dirty list, made from real spellings', 'comment', ''],
  ['1.10.16.0/20 ; SBL256894', 'ok', '1.10.16.0/20'],
  ['1.19.0.0/16 ; SBL434604', 'ok', '1.19.0.0/16'],
  ['77.90.185.20\t10', 'ok', '77.90.185.20/32'],
  ['16.5.0.0\t16.5.0.255\t24\t117\t-\t-\t-', 'range', '16.5.0.0/24'],
  ['1.180.24.0 - 1.180.25.255 , 0 , ', 'range', '1.180.24.0/23'],
  ['001.009.096.105 - 001.009.096.105 , 000 , Some org', 'leading-zero', ''],
  ['Some org:1.2.3.0-1.2.3.17', 'range', '1.2.3.0/28 1.2.3.16/31'],
  ['195.178.188.66/29', 'host-bits', '195.178.188.64/29'],
  ['0.0.0.0/0', 'prefix-zero', ''],
  ['::/0', 'prefix-zero', ''],
  ['42.128.0.0/12', 'breadth', ''],
  ['2a06:5280::/29', 'breadth', ''],
  ['2001:0DB8:0000:0000:0000:0000:0000:0111', 'ok', '2001:db8::111/128'],
  ['2001:db8::111/128', 'duplicate', ''],
  ['fe80::1%eth0', 'scope', ''],
  ['::ffff:198.51.100.200', 'ok', '198.51.100.200/32'],
  ['1.2.3', 'short-form', ''],
  ['0x7f.1', 'hex', ''],
  ['010.0.0.1', 'leading-zero', ''],
  ['256.1.1.1', 'octet', ''],
  ['1.2.3.4/33', 'prefix-range', ''],
  ['1.2.3.4/-1', 'prefix-range', ''],
  ['1.2.3.4/24/8', 'two-prefixes', ''],
  ['1.2.3.4/+24', 'prefix-sign', ''],
  ['1.2.3.4/255.255.255.0', 'netmask', ''],
  [' 1.2.3.4', 'ok', '1.2.3.4/32'],
  ['1.2.3.4 ', 'duplicate', ''],
  ['1.2.3.4', 'duplicate', ''],
  ['', 'empty', ''],
  ['127.0.0.53', 'never-block', ''],
  ['10.0.0.0/8', 'never-block', ''],
  ['example.com', 'name', ''],
  ['{"cidr":"1.10.16.0/20","sblid":"SBL256894","rir":"apnic"}', 'duplicate', ''],
  ['{"type":"metadata","timestamp":1755877000,"records":1390}', 'metadata', ''],
  ['\uFF11.2.3.4', 'other-digit', ''],
  ['1.2.3.4\u200B', 'invisible', ''],
  ['1.2.3.4,5.6.7.8', 'several', ''],
  ['2001:db8:::1', 'ipv6-syntax', ''],
  ['2001:db8::/129', 'prefix-range', ''],
  ['12345::1', 'group', ''],
  ['; EOF', 'comment', ''],
];

const DIRTY_TEXT = `\uFEFF${DIRTY.map(([text]) => text).join('\r\n')}`;

describe('the list of every spelling', () => {
  it('has the verdict of each line', () => {
    const found = verdictsOf(DIRTY_TEXT).map(({ text, verdict, networks }) => [
      text.replace(/\r$/u, ''),
      verdict,
      networks.join(' '),
    ]);
    expect(found).toEqual(DIRTY);
  });

  it('is its good rows, counts of all the others, and the first twenty that were refused', () => {
    const { networks, lines, counts, refusedLines, refused } = readList(DIRTY_TEXT);
    expect(networks).toEqual([
      '1.10.16.0/20',
      '1.19.0.0/16',
      '77.90.185.20/32',
      '16.5.0.0/24',
      '1.180.24.0/23',
      '1.2.3.0/28',
      '1.2.3.16/31',
      '195.178.188.64/29',
      '2001:db8::111/128',
      '198.51.100.200/32',
      '1.2.3.4/32',
    ]);
    expect(lines).toBe(42);
    expect(counts).toMatchObject({ ok: 6, range: 3, 'host-bits': 1, duplicate: 4, comment: 2, empty: 1, metadata: 1 });
    expect(counts).toMatchObject({ breadth: 2, 'never-block': 2, 'prefix-range': 3, 'leading-zero': 2, octet: 1 });
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(42);
    expect(refusedLines).toBe(24);
    expect(refused).toHaveLength(20);
    expect(refused[0]).toEqual({
      line: 7,
      text: '001.009.096.105 - 001.009.096.105 , 000 , Some org',
      why: 'leading-zero',
      says: 'An octet begins with 0, which some read as octal: write it in decimal.',
    });
  });
});

/** `verdict networks` of the last line of a list. */
function last(...lines: readonly string[]): string {
  const { verdict, networks } = verdictsOf(lines.join('\n')).at(-1) ?? { verdict: 'none', networks: [] };
  return [verdict, ...networks].join(' ');
}

describe('a comment', () => {
  it.each([
    ['// the whole line', 'comment'],
    ['  \t# behind blanks', 'comment'],
    ['1.2.3.4 # from 5.6.7.8', 'ok 1.2.3.4/32'],
    ['1.2.3.4 // seen yesterday', 'ok 1.2.3.4/32'],
    ['1.2.3.4\t;SBL1', 'ok 1.2.3.4/32'],
    ['1.2.3.0/24 ; SBL1, SBL2 "quoted', 'ok 1.2.3.0/24'],
    ['1.2.3.4#4#2#Malicious Host#US##37.75,-97.82#3', 'ok 1.2.3.4/32'],
    // What stands there alone may be a second column.
    ['1.2.3.4 ; 5.6.7.8', 'several'],
    ['1.2.3.4;5.6.7.8', 'several'],
    ['1.2.3.4#5.6.7.8', 'several'],
    ['1.2.3.4//24', 'two-prefixes'],
  ])('%j is %s', (line, expected) => {
    expect(last(line)).toBe(expected);
  });
});

describe('columns', () => {
  it.each([
    ['1.2.3.4 10', 'ok 1.2.3.4/32'],
    ['1.2.3.4   10 2021-04-16 foo-bar', 'ok 1.2.3.4/32'],
    ['1.2.3.4\t \t10.5', 'ok 1.2.3.4/32'],
    ['"1.2.3.4",10', 'ok 1.2.3.4/32'],
    ['US , "1.2.3.0/24" , "Some ""org"", Inc"', 'ok 1.2.3.0/24'],
    ['2021-04-16 10:15:01,1.2.3.4,443,online,http://a.example/x-1,AS1', 'ok 1.2.3.4/32'],
    ['aa:bb:cc:dd:ee:ff,2001:db8::1', 'ok 2001:db8::1/128'],
    ['1.2.3.4,7.example.com,1.3.6.1.4.1', 'ok 1.2.3.4/32'],
    ['1.2.3.4,1.2.3.4.rev.example.com', 'ok 1.2.3.4/32'],
    ['1.2.3.4,1.2.3.4', 'ok 1.2.3.4/32'],
    ['"1.2.3.4",', 'ok 1.2.3.4/32'],
    ['1.2.3.4;10;a', 'ok 1.2.3.4/32'],
    ['1.2.3.4|10', 'ok 1.2.3.4/32'],
    ['010.0.0.1\t10', 'leading-zero'],
    ['010.0.0.1 10', 'leading-zero'],
    ['1.2.3,10', 'short-form'],
    ['1.2.3.4 5.6.7.8', 'several'],
    ['1.2.3.4 255.255.255.0', 'several'],
    ['1.2.3.4,10,5.6.7.8', 'several'],
    ['1.2.3.4,5.6.7.8,9.9.9.9', 'several'],
    ['1.2.3.4,1.2.3.5/33', 'prefix-range'],
    ['1.2.3.4,fe80::1%eth0', 'scope'],
    ['1.2.3.4:443,1.2.3.4', 'port'],
    ['1.2.3.4 (5.6.7.8)', 'character'],
    ['1.2.3.4 – 1.2.3.9', 'character'],
    ['1.2.3.4 -5.6.7.8/24 x', 'span'],
    ['deny 1.2.3.4', 'several'],
    ['"1.2.3.4', 'quote'],
    ['"1.2.3.4"5,10', 'quote'],
    [',,,', 'no-address'],
    ['US,443', 'no-address'],
  ])('%j is %s', (line, expected) => {
    expect(last('9.9.9.9', line)).toBe(expected);
  });

  it('may have a header, which comes first and is no host name', () => {
    expect(last('"first_seen_utc","dst_ip","dst_port"')).toBe('header');
    expect(last('ip')).toBe('header');
    expect(last('# a comment', '', 'Network;Country')).toBe('header');
    expect(last('9.9.9.9', 'ip')).toBe('name');
    expect(last('host.example.com')).toBe('name');
    expect(last('first_seen_utc,dst_ip,last_seen', '2021-04-16,1.2.3.4,2021-04-17')).toBe('ok 1.2.3.4/32');
  });
});

describe('a range', () => {
  it.each([
    ['1.2.3.0-1.2.3.255', 'range 1.2.3.0/24'],
    ['1.2.3.4 - 1.2.3.4', 'range 1.2.3.4/32'],
    ['1.2.3.0-1.2.3.17 10', 'range 1.2.3.0/28 1.2.3.16/31'],
    ['1.2.3.0 -1.2.3.17 10', 'several'],
    ['1.2.3.255 - 1.2.4.2', 'range 1.2.3.255/32 1.2.4.0/31 1.2.4.2/32'],
    ['1.2.0.0 - 1.2.255.255', 'range 1.2.0.0/16'],
    ['2001:db8:: - 2001:db8::5', 'range 2001:db8::/126 2001:db8::4/127'],
    ['2001:db8::1-2001:db8::1', 'range 2001:db8::1/128'],
    ['::ffff:1.2.3.0 - ::ffff:1.2.3.255', 'range 1.2.3.0/24'],
    ['A-B, Inc:1.2.3.0-1.2.3.255', 'range 1.2.3.0/24'],
    ['1.2.3.0\t1.2.3.255\t24', 'range 1.2.3.0/24'],
    ['1.2.3.0,1.2.3.255,23', 'several'],
    ['1.2.3.0,1.2.3.255,US', 'several'],
    ['1.2.3.0/24,1.2.3.255,24', 'several'],
    ['1.2.3.255 - 1.2.3.0', 'range-order'],
    ['2001:db8::5 - 2001:db8::1', 'range-order'],
    ['1.2.3.0 - 2001:db8::', 'range-family'],
    ['2001:db8::1 - 1.2.3.0', 'range-family'],
    ['1.2.3.0 - 1.2.3.300', 'octet'],
    ['1.2.3.0 - 1.2.3', 'span'],
    ['1.2.3.0 - ', 'span'],
    ['1.2.3.0-9', 'span'],
    ['1.2.3.0 - 1.2.3.255/24', 'span'],
    ['1.2.3.0 - 1.2.3.9 - 1.2.3.20', 'span'],
    ['a:1.2.3.0-1.2.3.017', 'leading-zero'],
    ['name:2001:db8::-2001:db8::f', 'ipv6-syntax'],
    ['1.2.3.0 - 1.3.3.0', 'breadth'],
    ['1.2.255.0 - 1.4.0.255', 'breadth'],
    ['0.0.0.0 - 255.255.255.255', 'never-block'],
    ['9.255.255.0 - 10.0.0.3', 'never-block'],
    ['2001:db8:: - 2001:db9::', 'breadth'],
  ])('%j is %s', (line, expected) => {
    expect(last('9.9.9.9', line)).toBe(expected);
  });

  it('is two columns where the header calls them its start and its end', () => {
    expect(last('start_ip,end_ip,country', '1.2.3.0,1.2.3.5,US')).toBe('range 1.2.3.0/30 1.2.3.4/31');
    expect(last('country,to,from', 'US,1.2.3.5,1.2.3.0')).toBe('range 1.2.3.0/30 1.2.3.4/31');
    expect(last('start,end', '1.2.3.5,1.2.3.0')).toBe('range-order');
    expect(last('start,end', '1.2.3.5,1.2.3.5')).toBe('ok 1.2.3.5/32');
    expect(last('start,end', '1.2.3.0,')).toBe('span');
    expect(last('start,end', '1.2.3.0,1.2.3')).toBe('span');
  });

  it('is as many addresses as it says, and no network of it could be wider', () => {
    const ends = fc.tuple(fc.integer({ min: 0x01000000, max: 0x01ffffff }), fc.integer({ min: 0, max: 0xffff }));
    const textOf = (address: number): string => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
    fc.assert(
      fc.property(ends, ([start, more]) => {
        const { networks } = readList(`${textOf(start)}-${textOf(start + more)}`);
        const sizes = networks.map((cidr) => 2 ** (32 - Number(cidr.split('/')[1])));
        expect(networks[0]?.split('/')[0]).toBe(textOf(start));
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(more + 1);
        // Sizes grow and then shrink, and two neighbours of one size are the halves of nothing.
        expect(readList(networks.join('\n')).networks).toEqual(networks);
        expect(networks.length).toBeLessThanOrEqual(32);
      }),
      { numRuns: 200 },
    );
  });
});

describe('JSON', () => {
  it.each([
    ['{"ip":"1.2.3.4","score":3}', 'ok 1.2.3.4/32'],
    ['{"ip_prefix":"1.2.3.0/24","region":"eu-west-1"}', 'ok 1.2.3.0/24'],
    ['{"ipv6_prefix":"2001:db8::/32"}', 'ok 2001:db8::/32'],
    ['{"ipv4Prefix":"1.2.3.0/24"}', 'ok 1.2.3.0/24'],
    ['{"ip_range":"1.2.3.0 - 1.2.3.255"}', 'range 1.2.3.0/24'],
    ['{"address":"1.2.3.4/24"}', 'host-bits 1.2.3.0/24'],
    ['{"ip":"1.2.3.4","address":"1.2.3.4","network":null}', 'ok 1.2.3.4/32'],
    ['{"ip":"1.2.3.4","network":"1.2.3.0/24"}', 'several'],
    ['{"address":"1.2.3.0","prefix":24}', 'json-value'],
    ['{"address":"1.2.3.0","prefix":"24"}', 'short-form'],
    ['{"ip":"1.2.3.0","netmask":"255.255.255.0"}', 'json-mask'],
    ['{"ip":"1.2.3.0","end_ip":"1.2.3.9"}', 'json-mask'],
    ['{"ip":"1.2.3.4, 5.6.7.8"}', 'several'],
    ['{"ip":""}', 'no-address'],
    ['{"ip":["1.2.3.4"]}', 'json-value'],
    ['{"name":"1.2.3.4"}', 'json-keys'],
    ['{"ip":"1.2.3.4"', 'json'],
    ['{"ip":"1.2.3.4"},', 'json'],
  ])('%s on a line is %s', (line, expected) => {
    expect(last('9.9.9.9', line)).toBe(expected);
  });

  it('may be one array of texts or objects, whose elements are counted as lines', () => {
    const text =
      '\n[\n "1.2.3.4",\n {"cidr":"1.2.3.0/24"}, {"type":"metadata"}, 7, ["1.2.3.5"], "1.2.3.4", "a.example"\n]\n';
    const { networks, lines, counts, refused } = readList(text);
    expect(networks).toEqual(['1.2.3.4/32', '1.2.3.0/24']);
    expect(lines).toBe(7);
    expect(counts).toEqual({ ok: 2, metadata: 1, 'json-value': 2, duplicate: 1, name: 1 });
    expect(refused.map(({ line, text: shown }) => [line, shown])).toEqual([
      [4, '7'],
      [5, '["1.2.3.5"]'],
      [7, 'a.example'],
    ]);
    expect(readList('[]')).toEqual({ networks: [], lines: 0, counts: {}, refusedLines: 0, refused: [] });
  });

  it('is refused as a whole where the rows stand under a key of one object', () => {
    const inOne = { networks: [], lines: 1, counts: { 'json-document': 1 }, refusedLines: 1 };
    expect(readList('{"syncToken":"1","prefixes":[{"ip_prefix":"1.2.3.0/24"}]}')).toMatchObject(inOne);
    expect(readList('{\n "ip": "1.2.3.4"\n}')).toMatchObject(inOne);
    expect(readList('{"ip":"1.2.3.4","tags":["a"]}').networks).toEqual(['1.2.3.4/32']);
  });

  it('that breaks off is read as lines, none of which is guessed at', () => {
    expect(readList('[\n{"ip":"1.2.3.4"},\n{"ip":')).toMatchObject({ networks: [], refusedLines: 3 });
  });
});

describe('a limit', () => {
  it('of breadth is that of the list', () => {
    const wide = { widestIpv4: 12, widestIpv6: 29 };
    expect(readList('42.128.0.0/12\n2a06:5280::/29\n42.0.0.0/11\n2a06::/28', wide)).toMatchObject({
      networks: ['42.128.0.0/12', '2a06:5280::/29'],
      counts: { ok: 2, breadth: 2 },
    });
    expect(readList('42.0.0.0/11', wide).refused[0]?.says).toContain('(at most /12)');
  });

  it('of a line keeps it from being read', () => {
    const longest = `1.2.3.4 # ${'x'.repeat(1014)}`;
    expect(longest).toHaveLength(1024);
    expect(last(longest)).toBe('ok 1.2.3.4/32');
    expect(last(`${longest}x`)).toBe('line-too-long');
    expect(readList(JSON.stringify([`${longest}x`])).counts).toEqual({ 'line-too-long': 1 });
  });

  it('of what is shown of a refused line keeps it short and printable', () => {
    const [first] = readList(`\u001B[2J\u202E${'x'.repeat(100)}`).refused;
    expect(first?.text).toBe(String.raw`\u001b[2J\u202e${'x'.repeat(75)}…`);
  });

  it('of special use names what is used so', () => {
    expect(readList('10.1.2.3').refused[0]?.says).toContain('(10.0.0.0/8 (private use, RFC 1918))');
    expect(readList('198.51.100.9\n2001:db8::9').networks).toEqual(['198.51.100.9/32', '2001:db8::9/128']);
  });
});

describe('a list', () => {
  it('that is empty, or nothing but a mark of its encoding, has no lines', () => {
    const nothing = { networks: [], lines: 0, counts: {}, refusedLines: 0, refused: [] };
    expect(readList('')).toEqual(nothing);
    expect(readList('\uFEFF')).toEqual(nothing);
    expect(readList('\n').counts).toEqual({ empty: 1 });
    expect(last('1.2.3.4', '\uFEFF1.2.3.5')).toBe('invisible');
  });

  it('of whatever text gives a verdict to each line, and only networks in their one spelling, each once', () => {
    const piece = fc.constantFrom(
      '1.2.3.4',
      '5.6.7.8',
      '2001:db8::',
      '-',
      ' - ',
      ',',
      '\t',
      ' ',
      ';',
      '#',
      '"',
      '/',
      '24',
      '{',
      '[',
      ':',
      '\r',
      '\n',
      'x',
      '0',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('');
        const { networks, lines, counts } = readList(text);
        expect(new Set(networks).size).toBe(networks.length);
        expect(readList(networks.join('\n')).networks).toEqual(networks);
        expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(lines);
        expect(verdictsOf(text)).toHaveLength(lines);
      }),
    );
  });
});

describe('a prefix in a column of its own', () => {
  it.each([
    ['198.51.100.0;24;64501', []],
    ['198.51.100.0 /24', []],
    ['198.51.100.0,/24', []],
    ['198.51.100.0 24', []],
    ['{"address":"198.51.100.0","length":24}', []],
    ['{"address":"198.51.100.0","subnet_mask":"255.255.255.0"}', []],
    ['198.51.100.7\t10', ['198.51.100.7/32']],
    ['198.51.100.0\t10', ['198.51.100.0/32']],
    ['{"address":"198.51.100.7","bits_seen":"many"}', ['198.51.100.7/32']],
  ])('%s is not dropped: %j', (line, networks) => {
    expect(readList(line)).toMatchObject({ networks, refusedLines: networks.length === 0 ? 1 : 0 });
  });

  it('belongs to the address where the first row says so', () => {
    expect(readList('network;prefixlen;asn\n198.51.100.0;22;64501\n').networks).toEqual(['198.51.100.0/22']);
  });
});

it('takes times for no ends of a range', () => {
  expect(readList('first_seen,last_ip\n2026-11-22,198.51.100.9\n').networks).toEqual(['198.51.100.9/32']);
});
