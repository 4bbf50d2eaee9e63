/** How far a redrive has come: a cursor and counters, the same for each piece of the work, for decisions and for people. Pure. */

import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';

/**
 * What has become of a letter that is still in its queue.
 * - `sent`: it has arrived where it belongs, and could not be deleted here. It is deleted when it is seen again, and not sent.
 * - `kept`: it was not sent, and is tried again when it is seen again.
 * - `doubt`: the reply was lost. It is sent again, and is perhaps there twice.
 * - `refused`: it cannot go back.
 */
export type Left = {
  readonly state: 'sent' | 'kept' | 'doubt' | 'refused';
  /** A word for what is the matter, or AWS's own error code. */
  readonly why: string;
};

/** JSON. All counts are of messages since the run began, each counted once however often it was received. */
export type Progress = {
  readonly received: number;
  readonly sent: number;
  /** Of `sent`: those whose first reply was lost. */
  readonly perhapsTwice: number;
  /** When the run began to move letters, ISO 8601: what was sent since has come back, or is new, and stays. */
  readonly beganAt: string | null;
  /** By message id, what is still in the queue. */
  readonly left: { readonly [messageId: string]: Left };
  /** The last look at the queue found nothing to receive. */
  readonly isDrained: boolean;
  /** Why the last piece ended early, in AWS's words. */
  readonly trouble: string | null;
  /** When the last piece ended, ISO 8601; `null`: there was none. */
  readonly endedAt: string | null;
  readonly pieces: number;
  /** Pieces in a row that ended early. */
  readonly failedPieces: number;
  /** Times that the queue was found empty. */
  readonly rounds: number;
};

export const NO_PROGRESS: Progress = {
  received: 0,
  sent: 0,
  perhapsTwice: 0,
  beganAt: null,
  left: {},
  isDrained: false,
  trouble: null,
  endedAt: null,
  pieces: 0,
  failedPieces: 0,
  rounds: 0,
};

/** Letters that are left, in one of the states. */
export function leftIn({ left }: Progress, states: readonly Left['state'][]): readonly Left[] {
  return Object.values(left).filter(({ state }) => states.includes(state));
}

/** `{ 'no-source': 2 }` */
function countsOf(left: readonly Left[]): { readonly [why: string]: number } {
  const groups = Map.groupBy(left, ({ why }) => why);
  return Object.fromEntries([...groups].map(([why, of]) => [why, of.length]));
}

/**
 * What people and machines are told.
 * @throws TerminalError where the letters do not add up: one is nowhere, or was counted as two
 */
export function accountOf(progress: Progress): JsonObject {
  const { received, sent, perhapsTwice } = progress;
  const refused = leftIn(progress, ['refused']);
  const kept = leftIn(progress, ['kept', 'doubt']);
  const undeleted = leftIn(progress, ['sent']);
  if (received !== sent + refused.length + kept.length)
    throw new TerminalError(
      `the letters do not add up: ${received} received, ${sent} sent, ${refused.length} refused, ${kept.length} kept`,
    );
  return {
    received,
    sent,
    parked: 0,
    refused: refused.length,
    kept: kept.length,
    expired: 0,
    ...(perhapsTwice === 0 ? {} : { perhapsTwice }),
    ...(refused.length === 0 ? {} : { refusedFor: countsOf(refused) }),
    ...(kept.length === 0 ? {} : { keptFor: countsOf(kept) }),
    ...(undeleted.length === 0 ? {} : { sentButStillHere: undeleted.length, notDeletedFor: countsOf(undeleted) }),
  };
}
