import { describe, expect, it } from 'vitest';
import {
  bucketIn,
  pathsOf,
  readSpellings,
  UNSAID,
  type Behavior,
  type BucketOrigin,
  type BucketView,
} from '../../../functions/flush-caches/decide/key-paths.ts';

const S3: BucketOrigin = { id: 's3', path: '', isWebsite: false };

function behavior(pattern: string, ...origins: readonly string[]): Behavior {
  return { pattern, origins, mayRewrite: false };
}

function view(given: Partial<BucketView> = {}): BucketView {
  return { origins: [S3], behaviors: [behavior('*', 's3')], rootObject: null, spellings: UNSAID, ...given };
}

const items = (key: string, given: Partial<BucketView> = {}): readonly string[] => pathsOf(key, view(given)).items;

describe('the paths of an object', () => {
  it.each([
    ['about.html', ['/about.html']],
    ['a b/ü.html', ['/a%20b/%C3%BC.html', '/a+b/%C3%BC.html']],
    ['a +b', ['/a%20+b', '/a%20%2Bb', '/a++b', '/a+%2Bb']],
    ['50%25.txt', ['/50%2525.txt']],
    ['what?.txt', ['/what%3F.txt']],
    ['a#b.txt', ['/a%23b.txt']],
    ['c++.txt', ['/c++.txt', '/c%2B%2B.txt']],
    ['/twice.txt', ['//twice.txt']],
    ['100%7e.txt', ['/100%257e.txt']],
  ])('are those by which it is asked for: %s', (key, expected) => {
    expect(pathsOf(key, view())).toEqual({ items: expected, isWidened: false });
  });

  it.each([
    ['static/js/runtime~main.js', '/static/js/runtime*'],
    ['a/*.txt', '/a/*'],
    ['~all', '/*'],
  ])('are the narrowest wildcard where it cannot be named: %s', (key, expected) => {
    expect(pathsOf(key, view())).toEqual({ items: [expected], isWidened: true });
  });

  it('lack what CloudFront puts in front, and what lies beside it is not seen', () => {
    const origins = [{ ...S3, path: '/site' }];
    expect(items('site/a.html', { origins })).toEqual(['/a.html']);
    expect(items('sites/a.html', { origins })).toEqual([]);
    expect(items('other/a.html', { origins })).toEqual([]);
  });

  it('are those of each origin that is the bucket', () => {
    const origins = [S3, { id: 'blue', path: '/blue', isWebsite: false }];
    const behaviors = [behavior('/new/*', 'blue'), behavior('*', 's3')];
    expect(items('blue/new/a.html', { origins, behaviors })).toEqual(['/blue/new/a.html', '/new/a.html']);
    expect(items('blue/old.html', { origins, behaviors })).toEqual(['/blue/old.html']);
  });

  it('leave out what another origin answers, by the first pattern that matches', () => {
    const behaviors = [behavior('api/v?/*', 'api'), behavior('/images/*.jpg', 's3'), behavior('*', 'api')];
    expect(items('api/v1/x', { behaviors })).toEqual([]);
    expect(items('images/a.jpg', { behaviors })).toEqual(['/images/a.jpg']);
    expect(items('images/a.JPG', { behaviors })).toEqual([]);
    expect(items('imagesXa.jpg', { behaviors })).toEqual([]);
  });

  it('leave out nothing where a function may rewrite paths', () => {
    const behaviors = [{ ...behavior('/assets/*', 's3'), mayRewrite: true }, behavior('*', 'api')];
    expect(items('a.html', { behaviors })).toEqual(['/a.html']);
    const picks = [{ ...behavior('/api/*', 'api'), mayRewrite: true }, behavior('*', 's3')];
    expect(items('api/a.html', { behaviors: picks })).toEqual(['/api/a.html']);
  });

  it('are the root too, for what stands for it', () => {
    expect(items('index.html', { rootObject: 'index.html' })).toEqual(['/index.html', '/']);
    expect(items('a/index.html', { rootObject: 'index.html' })).toEqual(['/a/index.html']);
  });

  it('are the directory too, for what stands for it by setting, or at a website', () => {
    const spellings = readSpellings('index.html .html') ?? UNSAID;
    expect(items('a/index.html', { spellings })).toEqual(['/a/index.html', '/a/', '/a', '/a/index']);
    expect(items('about.html', { spellings })).toEqual(['/about.html', '/about']);
    const origins = [{ ...S3, isWebsite: true }];
    expect(items('a/index.html', { origins })).toEqual(['/a/index.html', '/a/', '/a']);
    expect(items('index.html', { origins })).toEqual(['/index.html', '/']);
    expect(items('a/index.html', { origins, spellings: readSpellings('none') ?? UNSAID })).toEqual(['/a/index.html']);
  });
});

describe('the setting of other spellings', () => {
  it.each(['', ' ', 'a/b', 'none index.html'])('is unreadable: %j', (text) => {
    expect(readSpellings(text)).toBeUndefined();
  });
});

describe('the domain name of an origin', () => {
  it.each([
    ['site.s3.amazonaws.com', 'site', false],
    ['site.s3.eu-west-1.amazonaws.com', 'site', false],
    ['my.site.s3-eu-west-1.amazonaws.com', 'my.site', false],
    ['site.s3.dualstack.us-gov-west-1.amazonaws.com', 'site', false],
    ['site.s3-website-us-east-1.amazonaws.com', 'site', true],
    ['www.example.com.s3-website.eu-central-1.amazonaws.com', 'www.example.com', true],
    ['site.s3.cn-north-1.amazonaws.com.cn', 'site', false],
    ['site.s3-fips.us-gov-west-1.amazonaws.com', 'site', false],
    ['site.s3-fips.dualstack.us-east-1.amazonaws.com', 'site', false],
    ['site.s3-accelerate.dualstack.amazonaws.com', 'site', false],
    ['site.s3-external-1.amazonaws.com', 'site', false],
    ['Site.S3.EU-West-1.amazonaws.com', 'site', false],
  ])('is a bucket: %s', (name, bucket, isWebsite) => {
    expect(bucketIn(name)).toEqual({ bucket, isWebsite });
  });

  it.each(['www.example.com', 's3.amazonaws.com', 'site.s3.example.com', 'x.execute-api.eu-west-1.amazonaws.com'])(
    'is none: %s',
    (name) => expect(bucketIn(name)).toBeUndefined(),
  );
});
