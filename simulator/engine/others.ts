/** Others who are at work in the account beside the runbooks: whoever changes it between a look and a call, another run. */

import { fullPath } from '../world/regions.ts';
import { change } from '../world/script.ts';
import type { MemoryLedger } from './ledger.ts';
import type { Shape } from './model.ts';
import type { Others } from './requests.ts';
import type { TimelineEntry, WorldMove } from './run-types.ts';
import type { SimulatedWorld } from './world.ts';

/** How long a lease stays with the run that took it and died: a little more than runs take theirs for (30 s). */
const STOLEN_FOR_MS = 40_000;

/** What the others may reach. */
interface Reach {
  readonly home: SimulatedWorld;
  readonly ledger: () => MemoryLedger;
  readonly note: (kind: TimelineEntry['kind'], text: string) => void;
}

/** The others of one run. `moves`: what they may do to the account. */
export function othersIn({ home, ledger, note }: Reach, moves: readonly WorldMove[]): Others {
  const at = (milliseconds: number): string => new Date(milliseconds).toISOString();
  const applies = ({ before, happens }: WorldMove, call: string, input: Shape, world: SimulatedWorld): boolean =>
    before.includes(call) && happens(input, world) !== undefined;
  return {
    // Several runbooks may name the same move.
    movesBefore: (call, input, world) => [
      ...new Set(moves.filter((move) => applies(move, call, input, world)).map(({ name }) => name)),
    ],
    move: (name, input, world) => {
      const changes = moves.find((move) => move.name === name)?.happens(input, world) ?? {};
      for (const [path, value] of Object.entries(changes)) {
        note('world', `${fullPath(world, path)} = ${JSON.stringify(value)}`);
        change(world, path, value, `move ${name}`);
      }
      return Object.keys(changes);
    },
    stealLeases: () => {
      const now = home.clock.now();
      return ledger().takeAway(at(now), at(now + STOLEN_FOR_MS));
    },
  };
}
