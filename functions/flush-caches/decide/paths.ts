/** A path or a cache tag as CloudFront takes it in an invalidation. Pure. */

/** Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html (maximum length). */
const MOST_CHARACTERS = 4_000;

/** Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-tags.html (length). */
const MOST_TAG_CHARACTERS = 256;

/**
 * What no path of an invalidation can name: CloudFront refuses a tilde (https://github.com/aws/aws-sdk-js-v3/issues/4042) and takes a
 * `*` for a wildcard; of both it accepts the escape, which matches nothing.
 */
const UNNAMEABLE = /~|%7e|%2a|\*(?!$)/iu;

/** What RFC 1738 calls unsafe, and what is no visible character of ASCII. A `%` that begins an escape is one already. */
const UNSAFE = /[^\u0021-\u007e]|["#<>[\\\]^`{|}]|%(?![0-9a-f]{2})/giu;

/** What became of a path or a cache tag, or why it can be none. */
export type Reading =
  | {
      readonly item: string;
      /** It names more than was asked for: what was asked for cannot be named. */
      readonly isWidened: boolean;
    }
  | { readonly fault: string };

/** A path, percent-encoded where it has to be and nowhere else; what cannot be named goes with the narrowest wildcard before it. */
export function readPath(text: string): Reading {
  if (!text.startsWith('/'))
    return {
      fault: text.startsWith('#') ? 'a path begins with /; tags go in params.cacheTags' : 'a path begins with /',
    };
  if (!text.isWellFormed()) return { fault: 'half of a character (a surrogate by itself) cannot be encoded' };
  const end = text.search(UNNAMEABLE);
  const isWidened = end >= 0;
  const item = (isWidened ? `${text.slice(0, end)}*` : text).replaceAll(UNSAFE, (character) =>
    encodeURIComponent(character),
  );
  if (item.length > MOST_CHARACTERS)
    return { fault: `CloudFront takes ${MOST_CHARACTERS} characters at most, encoded it has ${item.length}` };
  return { item, isWidened };
}

/** Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-tags.html (characters). */
const TAG = /^[\u0021-\u002b\u002d-\u007e]+$/u;

/** A cache tag, with the `#` by which an invalidation knows one. Capitals make no difference to CloudFront, nor here. */
export function readTag(text: string): Reading {
  if (text.startsWith('#')) return { fault: 'a tag is written without its #' };
  if (text.length > MOST_TAG_CHARACTERS || !TAG.test(text))
    return { fault: `a tag is 1 to ${MOST_TAG_CHARACTERS} visible characters of ASCII, and no comma` };
  return { item: `#${text.toLowerCase()}`, isWidened: false };
}
