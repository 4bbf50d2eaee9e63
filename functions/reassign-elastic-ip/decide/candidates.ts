/** Who could take the address: everybody of its name but the holder, what is held against each, and who comes first. Pure. */

import type { Flaw, PrivateSlot } from '../../../shared/judgement/instance-health.ts';
import { remembered, secondsSince } from '../../../shared/judgement/since.ts';
import type { AddressFacts, ElasticIpLimits, Facts, Machine } from './facts.ts';
import { flawsOf, ownFlawsOf } from './flaws.ts';
import { isEnding } from './instance-verdict.ts';
import { announcedDestination } from './move-records.ts';
import { demandInWords, demandOf, freePlaces, keyOf, suitablePlaces, type Demand } from './places.ts';
import { byRank } from './rank.ts';
import { announcedPlaces, claimedPlaces, refusedPlaces, type ClaimedPlace } from './refusals.ts';
import { meritOf, shareOut, type Occupancy, type Seeker, type Share } from './sharing.ts';
import { occupancyOf } from './siblings.ts';

/** A candidate. One without flaws is good; `slot` is the private address it would take the Elastic IP on. */
export interface Standby {
  readonly machine: Machine;
  readonly slot: PrivateSlot | null;
  readonly flaws: readonly Flaw[];
  /** How many other addresses of the name it has, or is to have. */
  readonly load: number;
}

/** Who looks for what, and among whom. */
export interface Search {
  readonly facts: Facts;
  readonly holder: Machine | null;
  /** The address needs a place; false: it is well where it is, or a person says where it is to go. */
  readonly isSeeking: boolean;
  /** The other addresses of the name that need one, in the order of their ids. */
  readonly beside: readonly AddressFacts[];
  readonly limits: ElasticIpLimits;
  readonly now: string;
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
  const refused = refusedPlaces(facts);
  const members = membersOf(facts);
  const flaws = new Map(
    members.map((machine) => [
      machine.id,
      [...flawsOf(machine, facts.address, facts.alarms), ...ownFlawsOf(machine, facts, refused)],
    ]),
  );
  const ofMachine = ({ id }: Machine): readonly Flaw[] => flaws.get(id) ?? [];
  const slotsOf = ({ slots }: Machine): readonly PrivateSlot[] =>
    slots.filter((slot) => refused.every((each) => keyOf(each) !== keyOf(slot)));
  const offered = (machine: Machine): readonly PrivateSlot[] =>
    machine.id === holder?.id || ofMachine(machine).length > 0 ? [] : slotsOf(machine);
  return { shares: sharesIn(search, members, demand, offered), flawsOf: ofMachine, slotsOf };
}

function membersOf({ instances, address }: Facts): readonly Machine[] {
  return instances.filter(({ vip }) => vip === address.vip);
}

/** A member of the name as a candidate, where `demand` is looked for among these of its private addresses. */
export function standbyOn(
  { shares, flawsOf: ofMachine }: Judging,
  machine: Machine,
  slots: readonly PrivateSlot[],
  demand: Demand,
): Standby {
  const slot = slotOn(machine, slots, demand, shares);
  const place = slot === null ? placeFlaw(machine, slots, demand, shares) : [];
  const load = shares.shared.loadOf(machine, shares.publicIp);
  return { machine, slot, flaws: [...ofMachine(machine), ...place], load };
}

/** The candidates, best first. */
export function candidatesFor(search: Search, demand: Demand): readonly Standby[] {
  const { facts, holder } = search;
  const judging = judgingOf(search, demand);
  const standbys = membersOf(facts)
    .filter(({ id }) => id !== holder?.id)
    .map((machine) => standbyOn(judging, machine, judging.slotsOf(machine), demand));
  return standbys.toSorted(byPreference(search, judging.shares.own));
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

/** Who is where, and who is to go where. */
export interface Shares {
  /** Of the address that this is about. */
  readonly publicIp: string;
  /** Where this address is to go; `undefined`: it looks for no place, or there is none. */
  readonly own: Share | undefined;
  readonly standing: Occupancy;
  /** With the shares of the others taken. */
  readonly shared: Occupancy;
}

function sharesIn(search: Search, members: readonly Machine[], demand: Demand, slotsOf: Seeker['slotsOf']): Shares {
  const { facts, beside, isSeeking } = search;
  const { address, siblings, ask } = facts;
  const { publicIp } = address;
  const publicIps = new Map(siblings.map((sibling) => [sibling.allocationId, sibling.publicIp]));
  const publicIpOf = (id: string): string => publicIps.get(id) ?? 'another address';
  const claimed = claimsAmong(members, [...announcedPlaces(facts, search.now), ...claimedPlaces(facts)]);
  const standing = occupancyOf(facts).with(claimed, publicIpOf);
  // A person who says where it is to go has not to wait for others.
  if (ask.kind === 'move' || ask.kind === 'fail-back') return { publicIp, own: undefined, standing, shared: standing };
  const others = beside
    .filter(({ allocationId }) => !claimed.has(allocationId))
    .map((sibling) => siblingSeeker(sibling, facts));
  const self: Seeker = {
    id: address.allocationId,
    publicIp,
    demand,
    zone: search.holder?.zone ?? null,
    announcedTo: textOrNull(announcedDestination(address, facts.history)),
    slotsOf,
  };
  const seekers = isSeeking ? inTurn(self, others, search) : others;
  const shares = shareOut(seekers, members, standing);
  const ofOthers = new Map([...shares].filter(([id]) => id !== address.allocationId));
  return {
    publicIp,
    own: shares.get(address.allocationId),
    standing,
    shared: standing.with(ofOthers, publicIpOf),
  };
}

/** What other addresses were quicker to claim, or have announced: it is theirs, on an instance that runs. */
function claimsAmong(members: readonly Machine[], places: readonly ClaimedPlace[]): ReadonlyMap<string, Share> {
  const claims = places.flatMap(({ place, by }) => {
    const machine = members.find(
      ({ state, slots }) => state === 'running' && slots.some((slot) => keyOf(slot) === place),
    );
    const slot = machine?.slots.find((each) => keyOf(each) === place);
    return machine === undefined || slot === undefined ? [] : [[by, { machine, slot }] as const];
  });
  return new Map(claims);
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function siblingSeeker(sibling: AddressFacts, { instances, alarms }: Facts): Seeker {
  const holder = instances.find(({ id }) => id === sibling.association?.instanceId) ?? null;
  return {
    id: sibling.allocationId,
    publicIp: sibling.publicIp,
    demand: demandOf(sibling, holder, 'unread'),
    zone: holder?.zone ?? null,
    announcedTo: sibling.announcedTo,
    slotsOf: (machine) =>
      machine.id !== holder?.id && flawsOf(machine, sibling, alarms).length === 0 ? machine.slots : [],
  };
}

/** Under which key the memory keeps since when the address has left the places there are to its siblings. */
export const YIELDS_KEY = 'yields';

/**
 * In the order of their ids, which all runs agree on. But who has left a place to the others for so long that they could
 * have taken it comes first: what keeps them from it (a cool-down, say) is not seen from here.
 */
function inTurn(self: Seeker, others: readonly Seeker[], { facts: { history }, limits, now }: Search): Seeker[] {
  const since = remembered(history, YIELDS_KEY);
  if (since !== undefined && secondsSince(since, now) >= limits.yieldSeconds) return [self, ...others];
  return [self, ...others].toSorted((left, right) => (left.id < right.id ? -1 : 1));
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
  if (slots.length === 0) return [{ kind: 'misfit', why: 'has no private IPv4 address' }];
  if (suitable.length === 0)
    return [{ kind: 'misfit', why: `has no private address like the one it needs (${demandInWords(demand)})` }];
  const displaced = suitable.flatMap((slot) => standing.on(slot) ?? []).join(', ');
  return [{ kind: 'misfit', why: `has no free private address: would displace ${displaced}` }];
}

/**
 * Where it is to go by the shares; where an interrupted move was going; then who has the fewest addresses of the name, no
 * event of EC2's ahead, priority, another zone than the holder's, id.
 */
function byPreference(
  { facts: { address, history }, holder }: Search,
  own: Share | undefined,
): (left: Standby, right: Standby) => number {
  const announced = announcedDestination(address, history);
  return byRank(({ machine, load }) => [
    machine === own?.machine ? 0 : 1,
    machine.id === announced ? 0 : 1,
    load,
    ...meritOf(machine, holder?.zone ?? null),
  ]);
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
