/**
 * Where in an ACL the rules of ours stand, and in which order what is there becomes that.
 *
 * What stands rightly stays where it is. A new rule gets the highest free number below the allow that it has to come before: what
 * people number from the bottom upwards (an office that is let in at 10) keeps its place before ours, and so does whatever they put
 * there later. They number in tens, as AWS advises: these are left to them as long as there are others.
 */

import { covers, familyOf, overlap, type AddressFamily } from '../../../shared/judgement/addresses/arithmetic.ts';
import type { AclEntry } from './network-acl-facts.ts';
import { boundOf, LAST_NUMBER, type Ingress } from './network-acl-order.ts';
import { countOf, type Rules } from './network-acl-rules.ts';

/** The number of the first allow as AWS itself makes it: where nothing is let in yet it will come to stand there. */
const USUAL_ALLOW = 100;
/** Source: https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html */
const STEP_OF_PEOPLE = 10;

/** A rule at its number. */
export interface Place {
  readonly ruleNumber: number;
  readonly cidr: string;
}

/** A rule that takes another's number. */
export interface Swap extends Place {
  readonly instead: AclEntry;
}

/** How an ACL becomes what it is to be, in this order. */
export interface Changes {
  /** Ours that stay. */
  readonly kept: readonly AclEntry[];
  /** For which there is room at once. */
  readonly created: readonly Place[];
  readonly swapped: readonly Swap[];
  /** Those whose room or number is needed. */
  readonly deletedFirst: readonly AclEntry[];
  readonly createdThen: readonly Place[];
  /** In place of what covers some of the new ones, when those are there. */
  readonly swappedThen: readonly Swap[];
  readonly deleted: readonly AclEntry[];
  /** For which no number is free before what lets them in. */
  readonly unplaced: readonly string[];
}

/** A network that has no rule yet, and the number that it has to stay below. */
interface Fresh {
  readonly cidr: string;
  readonly bound: number;
}

interface Exchange {
  readonly swapped: readonly Swap[];
  readonly deletedFirst: readonly AclEntry[];
  /** Of this family, so many fit in beside what is there. */
  readonly fitAtOnce: number;
}

/** Each network once, at the lowest of its numbers. */
function keptOf({ ours }: Ingress, bounds: ReadonlyMap<string, number>): readonly AclEntry[] {
  const kept = new Map<string, AclEntry>();
  for (const entry of ours) {
    const isRight = entry.ruleNumber < (bounds.get(entry.cidr) ?? 0);
    if (isRight && !kept.has(entry.cidr)) kept.set(entry.cidr, entry);
  }
  return [...kept.values()];
}

/** Where not all new rules fit in beside the old ones, so many take an old one's place: one call, and no moment without both. */
function exchangeOf(fresh: readonly Fresh[], old: readonly AclEntry[], excess: number): Exchange {
  const isUnion = ({ cidr }: Fresh): boolean => old.some((entry) => covers(cidr, entry.cidr));
  // What covers an old one is there before that goes.
  const inTurn = [...fresh.filter(isUnion), ...fresh.filter((each) => !isUnion(each))];
  const isIdle = (entry: AclEntry): boolean => !fresh.some(({ cidr }) => overlap(cidr, entry.cidr));
  const left = new Set([...old.filter(isIdle), ...old.filter((entry) => !isIdle(entry))]);
  const swapped: Swap[] = [];
  for (const { cidr, bound } of inTurn) {
    if (swapped.length === excess) break;
    const fits = [...left].filter(({ ruleNumber }) => ruleNumber < bound);
    const instead = fits.find((entry) => covers(cidr, entry.cidr)) ?? fits[0];
    if (instead === undefined) continue;
    left.delete(instead);
    swapped.push({ ruleNumber: instead.ruleNumber, cidr, instead });
  }
  const deletedFirst = [...left].slice(0, excess - swapped.length);
  return { swapped, deletedFirst, fitAtOnce: fresh.length - excess };
}

/** Numbers below `bound`, those that are taken first first. */
function* numbersBelow(bound: number): Generator<number> {
  const start = bound > LAST_NUMBER ? USUAL_ALLOW : bound;
  for (let number = start - 1; number > 0; number -= 1) yield number;
  for (let number = start; number < bound; number += 1) yield number;
}

/** The free number for a rule that has to stay below `bound`. */
function numberBelow(bound: number, taken: ReadonlySet<number>): number | undefined {
  let ofPeople: number | undefined;
  for (const number of numbersBelow(bound)) {
    if (taken.has(number)) continue;
    if (number % STEP_OF_PEOPLE !== 0) return number;
    ofPeople ??= number;
  }
  return ofPeople;
}

interface Numbered {
  readonly places: readonly Place[];
  /** At an old one's number, for there is no other. */
  readonly inPlace: readonly Swap[];
  readonly unplaced: readonly string[];
}

/** An old rule of the same family can be replaced; of another it would have to go first. */
function likest(cidr: string, old: readonly AclEntry[]): AclEntry | undefined {
  const alike = old.filter(({ family }) => family === familyOf(cidr));
  return alike.find((entry) => overlap(entry.cidr, cidr)) ?? alike[0] ?? old[0];
}

/** Numbers for new rules, those that have to come first first. */
function numbered(fresh: readonly Fresh[], { ours, foreign }: Ingress, old: readonly AclEntry[]): Numbered {
  const taken = new Set([...ours, ...foreign].map(({ ruleNumber }) => ruleNumber));
  const left = new Set(old);
  const places: Place[] = [];
  const inPlace: Swap[] = [];
  const unplaced: string[] = [];
  for (const { cidr, bound } of fresh) {
    const free = numberBelow(bound, taken);
    const fits = [...left].filter(({ ruleNumber }) => ruleNumber < bound);
    const instead = likest(cidr, fits);
    if (free !== undefined) {
      taken.add(free);
      places.push({ ruleNumber: free, cidr });
    } else if (instead === undefined) unplaced.push(cidr);
    else {
      left.delete(instead);
      inPlace.push({ ruleNumber: instead.ruleNumber, cidr, instead });
    }
  }
  return { places, inPlace, unplaced };
}

/** EC2 takes a replacement of the other family, too; but then one more of it has to have room. */
function isAlike({ cidr, instead }: Swap): boolean {
  return familyOf(cidr) === instead.family;
}

/** Of each family as many as fit in beside what is there; the others come after what has to go for them. */
function early(places: readonly Place[], fitAtOnce: { readonly [family in AddressFamily]: number }): readonly Place[] {
  const room = { ...fitAtOnce };
  return places.filter(({ cidr }) => {
    room[familyOf(cidr)] -= 1;
    return room[familyOf(cidr)] >= 0;
  });
}

/** Finds the numbers, and the order of the changes. */
export function changesFor(ingress: Ingress, { networks, most }: Rules): Changes {
  const bounds = new Map(networks.map((cidr) => [cidr, boundOf(ingress, cidr)]));
  const kept = keptOf(ingress, bounds);
  const stays = new Set(kept);
  const old = ingress.ours.filter((entry) => !stays.has(entry));
  const has = new Set(kept.map(({ cidr }) => cidr));
  const fresh = [...bounds]
    .filter(([cidr]) => !has.has(cidr))
    .map(([cidr, bound]): Fresh => ({ cidr, bound }))
    .toSorted((one, other) => one.bound - other.bound);
  const exchange = (family: AddressFamily): Exchange => {
    const own = fresh.filter(({ cidr }) => familyOf(cidr) === family);
    const excess = Math.max(0, Math.min(own.length, countOf(ingress, family) + own.length - most[family]));
    return exchangeOf(
      own,
      old.filter((entry) => entry.family === family),
      excess,
    );
  };
  const [v4, v6] = [exchange('IPV4'), exchange('IPV6')];
  const exchanged = [...v4.swapped, ...v6.swapped];
  const isSwapped = new Set(exchanged.flatMap(({ cidr, instead }) => [cidr, instead]));
  const rest = old.filter((entry) => !isSwapped.has(entry));
  const { places, inPlace, unplaced } = numbered(
    fresh.filter(({ cidr }) => !isSwapped.has(cidr)),
    ingress,
    rest,
  );
  const created = early(places, { IPV4: v4.fitAtOnce, IPV6: v6.fitAtOnce });
  const [replacing, following] = [inPlace.filter(isAlike), inPlace.filter((each) => !isAlike(each))];
  const swaps = [...exchanged, ...replacing];
  const isLate = ({ cidr, instead }: Swap): boolean =>
    !covers(cidr, instead.cidr) && fresh.some((each) => overlap(each.cidr, instead.cidr));
  const replaced = new Set(replacing.map(({ instead }) => instead));
  const first = new Set([...v4.deletedFirst, ...v6.deletedFirst, ...following.map(({ instead }) => instead)]);
  return {
    kept,
    created,
    swapped: swaps.filter((each) => !isLate(each)),
    deletedFirst: [...first].filter((entry) => !replaced.has(entry)),
    createdThen: [...places.filter((place) => !created.includes(place)), ...following],
    swappedThen: swaps.filter(isLate),
    deleted: rest.filter((entry) => !first.has(entry) && !replaced.has(entry)),
    unplaced,
  };
}
