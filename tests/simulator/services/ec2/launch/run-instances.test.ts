/** RunInstances: whole gangs or none, what they take, and what a client token repeats. */

import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../../simulator/engine/model.ts';
import type { Ec2World } from '../ec2-world.ts';
import { refusal } from '../ec2-world.ts';
import { efaIn, gang, hpcWorld, idsOf, SUBNET_A, SUBNET_B, TYPE } from './hpc-world.ts';

const POOL_A = { InstanceType: TYPE, AvailabilityZone: 'eu-west-1a' };

function available(made: Ec2World): unknown[] {
  return made.world.records('capacity', 'Pools').map((pool) => pool['Available']);
}

const run = (made: Ec2World, input: Shape): Shape => made.call('RunInstances', input);
const count = (made: Ec2World): number => made.world.records('ec2', 'Instances').length;

/** In the second zone. */
const inB = { NetworkInterfaces: [efaIn(SUBNET_B)], Placement: { GroupName: 'mpi-b' } };

describe('a gang', () => {
  it('is launched from its template, in its group, in one reservation, and boots', () => {
    const made = hpcWorld();
    const answer = run(made, gang(3, { ClientToken: 'one' }));
    expect(answer['Instances']).toHaveLength(3);
    expect(answer).toMatchObject({
      OwnerId: '111122223333',
      Instances: [0, 1, 2].map((AmiLaunchIndex) => ({
        AmiLaunchIndex,
        ClientToken: 'one',
        ImageId: 'ami-0a1',
        InstanceType: TYPE,
        State: { Code: 0, Name: 'pending' },
        Placement: { AvailabilityZone: 'eu-west-1a', GroupName: 'mpi-a', GroupId: 'pg-0a', Tenancy: 'default' },
        Tags: [{ Key: 'fleet', Value: 'mpi' }],
        SecurityGroups: [{ GroupId: 'sg-0e', GroupName: 'efa' }],
        SubnetId: SUBNET_A,
        VpcId: 'vpc-1',
        NetworkInterfaces: [{ InterfaceType: 'efa', Attachment: { NetworkCardIndex: 0, DeviceIndex: 0 } }],
      })),
    });
    made.pass(21);
    const found = made.call('DescribeInstances', { Filters: [{ Name: 'client-token', Values: ['one'] }] });
    expect(found['Reservations']).toMatchObject([
      { ReservationId: answer['ReservationId'], Instances: [1, 2, 3].map(() => ({ State: { Name: 'running' } })) },
    ]);
    expect(made.record('InstanceStatuses')['InstanceStatus']).toMatchObject({ Status: 'initializing' });
    made.pass(151);
    expect(made.record('InstanceStatuses')['InstanceStatus']).toMatchObject({ Status: 'ok' });
  });

  it('boots as long as the world says of its type', () => {
    const made = hpcWorld({ InstanceTypes: [{ InstanceType: TYPE, PendingSeconds: 100, InitializingSeconds: 10 }] });
    run(made, gang(1));
    made.pass(99);
    expect(made.record('Instances')['State']).toMatchObject({ Name: 'pending' });
    made.pass(12);
    expect(made.record('InstanceStatuses')['SystemStatus']).toMatchObject({ Status: 'ok' });
  });

  it('is launched whole or not at all', () => {
    const made = hpcWorld({}, { pools: [{ ...POOL_A, PlacementGroup: 'mpi-a', Available: 3 }] });
    expect(refusal(() => run(made, gang(4)))).toMatch(
      /^InsufficientInstanceCapacity: We currently do not have sufficient c5n\.18xlarge capacity in the Availability Zone/u,
    );
    expect([count(made), available(made)]).toEqual([0, [3]]);
    run(made, gang(3));
    expect([count(made), available(made)]).toEqual([3, [0]]);
  });

  it('is as large as there is room for, of a range', () => {
    const made = hpcWorld({}, { pools: [{ ...POOL_A, Available: 3 }] });
    expect(run(made, gang(4, { MinCount: 2 }))['Instances']).toHaveLength(3);
  });

  it('draws on every pool that holds for it, and gives back when it has ended', () => {
    const pools = [
      { ...POOL_A, Available: 10 },
      { ...POOL_A, PlacementGroup: 'pg-0a', Available: 4 },
      { ...POOL_A, Market: 'spot', Available: 1 },
      { ...POOL_A, AvailabilityZone: 'eu-west-1b', Available: 5 },
    ];
    const made = hpcWorld({}, { pools });
    const ids = idsOf(run(made, gang(4)));
    expect(available(made)).toEqual([6, 0, 1, 5]);
    // It grows no further, although the zone has room.
    expect(refusal(() => run(made, gang(1)))).toMatch(/^InsufficientInstanceCapacity/u);
    made.call('TerminateInstances', { InstanceIds: ids });
    expect(available(made)).toEqual([6, 0, 1, 5]);
    made.pass(31);
    expect(available(made)).toEqual([10, 4, 1, 5]);
  });

  it('has no bound where no pool holds for it, which is told', () => {
    const made = hpcWorld();
    run(made, gang(50));
    expect([...made.world.assumed].filter((each) => each.includes('room without end'))).toHaveLength(1);
  });
});

describe('a client token', () => {
  const one = gang(2, { ClientToken: 'one' });

  it('answers the same request with the same instances', () => {
    const made = hpcWorld();
    const first = idsOf(run(made, one));
    made.pass(60);
    const again = run(made, one);
    expect(idsOf(again)).toEqual(first);
    expect(again).toMatchObject({ Instances: [{ State: { Name: 'running' } }, { State: { Name: 'running' } }] });
    expect(count(made)).toBe(2);
  });

  it('refuses another request in its zone, and launches again in another', () => {
    const made = hpcWorld();
    run(made, one);
    expect(refusal(() => run(made, { ...one, MaxCount: 3 }))).toBe(
      'IdempotentParameterMismatch: Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
    );
    run(made, { ...one, ...inB });
    expect(count(made)).toBe(4);
  });

  it('is bound by a request that found no room, and lets it be asked again', () => {
    const made = hpcWorld({}, { pools: [{ ...POOL_A, Available: 1 }] });
    expect(refusal(() => run(made, one))).toMatch(/^InsufficientInstanceCapacity/u);
    expect(refusal(() => run(made, { ...one, MinCount: 1 }))).toMatch(/^IdempotentParameterMismatch/u);
    made.world.records('capacity', 'Pools')[0] = { ...POOL_A, Available: 2 };
    run(made, one);
    expect(count(made)).toBe(2);
  });

  it('is ASCII, and no longer than AWS takes it', () => {
    for (const token of ['x'.repeat(65), 'grün'])
      expect(refusal(() => run(hpcWorld(), gang(1, { ClientToken: token })))).toMatch(/^InvalidClientToken/u);
  });
});
