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
import type { Json, JsonObject } from '../../../shared/kernel/decision.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { errorName, RetryableError } from '../../../shared/kernel/errors.ts';

type Send = (input: JsonObject, io: Io) => Promise<Json>;

/** Each by `service:Operation`. */
export const apply: { readonly [call: string]: Send } = {
  'ec2:AssociateAddress': associateAddress,
  'ec2:CreateTags': createTags,
  'ec2:DeleteTags': deleteTags,
  'ec2:StopInstances': stopInstances,
  'autoscaling:CompleteLifecycleAction': completeLifecycleAction,
  'autoscaling:RecordLifecycleActionHeartbeat': recordHeartbeat,
};

function associateAddress(input: JsonObject, { signal }: Io): Promise<Json> {
  const command = new AssociateAddressCommand({
    AllocationId: textOf(input, 'AllocationId'),
    NetworkInterfaceId: textOf(input, 'NetworkInterfaceId'),
    PrivateIpAddress: textOf(input, 'PrivateIpAddress'),
    AllowReassociation: true,
  });
  return change(client(EC2Client).send(command, { abortSignal: signal }));
}

function createTags(input: JsonObject, { signal }: Io): Promise<Json> {
  const command = new CreateTagsCommand({ Resources: textsOf(input, 'Resources'), Tags: tagListOf(input) });
  return change(client(EC2Client).send(command, { abortSignal: signal }), GONE);
}

function deleteTags(input: JsonObject, { signal }: Io): Promise<Json> {
  const command = new DeleteTagsCommand({ Resources: textsOf(input, 'Resources'), Tags: tagListOf(input) });
  return change(client(EC2Client).send(command, { abortSignal: signal }), GONE);
}

function stopInstances(input: JsonObject, { signal }: Io): Promise<Json> {
  const command = new StopInstancesCommand({
    InstanceIds: textsOf(input, 'InstanceIds'),
    Force: true,
    SkipOsShutdown: true,
  });
  return change(client(EC2Client).send(command, { abortSignal: signal }));
}

/** A loser that was terminated meanwhile needs no tag. */
const GONE = /^InvalidInstanceID/u;

/** Errors that mean "not as it was seen": look again. A pending instance cannot take an address; an interface may be gone. */
const CHANGED = new Set([
  'IncorrectInstanceState',
  'InvalidNetworkInterfaceID.NotFound',
  'InvalidInstanceID.NotFound',
  'InvalidInstanceID',
]);

/** Sends a change. `gone`: errors that say of a resource that it is not there any more, where it need not be. */
async function change(request: Promise<unknown>, gone?: RegExp): Promise<Json> {
  try {
    await request;
    return null;
  } catch (error) {
    const name = errorName(error);
    if (gone?.test(name) === true) return 'gone';
    if (CHANGED.has(name)) throw new RetryableError(`${name}: ${String(error)}`);
    throw error;
  }
}
