/** Who could take the address: everybody of its name but the holder, what is held against each, and who comes first. Pure. */

import type { Flaw, PrivateSlot } from '../../../shared/judgement/instance-health.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import { companyOf } from './company.ts';
import type { ElasticIpLimits, Machine } from './facts.ts';
import { ownFlawsOf } from './flaws.ts';
import { isEnding } from './instance-verdict.ts';
import { announcedDestination } from './move-records.ts';
import { demandInWords, freePlaces, isMakeshift, keyOf, suitablePlaces, type Demand } from './places.ts';
import { refusedPlaces } from './refusals.ts';
import type { Share } from './sharing.ts';
import { sharesIn, type Search, type Shares } from './turn.ts';

/** A candidate. One without flaws is good; `slot` is the private address it would take the Elastic IP on. */
export interface Standby {
  readonly machine: Machine;
  readonly slot: PrivateSlot | null;
  readonly flaws: readonly Flaw[];
  /** How many other addresses of the name it has, or is to have. */
  readonly load: number;
}

/** What candidates are judged by. */
export interface Judging {
  readonly shares: Shares;
  /** What is held against a member of the name besides its private addresses. */
  readonly flawsOf: (machine: Machine) => readonly Flaw[];
  /** The private addresses of a member that EC2 has not refused. */
  readonly slotsOf: (machine: Machine) => readonly PrivateSlot[];
}

/** What candidates for the address are judged by, where `demand` is looked for. */
export function judgingOf(search: Search, demand: Demand): Judging {
  const { facts, holder } = search;
  const { borderGroup } = facts.address;
  const company = companyOf(facts);
  const refused = refusedPlaces(facts);
  const flawsOf = (machine: Machine): readonly Flaw[] => {
    const flaws = company.flawsOf(machine, borderGroup);
    const own = ownFlawsOf(machine, facts, refused);
    return own.length === 0 ? flaws : [...flaws, ...own];
  };
  const slotsOf = ({ slots }: Machine): readonly PrivateSlot[] =>
    refused.length === 0 ? slots : slots.filter((slot) => refused.every((each) => keyOf(each) !== keyOf(slot)));
  const offered = (machine: Machine): readonly PrivateSlot[] =>
    machine.id === holder?.id || flawsOf(machine).length > 0 ? [] : slotsOf(machine);
  return { shares: sharesIn(search, company, demand, offered), flawsOf, slotsOf };
}

/** A member of the name as a candidate, where `demand` is looked for among these of its private addresses. */
export function standbyOn(
  { shares, flawsOf: ofMachine }: Judging,
  machine: Machine,
  slots: readonly PrivateSlot[],
  demand: Demand,
): Standby {
  const slot = slotOn(machine, slots, demand, shares);
  const flaws = ofMachine(machine);
  const place = slot === null ? placeFlaw(machine, slots, demand, shares) : [];
  const load = shares.shared.loadOf(machine, shares.publicIp);
  return { machine, slot, flaws: place.length === 0 ? flaws : [...flaws, ...place], load };
}

/** The candidates, best first. */
export function candidatesFor(search: Search, demand: Demand): readonly Standby[] {
  const { facts, holder } = search;
  const judging = judgingOf(search, demand);
  const standbys = companyOf(facts)
    .members.filter(({ id }) => id !== holder?.id)
    .map((machine) => standbyOn(judging, machine, judging.slotsOf(machine), demand));
  return byPreference(search, standbys, judging.shares.own, demand);
}

function slotOn(
  machine: Machine,
  slots: readonly PrivateSlot[],
  demand: Demand,
  { own, shared, publicIp }: Shares,
): PrivateSlot | null {
  if (own?.machine === machine) return own.slot;
  return freePlaces(demand, slots, (slot) => shared.tenantOf(slot, publicIp))[0] ?? null;
}

/** Why an instance has no private address for it. What ends has lost its interfaces, and is refused for ending. */
function placeFlaw(
  machine: Machine,
  slots: readonly PrivateSlot[],
  demand: Demand,
  { standing, shared, publicIp }: Shares,
): readonly Flaw[] {
  if (isEnding(machine)) return [];
  const suitable = suitablePlaces(demand, slots);
  const [reserved] = freePlaces(demand, slots, (slot) => standing.tenantOf(slot, publicIp));
  if (reserved !== undefined)
    return [{ kind: 'reserved', why: `its private address goes to ${shared.on(reserved)}, which looks for one too` }];
  if (slots.length === 0) {
    const why = machine.slots.length === 0 ? 'has no private IPv4 address' : 'has no other private address';
    return [{ kind: 'misfit', why }];
  }
  if (suitable.length === 0)
    return [{ kind: 'misfit', why: `has no private address like the one it needs (${demandInWords(demand)})` }];
  const displaced = suitable.flatMap((slot) => standing.on(slot) ?? []).join(', ');
  return [{ kind: 'misfit', why: `has no free private address: would displace ${displaced}` }];
}

/**
 * Where it is to go by the shares; where an interrupted move was going; then who has the fewest addresses of the name, a place
 * of the kind that is wanted, no event of EC2's ahead, priority, another zone than the holder's, id.
 */
function byPreference(
  { facts, holder }: Search,
  standbys: readonly Standby[],
  own: Share | undefined,
  demand: Demand,
): readonly Standby[] {
  const company = companyOf(facts);
  const zone = holder?.zone ?? null;
  const announced = announcedDestination(facts.address, facts.history);
  const ranked = standbys.map((standby) => ({
    standby,
    elsewhere: standby.machine === own?.machine ? 0 : 1,
    unannounced: standby.machine.id === announced ? 0 : 1,
    makeshift: Number(standby.slot !== null && isMakeshift(demand, standby.slot)),
    merit: company.rankOf(standby.machine, zone),
  }));
  const inOrder = ranked.toSorted(
    (left, right) =>
      left.elsewhere - right.elsewhere ||
      left.unannounced - right.unannounced ||
      left.standby.load - right.standby.load ||
      left.makeshift - right.makeshift ||
      left.merit - right.merit,
  );
  return inOrder.map(({ standby }) => standby);
}

/** Nothing is held against it. */
export function isGood({ flaws }: Standby): boolean {
  return flaws.length === 0;
}

/** Nothing is held against it but that it has not booted yet, and that it still may. */
export function isBooting({ machine, flaws }: Standby, limits: ElasticIpLimits, now: string): boolean {
  const isOnlyBooting = flaws.length > 0 && flaws.every(({ kind }) => kind === 'booting');
  return isOnlyBooting && mayStillBoot(machine, limits, now);
}

/** It was launched so short a time ago that it is worth waiting for. */
export function mayStillBoot({ launchedAt }: Machine, { maxBootSeconds }: ElasticIpLimits, now: string): boolean {
  return launchedAt !== null && secondsSince(launchedAt, now) <= maxBootSeconds;
}

/** Only the history, which was not read, would tell whether it is good. */
export function isUnread({ flaws }: Standby): boolean {
  return flaws.length > 0 && flaws.every(({ kind }) => kind === 'unread');
}

/** It is good, but the only place that it has is another address's to take. */
export function isReserved({ flaws }: Standby): boolean {
  return flaws.length > 0 && flaws.every(({ kind }) => kind === 'reserved');
}

/** All that is held against a candidate, or that it is good; and what EC2 has in mind for it. */
export function verdictOn({ flaws, machine: { scheduled } }: Standby): string {
  const verdict = flaws.map(({ why }) => why).join('; ') || 'good';
  const [next] = scheduled;
  return next === undefined ? verdict : `${verdict}, but ${eventInWords(next)}`;
}

/** What EC2 has in mind, in words. */
export function eventInWords({ code, notBefore }: Machine['scheduled'][number]): string {
  return `${code} is scheduled${notBefore === null ? '' : `, not before ${notBefore}`}`;
}
