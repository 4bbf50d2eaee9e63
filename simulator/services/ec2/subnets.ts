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

/** The next free address of a subnet. Throws `InsufficientFreeAddressesInSubnet`. */
export function freePrivateIp(world: World, subnet: Shape): string {
  const [base = '10.0.0.0', bits = '20'] = (text(subnet, 'CidrBlock') ?? '10.0.0.0/20').split('/');
  const first = numberOf(base);
  const id = text(subnet, 'SubnetId') ?? '';
  const { lastPrivateIp } = runtimeOf(world);
  const begin = first + RESERVED_ADDRESSES;
  // The last address of a subnet is reserved too.
  const size = 2 ** (32 - Number(bits)) - RESERVED_ADDRESSES - 1;
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

/** Which subnet is wanted; `isIpv6Only`: what is known of it if it has to be made. */
interface WantedSubnet {
  readonly subnetId?: string | undefined;
  readonly vpcId?: string | undefined;
  readonly isIpv6Only?: boolean;
}

/** The subnet of an id, or the first of a zone; made if there is none. */
export function subnetIn(world: World, zone: string, wanted: WantedSubnet): Shape {
  const subnets = records(world, 'Subnets');
  const fits = (subnet: Shape): boolean =>
    subnet['AvailabilityZone'] === zone && (wanted.vpcId ?? subnet['VpcId']) === subnet['VpcId'];
  const known = subnets.find((subnet) =>
    wanted.subnetId === undefined ? fits(subnet) : subnet['SubnetId'] === wanted.subnetId,
  );
  if (known !== undefined) return known;
  const subnet: Shape = {
    SubnetId: wanted.subnetId ?? world.id('subnet'),
    VpcId: wanted.vpcId ?? defaultVpc(world),
    AvailabilityZone: zone,
    // The layout of a default VPC: one /20 after the other.
    ...(wanted.isIpv6Only === true ? { Ipv6Native: true } : { CidrBlock: `10.0.${(subnets.length * 16) % 256}.0/20` }),
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
