/** The changing calls a plan may hold. */

import {
  AutoScalingClient,
  EnterStandbyCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { EC2Client, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import {
  DeregisterTargetsCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
  type TargetDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { client } from '../../../shared/aws/clients.ts';
import { numberOf, objectsOf, textOf, textsOf } from '../../../shared/aws/planned-input.ts';
import { sendPlannedCommand } from '../../../shared/aws/ssm/send-command.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { Change } from '../../../shared/kernel/definition.ts';

function targetsOf(input: JsonObject): TargetDescription[] {
  return objectsOf(input, 'Targets').map((target) => ({
    Id: textOf(target, 'Id'),
    ...(target['Port'] === undefined ? {} : { Port: numberOf(target, 'Port') }),
  }));
}

/** Both names: the API's, and the SDK's. */
const GONE = {
  TargetGroupNotFound: 'gone',
  TargetGroupNotFoundException: 'gone',
  InvalidTarget: 'gone',
  InvalidTargetException: 'gone',
} as const;

const deregister: Change = {
  send: (input, { signal }) =>
    client(ElasticLoadBalancingV2Client).send(
      new DeregisterTargetsCommand({ TargetGroupArn: textOf(input, 'TargetGroupArn'), Targets: targetsOf(input) }),
      { abortSignal: signal },
    ),
  means: GONE,
};

const register: Change = {
  send: (input, { signal }) =>
    client(ElasticLoadBalancingV2Client).send(
      new RegisterTargetsCommand({ TargetGroupArn: textOf(input, 'TargetGroupArn'), Targets: targetsOf(input) }),
      { abortSignal: signal },
    ),
  means: { ...GONE, TooManyTargets: 'refused', TooManyTargetsException: 'refused' },
};

/** A policy of the account, the organization or the role does not let this host be ended: others it may. */
const DENIED = { AccessDenied: 'refused', AccessDeniedException: 'refused', UnauthorizedOperation: 'refused' } as const;

const terminateInGroup: Change = {
  send: (input, { signal }) =>
    client(AutoScalingClient).send(
      new TerminateInstanceInAutoScalingGroupCommand({
        InstanceId: textOf(input, 'InstanceId'),
        ShouldDecrementDesiredCapacity: input['ShouldDecrementDesiredCapacity'] === true,
      }),
      { abortSignal: signal },
    ),
  means: {
    ScalingActivityInProgress: 'wait',
    ScalingActivityInProgressFault: 'wait',
    ResourceContention: 'wait',
    ResourceContentionFault: 'wait',
    // It is no member any more: the world has moved.
    ValidationError: 'conflict',
    ...DENIED,
  },
};

const terminate: Change = {
  send: (input, { signal }) =>
    client(EC2Client).send(new TerminateInstancesCommand({ InstanceIds: textsOf(input, 'InstanceIds') }), {
      abortSignal: signal,
    }),
  means: { 'InvalidInstanceID.NotFound': 'gone', OperationNotPermitted: 'refused', ...DENIED },
};

const enterStandby: Change = {
  send: (input, { signal }) =>
    client(AutoScalingClient).send(
      new EnterStandbyCommand({
        AutoScalingGroupName: textOf(input, 'AutoScalingGroupName'),
        InstanceIds: textsOf(input, 'InstanceIds'),
        ShouldDecrementDesiredCapacity: input['ShouldDecrementDesiredCapacity'] === true,
      }),
      { abortSignal: signal },
    ),
  means: { ResourceContention: 'wait', ResourceContentionFault: 'wait', ValidationError: 'refused' },
};

/** What Systems Manager says where no agent of the host answers, or the document is none for it. Source: API_SendCommand, errors. */
const UNCOUNTED = {
  InvalidInstanceId: 'refused',
  InvalidDocument: 'refused',
  InvalidDocumentVersion: 'refused',
  InvalidParameters: 'refused',
  UnsupportedPlatformType: 'refused',
} as const;

/** A wish: without a count people are taken to be on the host. It is looked up by its comment before another is sent. */
const sendCommand: Change = { send: sendPlannedCommand, means: UNCOUNTED };

/** By the name in a plan. */
export const apply: { readonly [call: string]: Change } = {
  'autoscaling:EnterStandby': enterStandby,
  'autoscaling:TerminateInstanceInAutoScalingGroup': terminateInGroup,
  'ec2:TerminateInstances': terminate,
  'elasticloadbalancing:DeregisterTargets': deregister,
  'elasticloadbalancing:RegisterTargets': register,
  'ssm:SendCommand': sendCommand,
};
