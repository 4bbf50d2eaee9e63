/**
 * What `redrive-dead-letters` does about one queue of dead letters. Pure.
 *
 * Its letters go back to the queues that they failed in, piece by piece (`work:redrive`): each piece receives, sends and deletes for some
 * seconds, and tells how far it has come. Between two of them is decided whether and how it goes on: a few letters go first to each queue
 * (its canary); where most of them come back its consumer is broken, and no more go there. What comes back of the others goes again in a
 * later round, until it has gone as often as it may, and is parked.
 */

import type { Decision, Refuse } from '../../shared/kernel/decision.ts';
import { nothing, refuse, wait } from '../../shared/judgement/decisions.ts';
import { secondsSince } from '../../shared/judgement/since.ts';
import type { Facts, RedriveLimits } from './decide/facts.ts';
import { askedNow, isBegunBefore, isSecondDelivery, isTakenOver, noteOf } from './decide/asking.ts';
import { beginning } from './decide/beginning.ts';
import { besideTask, endOfTask, leftToSqs, stopTask, type Next } from './decide/by-sqs.ts';
import { cancel, cancelFor, cancelled, cancelledQueue } from './decide/cancelling.ts';
import { end, evidenceOf, giveUp, settled } from './decide/ending.ts';
import { look, lookedAt } from './decide/looking.ts';
import { forecastOf } from './decide/forecast.ts';
import { callOf, type Part } from './decide/plan.ts';
import { objection } from './decide/preflight.ts';
import { accountOf, leftIn, NO_PROGRESS, staysIn, unwantedIn, type Progress } from './decide/progress.ts';
import { progressIn } from './decide/progress-reader.ts';
import type { Scene, Setting } from './decide/scene.ts';
import {
  aboutBack,
  heldIn,
  isMostBack,
  isSearched,
  isSuspicious,
  judgedInSeconds,
  unjudged,
  unseenIn,
  verdictOn,
} from './decide/trial.ts';

export type { Alarm, Ask, Cancel, Facts, Queue, Readiness, RedriveLimits, Settings, Source } from './decide/facts.ts';
export { isFunction } from './decide/facts.ts';
export { cancelledQueue, CANCELS, cancelsAt, cancelTarget } from './decide/cancelling.ts';
export { LOOK, lookedAt, lookTarget, type Looking } from './decide/looking.ts';
export { histogramOf, type Looked } from './decide/histogram.ts';
export { filterOf } from './decide/filter.ts';
export { seenLetter } from './decide/seen-letter.ts';
export {
  fateOf,
  traceOf,
  SHUT,
  TRUSTS,
  type Destination,
  type Fate,
  type Letter,
  type ParkingQueue,
  type Rule,
  type Stays,
  type Unwanted,
} from './decide/letter.ts';
export {
  accountOf,
  NO_PROGRESS,
  placeIn,
  STAY_CHARS,
  isUnwanted,
  unwantedIn,
  type BySqs,
  type Left,
  type Place,
  type Progress,
} from './decide/progress.ts';
export { progressIn } from './decide/progress-reader.ts';
export { sendersIn } from './decide/origins-reader.ts';
export { failedEvents, redelivery, type Envelope, type FailedEvent } from './decide/envelopes.ts';
export {
  isNextTo,
  placeOf,
  targetOf,
  unqualified,
  type Origin,
  type Senders,
  type Target,
  type Way,
} from './decide/origins.ts';
export { parsedJson } from './decide/raw-json.ts';
export { CANCEL, START, statusIn, type MoveTask } from './decide/move-task.ts';
export { WORK } from './decide/plan.ts';
export { heldIn } from './decide/trial.ts';
export { ALL_READY } from './decide/readiness.ts';

/** Decides on one queue of dead letters. */
export function decide(facts: Facts, limits: RedriveLimits, now: string): Decision {
  const { target, queue, sources } = facts;
  const looking = lookedAt(target)?.looking;
  if (looking !== undefined) return look(facts, looking, limits);
  const other = cancelledQueue(target);
  if (other !== undefined) return cancel(facts, other);
  const ask = beginning(facts, limits, now);
  if ('kind' in ask) return ask;
  const progress = progressIn(facts.work?.told) ?? NO_PROGRESS;
  const scene: Scene = { facts, limits, now, ask, progress };
  if (queue === null) return no(scene, refuse({ target }, 'gone', `there is no queue ${target}`));
  const objected = objection(facts, queue, limits);
  if (objected !== undefined) return no(scene, objected);
  return goOn({ ...scene, queue, trial: { queue, sources, progress, limits, now } });
}

/** Nothing may be moved, or nothing any more. What was begun is over with that: no tick goes on when it may be again. */
function no(scene: Scene, refusal: Refuse): Decision {
  const { facts, progress, now, ask } = scene;
  if (facts.work !== undefined) {
    const evidence = { ...refusal.evidence, ...accountOf(progress, now) };
    return { ...refusal, evidence, over: true, remember: askedNow(scene) };
  }
  return isTakenOver(ask) ? settled(refusal) : refusal;
}

function goOn(scene: Setting): Decision {
  const { facts, limits, progress, queue } = scene;
  if (facts.cancels === null)
    return refuse({ queue: queue.name }, 'ledger-lost', 'the ledger does not say whether this redrive was called off');
  const stop = cancelFor(scene);
  if (stop !== undefined) return stopTask(scene, stop.by) ?? cancelled(scene, stop);
  if (isSecondDelivery(scene))
    return nothing(evidenceOf(scene), 'asked-before', 'the same request has come twice, and was carried out once');
  const unknown = unknownNumber(scene);
  if (unknown !== undefined) return unknown;
  const beside = taken(scene, besideTask(scene));
  if (beside !== undefined) return beside;
  if (facts.work === undefined && heldIn(queue) === 0)
    return nothing(evidenceOf(scene), 'empty', `${queue.name} is empty`);
  const [open, stays] = [Object.keys(progress.left).length, staysIn(progress)];
  if (open > limits.maxLeft || stays > limits.maxStays)
    return giveUp(
      scene,
      'too-many-left',
      `${open + stays} letters of ${queue.name} stay behind, and no more can be kept in mind`,
    );
  if (progress.trouble !== null) return afterTrouble(scene, progress.trouble);
  return areSomeOnTrial(progress) ? onTrial(scene) : nextPart(scene);
}

/** So many were asked for, and how many have gone is not known: rather fewer than more. `undefined`: it is known. */
function unknownNumber(scene: Setting): Decision | undefined {
  const { facts, limits, now, ask } = scene;
  const because = `a piece of the work broke off: at most ${ask.maxMessages} letters went back, and nobody knows how many`;
  if (facts.work !== undefined)
    return ask.maxMessages !== null && facts.work.lost > 0 ? giveUp(scene, 'broke-off', because) : undefined;
  const evidence = evidenceOf(scene);
  if (ask.maxMessages !== null && isBegunBefore(scene)) return settled({ evidence, code: 'broke-off', because });
  if (secondsSince(ask.at ?? now, now) <= limits.maxAgeSeconds) return undefined;
  const tooOld = `it was asked for at ${ask.at}, and never came to its end: ask again`;
  return settled({ evidence, code: 'too-old', because: tooOld });
}

/** A pause that AWS's trouble is given first, doubling. Assumed. */
const TROUBLE_SECONDS = 10;

function afterTrouble(scene: Setting, trouble: string): Decision {
  const { limits, progress, queue } = scene;
  const { failedPieces } = progress;
  if (failedPieces > limits.maxRounds) return giveUp(scene, 'stopped', `${queue.name}: ${trouble}`);
  return work(scene, 'send', TROUBLE_SECONDS * 2 ** (failedPieces - 1));
}

function areSomeOnTrial({ places }: Progress): boolean {
  return Object.values(places).some(({ trust }) => trust === 'on-trial');
}

/** The canaries are out: nothing else goes until it is known what became of them. */
function onTrial(scene: Setting): Decision {
  const { progress, trial, queue, limits } = scene;
  const seconds = judgedInSeconds(trial);
  if (seconds > 0) {
    const because = `the first letters of ${queue.name} have gone: whether they come back shows in ${seconds} s at most`;
    return wait(evidenceOf(scene), 'canary-is-out', because, lookAgainIn(scene, seconds));
  }
  const [unknown] = unjudged(trial);
  if (unknown !== undefined)
    return giveUp(
      scene,
      'consumer-unknown',
      `the first letters of ${queue.name} have gone to ${unknown.name}, whose consumer has not had them all after ${limits.maxCycleSeconds} s: whether it works is not known`,
    );
  if (!isSuspicious(trial) || isSearched(progress)) return nextPart(scene);
  // Where so many were asked for no more are received: what SQS counts has to do.
  return isAskedFor(scene) ? consumersFail(scene) : work(scene, 'search', 0);
}

/** Seconds between two looks at what is waited for: the longer it takes, the longer; so that a wait of an hour is a dozen looks. */
const LEAST_WAIT_SECONDS = 20;

function lookAgainIn({ progress, now }: Setting, seconds: number): number {
  const passed = secondsSince(progress.lastSentAt ?? now, now);
  return Math.min(seconds, Math.max(LEAST_WAIT_SECONDS, Math.ceil(passed / 2)));
}

/** What is known of the consumers after the trial decides on what comes next. */
function nextPart(scene: Setting): Decision {
  const { facts, progress, trial } = scene;
  const broken = facts.sources.filter(({ arn }) => verdictOn(arn, trial) === 'fails');
  if (broken.length > 0 && broken.length === facts.sources.length) return consumersFail(scene);
  if (isAskedFor(scene)) return afterAsked(scene);
  if (progress.isDrained) return afterAll(scene);
  return taken(scene, leftToSqs(scene)) ?? work(scene, 'send', pauseBetween(scene));
}

/** What SQS's own move task leaves to be done; `undefined`: nothing. */
function taken(scene: Setting, next: Next): Decision | undefined {
  return typeof next === 'string' ? work(scene, next, 0) : next;
}

/** That they went counts against no letter; that is kept first. */
function consumersFail(scene: Setting): Decision {
  const { progress, queue, trial } = scene;
  const isKept = Object.values(progress.places).every(({ trust }) => trust === 'fails');
  if (!isKept) return work(scene, 'forgive', 0);
  const back = Math.max(progress.cameBack, aboutBack(trial));
  return giveUp(
    scene,
    'consumer-fails',
    `of the letters of ${queue.name} that went first about ${back} came back: their consumer is still broken, and no more go`,
  );
}

/** As many as were asked for. */
function isAskedFor({ ask, progress }: Scene): boolean {
  return ask.maxMessages !== null && progress.received - unwantedIn(progress) >= ask.maxMessages;
}

/** All that were asked for have been dealt with: whether they come back is waited for, and told. */
function afterAsked(scene: Setting): Decision {
  const waiting = watched(scene);
  if (waiting !== undefined) return waiting;
  return isMostBack(scene.trial) ? consumersFail(scene) : end(scene);
}

/** Whether what went last comes back is waited for; `undefined`: it is known. */
function watched(scene: Setting): Decision | undefined {
  const { trial, queue, progress } = scene;
  const seconds = judgedInSeconds(trial);
  if (seconds === 0) return undefined;
  const because = `${progress.sent} letters of ${queue.name} have gone: whether any comes back shows in ${seconds} s at most`;
  return wait(evidenceOf(scene), 'watching', because, lookAgainIn(scene, seconds));
}

/** A second in which the invocation ends and the next begins: a function may run for a quarter of an hour, a redrive for hours. */
function pauseBetween({ limits, progress: { pieces } }: Scene): number {
  return pieces > 0 && pieces % limits.piecesInARow === 0 ? 1 : 0;
}

/**
 * Nothing is left to receive. What was received, and is still there, is seen again when its time in hiding is over; and so is what was
 * handed over to us in a reply that was lost, of which the number in flight alone tells. Then what went is waited for, and what came
 * back of it goes once more.
 */
function afterAll(scene: Setting): Decision {
  const { limits, progress } = scene;
  const isOpen = leftIn(progress, ['sent', 'parked', 'kept', 'doubt']).length > 0 || unseenIn(scene) > 0;
  if (isOpen && progress.sweeps <= limits.maxRounds) return work(scene, 'send', limits.hiddenSeconds);
  const hasGone = progress.lastSentAt !== null && !isSearched(progress);
  return watched(scene) ?? (hasGone ? work(scene, 'collect', 0) : afterRound(scene));
}

/** Letters that went in this round. */
function sentIn({ places }: Progress): number {
  return Object.values(places).reduce((sum, place) => sum + place.sent, 0);
}

/** The longest pause between two rounds is an hour, about. Assumed. */
const MOST_DOUBLINGS = 5;

function afterRound(scene: Setting): Decision {
  const { facts, limits, progress, now } = scene;
  const back = leftIn(progress, ['back']);
  // What is not seen again in a whole round has been taken by somebody, and is not waited for.
  const isInVain = progress.round > 1 && sentIn(progress) === 0;
  // However often: in one run that is no more than where nobody says how often.
  const isEnough = facts.settings.maxAttempts === 'none' && progress.round >= limits.maxAttempts;
  if (back.length === 0 || isInVain || isEnough) return end(scene);
  const areAllLast = back.every(({ why }) => why === 'attempts-used-up');
  const pauseSeconds = areAllLast
    ? limits.hiddenSeconds
    : limits.backOffSeconds * 2 ** Math.min(progress.round - 1, MOST_DOUBLINGS);
  // Rather too early than never.
  const leftSeconds = Math.min(...back.map(({ expiresAt }) => secondsSince(now, expiresAt))) - limits.hiddenSeconds;
  return work(scene, 'again', Math.max(limits.hiddenSeconds, Math.min(pauseSeconds, leftSeconds)));
}

/** The next piece, so many seconds after the last. */
function work(scene: Setting, part: Part, pauseSeconds: number): Decision {
  const { facts, now, progress, queue } = scene;
  const { endedAt } = progress;
  const due = endedAt === null ? 0 : Math.ceil(pauseSeconds - secondsSince(endedAt, now));
  const evidence = { ...evidenceOf(scene), ...forecastOf(scene) };
  if (due > 0) return wait(evidence, 'paused', progress.trouble ?? `letters of ${queue.name} are hidden`, due);
  return {
    kind: 'act',
    code: 'redriving',
    because:
      part === 'stand-by'
        ? `a move task of SQS is at ${queue.name}: what is left goes when it has ended`
        : `about ${queue.messages.visible} letters of ${queue.name} go back to where they failed`,
    evidence,
    intent: `redrive ${facts.target}`,
    note: noteOf(scene),
    plan: [callOf(scene, part, endOfTask(scene))],
    budget: 'counted',
    more: true,
  };
}
