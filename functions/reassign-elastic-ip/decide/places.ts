/**
 * Where on an instance an address may go. An instance has several private addresses on several interfaces, and they are not
 * alike: routes, security groups and services differ, and on a management interface the address would be of no use. So the
 * address goes where its tag says, else to a private address like the one that it is on. Pure.
 */

import type { HistoryReading } from '../../../shared/kernel/decision.ts';
import type { PrivateSlot } from '../../../shared/judgement/instance-health.ts';
import { remembered } from '../../../shared/judgement/since.ts';
import type { AddressFacts, Machine } from './facts.ts';
import { byRank } from './rank.ts';
import type { Wish } from './wish.ts';

/** A private address, whatever is there now. */
export type Place = Pick<PrivateSlot, 'interfaceId' | 'privateIp'>;

/** What a private address is on its instance. */
export type PlaceKind = Pick<PrivateSlot, 'networkCardIndex' | 'deviceIndex' | 'isPrimary' | 'ordinal'>;

/** What an address asks of a private address. */
export interface Demand {
  /** Names of it what is to be; the rest is as in `like`. */
  readonly wish: Wish | null;
  readonly like: PlaceKind;
  /** False: nobody knows where it was, and `like` is where addresses usually are. */
  readonly isLikeKnown: boolean;
  /** The makeshift that it is on: where it makes do with such a one, it can with another. */
  readonly makesDo: PlaceKind | null;
}

/** The primary private address of the first interface: where an address is that nobody has put elsewhere. */
const USUAL: PlaceKind = { networkCardIndex: 0, deviceIndex: 0, isPrimary: true, ordinal: 0 };

/**
 * Under which key the memory keeps what kind of place an address wants: while it is not the usual one, `0/1 secondary 0`; and
 * while it is on a makeshift, that too, with the place that is one: `0/0 primary at eni-1/10.0.0.6`.
 */
export const PLACE_KEY = 'place';

/** A place as one word, to compare it. */
export function keyOf({ interfaceId, privateIp }: Place): string {
  return `${interfaceId}/${privateIp}`;
}

/** What kind of place the address is on; `undefined`: its holder does not show it, or it is on nobody. */
export function presentKind({ association }: AddressFacts, holder: Machine | null): PlaceKind | undefined {
  return association === null ? undefined : holder?.slots.find((slot) => keyOf(slot) === keyOf(association));
}

function textOf({ networkCardIndex, deviceIndex, isPrimary, ordinal }: PlaceKind): string {
  return `${networkCardIndex}/${deviceIndex} ${isPrimary ? 'primary' : `secondary ${ordinal}`}`;
}

/** A kind of place as the memory keeps it; `undefined` for the usual one, which need not be kept. */
export function memoryOf(kind: PlaceKind): string | undefined {
  const text = textOf(kind);
  return text === textOf(USUAL) ? undefined : text;
}

/** What the memory keeps of an address that goes to a makeshift: it still wants what it wanted. */
export function makeshiftMemory({ like }: Demand, place: Place): string {
  return `${textOf(like)} at ${keyOf(place)}`;
}

interface Wanted {
  readonly kind: PlaceKind;
  /** The makeshift, while it is on one. */
  readonly at: string | undefined;
}

const MEMORY = /^(\d+)\/(\d+) (?:primary|secondary (\d+))(?: at (\S+))?$/u;

function wantedIn(history: HistoryReading): Wanted | undefined {
  const [, card, device, ordinal, at] = MEMORY.exec(remembered(history, PLACE_KEY) ?? '') ?? [];
  if (card === undefined || device === undefined) return undefined;
  const kind = {
    networkCardIndex: Number(card),
    deviceIndex: Number(device),
    isPrimary: ordinal === undefined,
    ordinal: Number(ordinal ?? 0),
  };
  return { kind, at };
}

/** The address is on a makeshift: where it is does not say what it wants. */
export function isOnMakeshift({ association }: AddressFacts, history: HistoryReading): boolean {
  const at = wantedIn(history)?.at;
  return at !== undefined && association !== null && keyOf(association) === at;
}

/** What the address asks for: by its tag, and by where it is or was last. */
export function demandOf(address: AddressFacts, holder: Machine | null, history: HistoryReading): Demand {
  const present = presentKind(address, holder);
  const isOnOne = isOnMakeshift(address, history);
  const like = (isOnOne ? undefined : present) ?? wantedIn(history)?.kind;
  const makesDo = isOnOne ? (present ?? null) : null;
  return { wish: address.wish, like: like ?? USUAL, isLikeKnown: like !== undefined, makesDo };
}

/** The place is of another kind than is asked for: one takes it while there is nothing better. */
export function isMakeshift({ wish, like }: Demand, { isPrimary }: PrivateSlot): boolean {
  return isPrimary !== (wish?.isPrimary ?? like.isPrimary);
}

function isOnWantedInterface({ wish, like, isLikeKnown }: Demand, slot: PrivateSlot): boolean {
  const device = wish?.deviceIndex ?? null;
  if (device !== null) return slot.deviceIndex === device;
  // Who asks for a secondary address, of an address that was never anywhere, can mean any interface.
  if (wish?.isPrimary === false && !isLikeKnown) return true;
  return slot.networkCardIndex === like.networkCardIndex && slot.deviceIndex === like.deviceIndex;
}

/** Traffic to it would end in a pod; only who asks for a secondary address by its tag means that. */
function isPods({ wish }: Demand, { isOfPod }: PrivateSlot): boolean {
  return isOfPod && wish?.isPrimary !== false;
}

/**
 * The private addresses among `slots` that the demand is met by, best first, taken or not. On an interface that is named by
 * its tag the other kind will do too.
 */
function meeting(demand: Demand, slots: readonly PrivateSlot[]): readonly PrivateSlot[] {
  const { wish, like } = demand;
  const isPrimaryWanted = wish?.isPrimary ?? like.isPrimary;
  const isInterfaceNamed = wish !== null && wish.deviceIndex !== null;
  const wanted = slots.filter(
    (slot) =>
      !isPods(demand, slot) &&
      isOnWantedInterface(demand, slot) &&
      (isInterfaceNamed || slot.isPrimary === isPrimaryWanted || slot.isPrimary === demand.makesDo?.isPrimary),
  );
  const rank = byRank<PrivateSlot>((slot) => [
    slot.isPrimary === isPrimaryWanted ? 0 : 1,
    // An address of Amazon's would be lost: rather one that has none.
    slot.amazonIp === null ? 0 : 1,
    slot.networkCardIndex,
    slot.deviceIndex,
    slot.ordinal === like.ordinal ? 0 : 1,
    slot.ordinal,
  ]);
  return wanted.length > 1 ? wanted.toSorted(rank) : wanted;
}

/** Further addresses of a name on one instance go to secondary addresses of the interface whose primary one they would have. */
function beside(demand: Demand, met: readonly PrivateSlot[], slots: readonly PrivateSlot[]): readonly PrivateSlot[] {
  const [primary] = met;
  if (primary?.isPrimary !== true || demand.wish?.isPrimary === true) return [];
  return slots.filter((slot) => slot.interfaceId === primary.interfaceId && !slot.isPrimary && !isPods(demand, slot));
}

/** Who has a place: nobody, an address of the same name (or one that is to have it), or somebody else's. */
export type Tenant = 'nobody' | 'sibling' | 'stranger';

/** The private addresses of an instance that the address could go to now, best first. */
export function freePlaces(
  demand: Demand,
  slots: readonly PrivateSlot[],
  tenantOf: (slot: PrivateSlot) => Tenant,
): readonly PrivateSlot[] {
  const met = meeting(demand, slots);
  if (met.length === 1 && slots.length === 1) return met.filter((slot) => tenantOf(slot) === 'nobody');
  const isShared = met.length > 0 && met.every((slot) => tenantOf(slot) === 'sibling');
  const all = isShared ? [...met, ...beside(demand, met, slots)] : met;
  return all.filter((slot) => tenantOf(slot) === 'nobody');
}

/** The private addresses that would do, were they free. */
export function suitablePlaces(demand: Demand, slots: readonly PrivateSlot[]): readonly PrivateSlot[] {
  return meeting(demand, slots);
}

/** What is asked for, in words: `eth1, secondary`. */
export function demandInWords({ wish, like }: Demand): string {
  const kind = (wish?.isPrimary ?? like.isPrimary) ? 'primary' : 'secondary';
  if (wish !== null && wish.deviceIndex !== null) return `eth${wish.deviceIndex}`;
  const card = like.networkCardIndex === 0 ? '' : ` of network card ${like.networkCardIndex}`;
  return `eth${like.deviceIndex}${card}, ${kind}`;
}
