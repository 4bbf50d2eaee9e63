/** What somebody may have meant who has mistyped a name. Pure. */

/** Slips that are still understood, at most this share of the word. */
const MOST_SHARE = 0.4;

/** Letters to add, drop, change or swap until one word is the other. */
function slips(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, index) => index)];
  for (let row = 1; row <= one.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const at = (up: number, left: number): number =>
        (up === 0 ? line : rows[row - up])?.[column - left] ?? Number.POSITIVE_INFINITY;
      const changed = at(1, 1) + Number(!isSame);
      line.push(Math.min(at(1, 0) + 1, at(0, 1) + 1, changed, isSwapped ? at(2, 2) + 1 : changed));
    }
    rows.push(line);
  }
  return rows[one.length]?.[other.length] ?? 0;
}

/** The known name that is nearest to a mistyped one; `undefined`: none is near. */
export function nearest(typed: string, known: readonly string[]): string | undefined {
  const beginsSo = known.filter((name) => typed !== '' && name.startsWith(typed));
  if (beginsSo.length === 1) return beginsSo[0];
  const ranked = known.map((name) => ({ name, slips: slips(typed, name) }));
  const [best] = ranked.toSorted((one, other) => one.slips - other.slips);
  if (best === undefined || best.slips > Math.max(typed.length, best.name.length) * MOST_SHARE) return undefined;
  return best.name;
}

/** ` (did you mean NAME?)`, or nothing. */
export function didYouMean(typed: string, known: readonly string[]): string {
  const name = nearest(typed, known);
  return name === undefined ? '' : ` (did you mean ${name}?)`;
}
