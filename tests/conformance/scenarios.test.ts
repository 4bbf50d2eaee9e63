import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../build/cloudformation.ts';
import { simulatedOperations, uncovered } from '../../conformance/coverage.ts';
import { playOnSimulator } from '../../conformance/on-simulator.ts';
import type { Played } from '../../conformance/scenario.ts';
import { SCENARIOS } from '../../conformance/scenarios/all.ts';

describe('the scenarios', () => {
  it('have names of their own', () => {
    expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length);
  });

  it('come to their end in the simulator and ask for every operation it has', async () => {
    const played: Played[] = [];
    for (const scenario of SCENARIOS) played.push(await playOnSimulator(scenario));
    expect(
      played.flatMap(({ scenario, failure }) => (failure === undefined ? [] : [`${scenario}: ${failure}`])),
    ).toEqual([]);
    expect(uncovered(played)).toEqual([]);
    expect(uncovered(played.slice(1, 2))).toContain('ec2:StopInstances');
  });

  it('are on the page, operation by operation', () => {
    const page = readFileSync(join(ROOT, 'docs/conformance.md'), 'utf8');
    expect(simulatedOperations().filter((operation) => !page.includes(`| \`${operation}\` |`))).toEqual([]);
  });
});
