/** Several addresses of one name that look for a place at the same time: each finds one of its own. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, type AddressFacts, type Facts, type Machine } from '../../../functions/reassign-elastic-ip/decide.ts';
import type { Decision, Refusal } from '../../../shared/kernel/decision.ts';
import { address, ago, event, facts, history, hook, IMPAIRED, LIMITS, machine, NOW, slot } from './elastic-ip-facts.ts';

/** Address number `n` on the first interface of `letter`; on nobody without one. */
function elastic(n: number, letter?: string, change: Partial<AddressFacts> = {}): AddressFacts {
  const association =
    letter === undefined
      ? null
      : { instanceId: `i-${letter}`, interfaceId: `eni-${letter}`, privateIp: `10.0.${letter.charCodeAt(0)}.5` };
  return address({ allocationId: `eipalloc-${n}`, publicIp: `203.0.113.${n}`, association, ...change });
}

/** As EC2 shows an instance that holds an address. */
function holding(letter: string, publicIp: string, change: Partial<Machine> = {}): Machine {
  return machine(letter, {
    slots: [slot(`eni-${letter}`, `10.0.${letter.charCodeAt(0)}.5`, { elasticIp: publicIp })],
    ...change,
  });
}

/** A standby with a primary and further secondary addresses. */
function roomy(letter: string, count: number, change: Partial<Machine> = {}): Machine {
  const slots = Array.from({ length: count }, (_none, index) =>
    slot(`eni-${letter}`, `10.0.${letter.charCodeAt(0)}.${5 + index}`, {
      isPrimary: index === 0,
      ordinal: Math.max(0, index - 1),
    }),
  );
  return machine(letter, { slots, ...change });
}

interface World extends Partial<Facts> {
  readonly siblings: readonly AddressFacts[];
  readonly instances: readonly Machine[];
}

function decideFor(n: number, world: World, change: Partial<Facts> = {}): Decision {
  const own = world.siblings.find(({ allocationId }) => allocationId === `eipalloc-${n}`);
  if (own === undefined) throw new Error(`there is no address ${n}`);
  return decide(facts({ ...world, address: own, ...change }), LIMITS, NOW);
}

function placeIn(decision: Decision): string {
  return decision.kind === 'act' ? (decision.intent.split(' ').at(-1) ?? '') : `${decision.kind} ${decision.code}`;
}

/** Where each address goes, each decided by itself. */
function places(world: World, change: Partial<Facts> = {}): readonly string[] {
  return world.siblings.map((_each, index) => placeIn(decideFor(index + 1, world, change)));
}

const bad = (letter: string, n: number): Machine => holding(letter, `203.0.113.${n}`, { checks: IMPAIRED });

describe('addresses whose holders fail together', () => {
  const two = { siblings: [elastic(1, 'a'), elastic(2, 'b')], instances: [bad('a', 1), bad('b', 2)] };

  it('go to one good standby each, whichever run asks', () => {
    const world = { ...two, instances: [...two.instances, machine('c'), machine('d')] };
    expect(places(world)).toEqual(['eni-c/10.0.99.5', 'eni-d/10.0.100.5']);
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
      places({
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
    expect(places(one)).toEqual(['eni-c/10.0.99.5', 'eni-c/10.0.99.6']);
    const another = { ...two, instances: [...two.instances, roomy('c', 2), machine('d', { priority: 900 })] };
    expect(places(another)).toEqual(['eni-c/10.0.99.5', 'eni-d/10.0.100.5']);
  });

  it('with one place for two, the first is served and the other is told why not', () => {
    const world = { ...two, instances: [...two.instances, machine('c')] };
    expect(places(world)).toEqual(['eni-c/10.0.99.5', 'refuse no-good-candidate']);
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
    expect(places(world)).toEqual(['refuse no-good-candidate', 'eni-c/10.0.99.5']);
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
    expect(places(choosy)).toEqual(['eni-d/10.0.100.5', 'eni-c1/10.1.99.5']);
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

describe('a place that a run on another address has announced', () => {
  const world = {
    siblings: [elastic(1, 'a'), elastic(2, 'b')],
    instances: [bad('a', 1), bad('b', 2), machine('c'), machine('d')],
  };
  const announcing = (n: number, at: string, letter = 'd'): Pick<Facts, 'announced'> => ({
    announced: [
      {
        target: `arn:aws:ec2:eu-west-1:111122223333:elastic-ip/eipalloc-${n}`,
        intent: 'x',
        at,
        note: { interfaceId: `eni-${letter}`, privateIp: `10.0.${letter.charCodeAt(0)}.5` },
      },
    ],
  });

  it('is that one\u2019s, while it may still come true', () => {
    expect(placeIn(decideFor(2, world, announcing(1, ago(150))))).toBe('eni-c/10.0.99.5');
    expect(placeIn(decideFor(2, world, announcing(1, ago(151))))).toBe('eni-d/10.0.100.5');
  });

  it('also for who has left it to others long enough', () => {
    const impatient = history({ memory: { yields: ago(600) } });
    const one = { ...world, instances: world.instances.slice(0, 3) };
    expect(placeIn(decideFor(2, one, { history: impatient, ...announcing(1, ago(60), 'c') }))).toBe(
      'refuse no-good-candidate',
    );
  });

  it('is nobody\u2019s on an instance that does not run, and of an address of another name', () => {
    const stopped = [bad('a', 1), bad('b', 2), machine('c'), machine('d', { state: 'stopped', checks: null })];
    expect(decideFor(1, { ...world, instances: stopped }, announcing(2, ago(60)))).toMatchObject({
      evidence: { standbys: { 'i-d': 'is stopped' } },
    });
    expect(placeIn(decideFor(2, world, announcing(7, ago(60))))).toBe('eni-d/10.0.100.5');
  });

  it('is its own where it announced it itself', () => {
    expect(placeIn(decideFor(1, world, announcing(1, ago(60))))).toBe('eni-c/10.0.99.5');
  });
});

describe('without the ledger', () => {
  const lost = { history: 'lost' } as const;
  const world = {
    siblings: [elastic(1, 'a'), elastic(2, 'b')],
    instances: [bad('a', 1), bad('b', 2), machine('c'), machine('d')],
  };
  const announced = (n: number, to: string, seconds = 5): World => ({
    ...world,
    siblings: world.siblings.map((each, index) =>
      index === n - 1 ? { ...each, announcedTo: to, movedAt: ago(seconds) } : each,
    ),
  });
  const callsOf = (decision: Decision): readonly string[] =>
    decision.kind === 'act' ? decision.plan.map(({ call }) => call) : [decision.code];

  it('each says in its tags where it goes, looks again, and goes', () => {
    const first = decideFor(1, world, lost);
    expect(first).toMatchObject({
      more: true,
      plan: [{ input: { Resources: ['eipalloc-1'], Tags: [{ Value: NOW }, { Value: '0 to i-c' }] } }],
    });
    expect(callsOf(decideFor(1, announced(1, 'i-c'), lost))).toEqual([
      'ec2:AssociateAddress',
      'ec2:CreateTags',
      'ec2:CreateTags',
    ]);
    expect(callsOf(decideFor(1, announced(1, 'i-c', 151), lost))).toEqual(['ec2:CreateTags']);
  });

  it('and not where another one has said the same meanwhile, until that is there or has given up', () => {
    const both = announced(2, 'i-c');
    const rivals = {
      ...both,
      siblings: both.siblings.map((each) => ({ ...each, announcedTo: 'i-c', movedAt: ago(5) })),
    };
    expect(decideFor(1, rivals, lost)).toMatchObject({ kind: 'wait', code: 'place-announced' });
    expect(callsOf(decideFor(2, rivals, lost))).toEqual(['ec2:CreateTags']);
    expect(placeIn(decideFor(2, rivals, lost))).toBe('eni-d/10.0.100.5');
    expect(callsOf(decideFor(1, announced(2, 'i-c', 151), lost))).toEqual(['ec2:CreateTags']);
  });

  it('one alone goes at once', () => {
    const alone = facts({ ...lost, instances: [machine('a', { checks: IMPAIRED }), machine('b')] });
    expect(callsOf(decide(alone, LIMITS, NOW))).toEqual([
      'ec2:CreateTags',
      'ec2:AssociateAddress',
      'ec2:CreateTags',
      'ec2:CreateTags',
    ]);
  });
});

describe('who has to be left a place', () => {
  const instances = [bad('a', 1), bad('b', 2), machine('c')];
  const beside = (change: Partial<AddressFacts>): World => ({
    siblings: [elastic(1, 'a', change), elastic(2, 'b')],
    instances,
  });

  it.each([
    ['whose settings cannot be read', { problems: ['x'] }],
    ['that moved so short a time ago that it has to stay', { movedAt: ago(299) }],
    ['whose fence cannot be had', { fence: 'required' as const, vip: 'other' }],
  ])('not one %s', (_why, change) => {
    expect(placeIn(decideFor(2, beside(change)))).toBe('eni-c/10.0.99.5');
  });

  it('one that moved longer ago; without the ledger that is a quarter of an hour', () => {
    expect(placeIn(decideFor(2, beside({ movedAt: ago(300) })))).toBe('refuse no-good-candidate');
    expect(placeIn(decideFor(2, beside({ movedAt: ago(899) }), { history: 'lost' }))).toBe('eni-c/10.0.99.5');
    expect(placeIn(decideFor(2, beside({ movedAt: ago(900) }), { history: 'lost' }))).toBe('refuse no-good-candidate');
  });

  it('not one that a NAT gateway holds, or somebody who was not read', () => {
    for (const instanceId of [null, 'i-unread'])
      expect(
        placeIn(decideFor(2, beside({ association: { instanceId, interfaceId: 'eni-x', privateIp: '10.0.0.9' } }))),
      ).toBe('eni-c/10.0.99.5');
  });

  it('nobody any more, once it has been left to the others long enough for them to take it', () => {
    const world = beside({});
    expect(placeIn(decideFor(2, world, { history: history({ memory: { yields: ago(44) } }) }))).toBe(
      'refuse no-good-candidate',
    );
    const impatient = decideFor(2, world, { history: history({ memory: { yields: ago(45) } }) });
    expect(placeIn(impatient)).toBe('eni-c/10.0.99.5');
    expect(impatient.remember).toEqual({ yields: null });
  });

  it('is known from the history: an event that finds all places reserved asks for it', () => {
    expect(decideFor(2, beside({}), { ask: event('state', 'i-b'), history: 'unread' })).toMatchObject({
      needsHistory: true,
    });
  });

  it('one that was on its way there by its tags', () => {
    const world = {
      siblings: [elastic(1, 'a'), elastic(2, 'b', { announcedTo: 'i-c' })],
      instances: [...instances, machine('d')],
    };
    expect(places(world, { history: 'lost' })).toEqual(['eni-d/10.0.100.5', 'eni-c/10.0.99.5']);
  });
});

describe('hooks of a name with several addresses', () => {
  const leaving = {
    membership: { group: 'g', lifecycleState: 'Terminating:Wait', healthy: true, volumeSet: null, mayBeFenced: false },
  };
  const answersOf = (decision: Decision): readonly unknown[] =>
    decision.kind === 'act'
      ? decision.plan.filter(({ call }) => call.startsWith('autoscaling:')).map(({ input }) => input['InstanceId'])
      : [];

  it('an instance that leaves is let go by the run on the address that it holds, not by that on another', () => {
    const world = {
      siblings: [elastic(1, 'a'), elastic(2, 'b')],
      instances: [holding('a', '203.0.113.1', leaving), holding('b', '203.0.113.2')],
      hooks: [hook('terminating', 'i-a')],
    };
    expect(answersOf(decideFor(2, world))).toEqual([]);
    expect(answersOf(decideFor(1, world))).toEqual(['i-a']);
  });

  it('one that holds two is let go by the last of them', () => {
    const second = elastic(2, 'a', {
      association: { instanceId: 'i-a', interfaceId: 'eni-a', privateIp: '10.0.97.6' },
    });
    const world = {
      siblings: [elastic(1, 'a'), second],
      instances: [machine('a', leaving)],
      hooks: [hook('terminating', 'i-a')],
    };
    expect(answersOf(decideFor(1, world))).toEqual([]);
    expect(answersOf(decideFor(2, world))).toEqual(['i-a']);
  });

  it('a move does not let go who still holds another', () => {
    const second = elastic(2, 'a', {
      association: { instanceId: 'i-a', interfaceId: 'eni-a', privateIp: '10.0.97.6' },
    });
    const world = {
      siblings: [elastic(1, 'a'), second],
      instances: [machine('a', leaving), machine('c'), machine('d')],
      hooks: [hook('terminating', 'i-a'), hook('terminating', 'i-z')],
    };
    expect(answersOf(decideFor(1, world))).toEqual(['i-z']);
  });

  it('a launch that a sibling waits for is not let in by an address that is served', () => {
    const booting = { checks: null, launchedAt: ago(30) };
    const world = {
      siblings: [elastic(1, 'a'), elastic(2, 'b')],
      instances: [bad('a', 1), holding('b', '203.0.113.2'), machine('c', booting)],
      hooks: [hook('launching', 'i-c')],
    };
    expect(answersOf(decideFor(2, world))).toEqual([]);
    expect(answersOf(decideFor(1, world))).toEqual(['i-c']);
    expect(
      answersOf(decideFor(2, { ...world, instances: [holding('a', '203.0.113.1'), ...world.instances.slice(1)] })),
    ).toEqual(['i-c']);
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
        const chosen = places(world).filter((place) => place.startsWith('eni-'));
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
