/** Gangs and jobs as the world has them, whatever the runbook says of them. */

import type { World } from '../../simulator/engine/model.ts';
import { records, stateOf } from '../../simulator/services/ec2/state.ts';
import { liveMessages, liveStandingOf, queueByName } from '../../simulator/services/sqs/state.ts';
import { tagOf } from '../records.ts';

/** They bill, or may. */
const PRESENT: ReadonlySet<string> = new Set(['pending', 'running', 'stopping', 'stopped']);

/** What the runbook has launched by one call, as far as it is there. */
export interface Standing {
  readonly id: string;
  readonly queue: string;
  readonly size: number;
  readonly present: number;
}

/** The gangs that there are, or of which an instance is left. */
export function gangsIn(world: World): readonly Standing[] {
  const own = records(world, 'Instances').filter((instance) => tagOf(instance, 'runbook:hpc-queue') !== undefined);
  const byRun = Map.groupBy(own, (instance) => tagOf(instance, 'runbook:run') ?? '');
  return [...byRun].flatMap(([run, [first, ...others]]) => {
    const id = run.split('/').at(-1) ?? '';
    if (id === '') return [];
    const present = [first, ...others].filter((node) => node !== undefined && PRESENT.has(stateOf(node))).length;
    const size = Number(tagOf(first, 'runbook:nodes-per-job') ?? 1);
    return [{ id, queue: tagOf(first, 'runbook:hpc-queue') ?? '', size, present }];
  });
}

/** Jobs that wait or are at work. */
export function jobsIn(world: World, queue: string): number {
  const found = queueByName(world, queue);
  const now = world.clock.now();
  const live = found === undefined ? [] : liveMessages(found, now);
  return live.filter((message) => liveStandingOf(message, now) !== 'delayed').length;
}
