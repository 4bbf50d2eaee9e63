/** Commands that go on until somebody stops them, or until there is nothing more to see. */

import { vi } from 'vitest';
import type { CommandIo } from '../../../cli/terminal.ts';
import { run, type Ran, type Setting } from '../terminal.ts';

/** Runs a command that goes on for so long: then it has ended by itself, or Ctrl-C stops it. The clock is the test's. */
export async function stopped(
  argv: readonly string[],
  setting: Setting,
  afterMs: number,
  by: 'ctrl-c' | 'itself',
): Promise<{ readonly ran: Ran; readonly isForgotten: boolean }> {
  vi.useFakeTimers();
  let interrupt = (): void => undefined;
  let isForgotten = false;
  const onInterrupt: CommandIo['onInterrupt'] = (listener) => {
    interrupt = listener;
    return () => void (isForgotten = true);
  };
  try {
    const running = run(argv, { ...setting, onInterrupt });
    // What a command loads has a clock of its own.
    await vi.waitFor(() => vi.getTimerCount() > 0 || Promise.reject(new Error('nothing is waited for')), 10_000);
    await vi.advanceTimersByTimeAsync(afterMs);
    if (by === 'ctrl-c') interrupt();
    return { ran: await running, isForgotten };
  } finally {
    vi.useRealTimers();
  }
}
