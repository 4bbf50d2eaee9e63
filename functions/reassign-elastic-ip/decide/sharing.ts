/**
 * Sharing out the places that there are among the addresses of one name that look for one. Every run that sees the same
 * facts computes the same shares, so that each address finds a place of its own although each is moved by itself. Pure.
 */

import { assigned } from '../../../shared/judgement/assignment.ts';
import type { PrivateSlot } from '../../../shared/judgement/instance-health.ts';
import type { Machine } from './facts.ts';
import { freePlaces, isMakeshift, keyOf, type Demand, type Tenant } from './places.ts';

/** An address that looks for a place. */
export interface Seeker {
  /** Its allocation id. */
  readonly id: string;
  readonly publicIp: string;
  readonly demand: Demand;
  /** Seekers of the same kind are offered the same. */
  readonly kind: string;
  /** Which of two instances is better for it: the smaller rank. */
  readonly rankOf: (machine: Machine) => number;
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
  readonly #standing: ReadonlyMap<PrivateSlot, string>;
  readonly #coming: ReadonlyMap<string, string>;
  readonly #siblings: ReadonlySet<string>;

  /** @param standing the public address on each private one that has any · @param siblings public addresses of the name · @param coming those that are to be there, by place */
  constructor(
    standing: ReadonlyMap<PrivateSlot, string>,
    siblings: ReadonlySet<string>,
    coming: ReadonlyMap<string, string> = new Map(),
  ) {
    this.#standing = standing;
    this.#siblings = siblings;
    this.#coming = coming;
  }

  /** The public address that a place has, or is to have. */
  on(slot: PrivateSlot): string | undefined {
    const coming = this.#coming.size === 0 ? undefined : this.#coming.get(keyOf(slot));
    return coming ?? this.#standing.get(slot);
  }

  /** Whose a place is in the eyes of one address: its own place is free for it. */
  tenantOf(slot: PrivateSlot, publicIp: string): Tenant {
    const tenant = this.on(slot);
    if (tenant === undefined || tenant === publicIp) return 'nobody';
    return this.#siblings.has(tenant) ? 'sibling' : 'stranger';
  }

  /** How many addresses of the name an instance has, `publicIp` not counted. */
  loadOf({ slots }: Machine, publicIp: string): number {
    return slots.filter((slot) => this.tenantOf(slot, publicIp) === 'sibling').length;
  }

  /** The same, with these shares taken. */
  with(shares: ReadonlyMap<string, Share>, publicIpOf: (id: string) => string): Occupancy {
    if (shares.size === 0) return this;
    const coming = new Map(this.#coming);
    for (const [id, { slot }] of shares) coming.set(keyOf(slot), publicIpOf(id));
    return new Occupancy(this.#standing, this.#siblings, coming);
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

/** What there is for a seeker, best first. */
function offersTo(seeker: Seeker, machines: readonly Machine[], occupancy: Occupancy): readonly Share[] {
  const offers = machines.flatMap((machine) => {
    const slot = offerOf(seeker, machine, occupancy);
    if (slot === undefined) return [];
    return [{ machine, slot, makeshift: Number(isMakeshift(seeker.demand, slot)), rank: seeker.rankOf(machine) }];
  });
  return offers.toSorted((left, right) => left.makeshift - right.makeshift || left.rank - right.rank);
}

/** One instance for each seeker, for as many as possible; those of a kind are offered the same. */
function matched(
  seekers: readonly Seeker[],
  machines: readonly Machine[],
  occupancy: Occupancy,
): ReadonlyMap<string, Share> {
  const ofKind = new Map<string, readonly Share[]>();
  const shares = assigned<Seeker, Share>({
    seekers,
    offersTo: (seeker) => {
      const offered = ofKind.get(seeker.kind) ?? offersTo(seeker, machines, occupancy);
      ofKind.set(seeker.kind, offered);
      return offered;
    },
    keyOf: ({ machine }) => machine.id,
  });
  return new Map([...shares].map(([{ id }, share]) => [id, share]));
}
