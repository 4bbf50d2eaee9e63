/** Loads worlds of pasted outputs. */

import { createClock } from '../../../simulator/engine/clock.ts';
import type { Shape, World } from '../../../simulator/engine/model.ts';
import { SERVICES } from '../../../simulator/engine/services.ts';
import { createWorld } from '../../../simulator/engine/world.ts';
import { pastedWorld } from '../../../simulator/world/world-file.ts';

/** What every world file begins with. */
export const FRAME = { now: '2026-11-22T08:00:00Z', account: '111122223333', region: 'eu-west-1' };

export interface Loaded {
  readonly world: World;
  /** What is said to be missing, a line each. */
  readonly lacks: readonly string[];
  /** What was assumed so far. */
  readonly assumed: ReadonlySet<string>;
  readonly one: (service: string, collection: string, index?: number) => Shape;
}

/** Loads a world of these sections. */
export function load(sections: object): Loaded {
  const { world: parsed, lacks } = pastedWorld({ ...FRAME, ...sections });
  const gaps: string[] = [];
  const world = createWorld(parsed.data, {
    services: SERVICES,
    seed: 1,
    account: parsed.account,
    region: parsed.region,
    clock: createClock(parsed.nowMs),
    onGap: ({ path, message }) => void gaps.push(`${path}: ${message}`),
  });
  return {
    world,
    lacks: [...lacks, ...gaps],
    assumed: world.assumed,
    one: (service, collection, index = 0) => world.records(service, collection)[index] ?? {},
  };
}

/** Asks a service of the world. */
export function ask(world: World, service: string, operation: string, input: Shape): object {
  const run = SERVICES.find(({ name }) => name === service)?.operations[operation]?.run;
  if (run === undefined) throw new Error(`no ${operation}`);
  return run(input, world);
}

/** An instance with an interface. */
export const HOLDER = {
  InstanceId: 'i-0a1',
  State: { Code: 16, Name: 'running' },
  Placement: { AvailabilityZone: 'eu-west-1a' },
  NetworkInterfaces: [
    {
      NetworkInterfaceId: 'eni-0a1',
      PrivateIpAddress: '10.0.0.11',
      PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: '10.0.0.11' }],
    },
  ],
};
