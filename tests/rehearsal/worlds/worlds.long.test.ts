import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { discoverFunctions } from '../../../rehearsal/functions.ts';
import { tryWorlds } from '../../../rehearsal/worlds.ts';

const FUNCTIONS = fileURLToPath(new URL('../../../functions', import.meta.url));

describe('a thousand generated worlds', () => {
  it('keep every promise, and come upon everything', async () => {
    const functions = await discoverFunctions(FUNCTIONS);
    const { findings, untold, missing } = await tryWorlds(functions, { names: [], seed: 2, count: 1_000 });
    expect(findings).toEqual([]);
    expect(untold).toBe(0);
    expect(missing).toEqual([]);
  });
});
