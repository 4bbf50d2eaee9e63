/** Of the answers of an account, what is the run's own: neither what others have there, nor the tags that others put on it. */

import { TAG_KEY } from './kinds.ts';
import { idsIn, isPlainRecord, textsIn } from './plain.ts';

/** What a run knows to be its own. */
export interface Own {
  /** In front of its names. */
  readonly prefix: string;
  /** Ids of what was created, and of what came with it. */
  readonly ids: Set<string>;
  /** Keys of tags that its requests have written. */
  readonly keys: Set<string>;
}

/** Tags that AWS itself puts on what it makes for us. */
const OF_AWS = /^aws:(?:autoscaling|ec2launchtemplate|ec2):/u;

/** ARNs and URLs lead to something of an account's. */
const PLACE = /^(?:arn:|https?:\/\/)/u;

/** Learns every id in something of the run's own. */
export function learnIds({ ids }: Own, value: unknown): void {
  for (const text of textsIn(value)) for (const id of idsIn(text)) ids.add(id);
}

/** Learns the keys of tags in a request, wherever they stand. */
export function learnKeys(own: Own, value: unknown): void {
  if (Array.isArray(value)) for (const element of value) learnKeys(own, element);
  if (!isPlainRecord(value)) return;
  const { Key, tags } = value;
  if (typeof Key === 'string') own.keys.add(Key);
  if (isPlainRecord(tags)) for (const key of Object.keys(tags)) own.keys.add(key);
  for (const inner of Object.values(value)) learnKeys(own, inner);
}

function isOwn({ prefix, ids }: Own, texts: readonly string[]): boolean {
  return texts.some((text) => text.includes(prefix) || idsIn(text).some((id) => ids.has(id)));
}

/** An element of a listing in which somebody else's thing is named, and none of the run's. */
function isForeign(own: Own, element: unknown): boolean {
  const texts = textsIn(element);
  if (isOwn(own, texts)) return false;
  return typeof element === 'string' || texts.some((text) => PLACE.test(text) || idsIn(text).length > 0);
}

function isForeignTag({ keys }: Own, element: unknown): boolean {
  if (!isPlainRecord(element)) return false;
  const { Key, Value } = element;
  if (typeof Key !== 'string' || !(Value === undefined || typeof Value === 'string')) return false;
  return Key === TAG_KEY || !(keys.has(Key) || OF_AWS.test(Key));
}

function withoutForeignTags(own: Own, value: unknown, member = ''): unknown {
  if (Array.isArray(value))
    return value.flatMap((element: unknown) => (isForeignTag(own, element) ? [] : [withoutForeignTags(own, element)]));
  if (!isPlainRecord(value)) return value;
  const members = Object.entries(value).filter(
    ([name]) => !/^tags$/iu.test(member) || (name !== TAG_KEY && own.keys.has(name)),
  );
  return Object.fromEntries(members.map(([name, inner]) => [name, withoutForeignTags(own, inner, name)]));
}

/** The members of an answer to a read, without what others have: to be put over the answer's own. */
export function ownMembers(own: Own, output: object): object {
  const listings: readonly [string, unknown][] = Object.entries(output).filter(([name]) => name !== '$metadata');
  return Object.fromEntries(
    listings.map(([name, value]) => {
      const elements: readonly unknown[] = Array.isArray(value) ? value : [];
      const kept = elements.filter((element) => !isForeign(own, element));
      for (const element of kept) if (isOwn(own, textsIn(element))) learnIds(own, element);
      return [name, withoutForeignTags(own, Array.isArray(value) ? kept : value, name)];
    }),
  );
}

/** The members of an answer to a call that has changed or created something: all of it is the run's own. */
export function changedMembers(own: Own, output: object): object {
  const members = Object.fromEntries(Object.entries(output).filter(([name]) => name !== '$metadata'));
  learnIds(own, members);
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => [name, withoutForeignTags(own, value, name)]),
  );
}
