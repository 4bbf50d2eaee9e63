/** Whether a gang can be launched into the capacity reservation of its rung. Pure. */

import type { Fabric, ReservationFact } from './fabric.ts';
import { FRESH, type Rung, type Template } from './facts.ts';

/** What is wrong with the reservation of a rung. Source: the user guide's capacity-reservations-launch. */
export function reservationFault(rung: Rung, template: Template, fabric: Fabric): string | undefined {
  const { reservation: id, instanceType, zone } = rung;
  if (id === null) return undefined;
  const found = fabric.reservations[id];
  if (found === undefined) return `there is no capacity reservation ${id}`;
  if (found.isBlock) return `${id} is a Capacity Block, which needs the market capacity-block: a rung has none`;
  const is = `capacity reservation ${id} is`;
  if (found.state !== 'active') return `${is} ${found.state}, not active`;
  if (found.instanceType !== instanceType) return `${is} of ${found.instanceType}, not ${instanceType}`;
  if (found.zone !== zone) return `${is} in ${found.zone}, and the subnet is in ${zone}`;
  const image = fabric.image?.platform ?? null;
  if (isOther(found.platform, image)) return `${is} for ${found.platform}, and the image is ${image}`;
  const tenancy = template.says.placement['Tenancy'] ?? 'default';
  if ((found.tenancy ?? tenancy) !== tenancy)
    return `${is} of the tenancy ${found.tenancy}, and the launch template is of ${tenancy}`;
  return groupFault(is, found, rung);
}

/** Words that an image and a reservation of one platform may have or not. */
const FILL = new Set(['Linux', 'UNIX', 'with', 'and']);

/** A reservation calls a platform otherwise than an image: `RHEL with HA and SQL Server Web` is `Red Hat Enterprise Linux with SQL Server Web and HA`. */
function wordsOf(platform: string): string {
  const words = platform.replace('Red Hat Enterprise', 'RHEL').split(/[ /]/u);
  return words
    .filter((word) => !FILL.has(word))
    .toSorted()
    .join(' ');
}

/** Of images that bring their own licence AWS does not say which reservations are for them. */
function isOther(platform: string | null, image: string | null): boolean {
  if (platform === null || image === null || image.includes('BYOL')) return false;
  return wordsOf(platform) !== wordsOf(image);
}

/**
 * Outside of its placement group a reservation has no room, however much is left of it. A launch that names no group comes into the
 * reservation's own.
 */
function groupFault(
  is: string,
  { placementGroup: own }: ReservationFact,
  { placementGroup: wanted }: Rung,
): string | undefined {
  if (own === null || wanted === null || own === wanted) return undefined;
  return `${is} in placement group ${own}, and the rung is in ${wanted === FRESH ? 'one of its own' : wanted}`;
}

/**
 * What may keep a reservation from being of use, and may not. One that was made in no group serves launches into groups as well
 * (limitations-placement-groups), and has had no room for them all the same (github.com/aws/aws-parallelcluster/issues/4215).
 */
export function reservationDoubt({ reservation: id, placementGroup }: Rung, fabric: Fabric): string | undefined {
  if (id === null || placementGroup === null || fabric.reservations[id]?.placementGroup !== null) return undefined;
  return `capacity reservation ${id} is in no placement group, and EC2 may find no room in it for the rung's`;
}
