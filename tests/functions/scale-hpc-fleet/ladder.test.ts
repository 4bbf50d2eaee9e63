/** Ladders: what people write into the SSM parameter, and what is wrong with it, by its place. */

import { describe, expect, it } from 'vitest';
import { readLadder } from '../../../functions/scale-hpc-fleet/decide.ts';

const SUBNET = 'subnet-0a1b2c3d4e5f60718';
const GROUPED = { instanceType: 'hpc7a.96xlarge', subnetId: SUBNET, placementGroup: 'cfd-a' };

function faultOf(ladder: unknown, nodes = 4): string {
  const read = readLadder(typeof ladder === 'string' ? ladder : JSON.stringify(ladder), nodes);
  return 'fault' in read ? read.fault : 'none';
}

/** The fault of a ladder whose second rung is the usual one, with this beside or instead. */
function secondRung(more: object): string {
  return faultOf([GROUPED, { ...GROUPED, ...more }]);
}

describe('a ladder', () => {
  it('is read in its order, and what it leaves out is on demand, in no group, of no reservation', () => {
    const text = JSON.stringify([
      { ...GROUPED, reservation: 'cr-0a1b2c3d4e5f60718' },
      { ...GROUPED, market: 'spot' },
    ]);
    expect(readLadder(text, 4)).toEqual({
      rungs: [
        { ...GROUPED, market: 'on-demand', reservation: 'cr-0a1b2c3d4e5f60718' },
        { ...GROUPED, market: 'spot', reservation: null },
      ],
    });
    expect(readLadder(JSON.stringify([{ instanceType: 'c7i.48xlarge', subnetId: SUBNET }]), 1)).toEqual({
      rungs: [
        {
          instanceType: 'c7i.48xlarge',
          subnetId: SUBNET,
          placementGroup: null,
          market: 'on-demand',
          reservation: null,
        },
      ],
    });
  });

  it('takes null for what is left out, but of what is needed', () => {
    expect(faultOf([{ ...GROUPED, market: null, reservation: null }])).toBe('none');
    expect(faultOf([{ ...GROUPED, subnetId: null }])).toBe('[0].subnetId: expected the id of a subnet');
  });

  it.each([
    ['no JSON', '[{', 'this is no JSON'],
    ['no list', { rungs: [] }, 'expected a list of rungs, [{ "instanceType", "subnetId", … }]'],
    ['nothing', [], 'expected a list of rungs, [{ "instanceType", "subnetId", … }]'],
    ['a rung that is no object', ['hpc7a.96xlarge'], '[0]: expected an object'],
    ['a list for a rung', [[]], '[0]: expected an object'],
    [
      'more rungs than are tried',
      Array.from({ length: 21 }, (_none, index) => ({ ...GROUPED, placementGroup: `cfd-${index}` })),
      '21 rungs; at most 20 are tried',
    ],
  ])('that is %s is none', (_what, ladder, fault) => {
    expect(faultOf(ladder)).toBe(fault);
  });

  it('may have twenty rungs', () => {
    expect(
      faultOf(Array.from({ length: 20 }, (_none, index) => ({ ...GROUPED, placementGroup: `cfd-${index}` }))),
    ).toBe('none');
  });

  it.each([
    [{ instanceType: undefined }, '[1].instanceType: expected an instance type such as hpc7a.96xlarge'],
    [{ instanceType: 'hpc7a' }, "[1].instanceType: 'hpc7a' is not an instance type such as hpc7a.96xlarge"],
    [{ subnetId: undefined }, '[1].subnetId: expected the id of a subnet'],
    [{ subnetId: 'vpc-0a1' }, "[1].subnetId: 'vpc-0a1' is not the id of a subnet"],
    [{ placementGroup: 7 }, '[1].placementGroup: expected the name of a placement group, or fresh'],
    [{ placementGroup: 'grüppe' }, "[1].placementGroup: 'grüppe' is not the name of a placement group, or fresh"],
    [{ placementGroup: '' }, "[1].placementGroup: '' is not the name of a placement group, or fresh"],
    [{ market: 'Spot' }, "[1].market: 'Spot' is not on-demand or spot"],
    [{ reservation: 'r-0a1' }, "[1].reservation: 'r-0a1' is not the id of a capacity reservation"],
    [{ maxNodes: 0 }, '[1].maxNodes: expected a number of nodes from 1 to 1000'],
    [{ maxNodes: '8' }, '[1].maxNodes: expected a number of nodes from 1 to 1000'],
    [{ maxNodes: 1_001 }, '[1].maxNodes: expected a number of nodes from 1 to 1000'],
    [{ maxNodes: 8 }, 'none'],
    [
      { capacityReservation: 'cr-0a1' },
      '[1].capacityReservation: unknown; a rung has instanceType, subnetId, placementGroup, market, reservation, maxNodes',
    ],
    [
      { market: 'spot', reservation: 'cr-0a1' },
      '[1].reservation: a reservation is of on-demand capacity, and the market is spot',
    ],
    [
      { placementGroup: undefined },
      '[1].placementGroup: missing; 4 nodes of one job belong into one cluster placement group',
    ],
    [{}, '[1]: the same as a rung before it'],
    [{ market: 'on-demand' }, '[1]: the same as a rung before it'],
  ])('with %j in its second rung says so by its place', (more, fault) => {
    expect(secondRung(more)).toBe(fault);
  });

  it('of gangs of one node needs no placement group', () => {
    const rung = { instanceType: 'hpc7a.96xlarge', subnetId: SUBNET };
    expect(faultOf([rung], 1)).toBe('none');
    expect(faultOf([rung], 2)).toContain('[0].placementGroup: missing; 2 nodes');
  });

  it('is told by the first mistake in it', () => {
    expect(faultOf([{ ...GROUPED, market: 'free' }, 'no rung'])).toBe("[0].market: 'free' is not on-demand or spot");
  });
});
