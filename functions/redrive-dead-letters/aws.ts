/**
 * Reads and moves for `redrive-dead-letters`. Behind it, in `aws/`: `queues` and the `settings` of one, and a `piece` of the work with
 * `letters`, their `sending` and `deleting`, and the `tally` of what became of each.
 */

import type { Doing, Io, Located, Observed, Verification } from '../../shared/kernel/definition.ts';
import { queueArn } from '../../shared/aws/arn.ts';
import { BadInputError } from '../../shared/kernel/errors.ts';
import type { RequestDelivery } from '../../shared/kernel/triggers/request.ts';
import { arnMeant, readQueue, sourcesOf, taggedQueues, tagsOfQueue, queueName } from './aws/queues.ts';
import { redrivePiece } from './aws/piece.ts';
import type { Request } from './aws/requests.ts';
import { settingsOf } from './aws/settings.ts';
import { filterOf, WORK, type Facts } from './decide.ts';

export { ofAlarm, TICK, type Request } from './aws/requests.ts';

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
export async function observe(target: string, { ask, alarm: rings }: Request, io: Io): Promise<Seen> {
  const alarm = rings ?? null;
  const queue = await readQueue(target, io);
  const none = settingsOf(queueName(target), new Map());
  if (queue === null) return { target, queue, settings: none, sources: [], sourceCount: 0, parking: null, ask, alarm };
  const [tags, sources] = await Promise.all([tagsOfQueue(queue, io), sourcesOf(queue, io)]);
  const settings = settingsOf(queue.name, tags);
  const parking = settings.parking === null ? null : await readQueue(queueArn(settings.parking, io), io);
  return { target, queue, settings, ...sources, parking, ask, alarm };
}

/** The one entry that a plan may hold. */
export const apply: { readonly [call: string]: Doing } = { [WORK]: redrivePiece };

/** Each letter is verified where it is sent: only what SQS names as taken is deleted. */
export function verify(): Promise<Verification> {
  return Promise.resolve({ ok: true });
}
