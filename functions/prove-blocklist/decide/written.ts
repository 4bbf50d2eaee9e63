/** From accepted to written: whether what stands in the ledger is where it has to be. Pure. */

import { familyOf, overlap, subtract, type AddressFamily } from '../../../shared/judgement/addresses/arithmetic.ts';
import { indexOf } from '../../../shared/judgement/addresses/lookup.ts';
import { specialUse } from '../../../shared/judgement/addresses/special-use.ts';
import { isAllowed, lastEnd, standing, type BlockRow } from '../../../shared/judgement/blocklist/rows.ts';
import { forNetworks, wantedIn } from '../../../shared/judgement/blocklist/wanted.ts';
import type { Wishes } from '../../../shared/judgement/blocklist/wishes.ts';
import type { AclEntry, Facts, ProveLimits, TaggedSet } from './facts.ts';

/** A block that stands in the ledger, as far as it is to be written. */
export interface Accepted {
  readonly cidr: string;
  /** Since when, ISO 8601: the first of the reasons that stand. Empty: none of them says. */
  readonly from: string;
  readonly until: string;
  /** It, without what is allowed or may never be blocked. */
  readonly pieces: readonly string[];
}

/** One enforcement point, or several that share the blocklist. */
interface Place {
  readonly name: string;
  readonly families: readonly AddressFamily[];
  /** `null`: not known. */
  readonly entries: readonly string[] | null;
  readonly isFull: (family: AddressFamily) => boolean;
  /** What it was wanted to hold. */
  readonly due: readonly Accepted[];
}

export interface Written {
  /** `CIDR in PLACE`. */
  readonly missing: readonly string[];
  readonly withoutRoom: readonly string[];
  /** Nobody can say: a place or a guard could not be read, or a list says whom nobody may block. */
  readonly notKnown: readonly string[];
}

/** A time as the ledger has it, in one spelling; of operators' rows there may be none. */
function timeIn(text: string): string {
  const at = Date.parse(text);
  return Number.isNaN(at) ? '' : new Date(at).toISOString();
}

function endsOf(row: BlockRow, now: string): { readonly from: string; readonly until: string } {
  const reasons = standing(row, now);
  const [from = ''] = reasons
    .map((reason) => timeIn(reason.from))
    .filter((time) => time !== '')
    .toSorted();
  return { from, until: lastEnd(reasons) };
}

/** The blocks that stand, about one network or about all. */
export function acceptedIn({ wishes, address }: Pick<Facts, 'wishes' | 'address'>, now: string): readonly Accepted[] {
  const allowed = wishes.allow.filter((each) => isAllowed(each, now)).map(({ cidr }) => cidr);
  const open = indexOf([...allowed, ...wishes.neverBlock.flatMap(({ ranges }) => ranges)]);
  return wishes.blocks
    .filter((row) => standing(row, now).length > 0 && specialUse(row.cidr) === undefined)
    .filter(({ cidr }) => address === null || overlap(cidr, address))
    .map((row) => {
      const about = address === null ? [row.cidr] : [narrower(row.cidr, address)];
      const holes = about.flatMap((cidr) => open.overlapping(cidr));
      return { cidr: row.cidr, ...endsOf(row, now), pieces: subtract(about, holes) };
    });
}

/** Of two networks that overlap the one inside the other. */
function narrower(one: string, other: string): string {
  return Number(one.split('/')[1]) >= Number(other.split('/')[1]) ? one : other;
}

/** Blocks with what of them is wanted at a layer: what lists protect, many people share, or is over there is none of its business. */
function dueAt(wishes: Wishes, blocks: readonly Accepted[]): readonly Accepted[] {
  const wanted = indexOf([...wantedIn(wishes, 'IPV4'), ...wantedIn(wishes, 'IPV6')]);
  const within = (piece: string): readonly string[] => {
    const rest = subtract([piece], wanted.overlapping(piece));
    return rest.length === 0 ? [piece] : subtract([piece], rest);
  };
  return blocks
    .map((block) => ({ ...block, pieces: block.pieces.flatMap(within) }))
    .filter(({ pieces }) => pieces.length > 0);
}

/** What each layer is wanted to hold of the blocks that stand. */
export interface Due {
  readonly web: readonly Accepted[];
  readonly network: readonly Accepted[];
}

/** Web ACLs are wanted to hold more than what is below them: few rules have room there, and each is for all who share an address. */
export function dueOf({ wishes }: Facts, accepted: readonly Accepted[]): Due {
  return { web: dueAt(wishes, accepted), network: dueAt(forNetworks(wishes), accepted) };
}

/** Sets that share the blocklist by their numbers are one place; each other is one by itself. */
function setPlaces(sets: readonly TaggedSet[], { web: due }: Due, { setCapacity }: ProveLimits): readonly Place[] {
  const read = sets.filter(({ content }) => content !== null);
  const groups = Map.groupBy(read, ({ scope, content, isNumbered, arn }) =>
    isNumbered ? `${scope} ${content?.family}` : arn,
  );
  return [...groups.values()].map((group) => ({
    name: group.map(({ name }) => name).join(' + '),
    families: [...new Set(group.flatMap(({ content }) => content?.family ?? []))],
    entries: group.flatMap(({ content }) => content?.addresses ?? []),
    isFull: () => group.every(({ content }) => (content?.addresses.length ?? 0) >= setCapacity),
    due,
  }));
}

/** As they are written for blocks: whatever the protocol, and not AWS's own of everything. */
export function isDenial({ action, protocol, cidr }: AclEntry): boolean {
  return action === 'deny' && protocol === '-1' && !cidr.endsWith('/0');
}

/** What stands beyond the usual quota proves that it was raised; how far, nobody says. Source: VPC user guide, "Amazon VPC quotas". */
const MOST_RULES = 40;

function isFullOf(entries: readonly AclEntry[], family: AddressFamily, usual: number): boolean {
  const count = entries.filter((entry) => entry.family === family).length;
  return count >= (count > usual ? MOST_RULES : usual);
}

function aclPlaces({ acls }: Facts, { network: due }: Due, { aclRules }: ProveLimits): readonly Place[] {
  return acls.map(({ id, entries }) => ({
    name: id,
    families: ['IPV4', 'IPV6'],
    entries: entries?.filter(isDenial).map(({ cidr }) => cidr) ?? null,
    isFull: (family) => isFullOf(entries ?? [], family, aclRules),
    due,
  }));
}

function listPlaces({ prefixLists }: Facts, { network: due }: Due): readonly Place[] {
  return prefixLists.map(({ id, family, entries, maxEntries }) => ({
    name: id,
    families: [family],
    entries,
    isFull: () => maxEntries !== null && (entries?.length ?? 0) >= maxEntries,
    due,
  }));
}

/** Whether nobody can say what is missing, wherever it is. */
function isUnsure({ wishes, hasGuardLists, sets }: Facts): boolean {
  return hasGuardLists || wishes.guardFaults.length > 0 || sets.some(({ content }) => content === null);
}

type Verdict = 'fine' | 'missing' | 'withoutRoom' | 'notKnown';

function isThere({ pieces }: Accepted, entries: readonly string[]): boolean {
  // The pieces of a range stand as pieces, two halves as a whole: what is left over is what is missing.
  return subtract(pieces, entries).length === 0;
}

function judged(block: Accepted, place: Place, entries: readonly string[], isUnknown: boolean): Verdict {
  if (isThere(block, entries)) return 'fine';
  if (place.isFull(familyOf(block.cidr))) return 'withoutRoom';
  return isUnknown ? 'notKnown' : 'missing';
}

function verdictsAt(place: Place, isUnknown: boolean): readonly [Verdict, string][] {
  const { entries, families } = place;
  const due = place.due.filter(({ cidr }) => families.includes(familyOf(cidr)));
  if (entries === null) return due.map(({ cidr }) => ['notKnown', `${cidr} in ${place.name}`]);
  const index = indexOf(entries);
  return due.map((block) => {
    const near = block.pieces.flatMap((piece) => index.overlapping(piece));
    return [judged(block, place, near, isUnknown), `${block.cidr} in ${place.name}`];
  });
}

/** Blocks of a family for which nothing is tagged. */
function homeless(blocks: readonly Accepted[], places: readonly Place[]): readonly string[] {
  const families = new Set(places.flatMap((place) => place.families));
  return blocks
    .filter(({ cidr }) => !families.has(familyOf(cidr)))
    .map(({ cidr }) => `${cidr} anywhere: nothing of its family is tagged`);
}

/** Judges the blocks that have been accepted for long enough, each at every place of its family that is wanted to hold it. */
export function writtenOf(facts: Facts, due: Due, limits: ProveLimits, now: string): Written {
  const latest = new Date(Date.parse(now) - limits.writtenWithinSeconds * 1_000).toISOString();
  const forLong = (blocks: readonly Accepted[]): readonly Accepted[] => blocks.filter(({ from }) => from <= latest);
  const late = { web: forLong(due.web), network: forLong(due.network) };
  const places = [
    ...setPlaces(facts.sets, late, limits),
    ...aclPlaces(facts, late, limits),
    ...listPlaces(facts, late),
  ];
  const isUnknown = isUnsure(facts);
  const verdicts = places.flatMap((place) => verdictsAt(place, isUnknown));
  const those = (wanted: Verdict): readonly string[] =>
    verdicts.filter(([verdict]) => verdict === wanted).map(([, said]) => said);
  const lost = homeless(late.web, places);
  const isBlind = isUnknown || facts.unread.length > 0;
  return {
    missing: [...those('missing'), ...(isBlind ? [] : lost)],
    withoutRoom: those('withoutRoom'),
    notKnown: [...those('notKnown'), ...(isBlind ? lost : [])],
  };
}
