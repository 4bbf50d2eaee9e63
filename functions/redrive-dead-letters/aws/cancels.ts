/**
 * Who has been told to stop: partition `redriven` of the data ledger, key `cancel/QUEUE/…`. An item names the run that is meant, as that one
 * has announced itself, so that it stops no other, whatever comes first. Whoever reads what letters went before does not see it: no round
 * is called so.
 */

import { TerminalError } from '../../../shared/kernel/errors.ts';
import { openData } from '../../../shared/kernel/ledger/data.ts';
import { cancelsAt, CANCELS, type Cancel } from '../decide.ts';

/**
 * All that have been told to stop moving letters of a queue. Throws what the ledger throws: nobody goes on without knowing.
 * @throws TerminalError for an item that cannot be read
 */
export async function cancelsOf(queueName: string): Promise<readonly Cancel[]> {
  const items = await openData().list(CANCELS, cancelsAt(queueName));
  return items.map(({ key, value: { run, by, at }, fault }) => {
    if (fault !== undefined || typeof run !== 'string' || typeof by !== 'string' || typeof at !== 'string')
      throw new TerminalError(`data ledger, ${CANCELS}/${key}: ${fault ?? 'no cancel'}: mend or delete the item`);
    return { run, by, at };
  });
}
