/** How each kind is found by its mark, looked at, and deleted. Nothing is deleted by its name. */

import {
  AutoScalingClient,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  DeleteInternetGatewayCommand,
  DeleteLaunchTemplateCommand,
  DeleteManagedPrefixListCommand,
  DeleteNetworkAclCommand,
  DeleteSecurityGroupCommand,
  DeleteSnapshotCommand,
  DeleteSubnetCommand,
  DeleteVolumeCommand,
  DeleteVpcCommand,
  DeleteVpcPeeringConnectionCommand,
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeInternetGatewaysCommand,
  DescribeLaunchTemplatesCommand,
  DescribeManagedPrefixListsCommand,
  DescribeNetworkAclsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  DescribeVpcPeeringConnectionsCommand,
  DescribeVpcsCommand,
  DetachInternetGatewayCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
  ReleaseAddressCommand,
  TerminateInstancesCommand,
  type Filter,
} from '@aws-sdk/client-ec2';
import { DeleteQueueCommand, ListQueuesCommand, ListQueueTagsCommand, SQSClient } from '@aws-sdk/client-sqs';
import { prefixOf } from './exchange.ts';
import { TAG_KEY, type Kind } from './kinds.ts';

/** Something that stands in the account. */
export interface Standing {
  readonly id: string;
  /** The run whose mark it carries. */
  readonly run: string | undefined;
}

/** One kind of what a run may leave. */
export interface Leftover {
  /** What carries the mark of a run. */
  readonly marked: (run: string) => Promise<readonly Standing[]>;
  /** What has this id; empty: it is gone. May throw AWS's word for what is not there. */
  readonly known: (id: string) => Promise<readonly Standing[]>;
  readonly remove: (id: string) => Promise<unknown>;
}

interface Listed {
  readonly id: string | undefined;
  readonly tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined;
  /** It is only told of still. */
  readonly isOver?: boolean;
}

function standing(listed: readonly Listed[] | undefined): Standing[] {
  return (listed ?? []).flatMap(({ id, tags, isOver }) =>
    id === undefined || isOver === true ? [] : [{ id, run: tags?.find(({ Key }) => Key === TAG_KEY)?.Value }],
  );
}

/** A kind of EC2's, which filters find by the mark and by the id. */
function filtered(
  idFilter: string,
  list: (Filters: Filter[]) => Promise<readonly Listed[] | undefined>,
  remove: Leftover['remove'],
): Leftover {
  const by = async (Name: string, value: string): Promise<readonly Standing[]> =>
    standing(await list([{ Name, Values: [value] }]));
  return { marked: (run) => by(`tag:${TAG_KEY}`, run), known: (id) => by(idFilter, id), remove };
}

const OVER = new Set(['terminated', 'deleted', 'deleting', 'delete-complete', 'rejected', 'failed', 'expired']);

const isOver = (state: string | undefined): boolean => state !== undefined && OVER.has(state);

function machines(ec2: EC2Client): Pick<Leftovers, 'instance' | 'volume' | 'snapshot' | 'elastic-ip'> {
  return {
    instance: filtered(
      'instance-id',
      async (Filters) => {
        const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }));
        return Reservations.flatMap(({ Instances = [] }) =>
          Instances.map(({ InstanceId, State, Tags }) => ({ id: InstanceId, tags: Tags, isOver: isOver(State?.Name) })),
        );
      },
      async (InstanceId) => {
        // One scenario protects an instance from being terminated.
        const unprotected = { InstanceId, DisableApiTermination: { Value: false } };
        await ec2.send(new ModifyInstanceAttributeCommand(unprotected)).catch(() => undefined);
        await ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }));
      },
    ),
    volume: filtered(
      'volume-id',
      async (Filters) => {
        const { Volumes } = await ec2.send(new DescribeVolumesCommand({ Filters }));
        return Volumes?.map(({ VolumeId, State, Tags }) => ({ id: VolumeId, tags: Tags, isOver: isOver(State) }));
      },
      (VolumeId) => ec2.send(new DeleteVolumeCommand({ VolumeId })),
    ),
    snapshot: filtered(
      'snapshot-id',
      async (Filters) => {
        const { Snapshots } = await ec2.send(new DescribeSnapshotsCommand({ Filters, OwnerIds: ['self'] }));
        return Snapshots?.map(({ SnapshotId, Tags }) => ({ id: SnapshotId, tags: Tags }));
      },
      (SnapshotId) => ec2.send(new DeleteSnapshotCommand({ SnapshotId })),
    ),
    'elastic-ip': filtered(
      'allocation-id',
      async (Filters) => {
        const { Addresses } = await ec2.send(new DescribeAddressesCommand({ Filters }));
        return Addresses?.map(({ AllocationId, Tags }) => ({ id: AllocationId, tags: Tags }));
      },
      (AllocationId) => ec2.send(new ReleaseAddressCommand({ AllocationId })),
    ),
  };
}

function guards(ec2: EC2Client): Pick<Leftovers, 'security-group' | 'network-acl' | 'prefix-list' | 'launch-template'> {
  return {
    'security-group': filtered(
      'group-id',
      async (Filters) => {
        const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
        return SecurityGroups?.map(({ GroupId, Tags }) => ({ id: GroupId, tags: Tags }));
      },
      (GroupId) => ec2.send(new DeleteSecurityGroupCommand({ GroupId })),
    ),
    'network-acl': filtered(
      'network-acl-id',
      async (Filters) => {
        const { NetworkAcls } = await ec2.send(new DescribeNetworkAclsCommand({ Filters }));
        return NetworkAcls?.map(({ NetworkAclId, Tags }) => ({ id: NetworkAclId, tags: Tags }));
      },
      (NetworkAclId) => ec2.send(new DeleteNetworkAclCommand({ NetworkAclId })),
    ),
    'prefix-list': filtered(
      'prefix-list-id',
      async (Filters) => {
        const { PrefixLists } = await ec2.send(new DescribeManagedPrefixListsCommand({ Filters }));
        return PrefixLists?.map(({ PrefixListId, State, Tags }) => ({
          id: PrefixListId,
          tags: Tags,
          isOver: isOver(State),
        }));
      },
      (PrefixListId) => ec2.send(new DeleteManagedPrefixListCommand({ PrefixListId })),
    ),
    'launch-template': {
      ...filtered(
        '',
        async (Filters) => {
          const { LaunchTemplates } = await ec2.send(new DescribeLaunchTemplatesCommand({ Filters }));
          return LaunchTemplates?.map(({ LaunchTemplateId, Tags }) => ({ id: LaunchTemplateId, tags: Tags }));
        },
        (LaunchTemplateId) => ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId })),
      ),
      // There is no filter for its id.
      known: async (id) => {
        const asked = new DescribeLaunchTemplatesCommand({ LaunchTemplateIds: [id] });
        const { LaunchTemplates } = await ec2.send(asked);
        return standing(LaunchTemplates?.map(({ LaunchTemplateId, Tags }) => ({ id: LaunchTemplateId, tags: Tags })));
      },
    },
  };
}

async function detachEverywhere(ec2: EC2Client, InternetGatewayId: string): Promise<void> {
  const asked = new DescribeInternetGatewaysCommand({ InternetGatewayIds: [InternetGatewayId] });
  const { InternetGateways } = await ec2.send(asked);
  for (const { VpcId } of InternetGateways?.[0]?.Attachments ?? [])
    await ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId, VpcId }));
}

function networks(ec2: EC2Client): Pick<Leftovers, 'vpc' | 'subnet' | 'internet-gateway' | 'vpc-peering-connection'> {
  return {
    'internet-gateway': filtered(
      'internet-gateway-id',
      async (Filters) => {
        const { InternetGateways } = await ec2.send(new DescribeInternetGatewaysCommand({ Filters }));
        return InternetGateways?.map(({ InternetGatewayId, Tags }) => ({ id: InternetGatewayId, tags: Tags }));
      },
      async (InternetGatewayId) => {
        await detachEverywhere(ec2, InternetGatewayId);
        await ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId }));
      },
    ),
    subnet: filtered(
      'subnet-id',
      async (Filters) => {
        const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ Filters }));
        return Subnets?.map(({ SubnetId, Tags }) => ({ id: SubnetId, tags: Tags }));
      },
      (SubnetId) => ec2.send(new DeleteSubnetCommand({ SubnetId })),
    ),
    vpc: filtered(
      'vpc-id',
      async (Filters) => {
        const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ Filters }));
        return Vpcs?.map(({ VpcId, Tags }) => ({ id: VpcId, tags: Tags }));
      },
      (VpcId) => ec2.send(new DeleteVpcCommand({ VpcId })),
    ),
    'vpc-peering-connection': filtered(
      'vpc-peering-connection-id',
      async (Filters) => {
        const { VpcPeeringConnections } = await ec2.send(new DescribeVpcPeeringConnectionsCommand({ Filters }));
        return VpcPeeringConnections?.map(({ VpcPeeringConnectionId, Status, Tags }) => ({
          id: VpcPeeringConnectionId,
          tags: Tags,
          isOver: isOver(Status?.Code),
        }));
      },
      (VpcPeeringConnectionId) => ec2.send(new DeleteVpcPeeringConnectionCommand({ VpcPeeringConnectionId })),
    ),
  };
}

function groups(autoScaling: AutoScalingClient): Leftover {
  const list = async (request: DescribeAutoScalingGroupsCommand): Promise<readonly Standing[]> => {
    const { AutoScalingGroups } = await autoScaling.send(request);
    return standing(
      AutoScalingGroups?.map(({ AutoScalingGroupName, Tags }) => ({ id: AutoScalingGroupName, tags: Tags })),
    );
  };
  return {
    marked: (run) =>
      list(new DescribeAutoScalingGroupsCommand({ Filters: [{ Name: `tag:${TAG_KEY}`, Values: [run] }] })),
    known: (id) => list(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [id] })),
    remove: (AutoScalingGroupName) =>
      autoScaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName, ForceDelete: true })),
  };
}

function queues(sqs: SQSClient): Leftover {
  const known = async (QueueUrl: string): Promise<readonly Standing[]> => {
    const { Tags = {} } = await sqs.send(new ListQueueTagsCommand({ QueueUrl }));
    return [{ id: QueueUrl, run: Tags[TAG_KEY] }];
  };
  return {
    // The name only says where to look; the mark says whose it is.
    marked: async (run) => {
      const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: prefixOf(run) }));
      const found: Standing[] = [];
      for (const url of QueueUrls) found.push(...(await known(url)));
      return found;
    },
    known,
    remove: (QueueUrl) => sqs.send(new DeleteQueueCommand({ QueueUrl })),
  };
}

/** Every kind. */
export type Leftovers = { readonly [kind in Kind]: Leftover };

/** Every kind in one Region. */
export function leftoversIn(region: string): Leftovers {
  const ec2 = new EC2Client({ region });
  return {
    ...machines(ec2),
    ...guards(ec2),
    ...networks(ec2),
    'auto-scaling-group': groups(new AutoScalingClient({ region })),
    queue: queues(new SQSClient({ region })),
  };
}
