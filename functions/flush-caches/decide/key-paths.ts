/**
 * From the key of an object to the paths that it may be cached under at a distribution. Pure.
 *
 * Whether a path is flushed that nobody is served by costs half a cent; one that is left out serves old content. So only what surely is
 * served by another origin is left out.
 */

import { readPath } from './paths.ts';

/** An origin that is the bucket. */
export interface BucketOrigin {
  readonly id: string;
  /** What CloudFront puts in front of each path, `/site`; empty: nothing. */
  readonly path: string;
  /** It is the bucket's website, which answers for a directory with its index document. */
  readonly isWebsite: boolean;
}

/** How a distribution answers paths that match. */
export interface Behavior {
  /** `images/*.jpg`, with or without its first slash. */
  readonly pattern: string;
  /** Ids of the origins that it may ask. */
  readonly origins: readonly string[];
  /** A function may make another path of it. */
  readonly mayRewrite: boolean;
}

/** Where the objects of one bucket are seen at a distribution. */
export interface BucketView {
  /** At least one. */
  readonly origins: readonly BucketOrigin[];
  /** In the order in which CloudFront tries them; the default, `*`, is the last. */
  readonly behaviors: readonly Behavior[];
  /** What `/` stands for, without a slash in front; `null`: nothing. */
  readonly rootObject: string | null;
  readonly spellings: Spellings;
}

/** Under which other paths an object is served: the setting `runbook:flush-index`. */
export interface Spellings {
  /** Objects that stand for their directories: `index.html`. `null`: not said. */
  readonly names: readonly string[] | null;
  /** Ends that are left out of a path: `.html`. */
  readonly ends: readonly string[];
}

/** What a website answers with for a directory, unless somebody has set it up otherwise. */
const USUAL_INDEX = 'index.html';

/** Words of the setting: names of objects, and ends, which begin with a dot; `none` for none. */
export function readSpellings(text: string): Spellings | undefined {
  const words = text.split(/\s+/u).filter((word) => word !== '');
  if (words.length === 0 || words.some((word) => word.includes('/'))) return undefined;
  if (words.includes('none')) return words.length === 1 ? { names: [], ends: [] } : undefined;
  return {
    names: words.filter((word) => !word.startsWith('.')),
    ends: words.filter((word) => word.startsWith('.')),
  };
}

/** What a distribution's tags do not say. */
export const UNSAID: Spellings = { names: null, ends: [] };

/** Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html (path pattern). */
function matches(pattern: string, path: string): boolean {
  const bare = pattern.startsWith('/') ? pattern.slice(1) : pattern;
  const source = bare.replaceAll(/[$()*+.?[\\\]^{|}]/gu, (sign) => {
    if (sign === '*') return '.*';
    return sign === '?' ? '.' : `\\${sign}`;
  });
  return new RegExp(`^${source}$`, 'su').test(path.slice(1));
}

/** Whether a path is surely answered by other origins alone. */
function isElsewhere(path: string, origin: string, behaviors: readonly Behavior[]): boolean {
  // Where a function stands in front of the origin, any path may become one of its own.
  if (behaviors.some(({ origins, mayRewrite }) => mayRewrite && origins.includes(origin))) return false;
  const first = behaviors.find(({ pattern }) => matches(pattern, path));
  // A function may choose another origin, too.
  return first !== undefined && !first.mayRewrite && !first.origins.includes(origin);
}

/** The directory of a path, with and without its slash. */
function directories(path: string): readonly string[] {
  const directory = path.slice(0, path.lastIndexOf('/') + 1);
  return directory === '/' ? ['/'] : [directory, directory.slice(0, -1)];
}

/** Other paths under which the same object is served. */
function spelt(rest: string, { isWebsite }: BucketOrigin, { rootObject, spellings }: BucketView): readonly string[] {
  const path = `/${rest}`;
  const name = rest.slice(rest.lastIndexOf('/') + 1);
  const names = spellings.names ?? (isWebsite ? [USUAL_INDEX] : []);
  return [
    ...(rest === rootObject ? ['/'] : []),
    ...(names.includes(name) ? directories(path) : []),
    ...spellings.ends.filter((end) => name.endsWith(end) && name !== end).map((end) => path.slice(0, -end.length)),
  ];
}

/**
 * A `%` or a `?` of a key is no escape and no query string. A `+` is asked for as itself or encoded, and S3 takes it for a blank where it
 * is not, so that an object with a blank in its key is cached under either.
 */
function written(path: string): readonly string[] {
  const text = path.replaceAll('%', '%25').replaceAll('?', '%3F');
  const withPlus = text.includes('+') ? [text, text.replaceAll('+', '%2B')] : [text];
  const withBlank = text.includes(' ') ? withPlus.map((each) => each.replaceAll(' ', '+')) : [];
  return [...withPlus, ...withBlank];
}

/** What is sent for a key. */
export interface KeyPaths {
  /** As CloudFront takes them, each once; none: the object is not seen at this distribution. */
  readonly items: readonly string[];
  /** The narrowest wildcard goes, for the key itself cannot be named. */
  readonly isWidened: boolean;
}

/** The paths of an object at a distribution. */
export function pathsOf(key: string, view: BucketView): KeyPaths {
  const seen = view.origins.flatMap((origin) => {
    const before = origin.path === '' ? '' : `${origin.path.slice(1)}/`;
    if (!key.startsWith(before)) return [];
    const rest = key.slice(before.length);
    return [`/${rest}`, ...spelt(rest, origin, view)].filter((path) => !isElsewhere(path, origin.id, view.behaviors));
  });
  const read = [...new Set(seen)].flatMap(written).map(readPath);
  const sound = read.flatMap((reading) => ('fault' in reading ? [] : [reading]));
  return {
    items: [...new Set(sound.map(({ item }) => item))],
    isWidened: sound.some(({ isWidened }) => isWidened),
  };
}

/** Source: Amazon S3 user guide, "Virtual hosting of buckets", "Website endpoints", "Dual-stack endpoints". */
const HOST =
  /^(?<bucket>.+)\.(?:s3(?<website>-website)?(?:-fips)?(?:[.-](?:dualstack\.)?[a-z]{2}(?:-[a-z]+)+-\d)?|s3-external-1|s3-accelerate(?:\.dualstack)?)\.amazonaws\.com(?:\.cn)?$/u;

/** The bucket that the domain name of an origin is; `undefined`: it is something else. */
export function bucketIn(domainName: string): { readonly bucket: string; readonly isWebsite: boolean } | undefined {
  const { bucket, website } = HOST.exec(domainName.toLowerCase())?.groups ?? {};
  return bucket === undefined ? undefined : { bucket, isWebsite: website !== undefined };
}
