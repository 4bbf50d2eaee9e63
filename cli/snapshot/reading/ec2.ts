/** EC2: instances and what they are made of, networks, and what fleets are launched from. */

import type { Row } from '../asking.ts';
import { chunks, distinct, rowsOf, section, tagIn, textOf, type Place, type Section } from './place.ts';

/** Images, and types, that one request may name. Source: API_DescribeInstanceTypes, InstanceType.N: at most 100. */
const NAMED_AT_ONCE = 100;

/** The tag of a fleet's launch template. */
const FLEET_TAG = 'runbook:hpc-queue';

async function instances({ ask, region }: Place): Promise<readonly Row[] | undefined> {
  const reservations = await ask.all(region, 'ec2:DescribeInstances', {}, 'Reservations');
  return reservations?.flatMap(({ ReservationId, Instances }) =>
    rowsOf(Instances).map((one) => ({ ...one, ...(ReservationId === undefined ? {} : { ReservationId }) })),
  );
}

/** Gone ones have no attributes. */
function isGone({ State: state }: Row): boolean {
  const [{ Name: name } = {}] = rowsOf([state]);
  return name === 'terminated' || name === 'shutting-down';
}

/** Protection from termination and from stopping. No other attribute is asked for: one of them is the user data. */
async function withProtection({ ask, region }: Place, instance: Row): Promise<Row> {
  if (isGone(instance)) return instance;
  const flag = async (Attribute: string, member: string): Promise<Row> => {
    const { InstanceId } = instance;
    const answer = await ask.one(region, 'ec2:DescribeInstanceAttribute', { InstanceId, Attribute });
    return answer?.[member] === undefined ? {} : { [member]: answer[member] };
  };
  const found = await ask.each(
    [
      ['disableApiTermination', 'DisableApiTermination'],
      ['disableApiStop', 'DisableApiStop'],
    ] as const,
    ([attribute, member]) => flag(attribute, member),
  );
  return found.reduce((whole, flagged) => ({ ...whole, ...flagged }), instance);
}

async function prefixLists({ ask, region }: Place): Promise<readonly Row[] | undefined> {
  const lists = await ask.all(region, 'ec2:DescribeManagedPrefixLists', {}, 'PrefixLists');
  if (lists === undefined) return undefined;
  return ask.each(lists, async (list) => {
    const { PrefixListId } = list;
    const Entries = await ask.all(region, 'ec2:GetManagedPrefixListEntries', { PrefixListId }, 'Entries');
    return { ...list, ...(Entries === undefined ? {} : { Entries }) };
  });
}

async function versions({ ask, region }: Place, templates: readonly Row[]): Promise<readonly Row[] | undefined> {
  const found = await ask.each(templates, ({ LaunchTemplateId }) =>
    ask.all(region, 'ec2:DescribeLaunchTemplateVersions', { LaunchTemplateId }, 'LaunchTemplateVersions'),
  );
  const known = found.flatMap((one) => (one === undefined ? [] : [one]));
  return known.length === found.length ? known.flat() : undefined;
}

/** What a template may launch: its own type, and the image. */
function launched(data: readonly Row[], member: string): readonly string[] {
  return distinct(
    data.flatMap(({ LaunchTemplateData }) => rowsOf([LaunchTemplateData]).map((one) => textOf(one[member]))),
  );
}

/** Types of which a fleet may be made: of its template, of a ladder's rungs, of what runs. */
async function types(
  { ask, region }: Place,
  names: readonly string[],
): Promise<Record<'InstanceTypes' | 'InstanceTypeOfferings', readonly Row[] | undefined>> {
  const parts = chunks(names, NAMED_AT_ONCE);
  const all = async (call: string, inputOf: (part: readonly string[]) => object, member: string) => {
    const found = await ask.each(parts, (part) => ask.all(region, call, inputOf(part), member));
    return found.some((one) => one === undefined) ? undefined : found.flatMap((one) => one ?? []);
  };
  // A name that AWS does not know refuses its whole request.
  const named = (part: readonly string[]) => ({ Filters: [{ Name: 'instance-type', Values: part }] });
  return {
    InstanceTypes: await all('ec2:DescribeInstanceTypes', named, 'InstanceTypes'),
    InstanceTypeOfferings: await all(
      'ec2:DescribeInstanceTypeOfferings',
      (part) => ({ ...named(part), LocationType: 'availability-zone' }),
      'InstanceTypeOfferings',
    ),
  };
}

/** Images by their ids, each by itself: one that is gone would refuse the request for all. */
async function imagesOf({ ask, region }: Place, ids: readonly string[]): Promise<readonly Row[]> {
  const found = await ask.each(ids, (id) => ask.one(region, 'ec2:DescribeImages', { ImageIds: [id] }));
  return found.flatMap((one) => rowsOf(one?.['Images']));
}

/**
 * Launch templates with what they need: versions, types, offerings, images, placement groups, reservations.
 * @param rungs texts of ladders, in which other types may be named
 */
export async function readLaunches(
  place: Place,
  instancesRead: readonly Row[],
  rungs: readonly string[],
): Promise<Section> {
  const { ask, region } = place;
  const templates = await ask.all(region, 'ec2:DescribeLaunchTemplates', {}, 'LaunchTemplates');
  const all = templates === undefined ? undefined : await versions(place, templates);
  const fleets = new Set(
    (templates ?? []).filter((one) => tagIn(one, FLEET_TAG) !== undefined).map((one) => one['LaunchTemplateId']),
  );
  const ofFleets = (all ?? []).filter((one) => fleets.has(one['LaunchTemplateId']));
  const inRungs = rungs.flatMap(
    (text) => text.match(/\b[a-z][a-z0-9-]*\.(?:metal|nano|micro|small|medium|[0-9]*x?large)[a-z0-9-]*\b/gu) ?? [],
  );
  const running = fleets.size === 0 ? [] : instancesRead.map((one) => textOf(one['InstanceType']));
  const names = distinct([...launched(ofFleets, 'InstanceType'), ...inRungs, ...running]);
  const images = distinct([...launched(all ?? [], 'ImageId'), ...instancesRead.map((one) => textOf(one['ImageId']))]);
  const [placement, reserved, described, offered] = await Promise.all([
    ask.all(region, 'ec2:DescribePlacementGroups', {}, 'PlacementGroups'),
    ask.all(region, 'ec2:DescribeCapacityReservations', {}, 'CapacityReservations'),
    imagesOf(
      place,
      images.filter((one) => one.startsWith('ami-')),
    ),
    names.length === 0
      ? Promise.resolve({ InstanceTypes: undefined, InstanceTypeOfferings: undefined })
      : types(place, names),
  ]);
  return section({
    LaunchTemplates: templates,
    LaunchTemplateVersions: all,
    PlacementGroups: placement,
    CapacityReservations: reserved,
    Images: described,
    ...offered,
  });
}

/** EC2 but for what is launched from. */
export async function readEc2(place: Place): Promise<Section> {
  const { ask, region } = place;
  const list = (call: string, member: string, input: object = {}) => ask.all(region, `ec2:${call}`, input, member);
  const found = await instances(place);
  const protectedOnes = found === undefined ? undefined : await ask.each(found, (one) => withProtection(place, one));
  return section({
    Instances: protectedOnes,
    InstanceStatuses: await list('DescribeInstanceStatus', 'InstanceStatuses', { IncludeAllInstances: true }),
    Addresses: await list('DescribeAddresses', 'Addresses'),
    NetworkInterfaces: await list('DescribeNetworkInterfaces', 'NetworkInterfaces'),
    Volumes: await list('DescribeVolumes', 'Volumes'),
    Snapshots: await list('DescribeSnapshots', 'Snapshots', { OwnerIds: ['self'] }),
    SpotInstanceRequests: await list('DescribeSpotInstanceRequests', 'SpotInstanceRequests'),
    AvailabilityZones: await list('DescribeAvailabilityZones', 'AvailabilityZones'),
    Subnets: await list('DescribeSubnets', 'Subnets'),
    Vpcs: await list('DescribeVpcs', 'Vpcs'),
    VpcPeeringConnections: await list('DescribeVpcPeeringConnections', 'VpcPeeringConnections'),
    ManagedPrefixLists: await prefixLists(place),
    NetworkAcls: await list('DescribeNetworkAcls', 'NetworkAcls'),
    SecurityGroups: await list('DescribeSecurityGroups', 'SecurityGroups'),
  });
}
