/** SQS has no queue of that name. */

import { errorName } from '../../kernel/errors.ts';

/**
 * Two names for the same: the SDK's class, and the code that SQS sends beside it, which is the name where the class is not there. In a
 * bundle no error has a class. Source: SQS API reference, "Common errors"; build/slim-schemas.ts, `dropErrorClasses`.
 */
const NAMES: ReadonlySet<string> = new Set(['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue']);

export function isNoQueue(error: unknown): boolean {
  return NAMES.has(errorName(error));
}
