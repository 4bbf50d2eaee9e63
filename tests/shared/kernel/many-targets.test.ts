/** Fleets that one execution has no room for. */

import { describe, expect, it } from 'vitest';
import { DEPLOYED_ENVIRONMENT } from '../../../rehearsal/drill.ts';
import { decide } from '../../recycle-instances/decide.ts';
import { LIMITS } from '../../recycle-instances/limits.ts';
import { executions, fleet, held, outcomes, recycle, recycler, TICK, TICKING } from './recycling.ts';

describe('more targets than an execution has operations for', () => {
  const limits = { ...LIMITS, maxTargets: 1_000 };

  it.each([180, 1_000])(
    '%i that all act: as many as there is room for are served, the others are named',
    async (count) => {
      const end = await recycle(recycler({ limits }), { world: fleet(count), environment: DEPLOYED_ENVIRONMENT });
      expect(executions(end)).toEqual([`SUCCEEDED ${count}`]);
      expect(end.executions[0]?.operations.length).toBeLessThan(3_000);
      const ends = new Map<string, number>();
      for (const { result } of end.results) {
        const key = `${result.outcome} ${result.outcome === 'waiting' ? result.reason.split(':')[0] : ''}`;
        ends.set(key, (ends.get(key) ?? 0) + 1);
      }
      const done = ends.get('done ') ?? 0;
      expect(done).toBeGreaterThanOrEqual(50);
      expect(Object.fromEntries(ends)).toEqual({ 'done ': done, 'waiting left-for-the-next-run': count - done });
      expect(held(end)).toEqual([]);
      const summary = end.ledger.records.find(({ target }) => target === '');
      expect(summary?.body).toMatchObject({ outcome: 'waiting', evidence: { count: count - done } });
      expect(end.lines.filter((line) => line.includes('"Attention":1') && !line.includes('"Target"'))).toHaveLength(1);
    },
    120_000,
  );

  it('the next ticks go on with those that were left, and none is forgotten', async () => {
    const ticks = [0, 1, 2].map((index) => ({
      event: { ...TICK, id: `tick-${index}`, time: `2026-11-22T08:0${index * 4}:00Z` },
      afterMs: index * 240_000,
    }));
    const end = await recycle(recycler({ limits, triggers: TICKING }), { world: fleet(120), events: ticks });
    const done = new Set(end.results.flatMap(({ result }) => (result.outcome === 'done' ? [result.target] : [])));
    expect(done.size).toBe(120);
  }, 120_000);

  it('1,000 of which one acts: all are looked after', async () => {
    const handler = recycler({
      limits,
      decide: (facts, ...rest) =>
        facts.instanceId.endsWith('777')
          ? decide(facts, ...rest)
          : { kind: 'nothing', code: 'well', because: 'it is well', evidence: {} },
    });
    const end = await recycle(handler, { world: fleet(1_000) });
    expect(executions(end)).toEqual(['SUCCEEDED 1000']);
    expect(outcomes(end).filter((line) => line.endsWith(' nothing'))).toHaveLength(999);
    expect(outcomes(end).filter((line) => !line.endsWith(' nothing'))).toEqual(['i-00000000000000777 done']);
  }, 120_000);
});

describe('a target whose operations are used up', () => {
  it('waits for the next run with its intent kept and uncharged, and that run finishes it', async () => {
    // One target of many that all wait long: their shares are small.
    const handler = recycler({
      triggers: TICKING,
      limits: { ...LIMITS, maxTargets: 50, maxWaitSeconds: 100_000 },
      decide: (facts, limits, now) => {
        const decision = decide(facts, limits, now);
        return decision.kind === 'wait' ? { ...decision, seconds: 3 } : decision;
      },
    });
    const ticks = [0, 300_000].map((afterMs, index) => ({
      event: { ...TICK, id: `tick-${index}`, time: `2026-11-22T08:0${index * 5}:00Z` },
      afterMs,
    }));
    const end = await recycle(handler, { world: fleet(50), events: ticks, environment: DEPLOYED_ENVIRONMENT });
    const waiting = end.results.filter(({ result }) => result.reason.startsWith('operations-used-up'));
    expect(waiting.length).toBeGreaterThan(0);
    expect(end.executions.every(({ status }) => status === 'SUCCEEDED')).toBe(true);
    const done = new Set(end.results.flatMap(({ result }) => (result.outcome === 'done' ? [result.target] : [])));
    expect(done.size).toBe(50);
    for (const { history } of end.ledger.resources) expect(history.actions).toHaveLength(1);
  }, 120_000);
});
