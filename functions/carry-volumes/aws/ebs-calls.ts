/** Sends planned calls on volumes and snapshots, and says what their errors mean. */

import {
  AttachVolumeCommand,
  CreateSnapshotCommand,
  CreateSnapshotsCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DetachVolumeCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
  StopInstancesCommand,
  type InstanceBlockDeviceMappingSpecification,
  type ResourceType,
  type VolumeType,
} from '@aws-sdk/client-ec2';
import { client } from '../../../shared/aws/clients.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { Change, Send } from '../../../shared/kernel/definition.ts';
import { errorName, TerminalError } from '../../../shared/kernel/errors.ts';
import { objectOf, objectsOf, tagListOf, textOf, textsOf } from '../../../shared/aws/planned-input.ts';
import { wish } from './wish.ts';

/** A token whose volume is gone, or was another request's, is burned for hours; the EBS CSI driver counts up too. */
const MOST_TOKENS = 8;

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
  return client(EC2Client).send(command, { abortSignal: signal });
};

const createSnapshot: Send = (input, { signal }) => {
  const command = new CreateSnapshotCommand({
    VolumeId: textOf(input, 'VolumeId'),
    Description: textOf(input, 'Description'),
    ...tagSpecifications(input, 'snapshot'),
  });
  return client(EC2Client).send(command, { abortSignal: signal });
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
  const outpostArn = optionalText(input, 'OutpostArn');
  const kmsKeyId = optionalText(input, 'KmsKeyId');
  const size = numberOf(input, 'Size');
  const request = {
    AvailabilityZone: textOf(input, 'AvailabilityZone'),
    ...(outpostArn === undefined ? {} : { OutpostArn: outpostArn }),
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
      return await client(EC2Client).send(command, { abortSignal: signal });
    } catch (error) {
      if (errorName(error) !== 'IdempotentParameterMismatch' || count === MOST_TOKENS) throw error;
    }
  }
};

const attachVolume: Send = (input, { signal }) =>
  client(EC2Client).send(
    new AttachVolumeCommand({
      VolumeId: textOf(input, 'VolumeId'),
      InstanceId: textOf(input, 'InstanceId'),
      Device: textOf(input, 'Device'),
    }),
    { abortSignal: signal },
  );

const detachVolume: Send = (input, { signal }) => {
  const force = input['Force'] === true ? { Force: true } : {};
  const command = new DetachVolumeCommand({
    VolumeId: textOf(input, 'VolumeId'),
    InstanceId: textOf(input, 'InstanceId'),
    ...force,
  });
  return client(EC2Client).send(command, { abortSignal: signal });
};

const modifyInstanceAttribute: Send = (input, { signal }) => {
  const mappings = objectsOf(input, 'BlockDeviceMappings').map((mapping): InstanceBlockDeviceMappingSpecification => ({
    DeviceName: textOf(mapping, 'DeviceName'),
    Ebs: { DeleteOnTermination: false, VolumeId: textOf(objectOf(mapping, 'Ebs'), 'VolumeId') },
  }));
  return client(EC2Client).send(
    new ModifyInstanceAttributeCommand({ InstanceId: textOf(input, 'InstanceId'), BlockDeviceMappings: mappings }),
    { abortSignal: signal },
  );
};

const stopInstances: Send = (input, { signal }) => {
  const how = {
    ...(input['Force'] === true ? { Force: true } : {}),
    ...(input['SkipOsShutdown'] === true ? { SkipOsShutdown: true } : {}),
  };
  return client(EC2Client).send(new StopInstancesCommand({ InstanceIds: textsOf(input, 'InstanceIds'), ...how }), {
    abortSignal: signal,
  });
};

const createTags: Send = (input, { signal }) =>
  client(EC2Client).send(new CreateTagsCommand({ Resources: textsOf(input, 'Resources'), Tags: tagListOf(input) }), {
    abortSignal: signal,
  });
const deleteVolume: Send = (input, { signal }) =>
  client(EC2Client).send(new DeleteVolumeCommand({ VolumeId: textOf(input, 'VolumeId') }), { abortSignal: signal });
const deleteSnapshot: Send = (input, { signal }) =>
  client(EC2Client).send(new DeleteSnapshotCommand({ SnapshotId: textOf(input, 'SnapshotId') }), {
    abortSignal: signal,
  });

/**
 * EC2 shows its own changes late, to describing and changing requests alike: what is not (yet) as it was seen is looked at again
 * after a pause, since a look at once would see the same. Source: EC2 API, "Eventual consistency".
 */
const NOT_AS_SEEN: Change['means'] = {
  IncorrectState: 'wait',
  IncorrectInstanceState: 'wait',
  'InvalidInstanceID.NotFound': 'wait',
  'InvalidSnapshot.NotFound': 'wait',
  'InvalidVolume.NotFound': 'wait',
  VolumeInUse: 'wait',
};

/** A resource that is protected, or does not know the operation. Source: EC2 API, error codes. */
const NOT_ALLOWED: Change['means'] = { OperationNotPermitted: 'refused', UnsupportedOperation: 'refused' };

/** Source: EC2 API, error codes: the first three pass by themselves, the last is the account's quota. */
const SNAPSHOT_LIMITS: Change['means'] = {
  ConcurrentSnapshotLimitExceeded: 'wait',
  PendingSnapshotLimitExceeded: 'wait',
  SnapshotCreationPerVolumeRateExceeded: 'wait',
  SnapshotLimitExceeded: 'capacity',
};

/** What EC2 has against a volume of this size, type and speed. */
const NOT_SO: Change['means'] = {
  InvalidParameterCombination: 'refused',
  InvalidParameterDependency: 'refused',
  InvalidParameterValue: 'refused',
  UnknownVolumeType: 'refused',
  VolumeTypeNotAvailableInZone: 'refused',
};

/** The changing calls, by `service:Operation`, each with what its errors mean. */
export const ebsCalls: { readonly [call: string]: Change } = {
  'ec2:AttachVolume': {
    send: attachVolume,
    means: {
      ...NOT_AS_SEEN,
      ...NOT_ALLOWED,
      AttachmentLimitExceeded: 'refused',
      EncryptedVolumesNotSupported: 'refused',
      // The name: the kernel of the instance may hold one that no block device shows any more.
      InvalidParameterValue: 'refused',
      'InvalidVolume.ZoneMismatch': 'refused',
      UnsupportedOperationException: 'refused',
    },
  },
  'ec2:CreateSnapshot': { send: createSnapshot, means: { ...NOT_AS_SEEN, ...SNAPSHOT_LIMITS } },
  'ec2:CreateSnapshots': wish(createSnapshots),
  'ec2:CreateTags': { send: createTags, means: NOT_AS_SEEN },
  'ec2:CreateVolume': {
    send: createVolume,
    means: {
      ...NOT_AS_SEEN,
      ...NOT_SO,
      IdempotentParameterMismatch: 'refused',
      InsufficientVolumeCapacity: 'capacity',
      'InvalidZone.NotFound': 'refused',
      MaxIOPSLimitExceeded: 'capacity',
      VolumeLimitExceeded: 'capacity',
    },
  },
  'ec2:DeleteSnapshot': {
    send: deleteSnapshot,
    means: { ...NOT_ALLOWED, 'InvalidSnapshot.InUse': 'refused', 'InvalidSnapshot.NotFound': 'gone' },
  },
  'ec2:DeleteVolume': {
    send: deleteVolume,
    means: { ...NOT_ALLOWED, IncorrectState: 'refused', VolumeInUse: 'refused', 'InvalidVolume.NotFound': 'gone' },
  },
  'ec2:DetachVolume': {
    send: detachVolume,
    means: {
      ...NOT_ALLOWED,
      // It is on nobody, or not on this one: what the next look makes of that.
      IncorrectState: 'gone',
      'InvalidAttachment.NotFound': 'gone',
      'InvalidVolume.NotFound': 'gone',
      UnsupportedOperationException: 'refused',
    },
  },
  'ec2:ModifyInstanceAttribute': {
    send: modifyInstanceAttribute,
    // The device is not mapped (any more).
    means: { ...NOT_AS_SEEN, InvalidInstanceAttributeValue: 'wait' },
  },
  'ec2:StopInstances': wish(stopInstances, NOT_AS_SEEN),
};
