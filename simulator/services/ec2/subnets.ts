/** Subnets: which one, and the private addresses that are free in it. */

import { awsError, type Shape, type World } from '../../engine/model.ts';
import { list, records, runtimeOf, text } from './state.ts';

/** AWS keeps the first four addresses of a subnet. Source: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html */
const RESERVED_ADDRESSES = 4;

function numberOf(ip: string): number {
  return ip.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
}

function addressOf(value: number): string {
  return [16_777_216, 65_536, 256, 1].map((unit) => Math.floor(value / unit) % 256).join('.');
}

/** The addresses of a subnet that can be given out: the first as a number, and how many there are. */
function rangeOf(subnet: Shape): { readonly begin: number; readonly size: number } {
  const [base = '10.0.0.0', bits = '20'] = (text(subnet, 'CidrBlock') ?? '10.0.0.0/20').split('/');
  // The last address of a subnet is reserved too.
  return { begin: numberOf(base) + RESERVED_ADDRESSES, size: 2 ** (32 - Number(bits)) - RESERVED_ADDRESSES - 1 };
}

/** The next free address of a subnet. Throws `InsufficientFreeAddressesInSubnet`. */
export function freePrivateIp(world: World, subnet: Shape): string {
  const { begin, size } = rangeOf(subnet);
  const id = text(subnet, 'SubnetId') ?? '';
  const { lastPrivateIp } = runtimeOf(world);
  const last = lastPrivateIp.get(id) ?? begin - 1;
  for (let step = 1; step <= size; step += 1) {
    const value = begin + ((last - begin + step) % size);
    const ip = addressOf(value);
    if (isUsed(world, ip)) continue;
    lastPrivateIp.set(id, value);
    return ip;
  }
  throw awsError(
    'InsufficientFreeAddressesInSubnet',
    `The specified subnet '${id}' does not have enough free addresses to satisfy the request.`,
  );
}

function isUsed(world: World, ip: string): boolean {
  return (
    records(world, 'NetworkInterfaces').some(
      (eni) =>
        eni['PrivateIpAddress'] === ip ||
        list(eni, 'PrivateIpAddresses').some((entry) => entry['PrivateIpAddress'] === ip),
    ) ||
    // Instances of the world file whose interfaces are not derived yet.
    records(world, 'Instances').some((instance) => instance['PrivateIpAddress'] === ip)
  );
}

/** How many addresses of a subnet are free: what the world says, which is kept up to date, else what its interfaces leave. */
export function freeAddresses(world: World, subnet: Shape): number {
  const given = subnet['AvailableIpAddressCount'];
  if (typeof given === 'number') return given;
  const id = text(subnet, 'SubnetId');
  const used = records(world, 'NetworkInterfaces').filter((eni) => eni['SubnetId'] === id);
  return Math.max(0, rangeOf(subnet).size - used.reduce((sum, eni) => sum + addressesOf(eni), 0));
}

function addressesOf(eni: Shape): number {
  return list(eni, 'PrivateIpAddresses').length;
}

/** Interfaces came (-1) or went (1): what their subnets say of free addresses follows. */
export function countAddresses(world: World, interfaces: readonly Shape[], sign: 1 | -1): void {
  for (const eni of interfaces) {
    const id = text(eni, 'SubnetId');
    const subnet = records(world, 'Subnets').find((each) => each['SubnetId'] === id);
    const given = subnet?.['AvailableIpAddressCount'];
    if (subnet !== undefined && typeof given === 'number')
      subnet['AvailableIpAddressCount'] = Math.max(0, given + sign * addressesOf(eni));
  }
}

/** Which subnet is wanted; `isIpv6Only`: what is known of it if it has to be made. */
interface WantedSubnet {
  readonly subnetId?: string | undefined;
  readonly vpcId?: string | undefined;
  readonly isIpv6Only?: boolean;
}

/** All its addresses have been given out, and none came back. */
function isFull(world: World, subnet: Shape): boolean {
  const { begin, size } = rangeOf(subnet);
  const id = text(subnet, 'SubnetId');
  const hasGivenAll = (runtimeOf(world).lastPrivateIp.get(id ?? '') ?? 0) >= begin + size - 1;
  if (!hasGivenAll) return false;
  return records(world, 'NetworkInterfaces').filter((eni) => eni['SubnetId'] === id).length >= size;
}

/** The layout of a default VPC: one /20 after the other. Sixteen fill a /16; a world with more of them goes on in the next. */
function nextCidrBlock(count: number): string {
  return `10.${Math.floor(count / 16) % 256}.${(count % 16) * 16}.0/20`;
}

/** The subnet of an id, or the first of a zone with a free address; made if there is none. */
export function subnetIn(world: World, zone: string, wanted: WantedSubnet): Shape {
  const subnets = records(world, 'Subnets');
  const fits = (subnet: Shape): boolean =>
    subnet['AvailabilityZone'] === zone &&
    (wanted.vpcId ?? subnet['VpcId']) === subnet['VpcId'] &&
    !isFull(world, subnet);
  const known = subnets.find((subnet) =>
    wanted.subnetId === undefined ? fits(subnet) : subnet['SubnetId'] === wanted.subnetId,
  );
  if (known !== undefined) return known;
  const subnet: Shape = {
    SubnetId: wanted.subnetId ?? world.id('subnet'),
    VpcId: wanted.vpcId ?? defaultVpc(world),
    AvailabilityZone: zone,
    ...(wanted.isIpv6Only === true ? { Ipv6Native: true } : { CidrBlock: nextCidrBlock(subnets.length) }),
    State: 'available',
    MapPublicIpOnLaunch: false,
    OwnerId: world.account,
    Tags: [],
  };
  subnets.push(subnet);
  return subnet;
}

function defaultVpc(world: World): string {
  const known = text(records(world, 'Vpcs')[0], 'VpcId');
  if (known !== undefined) return known;
  const vpc = {
    VpcId: world.id('vpc'),
    CidrBlock: '10.0.0.0/16',
    State: 'available',
    IsDefault: true,
    OwnerId: world.account,
    Tags: [],
  };
  records(world, 'Vpcs').push(vpc);
  return vpc.VpcId;
}
