import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { discoverFunctions } from '../../../rehearsal/functions.ts';
import { toldOfWalls } from './walls.ts';

const functions = await discoverFunctions(fileURLToPath(new URL('../../../functions', import.meta.url)));
const WORLDS = 120;

describe('what shuts checks out of generated worlds', () => {
  it('is named in 95 of 100 at least, and nothing else ever', async () => {
    const { worlds, named, wrong } = await toldOfWalls(functions, { seed: 23, batch: 0, most: WORLDS });
    process.stdout.write(
      `${named} of ${worlds} worlds with a wall have it named, ${wrong.length} blame something else\n`,
    );
    expect(wrong).toEqual([]);
    expect(worlds).toBe(WORLDS);
    expect(named).toBeGreaterThanOrEqual(WORLDS * 0.95);
  }, 1_200_000);
});
