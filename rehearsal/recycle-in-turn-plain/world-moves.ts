/** The first turn on the plain host: what others may do is the same in each turn. */

export { WORLD_MOVES } from '../recycle-instances/world-moves.ts';
