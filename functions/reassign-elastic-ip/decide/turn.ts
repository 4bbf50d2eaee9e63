/**
 * The turn of one address among those of its name that look for a place: which places are left to it, and which is its own. Pure.
 */

import { remembered, secondsSince } from '../../../shared/judgement/since.ts';
import type { Company } from './company.ts';
import type { AddressFacts, ElasticIpLimits, Facts, Machine } from './facts.ts';
import { announcedDestination } from './move-records.ts';
import { demandOf, freePlaces, keyOf, type Demand } from './places.ts';
import { announcedPlaces, claimedPlaces, isAnnounced, type ClaimedPlace } from './refusals.ts';
import { shareOut, type Occupancy, type Seeker, type Share } from './sharing.ts';
import { othersOf } from './siblings.ts';

/** Who looks for what, and among whom. */
export interface Search {
  readonly facts: Facts;
  readonly holder: Machine | null;
  /** The address needs a place; false: it is well where it is, or a person says where it is to go. */
  readonly isSeeking: boolean;
  /** The addresses of the name that need one by what everybody sees, in the order of their ids. */
  readonly seeking: readonly AddressFacts[];
  readonly limits: ElasticIpLimits;
  readonly now: string;
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

/** What there is for an address that looks for `demand`. `slotsOf`: the private addresses that are not out of the question for it. */
export function sharesIn(search: Search, company: Company, demand: Demand, slotsOf: Seeker['slotsOf']): Shares {
  const { facts } = search;
  const { address, siblings, ask } = facts;
  const { publicIp, allocationId } = address;
  const publicIpOf = (id: string): string =>
    siblings.find((sibling) => sibling.allocationId === id)?.publicIp ?? 'another address';
  const known = [...announcedPlaces(facts, search.now), ...claimedPlaces(facts)];
  const claimed = new Map([...claimsAmong(company.members, known), ...taggedClaims(search, company)]);
  const standing = company.occupancy.with(claimed, publicIpOf);
  // A person who says where it is to go has not to wait for others.
  if (ask.kind === 'move' || ask.kind === 'fail-back') return { publicIp, own: undefined, standing, shared: standing };
  const self = ownSeeker(search, company, demand, slotsOf);
  const shares = isLikeAll(search, self, claimed)
    ? company.sharesOf(search.seeking, () => shareOut(search.seeking.map(seekerIn(company)), company.members, standing))
    : shareOut(seekersBeside(search, company, self, claimed), company.members, standing);
  const ofOthers = new Map([...shares].filter(([id]) => id !== allocationId));
  return { publicIp, own: shares.get(allocationId), standing, shared: standing.with(ofOthers, publicIpOf) };
}

function ownSeeker(
  { facts: { address, history }, holder }: Search,
  company: Company,
  demand: Demand,
  slotsOf: Seeker['slotsOf'],
): Seeker {
  return {
    id: address.allocationId,
    publicIp: address.publicIp,
    demand,
    kind: '',
    rankOf: (machine) => company.rankOf(machine, holder?.zone ?? null),
    announcedTo: textOrNull(announcedDestination(address, history)),
    slotsOf,
  };
}

/** Nothing is known of this address but what everybody sees: so its shares are everybody's, and need not be worked out again. */
function isLikeAll(search: Search, { announcedTo, demand }: Seeker, claimed: ReadonlyMap<string, Share>): boolean {
  const { facts, holder, isSeeking, seeking } = search;
  const { address, refusals, instances } = facts;
  const isSeen = seeking.some(({ allocationId }) => allocationId === address.allocationId);
  if (claimed.size > 0 || isSeen !== isSeeking) return false;
  if (!isSeeking) return true;
  return (
    refusals === undefined &&
    announcedTo === address.announcedTo &&
    isSame(demand, demandOf(address, holder, 'unread')) &&
    !isImpatient(search) &&
    instances.every(({ probe }) => probe === 'none')
  );
}

function isSame(one: Demand, other: Demand): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** This address, where it seeks, and the others that do and have claimed nothing, in their turn. */
function seekersBeside(
  search: Search,
  company: Company,
  self: Seeker,
  claimed: ReadonlyMap<string, Share>,
): readonly Seeker[] {
  const others = search.seeking.filter(({ allocationId }) => allocationId !== self.id && !claimed.has(allocationId));
  const seekers = others.map(seekerIn(company));
  return search.isSeeking ? inTurn(self, seekers, search) : seekers;
}

/**
 * Without the ledger: what those before this address have announced in their tags, each the best place for it on that instance.
 * Those behind it are let through (`moving`).
 */
function taggedClaims({ facts, now }: Search, company: Company): ReadonlyMap<string, Share> {
  if (facts.history !== 'lost') return new Map();
  const seekerOf = seekerIn(company);
  const before = othersOf(facts).filter(({ allocationId }) => allocationId < facts.address.allocationId);
  const claims = before.flatMap((other) => {
    const machine = company.members.find((each) => isAnnounced(other, each, now));
    if (machine === undefined || other.association?.instanceId === machine.id) return [];
    const { demand, publicIp } = seekerOf(other);
    const [slot] = freePlaces(demand, machine.slots, (each) => company.occupancy.tenantOf(each, publicIp));
    return slot === undefined ? [] : [[other.allocationId, { machine, slot }] as const];
  });
  return new Map(claims);
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

/** An address as everybody sees it. */
function seekerIn(company: Company): (sibling: AddressFacts) => Seeker {
  return (sibling) => {
    const { allocationId: id, publicIp, announcedTo, borderGroup, association } = sibling;
    const holder = company.byId.get(association?.instanceId ?? '') ?? null;
    const zone = holder?.zone ?? null;
    const demand = demandOf(sibling, holder, 'unread');
    return {
      id,
      publicIp,
      demand,
      kind: JSON.stringify([demand, borderGroup, zone]),
      rankOf: (machine) => company.rankOf(machine, zone),
      announcedTo,
      slotsOf: (machine) => (company.flawsOf(machine, borderGroup).length === 0 ? machine.slots : []),
    };
  };
}

/** Under which key the memory keeps since when the address has left the places there are to its siblings. */
export const YIELDS_KEY = 'yields';

/**
 * In the order of their ids, which all runs agree on. But who has left a place to the others for so long that they could
 * have taken it comes first: what keeps them from it (a cool-down, say) is not seen from here.
 */
function inTurn(self: Seeker, others: readonly Seeker[], search: Search): Seeker[] {
  if (isImpatient(search)) return [self, ...others];
  return [self, ...others].toSorted((left, right) => (left.id < right.id ? -1 : 1));
}

function isImpatient({ facts: { history }, limits, now }: Search): boolean {
  const since = remembered(history, YIELDS_KEY);
  return since !== undefined && secondsSince(since, now) >= limits.yieldSeconds;
}
