/**
 * What a launch template says that is not its to say. What a request does not name EC2 takes from the template, so that a rung that says
 * on demand would have Spot instances, and nobody would look for their notices. Pure.
 */

import type { Rung, Template } from './facts.ts';

const REMEDY = 'take it out of the template';

/** What no rung can make good. */
export function fleetOverstep({ name, says: { isProtected } }: Template): string | undefined {
  return isProtected
    ? `launch template ${name} says DisableApiTermination, which is its worker's to say: ${REMEDY}`
    : undefined;
}

/** What contradicts a rung. */
export function rungOverstep({ says }: Template, rung: Rung): string | undefined {
  const { market, reservation } = says;
  if (rung.market === 'on-demand' && market !== null && market !== 'on-demand')
    return `the launch template says MarketType ${market}, and the rung on-demand: ${REMEDY}`;
  if (rung.reservation === null && reservation !== null)
    return `the launch template aims at ${reservation}, and the rung at no reservation: ${REMEDY}`;
  const other = Object.entries(says.placement).find(([member, value]) => !isOfRung(member, value, rung));
  return other === undefined ? undefined : `the launch template says Placement ${other.join(' ')}: ${REMEDY}`;
}

/** A group that a rung names takes the place of the template's. */
function isOfRung(member: string, value: string, { zone, placementGroup }: Rung): boolean {
  if (member === 'Tenancy') return value !== 'host';
  if (member === 'AvailabilityZone') return value === zone;
  return member === 'GroupName' && placementGroup !== null;
}
