/** What must hold at every moment of a run of prove-blocklist. */

import type { Watcher } from '../../simulator/engine/run-types.ts';
import { changesTheAccount } from '../explorer/effects.ts';

/** Its role may read. What it writes is its own records and what people are told. */
const proofChangesNothing: Watcher = {
  name: 'proof-changes-nothing',
  check: (_world, _memory, _told, sent = []) => {
    const changed = sent.find((request) => request.runbook === 'prove-blocklist' && changesTheAccount(request));
    return changed === undefined ? undefined : `${changed.call} was sent by a proof`;
  },
};

export const INVARIANTS: readonly Watcher[] = [proofChangesNothing];
