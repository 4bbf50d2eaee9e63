/**
 * What is remembered of the rungs, for all fleets together: where AWS had nothing for so many nodes it is left alone for a while, longer
 * each time. A refusal of sixteen says nothing of four; sixteen that came say that four would. What AWS has refused for what a launch
 * template says concerns that version of it alone. Pure.
 */

import { secondsSince } from '../../../shared/judgement/since.ts';
import {
  FRESH,
  type CapacityRefusal,
  type Facts,
  type FleetLimits,
  type Rung,
  type RungMemory,
  type Template,
} from './facts.ts';

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

/** What is launched, in the words of a refusal: another version may be taken. */
export function launchedOf({ id, version }: Pick<Template, 'id' | 'version'>): string {
  return `${id}/${version}`;
}

function concerns({ of }: Pick<CapacityRefusal, 'of'>, launched: string | undefined): boolean {
  return of === undefined || of === launched;
}

/** What is remembered of a rung that holds for what a fleet launches. */
export function memoryFor(rung: Rung, facts: Pick<Facts, 'memory'>, template: Template): RungMemory {
  const { version, refusals } = memoryOf(rung, facts.memory);
  return { version, refusals: refusals.filter((refusal) => concerns(refusal, launchedOf(template))) };
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

/** What is counted: the wait has been at its longest for long. */
export const MOST_TIMES = 1_000;

/** What is forgotten: a day after nobody has asked any more it is another day. Assumed. */
const FORGOTTEN_SECONDS = 86_400;

/** The memory once AWS has refused so many. */
export function afterRefusal(
  { refusals }: RungMemory,
  said: Omit<CapacityRefusal, 'times' | 'since'>,
): readonly CapacityRefusal[] {
  const { nodes, at, of } = said;
  const known = refusals.find((refusal) => refusal.nodes === nodes && refusal.of === of);
  const others = refusals.filter((refusal) => {
    return refusal !== known && secondsSince(refusal.at, at) < FORGOTTEN_SECONDS;
  });
  const isFresh = known !== undefined && secondsSince(known.at, at) < FORGOTTEN_SECONDS;
  const [times, since] = isFresh ? [Math.min(MOST_TIMES, known.times + 1), known.since] : [1, at];
  return [...others, { ...said, times, since }].toSorted((one, other) => one.nodes - other.nodes);
}

/**
 * The memory once so many have come. There is capacity again: what was refused to more is waited for as after a first refusal. What other
 * templates were refused for what they say stays.
 */
export function afterSuccess({ refusals }: RungMemory, nodes: number, launched?: string): readonly CapacityRefusal[] {
  return refusals.flatMap((refusal) => {
    if (!concerns(refusal, launched)) return [refusal];
    return refusal.nodes > nodes ? [{ ...refusal, times: 1 }] : [];
  });
}
