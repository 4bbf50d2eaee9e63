/** The changing calls of a plan, and what EC2's errors mean. */

import {
  CreatePlacementGroupCommand,
  DeletePlacementGroupCommand,
  EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
  type CreatePlacementGroupCommandInput,
  type RunInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import { client } from '../../../shared/aws/clients.ts';
import { textsOf } from '../../../shared/aws/planned-input.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { Change } from '../../../shared/kernel/definition.ts';
import { classify, TerminalError } from '../../../shared/kernel/errors.ts';
import { dataWrite } from '../../../shared/kernel/ledger/data-write.ts';
import { DATA_WRITE } from '../../../shared/kernel/ledger/planned-write.ts';
import {
  CREATE_GROUP,
  DELETE_GROUP,
  IMPORT,
  LAUNCH,
  OWN_GROUP,
  SEND_COMMAND,
  TERMINATE,
  TRANSFER,
  UPDATE,
} from '../decide.ts';
import { updateComputeEnvironment } from './batch-changes.ts';
import { sendCommand } from './cluster-commands.ts';
import { startImport, startTransfer } from './staging.ts';

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

const LAUNCH_MEANS: Change['means'] = {
  ...all(NOTHING_THERE, 'capacity'),
  ...all(CANNOT_BE, 'refused'),
  NotLaunched: 'refused',
  GroupNotShown: 'wait',
};

/** All or none. */
function isGang(input: JsonObject): input is JsonObject & { MinCount: number; MaxCount: number; ClientToken: string } {
  const { MinCount, MaxCount, ClientToken } = input;
  return typeof MinCount === 'number' && MinCount >= 1 && MinCount === MaxCount && typeof ClientToken === 'string';
}

/** The plan is the request: its members have EC2's own names and types. */
function isRequest(input: JsonObject): input is JsonObject & RunInstancesCommandInput {
  return isGang(input);
}

/** EC2 has looked at the request, and does not do it: by a name that no list here has. Who may not ask is told as who may not. */
class NotLaunchedError extends Error {
  override readonly name = 'NotLaunched';
}

/** A placement group that has just been made does not show at once. */
class GroupNotShownError extends Error {
  override readonly name = 'GroupNotShown';
}

function isTooSoon({ Placement }: RunInstancesCommandInput, error: unknown): error is Error {
  const isOwn = Placement?.GroupName?.startsWith(OWN_GROUP) === true;
  return isOwn && error instanceof Error && error.name === 'InvalidPlacementGroup.Unknown';
}

const NOT_ASKED =
  /^(?:UnauthorizedOperation|AuthFailure|AccessDenied|ExpiredToken|RequestExpired|InvalidClientTokenId|Blocked|OptInRequired)/u;

/** A client error of EC2's that is no throttle: known by its class, for its names are more than anybody has written down. */
function isRefusal(error: unknown): error is Error {
  if (!(error instanceof Error) || NOT_ASKED.test(error.name)) return false;
  const { class: verdict, effect } = classify(error);
  return verdict === 'terminal' && effect === 'none';
}

const runInstances: Change = {
  send: async (input, { signal }) => {
    if (!isRequest(input))
      throw new TerminalError('plan: RunInstances: expected MinCount = MaxCount and a ClientToken');
    try {
      await client(EC2Client).send(new RunInstancesCommand(input), { abortSignal: signal });
    } catch (error) {
      if (isTooSoon(input, error)) throw Object.assign(new GroupNotShownError(error.message), { $fault: 'client' });
      const isKnown = error instanceof Error && Object.hasOwn(LAUNCH_MEANS, error.name);
      if (isKnown || !isRefusal(error)) throw error;
      throw Object.assign(new NotLaunchedError(`${error.name}: ${error.message}`), { $fault: 'client' });
    }
  },
  means: LAUNCH_MEANS,
};

const terminateInstances: Change = {
  send: (input, { signal }) => {
    const InstanceIds = textsOf(input, 'InstanceIds');
    if (InstanceIds.length === 0) throw new TerminalError('plan: TerminateInstances: InstanceIds: none');
    return client(EC2Client).send(new TerminateInstancesCommand({ InstanceIds }), { abortSignal: signal });
  },
  means: { OperationNotPermitted: 'refused', 'InvalidInstanceID.NotFound': 'conflict' },
};

/** The plan is the request: its members have EC2's own names and types. */
function isGroup(input: JsonObject): input is JsonObject & CreatePlacementGroupCommandInput {
  return typeof input['GroupName'] === 'string' && input['GroupName'].startsWith(OWN_GROUP);
}

const createPlacementGroup: Change = {
  send: (input, { signal }) => {
    if (!isGroup(input)) throw new TerminalError(`plan: CreatePlacementGroup: GroupName: not a gang's own`);
    return client(EC2Client).send(new CreatePlacementGroupCommand(input), { abortSignal: signal });
  },
  // It was made before, by a request whose reply was lost: there is none of that name that is not the gang's.
  means: {
    'InvalidPlacementGroup.Duplicate': 'gone',
    PlacementGroupLimitExceeded: 'capacity',
    InvalidParameterValue: 'refused',
  },
};

const deletePlacementGroup: Change = {
  send: (input, { signal }) => {
    if (!isGroup(input)) throw new TerminalError(`plan: DeletePlacementGroup: GroupName: not a gang's own`);
    const command = new DeletePlacementGroupCommand({ GroupName: input.GroupName });
    return client(EC2Client).send(command, { abortSignal: signal });
  },
  // In use: a node has not quite gone, and the next run tries again. Nobody waits for it with the fleet's lease.
  means: { 'InvalidPlacementGroup.Unknown': 'gone', 'InvalidPlacementGroup.InUse': 'refused' },
};

/** What a plan may hold. */
export const apply: { readonly [call: string]: Change } = {
  [LAUNCH]: runInstances,
  [TERMINATE]: terminateInstances,
  [CREATE_GROUP]: createPlacementGroup,
  [DELETE_GROUP]: deletePlacementGroup,
  [IMPORT]: startImport,
  [TRANSFER]: startTransfer,
  [UPDATE]: updateComputeEnvironment,
  [SEND_COMMAND]: sendCommand,
  [DATA_WRITE]: dataWrite,
};
