/** How gangs stand, by what the ledger keeps and what EC2 shows; who is at work; whose a node is. */

import { describe, expect, it } from 'vitest';
import type { Facts, GangRecord, Node } from '../../../functions/scale-hpc-fleet/decide.ts';
import { nodesToAsk } from '../../../functions/scale-hpc-fleet/decide.ts';
import { gangsIn, isServing, strangers, type Gang } from '../../../functions/scale-hpc-fleet/decide/gangs.ts';
import { ago, facts, FOUR, gangId, launching, LIMITS, NOW, nodesOf, record, RUNG } from './fleet-facts.ts';

function gang(of: GangRecord, nodes: readonly Node[], more: Partial<Facts> = {}): Gang | undefined {
  return gangsIn(facts({ gangs: [of], nodes, ...more }), LIMITS, NOW)[0];
}

function standing(of: GangRecord, states: readonly string[]): string {
  return gang(of, nodesOf('a', states))?.standing ?? 'not among them';
}

const THREE = ['running', 'running', 'running'];
const BOOTING = [...THREE, 'pending'];
const LOST = [...THREE, 'terminated'];

describe('a gang', () => {
  it.each<[string, GangRecord, readonly string[], string]>([
    ['was just asked for', launching('a', 30), [], 'asked'],
    ['was asked for, and does not show for half an hour', launching('a', 1_799), [], 'asked'],
    ['was asked for, and never showed', launching('a', 1_800), [], 'gone'],
    ['came and went', launching('a', 60), ['terminated', 'terminated', 'terminated', 'terminated'], 'gone'],
    ['boots', launching('a', 60), BOOTING, 'booting'],
    ['shows in part, for EC2 shows late', launching('a', 299), THREE, 'booting'],
    ['shows in part for too long', launching('a', 300), THREE, 'broken'],
    ['loses a node while it boots', launching('a', 60), LOST, 'broken'],
    ['runs, and nobody has noted it', launching('a', 60), FOUR, 'whole'],
    ['has not come up in half an hour', launching('a', 1_800), BOOTING, 'late'],
    ['runs, half an hour late', launching('a', 4_000), FOUR, 'whole'],
    ['is up', record('a'), FOUR, 'whole'],
    ['has lost a node', record('a'), LOST, 'broken'],
    ['shows in part, and shows none that has gone', record('a'), THREE, 'thin'],
    ['has shown in part for too long', record('a', { thinSince: ago(300) }), THREE, 'broken'],
    ['shows what it was before it ran', record('a'), BOOTING, 'whole'],
    ['has a node that stops', record('a'), [...THREE, 'stopping'], 'broken'],
    ['has a node that is stopped', record('a'), [...THREE, 'stopped'], 'broken'],
    ['has lost all nodes', record('a'), ['terminated'], 'gone'],
    ['does not show', record('a'), [], 'thin'],
    ['has not shown for too long', record('a', { thinSince: ago(300) }), [], 'gone'],
    ['is to go', record('a', { state: 'ending' }), FOUR, 'ending'],
    ['is to go, and has lost a node', record('a', { state: 'ending' }), LOST, 'ending'],
    ['was to go, and has gone', record('a', { state: 'ending' }), ['shutting-down', 'terminated'], 'gone'],
    ['was written off, and is there', record('a', { state: 'over' }), ['running'], 'orphan'],
    ['is over', record('a', { state: 'over' }), ['terminated'], 'not among them'],
  ])('that %s', (_what, of, states, expected) => {
    expect(standing(of, states)).toBe(expected);
  });

  it('serves while it is asked for, boots or is whole: for no job of these another is launched', () => {
    const serving = (of: GangRecord, states: readonly string[]): boolean => {
      const found = gang(of, nodesOf('a', states));
      return found !== undefined && isServing(found);
    };
    expect([serving(launching('a', 30), []), serving(launching('a', 30), BOOTING), serving(record('a'), FOUR)]).toEqual(
      [true, true, true],
    );
    expect([
      serving(record('a'), LOST),
      serving(record('a', { state: 'ending' }), FOUR),
      serving(launching('a', 1_800), BOOTING),
      serving(launching('a', 1_800), []),
    ]).toEqual([false, false, false, false]);
  });

  it('has its nodes in the order of their launch, without those that are gone', () => {
    const shuffled = nodesOf('a', ['running', 'shutting-down', 'running', 'running']).toReversed();
    expect(gang(record('a'), shuffled)?.nodes.map(({ id }) => id)).toEqual(['i-a0', 'i-a2', 'i-a3']);
  });
});

describe('somebody is at work', () => {
  const isBusy = (of: GangRecord, nodes: readonly Node[], more: Partial<Facts> = {}): boolean | undefined =>
    gang(of, nodes, more)?.isBusy;
  const spot = record('a', { rung: { ...RUNG, market: 'spot' } });
  const unasked = nodesOf('a', FOUR, { isProtected: null });
  const lease = (state: 'free' | 'busy' | 'closed', until: string | null): Partial<Facts> => ({
    leases: { [gangId('a')]: { version: 1, state, until } },
  });

  it('where the first node is protected, and not where it is not', () => {
    expect(isBusy(record('a'), nodesOf('a', FOUR, { isProtected: true }))).toBe(true);
    expect(isBusy(record('a'), nodesOf('a', FOUR))).toBe(false);
  });

  it('or may be, where nobody has asked EC2', () => {
    expect(isBusy(record('a'), unasked)).toBe(true);
  });

  it('on Spot by the lease alone, for as long as it says', () => {
    expect(isBusy(spot, unasked)).toBe(false);
    expect(isBusy(spot, unasked, lease('busy', ago(-60)))).toBe(true);
    expect(isBusy(spot, unasked, lease('busy', null))).toBe(true);
    expect(isBusy(spot, unasked, lease('busy', ago(1)))).toBe(false);
    expect(isBusy(spot, unasked, lease('free', null))).toBe(false);
    expect(isBusy(spot, unasked, lease('closed', null))).toBe(false);
  });

  it('also where the lease is taken and no node is protected', () => {
    expect(isBusy(record('a'), nodesOf('a', FOUR), lease('busy', ago(-60)))).toBe(true);
  });
});

describe('the nodes that are asked whether they are protected', () => {
  const asked = (more: Partial<Facts>, now = NOW): readonly string[] => [...nodesToAsk(facts(more), now)];

  it('are none while every gang has its job and stands', () => {
    expect(asked({ jobs: { visible: 0, inFlight: 1 }, gangs: [record('a')], nodes: nodesOf('a', FOUR) })).toEqual([]);
  });

  it('are the first of a gang that runs and is not noted as up: its gate may be shut', () => {
    const jobs = { visible: 0, inFlight: 1 };
    expect(asked({ jobs, gangs: [launching('a', 60)], nodes: nodesOf('a', FOUR) })).toEqual(['i-a0']);
  });

  it('are the first of each gang where some are too many', () => {
    const gangs = [record('a'), record('b')];
    const nodes = [...nodesOf('a', FOUR), ...nodesOf('b', FOUR)];
    expect(asked({ jobs: { visible: 0, inFlight: 1 }, gangs, nodes })).toEqual(['i-a0', 'i-b0']);
  });

  it('are those too that are too many beside one that was to go, and is at a job', () => {
    const gangs = [record('a', { state: 'ending' }), record('b')];
    const nodes = [...nodesOf('a', FOUR), ...nodesOf('b', FOUR)];
    expect(asked({ jobs: { visible: 0, inFlight: 1 }, gangs, nodes })).toEqual(['i-a0', 'i-b0']);
  });

  it('are those of what is odd, whatever the queue says, and where nobody knows what it says', () => {
    const broken = { gangs: [record('a')], nodes: nodesOf('a', ['terminated', 'running', 'running', 'running']) };
    expect(asked({ jobs: { visible: 0, inFlight: 1 }, ...broken })).toEqual(['i-a1']);
    expect(asked({ jobs: null, ...broken })).toEqual(['i-a1']);
  });

  it('are twenty at most, each minute others, so that each has its turn', () => {
    const gangs = Array.from({ length: 45 }, (_none, index) => record('a', { id: `gang-${index}` }));
    const nodes = gangs.map(({ id }): Node => ({ ...nodeOf(id), isProtected: null }));
    const turns = [0, 1, 2, 3, 4].map((minutes) => asked({ gangs, nodes }, ago(-60 * minutes)));
    expect(turns.map((turn) => turn.length)).toEqual([20, 20, 20, 20, 20]);
    expect(new Set(turns.flat()).size).toBe(45);
  });
});

function nodeOf(clientToken: string): Node {
  return {
    id: `i-of-${clientToken}`,
    state: 'running',
    clientToken,
    launchIndex: 0,
    isProtected: false,
  };
}

describe('a stranger', () => {
  it('carries the tag and bills, and was launched for no gang that the ledger knows', () => {
    const nodes = [
      ...nodesOf('a', FOUR),
      { ...nodeOf('by-hand'), id: 'i-by-hand' },
      { ...nodeOf('x'), id: 'i-without-token', clientToken: null },
      { ...nodeOf('y'), id: 'i-gone', state: 'terminated' },
    ];
    expect(strangers(facts({ gangs: [record('a')], nodes })).map(({ id }) => id)).toEqual([
      'i-by-hand',
      'i-without-token',
    ]);
  });

  it('is none of a gang that is over', () => {
    expect(strangers(facts({ gangs: [record('a', { state: 'over' })], nodes: nodesOf('a', ['running']) }))).toEqual([]);
  });
});
