/**
 * What is remembered of the rungs, for all fleets together: where AWS had nothing for so many nodes it is left alone for a while, longer
 * each time. A refusal of sixteen says nothing of four; sixteen that came say that four would. Pure.
 */

import { secondsSince } from '../../../shared/judgement/since.ts';
import { FRESH, type CapacityRefusal, type FleetLimits, type Rung, type RungMemory } from './facts.ts';

const NOTHING: RungMemory = { version: 0, refusals: [] };

/** Names a rung in the ledger. What is refused is refused by type, zone, group, market and reservation. */
export function keyOf({ instanceType, zone, placementGroup, market, reservation }: Rung): string {
  return [instanceType, zone, placementGroup ?? '-', market, reservation ?? '-'].join('/');
}

/** A rung in words. */
export function nameOf({ instanceType, zone, placementGroup, market, reservation }: Rung): string {
  const group = placementGroup === FRESH ? 'a group of its own' : `group ${placementGroup}`;
  const where = placementGroup === null ? zone : `${zone}, ${group}`;
  const paid = reservation === null ? market : `reservation ${reservation}`;
  return `${instanceType} in ${where} (${paid})`;
}

export function memoryOf(rung: Rung, memory: { readonly [rung: string]: RungMemory }): RungMemory {
  return memory[keyOf(rung)] ?? NOTHING;
}

/** When it may be tried again, ISO 8601. */
function opensAt({ times, at }: CapacityRefusal, { backOffSeconds, maxBackOffSeconds }: FleetLimits): string {
  const seconds = Math.min(maxBackOffSeconds, backOffSeconds * 2 ** (times - 1));
  return new Date(Date.parse(at) + seconds * 1_000).toISOString();
}

/** What was refused in the future was not: clocks are apart by less than a minute. */
const AHEAD_SECONDS = 60;

/** The refusal for which it is left alone for so many nodes, and until when; `undefined`: it may be tried. */
export function closedBy(
  { refusals }: RungMemory,
  nodes: number,
  limits: FleetLimits,
  now: string,
): { readonly refusal: CapacityRefusal; readonly until: string } | undefined {
  const holding = refusals
    .filter((refusal) => refusal.nodes <= nodes && secondsSince(refusal.at, now) >= -AHEAD_SECONDS)
    .map((refusal) => ({ refusal, until: opensAt(refusal, limits) }))
    .filter(({ until }) => until > now);
  return holding.toSorted((one, other) => other.until.localeCompare(one.until))[0];
}

/** Since when nothing has come for so many nodes; `undefined`: nothing is known against it. */
export function refusedSince({ refusals }: RungMemory, nodes: number): CapacityRefusal | undefined {
  return refusals.find((refusal) => refusal.nodes <= nodes);
}

/** What is forgotten: a day after nobody has asked any more it is another day. Assumed. */
const FORGOTTEN_SECONDS = 86_400;

/** The memory once AWS has refused so many. */
export function afterRefusal(
  { refusals }: RungMemory,
  { nodes, at, name }: Omit<CapacityRefusal, 'times' | 'since'>,
): readonly CapacityRefusal[] {
  const known = refusals.find((refusal) => refusal.nodes === nodes);
  const others = refusals.filter((refusal) => {
    return refusal.nodes !== nodes && secondsSince(refusal.at, at) < FORGOTTEN_SECONDS;
  });
  const isFresh = known !== undefined && secondsSince(known.at, at) < FORGOTTEN_SECONDS;
  const [times, since] = isFresh ? [known.times + 1, known.since] : [1, at];
  return [...others, { nodes, times, since, at, name }].toSorted((one, other) => one.nodes - other.nodes);
}

/** The memory once so many have come. There is capacity again: what was refused to more is waited for as after a first refusal. */
export function afterSuccess({ refusals }: RungMemory, nodes: number): readonly CapacityRefusal[] {
  return refusals.filter((refusal) => refusal.nodes > nodes).map((refusal) => ({ ...refusal, times: 1 }));
}
