import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPath, readTag } from '../../../functions/flush-caches/decide.ts';

describe('a path', () => {
  it.each([
    ['/index.html', '/index.html'],
    ['/', '/'],
    ['/*', '/*'],
    ['/docs/*', '/docs/*'],
    ['/a b.html', '/a%20b.html'],
    ['/a%20b.html', '/a%20b.html'],
    ['/50%.html', '/50%25.html'],
    ['/grüße/健康.html', '/gr%C3%BC%C3%9Fe/%E5%81%A5%E5%BA%B7.html'],
    ['/a[1]{2}|"<>^`\\.js', '/a%5B1%5D%7B2%7D%7C%22%3C%3E%5E%60%5C.js'],
    ['/#top', '/%23top'],
    ["/keeps!$&'()+,-.:;=?@_", "/keeps!$&'()+,-.:;=?@_"],
    ['/page?lang=de&x=1', '/page?lang=de&x=1'],
  ])('%s is sent as %s', (asked, item) => {
    expect(readPath(asked)).toEqual({ item, isWidened: false });
  });

  it.each([
    ['/static/js/runtime~main.js', '/static/js/runtime*'],
    ['/static/js/runtime%7Emain.js', '/static/js/runtime*'],
    ['/static/js/runtime%7emain.js', '/static/js/runtime*'],
    ['/a*b.js', '/a*'],
    ['/a%2Ab.js', '/a*'],
    ['/a/**', '/a/*'],
    ['/a*b~c', '/a*'],
    ['/ü~', '/%C3%BC*'],
    ['/~kim/', '/*'],
  ])('%s cannot be named: %s goes instead', (asked, item) => {
    expect(readPath(asked)).toEqual({ item, isWidened: true });
  });

  it.each([
    ['index.html', 'a path begins with /'],
    ['', 'a path begins with /'],
    ['#product-1', 'a path begins with /; tags go in params.cacheTags'],
    ['/\ud800', 'half of a character (a surrogate by itself) cannot be encoded'],
    [`/${'ü'.repeat(1_000)}`, 'CloudFront takes 4000 characters at most, encoded it has 6001'],
  ])('%s is none', (asked, fault) => {
    expect(readPath(asked)).toEqual({ fault });
  });

  const paths = fc
    .string({
      unit: fc.constantFrom('/', 'a', 'b', '*', '~', '%', ' ', '7', 'E', '2', 'A', 'ü', '#', '?', '[', '健'),
      maxLength: 30,
    })
    .map((text) => `/${text}`);

  it('is only made of what CloudFront takes, whatever was asked for', () => {
    fc.assert(
      fc.property(paths, (asked) => {
        const read = readPath(asked);
        if ('fault' in read) return;
        expect(read.item).toMatch(/^\/(?:[!$&'()+,\-./0-9:;=?@A-Z_a-z]|%[0-9A-Fa-f]{2})*\*?$/u);
        expect(read.item).not.toMatch(/%7e|%2a/iu);
      }),
    );
  });

  it('is read from what it was made into as the same', () => {
    fc.assert(
      fc.property(paths, (asked) => {
        const read = readPath(asked);
        if ('fault' in read) return;
        expect(readPath(read.item)).toEqual({ item: read.item, isWidened: false });
      }),
    );
  });

  it('covers what was asked for', () => {
    fc.assert(
      fc.property(paths, (asked) => {
        const read = readPath(asked);
        if ('fault' in read || !read.isWidened) return;
        const [before = ''] = asked.split(/~|\*|%7e|%2a/iu);
        const plain = readPath(before);
        expect('item' in plain ? `${plain.item}*` : plain).toBe(read.item);
      }),
    );
  });
});

describe('a cache tag', () => {
  it('has its # in front, and no capitals', () => {
    expect(readTag('Product-1')).toEqual({ item: '#product-1', isWidened: false });
    expect(readTag('a*#~')).toEqual({ item: '#a*#~', isWidened: false });
  });

  it.each(['a,b', 'a b', 'ü', '', 'a'.repeat(257)])('is not %s', (asked) => {
    expect(readTag(asked)).toEqual({ fault: 'a tag is 1 to 256 visible characters of ASCII, and no comma' });
  });

  it('is written without its #', () => {
    expect(readTag('#a')).toEqual({ fault: 'a tag is written without its #' });
  });
});
