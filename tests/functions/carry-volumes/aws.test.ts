/** What is read of AWS about a set of volumes, sent and verified; AWS's answers are planted. */

import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  type AutoScalingGroup,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateVolumeCommand,
  DescribeVolumesCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
  type Volume,
} from '@aws-sdk/client-ec2';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { ListCommandInvocationsCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { apply, locate, verify, type Request } from '../../../functions/carry-volumes/aws.ts';
import { countsOf, groupNamed } from '../../../functions/carry-volumes/aws/groups.ts';
import { readKeyStates } from '../../../functions/carry-volumes/aws/key-states.ts';
import { snapshotsTagged, volumesTagged } from '../../../functions/carry-volumes/aws/round.ts';
import { readFreeze } from '../../../functions/carry-volumes/aws/run-command.ts';
import { wish } from '../../../functions/carry-volumes/aws/wish.ts';
import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { makeIo } from '../../../shared/kernel/run/io.ts';

const [ec2, scaling] = [mockClient(EC2Client), mockClient(AutoScalingClient)];
const [ssm, kms] = [mockClient(SSMClient), mockClient(KMSClient)];
afterAll(() => {
  for (const stub of [ec2, scaling, ssm, kms]) stub.restore();
});

beforeEach(() => {
  for (const mock of [ec2, scaling, ssm, kms]) mock.reset();
});

function surroundings(): { readonly io: Io; readonly slept: number[] } {
  const slept: number[] = [];
  let nowMs = Date.parse('2026-11-22T08:00:00Z');
  const { signal } = new AbortController();
  const parts = { run: 'r', account: '111122223333', region: 'eu-west-1', signal, target: 't' };
  const io: Io = {
    ...makeIo(parts),
    now: () => new Date(nowMs).toISOString(),
    sleep: (milliseconds) => {
      slept.push(milliseconds);
      nowMs += milliseconds;
      return Promise.resolve();
    },
  };
  return { io, slept };
}

function failing(name: string, status = 400): Error {
  return Object.assign(new Error('no'), { name, $metadata: { httpStatusCode: status } });
}

const EVERYTHING: Request = { ask: { kind: 'carry' }, target: null, hook: null };
const KEEP: PlannedCall = {
  call: 'ec2:ModifyInstanceAttribute',
  input: {
    InstanceId: 'i-1',
    BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { DeleteOnTermination: false, VolumeId: 'vol-0a1' } }],
  },
  because: 'its volumes outlive it',
};

describe('volumes that are to outlive their instance', () => {
  const attached = (DeleteOnTermination?: boolean) => ({
    Volumes: [{ VolumeId: 'vol-0a1', Attachments: [{ InstanceId: 'i-1', DeleteOnTermination }] }],
  });

  it('are not taken for safe before EC2 says that they are not deleted with it', async () => {
    ec2.on(DescribeVolumesCommand).resolvesOnce(attached(true)).resolves(attached(false));
    const { io, slept } = surroundings();
    expect(await verify('t', [KEEP], EVERYTHING, io)).toEqual({ ok: true });
    expect(slept).toEqual([2_000]);
  });
  it('are told of by their id, where half a minute does not show it', async () => {
    ec2.on(DescribeVolumesCommand).resolves(attached(true));
    const { io, slept } = surroundings();
    expect(await verify('t', [KEEP], EVERYTHING, io)).toEqual({
      ok: false,
      why: 'vol-0a1 would still be deleted with the instance',
    });
    expect(slept.reduce((sum, each) => sum + each, 0)).toBe(30_000);
    expect(ec2.commandCalls(DescribeVolumesCommand)[0]?.args[0].input).toEqual({
      Filters: [{ Name: 'volume-id', Values: ['vol-0a1'] }],
    });
  });
  it('are set so, each under its device', async () => {
    ec2.on(ModifyInstanceAttributeCommand).resolves({});
    await apply['ec2:ModifyInstanceAttribute']?.send(KEEP.input, surroundings().io);
    expect(ec2.commandCalls(ModifyInstanceAttributeCommand).map(({ args }) => args[0].input)).toEqual([KEEP.input]);
  });
  it('are what is verified of a plan, and nothing else', async () => {
    const other = { call: 'ec2:StopInstances', input: { InstanceIds: ['i-1'] }, because: '' };
    expect(await verify('t', [other], EVERYTHING, surroundings().io)).toEqual({ ok: true });
    expect(ec2.commandCalls(DescribeVolumesCommand)).toEqual([]);
  });
});

describe('what an error of a call means', () => {
  const SHOWS_LATE = {
    IncorrectState: 'wait',
    IncorrectInstanceState: 'wait',
    'InvalidInstanceID.NotFound': 'wait',
    'InvalidSnapshot.NotFound': 'wait',
    'InvalidVolume.NotFound': 'wait',
    VolumeInUse: 'wait',
  };
  it.each([
    'ec2:AttachVolume',
    'ec2:CreateVolume',
    'ec2:CreateSnapshot',
    'ec2:CreateTags',
    'ec2:ModifyInstanceAttribute',
  ])('of %s: what is not as it was seen is looked at again after a pause', (call) => {
    expect(apply[call]?.means).toMatchObject(SHOWS_LATE);
  });
  it('of a deletion: what is used is not deleted, what is gone is gone', () => {
    expect(apply['ec2:DeleteVolume']?.means).toEqual({
      OperationNotPermitted: 'refused',
      UnsupportedOperation: 'refused',
      IncorrectState: 'refused',
      VolumeInUse: 'refused',
      'InvalidVolume.NotFound': 'gone',
    });
    expect(apply['ec2:DeleteSnapshot']?.means).toEqual({
      OperationNotPermitted: 'refused',
      UnsupportedOperation: 'refused',
      'InvalidSnapshot.InUse': 'refused',
      'InvalidSnapshot.NotFound': 'gone',
    });
  });
  it('of a detachment: what is on nobody is off already', () => {
    expect(apply['ec2:DetachVolume']?.means).toMatchObject({
      IncorrectState: 'gone',
      'InvalidAttachment.NotFound': 'gone',
      'InvalidVolume.NotFound': 'gone',
    });
  });
  it.each([
    'autoscaling:CompleteLifecycleAction',
    'autoscaling:RecordLifecycleActionHeartbeat',
    'autoscaling:SuspendProcesses',
  ])('of %s: a group that is busy is waited for', (call) => {
    expect(apply[call]?.means).toEqual({
      ResourceContentionFault: 'wait',
      ResourceInUseFault: 'wait',
      ScalingActivityInProgressFault: 'wait',
    });
  });
});

describe('a call that is a wish', () => {
  const asked = (name: string, status?: number): Promise<unknown> =>
    wish(() => Promise.reject(failing(name, status)), { VolumeInUse: 'wait' }).send({}, surroundings().io);

  it('is known as refused whatever AWS has against it', async () => {
    await expect(asked('SomethingNew')).rejects.toMatchObject({ name: 'NotDone', message: 'SomethingNew: no' });
    expect(wish(() => Promise.resolve(null)).means).toEqual({ NotDone: 'refused' });
  });
  it('stays throttled, failed on the way or what it means by itself', async () => {
    await expect(asked('RequestLimitExceeded', 503)).rejects.toMatchObject({ name: 'RequestLimitExceeded' });
    await expect(asked('InternalError', 500)).rejects.toMatchObject({ name: 'InternalError' });
    await expect(asked('VolumeInUse')).rejects.toMatchObject({ name: 'VolumeInUse' });
  });
});

describe('a volume that is made of a snapshot', () => {
  const input = {
    AvailabilityZone: 'eu-west-1a',
    SnapshotId: 'snap-1',
    VolumeType: 'gp3',
    ClientToken: 'token',
    TagSpecifications: [{ Tags: [{ Key: 'runbook:volumes', Value: 'db' }] }],
  };
  const tokens = (): (string | undefined)[] =>
    ec2.commandCalls(CreateVolumeCommand).map(({ args }) => args[0].input.ClientToken);

  it('is asked for under the next token where the last one is burned, eight at most', async () => {
    ec2.on(CreateVolumeCommand).rejectsOnce(failing('IdempotentParameterMismatch')).resolves({});
    await apply['ec2:CreateVolume']?.send(input, surroundings().io);
    expect(tokens()).toEqual(['token', 'token-2']);
    ec2.reset();
    ec2.on(CreateVolumeCommand).rejects(failing('IdempotentParameterMismatch'));
    await expect(apply['ec2:CreateVolume']?.send(input, surroundings().io)).rejects.toThrow('no');
    expect(tokens()).toHaveLength(8);
  });
  it('is asked for once where EC2 says anything else', async () => {
    ec2.on(CreateVolumeCommand).rejects(failing('VolumeLimitExceeded'));
    await expect(apply['ec2:CreateVolume']?.send(input, surroundings().io)).rejects.toThrow('no');
    expect(tokens()).toEqual(['token']);
  });
  it('is never of a type that nobody knows', async () => {
    await expect(
      (async () => apply['ec2:CreateVolume']?.send({ ...input, VolumeType: 'gp9' }, surroundings().io))(),
    ).rejects.toThrow("plan: VolumeType: 'gp9' is no type this runbook knows");
    expect(tokens()).toEqual([]);
  });
});

describe('what belongs to a set', () => {
  const volumes = (VolumeId: string) => [{ VolumeId, Tags: [{ Key: 'runbook:volumes', Value: 'db' }] }];

  it('is on every page', async () => {
    ec2
      .on(DescribeVolumesCommand)
      .resolvesOnce({ Volumes: volumes('vol-1'), NextToken: 'more' })
      .resolves({ Volumes: volumes('vol-2') });
    const found = await volumesTagged('db', surroundings().io);
    expect(found.map(({ VolumeId }) => VolumeId)).toEqual(['vol-1', 'vol-2']);
  });
  it('is not known where a page fails', async () => {
    ec2
      .on(DescribeVolumesCommand)
      .resolvesOnce({ Volumes: volumes('vol-1'), NextToken: 'more' })
      .rejects(failing('RequestLimitExceeded'));
    await expect(volumesTagged('db', surroundings().io)).rejects.toThrow('no');
  });
  it('is never a snapshot that somebody else shares', async () => {
    ec2.onAnyCommand().resolves({});
    await snapshotsTagged('db', surroundings().io);
    expect(ec2.calls()[0]?.args[0].input).toMatchObject({
      OwnerIds: ['self'],
      Filters: [{ Name: 'tag:runbook:volumes', Values: ['db'] }],
    });
  });
});

describe('a group', () => {
  const group: AutoScalingGroup = Object.freeze({
    AutoScalingGroupName: 'db',
    AutoScalingGroupARN: 'arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:1:autoScalingGroupName/db',
    MinSize: 1,
    MaxSize: 1,
    DesiredCapacity: 1,
    DefaultCooldown: 300,
    AvailabilityZones: [],
    HealthCheckType: 'EC2',
    CreatedTime: new Date(0),
    Tags: [{ Key: 'runbook:volumes', Value: 'db' }],
    Instances: [],
  });
  const member = (InstanceId: string, LifecycleState: 'InService' | 'Pending', HealthStatus: string) => ({
    InstanceId,
    LifecycleState,
    HealthStatus,
    AvailabilityZone: 'eu-west-1a',
    ProtectedFromScaleIn: false,
  });

  it('that does not carry a set is none of ours, even where a person names it', async () => {
    scaling.on(DescribeAutoScalingGroupsCommand).resolves({ AutoScalingGroups: [{ ...group, Tags: [] }] });
    expect(await groupNamed('db', surroundings().io)).toBeUndefined();
    expect(await locate({ ...EVERYTHING, target: 'db' }, surroundings().io)).toEqual([]);
  });
  it('is the one that is named, and an empty name is nobody’s', async () => {
    scaling.on(DescribeAutoScalingGroupsCommand).resolves({ AutoScalingGroups: [group] });
    expect(await groupNamed('db', surroundings().io)).toEqual(group);
    expect(await groupNamed('', surroundings().io)).toBeUndefined();
  });
  it('counts as in good service who is healthy and in service', () => {
    const Instances = [
      member('i-1', 'InService', 'HEALTHY'),
      member('i-2', 'InService', 'Unhealthy'),
      member('i-3', 'Pending', 'Healthy'),
    ];
    expect(
      countsOf([
        { ...group, Instances },
        { ...group, DesiredCapacity: 2 },
      ]),
    ).toEqual({
      desired: 3,
      inGoodService: 1,
    });
  });
  it('concerns of its members those that are on their way or without all of their volumes', async () => {
    const Instances = [member('i-0a', 'Pending', 'Healthy'), member('i-0b', 'InService', 'Healthy')];
    scaling.on(DescribeAutoScalingGroupsCommand).resolves({ AutoScalingGroups: [{ ...group, Instances }] });
    const volume: Volume = { VolumeId: 'vol-1', State: 'in-use', Tags: [{ Key: 'runbook:volumes', Value: 'db' }] };
    const on = (InstanceId: string) => ({
      Volumes: [{ ...volume, Attachments: [{ InstanceId, State: 'attached' as const }] }],
    });
    const concerned = async (): Promise<readonly string[]> =>
      (await locate(EVERYTHING, surroundings().io)).map(({ target }) => target.split('/')[1] ?? '');
    ec2.on(DescribeVolumesCommand).resolves(on('i-0b'));
    expect(await concerned()).toEqual(['i-0a']);
    ec2.on(DescribeVolumesCommand).resolves(on('i-0a'));
    expect(await concerned()).toEqual(['i-0a', 'i-0b']);
  });
});

describe('what cannot be read', () => {
  it('of the commands that freeze is said to be unread', async () => {
    ssm.on(ListCommandInvocationsCommand).rejects(failing('AccessDenied'));
    expect(await readFreeze('freeze', 'i-1', surroundings().io)).toEqual({ document: 'freeze', commands: 'unread' });
  });
  it('of a key is said to be unread', async () => {
    kms
      .on(DescribeKeyCommand)
      .rejectsOnce(failing('AccessDenied'))
      .resolves({ KeyMetadata: { KeyId: 'b', KeyState: 'Disabled' } });
    expect(await readKeyStates(new Set(['a', 'b']), surroundings().io)).toEqual({ a: 'unread', b: 'Disabled' });
  });
});
