/** What a launch template says that is the ladder's to say, or the workers'. */

import { describe, expect, it } from 'vitest';
import { decide, type Rung, type Template } from '../../../functions/scale-hpc-fleet/decide.ts';
import { fleetOverstep, rungOverstep } from '../../../functions/scale-hpc-fleet/decide/oversteps.ts';
import { fabricOf, facts, LIMITS, NOW, RUNG, TEMPLATE } from './fleet-facts.ts';

function saying(more: Partial<Template['says']>): Template {
  return { ...TEMPLATE, says: { ...TEMPLATE.says, ...more } };
}

const SPOT: Rung = { ...RUNG, market: 'spot' };
const ALONE: Rung = { ...RUNG, placementGroup: null };
const RESERVED: Rung = { ...RUNG, reservation: 'cr-1' };

describe('a launch template', () => {
  it.each<[string, Partial<Template['says']>, Rung]>([
    ['Spot, where the rung is on demand', { market: 'spot' }, RUNG],
    ['a Capacity Block', { market: 'capacity-block' }, RUNG],
    ['a reservation, where the rung has none', { reservation: 'cr-1' }, RUNG],
    ['a reservation, where the rung is Spot', { reservation: 'cr-1' }, SPOT],
    ['another zone', { placement: { AvailabilityZone: 'eu-west-1c' } }, RUNG],
    ['a group, where the rung is in none', { placement: { GroupName: 'mpi' } }, ALONE],
    ['a group by its id', { placement: { GroupId: 'pg-1' } }, RUNG],
    ['dedicated hosts', { placement: { Tenancy: 'host' } }, RUNG],
  ])('may not say %s', (_what, says, rung) => {
    expect(rungOverstep(saying(says), rung)).toMatch(
      /^the launch template (?:says|aims at) .*: take it out of the template$/u,
    );
    expect(rungOverstep(TEMPLATE, rung)).toBeUndefined();
  });

  it.each<[string, Partial<Template['says']>, Rung]>([
    ['Spot, where the rung is Spot', { market: 'spot' }, SPOT],
    ['on demand', { market: 'on-demand' }, RUNG],
    ['a reservation, where the rung names one', { reservation: 'cr-2' }, RESERVED],
    ['a group, where the rung names one', { placement: { GroupName: 'mpi', Tenancy: 'default' } }, RUNG],
    ['the zone of the rung', { placement: { AvailabilityZone: RUNG.zone } }, ALONE],
  ])('may say %s', (_what, says, rung) => {
    expect(rungOverstep(saying(says), rung)).toBeUndefined();
  });

  it('that protects its nodes launches nothing: each would look as if a job were there', () => {
    const template = saying({ isProtected: true });
    expect(fleetOverstep(TEMPLATE)).toBeUndefined();
    const waiting = facts({ template, jobs: { visible: 1, inFlight: 0 }, fabric: fabricOf([RUNG]) });
    expect(decide(waiting, LIMITS, NOW)).toMatchObject({ kind: 'refuse', code: 'unfit-template' });
  });
});
