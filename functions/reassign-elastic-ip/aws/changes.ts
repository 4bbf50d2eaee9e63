/** The changing calls a plan may hold. */

import {
  AssociateAddressCommand,
  CreateTagsCommand,
  DeleteTagsCommand,
  EC2Client,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { completeLifecycleAction, recordHeartbeat } from '../../../shared/aws/auto-scaling/lifecycle.ts';
import { client } from '../../../shared/aws/clients.ts';
import { tagListOf, textOf, textsOf } from '../../../shared/aws/planned-input.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { Change, Io, Send } from '../../../shared/kernel/definition.ts';

/**
 * What EC2 says of a place that the address cannot go to: then another one is looked for. Source of the names: the "error
 * codes" page of the EC2 API, and what its users have seen (an instance that is pending or gone, an interface of a service).
 */
const REFUSES_THE_PLACE = {
  IncorrectInstanceState: 'refused',
  InvalidInstanceID: 'refused',
  'InvalidInstanceID.NotFound': 'refused',
  'InvalidNetworkInterfaceID.NotFound': 'refused',
  // The interface does not have (any more) the private address.
  InvalidParameterValue: 'refused',
  // Another network border group.
  InvalidParameterCombination: 'refused',
  // The VPC has no internet gateway.
  'Gateway.NotAttached': 'refused',
  // An interface that a service manages looks like a stranger's.
  AuthFailure: 'refused',
  OperationNotPermitted: 'refused',
} as const;

/** The address is released, or somebody put it elsewhere this moment: another look tells. */
const MOVED_MEANWHILE = {
  'InvalidAllocationID.NotFound': 'conflict',
  'Resource.AlreadyAssociated': 'conflict',
} as const;

/** What is gone needs no tag. */
const NEEDS_NO_TAG = {
  InvalidID: 'gone',
  InvalidInstanceID: 'gone',
  'InvalidInstanceID.NotFound': 'gone',
  'InvalidAllocationID.NotFound': 'gone',
} as const;

/** Each by `service:Operation`, with what its errors mean. */
export const apply: { readonly [call: string]: Send | Change } = {
  'ec2:AssociateAddress': { send: associateAddress, means: { ...REFUSES_THE_PLACE, ...MOVED_MEANWHILE } },
  'ec2:CreateTags': { send: createTags, means: NEEDS_NO_TAG },
  'ec2:DeleteTags': { send: deleteTags, means: NEEDS_NO_TAG },
  'ec2:StopInstances': {
    send: stopInstances,
    means: {
      // It boots, or ends already.
      IncorrectInstanceState: 'wait',
      InvalidInstanceID: 'gone',
      'InvalidInstanceID.NotFound': 'gone',
      // Protected against being stopped; a Spot instance that cannot be.
      OperationNotPermitted: 'refused',
      UnsupportedOperation: 'refused',
    },
  },
  'autoscaling:CompleteLifecycleAction': completeLifecycleAction,
  'autoscaling:RecordLifecycleActionHeartbeat': recordHeartbeat,
};

function associateAddress(input: JsonObject, { signal }: Io): Promise<unknown> {
  const command = new AssociateAddressCommand({
    AllocationId: textOf(input, 'AllocationId'),
    NetworkInterfaceId: textOf(input, 'NetworkInterfaceId'),
    PrivateIpAddress: textOf(input, 'PrivateIpAddress'),
    AllowReassociation: true,
  });
  return client(EC2Client).send(command, { abortSignal: signal });
}

function createTags(input: JsonObject, { signal }: Io): Promise<unknown> {
  const command = new CreateTagsCommand({ Resources: textsOf(input, 'Resources'), Tags: tagListOf(input) });
  return client(EC2Client).send(command, { abortSignal: signal });
}

function deleteTags(input: JsonObject, { signal }: Io): Promise<unknown> {
  const command = new DeleteTagsCommand({ Resources: textsOf(input, 'Resources'), Tags: tagListOf(input) });
  return client(EC2Client).send(command, { abortSignal: signal });
}

function stopInstances(input: JsonObject, { signal }: Io): Promise<unknown> {
  const command = new StopInstancesCommand({
    InstanceIds: textsOf(input, 'InstanceIds'),
    Force: true,
    SkipOsShutdown: true,
  });
  return client(EC2Client).send(command, { abortSignal: signal });
}
