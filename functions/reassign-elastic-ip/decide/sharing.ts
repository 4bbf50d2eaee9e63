/**
 * Sharing out the places that there are among the addresses of one name that look for one. Every run that sees the same
 * facts computes the same shares, so that each address finds a place of its own although each is moved by itself. Pure.
 */

import type { PrivateSlot } from '../../../shared/judgement/instance-health.ts';
import type { Machine } from './facts.ts';
import { freePlaces, keyOf, type Demand, type Tenant } from './places.ts';
import { byRank } from './rank.ts';

/** An address that looks for a place. */
export interface Seeker {
  /** Its allocation id. */
  readonly id: string;
  readonly publicIp: string;
  readonly demand: Demand;
  /** The zone of who held it; another one is better. */
  readonly zone: string | null;
  /** Where a move was going that may have been interrupted, by instance. */
  readonly announcedTo: string | null;
  /** Private addresses of an instance that are not out of the question; none of one that it cannot go to. */
  readonly slotsOf: (machine: Machine) => readonly PrivateSlot[];
}

/** A place on an instance. */
export interface Share {
  readonly machine: Machine;
  readonly slot: PrivateSlot;
}

/** Who is where among the places of all instances. */
export class Occupancy {
  readonly #tenants: Map<string, string>;
  readonly #siblings: ReadonlySet<string>;

  /** @param tenants the public address by place · @param siblings public addresses of the name */
  constructor(tenants: ReadonlyMap<string, string>, siblings: ReadonlySet<string>) {
    this.#tenants = new Map(tenants);
    this.#siblings = siblings;
  }

  /** Whose a place is in the eyes of one address: its own place is free for it. */
  tenantOf(slot: PrivateSlot, publicIp: string): Tenant {
    const tenant = this.#tenants.get(keyOf(slot));
    if (tenant === undefined || tenant === publicIp) return 'nobody';
    return this.#siblings.has(tenant) ? 'sibling' : 'stranger';
  }

  /** The public address on a place. */
  on(slot: PrivateSlot): string | undefined {
    return this.#tenants.get(keyOf(slot));
  }

  /** How many addresses of the name an instance has, `publicIp` not counted. */
  loadOf({ slots }: Machine, publicIp: string): number {
    return slots.filter((slot) => this.tenantOf(slot, publicIp) === 'sibling').length;
  }

  /** The same, with these shares taken. */
  with(shares: ReadonlyMap<string, Share>, publicIpOf: (id: string) => string): Occupancy {
    const tenants = new Map(this.#tenants);
    for (const [id, { slot }] of shares) tenants.set(keyOf(slot), publicIpOf(id));
    return new Occupancy(tenants, this.#siblings);
  }
}

/** Ranks an instance among those that carry as many addresses of the name: one that stays, by priority, in another zone than `zone`, by id. */
export function meritOf(
  { scheduled, priority, zone: own, id }: Machine,
  zone: string | null,
): readonly [number, number, number, string] {
  return [scheduled.length > 0 ? 1 : 0, priority, own === zone ? 1 : 0, id];
}

/**
 * The share of each seeker by its id; one that is missing finds no place.
 *
 * First everybody who was on the way somewhere gets there. Then the instances without an address of the name are matched to
 * the seekers, so that as many as can be are served; then those with one, and so on: an instance takes a second address only
 * when no idle one is left.
 * @param seekers who comes first is served first
 */
export function shareOut(
  seekers: readonly Seeker[],
  machines: readonly Machine[],
  occupancy: Occupancy,
): ReadonlyMap<string, Share> {
  const shares = new Map<string, Share>();
  const publicIps = new Map(seekers.map(({ id, publicIp }) => [id, publicIp]));
  const now = (): Occupancy => occupancy.with(shares, (id) => publicIps.get(id) ?? id);
  for (const seeker of seekers) {
    const machine = machines.find(({ id }) => id === seeker.announcedTo);
    const slot = machine === undefined ? undefined : offerOf(seeker, machine, now());
    if (machine !== undefined && slot !== undefined) shares.set(seeker.id, { machine, slot });
  }
  const most = Math.max(0, ...machines.map(({ slots }) => slots.length));
  for (let load = 0; load < most; load += 1) {
    const open = seekers.filter(({ id }) => !shares.has(id));
    if (open.length === 0) return shares;
    const standing = now();
    const offering = machines.filter((machine) => standing.loadOf(machine, '') === load);
    for (const [id, share] of matched(open, offering, standing)) shares.set(id, share);
  }
  return shares;
}

/** The place that an instance has for a seeker. */
function offerOf(seeker: Seeker, machine: Machine, occupancy: Occupancy): PrivateSlot | undefined {
  return freePlaces(seeker.demand, seeker.slotsOf(machine), (slot) => occupancy.tenantOf(slot, seeker.publicIp))[0];
}

/** One instance for each seeker, for as many as possible; among several ways that in which who comes first has the better one. */
function matched(
  seekers: readonly Seeker[],
  machines: readonly Machine[],
  occupancy: Occupancy,
): ReadonlyMap<string, Share> {
  const sorted = new Map<string | null, readonly Machine[]>();
  const offers = new Map<Seeker, readonly Share[]>();
  for (const seeker of seekers) {
    const best = sorted.get(seeker.zone) ?? machines.toSorted(byRank((machine) => meritOf(machine, seeker.zone)));
    sorted.set(seeker.zone, best);
    const offered = best.flatMap((machine) => {
      const slot = offerOf(seeker, machine, occupancy);
      return slot === undefined ? [] : [{ machine, slot }];
    });
    offers.set(seeker, offered);
  }
  const taken = new Map<string, { readonly seeker: Seeker; readonly share: Share }>();
  for (const seeker of seekers) settle(seeker, offers, taken, new Set());
  return new Map([...taken.values()].map(({ seeker, share }) => [seeker.id, share]));
}

/** Finds an instance for a seeker, moving who has it to another one where that is the only way. */
function settle(
  seeker: Seeker,
  offers: ReadonlyMap<Seeker, readonly Share[]>,
  taken: Map<string, { readonly seeker: Seeker; readonly share: Share }>,
  asked: Set<string>,
): boolean {
  const own = offers.get(seeker) ?? [];
  const free = own.find(({ machine }) => !taken.has(machine.id) && !asked.has(machine.id));
  if (free !== undefined) {
    taken.set(free.machine.id, { seeker, share: free });
    return true;
  }
  for (const share of own) {
    const { id } = share.machine;
    if (asked.has(id)) continue;
    asked.add(id);
    const other = taken.get(id);
    if (other === undefined || settle(other.seeker, offers, taken, asked)) {
      taken.set(id, { seeker, share });
      return true;
    }
  }
  return false;
}
