/** What must hold at every moment of a run of check-readiness. */

import type { Watcher } from '../../simulator/engine/run-types.ts';
import { changesTheAccount } from '../explorer/effects.ts';

/** Its role may read. What it writes is its own records and what people are told. */
const readinessChangesNothing: Watcher = {
  name: 'readiness-changes-nothing',
  check: (_world, _memory, _told, sent = []) => {
    const changed = sent.find((request) => request.runbook === 'check-readiness' && changesTheAccount(request));
    return changed === undefined ? undefined : `${changed.call} was sent by a look`;
  },
};

export const INVARIANTS: readonly Watcher[] = [readinessChangesNothing];
