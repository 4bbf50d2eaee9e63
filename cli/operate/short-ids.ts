/** Run ids that a person can type: the shortest beginning that is one run's alone among those that are listed. Pure. */

/** Fewer characters are somebody else's tomorrow. */
const LEAST = 6;
/** A longer beginning is no help: ids that begin alike are told by their ends. */
const MOST = 12;
/** An end has no fewer than this. */
const LEAST_END = 4;
/** Stands for what is left out in the middle. */
const GAP = '..';

function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}

/** The least length at which the beginning of each is no other's, by id. */
function uniqueLengths(ids: readonly string[]): ReadonlyMap<string, number> {
  const sorted = ids.toSorted();
  return new Map(
    sorted.map((id, index) => {
      const beside = [sorted[index - 1] ?? '', sorted[index + 1] ?? ''];
      return [id, Math.max(...beside.map((other) => commonLength(id, other))) + 1];
    }),
  );
}

function reversed(id: string): string {
  return Array.from(id).toReversed().join('');
}

/** A short name for each of the runs: `0b8f6d`, or `0cd862..0005` where many begin alike. */
export function shortIds(runs: readonly string[]): ReadonlyMap<string, string> {
  const ids = [...new Set(runs)];
  const beginnings = uniqueLengths(ids);
  const ends = uniqueLengths(ids.map(reversed));
  return new Map(
    ids.map((id) => {
      const length = Math.max(LEAST, beginnings.get(id) ?? LEAST);
      if (length <= MOST) return [id, id.slice(0, length)];
      const end = Math.max(LEAST_END, ends.get(reversed(id)) ?? LEAST_END);
      const short = `${id.slice(0, LEAST)}${GAP}${id.slice(-end)}`;
      return [id, short.length < id.length ? short : id];
    }),
  );
}

/** A run as a person has typed it. */
export interface TypedRun {
  /** What its id begins with. */
  readonly beginning: string;
  /** Whether a run of this id can be meant. */
  readonly isMeant: (run: string) => boolean;
}

/** Understands a short name, or any beginning of an id. */
export function typedRun(text: string): TypedRun {
  const gap = text.indexOf(GAP);
  if (gap < 0) return { beginning: text, isMeant: (run) => run.startsWith(text) };
  const [beginning, end] = [text.slice(0, gap), text.slice(gap + GAP.length)];
  return {
    beginning,
    isMeant: (run) => run.startsWith(beginning) && run.endsWith(end) && run.length >= beginning.length + end.length,
  };
}
