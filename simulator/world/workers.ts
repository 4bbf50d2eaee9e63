/** Workers in a world file: whoever does the jobs of a queue on gangs of instances, a whole gang at one job. */

import { z } from 'zod';
import { BadInputError } from '../../shared/kernel/errors.ts';
import type { Shape, WorldData } from '../engine/model.ts';
import { durationSchema, endOf, failsSchema, untilSchema } from './failing.ts';

/** Where they live among the services' collections, so that a copy of the world holds them and expectations reach them. */
export const WORKERS = { service: 'workers', collection: 'Workers', key: 'queue' } as const;

/** What a worker takes for granted that says nothing else. Assumed. */
const DEFAULTS = { starts: 'PT30S', polls: 'PT20S', visibility: 'PT5M' } as const;

const count = (what: string) => z.number().int().min(0).optional().describe(`The simulator's own: ${what}.`);

const time = z.iso.datetime({ offset: true });

const job = z.strictObject({ gang: z.string(), message: z.string(), handle: z.string(), since: time, until: time });

const hold = z.strictObject({ gang: z.string(), until: time.optional() });

const loss = z.strictObject({ gang: z.string(), node: z.string(), at: time, byCall: z.boolean() });

const workerSchema = z.strictObject({
  queue: z.string().describe('The name of its queue, at home: also what the tag runbook:hpc-queue of its gangs says.'),
  works: durationSchema.describe('How long a gang is at one job.'),
  starts: durationSchema.optional().describe(`From when all nodes run to the first look. Absent: ${DEFAULTS.starts}.`),
  polls: durationSchema.optional().describe(`From one look to the next. Absent: ${DEFAULTS.polls}.`),
  visibility: durationSchema
    .optional()
    .describe(`For how long a job is hidden: rank 0 renews that while it works. Absent: ${DEFAULTS.visibility}.`),
  attests: durationSchema
    .optional()
    .describe(
      'From when all nodes run to when each has attested in the ledger; then it takes jobs only once its gang is noted there as up. Absent: no node attests, and nobody waits.',
    ),
  attestFault: z.string().optional().describe('Why its nodes cannot work: they attest that. Absent: they can.'),
  fails: failsSchema
    .optional()
    .describe(
      'All, the first so many that it begins, or those whose body is so: they are left to their time-out. Absent: none.',
    ),
  until: untilSchema
    .optional()
    .describe('How long it fails: from the beginning of the world, or a time. Absent: always.'),
  started: count('jobs that were begun'),
  finished: count('jobs that were done and deleted'),
  failed: count('jobs that it failed on'),
  killed: count('jobs that ended because a call terminated a node of the gang'),
  lost: count('jobs that ended because a node of the gang went otherwise'),
  twice: count('jobs that were begun and had been begun before'),
  jobs: z.array(job).optional().describe("The simulator's own: jobs that gangs are at."),
  holds: z.array(hold).optional().describe("The simulator's own: gangs that a worker protects."),
  losses: z
    .array(loss)
    .optional()
    .describe("The simulator's own: the node that ended a job, and whether a call terminated it."),
});

export const workersSchema = z
  .array(workerSchema)
  .optional()
  .describe(
    'Whoever does the jobs of a queue: on each gang (instances that share a tag runbook:run, as many as runbook:nodes-per-job says) ' +
      'the node of AmiLaunchIndex 0 protects itself, takes a message, works, deletes it, and gives the protection back.',
  );

/** Workers as the world holds them: with all their members; what ends their failing is a time. */
export function workersOf(given: z.infer<typeof workersSchema>, nowMs: number): Shape[] {
  return (given ?? []).map(({ until, ...worker }) => ({
    ...DEFAULTS,
    ...worker,
    ...(until === undefined ? {} : { until: endOf(until, nowMs) }),
    started: worker.started ?? 0,
    finished: worker.finished ?? 0,
    failed: worker.failed ?? 0,
    killed: worker.killed ?? 0,
    lost: worker.lost ?? 0,
    twice: worker.twice ?? 0,
    jobs: worker.jobs ?? [],
    holds: worker.holds ?? [],
    losses: worker.losses ?? [],
  }));
}

/**
 * A queue that is not there has no jobs; two workers of one queue would be on the same gangs.
 * @throws BadInputError with the JSON path of the queue's name
 */
export function refuseUnworkable(workers: readonly Shape[], { sqs = {} }: WorldData): void {
  const names = (sqs['Queues'] ?? []).map(({ QueueName: name }) => name);
  for (const [index, { queue }] of workers.entries()) {
    const at = `workers[${index}].queue`;
    if (!names.includes(queue)) throw new BadInputError(at, `there is no queue ${String(queue)}`);
    if (workers.findIndex((other) => other['queue'] === queue) < index)
      throw new BadInputError(at, `${String(queue)} has a worker already: one is on all of its gangs`);
  }
}
