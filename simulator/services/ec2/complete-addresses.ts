/** Completes the Elastic IPs of a world file: which interface each is on, and what both sides show of that. */

import { BadInputError } from '../../../shared/kernel/errors.ts';
import type { Shape, World } from '../../engine/model.ts';
import { bindAddress, isWith, privateEntry } from './interfaces.ts';
import { foreignInterface, hasInstance } from './mentions.ts';
import { find, isClassic, list, part, records, show, text } from './state.ts';

function fault(index: number, member: string, message: string): BadInputError {
  return new BadInputError(`ec2.Addresses[${index}]${member === '' ? '' : `.${member}`}`, message);
}

/** The next unused address of the network that RFC 5737 keeps for examples. */
function derivedPublicIp(world: World): string {
  // A public address is one in all Regions.
  const all = [...world.regions.values()].flatMap((one) => records(one, 'Addresses'));
  const used = new Set(all.map((address) => address['PublicIp']));
  for (let value = 10; value < 2560; value += 1) {
    const ip = `203.0.${113 + Math.floor(value / 256)}.${value % 256}`;
    if (!used.has(ip)) return ip;
  }
  return '203.0.113.9';
}

/** Members that only an address has which is a carrier's, or out of the customer's own pool. */
const NOT_PUBLIC = ['CarrierIp', 'CustomerOwnedIp', 'CustomerOwnedIpv4Pool'];
/** Source: https://docs.aws.amazon.com/wavelength/latest/developerguide/available-wavelength-zones.html (`us-east-1-wl1`). */
const WAVELENGTH_GROUP = /-wl\d+/u;

/** Whether an address has a public IPv4 address, shown or left out. */
function isPublic(address: Shape): boolean {
  return (
    text(address, 'PublicIp') !== undefined ||
    (!NOT_PUBLIC.some((member) => address[member] !== undefined) &&
      !WAVELENGTH_GROUP.test(text(address, 'NetworkBorderGroup') ?? ''))
  );
}

function entryShowing(eni: Shape, address: Shape): Shape | undefined {
  return list(eni, 'PrivateIpAddresses').find((entry) => isWith(part(entry, 'Association'), address));
}

/** The interface that an address names, which must be on the instance that it names. */
function namedInterface(world: World, address: Shape, index: number, interfaceId: string): Shape {
  const instanceId = text(address, 'InstanceId');
  const eni = find(world, 'NetworkInterfaces', interfaceId);
  if (eni === undefined) {
    world.gap({
      path: `ec2.Addresses[${index}].NetworkInterfaceId`,
      id: interfaceId,
      message: `there is no interface ${interfaceId} in ec2.NetworkInterfaces or on an instance`,
    });
    return foreignInterface(world, address);
  }
  if (instanceId !== undefined && part(eni, 'Attachment')['InstanceId'] !== instanceId)
    throw fault(index, 'InstanceId', `interface ${interfaceId} is not attached to ${instanceId}`);
  return eni;
}

/** Which interface an address is on: said by itself, by its instance, or by the interface's own association. */
function holdingInterface(world: World, address: Shape, index: number): Shape | undefined {
  const interfaceId = text(address, 'NetworkInterfaceId');
  const instanceId = text(address, 'InstanceId');
  const isThere = hasInstance(world, instanceId, `ec2.Addresses[${index}].InstanceId`);
  if (interfaceId !== undefined) return namedInterface(world, address, index, interfaceId);
  if (!isThere) return foreignInterface(world, address);
  const all = records(world, 'NetworkInterfaces');
  if (instanceId === undefined) return all.find((eni) => entryShowing(eni, address) !== undefined);
  const primary = all.find((candidate) => {
    const attachment = part(candidate, 'Attachment');
    return attachment['InstanceId'] === instanceId && (attachment['DeviceIndex'] ?? 0) === 0;
  });
  if (primary === undefined) throw fault(index, 'InstanceId', `instance ${instanceId} has no network interface`);
  return primary;
}

/** The private address that an Elastic IP is on; no other may be there, and it may be nowhere else. */
function holdingEntry(world: World, address: Shape, index: number, eni: Shape): Shape {
  const wanted = text(address, 'PrivateIpAddress');
  const shown = wanted === undefined ? entryShowing(eni, address) : undefined;
  const entry = shown ?? privateEntry(eni, wanted);
  if (entry === undefined)
    throw fault(
      index,
      'PrivateIpAddress',
      `${wanted ?? 'a primary address'} is not on interface ${show(eni['NetworkInterfaceId'])}`,
    );
  const other = part(entry, 'Association');
  if (other['PublicIp'] !== undefined && other['IpOwnerId'] !== 'amazon' && !isWith(other, address))
    throw fault(
      index,
      '',
      `${show(entry['PrivateIpAddress'])} on ${show(eni['NetworkInterfaceId'])} already has ${show(other['PublicIp'])}`,
    );
  const elsewhere = records(world, 'NetworkInterfaces').find((candidate) =>
    list(candidate, 'PrivateIpAddresses').some((each) => each !== entry && isWith(part(each, 'Association'), address)),
  );
  if (elsewhere !== undefined) {
    const holder = text(part(elsewhere, 'Attachment'), 'InstanceId') ?? show(elsewhere['NetworkInterfaceId']);
    throw fault(index, '', `${show(address['PublicIp'])} is shown on ${holder} too`);
  }
  return entry;
}

const DEFAULTS = { Domain: 'vpc', PublicIpv4Pool: 'amazon' };

function completeAddress(world: World, address: Shape, index: number): void {
  for (const member of ['AssociationId', 'InstanceId', 'NetworkInterfaceId', 'PrivateIpAddress']) {
    if (address[member] === '') delete address[member];
  }
  address['Tags'] ??= [];
  if (isClassic(address)) return;
  if (isPublic(address)) {
    for (const [member, value] of Object.entries({ ...DEFAULTS, NetworkBorderGroup: world.region }))
      address[member] ??= value;
    address['PublicIp'] ??= derivedPublicIp(world);
  }
  const eni = holdingInterface(world, address, index);
  if (eni === undefined) {
    if (address['AssociationId'] !== undefined)
      throw fault(
        index,
        'AssociationId',
        'say what the address is on: InstanceId, or NetworkInterfaceId and PrivateIpAddress',
      );
    return;
  }
  const entry = holdingEntry(world, address, index, eni);
  const shownId = text(part(entry, 'Association'), 'AssociationId');
  bindAddress(world, address, eni, entry, text(address, 'AssociationId') ?? shownId);
}

/**
 * Completes every address.
 * @throws BadInputError naming the path of a contradiction, e.g. `ec2.Addresses[0].InstanceId`
 */
export function completeAddresses(world: World): void {
  for (const [index, address] of records(world, 'Addresses').entries()) completeAddress(world, address, index);
}
