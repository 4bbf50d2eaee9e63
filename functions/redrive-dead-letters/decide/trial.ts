/** Whether the consumers of the queues that letters go to work: judged by what comes back. Pure. */

import { secondsSince } from '../../../shared/judgement/since.ts';
import { isFunction, type Queue, type RedriveLimits, type Source } from './facts.ts';
import type { Trust } from './letter.ts';
import { placeIn, staysIn, type Place, type Progress } from './progress.ts';

/** What is known when it is judged. */
export interface Trial {
  readonly queue: Queue;
  readonly sources: readonly Source[];
  readonly progress: Progress;
  readonly limits: RedriveLimits;
  readonly now: string;
}

/**
 * Lambda tries an event that a function has failed on twice more, after one minute and after two more.
 * Source: Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation".
 */
const EVENT = { tries: 3, pausesSeconds: 180 };

/** How long a consumer may take until a letter that it fails on is back: each time that it is handed over it may keep it. */
export function cycleSecondsOf(source: Source): number {
  if (isFunction(source)) return source.timeoutSeconds * EVENT.tries + EVENT.pausesSeconds;
  return source.visibilityTimeoutSeconds * (source.maxReceiveCount ?? 1);
}

/** It still has some of its letters, or may have: what waits for a function nobody counts. */
function mayHold(source: Source): boolean {
  return isFunction(source) || heldIn(source) > 0;
}

/** Queues on trial whose consumer may take longer than anybody waits, and has not had all of its letters yet: nothing is known of it. */
export function unjudged({ sources, progress, limits }: Trial): readonly Source[] {
  return sources.filter(
    (source) =>
      placeIn(progress, source.arn).trust === 'on-trial' &&
      cycleSecondsOf(source) > limits.maxCycleSeconds &&
      mayHold(source),
  );
}

/** Letters in the queue, in whoever's hands. */
export function heldIn({ messages: { visible, inFlight, delayed } }: Queue): number {
  return visible + inFlight + delayed;
}

/** Queues that letters went to in this round, and whose consumer is not known to fail. */
function trusting({ sources, progress }: Trial): readonly Source[] {
  return sources.filter(({ arn }) => {
    const { sent, trust } = placeIn(progress, arn);
    return sent > 0 && trust !== 'fails';
  });
}

/**
 * Seconds until it can be judged what became of the letters that went last; 0: now. Where their queues are empty again their consumers
 * have had them all; else each is given the time that it may take.
 */
export function judgedInSeconds(trial: Trial): number {
  const { progress, limits, now } = trial;
  const queues = trusting(trial);
  if (progress.lastSentAt === null || queues.length === 0) return 0;
  const passed = secondsSince(progress.lastSentAt, now);
  const late = limits.countedLateSeconds;
  const longest = Math.min(limits.maxCycleSeconds, Math.max(...queues.map(cycleSecondsOf)));
  const areEmpty = passed >= late && !queues.some(mayHold);
  return areEmpty ? 0 : Math.max(0, Math.ceil(longest + late - passed));
}

/** About so many letters are in the queue that were not there, or have gone: counted by SQS, not looked at. */
export function aboutBack({ queue, progress }: Trial): number {
  if (progress.trial === null) return 0;
  const { held, deleted } = progress.trial;
  return Math.max(0, heldIn(queue) - (held - deleted));
}

/** The queue has been looked at for letters that came back, when the last that went could have. */
export function isSearched({ searchedAt, lastSentAt }: Progress): boolean {
  return searchedAt !== null && lastSentAt !== null && searchedAt > lastSentAt;
}

function isMost(back: number, { sent }: Place, { leastJudged }: RedriveLimits): boolean {
  return back * 2 >= sent && sent >= leastJudged;
}

/** Letters of the queue that were not seen: somebody else has them in hand, or they stand behind others of their group. */
export function unseenIn({ queue, progress }: Pick<Trial, 'queue' | 'progress'>): number {
  return Math.max(0, heldIn(queue) - Object.keys(progress.left).length - staysIn(progress));
}

/** About so many letters are gone that nobody here has moved: SQS has forgotten them, or somebody has taken them. */
export function goneMeanwhile({ queue, progress }: Pick<Trial, 'queue' | 'progress'>): number {
  if (progress.trial === null) return 0;
  const { held, deleted } = progress.trial;
  return Math.max(0, held - deleted - heldIn(queue));
}

/** As far as SQS counts, most of all that went in this run are there again. */
export function isMostBack(trial: Trial): boolean {
  const { progress, limits } = trial;
  const sent = Object.values(progress.places).reduce((sum, place) => sum + place.sent, 0);
  return isMost(aboutBack(trial), { trust: 'works', sent, back: 0 }, limits);
}

/** So many are there again that the consumer of some queue may be broken: the letters have to be looked at. */
export function isSuspicious(trial: Trial): boolean {
  const { progress, limits } = trial;
  const about = aboutBack(trial);
  return Object.values(progress.places).some((place) => place.trust === 'on-trial' && isMost(about, place, limits));
}

/**
 * So few went that it may be the letters, and most of them may be there again: more go before it is judged. Of a FIFO queue a single
 * letter of each group goes at a time, and of one or two SQS's numbers say nothing.
 */
function isTooFewToTell(place: Place, trial: Trial): boolean {
  const { leastJudged } = trial.limits;
  return place.sent < leastJudged && (trial.queue.isFifo || aboutBack(trial) * 2 >= place.sent);
}

/**
 * What the trial comes to for a queue. Where all letters were looked at, those that came back are known. Where the queue holds more than
 * were seen, or functions were given the same events and a letter does not say whose it is, it is one of the consumers: the only one on
 * trial, or it is not known which.
 */
export function verdictOn(queueArn: string, trial: Trial): Trust {
  const { progress, limits } = trial;
  const place = placeIn(progress, queueArn);
  if (place.trust !== 'on-trial') return place.trust;
  if (isTooFewToTell(place, trial)) return 'untried';
  if (!isSearched(progress)) return 'works';
  if (isMost(place.back, place, limits)) return 'fails';
  const mayFail = isMost(place.back + (place.perhapsBack ?? 0), place, limits);
  if (!mayFail && (unseenIn(trial) === 0 || !isSuspicious(trial))) return 'works';
  const onTrial = Object.values(progress.places).filter(({ trust }) => trust === 'on-trial');
  return onTrial.length === 1 ? 'fails' : 'suspect';
}

/** What is known of the consumers as the next piece begins: of those that are suspect one is tried, alone. */
export function trustsOf(trial: Trial): ReadonlyMap<string, Trust> {
  const verdicts = trial.sources.map(({ arn }) => [arn, verdictOn(arn, trial)] as const);
  const next = verdicts.find(([, trust]) => trust === 'suspect')?.[0];
  return new Map(verdicts.map(([arn, trust]) => [arn, arn === next ? 'untried' : trust]));
}
