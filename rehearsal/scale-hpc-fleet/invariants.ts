/** What must hold of gangs at every moment of a run of scale-hpc-fleet, whatever goes wrong. */

import { isRecord } from '../../simulator/engine/json.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';
import type { LoggedRequest, Watcher } from '../../simulator/engine/run-types.ts';
import { list, records, show } from '../../simulator/services/ec2/state.ts';
import { tagOf } from '../records.ts';
import { soFar } from '../so-far.ts';
import { OF_BATCH } from './batch-invariants.ts';
import { OF_CLUSTERS } from './cluster-invariants.ts';
import { noLaunchBeforeItsData } from './data-invariants.ts';
import { gangsIn, jobsIn } from './standing.ts';

const RUNBOOK = 'scale-hpc-fleet';

/** Two ticks: one may just have looked. And what a run and EC2 take: an instance that is ended shows so within a minute. */
const PART_LASTS_MS = 2 * 60_000 + 60_000;

/** What a watcher remembers by name: numbers, of which one is kept as long as it is written anew. */
function numbersIn(memory: { [key: string]: unknown }, name: string): { [key: string]: number } {
  const known = memory[name];
  if (!isRecord(known)) return {};
  return Object.fromEntries(Object.entries(known).map(([key, value]) => [key, Number(value)]));
}

/** Gangs that their workers hold at that time. */
function heldIn(world: World): ReadonlySet<string> {
  const now = world.clock.iso();
  const holds = world.records('workers', 'Workers').flatMap((worker) => list(worker, 'holds'));
  const lasting = holds.filter(({ until }) => until === undefined || show(until) >= now);
  return new Set(lasting.map(({ gang }) => show(gang)));
}

/** What is left of a gang does no job and bills: it goes, unless its worker has not let go of it yet. */
const noPartOfAGangLasts: Watcher = {
  name: 'no-part-of-a-gang-lasts',
  check: (world, memory) => {
    const now = world.clock.now();
    const held = heldIn(world);
    const known = numbersIn(memory, 'since');
    const parts = gangsIn(world).filter(({ id, present, size }) => present > 0 && present < size && !held.has(id));
    const since = Object.fromEntries(parts.map(({ id }) => [id, known[id] ?? now]));
    memory['since'] = since;
    const stuck = parts.find(({ id }) => now - (since[id] ?? now) > PART_LASTS_MS);
    if (stuck === undefined) return undefined;
    return `${stuck.present} of the ${stuck.size} nodes of gang ${stuck.id} are there since ${new Date(since[stuck.id] ?? now).toISOString()}`;
  },
};

/** It was under way at that time, and named the node. */
function hasEnded({ at, answeredAt, input }: LoggedRequest, node: unknown, when: string): boolean {
  const ids: unknown = input['InstanceIds'];
  return Array.isArray(ids) && ids.includes(node) && at <= when && when <= (answeredAt ?? when);
}

/** No call of the runbook terminates a node while its gang is at a job. What others do, and what breaks, is not its doing. */
const nobodyAtWorkIsEnded: Watcher = {
  name: 'nobody-at-work-is-ended',
  check: (world, _memory, _told, sent = []) => {
    const losses = world.records('workers', 'Workers').flatMap((worker) => list(worker, 'losses'));
    const byCall = losses.filter((loss) => loss['byCall'] === true);
    if (byCall.length === 0) return undefined;
    const terminations = sent.filter(({ call }) => call === 'ec2:TerminateInstances');
    const killed = byCall.find(({ node, at }) => terminations.some((request) => hasEnded(request, node, show(at))));
    return killed === undefined
      ? undefined
      : `${show(killed['node'])} was terminated at ${show(killed['at'])} while gang ${show(killed['gang'])} was at a job`;
  },
};

/** There are never more whole gangs than there were jobs at one time, or gangs in the beginning: one job has one. */
const noDoubleLaunch: Watcher = {
  name: 'no-double-launch',
  check: (world, memory) => {
    const whole = gangsIn(world).filter(({ present, size }) => present === size);
    const counts = new Map([...Map.groupBy(whole, ({ queue }) => queue)].map(([queue, of]) => [queue, of.length]));
    const known = numbersIn(memory, 'most');
    const tagged = records(world, 'LaunchTemplates').flatMap((template) => tagOf(template, 'runbook:hpc-queue') ?? []);
    const isBeginning = memory['most'] === undefined;
    const queues = new Set([...tagged, ...counts.keys()]);
    const most = [...queues].map((queue): [string, number] => {
      const before = isBeginning ? (counts.get(queue) ?? 0) : (known[queue] ?? 0);
      return [queue, Math.max(before, jobsIn(world, queue))];
    });
    memory['most'] = Object.fromEntries(most);
    const wrong = most.find(([queue, allowed]) => (counts.get(queue) ?? 0) > allowed);
    if (wrong === undefined) return undefined;
    const [queue, allowed] = wrong;
    return `${queue} has ${counts.get(queue) ?? 0} gangs, and there were never more than ${allowed} jobs at once`;
  },
};

function shownCounts({ input: { MinCount: least, MaxCount: most, ClientToken: token } }: LoggedRequest): string {
  return `MinCount ${show(least)}, MaxCount ${show(most)}, ClientToken ${show(token) || 'none'}`;
}

function isWhole({ MinCount: least, MaxCount: most, ClientToken: token }: Shape): boolean {
  return typeof least === 'number' && least === most && typeof token === 'string';
}

const partialLaunches = soFar<LoggedRequest, string[]>(
  () => [],
  (found, request) => {
    const isOurs = request.call === 'ec2:RunInstances' && request.runbook === RUNBOOK;
    if (isOurs && !isWhole(request.input)) found.push(shownCounts(request));
  },
);

/** A gang is launched whole or not at all, and the same request is the same gang. */
const allOrNone: Watcher = {
  name: 'all-or-none',
  check: (_world, _memory, _told, sent = []) => {
    const [first] = partialLaunches(sent);
    return first === undefined ? undefined : `a launch has ${first}`;
  },
};

/** The invariants of gangs, and of compute environments. */
export const INVARIANTS: readonly Watcher[] = [
  noPartOfAGangLasts,
  nobodyAtWorkIsEnded,
  noDoubleLaunch,
  allOrNone,
  noLaunchBeforeItsData,
  ...OF_BATCH,
  ...OF_CLUSTERS,
];
