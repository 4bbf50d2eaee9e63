/** Sends planned calls on volumes and snapshots. What was done before, or is gone, is no failure. */

import {
  AttachVolumeCommand,
  CreateSnapshotCommand,
  CreateSnapshotsCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DescribeInstancesCommand,
  DetachVolumeCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
  StopInstancesCommand,
  type InstanceBlockDeviceMappingSpecification,
  type ResourceType,
  type VolumeType,
} from '@aws-sdk/client-ec2';
import { client } from '../../../shared/aws/clients.ts';
import type { Json, JsonObject } from '../../../shared/kernel/decision.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { errorName, RetryableError, TerminalError } from '../../../shared/kernel/errors.ts';
import { objectOf, objectsOf, tagListOf, textOf, textsOf } from '../../../shared/aws/planned-input.ts';
import { DEVICE_NAMES } from '../decide.ts';

/** Sends one planned call. */
export type Send = (input: JsonObject, io: Io) => Promise<Json>;

/** "Not as it was seen", or too fast: looking again finds out. Source: EC2 API, error codes. */
const CHANGED =
  /^(?:VolumeInUse|IncorrectState|IncorrectInstanceState|InvalidVolume\.NotFound|InvalidVolume\.ZoneMismatch|InvalidSnapshot\.NotFound|InvalidInstanceID\.NotFound|InvalidInstanceAttributeValue|ConcurrentSnapshotLimitExceeded|PendingSnapshotLimitExceeded|SnapshotCreationPerVolumeRateExceeded)$/u;
/** A token whose volume is gone, or was another request's, is burned for hours; the EBS CSI driver counts up too. */
const MOST_TOKENS = 8;
/** Other names tried where EC2 calls one in use that no block device shows. */
const MOST_NAMES = 4;

/** Sends a change. `done`: errors that mean that nothing is left to do. */
async function change(request: Promise<unknown>, done?: RegExp): Promise<Json> {
  try {
    await request;
    return null;
  } catch (error) {
    const name = errorName(error);
    if (done?.test(name) === true) return name;
    if (CHANGED.test(name)) throw new RetryableError(`${name}: ${String(error)}`);
    throw error;
  }
}

function numberOf(input: JsonObject, member: string): number | undefined {
  const value = input[member];
  return typeof value === 'number' ? value : undefined;
}

function optionalText(input: JsonObject, member: string): string | undefined {
  return input[member] === undefined ? undefined : textOf(input, member);
}

function tagSpecifications(
  input: JsonObject,
  type: ResourceType,
): { TagSpecifications: { ResourceType: ResourceType; Tags: { Key: string; Value: string }[] }[] } {
  return {
    TagSpecifications: objectsOf(input, 'TagSpecifications').map((specification) => ({
      ResourceType: type,
      Tags: tagListOf(specification),
    })),
  };
}

const createSnapshots: Send = (input, { signal }) => {
  const specification = objectOf(input, 'InstanceSpecification');
  const excluded =
    specification['ExcludeDataVolumeIds'] === undefined
      ? {}
      : { ExcludeDataVolumeIds: textsOf(specification, 'ExcludeDataVolumeIds') };
  const command = new CreateSnapshotsCommand({
    InstanceSpecification: { InstanceId: textOf(specification, 'InstanceId'), ExcludeBootVolume: true, ...excluded },
    CopyTagsFromSource: 'volume',
    Description: textOf(input, 'Description'),
  });
  return change(client(EC2Client).send(command, { abortSignal: signal }));
};

const createSnapshot: Send = (input, { signal }) => {
  const command = new CreateSnapshotCommand({
    VolumeId: textOf(input, 'VolumeId'),
    Description: textOf(input, 'Description'),
    ...tagSpecifications(input, 'snapshot'),
  });
  return change(client(EC2Client).send(command, { abortSignal: signal }));
};

const TYPES: readonly VolumeType[] = ['gp2', 'gp3', 'io1', 'io2', 'sc1', 'st1', 'standard'];

function typeOf(input: JsonObject): VolumeType {
  const type = TYPES.find((each) => each === input['VolumeType']);
  if (type === undefined)
    throw new TerminalError(`plan: VolumeType: '${textOf(input, 'VolumeType')}' is no type this runbook knows`);
  return type;
}

const createVolume: Send = async (input, { signal }) => {
  const iops = numberOf(input, 'Iops');
  const throughput = numberOf(input, 'Throughput');
  const kmsKeyId = optionalText(input, 'KmsKeyId');
  const size = numberOf(input, 'Size');
  const request = {
    AvailabilityZone: textOf(input, 'AvailabilityZone'),
    SnapshotId: textOf(input, 'SnapshotId'),
    VolumeType: typeOf(input),
    ...(size === undefined ? {} : { Size: size }),
    ...(iops === undefined ? {} : { Iops: iops }),
    ...(throughput === undefined ? {} : { Throughput: throughput }),
    ...(kmsKeyId === undefined ? {} : { Encrypted: true, KmsKeyId: kmsKeyId }),
    ...tagSpecifications(input, 'volume'),
  };
  const token = textOf(input, 'ClientToken');
  for (let count = 1; ; count += 1) {
    const command = new CreateVolumeCommand({ ...request, ClientToken: count === 1 ? token : `${token}-${count}` });
    try {
      return await change(client(EC2Client).send(command, { abortSignal: signal }));
    } catch (error) {
      if (errorName(error) !== 'IdempotentParameterMismatch' || count === MOST_TOKENS) throw error;
    }
  }
};

async function freeNames(instanceId: string, { signal }: Io): Promise<readonly string[]> {
  const { Reservations } = await client(EC2Client).send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }), {
    abortSignal: signal,
  });
  const mappings = (Reservations ?? [])
    .flatMap(({ Instances }) => Instances ?? [])
    .flatMap(({ BlockDeviceMappings }) => BlockDeviceMappings ?? []);
  return DEVICE_NAMES.filter((name) => !mappings.some(({ DeviceName }) => DeviceName === name));
}

const attachVolume: Send = async (input, io) => {
  const VolumeId = textOf(input, 'VolumeId');
  const InstanceId = textOf(input, 'InstanceId');
  const tried: string[] = [];
  let Device = textOf(input, 'Device');
  for (;;) {
    try {
      return await change(
        client(EC2Client).send(new AttachVolumeCommand({ VolumeId, InstanceId, Device }), { abortSignal: io.signal }),
      );
    } catch (error) {
      tried.push(Device);
      // The kernel of the instance may hold a name that no block device shows any more.
      const isNameTaken = errorName(error) === 'InvalidParameterValue' && /already in use/iu.test(String(error));
      if (!isNameTaken || tried.length === MOST_NAMES) throw error;
      const next = (await freeNames(InstanceId, io)).find((name) => !tried.includes(name));
      if (next === undefined) throw error;
      Device = next;
    }
  }
};

const detachVolume: Send = (input, { signal }) => {
  const force = input['Force'] === true ? { Force: true } : {};
  const command = new DetachVolumeCommand({
    VolumeId: textOf(input, 'VolumeId'),
    InstanceId: textOf(input, 'InstanceId'),
    ...force,
  });
  return change(
    client(EC2Client).send(command, { abortSignal: signal }),
    /^(?:IncorrectState|InvalidAttachment\.NotFound|InvalidVolume\.NotFound)$/u,
  );
};

const modifyInstanceAttribute: Send = (input, { signal }) => {
  const mappings = objectsOf(input, 'BlockDeviceMappings').map((mapping): InstanceBlockDeviceMappingSpecification => ({
    DeviceName: textOf(mapping, 'DeviceName'),
    Ebs: { DeleteOnTermination: false, VolumeId: textOf(objectOf(mapping, 'Ebs'), 'VolumeId') },
  }));
  return change(
    client(EC2Client).send(
      new ModifyInstanceAttributeCommand({ InstanceId: textOf(input, 'InstanceId'), BlockDeviceMappings: mappings }),
      { abortSignal: signal },
    ),
  );
};

const stopInstances: Send = (input, { signal }) => {
  const how = {
    ...(input['Force'] === true ? { Force: true } : {}),
    ...(input['SkipOsShutdown'] === true ? { SkipOsShutdown: true } : {}),
  };
  return change(
    client(EC2Client).send(new StopInstancesCommand({ InstanceIds: textsOf(input, 'InstanceIds'), ...how }), {
      abortSignal: signal,
    }),
  );
};

const createTags: Send = (input, { signal }) =>
  change(
    client(EC2Client).send(new CreateTagsCommand({ Resources: textsOf(input, 'Resources'), Tags: tagListOf(input) }), {
      abortSignal: signal,
    }),
  );
const deleteVolume: Send = (input, { signal }) =>
  change(
    client(EC2Client).send(new DeleteVolumeCommand({ VolumeId: textOf(input, 'VolumeId') }), { abortSignal: signal }),
    /^InvalidVolume\.NotFound$/u,
  );
const deleteSnapshot: Send = (input, { signal }) =>
  change(
    client(EC2Client).send(new DeleteSnapshotCommand({ SnapshotId: textOf(input, 'SnapshotId') }), {
      abortSignal: signal,
    }),
    /^InvalidSnapshot\.NotFound$/u,
  );

/** The changing calls, by `service:Operation`. */
export const ebsCalls: { readonly [call: string]: Send } = {
  'ec2:AttachVolume': attachVolume,
  'ec2:CreateSnapshot': createSnapshot,
  'ec2:CreateSnapshots': createSnapshots,
  'ec2:CreateTags': createTags,
  'ec2:CreateVolume': createVolume,
  'ec2:DeleteSnapshot': deleteSnapshot,
  'ec2:DeleteVolume': deleteVolume,
  'ec2:DetachVolume': detachVolume,
  'ec2:ModifyInstanceAttribute': modifyInstanceAttribute,
  'ec2:StopInstances': stopInstances,
};
