/** A total order from several criteria, so that a choice is the same whatever the order of what it is made from. Pure. */

/** Compares by the first criterion that differs; smaller comes first. The last criterion should be unique, e.g. an id. */
export function byRank<T>(rankOf: (item: T) => readonly (number | string)[]): (left: T, right: T) => number {
  return (left, right) => {
    const ranks = rankOf(right);
    for (const [index, value] of rankOf(left).entries()) {
      const other = ranks[index];
      if (other !== undefined && value !== other) return value < other ? -1 : 1;
    }
    return 0;
  };
}
