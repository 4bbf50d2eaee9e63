/**
 * AWS ParallelCluster, all-or-nothing and best-effort.
 *
 * Source: github.com/aws/aws-parallelcluster-node, `slurm_plugin/instance_manager.py` (all-or-nothing: one launch of all nodes of all jobs,
 * and where that is refused one for each job, MinCount = MaxCount; best-effort: MinCount = 1) and `slurm_plugin/clustermgtd.py`
 * (`insufficient_capacity_timeout` 600 s: so long no node of that compute resource is launched; a look each minute);
 * `ScaledownIdletime` 10 minutes. A Slurm queue for each size of job, with a partition in each zone, and jobs that name all of them. Slurm takes
 * the first that may give the nodes, and looks each minute and whenever a job comes or is done.
 */

import type { Law, Model, Place } from '../model.ts';
import { every } from './every.ts';

const LOOK_SECONDS = 60;
const IDLE_SECONDS = 600;
const CLOSED_SECONDS = 600;
/** DescribeInstances, and three pages of DescribeInstanceStatus. */
const CALLS_A_LOOK = 4;

export type Strategy = 'all-or-nothing' | 'best-effort';

/** A partition: the nodes of one size in one zone. */
interface Partition {
  readonly place: Place;
  closedUntil: number;
}

/** Nodes to ask for, so that so many jobs have theirs: what is idle or boots counts. */
export function missingNodes(jobs: number, size: number, idle: number): number {
  return Math.max(0, jobs * size - idle);
}

/** Of which launch how many nodes are asked for at least: none but all, or whatever comes. */
export function leastOf(strategy: Strategy, nodes: number): number {
  return strategy === 'all-or-nothing' ? nodes : 1;
}

function idleIn({ place }: Partition): number {
  return place.nodes.filter(({ job }) => job === null).length;
}

/** Launches for so many jobs; `true`: all have their nodes. */
function resume(model: Model, partition: Partition, jobs: number, strategy: Strategy): boolean {
  const { place } = partition;
  const ask = (count: number): boolean => {
    const missing = missingNodes(count, place.size, idleIn(partition));
    if (missing === 0) return true;
    return model.launch(place, { least: leastOf(strategy, missing), most: missing }).length === missing;
  };
  if (jobs > 1 && strategy === 'all-or-nothing' && ask(jobs)) return true;
  for (let job = 1; job <= jobs; job += 1) {
    if (ask(job)) continue;
    partition.closedUntil = model.now + CLOSED_SECONDS;
    return false;
  }
  return true;
}

/** Jobs for which no nodes are idle or boot, in whatever partition. */
function uncovered(model: Model, size: number, partitions: readonly Partition[]): number {
  const covered = partitions.reduce((sum, partition) => sum + Math.floor(idleIn(partition) / size), 0);
  return model.queue(size).waiting.length - covered;
}

/** One round of the scheduler: the first partition that is open gets the jobs; what it has not is asked of the next at the next round. */
function schedule(model: Model, size: number, partitions: readonly Partition[], strategy: Strategy): void {
  const jobs = uncovered(model, size, partitions);
  const open = partitions.find(({ closedUntil }) => closedUntil <= model.now);
  if (jobs <= 0 || open === undefined) return;
  resume(model, open, jobs + Math.floor(idleIn(open) / size), strategy);
}

function suspend(model: Model, { place }: Partition): void {
  const idle = place.nodes.filter(({ job, idleSince }) => job === null && model.now - idleSince >= IDLE_SECONDS);
  if (idle.length > 0) model.end(idle);
}

/** The law by its strategy. */
export function parallelCluster(strategy: Strategy): Law {
  const begin = (model: Model): void => {
    const bySize = new Map<number, readonly Partition[]>();
    for (const size of model.queues.keys()) {
      const partitions = model.zones.map((zone) => ({
        place: model.place(`${size} in ${zone}`, zone, size),
        closedUntil: 0,
      }));
      bySize.set(size, partitions);
    }
    model.onChange = (size) => schedule(model, size, bySize.get(size) ?? [], strategy);
    every(model, LOOK_SECONDS, () => {
      model.calls.all += CALLS_A_LOOK;
      for (const [size, partitions] of bySize) {
        for (const partition of partitions) suspend(model, partition);
        schedule(model, size, partitions, strategy);
      }
    });
  };
  return { name: `ParallelCluster, ${strategy}`, begin };
}
