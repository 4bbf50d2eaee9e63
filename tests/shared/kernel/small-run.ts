/** The small runbook as it is, run on two instances. */

import { z } from 'zod';
import { NO_FAULTS, type FaultPlan, type SimulationOptions } from '../../../simulator/engine/run-types.ts';
import { simulate, type Controls, type SimulationEnd } from '../../../simulator/engine/simulation.ts';
import { handler } from '../../recycle-instances/handler.ts';

/** Two instances to be recycled. */
export const WORLD = {
  now: '2026-11-22T08:00:00Z',
  account: '111122223333',
  region: 'eu-west-1',
  ec2: {
    Instances: [
      { InstanceId: 'i-0a1', Tags: [{ Key: 'recycle', Value: 'yes' }] },
      { InstanceId: 'i-0b2', Tags: [{ Key: 'recycle', Value: 'yes' }] },
    ],
  },
};
const REQUEST = { runbook: 'recycle-instances', params: { ticket: 'T-7' }, requestedBy: 'kim' };

const instanceShape = z.object({
  InstanceId: z.string(),
  State: z.object({ Name: z.string() }),
  Tags: z.array(z.object({ Key: z.string(), Value: z.string() })),
});
interface Change {
  readonly faults?: Partial<FaultPlan>;
  readonly environment?: SimulationOptions['environment'];
  readonly world?: unknown;
  readonly script?: unknown;
}

/** Runs the small runbook, asked for once, to its end. */
export function run(
  { faults = {}, environment = {}, world = WORLD, script = [] }: Change = {},
  prepare?: (controls: Controls) => void,
): Promise<SimulationEnd> {
  const options: SimulationOptions = {
    world: { ...(typeof world === 'object' ? world : {}), script },
    events: [{ event: REQUEST, afterMs: 0 }],
    functions: [{ summary: handler.runbook, handler }],
    seed: 1,
    faults: { ...NO_FAULTS, ...faults },
    runForMs: 0,
    environment,
    watchers: [],
  };
  return simulate(options, prepare);
}

/** `i-0a1 running T-7:recycled`. */
export function instances(end: SimulationEnd): readonly string[] {
  return end.world.records('ec2', 'Instances').map((instance) => {
    const { InstanceId, State, Tags } = instanceShape.parse(instance);
    return `${InstanceId} ${State.Name} ${Tags.find(({ Key }) => Key === 'recycle-stage')?.Value ?? '-'}`;
  });
}

/** `i-0a1 done`. */
export function outcomes(end: SimulationEnd): readonly string[] {
  return end.results.map(({ result }) => `${result.target?.split('/')[1] ?? ''} ${result.outcome}`).toSorted();
}

/** Both recycled. */
export const RECYCLED = ['i-0a1 running T-7:recycled', 'i-0b2 running T-7:recycled'];
