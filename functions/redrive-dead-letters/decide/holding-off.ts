/**
 * How long a queue is left alone by the schedule and by alarms after a run that could not bring its letters back: an hour, then two, then
 * four, up to a day. A person's word is never held off. Pure.
 */

import { remembered, secondsSince } from '../../../shared/judgement/since.ts';
import type { HistoryReading } from '../../../shared/kernel/decision.ts';
import type { Ask, Queue, RedriveLimits } from './facts.ts';
import { heldIn } from './trial.ts';

/** Key of what is remembered of a queue: `TRIES STAYED AT`. */
const TRIED = 'tried';

/** Of a run that has looked at all: how many letters stayed is known, and one more is a new one. */
const ANYWAY = '-';

/** Twenty-four hours from the first are reached with this try. */
const LAST_TRY = 6;

interface Tried {
  readonly tries: number;
  /** Letters that were in the queue when the run ended; `undefined`: more of them are no reason to try again. */
  readonly stayed: number | undefined;
  readonly at: string;
}

function triedIn(history: HistoryReading): Tried | undefined {
  const [tries, stayed = ANYWAY, at] = (remembered(history, TRIED) ?? '').split(' ');
  if (at === undefined) return undefined;
  return { tries: Number(tries), stayed: stayed === ANYWAY ? undefined : Number(stayed), at };
}

/** Until when a queue is left alone, ISO 8601; `undefined`: it may be tried now. */
export function heldOffUntil(
  history: HistoryReading,
  queue: Queue,
  limits: RedriveLimits,
  now: string,
): string | undefined {
  const tried = triedIn(history);
  if (tried === undefined) return undefined;
  const { tries, stayed, at } = tried;
  // SQS counts late: what it still counts of those that went is no new letter.
  const isCounted = secondsSince(at, now) > limits.countedLateSeconds;
  if (stayed !== undefined && isCounted && heldIn(queue) > stayed) return undefined;
  const seconds = Math.min(limits.maxHoldOffSeconds, limits.holdOffSeconds * 2 ** (tries - 1));
  const until = new Date(Date.parse(at) + seconds * 1_000).toISOString();
  return until > now ? until : undefined;
}

type Memory = { readonly [key: string]: string | null };

/** The queue holds nothing, or nothing that stays: the next letters are tried at once. */
export const NOT_HELD_OFF: Memory = { [TRIED]: null };

/** How a run ended, as far as the next one goes by it. */
interface Ended {
  readonly history: HistoryReading;
  readonly queue: Queue;
  readonly ask: Ask;
  readonly now: string;
  readonly code: string;
  /** Some letters went back and stayed away. */
  readonly isOfUse: boolean;
}

/** Ends after which a look at the letters alone says what is new. */
const ALL_WERE_LOOKED_AT: ReadonlySet<string> = new Set(['none-went-back', 'redriven']);

/** Ends that say nothing of the queue, only of what was asked for. */
const OF_THE_REQUEST: ReadonlySet<string> = new Set(['none-wanted', 'broke-off']);

/** What is remembered of a run that left letters behind. */
export function heldOff({ history, queue, ask, now, code, isOfUse }: Ended): Memory {
  const isOfSome = ask.maxMessages !== null || ask.filter !== null || ask.maxAgeSeconds !== null;
  const wereLookedAt = ALL_WERE_LOOKED_AT.has(code);
  if (OF_THE_REQUEST.has(code) || (isOfSome && wereLookedAt)) return {};
  const tries = isOfUse ? 1 : Math.min(LAST_TRY, 1 + (triedIn(history)?.tries ?? 0));
  // What has arrived and cannot be deleted would be sent once more by each try.
  const counted = code === 'not-deleted' ? LAST_TRY : tries;
  return { [TRIED]: `${counted} ${wereLookedAt ? heldIn(queue) : ANYWAY} ${now}` };
}
