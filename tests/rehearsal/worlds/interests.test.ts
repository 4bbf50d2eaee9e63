import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { catalogueOf, runbooksWithWorlds } from '../../../rehearsal/worlds/catalogue.ts';

const { interests } = await catalogueOf();
const PROMISES = Object.entries(interests).flatMap(([runbook, own]) =>
  own.map((interest) => ({ ...interest, runbook: interest.of ?? runbook })),
);

/** The page of a runbook as one line: a sentence may be broken anywhere. */
function pageOf(runbook: string): string {
  const path = fileURLToPath(new URL(`../../../functions/${runbook}/README.md`, import.meta.url));
  return readFileSync(path, 'utf8').replaceAll(/\s+/gu, ' ');
}

describe('what generated worlds are held against', () => {
  it('is there for eight runbooks', () => {
    expect(runbooksWithWorlds()).toEqual([
      'carry-volumes',
      'heal-bastion',
      'prove-blocklist',
      'publish-blocklist',
      'reassign-elastic-ip',
      'receive-requests',
      'redrive-dead-letters',
      'scale-hpc-fleet',
    ]);
  });

  it.each(PROMISES)('$runbook promises $name on its page', ({ runbook, quotes }) => {
    expect(pageOf(runbook)).toContain(quotes);
  });

  it.each(PROMISES)('$runbook is held to $name at each moment, or in the end', ({ watch, end }) => {
    expect([watch, end].filter((each) => each !== undefined)).toHaveLength(1);
  });

  it('has a name of its own for each', () => {
    for (const own of Object.values(interests)) expect(new Set(own.map(({ name }) => name)).size).toBe(own.length);
  });

  it('is said by none but the runbooks that have it', async () => {
    await expect(catalogueOf(['flush-caches'])).rejects.toThrow('there are no worlds for a runbook flush-caches');
  });
});
