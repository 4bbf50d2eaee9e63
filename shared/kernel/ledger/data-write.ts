/** Sends a planned write to the data ledger. */

import type { Change } from '../definition.ts';
import { openData } from './data.ts';
import { writeOf } from './planned-write.ts';

/** Somebody has written the item since it was read. */
class OvertakenError extends Error {
  override readonly name = 'ConditionalCheckFailedException';
}

/** The change of `ledger:write`. Where somebody has written since, the run looks again. */
export const dataWrite: Change = {
  send: async (input) => {
    const write = writeOf(input);
    if (await openData().write(write)) return;
    throw new OvertakenError(`${write.partition}/${write.key} was written meanwhile`);
  },
  means: { ConditionalCheckFailedException: 'conflict' },
};
