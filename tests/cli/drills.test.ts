/** Every drill's files, given to `handle`. */

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadDrills } from '../../rehearsal/drill.ts';
import { discoverFunctions } from '../../rehearsal/functions.ts';
import { run } from './terminal.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const DRILLS = join(ROOT, 'drills');
const functions = await discoverFunctions(join(ROOT, 'functions'));

const plans = z.object({
  results: z.array(z.object({ plan: z.array(z.object({ call: z.string(), because: z.string().min(3) })) })),
});

/** Without those of thousands of letters, which `npm run drill` plays. */
const SHORT = loadDrills(DRILLS).filter(({ expect: { rehearsedOnly } }) => rehearsedOnly === undefined);

describe.each(SHORT)('drill $name', (drill) => {
  const { name } = drill;
  const files = [join(DRILLS, name, 'event.json'), '--world', join(DRILLS, name, 'world.json')];

  it.each([['acting'], ['planning', '--dry-run']])(
    'is taken by handle, %s, each call with its reason',
    async (_how, ...flags) => {
      const { code, out, err } = await run(['handle', ...files, '--json', ...flags], { functions });
      // Not 2: nothing is wrong with it.
      expect([0, 1, 4]).toContain(code);
      expect(err).toBe('seed 1\n');
      expect(() => plans.parse(JSON.parse(out))).not.toThrow();
    },
  );
});
