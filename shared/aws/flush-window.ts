/** Windows in which changes were collected, in the data ledger. */

import { FLUSH_WINDOW, windowRowOf, type WindowRow } from '../judgement/flush-window.ts';
import { openData } from '../kernel/ledger/data.ts';

/**
 * The item of a window; `undefined`: there is none.
 * @throws TerminalError where it cannot be read
 */
export async function readWindow(name: string): Promise<WindowRow | undefined> {
  const item = await openData().read(FLUSH_WINDOW, name);
  return item === undefined ? undefined : windowRowOf(item);
}
