/** What is set by the tags of what serves one queue and has nothing else to set: a compute environment, a cluster. */

import { settingsReader, wholeNumber } from '../../../shared/aws/tag-settings.ts';
import { TAG } from './templates.ts';

/** Which queue it serves, how long it is kept without a job, and one line for each tag that cannot be read. */
interface QueueSettings {
  /** `null`: the tag cannot be read. */
  readonly queue: string | null;
  readonly idleSeconds: number;
  readonly problems: readonly string[];
}

/**
 * Reads them.
 * @param id names the resource in what is said of its tags
 * @param names what a queue of the kind can be called
 * @param called the kind, in words
 * @param autoSeconds what `auto` means
 */
export function queueSettings(
  id: string,
  tags: ReadonlyMap<string, string>,
  [names, called]: readonly [RegExp, string],
  autoSeconds: number,
): QueueSettings {
  const { problems, read } = settingsReader(id, tags);
  const queue = read(TAG, null, (text) => (names.test(text) ? text : undefined), `the name of a ${called}`);
  const secondsIn = (text: string): number | undefined => (text === 'auto' ? autoSeconds : wholeNumber(text));
  const idleSeconds = read('runbook:idle-seconds', autoSeconds, secondsIn, 'auto or a number of seconds');
  return { queue, idleSeconds, problems };
}
