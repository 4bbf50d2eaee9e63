/** Who asks, and whether it is the same that has been asked before. Pure. */

import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { pendingOf, remembered, secondsSince } from '../../../shared/judgement/since.ts';
import type { Ask, Facts, RedriveLimits } from './facts.ts';

/** What was asked for, as it is kept beside the announced intent: the run that finishes another one's work knows no more of it. */
export function noteOf({ ask, facts: { run } }: Pick<Asked, 'ask' | 'facts'>): JsonObject {
  const { maxMessages, perSecond, filter, maxAgeSeconds, by, delivery } = ask;
  return { maxMessages, perSecond, filter, maxAgeSeconds, by, delivery, ...(run === undefined ? {} : { run }) };
}

function numberIn(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

/** What a run before this one was asked for, and has not come to an end with; `null`: none has. */
export function askBegunBefore({ announced = [], target }: Facts): Ask | null {
  const intent = announced.find((one) => one.target === target);
  if (intent === undefined) return null;
  const { maxMessages, perSecond, filter, maxAgeSeconds, by } = intent.note;
  return {
    maxMessages: numberIn(maxMessages),
    perSecond: numberIn(perSecond),
    filter: typeof filter === 'string' ? filter : null,
    maxAgeSeconds: numberIn(maxAgeSeconds),
    by: typeof by === 'string' ? by : 'a run before this one',
    delivery: null,
    at: intent.at,
  };
}

/** A run before this one was asked for it, and has not come to its end. */
export function isTakenOver({ at }: Ask): boolean {
  return at !== null;
}

interface Asked {
  readonly facts: Facts;
  readonly limits: RedriveLimits;
  readonly now: string;
  readonly ask: Ask;
}

const ASKED = 'asked';

/**
 * So that the same request, come once more, is known: one for so many, or
 * @param isStopped one that somebody has stopped
 */
export function askedNow(
  { ask, now }: Pick<Asked, 'ask' | 'now'>,
  isStopped = false,
): { readonly [key: string]: string } {
  const { delivery, maxMessages } = ask;
  return delivery === null || (maxMessages === null && !isStopped) ? {} : { [ASKED]: `${delivery} ${now}` };
}

/** Whoever asks for five gets five, and what was stopped stays so, also where Lambda delivers the request twice. */
export function isSecondDelivery({ facts, ask, limits, now }: Asked): boolean {
  const [delivery, at] = (remembered(facts.history, ASKED) ?? '').split(' ');
  if (facts.work !== undefined || at === undefined) return false;
  return delivery === ask.delivery && secondsSince(at, now) <= limits.sameRequestSeconds;
}

/** A run has begun with this very request, and has not come to its end. */
export function isBegunBefore({ facts, ask, limits, now }: Asked): boolean {
  if (ask.delivery === null) return true;
  const pending = pendingOf(facts.history);
  if (pending === undefined) return false;
  return pending.note['delivery'] === ask.delivery && secondsSince(pending.at, now) <= limits.sameRequestSeconds;
}
