/** What must hold of compute environments of AWS Batch at every moment of a run of scale-hpc-fleet. */

import type { Shape, World } from '../../simulator/engine/model.ts';
import type { Watcher } from '../../simulator/engine/run-types.ts';
import { isRecord } from '../../simulator/engine/json.ts';
import { find, list, part, show } from '../../simulator/services/ec2/state.ts';

const WORKING: ReadonlySet<string> = new Set(['RUNNABLE', 'STARTING', 'RUNNING']);

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function vcpusOf(world: World, environment: Shape): number {
  const types: unknown = part(environment, 'computeResources')['instanceTypes'];
  const type: unknown = Array.isArray(types) ? types[0] : undefined;
  return numberOf(part(find(world, 'InstanceTypes', show(type)), 'VCpuInfo')['DefaultVCpus']);
}

/** vCPUs of whole instances that the multi-node jobs of its queues need, and one instance for each other job. */
function askedFor(world: World, environment: Shape): number {
  const arn = environment['computeEnvironmentArn'];
  const queues = world
    .records('batch', 'jobQueues')
    .filter((queue) => list(queue, 'computeEnvironmentOrder').some((one) => one['computeEnvironment'] === arn))
    .map((queue) => queue['jobQueueArn']);
  const jobs = world
    .records('batch', 'jobs')
    .filter((job) => queues.includes(job['jobQueue']) && WORKING.has(show(job['status'])));
  const nodes = jobs.reduce((sum, job) => sum + (numberOf(part(job, 'nodeProperties')['numNodes']) || 1), 0);
  return nodes * vcpusOf(world, environment);
}

/** What a watcher remembers by name. */
function known(memory: { [key: string]: unknown }, name: string): number | undefined {
  const all = memory['most'];
  const value: unknown = isRecord(all) ? all[name] : undefined;
  return typeof value === 'number' ? value : undefined;
}

/** minvCpus are never more than people had set, or than the jobs have needed at one time. */
const noMoreIsWarmed: Watcher = {
  name: 'no-more-is-warmed-than-jobs-ask-for',
  check: (world, memory) => {
    const environments = world.records('batch', 'computeEnvironments');
    const most = environments.map((environment): [string, number, number] => {
      const name = show(environment['computeEnvironmentName']);
      const set = numberOf(part(environment, 'computeResources')['minvCpus']);
      return [name, Math.max(known(memory, name) ?? set, askedFor(world, environment)), set];
    });
    memory['most'] = Object.fromEntries(most);
    const wrong = most.find(([, allowed, set]) => set > allowed);
    return wrong === undefined
      ? undefined
      : `${wrong[0]} has minvCpus ${wrong[2]}, and its jobs never needed more than ${wrong[1]} at once`;
  },
};

/** The invariants of compute environments. */
export const OF_BATCH: readonly Watcher[] = [noMoreIsWarmed];
