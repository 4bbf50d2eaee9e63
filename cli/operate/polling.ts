/** Looks again and again until there is nothing more to see, or a person presses Ctrl-C. */

import type { CommandIo } from '../terminal.ts';

/** Pause between two looks: a person sees no difference, and a day of watching is 43,200 reads. */
const PAUSE_MS = 2_000;

/**
 * Calls `look` every two seconds until it says that all is seen.
 * @returns whether a person has stopped it
 */
export async function poll(
  io: Pick<CommandIo, 'onInterrupt'>,
  look: () => Promise<'again' | 'seen'>,
): Promise<boolean> {
  const stop = Promise.withResolvers<'stopped'>();
  const forget = io.onInterrupt(() => stop.resolve('stopped'));
  try {
    for (;;) {
      if ((await Promise.race([look(), stop.promise])) !== 'again') break;
      const pause = Promise.withResolvers<'again'>();
      const timer = setTimeout(() => pause.resolve('again'), PAUSE_MS);
      const next = await Promise.race([pause.promise, stop.promise]);
      clearTimeout(timer);
      if (next === 'stopped') break;
    }
    return (await Promise.race([stop.promise, Promise.resolve('seen')])) === 'stopped';
  } finally {
    forget();
  }
}
