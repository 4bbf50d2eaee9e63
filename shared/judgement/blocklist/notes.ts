/**
 * The writes of an enforcement point between the notes of what is ours in it: what will be before, so that a run which dies in between
 * leaves nothing that is nobody's, and no more than that after.
 */

import type { Nothing, PlannedCall } from '../../kernel/decision.ts';
import { isMineIn, isSameNote, noteOf, withMore, writeOfNote, type Published } from './published.ts';

/** Things that are named one by one; the others are counted. */
const NAMED = 20;

/** A list for evidence: the first twenty, and how many there are besides. */
export function named(texts: readonly string[]): readonly string[] {
  if (texts.length <= NAMED) return texts;
  return [...texts.slice(0, NAMED), `and ${texts.length - NAMED} more`];
}

/** What is said of an enforcement point that is none any more. */
export function gone(arn: string): Nothing {
  return { kind: 'nothing', code: 'gone', because: 'it is gone, or not tagged any more', evidence: { arn } };
}

/** Writes, and what is noted about them. */
interface Noted {
  /** ARN of the enforcement point. */
  readonly arn: string;
  readonly published: Published;
  /** What the writes put in. */
  readonly added: readonly string[];
  /** What is ours after them. */
  readonly mine: readonly string[];
}

/** The plan: either note only where it changes something. */
export function withNotes(
  { arn, published, added, mine }: Noted,
  writes: readonly PlannedCall[],
): readonly PlannedCall[] {
  if (writes.length === 0)
    return [writeOfNote(arn, noteOf(mine, published.version), 'what is there is as it should be')];
  const isAnnounced = added.every(isMineIn(published));
  const before = isAnnounced ? published : withMore(published, added);
  const announce = isAnnounced
    ? []
    : [writeOfNote(arn, before, 'what is about to be written is ours to take out again')];
  const after = noteOf(mine, published.version + announce.length);
  const forget = isSameNote(after, before) ? [] : [writeOfNote(arn, after, 'what was taken out is no longer ours')];
  return [...announce, ...writes, ...forget];
}
