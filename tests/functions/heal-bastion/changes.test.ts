/** The changing calls of a plan, and what their errors mean. */

import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { apply } from '../../../functions/heal-bastion/aws.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { IO } from './at-the-edge.ts';
import { A, FLEET } from './small-account.ts';

interface Sent {
  readonly constructor: { readonly name: string };
  readonly input: object;
}

interface Stub {
  readonly calls: () => readonly { readonly args: readonly [Sent, ...unknown[]] }[];
  readonly reset: () => unknown;
  readonly restore: () => unknown;
}

const STUBS: readonly Stub[] = [
  mockClient(ElasticLoadBalancingV2Client),
  mockClient(EC2Client),
  mockClient(AutoScalingClient),
  mockClient(SSMClient),
];

afterAll(() => {
  for (const stub of STUBS) stub.restore();
});
beforeEach(() => {
  for (const stub of STUBS) stub.reset();
});

/** What is sent for a planned call. */
async function sent(call: string, input: JsonObject): Promise<readonly unknown[]> {
  await apply[call]?.send(input, IO);
  const all = STUBS.flatMap((stub) => stub.calls());
  return all.map(({ args: [command] }) => [command.constructor.name, command.input]);
}

const TARGETS = { TargetGroupArn: FLEET, Targets: [{ Id: A, Port: 22 }, { Id: A }] };
const STANDBY = { AutoScalingGroupName: 'bastion', InstanceIds: [A] };

describe('a planned call', () => {
  it.each<[string, string, JsonObject]>([
    ['elasticloadbalancing:DeregisterTargets', 'DeregisterTargetsCommand', TARGETS],
    ['elasticloadbalancing:RegisterTargets', 'RegisterTargetsCommand', TARGETS],
    ['ec2:TerminateInstances', 'TerminateInstancesCommand', { InstanceIds: [A] }],
    [
      'autoscaling:TerminateInstanceInAutoScalingGroup',
      'TerminateInstanceInAutoScalingGroupCommand',
      { InstanceId: A, ShouldDecrementDesiredCapacity: false },
    ],
    [
      'autoscaling:TerminateInstanceInAutoScalingGroup',
      'TerminateInstanceInAutoScalingGroupCommand',
      { InstanceId: A, ShouldDecrementDesiredCapacity: true },
    ],
    ['autoscaling:EnterStandby', 'EnterStandbyCommand', { ...STANDBY, ShouldDecrementDesiredCapacity: true }],
    ['autoscaling:EnterStandby', 'EnterStandbyCommand', { ...STANDBY, ShouldDecrementDesiredCapacity: false }],
    [
      'ssm:SendCommand',
      'SendCommandCommand',
      { InstanceIds: [A], DocumentName: 'count', Parameters: {}, TimeoutSeconds: 30, Comment: 'of ours' },
    ],
  ])('%s is sent as %s, with just that', async (call, name, input) => {
    expect(await sent(call, input)).toEqual([[name, input]]);
  });

  it.each<[string, JsonObject]>([
    ['elasticloadbalancing:DeregisterTargets', { TargetGroupArn: FLEET, Targets: [{ Port: 22 }] }],
    ['elasticloadbalancing:RegisterTargets', { Targets: [{ Id: A }] }],
    ['ec2:TerminateInstances', {}],
    ['autoscaling:TerminateInstanceInAutoScalingGroup', {}],
    ['autoscaling:EnterStandby', { InstanceIds: [A] }],
  ])('%s that lacks something is not sent', async (call, input) => {
    await expect(sent(call, input).then(() => 'sent')).rejects.toThrow(/^plan: /u);
  });

  it('is one of those that the role may make', () => {
    expect(Object.keys(apply).toSorted()).toEqual([
      'autoscaling:EnterStandby',
      'autoscaling:TerminateInstanceInAutoScalingGroup',
      'ec2:TerminateInstances',
      'elasticloadbalancing:DeregisterTargets',
      'elasticloadbalancing:RegisterTargets',
      'ssm:SendCommand',
    ]);
  });
});

describe('an error', () => {
  it.each([
    ['elasticloadbalancing:DeregisterTargets', 'TargetGroupNotFoundException', 'gone'],
    ['elasticloadbalancing:DeregisterTargets', 'TargetGroupNotFound', 'gone'],
    ['elasticloadbalancing:DeregisterTargets', 'InvalidTargetException', 'gone'],
    ['elasticloadbalancing:DeregisterTargets', 'InvalidTarget', 'gone'],
    ['elasticloadbalancing:DeregisterTargets', 'TooManyTargets', undefined],
    ['elasticloadbalancing:RegisterTargets', 'TargetGroupNotFound', 'gone'],
    ['elasticloadbalancing:RegisterTargets', 'InvalidTargetException', 'gone'],
    ['elasticloadbalancing:RegisterTargets', 'TooManyTargets', 'refused'],
    ['elasticloadbalancing:RegisterTargets', 'TooManyTargetsException', 'refused'],
    ['ec2:TerminateInstances', 'InvalidInstanceID.NotFound', 'gone'],
    ['ec2:TerminateInstances', 'OperationNotPermitted', 'refused'],
    ['ec2:TerminateInstances', 'UnauthorizedOperation', 'refused'],
    ['autoscaling:TerminateInstanceInAutoScalingGroup', 'ScalingActivityInProgress', 'wait'],
    ['autoscaling:TerminateInstanceInAutoScalingGroup', 'ScalingActivityInProgressFault', 'wait'],
    ['autoscaling:TerminateInstanceInAutoScalingGroup', 'ResourceContention', 'wait'],
    ['autoscaling:TerminateInstanceInAutoScalingGroup', 'ResourceContentionFault', 'wait'],
    ['autoscaling:TerminateInstanceInAutoScalingGroup', 'ValidationError', 'conflict'],
    ['autoscaling:TerminateInstanceInAutoScalingGroup', 'AccessDenied', 'refused'],
    ['autoscaling:TerminateInstanceInAutoScalingGroup', 'AccessDeniedException', 'refused'],
    ['autoscaling:EnterStandby', 'AccessDenied', undefined],
    ['autoscaling:EnterStandby', 'ResourceContention', 'wait'],
    ['autoscaling:EnterStandby', 'ResourceContentionFault', 'wait'],
    ['autoscaling:EnterStandby', 'ValidationError', 'refused'],
    ['ssm:SendCommand', 'InvalidInstanceId', 'refused'],
  ])('of %s, %s, means %s', (call, name, meaning) => {
    expect(apply[call]?.means[name]).toBe(meaning);
  });
});
