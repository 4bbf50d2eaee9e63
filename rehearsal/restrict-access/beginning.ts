/** A world that says nothing of what is the account's own at CloudFront has had it read when it begins. */

import { rangesOf } from '../../shared/judgement/blocklist/ranges.ts';
import { ANYCAST, ANYCAST_READ, NEVER_BLOCK } from '../../shared/judgement/blocklist/rows.ts';
import type { Beginning } from '../../simulator/engine/run-types.ts';
import { anycastIn } from '../blocklist/told.ts';

/** Has the ledger know it, unless the world's own ledger does, or there is none. */
export function begin({ world, ledger, data }: Beginning): void {
  const isSaid =
    data.dump().some(({ partition, key }) => partition === NEVER_BLOCK && key === ANYCAST) ||
    ledger.dump().resources.some(({ resource }) => resource === ANYCAST_READ);
  const ranges = [...rangesOf(anycastIn(world))];
  if (isSaid || ranges.length === 0) return;
  data.know({ partition: NEVER_BLOCK, key: ANYCAST, value: { ranges } });
  const memory = { [ANYCAST]: world.clock.iso() };
  ledger.know({ resource: ANYCAST_READ, runbook: 'restrict-access', history: { epoch: 0, actions: [], memory } });
}
