/** By what letters are moved: received, sent and deleted by us, or by SQS's own move task; and why. Pure. */

import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { START } from './move-task.ts';
import { leftIn, staysIn } from './progress.ts';
import type { Setting } from './scene.ts';
import { verdictOn } from './trial.ts';

/** What moves the letters behind the first ones, and why that. */
export interface Engine {
  readonly engine: 'own' | 'sqs';
  readonly because: string;
}

/** What is asked for, before anything was done. */
type Asked = Pick<Setting, 'facts' | 'ask' | 'limits' | 'queue'>;

/** SQS's own task knows no letter by itself: where anything is asked of one it cannot be used. */
function asked({ facts, ask, limits, queue }: Asked): string | undefined {
  const { settings, parking } = facts;
  const attempts = settings.maxAttempts ?? limits.maxAttempts;
  if (queue.isFifo) return 'of a FIFO queue each group goes in its order';
  if (attempts !== 'none') return `a letter goes back ${attempts} times at most, so each is counted`;
  if (settings.parking !== null || parking !== null) return 'what cannot go is parked';
  if (ask.filter !== null || ask.maxAgeSeconds !== null) return 'only some letters are meant';
  return ask.maxMessages === null ? undefined : 'so many were asked for';
}

/** What has been learned since that keeps the rest from being left to SQS. */
function learned({ facts, progress }: Setting): string | undefined {
  const refusal = facts.refusals?.find(({ call }) => call === START);
  if (refusal !== undefined) return `SQS has not begun a task: ${refusal.name}: ${refusal.message}`;
  const { bySqs } = progress;
  if (bySqs?.ended === 'FAILED') return `SQS's own task has failed: ${bySqs.failure ?? 'no reason is given'}`;
  if (facts.senders !== null) return 'some letters do not say which queue they failed in';
  if (bySqs !== null) return undefined;
  if (staysIn(progress) > 0) return 'there are letters that cannot go back: a task would end at the first of them';
  if (leftIn(progress, ['sent', 'parked', 'doubt']).length > 0)
    return 'of some letters it is not known that they are gone';
  return progress.freePieces > 0 ? 'letters went this way before each consumer had been tried' : undefined;
}

function engineWhere(because: string | undefined): Engine {
  if (because !== undefined) return { engine: 'own', because };
  return { engine: 'sqs', because: 'nothing is asked of each letter by itself' };
}

export function engineOf(scene: Setting): Engine {
  return engineWhere(asked(scene) ?? learned(scene));
}

/** By what they would be moved, as far as it is known beforehand. */
export function engineFor(scene: Asked): Engine {
  return engineWhere(asked(scene));
}

/** Each consumer has been tried, and works. */
export function areAllTried({ facts, trial }: Setting): boolean {
  return facts.sources.every(({ arn }) => verdictOn(arn, trial) === 'works');
}

/** What is told of it: the numbers of a task are SQS's own, and about. */
export function toldOfEngine(scene: Setting): JsonObject {
  const { facts, progress } = scene;
  const { engine, because } = engineOf(scene);
  const { bySqs } = progress;
  const { task } = facts;
  const isActive = task !== null && ['RUNNING', 'CANCELLING'].includes(task.status);
  return {
    engine,
    engineBecause: because,
    ...(isActive
      ? { task: { status: task.status, startedAt: task.startedAt, about: task.moved, of: task.toMove } }
      : {}),
    ...(bySqs?.ended ? { movedBySqs: { about: bySqs.moved, ended: bySqs.ended } } : {}),
  };
}
