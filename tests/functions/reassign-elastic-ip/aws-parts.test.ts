/** The parts of which a look at AWS is made, each by itself; and what the errors of a move mean. */

import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  type AutoScalingGroup,
} from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeAddressesCommand,
  DescribeAvailabilityZonesCommand,
  DescribeInstancesCommand,
  DescribeInstanceStatusCommand,
  DescribeSpotInstanceRequestsCommand,
  DescribeVolumesCommand,
  EC2Client,
  type Tag,
} from '@aws-sdk/client-ec2';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { apply, locate, requestOf } from '../../../functions/reassign-elastic-ip/aws.ts';
import { waitingHooks } from '../../../functions/reassign-elastic-ip/aws/waiting-hooks.ts';
import type { HookDescription, NamedHook } from '../../../shared/judgement/hooks.ts';
import { makeIo } from '../../../shared/kernel/run/io.ts';

const [ec2, scaling, cloudWatch] = [mockClient(EC2Client), mockClient(AutoScalingClient), mockClient(CloudWatchClient)];
const STUBS = [ec2, scaling, cloudWatch];

afterAll(() => {
  for (const stub of STUBS) stub.restore();
});
beforeEach(() => {
  for (const stub of STUBS) stub.reset();
});

const VIP: Tag = { Key: 'runbook:vip', Value: 'web' };

describe('the request behind a Spot instance', () => {
  const { signal } = new AbortController();
  const io = makeIo({ run: 'r', account: '111122223333', region: 'eu-west-1', signal, target: 't' });

  /** The filters by which Spot requests are asked for, of an address with these tags whose holder is a Spot instance. */
  async function askedFor(...tags: readonly Tag[]): Promise<unknown> {
    const association = { AssociationId: 'eipassoc-1', InstanceId: 'i-0a', NetworkInterfaceId: 'eni-a' };
    ec2.on(DescribeAddressesCommand).resolves({
      Addresses: [{ AllocationId: 'eipalloc-1', PublicIp: '203.0.113.10', ...association, Tags: [VIP, ...tags] }],
    });
    const place = { State: { Name: 'running' }, Placement: { AvailabilityZone: 'eu-west-1a' } } as const;
    const instances = ['i-0a', 'i-0b'].map((InstanceId) => ({
      InstanceId,
      ...place,
      InstanceLifecycle: 'spot' as const,
      Tags: [VIP],
    }));
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: instances }] });
    for (const command of [DescribeAvailabilityZonesCommand, DescribeInstanceStatusCommand, DescribeVolumesCommand])
      ec2.on(command).resolves({});
    ec2.on(DescribeSpotInstanceRequestsCommand).resolves({});
    scaling.on(DescribeAutoScalingGroupsCommand).resolves({});
    cloudWatch.on(DescribeAlarmsCommand).resolves({});
    await locate(requestOf.schedule(), io);
    return ec2.commandCalls(DescribeSpotInstanceRequestsCommand).map(({ args }) => args[0].input.Filters);
  }

  it('is read of a holder that may have to be fenced', async () => {
    expect(await askedFor({ Key: 'runbook:fence', Value: 'required' })).toEqual([
      [{ Name: 'instance-id', Values: ['i-0a'] }],
    ]);
  });

  it('is not read of any other: a failover waits for no answer that it does not need', async () => {
    expect(await askedFor()).toEqual([]);
  });
});

describe('what EC2’s errors mean', () => {
  const meanings = (call: string): unknown => {
    const change = apply[call];
    return typeof change === 'object' ? change.means : undefined;
  };

  it('of a move: another place, or another look', () => {
    expect(meanings('ec2:AssociateAddress')).toEqual({
      IncorrectInstanceState: 'refused',
      InvalidInstanceID: 'refused',
      'InvalidInstanceID.NotFound': 'refused',
      'InvalidNetworkInterfaceID.NotFound': 'refused',
      InvalidParameterValue: 'refused',
      InvalidParameterCombination: 'refused',
      'Gateway.NotAttached': 'refused',
      AuthFailure: 'refused',
      OperationNotPermitted: 'refused',
      'InvalidAllocationID.NotFound': 'conflict',
      'Resource.AlreadyAssociated': 'conflict',
    });
  });

  it('of a stop: later, or not at all', () => {
    expect(meanings('ec2:StopInstances')).toEqual({
      IncorrectInstanceState: 'wait',
      InvalidInstanceID: 'gone',
      'InvalidInstanceID.NotFound': 'gone',
      OperationNotPermitted: 'refused',
      UnsupportedOperation: 'refused',
    });
  });
});

describe('a hook that waits', () => {
  const hook = (name: string, transition: HookDescription['transition']): HookDescription => ({
    hook: name,
    transition,
    metadata: '',
    heartbeatSeconds: 3_600,
    globalSeconds: 172_800,
    defaultResult: 'ABANDON',
  });
  const groupOf = (states: { readonly [id: string]: string }, ...tags: readonly Tag[]): AutoScalingGroup => ({
    AutoScalingGroupName: 'web',
    MinSize: 1,
    MaxSize: 1,
    DesiredCapacity: 1,
    DefaultCooldown: 0,
    AvailabilityZones: [],
    HealthCheckType: 'EC2',
    CreatedTime: new Date(0),
    Tags: [VIP, ...tags],
    Instances: Object.entries(states).map(([InstanceId, LifecycleState]) => ({
      InstanceId,
      LifecycleState: LifecycleState === 'Pending:Wait' ? 'Pending:Wait' : 'Terminating:Wait',
      AvailabilityZone: 'eu-west-1a',
      HealthStatus: 'Healthy',
      ProtectedFromScaleIn: false,
    })),
  });
  const CARRIES: Tag = { Key: 'runbook:volumes', Value: 'db' };
  const waitingOf = (group: AutoScalingGroup, hooks: readonly HookDescription[], named: NamedHook | null = null) =>
    waitingHooks('web', { groups: [group], hooks: new Map([['web', hooks]]) }, named);

  it('is ours by being the only one of its transition', () => {
    const { hooks } = waitingOf(groupOf({ 'i-1': 'Pending:Wait' }), [hook('launch', 'launching')]);
    expect(hooks).toEqual([
      { group: 'web', hook: 'launch', instanceId: 'i-1', transition: 'launching', token: null, toWarmPool: false },
    ]);
  });

  it('where volumes are carried, is not ours but by its name, and no launch at all', () => {
    const group = groupOf({ 'i-1': 'Pending:Wait', 'i-2': 'Terminating:Wait' }, CARRIES);
    const ours = (...names: readonly [launch: string, leave: string]): unknown =>
      waitingOf(group, [hook(names[0], 'launching'), hook(names[1], 'terminating')]).hooks.map((each) => each.hook);
    expect(ours('launch', 'leave')).toEqual([]);
    expect(ours('reassign-elastic-ip-launch', 'reassign-elastic-ip-leave')).toEqual(['reassign-elastic-ip-leave']);
  });

  it('may not show yet in a launch that an event tells of, but does not have to on the way into a warm pool', () => {
    const named = { group: 'web', hook: 'launch', instanceId: 'i-9', token: 'token-1' } as const;
    const seen = (transition: NamedHook['transition'], toWarmPool: boolean): unknown => {
      const hooks = [hook('launch', transition)];
      const waiting = waitingOf(groupOf({}), hooks, { ...named, transition, toWarmPool });
      return [waiting.hookUnseen, waiting.hooks.length];
    };
    expect(seen('launching', false)).toEqual([true, 0]);
    expect(seen('launching', true)).toEqual([false, 1]);
    expect(seen('terminating', false)).toEqual([false, 0]);
  });
});
