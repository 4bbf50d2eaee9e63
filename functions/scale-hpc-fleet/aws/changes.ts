/** The changing calls of a plan, and what EC2's errors mean. */

import {
  EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
  type RunInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import { client } from '../../../shared/aws/clients.ts';
import { textsOf } from '../../../shared/aws/planned-input.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { Change } from '../../../shared/kernel/definition.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import { dataWrite } from '../../../shared/kernel/ledger/data-write.ts';
import { DATA_WRITE } from '../../../shared/kernel/ledger/planned-write.ts';
import { LAUNCH, TERMINATE } from '../decide.ts';

/**
 * There is nothing for so many, there, now. Source: EC2 API "error codes" page; the messages of quotas and addresses say the same of
 * what the account has.
 */
const NOTHING_THERE = [
  'InsufficientInstanceCapacity',
  'InsufficientHostCapacity',
  'InsufficientReservedInstanceCapacity',
  'InsufficientCapacity',
  'InsufficientCapacityOnHost',
  'ReservationCapacityExceeded',
  'UnfulfillableCapacity',
  'SpotMaxPriceTooLow',
  'MaxSpotInstanceCountExceeded',
  'VcpuLimitExceeded',
  'InstanceLimitExceeded',
  'InsufficientFreeAddressesInSubnet',
] as const;

/** It is asked for what cannot be: the next rung may do. Source: the same. */
const CANNOT_BE = [
  'Unsupported',
  'UnsupportedOperation',
  'InvalidPlacementGroup.Unknown',
  'InvalidSubnetID.NotFound',
  'InvalidAMIID.NotFound',
  'InvalidAMIID.Unavailable',
  'InvalidGroup.NotFound',
  'InvalidParameter',
  'InvalidParameterCombination',
  'InvalidParameterValue',
  'InvalidCapacityReservationId.NotFound',
  'InvalidLaunchTemplateId.NotFound',
  'InvalidLaunchTemplateId.VersionNotFound',
  'IdempotentParameterMismatch',
  'PendingVerification',
  'MissingParameter',
  'InvalidKeyPair.NotFound',
  'InvalidSnapshot.NotFound',
  'InvalidLaunchTemplateName.NotFoundException',
] as const;

function all(names: readonly string[], meaning: 'capacity' | 'refused'): Change['means'] {
  return Object.fromEntries(names.map((name) => [name, meaning]));
}

/** All or none. */
function isGang(input: JsonObject): input is JsonObject & { MinCount: number; MaxCount: number; ClientToken: string } {
  const { MinCount, MaxCount, ClientToken } = input;
  return typeof MinCount === 'number' && MinCount >= 1 && MinCount === MaxCount && typeof ClientToken === 'string';
}

/** The plan is the request: its members have EC2's own names and types. */
function isRequest(input: JsonObject): input is JsonObject & RunInstancesCommandInput {
  return isGang(input);
}

const runInstances: Change = {
  send: (input, { signal }) => {
    if (!isRequest(input))
      throw new TerminalError('plan: RunInstances: expected MinCount = MaxCount and a ClientToken');
    return client(EC2Client).send(new RunInstancesCommand(input), { abortSignal: signal });
  },
  means: { ...all(NOTHING_THERE, 'capacity'), ...all(CANNOT_BE, 'refused') },
};

const terminateInstances: Change = {
  send: (input, { signal }) => {
    const InstanceIds = textsOf(input, 'InstanceIds');
    if (InstanceIds.length === 0) throw new TerminalError('plan: TerminateInstances: InstanceIds: none');
    return client(EC2Client).send(new TerminateInstancesCommand({ InstanceIds }), { abortSignal: signal });
  },
  means: { OperationNotPermitted: 'refused', 'InvalidInstanceID.NotFound': 'conflict' },
};

/** What a plan may hold. */
export const apply: { readonly [call: string]: Change } = {
  [LAUNCH]: runInstances,
  [TERMINATE]: terminateInstances,
  [DATA_WRITE]: dataWrite,
};
