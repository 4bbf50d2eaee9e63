/** Pools of capacity, quotas and parameters in a world file, and a script that changes a pool. */

import { describe, expect, it } from 'vitest';
import { parseWorld, worldFile } from '../../../simulator/world/world-file.ts';
import { isRecord } from '../../../simulator/engine/json.ts';
import { serviceWorld } from '../services/service-world.ts';
import { FRAME } from './pasting.ts';
import { gang, HPC, TYPE } from '../services/ec2/launch/hpc-world.ts';

const pool = (zone: string, Available: number) => ({ InstanceType: TYPE, AvailabilityZone: zone, Available });
const PARTS = { ec2: HPC, capacity: [pool('us-east-1a', 9), pool('eu-west-1a', 1)], regions: { 'us-east-1': {} } };

describe('a pool of capacity', () => {
  it('is set by a script, in whatever Region, by its place in the file', () => {
    const { call, set } = serviceWorld(PARTS);
    expect(() => call('ec2:RunInstances', gang(2))).toThrow('sufficient c5n.18xlarge capacity');
    set('capacity/1/Available', 2);
    call('ec2:RunInstances', gang(2));
    const { world } = serviceWorld({ ...PARTS, regions: {} });
    expect(worldFile(world)['capacity']).toEqual(PARTS.capacity);
  });

  it.each([
    ['capacity/2/Available', 1, 'capacity has 2 entries, counted from 0'],
    ['capacity/0/Market', 'spot', 'of capacity a script sets capacity/INDEX/Available'],
    ['capacity/0/Available', -1, 'must be a number of instances, 0 or more'],
  ])('is not changed by %s = %j', (path, value, said) => {
    const script = [{ after: 'PT1M', set: { [path]: value } }];
    expect(() => parseWorld({ ...FRAME, ...PARTS, script })).toThrow(said);
    expect(() => serviceWorld(PARTS).set(path, value)).toThrow(/capacity/u);
  });

  it('is shared with Auto Scaling groups', () => {
    const group = {
      AutoScalingGroupName: 'mpi',
      MinSize: 0,
      MaxSize: 4,
      DesiredCapacity: 1,
      AvailabilityZones: ['eu-west-1a'],
    };
    const capacity = [{ InstanceType: 't3.micro', AvailabilityZone: 'eu-west-1a', Available: 1 }];
    const { call, world, pass } = serviceWorld({ capacity, 'auto-scaling': { AutoScalingGroups: [group] } });
    pass(300);
    expect(world.records('capacity', 'Pools')).toMatchObject([{ Available: 0 }]);
    call('autoscaling:SetDesiredCapacity', { AutoScalingGroupName: 'mpi', DesiredCapacity: 2 });
    pass(300);
    expect(world.records('ec2', 'Instances')).toHaveLength(1);
  });
});

describe('what launches leave behind', () => {
  it('is a world file again, with tokens that still hold', () => {
    const Quotas = [{ QuotaCode: 'L-1216C47A', Value: 200 }];
    const quota = { ServiceCode: 'ec2', QuotaCode: 'L-34B43A08', Value: 10 };
    const first = serviceWorld({ ...PARTS, capacity: [], 'service-quotas': { Quotas, Quota: quota } });
    first.call('ec2:RunInstances', gang(2, { ClientToken: 'one' }));
    first.pass(5);
    const { now: _now, account: _account, region: _region, ...left } = worldFile(first.world);
    const second = serviceWorld(left);
    second.call('ec2:RunInstances', gang(2, { ClientToken: 'one' }));
    expect(second.world.records('ec2', 'Instances')).toHaveLength(2);
    expect(() => second.call('ec2:RunInstances', gang(1))).toThrow('vCPU limit of 200');
    expect(second.world.records('service-quotas', 'Quotas')).toHaveLength(2);
  });
});

describe('parameters', () => {
  const Parameters = [
    { Name: '/mpi/ladder', Value: '[]' },
    { Name: '/mpi/key', Type: 'SecureString', Value: 'x' },
  ];

  it('are read one by one and together', () => {
    const { call } = serviceWorld({ ssm: { Parameters } });
    const ladder = {
      Name: '/mpi/ladder',
      Type: 'String',
      Value: '[]',
      Version: 1,
      DataType: 'text',
      ARN: 'arn:aws:ssm:eu-west-1:111122223333:parameter/mpi/ladder',
      LastModifiedDate: new Date('2026-11-22T08:00:00Z'),
    };
    expect(call('ssm:GetParameter', { Name: '/mpi/ladder' })).toEqual({ Parameter: ladder });
    expect(call('ssm:GetParameters', { Names: ['/mpi/ladder', '/mpi/none'] })).toEqual({
      Parameters: [ladder],
      InvalidParameters: ['/mpi/none'],
    });
    const key = call('ssm:GetParameter', { Name: '/mpi/key', WithDecryption: true })['Parameter'];
    expect(isRecord(key) && key['Value']).toBe('x');
  });

  it('that are not there, or cannot be told honestly, are not made up', () => {
    const { call } = serviceWorld({ ssm: { Parameters } });
    expect(() => call('ssm:GetParameter', { Name: '/mpi/none' })).toThrow(
      expect.objectContaining({ name: 'ParameterNotFound' }),
    );
    expect(() => call('ssm:GetParameter', { Name: '/mpi/key' })).toThrow('not simulated');
    expect(() => call('ssm:GetParameter', { Name: '/mpi/ladder:3' })).toThrow('not simulated');
    expect(() => call('ssm:GetParameters', { Names: [] })).toThrow('length between 1 and 10');
  });
});
