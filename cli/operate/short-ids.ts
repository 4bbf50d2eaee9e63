/** Run ids that a person can type: the shortest beginning that is one run's alone among those that are listed. Pure. */

/** Fewer characters are somebody else's tomorrow. */
const LEAST = 6;
/** A longer beginning is no help: ids that begin alike are told by their ends. */
const MOST = 12;
/** An end has no fewer than this. */
const LEAST_END = 4;
/** The end of an execution that is named after what it is about has so many: they alone tell it from others, listed here or not. */
const LEAST_OWN_END = 8;
/** A name that somebody gave, `carry-volumes_i-0a1_…`, and behind it what Lambda made. One of Lambda's own begins like no other. */
const NAMED = /^(?![0-9a-f]{8}-)[^/]+\/./u;
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

/**
 * A short name for each of the runs: `0b8f6d`, or `0cd862..0005` where many begin alike. All runs of a runbook that starts by name
 * begin alike, also those that are not among these: `carry-..cfee0123`.
 */
export function shortIds(runs: readonly string[]): ReadonlyMap<string, string> {
  const ids = [...new Set(runs)];
  const beginnings = uniqueLengths(ids);
  const ends = uniqueLengths(ids.map(reversed));
  return new Map(
    ids.map((id) => {
      const length = Math.max(LEAST, beginnings.get(id) ?? LEAST);
      const isNamed = NAMED.test(id);
      if (length <= MOST && !isNamed) return [id, id.slice(0, length)];
      const end = Math.max(isNamed ? LEAST_OWN_END : LEAST_END, ends.get(reversed(id)) ?? LEAST_END);
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
