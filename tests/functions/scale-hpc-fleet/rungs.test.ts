/** What is remembered of a rung: for how many nodes it is closed, for how long, and what opens it. */

import { describe, expect, it } from 'vitest';
import type { CapacityRefusal, RungMemory } from '../../../functions/scale-hpc-fleet/decide.ts';
import {
  afterRefusal,
  afterSuccess,
  closedBy,
  keyOf,
  memoryFor,
  nameOf,
  refusedSince,
} from '../../../functions/scale-hpc-fleet/decide/rungs.ts';
import { ago, LIMITS, NOW, RUNG, TEMPLATE } from './fleet-facts.ts';

const NAME = 'InsufficientInstanceCapacity';

function memory(...refusals: readonly CapacityRefusal[]): RungMemory {
  return { version: 1, refusals };
}

function refusal(nodes: number, more: Partial<CapacityRefusal> = {}): CapacityRefusal {
  return { nodes, times: 1, since: NOW, at: NOW, name: NAME, ...more };
}

/** Seconds for which a rung is left alone after the last of so many refusals. */
function closedSeconds(times: number): number {
  const closed = closedBy(memory(refusal(4, { times })), 4, LIMITS, NOW);
  return closed === undefined ? 0 : (Date.parse(closed.until) - Date.parse(NOW)) / 1_000;
}

describe('a rung that was refused for what a launch template says', () => {
  const said = { nodes: 4, at: NOW, name: 'InvalidParameterCombination', of: 'lt-0a1/7', message: 'no' };
  const both = memory(...afterRefusal(memory(refusal(4, { times: 3 })), said));
  const facts = { memory: { [keyOf(RUNG)]: both } };

  it('is so for that version of it alone, beside what is known to all', () => {
    expect(both.refusals.map(({ times, of }) => [times, of])).toEqual([
      [3, undefined],
      [1, 'lt-0a1/7'],
    ]);
    const names = (version: string): readonly string[] =>
      memoryFor(RUNG, facts, { ...TEMPLATE, id: 'lt-0a1', version }).refusals.map(({ name }) => name);
    expect(names('7')).toEqual([NAME, 'InvalidParameterCombination']);
    expect(names('8')).toEqual([NAME]);
    expect(memoryFor(RUNG, facts, TEMPLATE).refusals).toHaveLength(1);
  });

  it('counts its own tries', () => {
    const again = afterRefusal(both, { ...said, at: NOW });
    expect(again.find(({ of }) => of !== undefined)).toMatchObject({ times: 2, message: 'no' });
  });

  it('stays closed to it where others come, and opens once it comes itself', () => {
    expect(afterSuccess(both, 4, 'lt-0b2/1')).toEqual([{ ...said, times: 1, since: NOW }]);
    expect(afterSuccess(both, 4, 'lt-0a1/7')).toEqual([]);
  });
});

describe('a rung that was refused', () => {
  it('for sixteen nodes is closed for sixteen and more, and says nothing of four', () => {
    const refused = memory(refusal(16));
    expect([4, 15, 16, 17].map((nodes) => closedBy(refused, nodes, LIMITS, NOW) !== undefined)).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  it('is left alone for twice as long each time, and never for longer than the bound', () => {
    expect([1, 2, 3, 4, 5, 6, 40].map(closedSeconds)).toEqual([55, 110, 220, 440, 880, 955, 955]);
  });

  it('is tried again when its time is over, and not a moment before', () => {
    expect(closedBy(memory(refusal(4, { at: ago(54) })), 4, LIMITS, NOW)?.until).toBe('2026-11-22T08:00:01.000Z');
    expect(closedBy(memory(refusal(4, { at: ago(55) })), 4, LIMITS, NOW)).toBeUndefined();
  });

  it('for several sizes is closed by the one that lasts longest', () => {
    const refused = memory(refusal(2, { times: 5 }), refusal(4));
    expect(closedBy(refused, 4, LIMITS, NOW)?.refusal.nodes).toBe(2);
  });

  it('is not known to have anything, also when its time is over', () => {
    expect(refusedSince(memory(refusal(4, { at: ago(3_600) })), 4)?.nodes).toBe(4);
    expect(refusedSince(memory(refusal(16)), 4)).toBeUndefined();
  });
});

describe('the memory', () => {
  it('counts refusals of one size in a row, and keeps when the first was', () => {
    const first = afterRefusal(memory(), { nodes: 4, at: ago(60), name: NAME });
    expect(first).toEqual([refusal(4, { since: ago(60), at: ago(60) })]);
    const second = afterRefusal(memory(...first), { nodes: 4, at: NOW, name: 'SpotMaxPriceTooLow' });
    expect(second).toEqual([refusal(4, { times: 2, since: ago(60), name: 'SpotMaxPriceTooLow' })]);
  });

  it('keeps each size by itself, the smallest first', () => {
    const both = afterRefusal(memory(refusal(16, { at: ago(60) })), { nodes: 4, at: NOW, name: NAME });
    expect(both.map(({ nodes, times }) => [nodes, times])).toEqual([
      [4, 1],
      [16, 1],
    ]);
  });

  it('begins anew after a day in which nobody asked, for its own size and for others', () => {
    const old = memory(refusal(4, { times: 9, at: ago(86_400) }), refusal(16, { times: 9, at: ago(86_400) }));
    expect(afterRefusal(old, { nodes: 4, at: NOW, name: NAME })).toEqual([refusal(4)]);
    const young = memory(refusal(4, { times: 9, since: ago(90_000), at: ago(86_399) }));
    expect(afterRefusal(young, { nodes: 4, at: NOW, name: NAME })).toEqual([
      refusal(4, { times: 10, since: ago(90_000) }),
    ]);
  });

  it('forgets after success what was refused to as many nodes or fewer, and nothing above', () => {
    const refused = memory(refusal(4), refusal(8), refusal(16));
    expect(afterSuccess(refused, 8).map(({ nodes }) => nodes)).toEqual([16]);
    expect(afterSuccess(refused, 2)).toEqual(refused.refusals);
  });

  it('is after success tried for more nodes as after a first refusal: there is capacity again', () => {
    const often = refusal(16, { times: 6, since: ago(3_600), at: ago(60) });
    expect(afterSuccess(memory(refusal(4), often), 4)).toEqual([{ ...often, times: 1 }]);
  });
});

describe('the name of a rung', () => {
  it('is another for another type, zone, group, market and reservation, and the same in another subnet of the zone', () => {
    const others = [
      { instanceType: 'c7i.48xlarge' },
      { zone: 'eu-west-1b' },
      { placementGroup: null },
      { market: 'spot' as const },
      { reservation: 'cr-0a1' },
    ];
    const keys = others.map((other) => keyOf({ ...RUNG, ...other }));
    expect(new Set([keyOf(RUNG), ...keys]).size).toBe(6);
    expect(keyOf({ ...RUNG, subnetId: 'subnet-0b1' })).toBe(keyOf(RUNG));
  });

  it('says in words where it is, and how it is paid for', () => {
    expect(nameOf(RUNG)).toBe('hpc7a.96xlarge in eu-west-1a, group cfd-a (on-demand)');
    expect(nameOf({ ...RUNG, placementGroup: null, market: 'spot' })).toBe('hpc7a.96xlarge in eu-west-1a (spot)');
    expect(nameOf({ ...RUNG, reservation: 'cr-0a1' })).toBe(
      'hpc7a.96xlarge in eu-west-1a, group cfd-a (reservation cr-0a1)',
    );
  });
});
