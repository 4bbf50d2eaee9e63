import { describe, expect, it } from 'vitest';
import { NO_FAULTS, type FaultPlan, type Standing } from '../../../simulator/engine/run-types.ts';
import { simulate } from '../../../simulator/engine/simulation.ts';
import { deploy, describeInstances, REQUEST, run, tag } from '../deploy.ts';

const TICKING = deploy(
  async (event) => {
    await describeInstances();
    if (event === REQUEST || JSON.stringify(event) === JSON.stringify(REQUEST)) await tag('a', '1');
  },
  { triggers: [{ name: 'schedule', schedule: 'rate(1 minute)' }] },
);

/** When a run is asked whether it may stop, seconds from its beginning, and how it ends when it may. */
async function asked(
  faults: FaultPlan,
  world: object = {},
  events: readonly { readonly event: object; readonly afterMs: number }[] = [{ event: REQUEST, afterMs: 0 }],
): Promise<{ readonly atSeconds: readonly number[]; readonly invocations: number }> {
  const atSeconds: number[] = [];
  const options = run(TICKING, { faults, runForMs: 300_000, events });
  const given = typeof options.world === 'object' ? { ...options.world, ...world } : world;
  const mayStop = ({ world: now }: Standing): boolean => {
    atSeconds.push(Math.floor((now.clock.now() - Date.parse('2026-11-22T08:00:00Z')) / 1_000));
    return false;
  };
  await simulate({ ...options, world: given, mayStop });
  const stopped = await simulate({ ...options, world: given, mayStop: () => true });
  expect(stopped.stopped).toBe(true);
  return { atSeconds, invocations: stopped.invocations.length };
}

describe('a run may stop', () => {
  it('when nothing but its schedule is to come, and is asked after each tick', async () => {
    const { atSeconds, invocations } = await asked(NO_FAULTS);
    expect(atSeconds[0]).toBe(0);
    expect(new Set(atSeconds.map((at) => Math.floor(at / 60)))).toEqual(new Set([0, 1, 2, 3, 4]));
    expect(invocations).toBe(1);
  });

  it('not before the last fault of its plan has struck', async () => {
    const { atSeconds } = await asked({ ...NO_FAULTS, points: [{ request: 3, kind: 'throttled' }] });
    // The request and two ticks: the second tick's is number 3; its failure is repeated after a minute.
    expect(atSeconds[0]).toBeGreaterThanOrEqual(180);
  });

  it('not while a service is throttled', async () => {
    const points = [{ request: 0, kind: 'throttled-for-a-minute' as const }];
    expect((await asked({ ...NO_FAULTS, points })).atSeconds[0]).toBeGreaterThanOrEqual(60);
  });

  it('not before a second delivery', async () => {
    const { atSeconds, invocations } = await asked({ ...NO_FAULTS, duplicates: [{ event: 0, when: 'after' }] });
    expect(atSeconds[0]).toBeGreaterThanOrEqual(1);
    expect(invocations).toBe(2);
  });

  it('not before what is still to happen: a step of the script, an event', async () => {
    const script = [{ after: 'PT90S', set: { 'ec2/Instances/i-0b2/State/Name': 'stopped' } }];
    expect((await asked(NO_FAULTS, { script })).atSeconds[0]).toBeGreaterThanOrEqual(90);
    const events = [0, 130_000].map((afterMs) => ({ event: REQUEST, afterMs }));
    expect((await asked(NO_FAULTS, {}, events)).atSeconds[0]).toBeGreaterThanOrEqual(130);
  });
});

describe('a run that never comes to rest', () => {
  it('ends after as long as it is given at most', async () => {
    const events = [{ event: REQUEST, afterMs: 3_600_000 }];
    const result = await simulate({ ...run(TICKING, { runForMs: 60_000, events }), atMostMs: 120_000 });
    expect(result.error).toBe(undefined);
    expect(result.requests.filter(({ call }) => call === 'ec2:CreateTags')).toEqual([]);
    expect(result.world.clock.now() - Date.parse('2026-11-22T08:00:00Z')).toBeLessThan(3_600_000);
  });
});
