/** Whether each zone of the load balancer has a host. Without balancing across zones a zone without one drops out of DNS. Pure. */

import { hostsThat, zonesServed, type View } from './view.ts';

/** Zones in which nobody serves, and why that may be. */
export interface Unserved {
  readonly zones: readonly string[];
  readonly because: string;
}

/** Zones in which nobody is served. Balanced across zones, whoever is healthy serves all of them. */
export function emptyZones(view: View): readonly string[] {
  const isServedFromElsewhere =
    view.targetGroup.balancer?.isCrossZone === true && hostsThat(view, 'healthy').length > 0;
  if (isServedFromElsewhere) return [];
  return [...zonesServed(view)].filter(([, hosts]) => hosts === 0).map(([zone]) => zone);
}

function desiredHosts({ facts: { groups } }: View): number {
  return groups.reduce((sum, group) => sum + group.desired, 0);
}

/** Its groups want no hosts, and there are none. */
export function isMeantToBeEmpty(view: View): boolean {
  return view.facts.groups.length > 0 && desiredHosts(view) === 0 && hostsThat(view, 'healthy').length === 0;
}

/** `undefined`: somebody serves in each, or the fleet is meant to be empty. */
export function unserved(view: View): Unserved | undefined {
  const { facts, targetGroup } = view;
  const zones = emptyZones(view);
  if (zones.length === 0) return undefined;
  if (isMeantToBeEmpty(view)) return undefined;
  const desired = desiredHosts(view);
  const reached = new Set(facts.groups.flatMap((group) => group.zones));
  const without = zones.filter((zone) => !reached.has(zone));
  const all = targetGroup.balancer?.zones.length ?? 0;
  const reasons = [
    ...(facts.groups.length > 0 && without.length > 0 ? [`no group launches in ${without.join(', ')}`] : []),
    ...(facts.groups.length > 0 && desired < all ? [`its groups want ${desired} hosts for ${all} zones`] : []),
    ...view.verdicts.filter(({ state }) => state === 'unclear').map(({ host, why }) => `${host.id} ${why}`),
  ];
  const why = reasons.length === 0 ? '' : ` (${reasons.join('; ')})`;
  return { zones, because: `no healthy host of ${targetGroup.name} in ${zones.join(', ')}${why}` };
}
