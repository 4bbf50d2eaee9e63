/** Small functions to deploy into a simulation, without the kernel: the simulator is tested for itself. */

import type { RunbookSummary } from '../../shared/definition.ts';
import type { DeployedFunction, SimulationOptions } from '../../simulator/run-types.ts';
import { NO_FAULTS } from '../../simulator/run-types.ts';

/** A world of two instances, one of which holds the only Elastic IP. */
export const TWO_INSTANCES = {
  now: '2026-11-22T08:00:00Z',
  account: '111122223333',
  region: 'eu-west-1',
  ec2: {
    Instances: [
      { InstanceId: 'i-0a1', State: { Name: 'running' }, Placement: { AvailabilityZone: 'eu-west-1a' } },
      { InstanceId: 'i-0b2', State: { Name: 'running' }, Placement: { AvailabilityZone: 'eu-west-1b' } },
    ],
    Addresses: [{ AllocationId: 'eipalloc-01', PublicIp: '203.0.113.10', InstanceId: 'i-0a1' }],
  },
};

/** A request that every function of these tests takes. */
export const REQUEST = { runbook: 'probe-function' };

/** Deploys a handler under a name, with the triggers given. */
export function deploy(
  handler: DeployedFunction['handler'],
  summary: Partial<Pick<RunbookSummary, 'name' | 'timeoutSeconds' | 'triggers' | 'host'>> = {},
): DeployedFunction {
  return {
    handler,
    summary: {
      name: 'probe-function',
      host: 'plain',
      disruptive: false,
      timeoutSeconds: 60,
      ledgerLost: 'refuse',
      triggers: [],
      applies: [],
      limits: { maxAgeSeconds: 900, maxTargets: 5, cooldownSeconds: 0, maxActionsPerWindow: 8, windowSeconds: 3600, maxLooks: 3, maxWaitSeconds: 60, maxCalls: 10 },
      ...summary,
    },
  };
}

/** Options of a run in which one request is given to one function. */
export function run(fn: DeployedFunction, changes: Partial<SimulationOptions> = {}): SimulationOptions {
  return {
    world: TWO_INSTANCES,
    events: [{ event: REQUEST, afterMs: 0 }],
    functions: [fn],
    seed: 1,
    faults: NO_FAULTS,
    runForMs: 0,
    environment: {},
    watchers: [],
    ...changes,
  };
}
