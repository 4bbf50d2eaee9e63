/** Everything in a world that a runbook looks after. */

import type { World } from '../../../simulator/engine/model.ts';
import { addressWards } from './addresses.ts';
import { bastionWards } from './bastions.ts';
import { fleetWards } from './fleets.ts';
import { queueWards } from './queues.ts';
import { volumeWards } from './volumes.ts';
import type { Ward } from './ward.ts';

/** What runbooks look after in a world, by kind and then as the world lists it. */
export function wardsIn(world: World): readonly Ward[] {
  return [addressWards, volumeWards, bastionWards, queueWards, fleetWards].flatMap((of) => of(world));
}
