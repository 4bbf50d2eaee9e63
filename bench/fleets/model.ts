/**
 * Queues, gangs and capacity that ends: what a law launches and ends bills from its launch to its end, a job begins as soon as as many
 * nodes as it needs are up in one place. One queue for each size of job; the capacity of a zone is shared by all. Pure.
 *
 * A node stands in a place: nodes of a place are near enough to one another to do a job together. A launch template's gang is a place;
 * so is an Auto Scaling group, or the nodes of one size in one zone.
 */

import { Events } from './events.ts';
import type { Job, Level, Trace } from './trace.ts';

/** A job in the model. */
export interface JobState {
  readonly job: Job;
  /** When the run began that came to its end; `null`: none has begun. */
  startedAt: number | null;
  doneAt: number | null;
  /** Counts its runs: what was to happen at the end of one that was killed does not happen. */
  runs: number;
}

/** An instance. */
export interface ModelNode {
  readonly number: number;
  readonly place: Place;
  readonly launchedAt: number;
  readonly upAt: number;
  /** Since when it does nothing; while it boots, when it will be up. */
  idleSince: number;
  job: JobState | null;
  endedAt: number | null;
}

/** Nodes that can do a job together. */
export interface Place {
  readonly name: string;
  readonly zone: string;
  /** Of each of its jobs. */
  readonly size: number;
  /** In the order of their launches. */
  nodes: ModelNode[];
  /** Nodes that bill, do nothing, and are too few for a job: since when so many. */
  partial: number;
  partialAt: number;
}

/** The jobs of one size. */
export interface Queue {
  readonly size: number;
  /** First in, first out. */
  readonly waiting: JobState[];
  atWork: number;
}

/** Calls that a law has made. */
export interface Calls {
  /** Of launching alone: those that were refused too. */
  launches: number;
  all: number;
}

/** What a law is asked. */
export interface Law {
  readonly name: string;
  /** Begins its looks. */
  begin(model: Model): void;
}

/** Sums that a law is measured by. */
export interface Sums {
  nodeSeconds: number;
  partialNodeSeconds: number;
  kills: number;
}

export class Model {
  readonly events = new Events();
  readonly queues: ReadonlyMap<number, Queue>;
  readonly states: readonly JobState[];
  readonly calls: Calls = { launches: 0, all: 0 };
  readonly sums: Sums = { nodeSeconds: 0, partialNodeSeconds: 0, kills: 0 };
  readonly zones: readonly string[];
  readonly bootSeconds: number;
  readonly endSeconds: number;
  /** Called when a job came, or is done. */
  onChange: (size: number) => void = () => {};
  readonly #levels: Trace['zones'];
  readonly #used = new Map<string, number>();
  readonly #places = new Map<string, Place>();
  #launched = 0;

  constructor(trace: Trace, bootSeconds: number) {
    this.bootSeconds = bootSeconds;
    this.endSeconds = trace.endSeconds;
    this.zones = Object.keys(trace.zones);
    this.#levels = trace.zones;
    const sizes = new Set(trace.jobs.map(({ nodes }) => nodes));
    this.queues = new Map([...sizes].toSorted((one, other) => one - other).map((size) => [size, queueOf(size)]));
    this.states = trace.jobs.map((job) => ({ job, startedAt: null, doneAt: null, runs: 0 }));
    for (const state of this.states) this.events.at(state.job.submitSeconds, () => this.#submit(state));
  }

  get now(): number {
    return this.events.now;
  }

  queue(size: number): Queue {
    const found = this.queues.get(size);
    if (found === undefined) throw new Error(`no queue of jobs of ${size} nodes`);
    return found;
  }

  /** The place of that name; it is made where there is none yet. */
  place(name: string, zone: string, size: number): Place {
    const found = this.#places.get(name);
    if (found !== undefined) return found;
    const made: Place = { name, zone, size, nodes: [], partial: 0, partialAt: this.now };
    this.#places.set(name, made);
    return made;
  }

  /** Nodes that a zone would give now. What others need more is not taken from whoever has it. */
  free(zone: string): number {
    const level = levelAt(this.#levels[zone] ?? [], this.now);
    return Math.max(0, level - (this.#used.get(zone) ?? 0));
  }

  /** One request: as many nodes as there are, up to `most`; none where there are fewer than `least`. */
  launch(place: Place, { least, most }: { readonly least: number; readonly most: number }): readonly ModelNode[] {
    this.calls.launches += 1;
    this.calls.all += 1;
    const free = this.free(place.zone);
    const count = free < least ? 0 : Math.min(free, most);
    const upAt = this.now + this.bootSeconds;
    const nodes = Array.from({ length: count }, (): ModelNode => {
      this.#launched += 1;
      return { number: this.#launched, place, launchedAt: this.now, upAt, idleSince: upAt, job: null, endedAt: null };
    });
    if (count === 0) return nodes;
    this.#used.set(place.zone, (this.#used.get(place.zone) ?? 0) + count);
    place.nodes = [...place.nodes, ...nodes];
    this.#account(place);
    this.events.at(upAt, () => this.#begin(place));
    return nodes;
  }

  /** Ends nodes by one request. Whoever works there is killed: his job waits again, as the first. */
  end(nodes: readonly ModelNode[]): void {
    this.calls.all += 1;
    const present = nodes.filter(({ endedAt }) => endedAt === null);
    for (const job of new Set(present.map((node) => node.job))) if (job !== null) this.#kill(job);
    for (const node of present) {
      node.endedAt = this.now;
      const { zone } = node.place;
      this.sums.nodeSeconds += this.now - node.launchedAt;
      this.#used.set(zone, (this.#used.get(zone) ?? 0) - 1);
    }
    for (const place of new Set(present.map((node) => node.place))) {
      place.nodes = place.nodes.filter(({ endedAt }) => endedAt === null);
      this.#account(place);
      // A job that was killed may begin again on what is left.
      this.#begin(place);
    }
  }

  /** All that happens until the end; then the bills. */
  run(law: Law): void {
    law.begin(this);
    this.events.runUntil(this.endSeconds);
    for (const place of this.#places.values()) {
      this.#account(place);
      for (const { launchedAt } of place.nodes) this.sums.nodeSeconds += this.now - launchedAt;
    }
  }

  #submit(state: JobState): void {
    this.queue(state.job.nodes).waiting.push(state);
    this.#beginAll(state.job.nodes);
    this.onChange(state.job.nodes);
  }

  #beginAll(size: number): void {
    for (const place of this.#places.values()) if (place.size === size && place.nodes.length > 0) this.#begin(place);
  }

  /** Jobs begin where enough nodes are up and idle: those that have been idle for the longest. */
  #begin(place: Place): void {
    const { waiting } = this.queue(place.size);
    for (;;) {
      const [state] = waiting;
      if (state === undefined) return;
      const idle = place.nodes.filter(({ job, upAt }) => job === null && upAt <= this.now);
      if (idle.length < place.size) return;
      waiting.shift();
      const nodes = idle.toSorted((one, other) => one.idleSince - other.idleSince).slice(0, place.size);
      this.#start(state, nodes, place);
    }
  }

  #start(state: JobState, nodes: readonly ModelNode[], place: Place): void {
    state.startedAt = this.now;
    state.runs += 1;
    const { runs } = state;
    for (const node of nodes) node.job = state;
    this.queue(place.size).atWork += 1;
    this.#account(place);
    this.events.at(this.now + state.job.runSeconds, () => {
      if (state.runs !== runs || state.startedAt === null) return;
      state.doneAt = this.now;
      this.#leave(state, place);
      this.#begin(place);
      this.onChange(place.size);
    });
  }

  #leave(state: JobState, place: Place): void {
    this.queue(place.size).atWork -= 1;
    for (const node of place.nodes) {
      if (node.job !== state) continue;
      node.job = null;
      node.idleSince = this.now;
    }
    this.#account(place);
  }

  #kill(state: JobState): void {
    this.sums.kills += 1;
    state.startedAt = null;
    for (const place of this.#places.values())
      if (place.nodes.some(({ job }) => job === state)) this.#leave(state, place);
    this.queue(state.job.nodes).waiting.unshift(state);
  }

  /** Since the last time so many nodes of the place were too few for a job. */
  #account(place: Place): void {
    this.sums.partialNodeSeconds += place.partial * (this.now - place.partialAt);
    place.partialAt = this.now;
    place.partial = place.nodes.filter(({ job }) => job === null).length % place.size;
  }
}

function queueOf(size: number): Queue {
  return { size, waiting: [], atWork: 0 };
}

/** By halving: levels are by time. */
function levelAt(levels: readonly Level[], now: number): number {
  let [low, high] = [0, levels.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((levels[middle]?.fromSeconds ?? Infinity) <= now) low = middle + 1;
    else high = middle;
  }
  return levels[low - 1]?.nodes ?? 0;
}
