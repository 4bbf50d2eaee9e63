/** What is said of the reservation of a rung, and of types whose network cards differ. */

import { describe, expect, it } from 'vitest';
import type { Rung, Template } from '../../../functions/scale-hpc-fleet/decide.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { RUNG, TEMPLATE } from './fleet-facts.ts';
import { decided, HELD, interfaceOn, RESERVED } from './preflight-facts.ts';

describe('network card 0 of a type that has EFA on the others alone', () => {
  const rungs = [{ ...RUNG, instanceType: 'p6-b300.48xlarge' }];

  it.each<[string, string, Template['interfaces']]>([
    [
      'refuse',
      'no rung will do: p6-b300.48xlarge in eu-west-1a, group cfd-a (on-demand): network card 0 of p6-b300.48xlarge takes no EFA interface, and the launch template has one on it',
      [interfaceOn(0), interfaceOn(1)],
    ],
    [
      'act',
      'a job of cfd-4 waits: 4 nodes of p6-b300.48xlarge in eu-west-1a, group cfd-a (on-demand), all or none',
      [interfaceOn(0, { InterfaceType: 'interface' }), interfaceOn(1)],
    ],
  ])('takes none: %s', (kind, because, interfaces) => {
    expect(decided({ rungs, template: { interfaces } })).toMatchObject({
      kind,
      because: expect.stringContaining(because),
    });
  });
});

/** What comes of a rung into a reservation, of an image of that platform and a template of that tenancy. */
const reserved = (
  more: Partial<typeof HELD>,
  { rung = {}, platform = 'Linux/UNIX', tenancy }: Partial<{ rung: Partial<Rung>; platform: string; tenancy: string }>,
): Decision => {
  const rungs = [{ ...RESERVED, ...rung }];
  return decided({
    rungs,
    template: tenancy === undefined ? {} : { says: { ...TEMPLATE.says, placement: { Tenancy: tenancy } } },
    fabric: { image: { state: 'available', platform }, reservations: { 'cr-1': { ...HELD, ...more } } },
  });
};

describe('the reservation of a rung', () => {
  it.each([
    ['Linux/UNIX', 'Linux/UNIX'],
    ['SUSE Linux', 'SUSE Linux'],
    ['Ubuntu Pro', 'Ubuntu Pro'],
    ['Red Hat Enterprise Linux', 'Red Hat Enterprise Linux'],
    ['RHEL with HA', 'Red Hat Enterprise Linux with HA'],
    ['RHEL with SQL Server Web', 'Red Hat Enterprise Linux with SQL Server Web'],
    ['RHEL with HA and SQL Server Standard', 'Red Hat Enterprise Linux with SQL Server Standard and HA'],
    ['Linux with SQL Server Enterprise', 'SQL Server Enterprise'],
    ['Red Hat Enterprise Linux', 'Red Hat BYOL Linux'],
  ])('for %s takes an image of %s', (platform, image) => {
    expect(reserved({ platform }, { platform: image })).toMatchObject({ code: 'gangs-launched' });
  });

  it.each([
    ['Linux/UNIX', 'Red Hat Enterprise Linux'],
    ['Red Hat Enterprise Linux', 'Linux/UNIX'],
    ['RHEL with HA', 'Red Hat Enterprise Linux'],
    ['Linux with SQL Server Web', 'SQL Server Standard'],
    ['Linux/UNIX', 'SUSE Linux'],
  ])('for %s takes no image of %s', (platform, image) => {
    expect(reserved({ platform }, { platform: image })).toMatchObject({
      code: 'unfit-ladder',
      because: `no rung will do: hpc7a.96xlarge in eu-west-1a, group cfd-a (reservation cr-1): capacity reservation cr-1 is for ${platform}, and the image is ${image}`,
    });
  });

  it('has the tenancy of the launch template', () => {
    const dedicated = { tenancy: 'dedicated' };
    expect(reserved(dedicated, dedicated)).toMatchObject({ code: 'gangs-launched' });
    expect(reserved({}, dedicated).because).toContain(
      'is of the tenancy default, and the launch template is of dedicated',
    );
  });

  it('is not held to what AWS does not say', () => {
    expect(reserved({ platform: null, tenancy: null }, { tenancy: 'dedicated' })).toMatchObject({
      code: 'gangs-launched',
    });
  });

  it('that is in no group is tried, and the doubt is told', () => {
    expect(reserved({ placementGroup: null }, {})).toMatchObject({
      code: 'gangs-launched',
      evidence: {
        rungs: [
          "hpc7a.96xlarge in eu-west-1a, group cfd-a (reservation cr-1): may be tried, but capacity reservation cr-1 is in no placement group, and EC2 may find no room in it for the rung's",
        ],
      },
    });
  });

  it.each([null, 'cfd-b'])('is in group %s, and the rung in none', (placementGroup) => {
    const decision = reserved({ placementGroup }, { rung: { placementGroup: null } });
    expect(decision).toMatchObject({
      code: 'gangs-launched',
      evidence: { rungs: ['hpc7a.96xlarge in eu-west-1a (reservation cr-1): may be tried'] },
    });
  });

  it('in a group has no room for gangs that have groups of their own', () => {
    expect(reserved({ placementGroup: 'cfd-a' }, { rung: { placementGroup: 'fresh' } }).because).toContain(
      'capacity reservation cr-1 is in placement group cfd-a, and the rung is in one of its own',
    );
  });
});
