/** Whose turn it is among the addresses of one name: what is announced, what has to be left to others, who answers a hook. */

import { describe, expect, it } from 'vitest';
import { decide, type AddressFacts, type Facts } from '../../../functions/reassign-elastic-ip/decide.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { ago, event, facts, history, hook, IMPAIRED, LIMITS, machine, NOW } from './elastic-ip-facts.ts';
import { bad, decideFor, elastic, holding, placeIn, placesOf, type World } from './several-addresses.ts';

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
      plan: [
        {
          input: {
            Resources: ['eipalloc-1'],
            Tags: [{ Value: NOW }, { Value: '0 to i-c from eni-a/10.0.97.5 loser i-a' }],
          },
        },
      ],
    });
    expect(callsOf(decideFor(1, announced(1, 'i-c'), lost))).toEqual([
      'ec2:AssociateAddress',
      'ec2:CreateTags',
      'ec2:CreateTags',
    ]);
    expect(callsOf(decideFor(1, announced(1, 'i-c', 51), lost))).toEqual(['ec2:CreateTags']);
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
    expect(callsOf(decideFor(1, announced(2, 'i-c', 51), lost))).toEqual(['ec2:CreateTags']);
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
    expect(placesOf(world, { history: 'lost' })).toEqual(['eni-d/10.0.100.5', 'eni-c/10.0.99.5']);
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
