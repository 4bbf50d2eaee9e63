/** Since when something has held without a break: what a promise with a time in it is measured by. */

/** Remembers, for each thing that holds now, since when it has. What does not hold at a look is forgotten. */
export class Since {
  #since: ReadonlyMap<string, number> = new Map();

  /** Takes a look: these hold now, and no others. */
  look(holding: Iterable<string>, nowMs: number): void {
    const before = this.#since;
    this.#since = new Map([...holding].map((key) => [key, before.get(key) ?? nowMs]));
  }

  /** Since when it has held, milliseconds; `undefined`: it does not. */
  of(key: string): number | undefined {
    return this.#since.get(key);
  }

  /** Whether it has held for so many seconds. */
  hasHeld(key: string, seconds: number, nowMs: number): boolean {
    const since = this.#since.get(key);
    return since !== undefined && nowMs - since >= seconds * 1_000;
  }

  /** All that hold, with since when. */
  all(): Iterable<readonly [string, number]> {
    return this.#since;
  }
}
