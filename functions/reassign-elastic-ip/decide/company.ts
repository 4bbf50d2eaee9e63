/**
 * The company of a name: its addresses and instances as all of its addresses see them. What is said here is the same for each
 * address, so it is worked out once for all that were seen in the same look: a fleet may have thousands. Pure: what is kept is
 * what would come out again.
 */

import type { Flaw, PrivateSlot } from '../../../shared/judgement/instance-health.ts';
import type { AddressFacts, AlarmFacts, Facts, Machine } from './facts.ts';
import { flawsOf } from './flaws.ts';
import { keyOf } from './places.ts';
import { byRank } from './rank.ts';
import { meritOf, Occupancy, type Share } from './sharing.ts';

/** What was seen of a name in one look. */
type Seen = Pick<Facts, 'siblings' | 'instances' | 'alarms'> & { readonly vip: string };

/** Everybody of a name, and what is said of them whichever address asks. */
export class Company {
  readonly seen: Seen;
  readonly byId: ReadonlyMap<string, Machine>;
  /** The instances that carry the name. */
  readonly members: readonly Machine[];
  readonly occupancy: Occupancy;
  readonly #flaws = new Map<string, Map<Machine, readonly Flaw[]>>();
  readonly #ranks = new Map<string | null, ReadonlyMap<Machine, number>>();
  readonly #shares = new WeakMap<readonly AddressFacts[], ReadonlyMap<string, Share>>();
  #seeking: { readonly by: string; readonly found: readonly AddressFacts[] } | undefined;

  constructor(seen: Seen) {
    this.seen = seen;
    this.byId = new Map(seen.instances.map((machine) => [machine.id, machine]));
    this.members = seen.instances.filter(({ vip }) => vip === seen.vip);
    this.occupancy = occupancyIn(seen);
  }

  /** What speaks against a member, for addresses of a border group. */
  flawsOf(machine: Machine, borderGroup: string): readonly Flaw[] {
    const ofGroup = this.#flaws.get(borderGroup) ?? new Map<Machine, readonly Flaw[]>();
    this.#flaws.set(borderGroup, ofGroup);
    const flaws = ofGroup.get(machine) ?? flawsOf(machine, borderGroup, this.seen.alarms);
    ofGroup.set(machine, flaws);
    return flaws;
  }

  /** The place of a member among all by merit, for an address that was in a zone; the smaller the better. */
  rankOf(machine: Machine, zone: string | null): number {
    const known = this.#ranks.get(zone);
    const ranks = known ?? new Map(this.#sorted(zone).map((each, index) => [each, index]));
    if (known === undefined) this.#ranks.set(zone, ranks);
    return ranks.get(machine) ?? ranks.size;
  }

  #sorted(zone: string | null): readonly Machine[] {
    return this.members.toSorted(byRank((machine) => meritOf(machine, zone)));
  }

  /** The addresses that look for a place, as `find` finds them; `by`: all that this depends on besides what was seen. */
  seeking(by: string, find: () => readonly AddressFacts[]): readonly AddressFacts[] {
    if (this.#seeking?.by !== by) this.#seeking = { by, found: find() };
    return this.#seeking.found;
  }

  /** How the places are shared out among these seeking ones, where nothing else is known than what all see. */
  sharesOf(seeking: readonly AddressFacts[], share: () => ReadonlyMap<string, Share>): ReadonlyMap<string, Share> {
    const shares = this.#shares.get(seeking) ?? share();
    this.#shares.set(seeking, shares);
    return shares;
  }
}

/** Who is on which private address, by what the instances show and by what the addresses say: either may be the newer. */
function occupancyIn({ siblings, instances }: Seen): Occupancy {
  const byPlace = new Map<string, string>();
  for (const { association, publicIp } of siblings) if (association !== null) byPlace.set(keyOf(association), publicIp);
  const tenants = new Map<PrivateSlot, string>();
  for (const { slots } of instances)
    for (const slot of slots) {
      const tenant = slot.elasticIp ?? byPlace.get(keyOf(slot));
      if (tenant !== undefined) tenants.set(slot, tenant);
    }
  return new Occupancy(tenants, new Set(siblings.map(({ publicIp }) => publicIp)));
}

/** By the list of instances, which all addresses of a name share that were seen in the same look. */
const known = new WeakMap<readonly Machine[], Company>();

/** The company that an address is in. */
export function companyOf({ siblings, instances, alarms, address: { vip } }: Facts): Company {
  const before = known.get(instances);
  const isSame = (seen: Seen): boolean =>
    seen.siblings === siblings && isSameList(seen.alarms, alarms) && seen.vip === vip;
  if (before !== undefined && isSame(before.seen)) return before;
  const company = new Company({ siblings, instances, alarms, vip });
  known.set(instances, company);
  return company;
}

function isSameList(one: readonly AlarmFacts[], other: readonly AlarmFacts[]): boolean {
  return one === other || (one.length === 0 && other.length === 0);
}
