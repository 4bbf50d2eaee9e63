/** The network interfaces that instances are launched with. */

import { awsError, type Shape, type World } from '../../../engine/model.ts';
import { refuseMembers } from '../ebs-state.ts';
import { strings } from '../filters.ts';
import { completeInterface } from '../interfaces.ts';
import { demand, list, part, records, show, stamp, text, zoneOf } from '../state.ts';

/** One interface, as a launch asks for it. */
export interface WantedInterface {
  readonly deviceIndex: number;
  readonly card: number;
  readonly kind: string;
  readonly subnetId: string | undefined;
  readonly groups: readonly string[];
  readonly description: string;
  readonly deleteOnTermination: boolean;
  readonly publicIp: boolean | undefined;
}

const UNMODELLED = [
  'AssociateCarrierIpAddress',
  'Ipv4PrefixCount',
  'Ipv4Prefixes',
  'Ipv6AddressCount',
  'Ipv6Addresses',
  'Ipv6PrefixCount',
  'Ipv6Prefixes',
  'NetworkInterfaceId',
  'PrimaryIpv6',
  'PrivateIpAddress',
  'PrivateIpAddresses',
  'SecondaryPrivateIpAddressCount',
] as const;

function numberOf(record: Shape, member: string): number {
  const value = record[member];
  return typeof value === 'number' ? value : 0;
}

function wanted(asked: Shape): WantedInterface {
  refuseMembers('RunInstances NetworkInterfaces', asked, UNMODELLED);
  const publicIp = asked['AssociatePublicIpAddress'];
  return {
    deviceIndex: numberOf(asked, 'DeviceIndex'),
    card: numberOf(asked, 'NetworkCardIndex'),
    kind: text(asked, 'InterfaceType') ?? 'interface',
    subnetId: text(asked, 'SubnetId'),
    groups: strings(asked, 'Groups'),
    description: text(asked, 'Description') ?? '',
    deleteOnTermination: asked['DeleteOnTermination'] !== false,
    publicIp: typeof publicIp === 'boolean' ? publicIp : undefined,
  };
}

const PLAIN: WantedInterface = {
  deviceIndex: 0,
  card: 0,
  kind: 'interface',
  subnetId: undefined,
  groups: [],
  description: '',
  deleteOnTermination: true,
  publicIp: undefined,
};

/** Seen by users of the API, also where the interfaces are the template's: github.com/hashicorp/terraform-provider-aws/issues/33536. */
function refuseBoth(merged: Shape): void {
  const not = (what: string): Error =>
    awsError(
      'InvalidParameterCombination',
      `Network interfaces and an instance-level ${what} may not be specified on the same request`,
    );
  if (text(merged, 'SubnetId') !== undefined) throw not('subnet ID');
  if (strings(merged, 'SecurityGroupIds').length > 0) throw not('security groups');
}

/**
 * The interfaces of a request and its template; a request's stand instead of the template's, all of them.
 * @throws `InvalidParameterCombination` (AwsError) for both interfaces and a subnet or groups of the instance
 */
export function interfacesAsked(merged: Shape): readonly WantedInterface[] {
  const asked = list(merged, 'NetworkInterfaces');
  if (asked.length === 0)
    return [{ ...PLAIN, subnetId: text(merged, 'SubnetId'), groups: strings(merged, 'SecurityGroupIds') }];
  refuseBoth(merged);
  return asked.map(wanted).toSorted((one, other) => one.card - other.card || one.deviceIndex - other.deviceIndex);
}

function invalid(message: string, code = 'InvalidParameterValue'): Error {
  return awsError(code, message);
}

/** EFA has a card for each interface. Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/efa.html (limitations). */
function demandCards(name: string, efa: readonly WantedInterface[]): void {
  const cards = efa.map(({ card }) => card);
  if (new Set(cards).size < cards.length)
    throw invalid(`The instance type '${name}' supports one EFA interface for each network card.`);
  // Seen by users of the API, and described by no operation: github.com/aws/aws-parallelcluster/issues/7143.
  if (name.startsWith('p6-b300.') && cards.includes(0))
    throw invalid(`Network card 0 of the instance type '${name}' does not support EFA interfaces.`);
}

/** Of one type: how many interfaces, EFA ones and cards it has. What the world does not say is not held against anybody. */
function demandFits(world: World, interfaces: readonly WantedInterface[], type: Shape | undefined): void {
  const network = part(type, 'NetworkInfo');
  const name = show(type?.['InstanceType']);
  const efa = interfaces.filter(({ kind }) => kind === 'efa' || kind === 'efa-only');
  if (type === undefined || Object.keys(network).length === 0) return;
  world.assume(
    'ec2: interfaces that an instance type cannot have are refused as InvalidParameter…, whatever the words',
  );
  if (efa.length > 0 && network['EfaSupported'] !== true)
    throw invalid(`EFA interfaces are not supported by the instance type '${name}'.`, 'InvalidParameterCombination');
  const most = part(network, 'EfaInfo')['MaximumEfaInterfaces'];
  if (typeof most === 'number' && efa.length > most)
    throw invalid(`The instance type '${name}' supports at most ${most} EFA interfaces.`);
  demandCards(name, efa);
  const cards = list(network, 'NetworkCards');
  if (cards.length === 0) return;
  for (const { card, deviceIndex } of interfaces) {
    const known = cards.find((each) => numberOf(each, 'NetworkCardIndex') === card);
    if (known === undefined) throw invalid(`The instance type '${name}' has no network card ${card}.`);
    const room = known['MaximumNetworkInterfaces'];
    // Words as users of the API saw them: github.com/eksctl-io/eksctl/issues/7520.
    if (typeof room === 'number' && deviceIndex >= room)
      throw invalid(
        `The specified number '${deviceIndex}' for the device index exceeds the maximum number of network interfaces supported by the network card.`,
      );
  }
}

/** Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceNetworkInterfaceSpecification.html */
function demandLayout(interfaces: readonly WantedInterface[]): void {
  const places = new Set(interfaces.map(({ card, deviceIndex }) => `${card}/${deviceIndex}`));
  if (places.size < interfaces.length) throw invalid('Each network interface requires a unique device index.');
  const primary = interfaces.find(({ card, deviceIndex }) => card === 0 && deviceIndex === 0);
  if (primary === undefined) throw invalid('A primary network interface (device index 0) is required.');
  if (primary.kind === 'efa-only') throw invalid('The primary network interface cannot be of type efa-only.');
  if (interfaces.length > 1 && interfaces.some(({ publicIp }) => publicIp === true))
    throw invalid(
      'The associatePublicIPAddress parameter cannot be specified when launching with multiple network interfaces.',
      'InvalidParameterCombination',
    );
}

function demandGroups(world: World, interfaces: readonly WantedInterface[], subnet: Shape): void {
  if (records(world, 'SecurityGroups').length === 0) return;
  for (const group of demand(world, 'SecurityGroups', [...new Set(interfaces.flatMap(({ groups }) => groups))]))
    if (group['VpcId'] !== undefined && subnet['VpcId'] !== undefined && group['VpcId'] !== subnet['VpcId'])
      throw invalid(
        `Security group ${show(group['GroupId'])} and subnet ${show(subnet['SubnetId'])} belong to different networks.`,
        'InvalidParameter',
      );
}

/**
 * Checks the interfaces of a launch against its type and its subnet.
 * @throws AwsError for what an instance of the type cannot have
 */
export function demandInterfaces(
  world: World,
  interfaces: readonly WantedInterface[],
  { type, subnet }: { readonly type: Shape | undefined; readonly subnet: Shape },
): void {
  demandLayout(interfaces);
  demandFits(world, interfaces, type);
  demandGroups(world, interfaces, subnet);
}

/** How many addresses of the subnet an instance with these interfaces takes: `efa-only` ones have none. */
export function addressesFor(interfaces: readonly WantedInterface[]): number {
  return interfaces.filter(({ kind }) => kind !== 'efa-only').length;
}

/** Security groups as an instance and its interfaces show them: by default the VPC's own `default`. */
export function groupsShown(world: World, ids: readonly string[], subnet: Shape): Shape[] {
  const known = records(world, 'SecurityGroups');
  const byDefault = known.filter((each) => each['VpcId'] === subnet['VpcId'] && each['GroupName'] === 'default');
  const found =
    ids.length === 0 ? byDefault : ids.map((id) => known.find((each) => each['GroupId'] === id) ?? { GroupId: id });
  return found.map(({ GroupId, GroupName }) => ({ GroupId, ...(GroupName === undefined ? {} : { GroupName }) }));
}

/** Makes and attaches the interfaces of an instance that is being launched. */
export function attachInterfaces(
  world: World,
  instance: Shape,
  {
    interfaces,
    subnet,
    tags,
  }: { readonly interfaces: readonly WantedInterface[]; readonly subnet: Shape; readonly tags: readonly Shape[] },
): void {
  for (const each of interfaces) {
    const eni: Shape = {
      NetworkInterfaceId: world.id('eni'),
      Attachment: {
        AttachTime: stamp(world),
        AttachmentId: world.id('eni-attach'),
        DeleteOnTermination: each.deleteOnTermination,
        DeviceIndex: each.deviceIndex,
        InstanceId: instance['InstanceId'],
        InstanceOwnerId: world.account,
        NetworkCardIndex: each.card,
        Status: 'attached',
      },
      Description: each.description,
      Groups: groupsShown(world, each.groups, subnet),
      InterfaceType: each.kind,
      SubnetId: subnet['SubnetId'],
      VpcId: subnet['VpcId'],
      TagSet: tags.map((tag) => ({ ...tag })),
    };
    completeInterface(world, eni, zoneOf(instance));
    records(world, 'NetworkInterfaces').push(eni);
  }
}
