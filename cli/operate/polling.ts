/** Looks again and again until there is nothing more to see, a person presses Ctrl-C, or what is looked at cannot be read any more. */

import { classify, errorName } from '../../shared/kernel/errors.ts';
import { UsageError, type CommandIo, type Progress } from '../terminal.ts';
import { inOneLine } from './reading.ts';

/** Pause between two looks: a person sees no difference, and a day of watching is 43,200 reads. */
const PAUSE_MS = 2_000;

/** So many failures in a row end it: a minute at least, within which a throttle is over and a lost connection is back. */
export const MOST_FAILURES = 30;

/** Whether another look may succeed. Credentials that are gone do not come back by themselves. */
function mayPass(error: unknown): boolean {
  if (error instanceof UsageError || errorName(error) === 'CredentialsProviderError') return false;
  return classify(error).class === 'retryable';
}

/** A `look` that outlives passing failures: the first of a row is told, and what cannot pass, or does not, is its end. */
function enduring(
  { stderr }: Pick<CommandIo, 'stderr'>,
  look: () => Promise<'again' | 'seen'>,
  line: Pick<Progress, 'clear'>,
): () => Promise<'again' | 'seen'> {
  let failures = 0;
  return async () => {
    try {
      const seen = await look();
      failures = 0;
      return seen;
    } catch (error) {
      const why = inOneLine(error);
      failures += 1;
      if (!mayPass(error)) throw new Error(`no longer followed: ${why}`, { cause: error });
      if (failures === MOST_FAILURES)
        throw new Error(`no longer followed: ${failures} reads in a row have failed, the last with ${why}`, {
          cause: error,
        });
      line.clear();
      if (failures === 1) stderr.write(`runbook: a read failed and is tried again: ${why}\n`);
      return 'again';
    }
  };
}

/**
 * Calls `look` every two seconds until it says that all is seen. A read that failed for a moment is no end.
 * @param line what `look` shows; it is cleared
 * @returns whether a person has stopped it
 * @throws Error in one line where a read is refused, or has failed `MOST_FAILURES` times in a row
 */
export async function poll(
  io: Pick<CommandIo, 'onInterrupt' | 'stderr'>,
  look: () => Promise<'again' | 'seen'>,
  line: Pick<Progress, 'clear'> = { clear: () => undefined },
): Promise<boolean> {
  const stop = Promise.withResolvers<'stopped'>();
  const forget = io.onInterrupt(() => stop.resolve('stopped'));
  const lookOn = enduring(io, look, line);
  try {
    for (;;) {
      if ((await Promise.race([lookOn(), stop.promise])) !== 'again') break;
      const pause = Promise.withResolvers<'again'>();
      const timer = setTimeout(() => pause.resolve('again'), PAUSE_MS);
      const next = await Promise.race([pause.promise, stop.promise]);
      clearTimeout(timer);
      if (next === 'stopped') break;
    }
    return (await Promise.race([stop.promise, Promise.resolve('seen')])) === 'stopped';
  } finally {
    line.clear();
    forget();
  }
}
