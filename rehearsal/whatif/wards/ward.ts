/** Something that a runbook looks after, and how its user is served by it at a moment. */

import type { World } from '../../../simulator/engine/model.ts';
import type { Attended, Rpo } from '../what-if.ts';

/** How it stands with something: as it should, in part, or not. `what`: what is wrong, a clause about it. */
export type Look = { readonly level: 'good' } | { readonly level: 'partly' | 'bad'; readonly what: string };

export const GOOD: Look = { level: 'good' };

/** Something that is looked after, as it was when nothing had been lost yet. */
export interface Ward extends Attended {
  /** Ids of instances, volumes, keys and queues whose loss may concern it. */
  readonly parts: ReadonlySet<string>;
  /** How it stands now, by what the world shows; what the runbook says of it is not asked. */
  readonly look: (world: World) => Look;
  /** It stands no better for longer than the longest pause of its runbook: nothing more is to be expected. */
  readonly patienceSeconds: number;
  /** The line by which a person starts its runbook, which does not begin by itself here; absent: it does. */
  readonly byHand?: string;
  /** How much of its data is there now; absent: it has none. */
  readonly rpo?: (world: World, lostAtMs: number) => Rpo;
}
