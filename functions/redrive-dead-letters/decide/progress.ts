/** How far a redrive has come: a cursor and counters, the same for each piece of the work, for decisions and for people. Pure. */

import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import type { Trust, Unwanted } from './letter.ts';
import type { TaskStatus } from './move-task.ts';
import type { Senders } from './origins.ts';

/**
 * What has become of a letter that is still in its queue.
 * - `sent`: it has arrived where it belongs, and could not be deleted here. It is deleted when it is seen again, and not sent.
 * - `parked`: the same of one that has arrived in the parking queue.
 * - `kept`: it was not sent, and is tried again when it is seen again.
 * - `doubt`: the reply was lost. It is sent again, and is perhaps there twice.
 * - `back`: it went, failed once more, and goes again in the next round.
 */
export type Left = {
  readonly state: 'sent' | 'parked' | 'kept' | 'doubt' | 'back';
  /** A word for what is the matter, or AWS's own error code. */
  readonly why: string;
  /** When SQS forgets it, ISO 8601. */
  readonly expiresAt: string;
};

/** What is known of a queue that letters went to. JSON. */
export type Place = {
  readonly trust: Trust;
  /** Letters that went there in this round. */
  readonly sent: number;
  /** Of them, those that have been seen again. */
  readonly back: number;
  /** Letters that were seen besides, which are its own or those of another function: both were given the same. Absent: none. */
  readonly perhapsBack?: number;
};

/** What SQS's own move task was given to do, and did. The numbers are SQS's, and approximate: no letter is counted by them. JSON. */
export type BySqs = {
  /** When the rest of the letters was left to it, ISO 8601. */
  readonly handedAt: string;
  /** About so many it has moved. */
  readonly moved: number;
  /** As what it has ended; `null`: that is not known yet. */
  readonly ended: TaskStatus | null;
  /** Why it has failed, in SQS's words. */
  readonly failure: string | null;
  /** It was cancelled since most of what it moved came back. */
  readonly isBroken: boolean;
};

/** JSON. All counts are of messages since the run began, each counted once however often it was received. */
export type Progress = {
  readonly received: number;
  /** Those that went where they failed, and were not seen again. */
  readonly sent: number;
  /** Those that went to the parking queue. */
  readonly parked: number;
  /** Times that one was seen again after it had gone. */
  readonly cameBack: number;
  /** Of all that went: those whose first reply was lost. */
  readonly perhapsTwice: number;
  /** About how many were in the queue when consumers were last put on trial, and how many of these were deleted since; `null`: none were. */
  readonly trial: { readonly held: number; readonly deleted: number } | null;
  /** When the run began to move letters, ISO 8601: what was sent since has come back, or is new. */
  readonly beganAt: string | null;
  /** Each round sends what has come back in the one before; from 1. */
  readonly round: number;
  /** When the round began, ISO 8601. */
  readonly roundAt: string | null;
  /** When a letter was last sent, ISO 8601; `null`: none was. */
  readonly lastSentAt: string | null;
  /** Prints of the groups of which some letter came back in this round: of a FIFO queue the first alone is charged with it. */
  readonly groupsBack: string;
  /** Prints of the groups of which one letter went alone in this round, for it had failed before: those behind it wait for what becomes of it. */
  readonly groupsHeld: string;
  /** By the queue's ARN. */
  readonly places: { readonly [queueArn: string]: Place };
  /** By message id, what is still in the queue and dealt with once more. */
  readonly left: { readonly [messageId: string]: Left };
  /** By the reason, the prints of those that stay: they are not dealt with again, and are many where a consumer is broken. */
  readonly stays: { readonly [why: string]: string };
  /** The last look at the queue found nothing to receive. */
  readonly isDrained: boolean;
  /** Why the last piece ended early, in AWS's words. */
  readonly trouble: string | null;
  /** When the last piece ended, ISO 8601; `null`: there was none. */
  readonly endedAt: string | null;
  /** When the queue was last looked at for what has come back, all that went having had its time, ISO 8601. */
  readonly searchedAt: string | null;
  readonly pieces: number;
  /** Pieces in which all consumers were known to work: with them the pace grows. */
  readonly freePieces: number;
  /** Pieces in a row that ended early. */
  readonly failedPieces: number;
  /** Times that the queue was found empty since something was last moved. */
  readonly sweeps: number;
  /** Who else puts letters into the queue; `null`: nobody has had to look. */
  readonly senders: Senders | null;
  /** `null`: nothing was left to SQS's own move task. */
  readonly bySqs: BySqs | null;
};

export const NO_PROGRESS: Progress = {
  received: 0,
  sent: 0,
  parked: 0,
  cameBack: 0,
  perhapsTwice: 0,
  trial: null,
  beganAt: null,
  round: 1,
  roundAt: null,
  lastSentAt: null,
  groupsBack: '',
  groupsHeld: '',
  places: {},
  left: {},
  stays: {},
  isDrained: false,
  trouble: null,
  endedAt: null,
  searchedAt: null,
  pieces: 0,
  freePieces: 0,
  failedPieces: 0,
  sweeps: 0,
  senders: null,
  bySqs: null,
};

/** Letters that are left, in one of the states. */
export function leftIn({ left }: Progress, states: readonly Left['state'][]): readonly Left[] {
  return Object.values(left).filter(({ state }) => states.includes(state));
}

/** Characters of the print of a message id in `stays`, or of a group. */
export const STAY_CHARS = 8;

/** How many stay. */
export function staysIn({ stays }: Pick<Progress, 'stays'>): number {
  return Object.values(stays).reduce((sum, prints) => sum + prints.length / STAY_CHARS, 0);
}

const UNWANTED: readonly string[] = ['not-wanted', 'filter-fails', 'too-old'] satisfies readonly Unwanted[];

/** It is none of those that were asked for. */
export function isUnwanted(why: string): boolean {
  return UNWANTED.includes(why);
}

/** How many were looked at, and are none of those that were asked for. */
export function unwantedIn({ stays }: Progress): number {
  return staysIn({ stays: Object.fromEntries(Object.entries(stays).filter(([why]) => isUnwanted(why))) });
}

/** What is known of a queue that letters may go to. */
export function placeIn({ places }: Progress, queueArn: string): Place {
  return places[queueArn] ?? { trust: 'untried', sent: 0, back: 0 };
}

/** `{ 'no-source': 2 }` */
function countsOf(left: readonly Left[]): { readonly [why: string]: number } {
  const groups = Map.groupBy(left, ({ state, why }) => (state === 'back' ? 'came-back' : why));
  return Object.fromEntries([...groups].map(([why, of]) => [why, of.length]));
}

function staysByReason({ stays }: Progress): JsonObject {
  return Object.fromEntries(Object.entries(stays).map(([why, prints]) => [why, prints.length / STAY_CHARS]));
}

/** One member where there is something to tell. */
function told(member: string, count: number): JsonObject {
  return count === 0 ? {} : { [member]: count };
}

function toldFor(member: string, left: readonly Left[]): JsonObject {
  return left.length === 0 ? {} : { [member]: countsOf(left) };
}

const DAY_MS = 24 * 3_600_000;

/** How much of what is kept is at its end within a day, and when the first of it is. */
function forecastOf(kept: readonly Left[], now: string): JsonObject {
  const tomorrow = new Date(Date.parse(now) + DAY_MS).toISOString();
  const soon = kept.map(({ expiresAt }) => expiresAt).filter((expiresAt) => expiresAt <= tomorrow);
  return soon.length === 0 ? {} : { expireWithinADay: soon.length, firstExpiresAt: soon.toSorted()[0] };
}

/**
 * What people and machines are told.
 * @throws TerminalError where the letters do not add up: one is nowhere, or was counted as two
 */
export function accountOf(progress: Progress, now: string): JsonObject {
  const { received, sent, parked, cameBack, perhapsTwice } = progress;
  const refused = staysIn(progress);
  const staying = leftIn(progress, ['kept', 'doubt', 'back']);
  const kept = staying.filter(({ expiresAt }) => expiresAt > now);
  const expired = staying.length - kept.length;
  const undeleted = leftIn(progress, ['sent', 'parked']);
  if (received !== sent + parked + refused + kept.length + expired)
    throw new TerminalError(
      `the letters do not add up: ${received} received, ${sent} sent, ${parked} parked, ${refused} refused, ${kept.length} kept, ${expired} expired`,
    );
  return {
    received,
    sent,
    parked,
    refused,
    kept: kept.length,
    expired,
    ...told('cameBack', cameBack),
    ...told('perhapsTwice', perhapsTwice),
    ...(refused === 0 ? {} : { refusedFor: staysByReason(progress) }),
    ...toldFor('keptFor', kept),
    ...forecastOf(kept, now),
    ...told('sentButStillHere', undeleted.length),
    ...toldFor('notDeletedFor', undeleted),
  };
}
