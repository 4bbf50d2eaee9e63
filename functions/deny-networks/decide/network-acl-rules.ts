/** Which networks are to have a rule of ours in an ACL: few have room, so that the worst of them do. */

import { covers, minimalCover, type AddressFamily } from '../../../shared/judgement/addresses/arithmetic.ts';
import { isGuarded } from '../../../shared/judgement/blocklist/wishes.ts';
import type { AclFacts, AclLimits } from './network-acl-facts.ts';
import { boundOf, isDeniedByOthers, type Ingress } from './network-acl-order.ts';
import { wantedIn, worstOf } from '../../../shared/judgement/blocklist/wanted.ts';

const FAMILIES: readonly AddressFamily[] = ['IPV4', 'IPV6'];

/** The networks that are to stand, and those that cannot. */
export interface Rules {
  /** Each with a rule of its own; under pressure what two halves are halves of. */
  readonly networks: readonly string[];
  /** Blocked networks that need a rule, as they stand in the ledger. */
  readonly needed: readonly string[];
  /** Blocked, and without a rule: there is no room. */
  readonly withoutRoom: readonly string[];
  /** Blocked, and without a rule: what lets them in has no free number before it. */
  readonly withoutNumber: readonly string[];
  /** Rules that AWS takes of each family. */
  readonly most: { readonly [family in AddressFamily]: number };
}

/** Rules of one family as they stand. */
export function countOf({ ours, foreign, ownOfAws }: Ingress, family: AddressFamily): number {
  return ownOfAws[family] + [...ours, ...foreign].filter((entry) => entry.family === family).length;
}

/** The quota, as people say by a tag or as it usually is; where AWS has just refused one more for want of room, what stands there is all that it takes. */
function mostOf(
  { acl, refusals = [] }: AclFacts,
  { aclRules }: AclLimits,
  ingress: Ingress,
  family: AddressFamily,
): number {
  const member = family === 'IPV4' ? 'CidrBlock' : 'Ipv6CidrBlock';
  const standing = countOf(ingress, family);
  // What stands beyond it proves that it was raised so far. Whether further is not tried, for EC2 would have to refuse it at each tick.
  const quota = Math.max(acl?.rules ?? aclRules, standing);
  const isRefused = refusals.some(({ meaning, input }) => meaning === 'capacity' && input[member] !== undefined);
  return isRefused ? standing : quota;
}

function hasNumber({ foreign }: Ingress, bound: number): boolean {
  const taken = foreign.filter(({ ruleNumber }) => ruleNumber < bound);
  return new Set(taken.map(({ ruleNumber }) => ruleNumber)).size < bound - 1;
}

/** Halves are put together only where there is no room for both; then the worst stay. */
function fitting(
  facts: AclFacts,
  needed: readonly string[],
  standing: readonly string[],
  room: number,
): readonly string[] {
  const all = [...needed, ...standing];
  if (all.length <= room) return all;
  const merged = needed.length <= room ? needed : minimalCover(needed);
  return worstOf(facts.wishes, merged, room);
}

/** What is blocked; while it is not known who may never be, no more than what has a rule. */
function mayStand({ wishes }: AclFacts, { ours }: Ingress, family: AddressFamily): readonly string[] {
  const wanted = wantedIn(wishes, family);
  if (isGuarded(wishes)) return wanted;
  const standing = ours.filter((entry) => entry.family === family);
  return wanted.filter((cidr) => standing.some((entry) => covers(entry.cidr, cidr)));
}

type OfFamily = Omit<Rules, 'most'>;

function rulesOf(facts: AclFacts, ingress: Ingress, family: AddressFamily, most: number): OfFamily {
  const wanted = mayStand(facts, ingress, family);
  const others = new Set(wanted.filter((cidr) => isDeniedByOthers(ingress, cidr)));
  const open = wanted.filter((cidr) => !others.has(cidr));
  const needed = open.filter((cidr) => hasNumber(ingress, boundOf(ingress, cidr)));
  // Ours may stay beside somebody else's as long as it takes nobody's room: they may take theirs out again.
  const rightly = ingress.ours.filter(({ ruleNumber, cidr }) => ruleNumber < boundOf(ingress, cidr));
  const ours = new Set(rightly.map(({ cidr }) => cidr));
  const standing = wanted.filter((cidr) => others.has(cidr) && ours.has(cidr));
  const room = most - countOf({ ...ingress, ours: [] }, family);
  const networks = fitting(facts, needed, standing, room);
  return {
    networks,
    needed,
    withoutRoom: needed.filter((cidr) => !networks.some((each) => covers(each, cidr))),
    withoutNumber: open.filter((cidr) => !hasNumber(ingress, boundOf(ingress, cidr))),
  };
}

/** Judges what has room, of each family by itself. */
export function rulesFor(facts: AclFacts, ingress: Ingress, limits: AclLimits): Rules {
  const most = {
    IPV4: mostOf(facts, limits, ingress, 'IPV4'),
    IPV6: mostOf(facts, limits, ingress, 'IPV6'),
  };
  const each = FAMILIES.map((family) => rulesOf(facts, ingress, family, most[family]));
  return {
    networks: each.flatMap(({ networks }) => networks),
    needed: each.flatMap(({ needed }) => needed),
    withoutRoom: each.flatMap(({ withoutRoom }) => withoutRoom),
    withoutNumber: each.flatMap(({ withoutNumber }) => withoutNumber),
    most,
  };
}
