/** Worlds that nobody wrote: what is told of a loss agrees with what the pages promise, which is held against the same run. */

import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { discoverFunctions } from '../../../rehearsal/functions.ts';
import { plightOf } from '../../../rehearsal/reassign-elastic-ip/places.ts';
import { judged } from '../../../rehearsal/whatif/judge.ts';
import { concerns, lossesIn } from '../../../rehearsal/whatif/losses.ts';
import { play } from '../../../rehearsal/whatif/play.ts';
import type { Fared } from '../../../rehearsal/whatif/what-if.ts';
import { beforeTheLoss } from '../../../rehearsal/whatif/whatif.ts';
import { wardsIn } from '../../../rehearsal/whatif/wards/wards.ts';
import type { Case } from '../../../rehearsal/worlds/case.ts';
import { catalogueOf } from '../../../rehearsal/worlds/catalogue.ts';
import { worldsOf } from '../../../rehearsal/worlds/draw.ts';
import { Given } from '../../../rehearsal/worlds/interest.ts';
import type { Watcher } from '../../../simulator/engine/run-types.ts';
import type { World } from '../../../simulator/engine/model.ts';
import { find } from '../../../simulator/services/ec2/state.ts';
import { parseWorld } from '../../../simulator/world/world-file.ts';

const RUNBOOK = 'reassign-elastic-ip';
const functions = (await discoverFunctions(join(import.meta.dirname, '..', '..', '..', 'functions'))).filter(
  ({ summary }) => summary.name === RUNBOOK,
);
const { makers, interests } = await catalogueOf([RUNBOOK]);
const FOLLOWED_MINUTES = 30;

/** A drawn world without what happens in it by itself: nothing but the loss does. */
function quiet(drawn: Case): Case {
  const surroundings = { ...drawn.surroundings, ledgerLost: false, switched: [], faults: [] };
  const ledger = {};
  return { ...drawn, world: { ...drawn.world, ledger, script: [] }, arrivals: [], minutes: 60, surroundings };
}

/** What the page promises of service, held against every moment of a run. */
function promises(given: Given): readonly Watcher[] {
  return (interests[RUNBOOK] ?? []).flatMap(({ name, watch }): Watcher[] => {
    const look = watch?.(given);
    return look === undefined
      ? []
      : [{ name, check: (world, _memory, told = [], sent = []) => look(world, told, sent) }];
  });
}

/** Where a verdict says otherwise than the interests do of the same end. They say nothing of a probe: it may know more, never less. */
function disagreement({ id, verdict, last }: Fared, world: World): readonly string[] {
  const address = find(world, 'Addresses', id);
  const plight = address === undefined ? 'is gone' : plightOf(world, address);
  if (plight === undefined) return [];
  return verdict === 'recovers' || last === undefined ? [`${id} ${verdict}, and it ${plight}`] : [];
}

describe('what is told of a loss', () => {
  it('agrees with the promises of the page, and with how the address stands in the end', async () => {
    const seen = new Set<string>();
    const broken: string[] = [];
    const faults: string[] = [];
    const drawn = fc.sample(worldsOf(makers), { seed: 20_261_130, numRuns: 10 });
    for (const { case: one } of drawn) {
      const calm = quiet(one);
      const world = parseWorld(calm.world);
      const before = await beforeTheLoss(world, functions, calm.seed);
      const wards = wardsIn(before).filter(({ kind }) => kind === 'address');
      const losses = lossesIn(before, ['instance']).filter((loss) => wards.some((ward) => concerns(loss, ward)));
      const [loss] = losses;
      if (loss === undefined) continue;
      const given = new Given(calm, [{ afterMs: 0, set: loss.set }]);
      const cast = { wards, functions, seed: calm.seed, watchers: promises(given) };
      const played = await play({ world, losses: [loss], followedMs: FOLLOWED_MINUTES * 60_000, ...cast });
      // A promise that is not kept would be told as a loss that the runbook could have mended.
      expect(played.end.violations).toEqual([]);
      expect(played.unknown).toBeUndefined();
      const report = judged([loss], 'single', played, { runbooks: [RUNBOOK], alarms: [] });
      seen.add(report.verdict);
      faults.push(...report.fared.flatMap((fared) => disagreement(fared, played.end.world)));
      if (report.verdict !== 'recovers') continue;
      const alone = { ...cast, functions: [], watchers: promises(given) };
      const idle = await play({ world, losses: [loss], followedMs: FOLLOWED_MINUTES * 60_000, ...alone });
      broken.push(...idle.end.violations);
      const { verdict } = judged([loss], 'single', idle, { runbooks: [], alarms: [] });
      faults.push(...(verdict === 'recovers' ? [`${loss.lost.id} recovers though no runbook is there`] : []));
    }
    expect(faults).toEqual([]);
    // Where nobody is deployed, the same promises are broken: they can be.
    expect(broken.length).toBeGreaterThan(0);
    expect([...seen].toSorted()).toEqual(['needs a person', 'recovers', 'unaffected']);
  });
});
