/** What the beginnings that are made in moto share. */

/** Ids in moto by the names of a scenario. */
export type Ids = Map<string, string>;

/** What moto must have given. */
export function need<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`moto gave no ${what}`);
  return value;
}
