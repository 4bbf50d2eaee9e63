/** Drills whose world has a document of Systems Manager that is named after a stack: there is none for a stack of another name. */

import type { Drill } from '../../rehearsal/drill.ts';

export function hasOwnDocuments({ world }: Pick<Drill, 'world'>): boolean {
  return (world.data['ssm']?.['Documents'] ?? []).some(({ Name }) => String(Name).endsWith('-deny-networks'));
}
