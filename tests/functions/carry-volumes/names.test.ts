/** Names that people give: a set is its name, character by character; a group is the one that is named, whatever its name looks like. */

import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  type AutoScalingGroup,
} from '@aws-sdk/client-auto-scaling';
import { DescribeSnapshotsCommand, DescribeVolumesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { locate, type Request } from '../../../functions/carry-volumes/aws.ts';
import { groupsOfSet, instanceIdOf, namedBy } from '../../../functions/carry-volumes/aws/groups.ts';
import { snapshotsTagged, volumesTagged } from '../../../functions/carry-volumes/aws/round.ts';
import { makeIo } from '../../../shared/kernel/run/io.ts';

const [ec2, scaling] = [mockClient(EC2Client), mockClient(AutoScalingClient)];
afterAll(() => {
  for (const stub of [ec2, scaling]) stub.restore();
});
beforeEach(() => {
  for (const stub of [ec2, scaling]) stub.reset();
});

const { signal } = new AbortController();
const IO = makeIo({ run: 'r', account: '111122223333', region: 'eu-west-1', signal, target: 't' });
const ARN = 'arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:1:autoScalingGroupName';

function group(name: string, set: string): AutoScalingGroup {
  return {
    AutoScalingGroupName: name,
    AutoScalingGroupARN: `${ARN}/${name}`,
    MinSize: 1,
    MaxSize: 1,
    DesiredCapacity: 1,
    DefaultCooldown: 300,
    AvailabilityZones: [],
    HealthCheckType: 'EC2',
    CreatedTime: new Date(0),
    Tags: [{ Key: 'runbook:volumes', Value: set }],
    Instances: [],
  };
}

describe('a set', () => {
  const of = (Value: string) => [{ Key: 'runbook:volumes', Value }];

  it.each([
    ['db', { Name: 'tag:runbook:volumes', Values: ['db'] }],
    ['*', { Name: 'tag-key', Values: ['runbook:volumes'] }],
    ['d?', { Name: 'tag-key', Values: ['runbook:volumes'] }],
    ['db*', { Name: 'tag-key', Values: ['runbook:volumes'] }],
    [String.raw`d\b`, { Name: 'tag-key', Values: ['runbook:volumes'] }],
  ])('named %s is asked for without patterns, and is nothing but what has that very name', async (set, filter) => {
    const names = ['db', 'DB', 'dbx', 'd', set];
    ec2
      .on(DescribeVolumesCommand)
      .resolves({ Volumes: names.map((name, index) => ({ VolumeId: `vol-${index}`, Tags: of(name) })) });
    ec2
      .on(DescribeSnapshotsCommand)
      .resolves({ Snapshots: names.map((name, index) => ({ SnapshotId: `snap-${index}`, Tags: of(name) })) });
    scaling
      .on(DescribeAutoScalingGroupsCommand)
      .resolves({ AutoScalingGroups: names.map((name, index) => group(`g${index}`, name)) });

    const [volumes, snapshots, groups] = [
      await volumesTagged(set, IO),
      await snapshotsTagged(set, IO),
      await groupsOfSet(set, IO),
    ];
    const own = set === 'db' ? [0, 4] : [4];
    expect(volumes.map(({ VolumeId }) => VolumeId)).toEqual(own.map((index) => `vol-${index}`));
    expect(snapshots.map(({ SnapshotId }) => SnapshotId)).toEqual(own.map((index) => `snap-${index}`));
    expect(groups.map(({ AutoScalingGroupName }) => AutoScalingGroupName)).toEqual(own.map((index) => `g${index}`));
    const asked = [...ec2.calls(), ...scaling.calls()].map(({ args }) => args[0].input);
    expect(asked).toMatchObject([{ Filters: [filter] }, { Filters: [filter] }, { Filters: [filter] }]);
  });
});

describe('what people name', () => {
  it.each([
    ['i-0b1', { instanceId: 'i-0b1' }],
    ['arn:aws:ec2:eu-west-1:111122223333:instance/i-0b1', { instanceId: 'i-0b1' }],
    ['db', { groupName: 'db' }],
    ['prod/db', { groupName: 'prod/db' }],
    ['prod/i-0b1', { groupName: 'prod/i-0b1' }],
    [`${ARN}/prod/db`, { groupName: 'prod/db' }],
    [`${ARN}/i-0b1`, { groupName: 'i-0b1' }],
    [`${ARN}/instance/i-0b1`, { groupName: 'instance/i-0b1' }],
    ['arn:aws:autoscaling:us-east-1:111122223333:autoScalingGroup:1:autoScalingGroupName/db', undefined],
    ['arn:aws:autoscaling:eu-west-1:444455556666:autoScalingGroup:1:autoScalingGroupName/db', undefined],
    ['arn:aws:ec2:eu-west-1:444455556666:instance/i-0b1', undefined],
    ['arn:aws:ec2:eu-west-1:111122223333:volume/i-0b1', undefined],
    ['arn:aws:rds:eu-west-1:111122223333:db:db', undefined],
    ['arn:aws', undefined],
  ])('%s is %j', (text, named) => {
    expect(namedBy(text, IO)).toEqual(named);
  });

  it('as a target is a group whatever its name looks like', () => {
    expect(instanceIdOf(`${ARN}/prod:instance/i-0b1`)).toBeNull();
    expect(instanceIdOf(`${ARN}/instance/i-0b1`)).toBeNull();
    expect(instanceIdOf('arn:aws-cn:ec2:cn-north-1:111122223333:instance/i-0b1')).toBe('i-0b1');
  });

  it('is that group and no other, where AWS answers with another too', async () => {
    const request = (target: string): Request => ({ ask: { kind: 'sweep' }, target, hook: null });
    scaling
      .on(DescribeAutoScalingGroupsCommand)
      .resolves({ AutoScalingGroups: [group('db', 'd'), group('DB', 'e'), group('prod/db', 'p')] });
    expect(await locate(request('prod/db'), IO)).toEqual([{ target: `${ARN}/prod/db` }]);
    expect(await locate(request(`${ARN}/DB`), IO)).toEqual([{ target: `${ARN}/DB` }]);
    expect(await locate(request('prod'), IO)).toEqual([]);
    const asked = scaling.commandCalls(DescribeAutoScalingGroupsCommand).map(({ args }) => args[0].input);
    expect(asked.map(({ AutoScalingGroupNames }) => AutoScalingGroupNames)).toEqual([['prod/db'], ['DB'], ['prod']]);
  });

  it('of another account is nobody here', async () => {
    const target = 'arn:aws:ec2:eu-west-1:444455556666:instance/i-0b1';
    expect(await locate({ ask: { kind: 'carry' }, target, hook: null }, IO)).toEqual([]);
    expect(scaling.commandCalls(DescribeAutoScalingInstancesCommand)).toEqual([]);
  });
});
