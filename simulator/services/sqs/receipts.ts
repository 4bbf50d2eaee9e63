/** Receipt handles: which message was received from where, for the how manieth time. */

import { isRecord } from '../../engine/json.ts';
import type { Shape, World } from '../../engine/model.ts';
import { refused } from './refusals.ts';
import { arnOf, messagesIn, receivesOf, standingOf } from './state.ts';

/** AWS's own are opaque, too, and begin so. */
const PREFIX = 'AQEB';

interface Receipt {
  readonly queue: string;
  readonly id: string;
  readonly count: number;
}

/** The handle of a receive, another one each time. */
export function handleOf(world: World, queue: Shape, message: Shape): string {
  const receipt = { queue: arnOf(world, queue), id: message['MessageId'], count: receivesOf(message) };
  return PREFIX + Buffer.from(JSON.stringify(receipt)).toString('base64');
}

function decoded(handle: string): Receipt | undefined {
  if (!handle.startsWith(PREFIX)) return undefined;
  try {
    const receipt: unknown = JSON.parse(Buffer.from(handle.slice(PREFIX.length), 'base64').toString());
    if (!isRecord(receipt)) return undefined;
    return { queue: String(receipt['queue']), id: String(receipt['id']), count: Number(receipt['count']) };
  } catch {
    return undefined;
  }
}

/** What a handle is worth now. */
export interface Received {
  /** `undefined`: it is not in the queue any more. */
  readonly message: Shape | undefined;
  /** It was not received again since. */
  readonly isLatest: boolean;
  /** Nobody else can receive it yet. */
  readonly isInFlight: boolean;
}

/**
 * Finds the message of a handle.
 * @throws SqsError where the handle is none of this queue's
 */
export function receivedBy(world: World, queue: Shape, handle: unknown): Received {
  const receipt = decoded(String(handle));
  if (receipt?.queue !== arnOf(world, queue))
    throw refused(
      'ReceiptHandleIsInvalid',
      `The input receipt handle "${String(handle)}" is not a valid receipt handle.`,
    );
  const message = messagesIn(queue).find((one) => one['MessageId'] === receipt.id);
  const isLatest = message !== undefined && receivesOf(message) === receipt.count;
  const isInFlight = isLatest && standingOf(queue, message, world.clock.now()) === 'in flight';
  return { message, isLatest, isInFlight };
}
