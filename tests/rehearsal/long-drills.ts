/** Drills that take seconds each. `npm run drill` plays them, and `npm run test:long`; other tests leave them to those. */

import type { Drill } from '../../rehearsal/drill.ts';
import { SHARE } from '../share.ts';

const LONG: ReadonlySet<string> = new Set([
  'bastion-by-hand-with-sessions',
  'bastion-sessions-not-counted',
  'carry-abandons-while-address-waits',
  'carry-archived-snapshot',
  'carry-copied-snapshot',
  'carry-gives-up',
  'carry-slow-snapshot',
  'carry-zone-lost',
  'hpc-gate-shut',
  'hpc-stage-in-fails',
]);

/** Those that a test plays. */
export function played(drills: readonly Drill[]): readonly Drill[] {
  const unknown = [...LONG].filter((long) => !drills.some(({ name }) => name === long));
  if (unknown.length > 0) throw new Error(`there are no drills ${unknown.join(', ')}`);
  const short = drills.filter(({ expect: { rehearsedOnly } }) => rehearsedOnly === undefined);
  return SHARE === 1 ? short : short.filter(({ name }) => !LONG.has(name));
}
