/**
 * An Auto Scaling group with a cluster placement group: it has one zone, counts nodes and knows no gangs. It launches what there is of
 * what is missing, once a minute, and ends the oldest nodes, whoever works there.
 */

import type { Model, ModelNode, Place } from '../model.ts';

/** How often a group tries again what it could not launch. Assumed. */
const TRIES_SECONDS = 60;

/** Whom a group ends first. */
export type Victims = (nodes: readonly ModelNode[]) => readonly ModelNode[];

export class ScalingGroup {
  readonly size: number;
  readonly place: Place;
  readonly #model: Model;
  readonly #victims: Victims;
  #desired = 0;
  #isTrying = false;

  constructor(model: Model, size: number, victims: Victims) {
    this.size = size;
    this.#model = model;
    this.#victims = victims;
    const index = [...model.queues.keys()].indexOf(size);
    const zone = model.zones[index % model.zones.length] ?? '';
    this.place = model.place(`group of ${size} in ${zone}`, zone, size);
  }

  get desired(): number {
    return this.#desired;
  }

  /** Nodes that are up. */
  get inService(): number {
    return this.place.nodes.filter(({ upAt }) => upAt <= this.#model.now).length;
  }

  /** SetDesiredCapacity. */
  set(desired: number): void {
    if (desired === this.#desired) return;
    this.#model.calls.all += 1;
    this.#desired = desired;
    const surplus = this.place.nodes.length - desired;
    if (surplus > 0) this.#model.end(this.#victims(this.place.nodes).slice(0, surplus));
    this.#fill();
  }

  /** A node ends itself, and the group wants one less. */
  leave(nodes: readonly ModelNode[]): void {
    if (nodes.length === 0) return;
    this.#desired -= nodes.length;
    // One request for each: TerminateInstanceInAutoScalingGroup.
    this.#model.calls.all += nodes.length - 1;
    this.#model.end(nodes);
  }

  #fill(): void {
    const missing = this.#desired - this.place.nodes.length;
    if (missing <= 0 || this.#isTrying) return;
    this.#model.launch(this.place, { least: 1, most: missing });
    if (this.#desired === this.place.nodes.length) return;
    this.#isTrying = true;
    this.#model.events.at(this.#model.now + TRIES_SECONDS, () => {
      this.#isTrying = false;
      this.#fill();
    });
  }
}

/** Those that were launched first. */
export const oldestFirst: Victims = (nodes) => nodes;

/** Those that were launched last. */
export const newestFirst: Victims = (nodes) => nodes.toReversed();
