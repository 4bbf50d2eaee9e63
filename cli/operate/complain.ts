/** What is the matter, on standard error. */

import { withoutFeeds } from '../layout.ts';
import type { CommandIo } from '../terminal.ts';

/** Says it in one line: a reason that somebody has written into the ledger is no line of the command's own. */
export function complain({ stderr }: Pick<CommandIo, 'stderr'>, text: string): void {
  stderr.write(`runbook: ${withoutFeeds(text).trim()}\n`);
}
