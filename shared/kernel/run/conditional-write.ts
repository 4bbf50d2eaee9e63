/** The safety of many small items whose one guarded write is the whole action. */

import { fault, type Fault } from '../errors.ts';

/**
 * What a definition says in place of a lease: no lease is taken, no budget booked, no history read or kept. The condition of the
 * write is all there is, and whoever comes second looks again.
 */
export interface ConditionalWrite {
  /** How a run ends whose kill switch cannot be read: what is asked for once no schedule looks at again, so Lambda is to try it again. */
  readonly unread: Fault;
}

export const conditionalWrite: ConditionalWrite = {
  unread: fault('retryable', 'LedgerLost', 'the kill switch cannot be read'),
};
