/** The parts of which a look at AWS is made, each by itself. */

import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeLifecycleHooksCommand,
  type AutoScalingGroup,
} from '@aws-sdk/client-auto-scaling';
import {
  DescribeAvailabilityZonesCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
  type Snapshot,
} from '@aws-sdk/client-ec2';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { ListCommandInvocationsCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { expectAll, sharedRound } from '../../../functions/carry-volumes/aws/account-look.ts';
import { waitingInPool } from '../../../functions/carry-volumes/aws/groups.ts';
import { readKeyStates } from '../../../functions/carry-volumes/aws/key-states.ts';
import { queueOf } from '../../../functions/carry-volumes/aws/queue.ts';
import { readFreeze } from '../../../functions/carry-volumes/aws/run-command.ts';
import { readSnapshots } from '../../../functions/carry-volumes/aws/snapshots.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { makeIo } from '../../../shared/kernel/run/io.ts';

const [ec2, scaling] = [mockClient(EC2Client), mockClient(AutoScalingClient)];
const [ssm, kms] = [mockClient(SSMClient), mockClient(KMSClient)];
const STUBS = [ec2, scaling, ssm, kms];

afterAll(() => {
  for (const stub of STUBS) stub.restore();
});
beforeEach(() => {
  for (const stub of STUBS) stub.reset();
});

function ioAt(time: string, signal: AbortSignal = new AbortController().signal): Io {
  const parts = { run: 'r', account: '111122223333', region: 'eu-west-1', target: 't' };
  return { ...makeIo({ ...parts, signal }), now: () => time };
}

const SETS = [{ Key: 'runbook:volumes', Value: 'db' }];
const ARN = 'arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:1:autoScalingGroupName';

function groupOf(name: string, change: Partial<AutoScalingGroup> = {}): AutoScalingGroup {
  return {
    AutoScalingGroupName: name,
    AutoScalingGroupARN: `${ARN}/${name}`,
    MinSize: 1,
    MaxSize: 1,
    DesiredCapacity: 1,
    DefaultCooldown: 0,
    AvailabilityZones: [],
    HealthCheckType: 'EC2',
    CreatedTime: new Date(0),
    Tags: [{ Key: 'runbook:volumes', Value: name }],
    ...change,
  };
}

describe('a look that the targets of a tick share', () => {
  const answerAll = (): void => {
    scaling
      .on(DescribeAutoScalingGroupsCommand)
      .resolves({ AutoScalingGroups: ['one', 'two'].map((name) => groupOf(name)) });
    scaling.on(DescribeLifecycleHooksCommand).resolves({});
    for (const command of [DescribeAvailabilityZonesCommand, DescribeVolumesCommand, DescribeSnapshotsCommand])
      ec2.on(command).resolves({});
    ec2.on(DescribeInstancesCommand).resolves({});
  };
  const looksMade = (): number => ec2.commandCalls(DescribeVolumesCommand).length;
  const roundAt = async (request: object, name: string, time: string): Promise<string | undefined> =>
    (await sharedRound(request, `${ARN}/${name}`, ioAt(time)))?.group.AutoScalingGroupName;

  it('is theirs for half a minute, and nobody’s any more after that', async () => {
    answerAll();
    const request = {};
    expectAll(request);
    expect(await roundAt(request, 'one', '2026-11-22T08:00:00.000Z')).toBe('one');
    expect(await roundAt(request, 'two', '2026-11-22T08:00:30.000Z')).toBe('two');
    expect(looksMade()).toBe(1);

    const late = {};
    expectAll(late);
    expect(await roundAt(late, 'one', '2026-11-22T08:00:00.000Z')).toBe('one');
    expect(await roundAt(late, 'two', '2026-11-22T08:00:30.001Z')).toBeUndefined();
    expect(looksMade()).toBe(2);
  });

  it('gives each target its share once: whoever looks again reads for itself', async () => {
    answerAll();
    const request = {};
    expectAll(request);
    expect(await roundAt(request, 'one', '2026-11-22T08:00:00.000Z')).toBe('one');
    expect(await roundAt(request, 'one', '2026-11-22T08:00:01.000Z')).toBeUndefined();
  });

  it('asks again for the hooks of one group where they could not be read, and not for the rest', async () => {
    answerAll();
    scaling.on(DescribeLifecycleHooksCommand).rejectsOnce(new Error('throttled')).resolves({});
    const request = {};
    expectAll(request);
    await expect(roundAt(request, 'one', '2026-11-22T08:00:00.000Z')).rejects.toThrow('throttled');
    expect(await roundAt(request, 'one', '2026-11-22T08:00:02.000Z')).toBe('one');
    expect(looksMade()).toBe(1);
  });

  it('is made anew where it could not be made', async () => {
    answerAll();
    ec2.on(DescribeVolumesCommand).rejectsOnce(new Error('throttled')).resolves({});
    const request = {};
    expectAll(request);
    await expect(roundAt(request, 'one', '2026-11-22T08:00:00.000Z')).rejects.toThrow('throttled');
    expect(await roundAt(request, 'one', '2026-11-22T08:00:02.000Z')).toBe('one');
    expect(looksMade()).toBe(2);
  });
});

describe('a queue', () => {
  it('has no more at work at the same time than it may, also when one hands its place on', async () => {
    const queue = queueOf(2);
    let [busy, most] = [0, 0];
    const order: number[] = [];
    const work = async (index: number): Promise<void> => {
      order.push(index);
      busy += 1;
      most = Math.max(most, busy);
      await Promise.resolve();
      busy -= 1;
    };
    const first = Array.from({ length: 6 }, (_unit, index) => queue(() => work(index)));
    await first[0];
    const second = Array.from({ length: 6 }, (_unit, index) => queue(() => work(index + 6)));
    await Promise.all([...first, ...second]);
    expect([most, order]).toEqual([2, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]]);
  });

  it('hands the place of whoever fails on, too', async () => {
    const queue = queueOf(1);
    const failed = queue(() => Promise.reject(new Error('no')));
    const next = queue(() => Promise.resolve('next'));
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('next');
  });
});

describe('the snapshots that are judged', () => {
  const snapshots = (count: number, tags: { Key: string; Value: string }[]): Snapshot[] =>
    Array.from({ length: count }, (_unit, index) => ({
      SnapshotId: `snap-${index}`,
      VolumeId: 'vol-1',
      State: 'completed',
      VolumeSize: 10,
      StartTime: new Date(Date.UTC(2026, 10, 1) + index * 60_000),
      Tags: [...SETS, ...tags],
    }));
  const judged = (from: Snapshot[]) => readSnapshots({ snapshots: from, volumes: [] });

  it('are the newest of people’s, newest first, and of what is to be deleted the oldest', () => {
    const ofPeople = judged(snapshots(400, [])).snapshots;
    expect(ofPeople[0]?.id).toBe('snap-399');
    expect(ofPeople.length).toBeLessThan(400);
    const replaced = judged(
      snapshots(400, [{ Key: 'runbook:superseded-at', Value: '2026-11-20T00:00:00Z' }]),
    ).snapshots;
    expect(replaced.at(-1)?.id).toBe('snap-0');
    expect(replaced.length).toBeLessThan(400);
  });

  it('are as many as a checkpoint holds in bytes, whatever script their tags are in', () => {
    const { snapshots: kept, leftOut } = judged(snapshots(400, [{ Key: '所有者', Value: '健'.repeat(250) }]));
    const bytes = Buffer.byteLength(JSON.stringify(kept));
    expect(bytes).toBeLessThanOrEqual(80_002);
    expect(bytes).toBeGreaterThan(78_000);
    expect(leftOut).toEqual([`${400 - kept.length} of 400 snapshots are not judged: the oldest of their kind`]);
  });
});

describe('what only informs', () => {
  const aborted = AbortSignal.abort(new Error('the function is about to time out'));

  it('is unread where it cannot be had', async () => {
    kms.on(DescribeKeyCommand).rejects(new Error('denied'));
    ssm.on(ListCommandInvocationsCommand).rejects(new Error('denied'));
    const io = ioAt('2026-11-22T08:00:00.000Z');
    expect(await readKeyStates(new Set(['key-1']), io)).toEqual({ 'key-1': 'unread' });
    expect(await readFreeze('doc', 'i-1', io)).toEqual({ document: 'doc', commands: 'unread' });
  });

  it('ends with the invocation all the same', async () => {
    kms.on(DescribeKeyCommand).rejects(new Error('aborted'));
    ssm.on(ListCommandInvocationsCommand).rejects(new Error('aborted'));
    const io = ioAt('2026-11-22T08:00:00.000Z', aborted);
    await expect(readKeyStates(new Set(['key-1']), io)).rejects.toThrow('about to time out');
    await expect(readFreeze('doc', 'i-1', io)).rejects.toThrow('about to time out');
  });
});

describe('who waits on the way into a warm pool', () => {
  it('is in a group that carries a set, and waits', async () => {
    scaling.on(DescribeAutoScalingInstancesCommand).resolves({
      AutoScalingInstances: [
        ['i-1', 'one', 'Warmed:Pending:Wait'],
        ['i-2', 'other', 'Warmed:Pending:Wait'],
        ['i-3', 'one', 'Warmed:Stopped'],
      ].map(([InstanceId, AutoScalingGroupName, LifecycleState]) => ({
        InstanceId,
        AutoScalingGroupName,
        LifecycleState,
        AvailabilityZone: 'eu-west-1a',
        HealthStatus: 'HEALTHY',
        ProtectedFromScaleIn: false,
      })),
    });
    const pooled = groupOf('one', { WarmPoolConfiguration: { MinSize: 1 } });
    const io = ioAt('2026-11-22T08:00:00.000Z');
    expect(await waitingInPool([pooled], null, io)).toEqual(['i-1']);
    expect(await waitingInPool([groupOf('one')], null, io)).toEqual([]);
  });
});
