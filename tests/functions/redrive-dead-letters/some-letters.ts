/** Letters as a piece has received them. */

import { createHash } from 'node:crypto';
import type { Received } from '../../../functions/redrive-dead-letters/aws/letters.ts';
import { arnOf } from './queue-facts.ts';

/** An hour before the tests' now. */
export const SENT_MS = Date.parse('2026-11-22T07:00:00.000Z');

/** A letter of `orders`; each id has a print of its own. */
export function letter(id: string, more: Partial<Received> = {}): Received {
  const message = more.message ?? { Body: id };
  const print = createHash('sha256').update(id).digest('base64url').slice(0, 8);
  return {
    id,
    receipt: `receipt of ${id}`,
    message,
    home: { arn: arnOf('orders') },
    functionArn: undefined,
    content: message,
    bytes: 10,
    wholeBytes: more.bytes ?? 10,
    sentMs: SENT_MS,
    print,
    ...more,
  };
}
