import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { discoverFunctions } from '../../../rehearsal/functions.ts';
import { Bench, together } from '../../../rehearsal/worlds/bench.ts';
import { catalogueOf } from '../../../rehearsal/worlds/catalogue.ts';
import { replayCommand, writeFiles } from '../../../rehearsal/worlds/print.ts';
import { missing, reachText, sum } from '../../../rehearsal/worlds/reach.ts';
import { demandAnEnd, kindOf } from '../../../rehearsal/worlds/trial.ts';
import { parseEvents, parseWorld } from '../../../simulator/world/world-file.ts';

const FUNCTIONS = fileURLToPath(new URL('../../../functions', import.meta.url));
const functions = await discoverFunctions(FUNCTIONS);
const catalogue = await catalogueOf();
/** A share of what `worlds.long.test.ts` and `drill --faults worlds` try. */
const SEED = 1;

describe('a share of generated worlds', () => {
  it('keeps every promise', async () => {
    const movers = await catalogueOf(['carry-volumes', 'reassign-elastic-ip']);
    const ends = [
      await new Bench(functions, movers, SEED).batch(0, 10),
      await new Bench(functions, catalogue, SEED).batch(1, 3),
    ];
    const found = together(ends.flatMap(({ findings }) => findings));
    expect(found.map(({ interest, what, spot }) => [interest, what, replayCommand([], SEED, spot)])).toEqual([]);
    const { 'carry-volumes': volumes, 'reassign-elastic-ip': addresses } = sum(ends.map(({ reach }) => reach));
    expect(volumes?.acted).toBeGreaterThan(3);
    expect(addresses?.acted).toBeGreaterThan(3);
  }, 60_000);
});

describe('what worlds came upon', () => {
  const some = { worlds: 10, acted: 3, refused: 2, failed: 0, waited: 1, raced: 1 };

  it('is added up, runbook by runbook', () => {
    expect(sum([{ one: some }, { one: some, other: { ...some, failed: 1 } }])).toEqual({
      one: { worlds: 20, acted: 6, refused: 4, failed: 0, waited: 2, raced: 2 },
      other: { ...some, failed: 1 },
    });
  });

  it('is told, and what is missing too', () => {
    expect(reachText({ one: some })).toEqual([
      'one: 10 worlds, of which acted 3, refused 2, failed 0, waited 1, raced 1',
    ]);
    expect(missing({ one: some })).toEqual(['in none of 10 worlds one failed: they have shown nothing about it']);
    expect(missing({ one: { ...some, failed: 1 } })).toEqual([]);
  });
});

describe('a world that comes to no end', () => {
  it('is given up after twenty thousand requests', () => {
    expect(() => demandAnEnd(20_000)).not.toThrow();
    expect(() => demandAnEnd(20_001)).toThrow('it has sent 20000 requests, and goes on');
  });
});

describe('what is wrong in a world', () => {
  it('is of one kind whatever the ids, numbers and times in it', () => {
    const one = kindOf({ interest: 'told', what: 'i-0a1 was stopped at 2026-11-22T08:00:00Z for 180 s' });
    expect(kindOf({ interest: 'told', what: 'i-0fabc12 was stopped at 2026-11-22T09:10:00Z for 90 s' })).toBe(one);
    expect(kindOf({ interest: 'other', what: 'i-0a1 was stopped at 2026-11-22T08:00:00Z for 180 s' })).not.toBe(one);
  });

  it('is written down as files that the command takes', async () => {
    const root = mkdtempSync(join(tmpdir(), 'worlds-'));
    try {
      const spot = { batch: 0, path: '5' };
      const finding = { kind: 'k', interest: 'never-taken-off', what: 'it is on nobody', spot, count: 1 };
      const movers = await catalogueOf(['carry-volumes', 'reassign-elastic-ip']);
      const drawn = new Bench(functions, movers, SEED).drawn(spot);
      const replay = replayCommand(['carry-volumes'], SEED, spot);
      const { interests } = movers;
      const folder = writeFiles(root, drawn, functions, { seed: SEED, finding, replay, interests });
      const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
      expect(() => parseWorld(read('world.json'))).not.toThrow();
      const ticks = parseEvents(read('event.json')).filter(({ runbook }) => runbook !== undefined);
      expect(ticks.length).toBeGreaterThan(4);
      const page = readFileSync(join(folder, 'README.md'), 'utf8');
      expect(page).toContain('# never-taken-off\n\nit is on nobody\n');
      expect(page).toContain('functions/reassign-elastic-ip/README.md: "one atomic call, never disassociated first"');
      expect(page).toContain('npx runbook drill --faults worlds carry-volumes --seed 1 --replay 0/5');
      expect(page).toContain(`npx runbook handle ${folder}/event.json --world ${folder}/world.json`);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
