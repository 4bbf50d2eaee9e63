/** The note of a restriction in the ledger: written before anything is changed, so that whoever comes next knows what to put back. Pure. */

import type { JsonObject, PlannedCall, Refuse } from '../../../shared/kernel/decision.ts';
import { plannedWrite } from '../../../shared/kernel/ledger/planned-write.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import type { Asker, NoteBase, Noted, RestrictLimits } from './facts.ts';

/** Partition of the data ledger: restrictions, by ARN of what is restricted. */
export const RESTRICTION = 'restriction';

/** So many seconds after a time. */
function after(time: string, seconds: number): string {
  return new Date(Date.parse(time) + seconds * 1_000).toISOString();
}

/** Whether it is to be undone now: its time is over, or somebody has ended it. */
export function isDue({ until, ended }: NoteBase, now: string): boolean {
  return until <= now || ended !== null;
}

/**
 * Whether the note is this very request's: its run has written it and died, or it came twice. Words without a time that
 * come again are a request of their own.
 */
export function isOwn({ run, delivery }: NoteBase, asker: Asker): boolean {
  return run === asker.run || (asker.sentAt !== null && delivery === asker.delivery);
}

/**
 * Whether a note that stands is of this request all the same: the same words come twice within the time in which an event is
 * taken. Later they are meant anew.
 * @param until until when it is asked for now
 */
export function isRepeat(note: NoteBase, asker: Asker, until: string, limits: RestrictLimits): boolean {
  const isSoon = secondsSince(note.until, until) < limits.maxAgeSeconds;
  return isOwn(note, asker) || (note.delivery === asker.delivery && note.ended === null && isSoon);
}

/** Until when it is asked for, or why not. */
export function untilOf(ttlSeconds: number | null, limits: RestrictLimits, now: string): string | Refuse {
  const seconds = ttlSeconds ?? limits.defaultTtlSeconds;
  const { minTtlSeconds: least, maxTtlSeconds: most } = limits;
  if (seconds >= least && seconds <= most) return after(now, seconds);
  const because = `ttlSeconds ${seconds} is not from ${least} to ${most}`;
  return { kind: 'refuse', code: 'ttl-out-of-range', because, evidence: { ttlSeconds: seconds, least, most } };
}

/** What a write of a note is about. */
interface Writing {
  /** ARN of what is restricted. */
  readonly target: string;
  readonly version: number;
  readonly limits: RestrictLimits;
  readonly now: string;
}

/**
 * The write of a note on top of the one that stands.
 * @param value the note as JSON; one that is over expires some time later
 */
export function noteWrite(value: JsonObject, because: string, { target, version, limits, now }: Writing): PlannedCall {
  const isOver = typeof value['over'] === 'string';
  const expiry = isOver ? { expiresAt: after(now, limits.keptSeconds) } : {};
  return plannedWrite({ partition: RESTRICTION, key: target, ifVersion: version, value, ...expiry }, because);
}

const CALLED_OFF = 'called-off: ';

/** The word of a note that was called off for a reason. */
export function calledOff(code: string): string {
  return `${CALLED_OFF}${code}`;
}

/** Whether the word of a note says that it was called off. */
export function isCalledOff(word: string): boolean {
  return word.startsWith(CALLED_OFF);
}

/** Why this very run has called off a restriction of which nothing was made. `undefined`: it has not. */
export function calledOffBy(noted: Noted<NoteBase>, { run }: Asker): string | undefined {
  const { note } = noted;
  return note?.ended?.run === run && note.over?.startsWith(CALLED_OFF) === true
    ? note.over.slice(CALLED_OFF.length)
    : undefined;
}
