/** The first turn on the plain host: what faults may change is what they may of a turn on the durable one. */

export { RULES } from '../recycle-in-turn/rules.ts';
