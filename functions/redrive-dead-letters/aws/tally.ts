/** Counts letters while a piece is at work. It begins with what the pieces before have told, and ends as what this one tells. */

import type { Left, Progress } from '../decide.ts';
import type { Received } from './letters.ts';

export interface Tally {
  /** When the run began to move letters. */
  readonly beganMs: number;
  /** Letters that were received, or are being asked for. */
  readonly claimed: () => number;
  /** Letters that were received and are still in their queue. */
  readonly left: () => number;
  /** Asks for so many more; with a negative number fewer have come than were asked for. */
  readonly claim: (count: number) => void;
  /** Letters that have arrived already, and only are to be deleted; and those to be dealt with. What cannot go back is neither. */
  readonly take: (letters: readonly Received[]) => { arrived: readonly Received[]; fresh: readonly Received[] };
  readonly leave: (letter: Received, left: Left) => void;
  /** It has arrived, and is still to be deleted. */
  readonly sent: (letter: Received) => void;
  /** It is no longer here. */
  readonly forget: (letter: Received) => void;
  readonly drained: () => void;
  readonly stop: (trouble: string) => void;
  readonly isStopped: () => boolean;
  /** Something was received in this piece. */
  readonly hasBegun: () => boolean;
  readonly close: (endedAt: string) => Progress;
}

const HAS_ARRIVED: Left = { state: 'sent', why: 'not-deleted' };

/** A tally that goes on where another ended. */
export function openTally(before: Progress): Tally {
  const left = new Map(Object.entries(before.left));
  let { received, sent, perhapsTwice } = before;
  let surplus = 0;
  // SQS may hand a letter over twice, to two hands at once or after it was deleted.
  const [inHand, deleted] = [new Set<string>(), new Set<string>()];
  let isBegun = false;
  let isDrained = false;
  let trouble: string | null = null;
  const isKnown = ({ id }: Received, ...states: readonly Left['state'][]): boolean => {
    const known = left.get(id);
    return known !== undefined && states.includes(known.state);
  };
  return {
    beganMs: Date.parse(before.beganAt ?? ''),
    claimed: () => received + surplus,
    left: () => left.size,
    claim: (count) => void (surplus += count),
    take: (letters) => {
      isBegun = true;
      surplus -= letters.length;
      const free = letters.filter(({ id }) => !inHand.has(id));
      const arrived = free.filter((letter) => deleted.has(letter.id) || isKnown(letter, 'sent'));
      const fresh = free.filter((letter) => !arrived.includes(letter) && !isKnown(letter, 'refused'));
      received += fresh.filter(({ id }) => !left.has(id)).length;
      for (const { id } of fresh) inHand.add(id);
      return { arrived, fresh };
    },
    leave: (letter, { state, why }) => {
      const isDoubtful = isKnown(letter, 'doubt');
      inHand.delete(letter.id);
      // What is in doubt stays so until it has been sent for certain; what is then refused may be there all the same.
      if (isDoubtful && state === 'refused') perhapsTwice += 1;
      left.set(letter.id, { state: isDoubtful && state === 'kept' ? 'doubt' : state, why });
    },
    sent: (letter) => {
      sent += 1;
      if (isKnown(letter, 'doubt')) perhapsTwice += 1;
      inHand.delete(letter.id);
      left.set(letter.id, HAS_ARRIVED);
    },
    forget: ({ id }) => {
      left.delete(id);
      deleted.add(id);
    },
    drained: () => void (isDrained = true),
    stop: (why) => void (trouble ??= why),
    isStopped: () => trouble !== null,
    hasBegun: () => isBegun || before.pieces > 0,
    close: (endedAt) => ({
      received,
      sent,
      perhapsTwice,
      beganAt: before.beganAt,
      left: Object.fromEntries(left),
      isDrained,
      trouble,
      endedAt,
      pieces: before.pieces + 1,
      failedPieces: trouble === null ? 0 : before.failedPieces + 1,
      rounds: before.rounds + (isDrained ? 1 : 0),
    }),
  };
}
