/**
 * Reads and moves for `redrive-dead-letters`. Behind it, in `aws/`: `queues` and the `settings` of one, and a `piece` of the work with
 * `letters`, their `sending` and `deleting`, and the `tally` of what became of each.
 */

import type { Doing, Io, Located, Observed, Verification } from '../../shared/kernel/definition.ts';
import { queueArn } from '../../shared/aws/arn.ts';
import { BadInputError } from '../../shared/kernel/errors.ts';
import type { RequestDelivery } from '../../shared/kernel/triggers/request.ts';
import { arnMeant, readQueue, sourcesOf, taggedQueues, tagsOfQueue, queueName } from './aws/queues.ts';
import { cancelMoveTask, lastTaskOf, startMoveTask } from './aws/move-tasks.ts';
import { redrivePiece } from './aws/piece.ts';
import { readinessOf } from './aws/readiness.ts';
import { settingsOf } from './aws/settings.ts';
import { ALL_READY, CANCEL, filterOf, START, WORK, type Ask, type Facts } from './decide.ts';

/** What starts a run. JSON. */
export type Request = {
  /** The queue of dead letters by name, ARN or URL; `null`: every one that is tagged. */
  readonly target: string | null;
  /** `null`: the schedule, which only finishes what was begun. */
  readonly ask: Ask | null;
};

/** What the schedule asks for. */
export const TICK: Request = { target: null, ask: null };

/** The params of a person's request. */
interface PersonParams {
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
  return {
    target,
    ask: { maxMessages, perSecond, filter, maxAgeSeconds, by, delivery: id, at: null },
  };
}

/** Facts as they are seen here; the kernel adds what it knows. */
export type Seen = Observed<Facts>;

/** The queue that is meant, tagged or not; of the schedule, all that are tagged. */
export async function locate({ target }: Request, io: Io): Promise<readonly Located<Seen>[]> {
  if (target === null) return (await taggedQueues(io)).map((arn) => ({ target: arn }));
  const arn = arnMeant(target, io);
  return arn === undefined ? [] : [{ target: arn }];
}

/** Reads the queue, its tags, and the queues whose letters it has. */
export async function observe(target: string, { ask }: Request, io: Io): Promise<Seen> {
  const queue = await readQueue(target, io);
  const none = settingsOf(queueName(target), new Map());
  const nothing = { settings: none, sources: [], sourceCount: 0, parking: null, task: null, readiness: ALL_READY };
  if (queue === null) return { target, queue, ...nothing, ask };
  const [tags, sources, task] = await Promise.all([
    tagsOfQueue(queue, io),
    sourcesOf(queue, io),
    lastTaskOf(queue.arn, io),
  ]);
  const settings = settingsOf(queue.name, tags);
  const parking = settings.parking === null ? null : await readQueue(queueArn(settings.parking, io), io);
  // A tick, too: it may have to finish what a run before it has begun.
  const readiness =
    settings.redrive === null ? ALL_READY : await readinessOf({ queue, sources: sources.sources, parking }, io);
  return { target, queue, settings, ...sources, parking, ask, task, readiness };
}

/** What a plan may hold: the work of our own, or a call that has SQS do it. */
export const apply: { readonly [call: string]: Doing } = {
  [WORK]: redrivePiece,
  [START]: startMoveTask,
  [CANCEL]: cancelMoveTask,
};

/** Each letter is verified where it is sent: only what SQS names as taken is deleted. */
export function verify(): Promise<Verification> {
  return Promise.resolve({ ok: true });
}
