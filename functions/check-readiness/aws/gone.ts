/** What AWS says of a thing that is not there. */

import { isNoQueue } from '../../../shared/aws/sqs/no-queue.ts';
import { errorName } from '../../../shared/kernel/errors.ts';

/** Names by which services say so, each in its own way. */
const GONE: ReadonlySet<string> = new Set([
  'NotFound',
  'NotFoundException',
  'ParameterNotFound',
  'ResourceNotFoundException',
]);

/** AWS's answer; `null`: there is no such thing. Throws where there is no answer. */
export async function unlessGone<T>(request: () => Promise<T>): Promise<T | null> {
  try {
    return await request();
  } catch (error) {
    if (GONE.has(errorName(error)) || isNoQueue(error)) return null;
    throw error;
  }
}
