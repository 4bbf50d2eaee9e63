/** Pasted outputs: whatever AWS, an SDK or a tool prints loads. */

import { describe, expect, it } from 'vitest';
import { BadInputError } from '../../../shared/kernel/errors.ts';
import { parseWorld, pastedWorld } from '../../../simulator/world/world-file.ts';
import { FRAME, HOLDER, load } from './pasting.ts';

describe('what stands beside the records', () => {
  it('is left out, and more pages are named', () => {
    const { lacks, one } = load({
      ec2: {
        Reservations: [{ ReservationId: 'r-1', Instances: [HOLDER] }],
        NextToken: 'abc',
        ResponseMetadata: { RequestId: 'x', HTTPStatusCode: 200, HTTPHeaders: {}, RetryAttempts: 0 },
      },
      kms: { Keys: [{ KeyId: 'k', KeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/k' }], Truncated: true },
      cloudwatch: { MetricAlarms: [], NextToken: null, $metadata: { httpStatusCode: 200 } },
    });
    expect(lacks).toEqual([
      'ec2.NextToken: the page is not all there is',
      'kms.Truncated: the page is not all there is',
    ]);
    expect(one('ec2', 'Instances')['ReservationId']).toBe('r-1');
  });

  it('is not said to lack anything when the last page was pasted', () => {
    expect(load({ ec2: { Instances: [HOLDER], NextToken: '' }, kms: { Keys: [], Truncated: false } }).lacks).toEqual(
      [],
    );
  });
});

describe('null', () => {
  it('is absent, wherever AWS could have left the member out', () => {
    const { lacks, one } = load({
      ec2: {
        Instances: [
          {
            ...HOLDER,
            KernelId: null,
            Tags: null,
            PublicIpAddress: null,
            Placement: { ...HOLDER.Placement, HostId: null },
          },
        ],
        Addresses: [
          { AllocationId: 'eipalloc-1', PublicIp: '203.0.113.9', InstanceId: null, AssociationId: null, Tags: [null] },
        ],
        Volumes: null,
      },
      'auto-scaling': null,
    });
    expect(lacks).toEqual([]);
    expect(one('ec2', 'Instances')['Tags']).toEqual([]);
    expect(one('ec2', 'Addresses')).toMatchObject({ AllocationId: 'eipalloc-1', Tags: [] });
  });

  it('stays where it says something: a missing datapoint, a deletion by the script', () => {
    const { world } = pastedWorld({
      ...FRAME,
      cloudwatch: { Samples: [{ AlarmName: 'a', Values: [1, null] }] },
      script: [{ after: 'PT1S', set: { 'ec2/Instances/i-0a1/Tags/x': null } }],
    });
    expect(world.data['cloudwatch']?.['Samples']).toEqual([{ AlarmName: 'a', Values: [1, null] }]);
    expect(world.script[0]?.set).toEqual({ 'ec2/Instances/i-0a1/Tags/x': null });
  });
});

describe('a time', () => {
  it.each([
    ['2026-09-01T06:11:19+00:00', '2026-09-01T06:11:19+00:00'],
    ['2026-09-01T06:11:19.000Z', '2026-09-01T06:11:19.000Z'],
    ['2026-09-01 06:11:19+00:00', '2026-09-01T06:11:19.000Z'],
    ['2026-09-01 08:11:19.412000+02:00', '2026-09-01T06:11:19.412Z'],
    ['2026-09-01 06:11:19', '2026-09-01T06:11:19.000Z'],
    ['2026-09-01T06:11:19', '2026-09-01T06:11:19.000Z'],
    ['2026-09-01T06:11:19.000+0000', '2026-09-01T06:11:19.000Z'],
    [1_788_243_079, '2026-09-01T06:11:19.000Z'],
    [1_788_243_079.412, '2026-09-01T06:11:19.412Z'],
  ])('is read as whoever printed it meant it: %j', (printed, meant) => {
    const { one } = load({ ec2: { Instances: [{ ...HOLDER, LaunchTime: printed }] } });
    expect(one('ec2', 'Instances')['LaunchTime']).toBe(meant);
  });

  it.each(['yesterday', '2026-13-01 06:11:19+00:00', '01/09/2026', ''])('that is none is a fault: %j', (printed) => {
    expect(() => load({ ec2: { Instances: [{ ...HOLDER, LaunchTime: printed }] } })).toThrow(
      'ec2.Instances[0].LaunchTime: must be a time such as 2026-11-22T08:00:00Z',
    );
  });

  it('is one wherever AWS sends one', () => {
    const at = '2026-09-01 06:11:19+00:00';
    const { lacks } = load({
      ec2: {
        Instances: [{ ...HOLDER, LaunchTime: at, UsageOperationUpdateTime: at }],
        Volumes: [{ VolumeId: 'vol-1', CreateTime: at, Attachments: [{ InstanceId: 'i-0a1', AttachTime: at }] }],
        Snapshots: [{ SnapshotId: 'snap-1', StartTime: at, CompletionTime: at }],
      },
      'auto-scaling': {
        AutoScalingGroups: [{ AutoScalingGroupName: 'g', CreatedTime: at, Instances: [{ InstanceId: 'i-0a1' }] }],
        Activities: [
          { ActivityId: 'a', AutoScalingGroupName: 'g', StartTime: at, EndTime: at, StatusCode: 'Successful' },
        ],
      },
      cloudwatch: {
        MetricAlarms: [{ AlarmName: 'a', MetricName: 'm', Namespace: 'n', StateUpdatedTimestamp: at }],
      },
      ssm: { InstanceInformationList: [{ InstanceId: 'i-0a1', LastPingDateTime: 1_788_243_079.412 }] },
      kms: {
        KeyMetadata: { KeyId: 'k', CreationDate: 1_788_243_079.412, Enabled: true, KeySpec: 'SYMMETRIC_DEFAULT' },
      },
    });
    expect(lacks).toEqual([]);
  });
});

describe('what a newer AWS, or another service, sends', () => {
  it('is left out and named, once for all records', () => {
    const { lacks, one } = load({
      ec2: {
        Instances: [
          { ...HOLDER, QuantumState: { Entangled: true } },
          { InstanceId: 'i-0b2', QuantumState: {}, CpuOptions: { CoreCount: 2, Shiny: 1 } },
        ],
        RouteTables: [{ GroupId: 'sg-1' }],
      },
      'auto-scaling': { ScalingPolicies: [] },
    });
    expect(lacks).toEqual([
      'ec2.Instances[].QuantumState: not known here, left out',
      'ec2.Instances[].CpuOptions.Shiny: not known here, left out',
      'ec2.RouteTables: not known here, left out',
      'auto-scaling.ScalingPolicies: not known here, left out',
    ]);
    expect(one('ec2', 'Instances', 1)['CpuOptions']).toEqual({ CoreCount: 2 });
  });

  it('is a fault where the file is written by hand, and beside the services', () => {
    expect(() => parseWorld({ ...FRAME, ec2: { Instances: [{ InstanceId: 'i-1', Tag: [] }] } })).toThrow(BadInputError);
    expect(() => pastedWorld({ ...FRAME, surprise: {} })).toThrow('surprise: unknown member');
  });
});
