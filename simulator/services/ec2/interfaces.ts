/** Network interfaces, their private addresses, and what an Elastic IP on one of them changes. */

import { awsError, type Shape, type World } from '../../engine/model.ts';
import { find, isShape, list, part, records, remove, runtimeOf, stateOf, text } from './state.ts';
import { countAddresses, freePrivateIp, subnetIn } from './subnets.ts';

function publicDnsName(world: World, ip: string): string {
  const domain = world.region === 'us-east-1' ? 'compute-1' : `${world.region}.compute`;
  return `ec2-${ip.replaceAll('.', '-')}.${domain}.amazonaws.com`;
}

function privateDnsName(world: World, ip: string): string {
  return `ip-${ip.replaceAll('.', '-')}.${world.region === 'us-east-1' ? 'ec2.internal' : `${world.region}.compute.internal`}`;
}

/** Interfaces attached to an instance, by device index. */
export function interfacesOf(world: World, instanceId: string): Shape[] {
  return records(world, 'NetworkInterfaces')
    .filter((eni) => part(eni, 'Attachment')['InstanceId'] === instanceId)
    .toSorted((a, b) => deviceIndex(a) - deviceIndex(b));
}

function deviceIndex(eni: Shape): number {
  const index = part(eni, 'Attachment')['DeviceIndex'];
  return typeof index === 'number' ? index : 0;
}

/** The entry of a private address on an interface; the primary one if none is named. */
export function privateEntry(eni: Shape, ip: string | undefined): Shape | undefined {
  const entries = list(eni, 'PrivateIpAddresses');
  return entries.find((entry) => (ip === undefined ? entry['Primary'] === true : entry['PrivateIpAddress'] === ip));
}

/** What an interface shows when it has no IPv4 address: an empty list, only IPv6 addresses, or a kind that has none. */
function showsNoIpv4(eni: Shape): boolean {
  const entries: unknown = eni['PrivateIpAddresses'];
  return (
    (Array.isArray(entries) && entries.length === 0) ||
    list(eni, 'Ipv6Addresses').length > 0 ||
    text(eni, 'InterfaceType') === 'efa-only'
  );
}

/** The primary IPv4 address that an interface shows, or gets; none where its subnet or it itself has none. */
function primaryIp(
  world: World,
  eni: Shape,
  zone: string,
): { readonly subnet: Shape; readonly ip: string | undefined } {
  const given = text(eni, 'PrivateIpAddress') ?? text(privateEntry(eni, undefined), 'PrivateIpAddress');
  const hasNone = given === undefined && showsNoIpv4(eni);
  const subnet = subnetIn(world, zone, {
    subnetId: text(eni, 'SubnetId'),
    vpcId: text(eni, 'VpcId'),
    isIpv6Only: hasNone && text(eni, 'InterfaceType') !== 'efa-only',
  });
  if (hasNone || (given === undefined && subnet['Ipv6Native'] === true)) return { subnet, ip: undefined };
  return { subnet, ip: given ?? freePrivateIp(world, subnet) };
}

/** Fills in what every interface has. `eni` is completed in place. */
export function completeInterface(world: World, eni: Shape, zone: string): void {
  const { subnet, ip } = primaryIp(world, eni, zone);
  const defaults: Shape = {
    AvailabilityZone: zone,
    Description: '',
    Groups: [],
    InterfaceType: 'interface',
    Ipv6Addresses: [],
    MacAddress: macAddress(ip, text(eni, 'NetworkInterfaceId') ?? ''),
    OwnerId: world.account,
    ...(ip === undefined ? {} : { PrivateDnsName: privateDnsName(world, ip), PrivateIpAddress: ip }),
    RequesterManaged: false,
    SourceDestCheck: true,
    Status: Object.hasOwn(eni, 'Attachment') ? 'in-use' : 'available',
    SubnetId: subnet['SubnetId'],
    TagSet: [],
    VpcId: subnet['VpcId'],
  };
  for (const [member, value] of Object.entries(defaults)) eni[member] ??= value;
  const entries = list(eni, 'PrivateIpAddresses');
  if (entries.length === 0)
    eni['PrivateIpAddresses'] = ip === undefined ? [] : [{ Primary: true, PrivateIpAddress: ip }];
  for (const entry of list(eni, 'PrivateIpAddresses')) {
    entry['Primary'] ??= entry['PrivateIpAddress'] === ip;
    entry['PrivateDnsName'] ??= privateDnsName(world, text(entry, 'PrivateIpAddress') ?? '');
  }
  const primary = privateEntry(eni, undefined);
  const association = primary?.['Association'] ?? eni['Association'];
  if (primary !== undefined && isShape(association)) setEntryAssociation(eni, primary, association);
}

/** Two interfaces of one VPC never share an address, so this is unique enough; one without an address goes by its id. */
function macAddress(ip: string | undefined, id: string): string {
  const bytes = ip?.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));
  const digits = id
    .replaceAll(/[^0-9a-f]/gu, '')
    .slice(-8)
    .padStart(8, '0');
  return `02:00:${(bytes ?? digits.match(/../gu) ?? []).join(':')}`;
}

/** The IPv6 addresses that an instance's own record shows. */
function ipv6Of(instance: Shape): Shape[] {
  const address = text(instance, 'Ipv6Address');
  return address === undefined ? [] : [{ Ipv6Address: address }];
}

/** The interface that an address mentions at the private address of an instance whose own record does not show any. */
function mentionedId(world: World, instance: Shape): string | undefined {
  const [id, ip] = [text(instance, 'InstanceId'), text(instance, 'PrivateIpAddress')];
  const address = records(world, 'Addresses').find(
    (each) => id !== undefined && each['InstanceId'] === id && (ip === undefined || each['PrivateIpAddress'] === ip),
  );
  const interfaceId = text(address, 'NetworkInterfaceId');
  return find(world, 'NetworkInterfaces', interfaceId) === undefined ? interfaceId : undefined;
}

/** The primary interface of a new instance, attached. */
export function attachPrimaryInterface(world: World, instance: Shape, attachedAt: string): Shape {
  const zone = text(part(instance, 'Placement'), 'AvailabilityZone') ?? '';
  const eni: Shape = {
    NetworkInterfaceId: mentionedId(world, instance) ?? world.id('eni'),
    Attachment: {
      AttachTime: attachedAt,
      AttachmentId: world.id('eni-attach'),
      DeleteOnTermination: true,
      DeviceIndex: 0,
      InstanceId: instance['InstanceId'],
      InstanceOwnerId: world.account,
      NetworkCardIndex: 0,
      Status: 'attached',
    },
    Groups: instance['SecurityGroups'] ?? [],
    Ipv6Addresses: ipv6Of(instance),
    PrivateIpAddress: text(instance, 'PrivateIpAddress'),
    SubnetId: text(instance, 'SubnetId'),
    VpcId: text(instance, 'VpcId'),
  };
  completeInterface(world, eni, zone);
  records(world, 'NetworkInterfaces').push(eni);
  return eni;
}

/** Gives an interface a public address: an automatic one (of AWS's pool, gone at stop) unless `owner` says otherwise. */
export function assignPublicIp(world: World, eni: Shape, ip: string, owner = 'amazon'): void {
  const association = { IpOwnerId: owner, PublicDnsName: publicDnsName(world, ip), PublicIp: ip };
  setEntryAssociation(eni, privateEntry(eni, undefined), association);
}

/** Takes automatic public addresses from an interface. */
function dropPublicIp(eni: Shape): void {
  for (const entry of list(eni, 'PrivateIpAddresses')) {
    if (part(entry, 'Association')['IpOwnerId'] === 'amazon') setEntryAssociation(eni, entry, undefined);
  }
}

function setEntryAssociation(eni: Shape, entry: Shape | undefined, association: Shape | undefined): void {
  if (entry === undefined) return;
  const holders = entry['Primary'] === true ? [entry, eni] : [entry];
  for (const holder of holders) {
    if (association === undefined) delete holder['Association'];
    else holder['Association'] = { ...association };
  }
}

/** An unused address of AWS's pool for automatic ones. The pool is the third network that RFC 5737 keeps for examples. */
function poolAddress(world: World): string {
  const all = [...world.regions.values()].flatMap((one) => records(one, 'NetworkInterfaces'));
  const used = new Set(all.map((eni) => part(eni, 'Association')['PublicIp']));
  for (let last = 1; last < 255; last += 1) {
    if (!used.has(`198.51.100.${last}`)) return `198.51.100.${last}`;
  }
  throw awsError('InsufficientAddressCapacity', 'Insufficient capacity to fulfill your request.', 500);
}

function instanceView(eni: Shape): Shape {
  const view: Shape = {};
  for (const member of [
    'Description',
    'Groups',
    'InterfaceType',
    'Ipv6Addresses',
    'MacAddress',
    'NetworkInterfaceId',
    'OwnerId',
    'PrivateDnsName',
    'PrivateIpAddress',
    'SourceDestCheck',
    'Status',
    'SubnetId',
    'VpcId',
  ]) {
    if (eni[member] !== undefined) view[member] = eni[member];
  }
  const { InstanceId: _instance, InstanceOwnerId: _owner, ...attachment } = part(eni, 'Attachment');
  view['Attachment'] = attachment;
  view['PrivateIpAddresses'] = list(eni, 'PrivateIpAddresses').map((entry) => withoutIds(entry));
  return { ...view, ...withoutIds({ Association: eni['Association'] }) };
}

/** An instance's own view of an association leaves out its ids. */
function withoutIds(holder: Shape): Shape {
  const { Association: association, ...others } = holder;
  if (association === undefined) return others;
  const { AllocationId: _allocation, AssociationId: _association, ...rest } = part(holder, 'Association');
  return { ...others, Association: rest };
}

/** Makes the instance's record repeat what its interfaces say. */
export function syncInstance(
  world: World,
  instance: Shape,
  interfaces = interfacesOf(world, text(instance, 'InstanceId') ?? ''),
): void {
  instance['NetworkInterfaces'] = interfaces.map((eni) => instanceView(eni));
  const [primary] = interfaces;
  const publicIp = text(part(primary, 'Association'), 'PublicIp');
  if (publicIp === undefined) delete instance['PublicIpAddress'];
  else instance['PublicIpAddress'] = publicIp;
  instance['PublicDnsName'] = text(part(primary, 'Association'), 'PublicDnsName') ?? '';
  for (const member of ['PrivateDnsName', 'PrivateIpAddress', 'SubnetId', 'VpcId']) {
    if (primary?.[member] === undefined) delete instance[member];
    else instance[member] = primary[member];
  }
}

function syncHolderOf(world: World, eni: Shape): void {
  const instance = find(world, 'Instances', text(part(eni, 'Attachment'), 'InstanceId'));
  if (instance !== undefined) syncInstance(world, instance);
}

/** Members in which AWS shows an address: a public one, a carrier's, one out of the customer's own pool. */
const ADDRESS_MEMBERS = ['PublicIp', 'CarrierIp', 'CustomerOwnedIp'] as const;

/** How an association shows its address. */
function shownAs(world: World, address: Shape): Shape {
  const publicIp = text(address, 'PublicIp');
  const shown = ADDRESS_MEMBERS.flatMap((member) => (text(address, member) === undefined ? [] : [member]));
  return {
    ...(publicIp === undefined ? {} : { PublicDnsName: publicDnsName(world, publicIp) }),
    ...Object.fromEntries(shown.map((member) => [member, address[member]])),
  };
}

/** Whether an association is with this address. */
export function isWith(association: Shape, address: Shape): boolean {
  return ADDRESS_MEMBERS.some(
    (member) => text(address, member) !== undefined && association[member] === address[member],
  );
}

/** Writes an association into the address and the interface; `associationId` only when the world file names it. */
export function bindAddress(
  world: World,
  address: Shape,
  eni: Shape,
  entry: Shape,
  associationId = world.id('eipassoc'),
): string {
  const holder = text(part(eni, 'Attachment'), 'InstanceId');
  address['AssociationId'] = associationId;
  address['NetworkInterfaceId'] = eni['NetworkInterfaceId'];
  address['NetworkInterfaceOwnerId'] = eni['OwnerId'];
  address['PrivateIpAddress'] = entry['PrivateIpAddress'];
  if (holder === undefined) delete address['InstanceId'];
  else address['InstanceId'] = holder;
  if (part(entry, 'Association')['IpOwnerId'] === 'amazon')
    runtimeOf(world).lostPublicIp.add(text(eni, 'NetworkInterfaceId') ?? '');
  setEntryAssociation(eni, entry, {
    AllocationId: address['AllocationId'],
    AssociationId: associationId,
    IpOwnerId: world.account,
    ...shownAs(world, address),
  });
  syncHolderOf(world, eni);
  return associationId;
}

/** Takes an address from where it is; nothing if it is nowhere. */
export function unbindAddress(world: World, address: Shape): void {
  const eni = find(world, 'NetworkInterfaces', text(address, 'NetworkInterfaceId'));
  const entry = eni === undefined ? undefined : privateEntry(eni, text(address, 'PrivateIpAddress'));
  for (const member of [
    'AssociationId',
    'InstanceId',
    'NetworkInterfaceId',
    'NetworkInterfaceOwnerId',
    'PrivateIpAddress',
  ])
    delete address[member];
  if (eni === undefined) return;
  setEntryAssociation(eni, entry, undefined);
  syncHolderOf(world, eni);
  if (entry?.['Primary'] === true) regainPublicIp(world, eni);
}

/** After an Elastic IP has left an instance that came with a public address: "within a few minutes", the length is assumed. */
const REGAIN_MS = 120_000;

/**
 * An instance whose automatic public address made way for an Elastic IP gets another one when that leaves, as long as it has
 * no second interface; with one it gets none any more.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html
 */
function regainPublicIp(world: World, eni: Shape): void {
  if (!runtimeOf(world).lostPublicIp.delete(text(eni, 'NetworkInterfaceId') ?? '')) return;
  world.assume(`ec2: an instance that gave up its automatic public address has another ${REGAIN_MS / 1000} s later`);
  world.clock.after(REGAIN_MS, () => {
    const holder = find(world, 'Instances', text(part(eni, 'Attachment'), 'InstanceId'));
    if (holder === undefined || stateOf(holder) !== 'running' || eni['Association'] !== undefined) return;
    if (interfacesOf(world, text(holder, 'InstanceId') ?? '').length > 1) return;
    assignPublicIp(world, eni, poolAddress(world));
    syncInstance(world, holder);
  });
}

/**
 * What the end of an instance does to its interfaces: those that go with it give up their Elastic IPs, the others stay, available.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/how-ec2-instance-termination-works.html
 */
export function releaseInterfaces(world: World, instance: Shape): void {
  const id = text(instance, 'InstanceId') ?? '';
  for (const eni of interfacesOf(world, id)) {
    const deleted = part(eni, 'Attachment')['DeleteOnTermination'] === true;
    const addresses = records(world, 'Addresses').filter(
      (address) => address['NetworkInterfaceId'] === eni['NetworkInterfaceId'],
    );
    delete eni['Attachment'];
    if (deleted) {
      for (const address of addresses) unbindAddress(world, address);
      countAddresses(world, [eni], 1);
      remove(world, 'NetworkInterfaces', eni);
    } else {
      eni['Status'] = 'available';
      for (const address of addresses) delete address['InstanceId'];
    }
  }
  syncInstance(world, instance, []);
}

/**
 * When an instance starts in a subnet that maps public addresses, it gets a fresh one unless it has an Elastic IP.
 * `wanted`: what a launch says of it, instead of its subnet.
 */
export function renewPublicIp(world: World, instance: Shape, wanted?: boolean): void {
  const [primary] = interfacesOf(world, text(instance, 'InstanceId') ?? '');
  if (primary === undefined || primary['Association'] !== undefined) return;
  const subnet = find(world, 'Subnets', text(primary, 'SubnetId'));
  if ((wanted ?? subnet?.['MapPublicIpOnLaunch']) !== true) return;
  assignPublicIp(world, primary, poolAddress(world));
  syncInstance(world, instance);
}

/** A stopped instance keeps its Elastic IPs and loses automatic public addresses. */
export function losePublicIp(world: World, instance: Shape): void {
  const interfaces = interfacesOf(world, text(instance, 'InstanceId') ?? '');
  for (const eni of interfaces) dropPublicIp(eni);
  syncInstance(world, instance, interfaces);
}
