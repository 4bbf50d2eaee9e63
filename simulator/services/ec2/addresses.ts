/** Elastic IPs: DescribeAddresses, AssociateAddress, DisassociateAddress. */

import { Address$ } from '@aws-sdk/client-ec2';
import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { read, selected, strings, write, type FilterPaths } from './filters.ts';
import { bindAddress, interfacesOf, privateEntry, unbindAddress } from './interfaces.ts';
import { outputOf } from './shape.ts';
import { demandOne, find, part, records, stateOf, text } from './state.ts';

const output = outputOf(Address$);

const FILTERS: FilterPaths = {
  'allocation-id': 'AllocationId',
  'association-id': 'AssociationId',
  'instance-id': 'InstanceId',
  'network-border-group': 'NetworkBorderGroup',
  'network-interface-id': 'NetworkInterfaceId',
  'network-interface-owner-id': 'NetworkInterfaceOwnerId',
  'private-ip-address': 'PrivateIpAddress',
  'public-ip': 'PublicIp',
};

function describeAddresses(input: Shape, world: World): object {
  const ips = strings(input, 'PublicIps');
  const unknown = ips.find((ip) => records(world, 'Addresses').every((address) => address['PublicIp'] !== ip));
  if (unknown !== undefined) throw awsError('InvalidAddress.NotFound', `Address '${unknown}' not found.`);
  const found = selected(world, 'DescribeAddresses', input, 'Addresses', 'AllocationIds', FILTERS);
  const named = ips.length === 0 ? found : found.filter((address) => ips.includes(text(address, 'PublicIp') ?? ''));
  return { Addresses: named.map(output) };
}

/** The address a request names. `PublicIp` alone belongs to the retired EC2-Classic. */
function addressOf(input: Shape, world: World): Shape {
  const id = text(input, 'AllocationId');
  if (id !== undefined) return demandOne(world, 'Addresses', id);
  if (text(input, 'PublicIp') === undefined)
    throw awsError('MissingParameter', 'Either public IP or allocation id must be specified');
  throw awsError(
    'InvalidParameterCombination',
    'You must specify an allocation id when mapping an address to a VPC instance',
  );
}

/** States in which an address may be put on an instance. */
const ASSOCIABLE: ReadonlySet<string> = new Set(['running', 'stopping', 'stopped']);

/** The interface a request names, by itself or through an instance that has just one. */
function targetOf(input: Shape, world: World): Shape {
  const instanceId = text(input, 'InstanceId');
  const interfaceId = text(input, 'NetworkInterfaceId');
  if (instanceId !== undefined && interfaceId !== undefined) {
    throw awsError(
      'InvalidParameterCombination',
      'You may specify InstanceId or NetworkInterfaceId, but not both in the same call',
    );
  }
  if (interfaceId !== undefined) return targetInterface(world, interfaceId);
  if (instanceId === undefined)
    throw awsError('MissingParameter', 'Either instance ID or network interface ID must be specified');
  const instance = demandOne(world, 'Instances', instanceId);
  const state = stateOf(instance);
  // Seen by users of the API with `pending` and `terminated`: github.com/hashicorp/terraform-provider-aws/issues/21228.
  if (!ASSOCIABLE.has(state))
    throw awsError(
      'InvalidInstanceID',
      `The ${state} instance '${instanceId}' is not in a valid state for this operation.`,
    );
  const [eni, ...others] = interfacesOf(world, instanceId);
  if (eni === undefined || others.length > 0) {
    throw awsError(
      'InvalidInstanceID',
      `There are multiple interfaces attached to instance '${instanceId}'. Please specify an interface ID for the operation instead.`,
    );
  }
  return eni;
}

function targetInterface(world: World, interfaceId: string): Shape {
  const eni = demandOne(world, 'NetworkInterfaces', interfaceId);
  const holder = find(world, 'Instances', text(part(eni, 'Attachment'), 'InstanceId'));
  if (holder !== undefined && !ASSOCIABLE.has(stateOf(holder))) {
    // Seen by users of the API: github.com/PaloAltoNetworks/terraform-aws-vmseries-modules/issues/97.
    const state = stateOf(holder) === 'pending' ? 'pending-instance-creation' : stateOf(holder);
    throw awsError(
      'IncorrectInstanceState',
      `The ${state} instance to which '${interfaceId}' is attached is not in a valid state for this operation`,
    );
  }
  return eni;
}

/**
 * Interfaces that a service holds (a NAT gateway's, a load balancer's) are not the account's to change; the API answers as
 * if they were a stranger's. Seen by users of the API: github.com/hashicorp/terraform-provider-aws/issues/3572.
 */
function demandOwn(eni: Shape | undefined): void {
  if (eni?.['RequesterManaged'] === true || text(eni, 'InterfaceType') === 'nat_gateway') {
    throw awsError('AuthFailure', 'You do not have permission to access the specified resource.');
  }
}

function borderGroup(world: World, zone: string | undefined): string {
  return text(find(world, 'AvailabilityZones', zone), 'NetworkBorderGroup') ?? world.region;
}

/** Documented as impossible; which error says so is not. */
function demandBorderGroup(world: World, address: Shape, eni: Shape): void {
  const group = text(address, 'NetworkBorderGroup') ?? world.region;
  const wanted = borderGroup(world, text(eni, 'AvailabilityZone'));
  if (group === wanted) return;
  world.assume('ec2: AssociateAddress across network border groups fails with InvalidParameterCombination');
  throw awsError(
    'InvalidParameterCombination',
    `The address belongs to network border group ${group} and the network interface to ${wanted}.`,
  );
}

function associateAddress(input: Shape, world: World): object {
  const address = addressOf(input, world);
  const eni = targetOf(input, world);
  const ip = text(input, 'PrivateIpAddress');
  const entry = privateEntry(eni, ip);
  if (entry === undefined)
    throw awsError(
      'InvalidParameterValue',
      `Address ${ip ?? ''} is not assigned to interface ${text(eni, 'NetworkInterfaceId') ?? ''}`,
    );
  const current = text(address, 'AssociationId');
  if (
    current !== undefined &&
    address['NetworkInterfaceId'] === eni['NetworkInterfaceId'] &&
    address['PrivateIpAddress'] === entry['PrivateIpAddress']
  ) {
    return { AssociationId: current };
  }
  demandOwn(find(world, 'NetworkInterfaces', text(address, 'NetworkInterfaceId')));
  demandOwn(eni);
  demandBorderGroup(world, address, eni);
  if (current !== undefined && input['AllowReassociation'] === false) {
    throw awsError(
      'Resource.AlreadyAssociated',
      `resource ${text(address, 'AllocationId') ?? ''} is already associated with associate-id ${current}`,
    );
  }
  const displaced = find(world, 'Addresses', text(part(entry, 'Association'), 'AllocationId'));
  if (displaced !== undefined && input['AllowReassociation'] === false)
    throw new NotSimulatedError(
      'AssociateAddress without re-association to a private address that has another address',
    );
  // It goes without a word, and stays allocated: "the existing address is disassociated".
  // Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateAddress.html
  if (displaced !== undefined) unbindAddress(world, displaced);
  unbindAddress(world, address);
  return { AssociationId: bindAddress(world, address, eni, entry) };
}

function disassociateAddress(input: Shape, world: World): object {
  const id = text(input, 'AssociationId');
  if (id === undefined) {
    if (text(input, 'PublicIp') === undefined)
      throw awsError('MissingParameter', 'Either public IP or association id must be specified');
    throw awsError(
      'InvalidParameterValue',
      'You must specify an association id when unmapping an address from a VPC instance',
    );
  }
  const address = records(world, 'Addresses').find((candidate) => candidate['AssociationId'] === id);
  // An id of the past and one that never was look the same.
  if (address === undefined)
    throw awsError('InvalidAssociationID.NotFound', `The association ID '${id}' does not exist`);
  demandOwn(find(world, 'NetworkInterfaces', text(address, 'NetworkInterfaceId')));
  unbindAddress(world, address);
  return {};
}

export const addressOperations: { readonly [operation: string]: Operation } = {
  DescribeAddresses: read('DescribeAddresses', describeAddresses),
  AssociateAddress: write('AssociateAddress', associateAddress),
  DisassociateAddress: write('DisassociateAddress', disassociateAddress),
};
