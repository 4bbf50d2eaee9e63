/**
 * One of what there is for each of those who look for one. Every run that sees the same computes the same, so that each finds its own
 * although each is served by itself. Pure.
 */

/** Who looks, what each is offered, best first, and what tells one offer's thing from another's. */
export interface Market<Seeker, Offer> {
  /** Who comes first is served first. */
  readonly seekers: readonly Seeker[];
  readonly offersTo: (seeker: Seeker) => readonly Offer[];
  /** The same for offers of the same thing, which goes to one seeker only. */
  readonly keyOf: (offer: Offer) => string;
}

interface Taken<Seeker, Offer> {
  readonly seeker: Seeker;
  readonly offer: Offer;
}

/** One thing for each seeker, for as many as possible; among several ways that in which who comes first has the better one. */
export function assigned<Seeker, Offer>(market: Market<Seeker, Offer>): ReadonlyMap<Seeker, Offer> {
  const offers = new Map(market.seekers.map((seeker) => [seeker, market.offersTo(seeker)]));
  const taken = new Map<string, Taken<Seeker, Offer>>();
  for (const seeker of market.seekers) settle(seeker, { offers, taken, keyOf: market.keyOf }, new Set());
  return new Map([...taken.values()].map(({ seeker, offer }) => [seeker, offer]));
}

interface Settling<Seeker, Offer> {
  readonly offers: ReadonlyMap<Seeker, readonly Offer[]>;
  readonly taken: Map<string, Taken<Seeker, Offer>>;
  readonly keyOf: (offer: Offer) => string;
}

/** Finds something for a seeker, moving who has it to another thing where that is the only way. */
function settle<Seeker, Offer>(seeker: Seeker, all: Settling<Seeker, Offer>, asked: Set<string>): boolean {
  const { offers, taken, keyOf } = all;
  const own = offers.get(seeker) ?? [];
  const free = own.find((offer) => !taken.has(keyOf(offer)) && !asked.has(keyOf(offer)));
  if (free !== undefined) {
    taken.set(keyOf(free), { seeker, offer: free });
    return true;
  }
  for (const offer of own) {
    const key = keyOf(offer);
    if (asked.has(key)) continue;
    asked.add(key);
    const other = taken.get(key);
    if (other === undefined || settle(other.seeker, all, asked)) {
      taken.set(key, { seeker, offer });
      return true;
    }
  }
  return false;
}
