/** Fleets of gangs: one serves while no gang is broken and no job waits without one. */

import type { Shape, World } from '../../../simulator/engine/model.ts';
import { records, show } from '../../../simulator/services/ec2/state.ts';
import { tagOf } from '../../records.ts';
import { flawOf } from '../../reassign-elastic-ip/holders.ts';
import { jobsIn } from '../../scale-hpc-fleet/standing.ts';
import { rootsOf } from './addresses.ts';
import { GOOD, type Look, type Ward } from './ward.ts';

/** A gang that EC2 has no room for is asked for again and again; an hour of it shows that there is none. */
const PATIENCE_SECONDS = 3_600;

const TAG = 'runbook:hpc-queue';
const GONE: ReadonlySet<unknown> = new Set(['shutting-down', 'terminated']);

function nodesOf(world: World, queue: string): readonly Shape[] {
  const isThere = ({ State: state }: Shape): boolean =>
    !(typeof state === 'object' && state !== null && 'Name' in state && GONE.has(state.Name));
  return records(world, 'Instances').filter((one) => tagOf(one, TAG) === queue && isThere(one));
}

/** Gangs by the run that launched them, with how many of their nodes are well, and how many there have to be. */
function gangsOf(world: World, queue: string): readonly { readonly well: number; readonly size: number }[] {
  const gangs = Map.groupBy(nodesOf(world, queue), (node) => tagOf(node, 'runbook:run') ?? '');
  return [...gangs.values()].map((nodes) => ({
    well: nodes.filter((node) => flawOf(world, show(node['InstanceId'])) === undefined).length,
    size: Number(tagOf(nodes[0], 'runbook:nodes-per-job') ?? 1),
  }));
}

function lookAt(world: World, queue: string): Look {
  const gangs = gangsOf(world, queue);
  const broken = gangs.find(({ well, size }) => well < size);
  if (broken !== undefined) return { level: 'bad', what: `has a gang with ${broken.well} of its ${broken.size} nodes` };
  const jobs = jobsIn(world, queue);
  return jobs > 0 && gangs.length === 0 ? { level: 'bad', what: `has ${jobs} jobs and no gang` } : GOOD;
}

/** The fleets that a runbook looks after, by the queue of their jobs. */
export function fleetWards(world: World): readonly Ward[] {
  const templates = records(world, 'LaunchTemplates');
  const queues = new Set(templates.flatMap((template) => tagOf(template, TAG) ?? []));
  return [...queues].map((queue): Ward => {
    const nodes = new Set(nodesOf(world, queue).map((one) => show(one['InstanceId'])));
    return {
      kind: 'fleet',
      id: queue,
      name: `gangs of ${queue}`,
      runbook: 'scale-hpc-fleet',
      parts: new Set([...nodes, ...rootsOf(world, nodes)]),
      patienceSeconds: PATIENCE_SECONDS,
      look: (now) => lookAt(now, queue),
    };
  });
}
