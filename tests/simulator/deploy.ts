/** Small functions to deploy into a simulation, without the kernel: the simulator is tested for itself. */

import {
  CreateTagsCommand,
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  EC2Client,
  StopInstancesCommand,
  type CreateTagsCommandOutput,
  type DescribeAddressesCommandOutput,
  type DescribeInstancesCommandOutput,
  type StopInstancesCommandOutput,
} from '@aws-sdk/client-ec2';
import { client, surroundings } from '../../shared/aws/clients.ts';
import type { Outcome } from '../../shared/kernel/decision.ts';
import type { RunbookSummary } from '../../shared/kernel/definition.ts';
import { errorName } from '../../shared/kernel/errors.ts';
import { isRecord } from '../../simulator/engine/json.ts';
import {
  NO_FAULTS,
  type DeployedFunction,
  type SimulationOptions,
  type SimulationResult,
} from '../../simulator/engine/run-types.ts';

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
      limits: {
        maxAgeSeconds: 900,
        maxTargets: 5,
        cooldownSeconds: 0,
        maxActionsPerWindow: 8,
        windowSeconds: 3600,
        maxLooks: 3,
        maxWaitSeconds: 60,
        maxCalls: 10,
      },
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

const ec2 = (): EC2Client => client(EC2Client);

export const describeInstances = (): Promise<DescribeInstancesCommandOutput> =>
  ec2().send(new DescribeInstancesCommand({}));
export const describeAddresses = (): Promise<DescribeAddressesCommandOutput> =>
  ec2().send(new DescribeAddressesCommand({}));
export const stop = (id: string): Promise<StopInstancesCommandOutput> =>
  ec2().send(new StopInstancesCommand({ InstanceIds: [id] }));
export const tag = (Key: string, Value: string): Promise<CreateTagsCommandOutput> =>
  ec2().send(new CreateTagsCommand({ Resources: ['i-0a1'], Tags: [{ Key, Value }] }));

/** Waits on the clock of the simulation. */
export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, milliseconds));

/** `ok`, or the name of the error. */
export function ending(promise: Promise<unknown> | undefined): Promise<string> {
  return (promise ?? Promise.resolve()).then(
    () => 'ok',
    (error: unknown) => errorName(error),
  );
}

/** The tags of the first instance, as `key=value`. */
export function tagsOf(result: SimulationResult): readonly string[] {
  const tags: unknown = result.world.records('ec2', 'Instances')[0]?.['Tags'];
  return Array.isArray(tags) ? tags.filter(isRecord).map((one) => `${String(one['Key'])}=${String(one['Value'])}`) : [];
}

/** The log line that closes a run. */
export function outcomeLine(outcome: Outcome): string {
  const target = 'arn:aws:ec2:eu-west-1:111122223333:elastic-ip/eipalloc-01';
  const result = {
    runbook: 'probe-function',
    run: 'r',
    target,
    outcome,
    reason: 'code: why',
    evidence: {},
    plan: [],
    phases: [],
  };
  return JSON.stringify({ message: 'outcome', level: 'INFO', at: new Date().toISOString(), result });
}

/** Reads side by side, then writes: the shape of a run. */
export const usual = deploy(async () => {
  await Promise.all([describeInstances(), describeAddresses()]);
  await tag('a', '1');
  surroundings().write(outcomeLine('done'));
});
