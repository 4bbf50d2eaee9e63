/** Generated worlds in which somebody puts up a wall: how often it is named, and what is blamed besides. */

import type { DeployedFunction } from '../../../simulator/engine/run-types.ts';
import { OF_BLAME, spellsOf } from '../../../rehearsal/heal-bastion/interests/blame.ts';
import { WORLDS } from '../../../rehearsal/heal-bastion/worlds.ts';
import { batchOf, worldsOf } from '../../../rehearsal/worlds/draw.ts';
import type { Given, Interest } from '../../../rehearsal/worlds/interest.ts';
import { tryOut } from '../../../rehearsal/worlds/trial.ts';

const RUNBOOK = 'heal-bastion';

/** How many worlds are drawn for each in which checks are shut out. */
const DRAWN = 12;

export interface Told {
  /** Worlds in which checks of some host were shut out long enough to be told. */
  readonly worlds: number;
  /** Those in which all was named that shut them out. */
  readonly named: number;
  /** What was blamed and lets checks through. */
  readonly wrong: readonly string[];
}

/** Tries worlds with walls until in `most` of them checks were shut out. */
export async function toldOfWalls(
  functions: readonly DeployedFunction[],
  { seed, batch, most }: { readonly seed: number; readonly batch: number; readonly most: number },
): Promise<Told> {
  const drawn = batchOf(worldsOf([{ runbook: RUNBOOK, parts: WORLDS }]), seed, batch, most * DRAWN);
  let [worlds, named] = [0, 0];
  const wrong: string[] = [];
  for (const one of drawn) {
    const isWalled = /"ec2\/(?:SecurityGroups|NetworkAcls)\//u.test(JSON.stringify(one.case.world));
    if (worlds === most || !isWalled) continue;
    const seen: Given[] = [];
    const spy: Interest = {
      name: 'spy',
      quotes: '',
      watch: (given) => {
        seen.push(given);
        return () => undefined;
      },
    };
    const { wrongs } = await tryOut(one, functions, { [RUNBOOK]: [...OF_BLAME, spy] });
    wrong.push(...wrongs.filter(({ interest }) => interest === 'nothing-else-is-blamed').map(({ what }) => what));
    const spells = seen.flatMap(spellsOf);
    if (spells.length === 0) continue;
    worlds += 1;
    named += Number(spells.every(({ isNamed }) => isNamed));
  }
  return { worlds, named, wrong };
}
