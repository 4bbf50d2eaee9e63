/** How a queue hands its messages over to an event source mapping (`simulator/hosts/queue-source.ts`). */

import type { Shape } from '../../engine/model.ts';
import { redriveIn } from './schema.ts';
import { attributesOf, messagesIn, secondsOf } from './state.ts';

interface Delivering {
  readonly arn: string;
  readonly visibilityMs: number;
  /** `undefined`: without end. */
  readonly mostReceives: number | undefined;
}

/** How a queue hands its messages over. */
export function deliveringOf(queue: Shape): Delivering {
  const { QueueArn: arn, RedrivePolicy: redrive } = attributesOf(queue);
  return {
    arn: String(arn),
    visibilityMs: secondsOf(queue, 'VisibilityTimeout') * 1_000,
    mostReceives: redriveIn(redrive)?.maxReceiveCount,
  };
}

/** Counts that a message was received once more. */
export function countReceive(queue: Shape, id: unknown, count: number): void {
  const message = messagesIn(queue).find((one) => one['MessageId'] === id);
  if (message !== undefined) attributesOf(message)['ApproximateReceiveCount'] = String(count);
}
