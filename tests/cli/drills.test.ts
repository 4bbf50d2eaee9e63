/** Every drill's files, given to `handle`. */

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { concerned, loadDrills, type Drill } from '../../rehearsal/drill.ts';
import { discoverFunctions } from '../../rehearsal/functions.ts';
import { readJsonFile } from '../../simulator/world/json-file.ts';
import { played } from '../rehearsal/long-drills.ts';
import { SHARE } from '../share.ts';
import { file, run } from './terminal.ts';

/** It acts, it plans, and it looks. */
const WAYS = 3;

const ROOT = join(import.meta.dirname, '..', '..');
const DRILLS = join(ROOT, 'drills');
const functions = await discoverFunctions(join(ROOT, 'functions'));

/** Nobody can approve in a world, and handle says so. */
const UNAPPROVED = /^runbook: \S+: an approval was asked for, and in a world nobody can give one: .*\n/mu;

const plans = z.object({
  results: z.array(z.object({ plan: z.array(z.object({ call: z.string(), because: z.string().min(3) })) })),
});

const results = z.object({ results: z.array(z.object({ runbook: z.string(), outcome: z.string() })) });

/** The first tick of each schedule: what a drill without an event begins with. */
function firstTicks(drill: Drill): readonly object[] {
  const { nowMs, account, region } = drill.world;
  const scheduled = concerned(drill, functions).filter(({ summary }) => summary.triggers.some((one) => one.schedule));
  return scheduled.map(({ summary: { name } }) => ({
    runbook: name,
    event: {
      version: '0',
      id: '00000000-0000-4000-8000-000000000000',
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      account,
      region,
      time: `${new Date(nowMs).toISOString().slice(0, 19)}Z`,
      resources: [],
      detail: '{}',
    },
  }));
}

const SHORT = played(loadDrills(DRILLS));

/** The rehearsal acts on each: of the way there through the command a share tells enough, of each of its ways. */
const shareOf = (way: number): readonly string[] =>
  SHORT.filter((_drill, index) => index % Math.max(SHARE, WAYS) === way).map(({ name }) => name);

function filesOf(name: string): readonly [event: string, ...world: string[]] {
  return [join(DRILLS, name, 'event.json'), '--world', join(DRILLS, name, 'world.json')];
}

describe('the files of a drill are taken by handle, each call with its reason', () => {
  it.each([
    ...shareOf(0).map((name) => ({ name, flags: [] })),
    ...shareOf(1).map((name) => ({ name, flags: ['--dry-run'] })),
  ])('$name $flags', async ({ name, flags }) => {
    const { code, out, err } = await run(['handle', ...filesOf(name), '--json', ...flags], { functions });
    // Not 2: nothing is wrong with it.
    expect([0, 1, 4]).toContain(code);
    expect(err.replace(UNAPPROVED, '')).toBe('seed 1\n');
    expect(() => plans.parse(JSON.parse(out))).not.toThrow();
  });
});

describe('a drill is looked at by handle as it is rehearsed: nothing is missing in its world', () => {
  it.each(shareOf(2))('%s', async (name) => {
    const drill = SHORT.find((one) => one.name === name);
    if (drill === undefined) throw new Error(`there is no drill ${name}`);
    const [, ...world] = filesOf(name);
    const events = file(`${name}.json`, firstTicks(drill));
    const { code, out, err } = await run(['handle', events, ...world, '--json'], { functions });
    const said = err.replace(UNAPPROVED, '');
    expect({ isWell: [0, 1, 4].includes(code), said }).toEqual({ isWell: true, said: 'seed 1\n' });
    const isExpected = ({ runbook, outcome }: { runbook: string; outcome: string }): boolean =>
      outcome !== 'failed' || drill.expect.results.some((one) => one.runbook === runbook && one.outcome === 'failed');
    expect(results.parse(JSON.parse(out)).results.filter((one) => !isExpected(one))).toEqual([]);
  });
});

it('is said by the world of each drill that it is whole: what it does not hold is not there', () => {
  const isWhole = ({ directory }: Drill): boolean =>
    z.object({ whole: z.literal(true) }).safeParse(readJsonFile(join(directory, 'world.json'))).success;
  const unsaid = loadDrills(DRILLS).filter((drill) => !isWhole(drill));
  expect(unsaid.map(({ name }) => name)).toEqual([]);
});
