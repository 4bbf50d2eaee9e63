/** Consumers in a world file: whoever takes from a queue, as a function behind an event source mapping does. */

import { z } from 'zod';
import { BadInputError } from '../../shared/kernel/errors.ts';
import type { Shape, WorldData } from '../engine/model.ts';
import { durationSchema, endOf, failsSchema, untilSchema } from './failing.ts';

/** Where they live among the services' collections, so that a copy of the world holds them. */
export const CONSUMERS = { service: 'consumers', collection: 'Consumers' } as const;

const consumerSchema = z.strictObject({
  queue: z.string().describe('The name of its queue, at home.'),
  handles: durationSchema.describe(
    'How long it is at one message. It takes ten at once, and deletes those that it has handled.',
  ),
  fails: failsSchema
    .optional()
    .describe('All, the first so many that it receives, or those whose body is so. Absent: none.'),
  until: untilSchema
    .optional()
    .describe('How long it fails: from the beginning of the world, or a time. Absent: always.'),
  received: z.number().int().min(0).optional().describe("The simulator's own: messages that it was given."),
  handled: z.number().int().min(0).optional().describe("The simulator's own: messages that it has handled."),
});

export const consumersSchema = z
  .array(consumerSchema)
  .optional()
  .describe(
    'Whoever takes messages from queues. What it fails on comes again after its time-out, and goes where the redrive policy says.',
  );

/** Consumers as the world holds them: what ends them is a time. */
export function consumersOf(given: z.infer<typeof consumersSchema>, nowMs: number): Shape[] {
  return (given ?? []).map(({ until, received = 0, handled = 0, ...consumer }) => {
    return { ...consumer, ...(until === undefined ? {} : { until: endOf(until, nowMs) }), received, handled };
  });
}

/**
 * Whoever takes from a queue that is not there would leave everything where it is.
 * @throws BadInputError with the JSON path of the queue's name
 */
export function refuseUnknownQueues(consumers: readonly Shape[], { sqs = {} }: WorldData): void {
  const names = (sqs['Queues'] ?? []).map(({ QueueName: name }) => name);
  const index = consumers.findIndex(({ queue }) => !names.includes(queue));
  if (index >= 0)
    throw new BadInputError(`consumers[${index}].queue`, `there is no queue ${String(consumers[index]?.['queue'])}`);
}
