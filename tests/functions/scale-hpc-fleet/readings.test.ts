/** What the ledger and EC2 say, where it is odd. */

import { describe, expect, it } from 'vitest';
import { readRecords, type GangRecord } from '../../../functions/scale-hpc-fleet/decide.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { gangsIn, isFitting } from '../../../functions/scale-hpc-fleet/decide/gangs.ts';
import { keep } from '../../../functions/scale-hpc-fleet/decide/keeping.ts';
import { closedBy } from '../../../functions/scale-hpc-fleet/decide/rungs.ts';
import { sceneOf } from '../../../functions/scale-hpc-fleet/decide/scene.ts';
import { ago, facts, FOUR, gangId, LIMITS, NOW, nodesOf, record, RUNG } from './fleet-facts.ts';

function item(partition: string, key: string, value: JsonObject): Parameters<typeof readRecords>[0][number] {
  return { partition, key, version: 1, value };
}

const SPOT: GangRecord = record('a', { rung: { ...RUNG, market: 'spot' } });

function leased(value: JsonObject): ReturnType<typeof readRecords> {
  const { id, version: _version, ...kept } = SPOT;
  const gang = { ...kept, rung: { ...SPOT.rung }, launch: null };
  return readRecords([item('hpc-gang', `lt-1/${id}`, gang)], [], [item('hpc-lease', id, value)]);
}

describe('a lease', () => {
  it.each([
    ['with an offset', '2026-11-22T03:30:00-08:00', '2026-11-22T11:30:00.000Z'],
    ['in UTC', '2026-11-22T11:30:00Z', '2026-11-22T11:30:00.000Z'],
  ])('is told %s, and compared as a time', (_what, until, utc) => {
    const { leases, oddLeases } = leased({ state: 'busy', until });
    expect([leases[gangId('a')], oddLeases]).toEqual([{ version: 1, state: 'busy', until: utc }, []]);
    const [gang] = gangsIn(facts({ gangs: [SPOT], nodes: nodesOf('a', FOUR), leases }), LIMITS, NOW);
    expect(gang?.isBusy).toBe(true);
  });

  it.each([
    ['no state', {}],
    ['another state', { state: 'Busy' }],
    ['words', { state: 'free', until: 'Sun Nov 22 2026 01:00:00' }],
    ['a comment behind a day', { state: 'free', until: `2026-11-22 (${'A'.repeat(300)})` }],
  ])('of %s cannot be read: somebody may be at work, and people are told', (_what, value) => {
    const { leases, oddLeases } = leased(value);
    expect([leases[gangId('a')]?.state, oddLeases]).toEqual(['busy', [gangId('a')]]);
  });
});

describe('a rung', () => {
  it('is closed by no refusal of the future, and by none that is no refusal', () => {
    const refusal = { nodes: 4, times: 1, since: '2099-01-01T00:00:00Z', at: '2099-01-01T00:00:00Z', name: 'X' };
    expect(closedBy({ version: 1, refusals: [refusal] }, 4, LIMITS, NOW)).toBeUndefined();
    const odd = [
      { ...refusal, nodes: 0 },
      { ...refusal, at: '+275760-09-13T00:00:00Z' },
      { ...refusal, times: -1 },
    ];
    for (const one of odd) {
      const { memory } = readRecords([], [item('hpc-capacity', 'k', { refusals: [one] })], []);
      expect(memory['k']).toEqual({ version: 1, refusals: [] });
    }
  });
});

describe('a gang of another queue, or of another size', () => {
  it.each([
    ['queue', { queue: 'old' }],
    ['size', { nodes: 2 }],
  ])('of another %s does no job of these, and goes when nobody works there', (_what, other) => {
    const gang = record('a', other);
    const states = FOUR.slice(0, gang.nodes);
    const given = facts({ gangs: [gang], nodes: nodesOf('a', states), jobs: { visible: 1, inFlight: 0 } });
    const { template } = given;
    if (template === null) throw new Error('a fleet');
    const scene = sceneOf(given, template, LIMITS, NOW);
    expect(scene.demand).toMatchObject({ serving: 0, missing: 1 });
    expect(keep(scene).map(({ code }) => code)).toEqual(['gangs-ended']);
    const busy = { ...given, nodes: nodesOf('a', states, { isProtected: true }) };
    expect(keep(sceneOf(busy, template, LIMITS, NOW))).toEqual([]);
  });

  it('is none where the tags cannot be read', () => {
    const [gang] = gangsIn(
      facts({ gangs: [record('a', { askedAt: ago(600) })], nodes: nodesOf('a', FOUR) }),
      LIMITS,
      NOW,
    );
    const settings = { ...facts().settings, nodesPerJob: 1, problems: ['lt-1: tag runbook:nodes-per-job is missing'] };
    expect(gang !== undefined && isFitting(gang, settings)).toBe(true);
  });
});
