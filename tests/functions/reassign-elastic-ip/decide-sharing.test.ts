/** Several addresses of one name that look for a place at the same time: each finds one of its own. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../functions/reassign-elastic-ip/decide.ts';
import type { Refusal } from '../../../shared/kernel/decision.ts';
import { event, facts, history, IMPAIRED, LIMITS, machine, NOW, slot } from './elastic-ip-facts.ts';
import { bad, decideFor, elastic, holding, placeIn, placesOf, roomy, type World } from './several-addresses.ts';

describe('addresses whose holders fail together', () => {
  const two = { siblings: [elastic(1, 'a'), elastic(2, 'b')], instances: [bad('a', 1), bad('b', 2)] };

  it('go to one good standby each, whichever run asks', () => {
    const world = { ...two, instances: [...two.instances, machine('c'), machine('d')] };
    expect(placesOf(world)).toEqual(['eni-c/10.0.99.5', 'eni-d/10.0.100.5']);
    for (const [n, letter, place] of [
      [1, 'a', 'eni-c/10.0.99.5'],
      [2, 'b', 'eni-d/10.0.100.5'],
    ] as const)
      expect(placeIn(decideFor(n, world, { ask: event('state', `i-${letter}`), history: 'unread' }))).toBe(place);
  });

  it('claim the places, so that nobody else can have them meanwhile; one alone need not', () => {
    const world = { ...two, instances: [...two.instances, machine('c'), machine('d')] };
    expect(decideFor(2, world)).toMatchObject({ claims: ['eni-d/10.0.100.5'] });
    expect(
      decide(facts({ instances: [machine('a', { checks: IMPAIRED }), machine('b')] }), LIMITS, NOW),
    ).not.toHaveProperty('claims');
  });

  it('four go to four', () => {
    const letters = ['a', 'b', 'c', 'd'];
    expect(
      placesOf({
        siblings: letters.map((letter, index) => elastic(index + 1, letter)),
        instances: [
          ...letters.map((letter, index) => bad(letter, index + 1)),
          ...['e', 'f', 'g', 'h'].map((letter) => machine(letter)),
        ],
      }),
    ).toEqual(['eni-e/10.0.101.5', 'eni-f/10.0.102.5', 'eni-g/10.0.103.5', 'eni-h/10.0.104.5']);
  });

  it('share one standby only when no idle one is left, and its further private addresses then', () => {
    const one = { ...two, instances: [...two.instances, roomy('c', 2)] };
    expect(placesOf(one)).toEqual(['eni-c/10.0.99.5', 'eni-c/10.0.99.6']);
    const another = { ...two, instances: [...two.instances, roomy('c', 2), machine('d', { priority: 900 })] };
    expect(placesOf(another)).toEqual(['eni-c/10.0.99.5', 'eni-d/10.0.100.5']);
  });

  it('with one place for two, the first is served and the other is told why not', () => {
    const world = { ...two, instances: [...two.instances, machine('c')] };
    expect(placesOf(world)).toEqual(['eni-c/10.0.99.5', 'refuse no-good-candidate']);
    expect(decideFor(2, world)).toMatchObject({
      attention: true,
      because:
        'i-b: status check instance: impaired; i-c: its private address goes to 203.0.113.1, which looks for one too',
      evidence: { alsoWithoutPlace: ['203.0.113.1'] },
      remember: { yields: NOW },
    });
  });

  it('as many are served as can be: who has a choice leaves the place to who has none', () => {
    const onlyHere = elastic(2, 'b', { borderGroup: 'eu-west-1-lax-1' });
    const world = {
      siblings: [elastic(1, 'a'), onlyHere],
      instances: [
        bad('a', 1),
        bad('b', 2),
        machine('c', { borderGroup: 'eu-west-1-lax-1' }),
        machine('d', { borderGroup: 'eu-west-1-lax-1' }),
      ],
    };
    expect(placesOf(world)).toEqual(['refuse no-good-candidate', 'eni-c/10.0.99.5']);
    const wish = { deviceIndex: 1, isPrimary: null };
    const choosy = {
      siblings: [elastic(1, 'a'), elastic(2, 'b', { wish })],
      instances: [
        bad('a', 1),
        bad('b', 2),
        machine('c', { slots: [slot('eni-c', '10.0.99.5'), slot('eni-c1', '10.1.99.5', { deviceIndex: 1 })] }),
        machine('d'),
      ],
    };
    expect(placesOf(choosy)).toEqual(['eni-d/10.0.100.5', 'eni-c1/10.1.99.5']);
  });
});

describe('a further address of a name on one instance', () => {
  const siblings = [elastic(1, 'a'), elastic(2, 'b')];
  const instances = [bad('a', 1), bad('b', 2), roomy('c', 2)];

  it('is on a makeshift there, and remembers what it wants', () => {
    expect(decideFor(1, { siblings, instances }).remember).toBeUndefined();
    expect(decideFor(2, { siblings, instances }).remember).toEqual({ place: '0/0 primary at eni-c/10.0.99.6' });
  });

  it('makes do with another makeshift where there is nothing better', () => {
    const onC = { instanceId: 'i-c', interfaceId: 'eni-c', privateIp: '10.0.99.6' };
    const stranger = roomy('d', 2).slots.map((each, index) =>
      index === 0 ? { ...each, elasticIp: '198.51.100.9' } : each,
    );
    const world = {
      siblings: [elastic(1, 'b'), elastic(2, 'c', { association: onC })],
      instances: [holding('b', '203.0.113.1'), roomy('c', 2, { checks: IMPAIRED }), machine('d', { slots: stranger })],
    };
    const makeshift = history({ memory: { place: '0/0 primary at eni-c/10.0.99.6' } });
    expect(placeIn(decideFor(2, world, { history: makeshift }))).toBe('eni-d/10.0.100.6');
    const better = { ...world, instances: [...world.instances, machine('e')] };
    expect(placeIn(decideFor(2, better, { history: makeshift }))).toBe('eni-e/10.0.101.5');
  });

  it('goes to a place like that again, and not to another makeshift', () => {
    const onC = { instanceId: 'i-c', interfaceId: 'eni-c', privateIp: '10.0.99.6' };
    const { slots } = roomy('c', 2);
    const shown = slots.map((each, index) => ({ ...each, elasticIp: `203.0.113.${index + 1}` }));
    const world = {
      siblings: [elastic(1, 'c'), elastic(2, 'c', { association: onC })],
      instances: [machine('c', { slots: shown, checks: IMPAIRED }), machine('d'), machine('e')],
    };
    const makeshift = history({ memory: { place: '0/0 primary at eni-c/10.0.99.6' } });
    expect(placeIn(decideFor(2, world, { history: makeshift }))).toBe('eni-e/10.0.101.5');
    expect(placeIn(decideFor(2, world))).toBe('refuse no-good-candidate');
    expect(decideFor(2, world, { history: 'unread' })).toMatchObject({ needsHistory: true });
    const well = { ...world, instances: [machine('c', { slots: shown }), machine('d')] };
    expect(decideFor(2, well, { history: makeshift }).remember).toBeUndefined();
  });
});

describe('nobody is displaced', () => {
  it('a sibling that is well keeps its place, and its holder takes a second one only on a further private address', () => {
    const siblings = [elastic(1, 'a'), elastic(2, 'b')];
    expect(placeIn(decideFor(1, { siblings, instances: [bad('a', 1), holding('b', '203.0.113.2')] }))).toBe(
      'refuse no-good-candidate',
    );
    const { slots } = roomy('b', 2);
    const shown = slots.map((each, index) => (index === 0 ? { ...each, elasticIp: '203.0.113.2' } : each));
    const holder = machine('b', { slots: shown });
    expect(placeIn(decideFor(1, { siblings, instances: [bad('a', 1), holder] }))).toBe('eni-b/10.0.98.6');
    expect(placeIn(decideFor(1, { siblings, instances: [bad('a', 1), holder, machine('c')] }))).toBe('eni-c/10.0.99.5');
  });

  it('where only the address says that it is there already, and not yet the instance', () => {
    const siblings = [elastic(1, 'a'), elastic(2, 'b')];
    expect(decideFor(1, { siblings, instances: [bad('a', 1), machine('b')] })).toMatchObject({
      kind: 'refuse',
      evidence: { standbys: { 'i-b': 'has no free private address: would displace 203.0.113.2' } },
    });
  });

  it('where only the instance shows it, and not yet the address: that one has come there and looks no more', () => {
    const world = {
      siblings: [elastic(1), elastic(2, 'b')],
      instances: [bad('b', 2), holding('c', '203.0.113.1'), machine('d')],
    };
    expect(placeIn(decideFor(2, world))).toBe('eni-d/10.0.100.5');
  });

  it('where another address has claimed the place: the next one is taken, and the claimer is where its claim is', () => {
    const world = {
      siblings: [elastic(1, 'a'), elastic(2, 'b')],
      instances: [bad('a', 1), bad('b', 2), machine('c'), machine('d')],
    };
    const claimed = (claim: string): Refusal => ({
      call: 'ledger:claim',
      input: { claim },
      meaning: 'refused',
      name: 'Claimed',
      message: 'held by arn:aws:ec2:eu-west-1:111122223333:elastic-ip/eipalloc-1 until 2026-11-22T08:02:00.000Z',
      at: NOW,
    });
    expect(placeIn(decideFor(2, world, { refusals: [claimed('eni-d/10.0.100.5')] }))).toBe('eni-c/10.0.99.5');
    expect(
      decideFor(2, { ...world, instances: world.instances.slice(0, 3) }, { refusals: [claimed('eni-c/10.0.99.5')] }),
    ).toMatchObject({
      kind: 'refuse',
      evidence: { standbys: { 'i-c': 'has no free private address: would displace 203.0.113.1' } },
    });
  });
});

/** A name with so many addresses, holders of which some are bad, and standbys with one to three private addresses. */
const worlds = fc
  .record({
    holders: fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }),
    standbys: fc.array(fc.record({ count: fc.integer({ min: 1, max: 3 }), isGood: fc.boolean() }), { maxLength: 6 }),
  })
  .map(({ holders, standbys }): World => {
    const letterOf = (index: number): string => String.fromCodePoint(97 + index);
    return {
      siblings: holders.map((_isBad, index) => elastic(index + 1, letterOf(index))),
      instances: [
        ...holders.map((isBad, index) =>
          holding(letterOf(index), `203.0.113.${index + 1}`, isBad ? { checks: IMPAIRED } : {}),
        ),
        ...standbys.map(({ count, isGood }, index) =>
          roomy(letterOf(holders.length + index), count, isGood ? {} : { checks: IMPAIRED }),
        ),
      ],
    };
  });

describe('in worlds that nobody wrote', () => {
  it('no two addresses choose the same place, and none stays without while a good one is idle', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const chosen = placesOf(world).filter((place) => place.startsWith('eni-'));
        expect(new Set(chosen).size).toBe(chosen.length);
        const bads = world.siblings.filter((_each, index) => world.instances[index]?.checks === IMPAIRED).length;
        const idle = world.instances.slice(world.siblings.length).filter(({ checks }) => checks !== IMPAIRED);
        const room = idle.reduce((sum, { slots }) => sum + slots.length, 0);
        expect(chosen).toHaveLength(Math.min(bads, room));
        const used = new Set(chosen.map((place) => place.split('/')[0]));
        expect(used.size).toBe(Math.min(bads, idle.length));
      }),
      { numRuns: 300 },
    );
  });
});
