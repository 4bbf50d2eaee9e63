/**
 * What a recording may do in an account: by which calls it creates, how what it creates is marked, and what it may change.
 * A call that is neither a read nor in these tables is not sent.
 */

import { isPlainRecord, type PlainRecord } from './plain.ts';

/** Everything that is created carries this tag, with the id of its run. */
export const TAG_KEY = 'runbook:conformance';

/** Kinds of what is created, by EC2's and our own names. */
export type Kind =
  | 'auto-scaling-group'
  | 'elastic-ip'
  | 'instance'
  | 'internet-gateway'
  | 'launch-template'
  | 'network-acl'
  | 'prefix-list'
  | 'queue'
  | 'security-group'
  | 'snapshot'
  | 'subnet'
  | 'volume'
  | 'vpc'
  | 'vpc-peering-connection';

/** One call that creates. */
export interface Creation {
  readonly kind: Kind;
  /** Kinds that come of it besides, at any time. They are found by their tag alone. */
  readonly brings?: readonly Kind[];
  /** The members of the request that mark what it creates. */
  readonly marked: (input: PlainRecord, runId: string) => PlainRecord;
  /** Where the ids are: `Instances[].InstanceId` of the answer. */
  readonly ids: string;
  /** The id is a name, which stands in the request. */
  readonly isNamed?: true;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** `TagSpecifications` with the tag for each of these types, beside what the request says itself. */
function specifying(...types: readonly string[]): Creation['marked'] {
  return (input, runId) => {
    const tag = { Key: TAG_KEY, Value: runId };
    const given = listOf(input['TagSpecifications']).filter(isPlainRecord);
    const others = given.filter(({ ResourceType }) => !types.some((type) => type === ResourceType));
    const marked = types.map((ResourceType) => {
      const own = given.filter((one) => one['ResourceType'] === ResourceType).flatMap((one) => listOf(one['Tags']));
      return { ResourceType, Tags: [...own, tag] };
    });
    return { TagSpecifications: [...others, ...marked] };
  };
}

function specified(kind: Kind, ids: string): Creation {
  return { kind, ids, marked: specifying(kind) };
}

/** Snapshots that take over the tags of their volumes have ours already; a tag that is given twice may be refused. */
const ofVolumes: Creation['marked'] = (input, runId) =>
  input['CopyTagsFromSource'] === undefined ? specifying('snapshot')(input, runId) : {};

const ofGroup: Creation['marked'] = ({ Tags }, runId) => ({
  Tags: [...listOf(Tags), { Key: TAG_KEY, Value: runId, PropagateAtLaunch: true }],
});

const ofQueue: Creation['marked'] = ({ tags }, runId) => ({
  tags: { ...(isPlainRecord(tags) ? tags : {}), [TAG_KEY]: runId },
});

/** Every call that creates. */
export const CREATIONS: { readonly [operation: string]: Creation } = {
  'ec2:RunInstances': { kind: 'instance', ids: 'Instances[].InstanceId', marked: specifying('instance', 'volume') },
  'ec2:AllocateAddress': specified('elastic-ip', 'AllocationId'),
  'ec2:CreateVolume': specified('volume', 'VolumeId'),
  'ec2:CreateSnapshot': specified('snapshot', 'SnapshotId'),
  'ec2:CreateSnapshots': { kind: 'snapshot', ids: 'Snapshots[].SnapshotId', marked: ofVolumes },
  'ec2:CreateVpc': specified('vpc', 'Vpc.VpcId'),
  'ec2:CreateSubnet': specified('subnet', 'Subnet.SubnetId'),
  'ec2:CreateInternetGateway': specified('internet-gateway', 'InternetGateway.InternetGatewayId'),
  'ec2:CreateSecurityGroup': specified('security-group', 'GroupId'),
  'ec2:CreateNetworkAcl': specified('network-acl', 'NetworkAcl.NetworkAclId'),
  'ec2:CreateManagedPrefixList': specified('prefix-list', 'PrefixList.PrefixListId'),
  'ec2:CreateVpcPeeringConnection': specified('vpc-peering-connection', 'VpcPeeringConnection.VpcPeeringConnectionId'),
  'ec2:CreateLaunchTemplate': specified('launch-template', 'LaunchTemplate.LaunchTemplateId'),
  // Its members come and go, and some leave it.
  'autoscaling:CreateAutoScalingGroup': {
    kind: 'auto-scaling-group',
    brings: ['instance'],
    ids: 'AutoScalingGroupName',
    isNamed: true,
    marked: ofGroup,
  },
  'sqs:CreateQueue': { kind: 'queue', ids: 'QueueUrl', marked: ofQueue },
};

/** Calls that change what is there, and create nothing that outlives it. */
export const CHANGES: ReadonlySet<string> = new Set([
  ...[
    'AcceptVpcPeeringConnection',
    'AssociateAddress',
    'AttachInternetGateway',
    'AttachVolume',
    'AuthorizeSecurityGroupIngress',
    'CreateNetworkAclEntry',
    'CreateTags',
    'DeleteNetworkAclEntry',
    'DeleteSnapshot',
    'DeleteTags',
    'DeleteVolume',
    'DetachVolume',
    'DisassociateAddress',
    'ModifyInstanceAttribute',
    'ModifyManagedPrefixList',
    'ReplaceNetworkAclEntry',
    'RevokeSecurityGroupIngress',
    'StartInstances',
    'StopInstances',
    'TerminateInstances',
  ].map((name) => `ec2:${name}`),
  ...[
    'CompleteLifecycleAction',
    'DetachInstances',
    'EnterStandby',
    'ExitStandby',
    'PutLifecycleHook',
    'RecordLifecycleActionHeartbeat',
    'ResumeProcesses',
    'SetDesiredCapacity',
    'SetInstanceHealth',
    'SuspendProcesses',
    'TerminateInstanceInAutoScalingGroup',
  ].map((name) => `autoscaling:${name}`),
  ...[
    'CancelMessageMoveTask',
    'ChangeMessageVisibility',
    'ChangeMessageVisibilityBatch',
    'DeleteMessage',
    'DeleteMessageBatch',
    'ReceiveMessage',
    'SendMessage',
    'SendMessageBatch',
    'StartMessageMoveTask',
  ].map((name) => `sqs:${name}`),
]);

/** Whether a call only looks. */
export function isRead(operation: string): boolean {
  return /:(?:Describe|Get|List)/u.test(operation);
}

/** Whether a recording may send a call at all. */
export function mayBeSent(operation: string): boolean {
  return isRead(operation) || operation in CREATIONS || CHANGES.has(operation);
}
