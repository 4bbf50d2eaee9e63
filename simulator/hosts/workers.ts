/** Scripted workers: on each whole gang of a queue one that takes jobs, one after the other (`workers/rank-zero.ts`). */

import type { Shape, World } from '../engine/model.ts';
import { find } from '../services/ec2/state.ts';
import { WORKERS } from '../world/workers.ts';
import { Book } from './workers/book.ts';
import { gangsOf, hasLeft, isWhole, launchedMs, type Gang } from './workers/gangs.ts';
import type { LeaseBook } from './workers/holding.ts';
import { RankZero } from './workers/rank-zero.ts';

/** The workers of one queue. */
class Worker {
  readonly #world: World;
  readonly #leases: LeaseBook;
  readonly #book: Book;
  readonly #byGang = new Map<string, RankZero>();

  constructor(world: World, leases: LeaseBook, index: number) {
    this.#world = world;
    this.#leases = leases;
    this.#book = new Book(world, index);
    for (const gang of this.#gangs().filter(isWhole)) this.#man(gang, launchedMs(gang));
    for (const job of this.#book.jobs()) this.#byGang.get(job.gang)?.resume(job);
    world.on('messages-sent', ({ queueName }) => {
      if (queueName === this.#book.record()['queue']) this.look();
    });
    world.on('spot-notice', ({ instanceId }) => {
      const gang = this.#gangs().find(({ nodes }) => nodes.some((node) => node['InstanceId'] === instanceId));
      this.#byGang.get(gang?.id ?? '')?.noticed();
    });
    world.on('instance-state', ({ instanceId }) => this.#heard(find(world, 'Instances', instanceId)));
  }

  look(): void {
    for (const rankZero of this.#byGang.values()) rankZero.look();
  }

  #gangs(): readonly Gang[] {
    return gangsOf(this.#world, this.#book.record()['queue']);
  }

  /** Once: a gang that has lost a node takes no job when that one comes back. */
  #man(gang: Gang, sinceMs: number): void {
    const place = {
      world: this.#world,
      leases: this.#leases,
      book: this.#book,
      gang: () => this.#gangs().find(({ id }) => id === gang.id),
      changed: () => this.look(),
    };
    this.#byGang.set(gang.id, new RankZero(place, sinceMs));
  }

  #heard(node: Shape | undefined): void {
    const gang = this.#gangs().find(({ nodes }) => node !== undefined && nodes.includes(node));
    if (node === undefined || gang === undefined) return;
    const rankZero = this.#byGang.get(gang.id);
    if (rankZero !== undefined && hasLeft(node)) rankZero.nodeGone(node);
    if (rankZero !== undefined || !isWhole(gang)) return;
    this.#man(gang, this.#world.clock.now());
    this.#byGang.get(gang.id)?.look();
  }
}

/** Has the world's workers do what comes into their queues. */
export function startWorkers(world: World, leases: LeaseBook): void {
  const records = world.data[WORKERS.service]?.[WORKERS.collection] ?? [];
  for (const index of records.keys()) new Worker(world, leases, index).look();
}
