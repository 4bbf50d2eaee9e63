/** A world that holds only EC2, for the tests of its model. */

import { expect } from 'vitest';
import { createClock } from '../../../../simulator/engine/clock.ts';
import { isShape, show } from '../../../../simulator/services/ec2/state.ts';
import { ec2 } from '../../../../simulator/services/ec2/ec2.ts';
import { AwsError, type BusEvent, type Shape } from '../../../../simulator/engine/model.ts';
import { createWorld } from '../../../../simulator/engine/world.ts';

/** Begins a world from EC2 collections at 2026-11-22T08:00:00Z in eu-west-1. */
export function ec2World(collections: { [collection: string]: Shape[] }) {
  const clock = createClock(Date.parse('2026-11-22T08:00:00Z'));
  const events: BusEvent[] = [];
  const signals: string[] = [];
  const world = createWorld(
    { ec2: structuredClone(collections) },
    {
      services: [ec2],
      seed: 1,
      account: '111122223333',
      region: 'eu-west-1',
      clock,
      onEvent: (event) => events.push(event),
      onSignal: (name) => signals.push(name),
    },
  );
  return {
    world,
    events,
    signals,
    states: (): string[] =>
      events
        .filter((event) => event['detail-type'] === 'EC2 Instance State-change Notification')
        .map((event) => `${show(event.detail['instance-id'])} ${show(event.detail['state'])}`),
    call: (operation: string, input: Shape = {}): Shape => {
      const model = ec2.operations[operation];
      if (model === undefined) throw new Error(`no operation ${operation}`);
      const output = model.run(input, world);
      if (!isShape(output)) throw new Error(`${operation} gave no object`);
      return output;
    },
    change: (path: string, value: unknown): boolean | undefined => {
      const [, collection = '', key = '', ...members] = path.split('/');
      return ec2.change?.(world, collection, key, members, value);
    },
    record: (collection: string, index = 0): Shape => world.records('ec2', collection)[index] ?? {},
    /** Lets so much simulated time pass. */
    pass: (seconds: number): void => {
      const until = clock.now() + seconds * 1000;
      // So that there is a step to end on.
      clock.after(seconds * 1000, () => undefined);
      while (clock.now() < until) clock.step();
    },
  };
}

export type Ec2World = ReturnType<typeof ec2World>;

/** Two instances in two zones, an address on the first and one on nobody. The second has a secondary private address. */
export function pair(): Ec2World {
  return ec2World({
    Instances: [{ InstanceId: 'i-a' }, { InstanceId: 'i-b', Placement: { AvailabilityZone: 'eu-west-1b' } }],
    Addresses: [{ AllocationId: 'eipalloc-1', InstanceId: 'i-a' }, { AllocationId: 'eipalloc-2' }],
    NetworkInterfaces: [
      { NetworkInterfaceId: 'eni-a', PrivateIpAddress: '10.0.0.10', Attachment: { InstanceId: 'i-a', DeviceIndex: 0 } },
      {
        NetworkInterfaceId: 'eni-b',
        PrivateIpAddresses: [
          { PrivateIpAddress: '10.0.16.10', Primary: true },
          { PrivateIpAddress: '10.0.16.11', Primary: false },
        ],
        Attachment: { InstanceId: 'i-b', DeviceIndex: 0 },
      },
    ],
  });
}

/** The error that a call is refused with, as `Code: message`. */
export function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    if (error instanceof AwsError) return `${error.name}: ${error.message}`;
    if (error instanceof Error) return error.message;
  }
  throw new Error('the call was not refused');
}
