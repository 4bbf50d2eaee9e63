/** What is done while SQS's own move task moves the letters, before, and after. Pure. */

import type { Decision, JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import { wait } from '../../../shared/judgement/decisions.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import { noteOf } from './asking.ts';
import { areAllTried, engineOf } from './engine.ts';
import { evidenceOf, giveUp, settled } from './ending.ts';
import { CANCEL, cancelTask, isMostBackOf, isMoving, lookAtTaskIn, startTask, type MoveTask } from './move-task.ts';
import type { Part } from './plan.ts';
import { STAY_CHARS } from './progress.ts';
import type { Setting } from './scene.ts';
import { heldIn } from './trial.ts';

/** What comes next: a part of the work of our own, or a decision; `undefined`: SQS has nothing to do with it. */
export type Next = Part | Decision | undefined;

/** SQS's clock and ours may be so far apart. Assumed. */
const CLOCKS_APART_SECONDS = 60;

/** The task that the rest of the letters was left to, whoever has begun it; `null`: there is none. */
function ownTask({ facts, progress }: Setting): MoveTask | null {
  const { bySqs } = progress;
  if (bySqs === null || bySqs.ended !== null || facts.task === null) return null;
  return secondsSince(bySqs.handedAt, facts.task.startedAt) >= -CLOCKS_APART_SECONDS ? facts.task : null;
}

/** A run before this one has begun it, or somebody while that run was at it, and has not come to its end. */
function adopted({ facts, ask }: Setting): MoveTask | null {
  const { task, work } = facts;
  if (task === null || work !== undefined || ask.at === null) return null;
  return secondsSince(ask.at, task.startedAt) >= -CLOCKS_APART_SECONDS ? task : null;
}

function isBreaking({ queue, limits, now }: Setting, task: MoveTask): boolean {
  const { leastJudged, countedLateSeconds } = limits;
  return isMostBackOf({ task, held: heldIn(queue), leastJudged, lateSeconds: countedLateSeconds, now });
}

/** A single call, and a look after it. */
function calls(scene: Setting, code: string, call: PlannedCall): Decision {
  return {
    kind: 'act',
    code,
    because: call.because,
    evidence: evidenceOf(scene),
    intent: `redrive ${scene.facts.target}`,
    note: noteOf(scene),
    plan: [call],
    budget: 'counted',
    more: true,
  };
}

/** While a task is at it, nothing is received or sent by us: of two at one queue neither would know what the other has moved. */
function whileItMoves(scene: Setting, task: MoveTask): Decision {
  const { facts, limits, now, queue } = scene;
  const about = `about ${task.moved} of ${task.toMove ?? 'so many'}`;
  if (secondsSince(task.startedAt, now) > limits.maxTaskSeconds)
    return giveUp(
      scene,
      'still-moving',
      `a move task of SQS has been at ${queue.name} since ${task.startedAt} (${about}): it goes on by itself; ask again when it has ended`,
    );
  const isCancelRefused = facts.refusals?.some(({ call }) => call === CANCEL) === true;
  const cancel = cancelTask(task, `most of what SQS has moved is in ${queue.name} again`);
  const isOurs = (ownTask(scene) ?? adopted(scene)) !== null;
  const breaks = isOurs && isBreaking(scene, task) && !isCancelRefused;
  if (breaks && cancel !== undefined) return calls(scene, 'cancelling-task', cancel);
  const because = `a move task of SQS is at ${queue.name}, ${task.status}: ${about} letters are moved`;
  return wait(evidenceOf(scene), 'moving-by-itself', because, lookAtTaskIn(task, now));
}

/**
 * Of a run that was told to stop: the task that it has left the letters to is cancelled, and waited for, since it goes on for some
 * seconds. `undefined`: there is none.
 */
export function stopTask(scene: Setting, by: string): Decision | undefined {
  const { facts, queue, now } = scene;
  const task = ownTask(scene) ?? adopted(scene);
  if (task === null || !isMoving(task)) return undefined;
  const cancel = cancelTask(task, `${by} has had the redrive stopped`);
  const isRefused = facts.refusals?.some(({ call }) => call === CANCEL) === true;
  if (cancel !== undefined && !isRefused) return calls(scene, 'cancelling-task', cancel);
  const because = `the move task of SQS at ${queue.name} was cancelled, and has not ended: ${task.status}`;
  return wait(evidenceOf(scene), 'moving-by-itself', because, lookAtTaskIn(task, now));
}

/** What a part that only keeps what became of the task is given. */
export function endOfTask(scene: Setting): JsonObject {
  const task = ownTask(scene);
  if (task === null) return {};
  const { moved, status, failure } = task;
  return { moved, ended: status, failure, isBroken: status === 'CANCELLED' && isBreaking(scene, task) };
}

/** Letters that were sent since the run began: those that SQS has moved, and are there again, are among them. */
function laterOnes({ stays }: Setting['progress']): number {
  return (stays['new'] ?? '').length / STAY_CHARS;
}

function brokenBecause(name: string, moved: number): string {
  return `of about ${moved} letters of ${name} that SQS has moved most came back: their consumer is still broken, and no more go`;
}

function cancelledBecause(name: string, moved: number): string {
  return `somebody has cancelled the move task of ${name}, after about ${moved} letters: no more go until somebody asks`;
}

/** Most of what the task has moved is there again: none of it is charged, and no more goes. */
function afterIt(scene: Setting): Next {
  const { progress, queue, limits } = scene;
  const { bySqs } = progress;
  if (bySqs === null || bySqs.ended === null) return undefined;
  const { moved, isBroken, ended } = bySqs;
  const isMostBack = isBroken || (moved >= limits.leastJudged && laterOnes(progress) * 2 >= moved);
  if (isMostBack) {
    if (Object.values(progress.places).some(({ trust }) => trust !== 'fails')) return 'forgive';
    return giveUp(scene, 'consumer-fails', brokenBecause(queue.name, moved));
  }
  if (ended !== 'CANCELLED') return undefined;
  return giveUp(scene, 'task-cancelled', cancelledBecause(queue.name, moved));
}

/** It was left by a run that died, and was cancelled: no tick sends what it has left. */
function afterAdopted(scene: Setting): Decision | undefined {
  const task = adopted(scene);
  if (task?.status !== 'CANCELLED') return undefined;
  const { queue } = scene;
  const evidence = evidenceOf(scene);
  if (isBreaking(scene, task))
    return settled({ evidence, code: 'consumer-fails', because: brokenBecause(queue.name, task.moved) });
  return settled({ evidence, code: 'task-cancelled', because: cancelledBecause(queue.name, task.moved) });
}

/** Before a run waits it is announced: it may be hours, and whoever wants it cancelled has to find it. */
function besideMoving(scene: Setting, task: MoveTask): Next {
  const { facts, ask, limits, now } = scene;
  const isAnnounced = facts.work !== undefined || ask.at !== null;
  const isTooLong = secondsSince(task.startedAt, now) > limits.maxTaskSeconds;
  return isAnnounced || isTooLong ? whileItMoves(scene, task) : 'stand-by';
}

/** What a task of SQS's that is there, or was, leaves to be done. */
export function besideTask(scene: Setting): Next {
  const { facts } = scene;
  if (facts.task !== null && isMoving(facts.task)) return besideMoving(scene, facts.task);
  if (ownTask(scene) !== null) return 'take-back';
  return afterAdopted(scene) ?? afterIt(scene);
}

/** Leaves what is not sent yet to SQS, where nothing is asked of each letter; first what was received and has not gone. */
export function leftToSqs(scene: Setting): Next {
  const { facts, progress, queue, limits, ask, now } = scene;
  const { bySqs, endedAt } = progress;
  if (engineOf(scene).engine === 'own' || bySqs?.ended || heldIn(queue) === 0) return undefined;
  if (bySqs === null) return areAllTried(scene) ? 'hand-over' : undefined;
  // A task moves what is to be seen as it begins.
  const hidden = limits.hiddenSeconds - secondsSince(endedAt ?? now, now);
  if (queue.messages.inFlight > 0 && hidden > 0)
    return wait(evidenceOf(scene), 'paused', `letters of ${queue.name} are hidden`, Math.ceil(hidden));
  if (queue.messages.visible === 0) return undefined;
  const most = ask.perSecond ?? facts.settings.perSecond ?? limits.perSecond;
  return calls(scene, 'redriving', startTask(queue.arn, Math.min(most, limits.taskPerSecond)));
}
