/** TerminateInstances of a gang, and the protection from it. */

import { describe, expect, it } from 'vitest';
import { refusal, type Ec2World } from '../ec2-world.ts';
import { efaIn, gang, hpcWorld, idsOf, SUBNET_B } from './hpc-world.ts';

function protect(made: Ec2World, InstanceId: string, Value = true): void {
  made.call('ModifyInstanceAttribute', { InstanceId, DisableApiTermination: { Value } });
}

const states = (made: Ec2World): unknown[] =>
  made.call('DescribeInstances', {})['Reservations'] === undefined
    ? []
    : made.world.records('ec2', 'Instances').map((instance) => {
        const { State: state } = instance;
        return typeof state === 'object' && state !== null && 'Name' in state ? state.Name : undefined;
      });

describe('a protected instance', () => {
  it('saves all others of its zone, and only those', () => {
    const made = hpcWorld();
    const a = idsOf(made.call('RunInstances', gang(2)));
    const inB = { NetworkInterfaces: [efaIn(SUBNET_B)], Placement: { GroupName: 'mpi-b' } };
    const b = idsOf(made.call('RunInstances', gang(2, inB)));
    made.pass(21);
    protect(made, a[1] ?? '');
    expect(refusal(() => made.call('TerminateInstances', { InstanceIds: [...a, ...b] }))).toBe(
      `OperationNotPermitted: The instance '${a[1]}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
    );
    expect(states(made)).toEqual(['running', 'running', 'shutting-down', 'shutting-down']);
    made.pass(31);
    expect(states(made)).toEqual(['running', 'running', 'terminated', 'terminated']);
    protect(made, a[1] ?? '', false);
    made.call('TerminateInstances', { InstanceIds: a });
    made.pass(31);
    expect(states(made)).toEqual(['terminated', 'terminated', 'terminated', 'terminated']);
  });

  it('may be launched so', () => {
    const made = hpcWorld();
    const [id = ''] = idsOf(made.call('RunInstances', gang(1, { DisableApiTermination: true })));
    const asked = { InstanceId: id, Attribute: 'disableApiTermination' };
    expect(made.call('DescribeInstanceAttribute', asked)).toEqual({
      InstanceId: id,
      DisableApiTermination: { Value: true },
    });
    protect(made, id, false);
    expect(made.call('DescribeInstanceAttribute', asked)).toMatchObject({ DisableApiTermination: { Value: false } });
  });

  it('is no Spot instance', () => {
    const made = hpcWorld();
    const [id = ''] = idsOf(made.call('RunInstances', gang(1, { InstanceMarketOptions: { MarketType: 'spot' } })));
    expect(refusal(() => protect(made, id))).toBe(
      'UnsupportedOperation: Termination protection cannot be enabled for Spot Instances.',
    );
  });
});

describe('a request that names an unknown instance', () => {
  it('terminates none', () => {
    const made = hpcWorld();
    const ids = idsOf(made.call('RunInstances', gang(2)));
    expect(refusal(() => made.call('TerminateInstances', { InstanceIds: [...ids, 'i-0abc'] }))).toBe(
      "InvalidInstanceID.NotFound: The instance ID 'i-0abc' does not exist",
    );
    expect(states(made)).toEqual(['pending', 'pending']);
  });
});

describe('attributes', () => {
  it('that are not modelled end the run', () => {
    const made = hpcWorld({ Instances: [{ InstanceId: 'i-0a1' }] });
    expect(refusal(() => made.call('DescribeInstanceAttribute', { InstanceId: 'i-0a1', Attribute: 'userData' }))).toBe(
      'not simulated: ec2:DescribeInstanceAttribute userData',
    );
    const both = { InstanceId: 'i-0a1', DisableApiTermination: { Value: true }, DisableApiStop: { Value: true } };
    expect(refusal(() => made.call('ModifyInstanceAttribute', both))).toBe(
      'InvalidParameterCombination: Fields for multiple attribute types specified',
    );
  });
});

describe('a host', () => {
  it('is given back by a stop, and not again by the end of what was stopped', () => {
    const pool = { InstanceType: 't3.micro', AvailabilityZone: 'eu-west-1a', Available: 0 };
    const made = hpcWorld({ Instances: [{ InstanceId: 'i-0a1', InstanceType: 't3.micro' }] }, { pools: [pool] });
    const available = (): unknown => made.world.records('capacity', 'Pools')[0]?.['Available'];
    made.call('StopInstances', { InstanceIds: ['i-0a1'], Force: true, SkipOsShutdown: true });
    made.pass(16);
    expect(available()).toBe(1);
    made.call('StartInstances', { InstanceIds: ['i-0a1'] });
    expect(available()).toBe(0);
    made.pass(30);
    made.call('StopInstances', { InstanceIds: ['i-0a1'], Force: true, SkipOsShutdown: true });
    made.pass(16);
    made.call('TerminateInstances', { InstanceIds: ['i-0a1'] });
    made.pass(31);
    expect(available()).toBe(1);
  });

  it('is not there for a start either', () => {
    const pool = { InstanceType: 't3.micro', AvailabilityZone: 'eu-west-1a', Available: 0 };
    const stopped = { InstanceId: 'i-0a1', InstanceType: 't3.micro', State: { Name: 'stopped' } };
    const made = hpcWorld({ Instances: [stopped] }, { pools: [pool] });
    expect(refusal(() => made.call('StartInstances', { InstanceIds: ['i-0a1'] }))).toMatch(
      /^InsufficientInstanceCapacity/u,
    );
  });
});
