/**
 * Batch's scheduler, as far as a job of a world is given how long it runs: in the order of their submission, each whole, where there is
 * room in the first environment of its queue that can hold it. Batch asks for instances of its own, later than whoever warms them.
 */

import type { Shape, World } from '../../engine/model.ts';
import { list, part, show } from '../ec2/state.ts';
import { bringHosts, freeIn, standingVcpus, take } from './hosts.ts';
import { fits, interfacesOf, numberOf, vcpusOf } from './needs.ts';
import { find, findAll, isPart, records } from './state.ts';

/** From RUNNABLE to Batch's own asking for instances. Assumed. */
const ASKS_AFTER_MS = 120_000;
/** Assumed. */
const STARTS_SECONDS = 60;

const ASSUMED =
  'batch: asks for instances two minutes after a job is RUNNABLE, and lets those go at once that are idle';

function usedIn(world: World, environment: Shape): number {
  const own = records(world, 'jobs').filter(
    ({ jobId, status, Environment: name }) =>
      !isPart(jobId) &&
      name === environment['computeEnvironmentName'] &&
      (status === 'STARTING' || status === 'RUNNING'),
  );
  return own.reduce((sum, job) => sum + vcpusOf(world, job, environment), 0);
}

function canHold(world: World, job: Shape, environment: Shape): boolean {
  const { type, maxvCpus } = part(environment, 'computeResources');
  const isOpen = environment['state'] === 'ENABLED' && ['VALID', 'UPDATING'].includes(show(environment['status']));
  // What Batch says of a job that no environment of its queue can hold.
  const isMisfit = show(job['statusReason']).startsWith('MISCONFIGURATION:');
  if (isMisfit || !isOpen || environment['type'] !== 'MANAGED' || type !== 'EC2') return false;
  return fits(world, job, environment) && vcpusOf(world, job, environment) <= numberOf(maxvCpus);
}

function environmentFor(world: World, job: Shape): Shape | undefined {
  const queue = find(world, 'jobQueues', job['jobQueue']);
  if (queue?.['state'] !== 'ENABLED') return undefined;
  const order = list(queue, 'computeEnvironmentOrder').toSorted(
    (one, other) => numberOf(one['order']) - numberOf(other['order']),
  );
  const names = order.map(({ computeEnvironment }) => computeEnvironment);
  return findAll(world, 'computeEnvironments', names).find((environment) => canHold(world, job, environment));
}

/** Jobs whose world says how long they run, and that wait. */
function waitingIn(world: World): readonly Shape[] {
  return records(world, 'jobs')
    .filter(({ jobId, status, RunsSeconds }) => !isPart(jobId) && status === 'RUNNABLE' && RunsSeconds !== undefined)
    .toSorted((one, other) => numberOf(one['createdAt']) - numberOf(other['createdAt']));
}

/** No fewer than people or runbooks want, no fewer than are at work. */
export function shrink(world: World, environment: Shape): void {
  const resources = part(environment, 'computeResources');
  resources['desiredvCpus'] = Math.max(numberOf(resources['minvCpus']), usedIn(world, environment));
  bringHosts(world, environment);
}

function goOn(world: World, id: unknown, seconds: number, next: (job: Shape) => void): void {
  world.clock.after(seconds * 1_000, () => {
    const job = find(world, 'jobs', id);
    if (job !== undefined) next(job);
  });
}

function ended(world: World, job: Shape): void {
  job['status'] = 'SUCCEEDED';
  job['stoppedAt'] = world.clock.now();
  const environment = find(world, 'computeEnvironments', job['Environment']);
  if (environment !== undefined) {
    take(world, environment, -interfacesOf(job));
    shrink(world, environment);
  }
  settle(world);
}

function running(world: World, job: Shape): void {
  job['status'] = 'RUNNING';
  job['startedAt'] ??= world.clock.now();
  goOn(world, job['jobId'], numberOf(job['RunsSeconds']), (later) => ended(world, later));
}

function begin(world: World, job: Shape, environment: Shape): void {
  job['status'] = 'STARTING';
  job['Environment'] = environment['computeEnvironmentName'];
  take(world, environment, interfacesOf(job));
  const seconds = job['StartsSeconds'] === undefined ? STARTS_SECONDS : numberOf(job['StartsSeconds']);
  goOn(world, job['jobId'], seconds, (later) => running(world, later));
}

/** Batch asks for what a job needs, if it still waits then. */
function askLater(world: World, id: unknown): void {
  goOn(world, id, ASKS_AFTER_MS / 1_000, (job) => {
    const environment = job['status'] === 'RUNNABLE' ? environmentFor(world, job) : undefined;
    if (environment === undefined) return;
    world.assume(ASSUMED);
    const resources = part(environment, 'computeResources');
    const wanted = Math.min(
      numberOf(resources['maxvCpus']),
      usedIn(world, environment) + vcpusOf(world, job, environment),
    );
    resources['desiredvCpus'] = Math.max(numberOf(resources['desiredvCpus']), wanted);
    settle(world);
  });
}

/** Begins every job that finds room, in order: the first that finds none keeps those behind it waiting. */
export function settle(world: World): void {
  for (const environment of records(world, 'computeEnvironments')) bringHosts(world, environment);
  for (const job of waitingIn(world)) {
    const environment = environmentFor(world, job);
    if (environment === undefined) continue;
    const room = standingVcpus(world, environment) - usedIn(world, environment);
    // Three thirds may add up to a little more than one.
    if (room + 1e-6 < vcpusOf(world, job, environment) || freeIn(world, environment) < interfacesOf(job)) return;
    begin(world, job, environment);
  }
}

/** A job is there, or has been from the beginning. */
export function submitted(world: World, job: Shape): void {
  if (job['RunsSeconds'] === undefined || isPart(job['jobId'])) return;
  if (job['status'] === 'RUNNING' || job['status'] === 'STARTING') {
    job['Environment'] ??= environmentFor(world, job)?.['computeEnvironmentName'];
    running(world, job);
  }
  if (job['status'] === 'RUNNABLE') askLater(world, job['jobId']);
}
