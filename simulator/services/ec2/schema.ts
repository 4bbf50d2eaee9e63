/** EC2's part of a world file: strict, made from the SDK's schemas, with the simulator's own few members beside. */

import {
  Address$,
  AvailabilityZone$,
  Image$,
  Instance$,
  InstanceStatus$,
  ManagedPrefixList$,
  NetworkAcl$,
  NetworkInterface$,
  PrefixListState,
  Reservation$,
  SecurityGroup$,
  Snapshot$,
  SpotInstanceRequest$,
  Subnet$,
  Volume$,
  Vpc$,
  VpcPeeringConnection$,
  VpcPeeringConnectionStateReasonCode,
} from '@aws-sdk/client-ec2';
import { z } from 'zod';
import { awsTime as time, TRIMMINGS } from '../pasted.ts';
import { launchSections } from './launch/schema.ts';
import { recordSchema, type Refinements } from './shape.ts';
import { isClassic, isShape, text } from './state.ts';

/** The SDK's own lists. */
const prefixListStates = Object.values(PrefixListState);
const peeringCodes = Object.values(VpcPeeringConnectionStateReasonCode);

const checkStatus = z.enum(['ok', 'impaired', 'insufficient-data', 'not-applicable', 'initializing']);

/** Members whose value the model acts on: the SDK only says "string". */
const REFINEMENTS: Refinements = {
  InstanceState: { Name: z.enum(['pending', 'running', 'shutting-down', 'terminated', 'stopping', 'stopped']) },
  InstanceStatusSummary: { Status: checkStatus },
  EbsStatusSummary: { Status: checkStatus },
  AvailabilityZone: { State: z.enum(['available', 'information', 'impaired', 'unavailable', 'constrained']) },
  Volume: {
    State: z.enum(['creating', 'available', 'in-use', 'deleting', 'deleted', 'error']),
    VolumeType: z.enum(['standard', 'io1', 'io2', 'gp2', 'gp3', 'sc1', 'st1']),
  },
  VolumeAttachment: { State: z.enum(['attaching', 'attached', 'detaching', 'detached', 'busy']) },
  Snapshot: {
    State: z.enum(['pending', 'completed', 'error', 'recoverable', 'recovering']),
    StorageTier: z.enum(['standard', 'archive']),
    Progress: z.string().regex(/^(?:\d{1,3}%)?$/u, { error: 'must be a percentage such as 37%' }),
  },
  SpotInstanceRequest: { Type: z.enum(['one-time', 'persistent']) },
  Address: { Domain: z.enum(['vpc', 'standard']) },
  NetworkAclEntry: { RuleAction: z.enum(['allow', 'deny']) },
  VpcPeeringConnectionStateReason: { Code: z.enum(peeringCodes) },
  ManagedPrefixList: {
    AddressFamily: z.enum(['IPv4', 'IPv6']),
    State: z.enum(prefixListStates),
    Version: z.number().int().min(1),
  },
};

/** An instance attribute as `describe-instance-attribute` prints it, or its bare value. */
const flagAttribute = z.union([z.boolean(), z.strictObject({ Value: z.boolean() })]).optional();

/** Attributes that DescribeInstances does not return but StopInstances and TerminateInstances obey; the group of a paste; a reclaim under way. */
const INSTANCE_OWN = {
  DisableApiStop: flagAttribute,
  DisableApiTermination: flagAttribute,
  ReservationId: z.string().optional(),
  Serves: z
    .union([z.boolean(), z.array(z.int().min(1).max(65_535))])
    .optional()
    .describe(
      'What answers the health checks of target groups while it runs: true, each port; a list, only these; false, none. Default: true. A script may set it.',
    ),
  SpotInterruption: z
    .strictObject({ action: z.enum(['terminate']), time: time.describe('When EC2 takes it.') })
    .optional()
    .describe(
      'EC2 has given notice that it takes this Spot instance back, as the instance itself can read it at spot/instance-action. A script gives notice with "ec2/Instances/ID/SpotInterruption": "terminate"; two minutes later the instance goes, whatever anybody does.',
    ),
};

const prefixListEntries = z
  .array(z.union([z.string().min(1), z.strictObject({ Cidr: z.string().min(1), Description: z.string().optional() })]))
  .optional();

/** What describe-managed-prefix-lists does not print. */
const PREFIX_LIST_OWN = {
  Entries: prefixListEntries.describe(
    'Its networks, as get-managed-prefix-list-entries prints them or bare. Left out: they are not known.',
  ),
  ModifySeconds: z.number().min(0).optional().describe('How long a change of it takes (default 5).'),
  Pending: z
    .strictObject({ Entries: prefixListEntries, MaxEntries: z.number().int().optional() })
    .optional()
    .describe('What it becomes when the change that is under way has ended. A run leaves it behind.'),
};

const prefixList = recordSchema(ManagedPrefixList$, 'PrefixListId', REFINEMENTS, PREFIX_LIST_OWN);

/** What a volume or snapshot holds; derived from the rest of the file unless a run left it behind. */
const CONTENT_OWN = {
  Lineage: z
    .string()
    .optional()
    .describe('The first volume that the data was written to. Derived; absent on a volume that is empty.'),
  Holds: z
    .array(z.strictObject({ WriteId: z.string(), Until: time }))
    .optional()
    .describe('How far it holds each period of writing (Writes). Derived.'),
  BeganEmpty: z.boolean().optional().describe('Made without a snapshot: nothing of any other volume is on it.'),
};

const snapshotSeconds = z.number().min(1).optional();

/** How a volume behaves in this world. */
const VOLUME_OWN = {
  ...CONTENT_OWN,
  SnapshotSeconds: snapshotSeconds.describe(
    'How long a snapshot of it takes (default 90); volumes made from its snapshots take as long.',
  ),
  SnapshotsFail: z.boolean().optional().describe('Snapshots of it that begin meanwhile end in error.'),
  Mounted: z
    .boolean()
    .optional()
    .describe(
      'The file system stays mounted while the instance runs: a detachment without Force stays busy until it stops.',
    ),
  BusySeconds: z.number().min(0).optional().describe('How long it stays busy on an instance that is being terminated.'),
  StuckAttachments: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe('So many of its next attachments stay attaching until they are detached.'),
};

const SNAPSHOT_OWN = {
  ...CONTENT_OWN,
  SnapshotSeconds: snapshotSeconds.describe(
    'How long it takes while it is pending; volumes made from it take as long.',
  ),
  CompletesAt: time.optional().describe('When a pending snapshot ends; derived from Progress.'),
  WillFail: z.boolean().optional().describe('It ends in error.'),
  SetId: z.string().optional().describe('Snapshots of one CreateSnapshots have the same.'),
  DeleteWhenDone: z.boolean().optional().describe('Deleted while pending: goes when it has ended.'),
  Frozen: z.boolean().optional().describe('Taken while the file system of its volume was frozen.'),
};

const ZONE_OWN = {
  StuckAttachments: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe('So many of the next attachments in the zone stay attaching until they are detached.'),
};

const writes = z.strictObject({
  WriteId: z.string(),
  Lineage: z.string(),
  VolumeId: z.string(),
  InstanceId: z.string(),
  From: time,
  Until: time.optional(),
});
const frozen = z.strictObject({
  InstanceId: z.string().min(1),
  VolumeIds: z
    .array(z.string())
    .describe('The volumes whose file systems are frozen: the data volumes that were attached then.'),
  Since: time,
  ThawsAt: time.describe('When the timer of the host thaws them.'),
});
const volumeToken = z.strictObject({
  ClientToken: z.string(),
  Request: z.string(),
  VolumeId: z.string(),
  UsedAt: time,
});
const quota = z.strictObject({
  QuotaCode: z
    .enum([
      'VolumeLimitExceeded',
      'MaxIOPSLimitExceeded',
      'SnapshotLimitExceeded',
      'PendingSnapshotLimitExceeded',
      'NetworkAclEntryLimitExceeded',
      'RulesPerSecurityGroupLimitExceeded',
    ])
    .describe('The error that exceeding it is answered with.'),
  Value: z
    .number()
    .int()
    .min(0)
    .describe(
      'GiB of all volumes, IOPS of all volumes, snapshots, pending snapshots, rules of a network ACL by direction and family, inbound rules of a security group by family.',
    ),
});

const instance = recordSchema(Instance$, 'InstanceId', REFINEMENTS, INSTANCE_OWN);

/** An address of the retired EC2-Classic has no allocation. */
const address = recordSchema(Address$, undefined, REFINEMENTS, {
  AllocationId: z.string().min(1).optional(),
}).refine((record) => !isShape(record) || text(record, 'AllocationId') !== undefined || isClassic(record), {
  path: ['AllocationId'],
  error: 'is missing',
});

export const ec2Schema = z.strictObject({
  ...TRIMMINGS,
  Instances: z.array(instance).optional(),
  /** `describe-instances` output as it is. */
  Reservations: z
    .array(recordSchema(Reservation$, undefined, REFINEMENTS, { Instances: z.array(instance) }))
    .optional(),
  InstanceStatuses: z.array(recordSchema(InstanceStatus$, 'InstanceId', REFINEMENTS)).optional(),
  Addresses: z.array(address).optional(),
  NetworkInterfaces: z.array(recordSchema(NetworkInterface$, 'NetworkInterfaceId', REFINEMENTS)).optional(),
  Volumes: z.array(recordSchema(Volume$, 'VolumeId', REFINEMENTS, VOLUME_OWN)).optional(),
  Snapshots: z.array(recordSchema(Snapshot$, 'SnapshotId', REFINEMENTS, SNAPSHOT_OWN)).optional(),
  SpotInstanceRequests: z.array(recordSchema(SpotInstanceRequest$, 'SpotInstanceRequestId', REFINEMENTS)).optional(),
  AvailabilityZones: z.array(recordSchema(AvailabilityZone$, 'ZoneName', REFINEMENTS, ZONE_OWN)).optional(),
  Subnets: z.array(recordSchema(Subnet$, 'SubnetId', REFINEMENTS)).optional(),
  Vpcs: z.array(recordSchema(Vpc$, 'VpcId', REFINEMENTS)).optional(),
  ManagedPrefixLists: z.array(prefixList).optional(),
  PrefixLists: z.array(prefixList).optional().describe('describe-managed-prefix-lists output as it is.'),
  NetworkAcls: z
    .array(recordSchema(NetworkAcl$, 'NetworkAclId', REFINEMENTS))
    .optional()
    .describe('describe-network-acls output as it is. The denials of AWS’s own (32767, 32768) may be left out.'),
  SecurityGroups: z
    .array(recordSchema(SecurityGroup$, 'GroupId', REFINEMENTS))
    .optional()
    .describe('describe-security-groups output as it is. Left out, IpPermissionsEgress allows everything.'),
  VpcPeeringConnections: z
    .array(recordSchema(VpcPeeringConnection$, 'VpcPeeringConnectionId', REFINEMENTS))
    .optional()
    .describe(
      'describe-vpc-peering-connections output as it is. Left out: active, with the ranges of the VPCs in this file.',
    ),
  /** What launched instances begin with: RootDeviceName and BlockDeviceMappings. */
  Images: z.array(recordSchema(Image$, 'ImageId', REFINEMENTS)).optional(),
  Writes: z
    .array(writes)
    .optional()
    .describe('Periods in which a volume was written. Derived; a run leaves them behind.'),
  FrozenFileSystems: z
    .array(frozen)
    .optional()
    .describe('Hosts whose data file systems are frozen. A run leaves them behind.'),
  ...launchSections,
  VolumeTokens: z.array(volumeToken).optional().describe('Client tokens of CreateVolume that were used.'),
  Quotas: z
    .array(quota)
    .optional()
    .describe(
      'Limits of the account; what is not listed is unlimited, but for the 20 rules of a network ACL and the 60 of a security group.',
    ),
});
