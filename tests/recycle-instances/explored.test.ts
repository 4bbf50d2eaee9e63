import { describe, expect, it } from 'vitest';
import { concerned, loadDrills, runDrill } from '../../rehearsal/drill.ts';
import { Acquaintance } from '../../rehearsal/explorer/across.ts';
import { explore } from '../../rehearsal/explorer/explorer.ts';
import { HOMES } from '../../rehearsal/explorer/together.ts';
import { discoverFunctions } from '../../rehearsal/functions.ts';
import { NO_FAULTS } from '../../simulator/engine/run-types.ts';

const [home] = HOMES;
const DRILLS = loadDrills(home?.drills ?? '');
const all = await discoverFunctions(home?.functions ?? '');

describe('the small runbook', () => {
  it.each(DRILLS.map((drill) => [drill.name, drill] as const))(
    '%s comes to what it must come to',
    async (_name, drill) => {
      expect((await runDrill(drill, all, { seed: 1, faults: NO_FAULTS })).failures).toEqual([]);
    },
  );

  // All of it is explored by `npm run explore`, a few thousand runs; here is a part, so that nobody has to wait for it to fail.
  it('holds under a share of everything that can go wrong with the kernel', async () => {
    const among = new Acquaintance();
    let runs = 0;
    for (const drill of DRILLS) {
      const share = { index: 3, of: 120 };
      const found = await explore(drill, concerned(drill, all), {
        mode: 'exhaustive',
        seed: 1,
        among,
        ofTheKernel: true,
        share,
        threads: 0,
      });
      expect(found.violations).toEqual([]);
      runs += found.schedules;
    }
    expect(runs).toBeGreaterThan(40);
  }, 60_000);
});
