/** The small runbook in two Regions: what others may do is the same in each. */

export { WORLD_MOVES } from '../recycle-instances/world-moves.ts';
