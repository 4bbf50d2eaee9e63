/**
 * Reads and moves for `redrive-dead-letters`. Behind it, in `aws/`: `queues` and the `settings` of one, and a `piece` of the work with
 * `letters`, their `sending` and `deleting`, and the `tally` of what became of each.
 */

import type { Doing, Io, Located, Observed, Verification } from '../../shared/kernel/definition.ts';
import { queueArn } from '../../shared/aws/arn.ts';
import type { WorkDone } from '../../shared/kernel/decision.ts';
import { BadInputError } from '../../shared/kernel/errors.ts';
import { dataWrite } from '../../shared/kernel/ledger/data-write.ts';
import { DATA_WRITE } from '../../shared/kernel/ledger/planned-write.ts';
import type { RequestDelivery } from '../../shared/kernel/triggers/request.ts';
import { arnMeant, readQueue, sourcesOf, taggedQueues, tagsOfQueue, queueName } from './aws/queues.ts';
import { cancelsOf } from './aws/cancels.ts';
import { cancelMoveTask, lastTaskOf, startMoveTask } from './aws/move-tasks.ts';
import { redrivePiece } from './aws/piece.ts';
import { readinessOf } from './aws/readiness.ts';
import type { Request } from './aws/requests.ts';
import { lookPiece } from './aws/sample.ts';
import { settingsOf } from './aws/settings.ts';
import { NO_TARGETS, targetsOf, type Targets } from './aws/targets.ts';
import {
  ALL_READY,
  CANCEL,
  cancelledQueue,
  cancelTarget,
  filterOf,
  heldIn,
  LOOK,
  lookedAt,
  lookTarget,
  START,
  WORK,
  type Cancel,
  type Facts,
  type Looking,
  type Queue,
  type Source,
} from './decide.ts';

export { ofAlarm, TICK, type Request } from './aws/requests.ts';

/** The params of a person's request. */
interface PersonParams {
  readonly action?: 'redrive' | 'cancel' | Looking | undefined;
  readonly maxMessages?: number | undefined;
  readonly perSecond?: number | undefined;
  readonly filter?: string | undefined;
  readonly maxAgeSeconds?: number | undefined;
}

/** @throws BadInputError where no queue is named, for none never means all; and for a filter that cannot be read */
export function ofPerson(params: PersonParams, delivery: RequestDelivery): Request {
  const { maxMessages = null, perSecond = null, filter = null, maxAgeSeconds = null } = params;
  const { target, requestedBy, id } = delivery;
  if (target === undefined)
    throw new BadInputError('target', 'say which queue of dead letters: one, by its name, ARN or URL');
  if (filter !== null) filterOf(filter);
  const by = requestedBy ?? 'somebody';
  if (params.action === 'cancel') {
    const isOfSome = [maxMessages, perSecond, filter, maxAgeSeconds].some((one) => one !== null);
    if (isOfSome) throw new BadInputError('params', 'cancel stops the whole redrive: leave the other params out');
    return { target, ask: null, cancelledBy: by };
  }
  const { action = 'redrive' } = params;
  return {
    target,
    ...(action === 'redrive' ? {} : { looking: action }),
    ask: { maxMessages, perSecond, filter, maxAgeSeconds, by, delivery: id, at: null },
  };
}

/** Facts as they are seen here; the kernel adds what it knows. */
export type Seen = Observed<Facts>;

/** The queue that is meant, tagged or not; of the schedule, all that are tagged. */
export async function locate({ target, cancelledBy, looking }: Request, io: Io): Promise<readonly Located<Seen>[]> {
  if (target === null) return (await taggedQueues(io)).map((arn) => ({ target: arn }));
  const arn = arnMeant(target, io);
  if (arn === undefined) return [];
  if (looking !== undefined) return [{ target: lookTarget(arn, looking) }];
  return [{ target: cancelledBy === undefined ? arn : cancelTarget(arn) }];
}

/** Reads the queue, its tags, and the queues and functions whose letters it has. */
export async function observe(target: string, request: Request, io: Io, work?: WorkDone): Promise<Seen> {
  const { ask, alarm = null, cancelledBy = null } = request;
  const none = settingsOf(queueName(target), new Map());
  const nothing = { settings: none, sourceCount: 0, ...NO_TARGETS, parking: null, task: null, readiness: ALL_READY };
  const unseen = { target, queue: null, ...nothing, ask, alarm };
  if (cancelledQueue(target) !== undefined) return { ...unseen, cancelling: { by: cancelledBy, at: io.now() } };
  const queue = await readQueue(lookedAt(target)?.queueArn ?? target, io);
  if (queue === null) return unseen;
  const [tags, { sources, sourceCount }] = await Promise.all([tagsOfQueue(queue, io), sourcesOf(queue, io)]);
  const task = await lastTaskOf(queue.arn, sourceCount, io);
  const settings = settingsOf(queue.name, tags);
  // Where nothing is left nobody needs to be told to leave it.
  const isWaiting = settings.redrive !== null && heldIn(queue) > 0;
  const cancels = isWaiting ? await cancelsRead(queue.name, ask === null && work === undefined) : [];
  const parking = settings.parking === null ? null : await readQueue(queueArn(settings.parking, io), io);
  const isOurs = settings.redrive !== null;
  // A queue that is nobody's to touch is no reason to ask every service about it.
  const others = isOurs ? await othersOf(target, queue, sourceCount, { io, work }) : NO_TARGETS;
  const isNew = ({ arn }: Source): boolean => sources.every((source) => source.arn !== arn);
  const all = [...sources, ...others.sources.filter(isNew)];
  // A tick, too: it may have to finish what a run before it has begun.
  const readiness = isOurs ? await readinessOf({ queue, sources: all, parking }, io) : ALL_READY;
  // A redrive policy that names this queue permits as much as a tag.
  const tagged = [...others.tagged, ...sources.map(({ arn }) => arn)];
  const seen = { target, queue, settings, ...others, tagged, sources: all, sourceCount, parking, ask, task, readiness };
  return { ...seen, alarm, run: io.run, cancels };
}

/** A tick that nobody has asked anything of needs no ledger to say so: what cannot be read keeps those alone from going on that would. */
async function cancelsRead(queue: string, isTick: boolean): Promise<readonly Cancel[] | null> {
  try {
    return await cancelsOf(queue);
  } catch (error) {
    if (isTick) return null;
    throw error;
  }
}

/** Who else leaves letters there. Whoever only looks has one look, and wants to know of all. */
function othersOf(target: string, queue: Queue, sourceCount: number, { io, work }: Seeing): Promise<Targets> {
  const isLook = lookedAt(target) !== undefined;
  return targetsOf(queue, isLook ? 0 : sourceCount, isLook ? undefined : work?.told, io);
}

interface Seeing {
  readonly io: Io;
  readonly work: WorkDone | undefined;
}

/** What a plan may hold: the work of our own, a call that has SQS do it, a look, or the word that another run is to leave it. */
export const apply: { readonly [call: string]: Doing } = {
  [WORK]: redrivePiece,
  [LOOK]: lookPiece,
  [START]: startMoveTask,
  [CANCEL]: cancelMoveTask,
  [DATA_WRITE]: dataWrite,
};

/** Each letter is verified where it is sent: only what SQS names as taken is deleted. */
export function verify(): Promise<Verification> {
  return Promise.resolve({ ok: true });
}
