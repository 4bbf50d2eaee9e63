/** What stands at a distribution, held against the note: ours, as before, or what somebody has made of it since. Pure. */

import { secondsSince } from '../../../shared/judgement/since.ts';
import { isSame, letsIn, shutOut, type Restriction } from './countries.ts';
import type { Distribution, GeoNote } from './facts.ts';

/**
 * - `as-set`: what was asked for.
 * - `as-before`: what that was put on top of. A run died before it had done so, or CloudFront has answered with an old state.
 * - `changed-once`: something else, under a version that is neither ours nor the one before ours. It may be a state older than both.
 * - `changed`: the same version again a tick later. An old state does not stay so long: somebody has decided otherwise since.
 */
export type Standing = 'as-set' | 'as-before' | 'changed-once' | 'changed';

/** Ticks are a minute apart, and one may come late; two looks of one tick are not. */
const APART_SECONDS = 30;

/** How what was read is to be taken. */
export function standingOf(note: GeoNote, { etag, restriction: stands }: Distribution, now: string): Standing {
  if (isSame(stands, note.set)) return 'as-set';
  if (etag === note.onto || (note.isSet !== true && isOfNote(note, stands))) return 'as-before';
  const { seen } = note;
  return seen?.etag === etag && secondsSince(seen.at, now) >= APART_SECONDS ? 'changed' : 'changed-once';
}

/** What the note has found, or has put there. */
function isOfNote({ replaces, before }: GeoNote, stands: Restriction): boolean {
  return isSame(stands, replaces) || isSame(stands, before);
}

/** Countries of the note that are shut out still, where nothing beside them was changed. `undefined`: something else was. */
export function stillOut({ before, countries }: GeoNote, stands: Restriction): readonly string[] | undefined {
  if (isSame(stands, before)) return [];
  const left = countries.filter((country) => !letsIn(stands, country));
  const ours = left.length === 0 ? undefined : shutOut(before, left);
  return ours !== undefined && isSame(stands, ours) ? left : undefined;
}
