/** The plain listings: instances, statuses, interfaces, volumes, Spot requests, zones. */

import {
  AvailabilityZone$,
  Instance$,
  InstanceStatus$,
  NetworkInterface$,
  SpotInstanceRequest$,
  Volume$,
} from '@aws-sdk/client-ec2';
import { awsError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { filtered, page, read, selected, strings, type FilterPaths } from './filters.ts';
import { outputOf } from './shape.ts';
import { demand, find, list, part, records, text } from './state.ts';

const output = {
  instance: outputOf(Instance$),
  status: outputOf(InstanceStatus$),
  eni: outputOf(NetworkInterface$),
  volume: outputOf(Volume$),
  spot: outputOf(SpotInstanceRequest$),
  zone: outputOf(AvailabilityZone$),
};

const INSTANCE_FILTERS: FilterPaths = {
  architecture: 'Architecture',
  'availability-zone': 'Placement.AvailabilityZone',
  'capacity-reservation-id': 'CapacityReservationId',
  'client-token': 'ClientToken',
  'block-device-mapping.volume-id': 'BlockDeviceMappings.Ebs.VolumeId',
  'image-id': 'ImageId',
  'instance-id': 'InstanceId',
  'instance-lifecycle': 'InstanceLifecycle',
  'instance-state-code': 'State.Code',
  'instance-state-name': 'State.Name',
  'instance-type': 'InstanceType',
  'instance.group-id': 'SecurityGroups.GroupId',
  'instance.group-name': 'SecurityGroups.GroupName',
  'ip-address': 'PublicIpAddress',
  'network-interface.addresses.association.public-ip': 'NetworkInterfaces.PrivateIpAddresses.Association.PublicIp',
  'network-interface.addresses.private-ip-address': 'NetworkInterfaces.PrivateIpAddresses.PrivateIpAddress',
  'network-interface.network-interface-id': 'NetworkInterfaces.NetworkInterfaceId',
  'placement-group-name': 'Placement.GroupName',
  'launch-index': 'AmiLaunchIndex',
  'private-ip-address': 'PrivateIpAddress',
  'reservation-id': 'ReservationId',
  'spot-instance-request-id': 'SpotInstanceRequestId',
  'subnet-id': 'SubnetId',
  'vpc-id': 'VpcId',
};

/** An instance that the file only mentions may be there or not: a filter that finds nothing would say that it is gone. */
function demandKnown(world: World, input: Shape): void {
  const ids = list(input, 'Filters')
    .filter((filter) => filter['Name'] === 'instance-id')
    .flatMap((filter) => strings(filter, 'Values'));
  demand(
    world,
    'Instances',
    ids.filter((id) => world.isMentionedOnly(id)),
  );
}

function describeInstances(input: Shape, world: World): object {
  demandKnown(world, input);
  const found = selected(world, 'DescribeInstances', input, 'Instances', 'InstanceIds', INSTANCE_FILTERS);
  const { items, rest } = page('DescribeInstances', input, found, 'InstanceIds');
  const reservations = new Map<
    string,
    { ReservationId: string; OwnerId: string; Groups: Shape[]; Instances: Shape[] }
  >();
  for (const instance of items) {
    const id = text(instance, 'ReservationId') ?? '';
    const reservation = reservations.get(id) ?? {
      ReservationId: id,
      OwnerId: world.account,
      Groups: [],
      Instances: [],
    };
    reservation.Instances.push(output.instance(instance));
    reservations.set(id, reservation);
  }
  return { Reservations: [...reservations.values()], ...rest };
}

const STATUS_FILTERS: FilterPaths = {
  'attached-ebs-status.status': 'AttachedEbsStatus.Status',
  'availability-zone': 'AvailabilityZone',
  'instance-state-code': 'InstanceState.Code',
  'instance-state-name': 'InstanceState.Name',
  'instance-status.reachability': 'InstanceStatus.Details.Status',
  'instance-status.status': 'InstanceStatus.Status',
  'system-status.reachability': 'SystemStatus.Details.Status',
  'system-status.status': 'SystemStatus.Status',
};

function describeInstanceStatus(input: Shape, world: World): object {
  if (records(world, 'InstanceStatuses').some((status) => list(status, 'Events').length > 0))
    world.assume('ec2: scheduled events of instances are shown, and not carried out when their time comes');
  const ids = strings(input, 'InstanceIds');
  const named =
    ids.length === 0
      ? records(world, 'InstanceStatuses')
      : demand(world, 'Instances', ids).map(
          (instance) => find(world, 'InstanceStatuses', text(instance, 'InstanceId')) ?? {},
        );
  const wanted =
    input['IncludeAllInstances'] === true
      ? named
      : named.filter((status) => part(status, 'InstanceState')['Name'] === 'running');
  const { items, rest } = page(
    'DescribeInstanceStatus',
    input,
    filtered('DescribeInstanceStatus', input, wanted, STATUS_FILTERS),
    'InstanceIds',
  );
  return { InstanceStatuses: items.map(output.status), ...rest };
}

const INTERFACE_FILTERS: FilterPaths = {
  'addresses.association.public-ip': 'PrivateIpAddresses.Association.PublicIp',
  'addresses.primary': 'PrivateIpAddresses.Primary',
  'addresses.private-ip-address': 'PrivateIpAddresses.PrivateIpAddress',
  'association.allocation-id': 'Association.AllocationId',
  'association.association-id': 'Association.AssociationId',
  'association.ip-owner-id': 'Association.IpOwnerId',
  'association.public-ip': 'Association.PublicIp',
  'attachment.attachment-id': 'Attachment.AttachmentId',
  'attachment.device-index': 'Attachment.DeviceIndex',
  'attachment.instance-id': 'Attachment.InstanceId',
  'attachment.status': 'Attachment.Status',
  'availability-zone': 'AvailabilityZone',
  description: 'Description',
  'group-id': 'Groups.GroupId',
  'group-name': 'Groups.GroupName',
  'interface-type': 'InterfaceType',
  'network-interface-id': 'NetworkInterfaceId',
  'owner-id': 'OwnerId',
  'private-ip-address': 'PrivateIpAddress',
  'requester-id': 'RequesterId',
  'requester-managed': 'RequesterManaged',
  status: 'Status',
  'subnet-id': 'SubnetId',
  'vpc-id': 'VpcId',
};

function describeNetworkInterfaces(input: Shape, world: World): object {
  const found = selected(
    world,
    'DescribeNetworkInterfaces',
    input,
    'NetworkInterfaces',
    'NetworkInterfaceIds',
    INTERFACE_FILTERS,
  );
  const { items, rest } = page('DescribeNetworkInterfaces', input, found, 'NetworkInterfaceIds');
  return { NetworkInterfaces: items.map(output.eni), ...rest };
}

const VOLUME_FILTERS: FilterPaths = {
  'attachment.delete-on-termination': 'Attachments.DeleteOnTermination',
  'attachment.device': 'Attachments.Device',
  'attachment.instance-id': 'Attachments.InstanceId',
  'attachment.status': 'Attachments.State',
  'availability-zone': 'AvailabilityZone',
  encrypted: 'Encrypted',
  size: 'Size',
  'snapshot-id': 'SnapshotId',
  status: 'State',
  'volume-id': 'VolumeId',
  'volume-type': 'VolumeType',
};

function describeVolumes(input: Shape, world: World): object {
  const found = selected(world, 'DescribeVolumes', input, 'Volumes', 'VolumeIds', VOLUME_FILTERS);
  const { items, rest } = page('DescribeVolumes', input, found, 'VolumeIds');
  return { Volumes: items.map(output.volume), ...rest };
}

const SPOT_FILTERS: FilterPaths = {
  'instance-id': 'InstanceId',
  'launched-availability-zone': 'LaunchedAvailabilityZone',
  'spot-instance-request-id': 'SpotInstanceRequestId',
  state: 'State',
  'status-code': 'Status.Code',
  type: 'Type',
};

function describeSpotInstanceRequests(input: Shape, world: World): object {
  const found = selected(
    world,
    'DescribeSpotInstanceRequests',
    input,
    'SpotInstanceRequests',
    'SpotInstanceRequestIds',
    SPOT_FILTERS,
  );
  const { items, rest } = page('DescribeSpotInstanceRequests', input, found, 'SpotInstanceRequestIds');
  return { SpotInstanceRequests: items.map(output.spot), ...rest };
}

const ZONE_FILTERS: FilterPaths = {
  'group-name': 'GroupName',
  'network-border-group': 'NetworkBorderGroup',
  'opt-in-status': 'OptInStatus',
  'region-name': 'RegionName',
  state: 'State',
  'zone-id': 'ZoneId',
  'zone-name': 'ZoneName',
  'zone-type': 'ZoneType',
};

/** Zones not opted in to are listed only on request. */
function describeAvailabilityZones(input: Shape, world: World): object {
  const names = strings(input, 'ZoneNames');
  const ids = strings(input, 'ZoneIds');
  const all = records(world, 'AvailabilityZones');
  const unknown = [
    ...names.filter((name) => find(world, 'AvailabilityZones', name) === undefined),
    ...ids.filter((id) => all.every((zone) => zone['ZoneId'] !== id)),
  ];
  if (unknown.length > 0) throw awsError('InvalidParameterValue', `Invalid availability zone: [${unknown.join(', ')}]`);
  const wanted = all.filter((zone) => {
    if (names.length > 0 || ids.length > 0)
      return names.includes(String(zone['ZoneName'])) || ids.includes(String(zone['ZoneId']));
    return input['AllAvailabilityZones'] === true || zone['OptInStatus'] !== 'not-opted-in';
  });
  return { AvailabilityZones: filtered('DescribeAvailabilityZones', input, wanted, ZONE_FILTERS).map(output.zone) };
}

export const describeOperations: { readonly [operation: string]: Operation } = {
  DescribeInstances: read('DescribeInstances', describeInstances),
  DescribeInstanceStatus: read('DescribeInstanceStatus', describeInstanceStatus),
  DescribeNetworkInterfaces: read('DescribeNetworkInterfaces', describeNetworkInterfaces),
  DescribeVolumes: read('DescribeVolumes', describeVolumes),
  DescribeSpotInstanceRequests: read('DescribeSpotInstanceRequests', describeSpotInstanceRequests),
  DescribeAvailabilityZones: read('DescribeAvailabilityZones', describeAvailabilityZones),
};
