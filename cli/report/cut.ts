/** How much of each thing a page has room for, and the word on what it leaves out. Pure. */

/** The most of each. */
export interface Room {
  /** Characters of a text. */
  readonly characters: number;
  /** Runs told in full. */
  readonly runs: number;
  /** Requests listed. */
  readonly calls: number;
  /** Moments listed. */
  readonly moments: number;
  /** Lanes drawn, and bars in each. */
  readonly lanes: number;
  readonly bars: number;
  /** Entries of any other list. */
  readonly entries: number;
}

/** More of it nobody reads on a page; `--json` has it. */
export const WHOLE_ROOM: Room = {
  characters: 1_200,
  runs: 60,
  calls: 300,
  moments: 400,
  lanes: 12,
  bars: 120,
  entries: 100,
};

/** The same, smaller by a factor: at least one of each, and enough of a text to know it by. */
export function smaller(room: Room, factor: number): Room {
  const less = (count: number, least: number): number => Math.max(least, Math.floor(count / factor));
  return {
    characters: less(room.characters, 80),
    runs: less(room.runs, 1),
    calls: less(room.calls, 1),
    moments: less(room.moments, 4),
    lanes: less(room.lanes, 1),
    bars: less(room.bars, 8),
    entries: less(room.entries, 4),
  };
}

const THOUSANDS = /\B(?=(?:\d{3})+$)/gu;

/** `3,000`. */
export function countText(count: number): string {
  return String(count).replaceAll(THOUSANDS, ',');
}

/** As much of a text as there is room for, and how many characters are left out. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  // Half of a character is none.
  const kept = text.slice(0, most).replace(/[\ud800-\udbff]$/u, '');
  return `${kept}… (${countText(text.length - kept.length)} characters left out)`;
}

/** The first and the last of a list where there is no room for all, with how many between them are left out. */
export function cutList<T>(
  list: readonly T[],
  most: number,
): { readonly first: readonly T[]; readonly left: number; readonly last: readonly T[] } {
  if (list.length <= most) return { first: list, left: 0, last: [] };
  const head = Math.ceil(most / 2);
  const tail = most - head;
  return { first: list.slice(0, head), left: list.length - most, last: tail === 0 ? [] : list.slice(-tail) };
}
