/** Names that somebody may have meant who wrote another. */

/** Levenshtein's distance: letters to add, drop or replace. */
export function distance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [row, letter] of Array.from(from).entries()) {
    const current = [row + 1];
    for (const [column, other] of Array.from(to).entries()) {
      const replaced = (above[column] ?? 0) + Number(letter !== other);
      current.push(Math.min(replaced, (above[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    above = current;
  }
  return above[to.length] ?? 0;
}

/** Parts shorter than this are in too many names to mean one. */
const LEAST_PART = 3;
/** Names longer than this are nobody's typing slip: the distance of two costs the product of their lengths. */
const LONGEST_COMPARED = 200;

/** How far a name is off, as a share of its letters; one that contains the other is next to it. */
function farness(given: string, known: string): number {
  const part = given.length < known.length ? given : known;
  const whole = part === given ? known : given;
  const share = distance(given.slice(0, LONGEST_COMPARED), known) / Math.max(given.length, known.length, 1);
  return part.length >= LEAST_PART && whole.includes(part) ? share / 10 : share;
}

/** The names of `known` that are nearest to a given one, nearest first; at most `count`. */
export function nearest(given: string, known: readonly string[], count = 3): readonly string[] {
  return known
    .map((name) => ({ name, far: farness(given, name) }))
    .toSorted((one, other) => one.far - other.far)
    .slice(0, count)
    .map(({ name }) => name);
}
