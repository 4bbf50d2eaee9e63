/** What people set by tags on a queue of dead letters, read strictly: a tag that cannot be read is a problem, never a default. */

import { settingsReader, wholeNumber } from '../../../shared/aws/tag-settings.ts';
import type { Settings } from '../decide.ts';

const MODES = ['auto', 'manual'] as const;

function mode(text: string): (typeof MODES)[number] | undefined {
  return MODES.find((one) => one === text);
}

/** More than SQS takes of one caller is no rate. Source: the quota of a standard queue is "nearly unlimited"; assumed. */
const MOST_PER_SECOND = 10_000;

function rate(text: string): number | undefined {
  const number = wholeNumber(text);
  return number === undefined || number === 0 || number > MOST_PER_SECOND ? undefined : number;
}

/** Source: API_CreateQueue, `QueueName`. */
function queueNameIn(text: string): string | undefined {
  return /^[\w-]{1,80}$|^[\w-]{1,75}\.fifo$/u.test(text) ? text : undefined;
}

/** More would be a loop that takes days. Assumed. */
const MOST_ATTEMPTS = 20;

function attempts(text: string): number | 'none' | undefined {
  if (text === 'none') return text;
  const number = wholeNumber(text);
  return number === undefined || number === 0 || number > MOST_ATTEMPTS ? undefined : number;
}

/** The settings of a queue, and what cannot be read of them. */
export function settingsOf(name: string, tags: ReadonlyMap<string, string>): Settings {
  const { problems, read } = settingsReader(name, tags);
  return {
    redrive: read<Settings['redrive']>('runbook:redrive', null, mode, 'auto or manual'),
    perSecond: read<number | null>(
      'runbook:redrive-per-second',
      null,
      rate,
      `a whole number from 1 to ${MOST_PER_SECOND}`,
    ),
    maxAttempts: read<Settings['maxAttempts']>(
      'runbook:redrive-max-attempts',
      null,
      attempts,
      `a whole number from 1 to ${MOST_ATTEMPTS}, or none`,
    ),
    parking: read<string | null>('runbook:parking', null, queueNameIn, 'the name of a queue'),
    problems,
  };
}
