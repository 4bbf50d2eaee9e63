/** Which set takes which network, where several share a blocklist. */

import type { AddressFamily } from '../addresses/arithmetic.ts';
import { indexOf } from '../addresses/lookup.ts';
import { isMineIn, markOf, type Published } from './published.ts';
import { perhapsWanted, wantedIn, worstOf } from './wanted.ts';
import { isGuarded, type Wishes } from './wishes.ts';

/** A set among those that share blocklist, scope and family. */
export interface Member {
  readonly arn: string;
  readonly shard: number;
  /** Where it is not, it keeps what is noted of it, and is given nothing more. */
  readonly isReadable: boolean;
  readonly addresses: readonly string[];
  readonly published: Published;
}

/** How sets are filled. */
export interface SetLimits {
  /** Addresses that one set takes. */
  readonly setCapacity: number;
  /** How full a set is made while others have room, so that what is added later seldom has to go elsewhere. */
  readonly headRoom: number;
  /** People hear of it when the sets of a blocklist are so full together. */
  readonly fullShare: number;
}

/** What is to stand in the sets of a group, those of others aside. */
export interface Placement {
  /** Networks that each set is to have, by its ARN; one that others have put into a set is not among them. */
  readonly byArn: ReadonlyMap<string, readonly string[]>;
  /** Entries of others, by ARN. */
  readonly foreign: ReadonlyMap<string, ReadonlySet<string>>;
  /** Networks that are wanted, and others have put into a set already. */
  readonly byOthers: ReadonlySet<string>;
  /** Without room in any set. */
  readonly left: number;
  /** Not added while it is not known who may never be blocked. */
  readonly heldBack: number;
  /** How full the sets are together, 0 to 1. */
  readonly fill: number;
}

/** Sets of one number: each of them has all that the place has taken. */
interface Place {
  readonly members: readonly Member[];
  readonly isReadable: boolean;
  readonly room: number;
  readonly taken: string[];
}

/** Each set asks for the same placement: it is worked out once for a reading. */
const KNOWN = new WeakMap<readonly Member[], { readonly wishes: Wishes; readonly placement: Placement }>();

/** What each set of the group is to have. */
export function placementOf(
  group: readonly Member[],
  family: AddressFamily,
  wishes: Wishes,
  limits: SetLimits,
): Placement {
  const known = KNOWN.get(group);
  if (known?.wishes === wishes) return known.placement;
  const placement = worked(group, family, wishes, limits);
  KNOWN.set(group, { wishes, placement });
  return placement;
}

function worked(group: readonly Member[], family: AddressFamily, wishes: Wishes, limits: SetLimits): Placement {
  const foreign = new Map(group.map((member) => [member.arn, foreignIn(member)]));
  const places = placesOf(group, foreign, limits);
  const due = dueIn(group, foreign, family, wishes);
  const all = isGuarded(wishes) ? due : standingOf(group, foreign, due);
  const there = new Set(all);
  const byOthers = new Set(places.flatMap(({ members }) => inEach(members, foreign)));
  const own = all.filter((cidr) => !byOthers.has(cidr));
  const room = places.reduce((sum, place) => sum + place.room, 0);
  const kept = worstOf(wishes, own, room);
  fill(places, kept, limits);
  return {
    byArn: new Map(
      places.flatMap(({ members, taken }) =>
        members.map(({ arn }) => [arn, taken.filter((cidr) => foreign.get(arn)?.has(cidr) !== true)] as const),
      ),
    ),
    foreign,
    byOthers: new Set(all.filter((cidr) => byOthers.has(cidr))),
    left: own.length - kept.length,
    heldBack: isGuarded(wishes) ? 0 : due.filter((cidr) => !there.has(cidr)).length,
    fill: room === 0 ? 1 : own.length / room,
  };
}

/** What is wanted, and what stands there of ours that a list may want which cannot be read now. */
function dueIn(
  group: readonly Member[],
  foreign: Placement['foreign'],
  family: AddressFamily,
  wishes: Wishes,
): readonly string[] {
  const wanted = wantedIn(wishes, family);
  const known = new Set(wanted);
  const others = group.flatMap(({ arn, addresses }) =>
    addresses.filter((cidr) => !known.has(cidr) && foreign.get(arn)?.has(cidr) !== true),
  );
  return [...wanted, ...perhapsWanted(wishes, family, [...new Set(others)])];
}

/**
 * What may stand while it is not known who may never be blocked: no more than what stands by us, as far as it lies in what is wanted. A
 * hole in a range stays one, though nobody can say for whom it was made; what others have put into one set comes into no other.
 */
function standingOf(
  group: readonly Member[],
  foreign: Placement['foreign'],
  due: readonly string[],
): readonly string[] {
  const index = indexOf(due);
  const there = group.flatMap(({ arn, addresses }) => addresses.filter((cidr) => foreign.get(arn)?.has(cidr) !== true));
  return [...new Set(there)].filter((cidr) => index.covering(cidr) !== undefined);
}

function foreignIn({ addresses, published }: Member): ReadonlySet<string> {
  const isMine = isMineIn(published);
  return new Set(addresses.filter((cidr) => !isMine(cidr)));
}

/** By their numbers: sets of the same one, or of none, are replicas. */
function placesOf(
  group: readonly Member[],
  foreign: Placement['foreign'],
  { setCapacity }: SetLimits,
): readonly Place[] {
  const numbers = [...new Set(group.map(({ shard }) => shard))].toSorted((one, other) => one - other);
  return numbers.map((number) => {
    const members = group.filter(({ shard }) => shard === number);
    const readable = members.filter(({ isReadable }) => isReadable);
    const free = readable.map(({ arn }) => Math.max(0, setCapacity - (foreign.get(arn)?.size ?? 0)));
    const noted = Math.max(...members.map(({ published }) => published.mine.length));
    return {
      members,
      isReadable: readable.length > 0,
      room: readable.length > 0 ? Math.min(...free) : noted,
      taken: [],
    };
  });
}

/** What others have put into every one of these sets. */
function inEach([first, ...rest]: readonly Member[], foreign: Placement['foreign']): readonly string[] {
  const entries = first === undefined ? [] : [...(foreign.get(first.arn) ?? [])];
  return entries.filter((cidr) => rest.every(({ arn }) => foreign.get(arn)?.has(cidr) === true));
}

/**
 * What stands in a set stays there. What is new goes into the first with room, up to its head-room while others have any: a storm of
 * blocks writes one set, and what is added later seldom has to go elsewhere.
 */
function fill(places: readonly Place[], networks: readonly string[], { headRoom }: SetLimits): void {
  const homeOf = homes(places);
  const homeless: string[] = [];
  for (const cidr of networks) {
    const home = homeOf(cidr);
    if (home === undefined || home.taken.length >= home.room) homeless.push(cidr);
    else home.taken.push(cidr);
  }
  for (const share of [headRoom, 1]) {
    for (const { taken, room } of places.filter((each) => each.isReadable)) {
      const more = homeless.splice(0, Math.max(0, Math.floor(room * share) - taken.length));
      for (const cidr of more) taken.push(cidr);
    }
  }
}

/** Where a network stands already, as far as it was put there by us. */
function homes(places: readonly Place[]): (cidr: string) => Place | undefined {
  const noted = { entries: new Map<string, Place>(), marks: new Map<string, Place>() };
  for (const home of places.toReversed())
    for (const { published } of home.members) for (const each of published.mine) noted[published.form].set(each, home);
  const isMarked = noted.marks.size > 0;
  return (cidr) => noted.entries.get(cidr) ?? (isMarked ? noted.marks.get(markOf(cidr)) : undefined);
}
