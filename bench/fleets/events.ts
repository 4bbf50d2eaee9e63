/** What happens when: a clock that goes from one event to the next. Pure. */

interface Event {
  readonly at: number;
  /** Of two at the same second the one that was asked for first comes first. */
  readonly order: number;
  readonly happens: () => void;
}

function isBefore(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

/** A binary heap of events, by time. */
export class Events {
  /** Seconds. */
  now = 0;
  #order = 0;
  readonly #heap: Event[] = [];

  /** Something is to happen at that second; what is past happens now. */
  at(seconds: number, happens: () => void): void {
    const event = { at: Math.max(seconds, this.now), order: this.#order, happens };
    this.#order += 1;
    let index = this.#heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = this.#heap[parent];
      if (above === undefined || !isBefore(event, above)) break;
      this.#heap[index] = above;
      index = parent;
    }
    this.#heap[index] = event;
  }

  /** Lets happen all that comes before that second; what happens may ask for more. */
  runUntil(seconds: number): void {
    for (let next = this.#heap[0]; next !== undefined && next.at < seconds; next = this.#heap[0]) {
      this.#takeFirst();
      this.now = next.at;
      next.happens();
    }
    this.now = seconds;
  }

  #takeFirst(): void {
    const last = this.#heap.pop();
    const length = this.#heap.length;
    if (last === undefined || length === 0) return;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const [one, other] = [this.#heap[left], this.#heap[left + 1]];
      if (one === undefined) break;
      const [child, at] = other !== undefined && isBefore(other, one) ? [other, left + 1] : [one, left];
      if (!isBefore(child, last)) break;
      this.#heap[index] = child;
      index = at;
    }
    this.#heap[index] = last;
  }
}
