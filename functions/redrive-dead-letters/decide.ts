/**
 * What `redrive-dead-letters` does about one queue of dead letters. Pure.
 *
 * Its letters go back to the queues that they failed in, piece by piece (`work:redrive`): each piece receives, sends and deletes for some
 * seconds, and tells how far it has come. Between two of them is decided whether and how it goes on.
 */

import type { Act, Decision, JsonObject, Nothing, PlannedCall, Refuse } from '../../shared/kernel/decision.ts';
import { nothing, refuse, wait } from '../../shared/judgement/decisions.ts';
import { secondsSince } from '../../shared/judgement/since.ts';
import type { Ask, Facts, Queue, RedriveLimits } from './decide/facts.ts';
import { askBegunBefore, askedNow, isBegunBefore, isSecondDelivery, noteOf } from './decide/asking.ts';
import { objection } from './decide/preflight.ts';
import { accountOf, leftIn, NO_PROGRESS, type Progress } from './decide/progress.ts';
import { progressIn } from './decide/progress-reader.ts';

export type { Ask, Facts, Queue, RedriveLimits, Settings } from './decide/facts.ts';
export { placeOf, traceOf, type Destination } from './decide/letter.ts';
export { NO_PROGRESS, type Left, type Progress } from './decide/progress.ts';
export { progressIn } from './decide/progress-reader.ts';

/** The entry of a plan that stands for the whole work. */
export const WORK = 'work:redrive';

interface Scene {
  readonly facts: Facts;
  readonly limits: RedriveLimits;
  readonly now: string;
  readonly ask: Ask;
  readonly progress: Progress;
}

/** Decides on one queue of dead letters. */
export function decide(facts: Facts, limits: RedriveLimits, now: string): Decision {
  const { target, queue } = facts;
  const ask = facts.ask ?? askBegunBefore(facts);
  if (ask === null) return nothing({ target }, 'not-asked', `nobody has asked for the letters of ${target}`);
  // It goes on by itself: what it has announced is nothing that was left behind.
  if (facts.ask === null && facts.heldUntil !== undefined)
    return nothing({ target }, 'under-way', `another run moves the letters of ${target}`);
  const progress = progressIn(facts.work?.told) ?? NO_PROGRESS;
  const scene: Scene = { facts, limits, now, ask, progress };
  if (queue === null) return no(scene, refuse({ target }, 'gone', `there is no queue ${target}`));
  const objected = objection(facts, queue, limits);
  return objected === undefined ? goOn(scene, queue) : no(scene, objected);
}

/** Nothing may be moved, or nothing any more. What was begun is over with that: no tick goes on when it may be again. */
function no(scene: Scene, refusal: Refuse): Decision {
  const { facts, progress } = scene;
  if (facts.work !== undefined) {
    const evidence = { ...refusal.evidence, ...accountOf(progress) };
    return { ...refusal, evidence, over: true, remember: askedNow(scene) };
  }
  return facts.ask === null ? settled(refusal) : refusal;
}

/** What a run before this one has announced is told of, and settled with that. */
function settled({ evidence, code, because }: Pick<Refuse, 'evidence' | 'code' | 'because'>): Nothing {
  return { ...nothing(evidence, code, because), attention: true };
}

function goOn(scene: Scene, queue: Queue): Decision {
  const { facts, limits, progress } = scene;
  if (isSecondDelivery(scene))
    return nothing(
      evidenceOf(scene, queue),
      'asked-before',
      'the same request has come twice, and was carried out once',
    );
  const unknown = unknownNumber(scene, queue);
  if (unknown !== undefined) return unknown;
  if (facts.work === undefined && heldIn(queue) === 0)
    return nothing(evidenceOf(scene, queue), 'empty', `${queue.name} is empty`);
  const { length } = Object.keys(progress.left);
  if (length > limits.maxLeft)
    return giveUp(
      scene,
      queue,
      'too-many-left',
      `${length} letters of ${queue.name} stay behind, and no more can be kept in mind`,
    );
  if (progress.trouble !== null) return afterTrouble(scene, queue, progress.trouble);
  if (isAskedFor(scene)) return end(scene, queue);
  return progress.isDrained ? afterAll(scene, queue) : work(scene, queue, pauseBetween(scene));
}

/** For a person: no tick goes on with it. */
function giveUp(scene: Scene, queue: Queue, code: string, because: string): Decision {
  return { ...refuse(evidenceOf(scene, queue), code, because), over: true, remember: askedNow(scene) };
}

/** So many were asked for, and how many have gone is not known: rather fewer than more. `undefined`: it is known. */
function unknownNumber(scene: Scene, queue: Queue): Decision | undefined {
  const { facts, limits, now, ask } = scene;
  const because = `a piece of the work broke off: at most ${ask.maxMessages} letters went back, and nobody knows how many`;
  if (facts.work !== undefined)
    return ask.maxMessages !== null && facts.work.lost > 0 ? giveUp(scene, queue, 'broke-off', because) : undefined;
  const evidence = evidenceOf(scene, queue);
  if (ask.maxMessages !== null && isBegunBefore(scene)) return settled({ evidence, code: 'broke-off', because });
  if (secondsSince(ask.at ?? now, now) <= limits.maxAgeSeconds) return undefined;
  const tooOld = `it was asked for at ${ask.at}, and never came to its end: ask again`;
  return settled({ evidence, code: 'too-old', because: tooOld });
}

/** Letters in the queue, in whoever's hands. */
function heldIn({ messages: { visible, inFlight, delayed } }: Queue): number {
  return visible + inFlight + delayed;
}

/** Letters that are still to be dealt with. */
function openIn({ progress }: Scene): number {
  return leftIn(progress, ['sent', 'kept', 'doubt']).length;
}

/** As many as were asked for. */
function isAskedFor({ ask, progress }: Scene): boolean {
  return ask.maxMessages !== null && progress.received >= ask.maxMessages;
}

/** A pause that AWS's trouble is given first, doubling. Assumed. */
const TROUBLE_SECONDS = 10;

function afterTrouble(scene: Scene, queue: Queue, trouble: string): Decision {
  const { limits, progress } = scene;
  const { failedPieces } = progress;
  if (failedPieces > limits.maxRounds) return giveUp(scene, queue, 'stopped', `${queue.name}: ${trouble}`);
  return work(scene, queue, TROUBLE_SECONDS * 2 ** (failedPieces - 1));
}

/** A second in which the invocation ends and the next begins: a function may run for a quarter of an hour, a redrive for hours. */
function pauseBetween({ limits, progress: { pieces } }: Scene): number {
  return pieces > 0 && pieces % limits.piecesInARow === 0 ? 1 : 0;
}

/**
 * Nothing is left to receive. What was received, and is still there, is seen again when its time in hiding is over; and so is what was
 * handed over to us in a reply that was lost, of which the number in flight alone tells.
 */
function afterAll(scene: Scene, queue: Queue): Decision {
  const { limits, progress } = scene;
  const isOpen = openIn(scene) > 0 || unseenIn(scene, queue) > 0;
  return isOpen && progress.rounds <= limits.maxRounds ? work(scene, queue, limits.hiddenSeconds) : end(scene, queue);
}

/** About so many letters are in the queue, and have not been seen: somebody else has them in hand. */
function unseenIn({ progress }: Scene, queue: Queue): number {
  return Math.max(0, heldIn(queue) - Object.keys(progress.left).length);
}

/** The next piece, so many seconds after the last. */
function work(scene: Scene, queue: Queue, pauseSeconds: number): Decision {
  const { facts, now, progress } = scene;
  const { endedAt } = progress;
  const due = endedAt === null ? 0 : Math.ceil(pauseSeconds - secondsSince(endedAt, now));
  const evidence = evidenceOf(scene, queue);
  if (due > 0) return wait(evidence, 'paused', progress.trouble ?? `letters of ${queue.name} are hidden`, due);
  return {
    kind: 'act',
    code: 'redriving',
    because: `about ${queue.messages.visible} letters of ${queue.name} go back to where they failed`,
    evidence,
    intent: `redrive ${facts.target}`,
    note: noteOf(scene.ask),
    plan: [callOf(scene, queue)],
    budget: 'counted',
    more: true,
  };
}

function callOf({ facts, limits, ask }: Scene, queue: Queue): PlannedCall {
  const to = facts.sources.map(({ arn, url, maximumMessageBytes }) => ({ queue: arn, url, maximumMessageBytes }));
  const perSecond = ask.perSecond ?? facts.settings.perSecond ?? limits.perSecond;
  const { hiddenSeconds, maxLeft } = limits;
  return {
    call: WORK,
    input: {
      select: { queue: queue.arn, url: queue.url },
      rule: { to, perSecond, hiddenSeconds, maxLeft },
      maxItems: ask.maxMessages,
    },
    because: `each goes to the queue that it failed in (${facts.sources.map(({ name }) => name).join(', ')}), ${perSecond} a second at most`,
  };
}

/** All has been looked at: told with what became of it. */
function end(scene: Scene, queue: Queue): Decision {
  const { facts, ask, progress } = scene;
  const { name } = queue;
  const { sent } = progress;
  const undeleted = leftIn(progress, ['sent']).length;
  if (undeleted > 0)
    return giveUp(
      scene,
      queue,
      'not-deleted',
      `${undeleted} letters of ${name} have arrived, and cannot be deleted here: a redrive sends them again`,
    );
  const staying = leftIn(progress, ['refused', 'kept', 'doubt']).length;
  if (sent === 0 && staying > 0)
    return giveUp(
      scene,
      queue,
      'none-went-back',
      `none of the letters that were looked at could go back; ${staying} of ${name} stay`,
    );
  const others = ask.maxMessages === null ? unseenIn(scene, queue) : 0;
  const because = [
    `letters of ${name} that went back to where they failed: ${sent}`,
    ...(staying === 0 ? [] : [`that stay: ${staying}`]),
    ...(others === 0 ? [] : [`that somebody else has in hand: ${others}`]),
  ].join('; ');
  const ended: Act = {
    kind: 'act',
    code: 'redriven',
    because,
    evidence: evidenceOf(scene, queue),
    intent: `redrive ${facts.target}`,
    note: noteOf(ask),
    plan: [],
    budget: 'counted',
    remember: askedNow(scene),
  };
  const isDoubtful = staying + others + progress.perhapsTwice + (facts.work?.lost ?? 0) > 0 || facts.ask === null;
  return isDoubtful ? { ...ended, attention: true } : ended;
}

function evidenceOf({ facts, ask, progress }: Scene, { name, messages }: Queue): JsonObject {
  const lost = facts.work?.lost ?? 0;
  return {
    queue: name,
    askedBy: ask.by,
    inTheQueue: messages,
    to: facts.sources.map((source) => source.name),
    ...(facts.ask === null ? { begunBefore: ask.at ?? 'by a run before this one' } : {}),
    ...(facts.work === undefined ? {} : accountOf(progress)),
    ...(lost === 0 ? {} : { piecesWithoutAnswer: lost }),
  };
}
