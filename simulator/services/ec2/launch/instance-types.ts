/** Instance types, and where they are offered. What AWS offers is not known here: the world says it. */

import { InstanceTypeInfo$, InstanceTypeOffering$ } from '@aws-sdk/client-ec2';
import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../../engine/model.ts';
import { refuseMembers } from '../ebs-state.ts';
import { filtered, page, read, strings, type FilterPaths } from '../filters.ts';
import { outputOf } from '../shape.ts';
import { find, list, records, show, text } from '../state.ts';

const output = { type: outputOf(InstanceTypeInfo$), offering: outputOf(InstanceTypeOffering$) };

const PAGES = { least: 5, most: 100 };

/** Derives the keys of what has none of AWS's. */
export function completeOfferings(world: World): void {
  for (const offering of records(world, 'InstanceTypeOfferings')) {
    offering['LocationType'] ??= 'availability-zone';
    offering['OfferingId'] = `${show(offering['Location'])}/${show(offering['InstanceType'])}`;
  }
}

/** A type that the world does not have. A written world has all that there are; of a pasted one it is not known. */
export function demandType(world: World, name: string): Shape | undefined {
  const known = find(world, 'InstanceTypes', name);
  if (known !== undefined || records(world, 'InstanceTypes').length === 0) return known;
  if (world.isPasted) throw new NotSimulatedError(`instance type ${name}, which ec2.InstanceTypes does not hold`);
  throw awsError('InvalidParameterValue', `Invalid value '${name}' for InstanceType.`);
}

const TYPE_FILTERS: FilterPaths = {
  'bare-metal': 'BareMetal',
  'current-generation': 'CurrentGeneration',
  hypervisor: 'Hypervisor',
  'instance-type': 'InstanceType',
  'network-info.efa-info.maximum-efa-interfaces': 'NetworkInfo.EfaInfo.MaximumEfaInterfaces',
  'network-info.efa-supported': 'NetworkInfo.EfaSupported',
  'network-info.maximum-network-cards': 'NetworkInfo.MaximumNetworkCards',
  'processor-info.supported-architecture': 'ProcessorInfo.SupportedArchitectures',
  'supported-usage-class': 'SupportedUsageClasses',
  'vcpu-info.default-vcpus': 'VCpuInfo.DefaultVCpus',
};

/** The values of a filter, where each names one thing. */
function namedBy(input: Shape, filter: string): string[] {
  const values = list(input, 'Filters').flatMap((each) => (each['Name'] === filter ? strings(each, 'Values') : []));
  return values.some((value) => /[*?\\]/u.test(value)) ? [] : values;
}

/** Of a written world without any types a launch finds each that it names: so does who asks. */
function typesOf(world: World, input: Shape): Shape[] {
  const all = records(world, 'InstanceTypes');
  const named = [...strings(input, 'InstanceTypes'), ...namedBy(input, 'instance-type')];
  if (all.length > 0 || world.isPasted || named.length === 0) return all;
  world.assume(
    'ec2: where the world has no ec2.InstanceTypes every type that is asked for is there, and nothing more is said of it',
  );
  return [...new Set(named)].map((InstanceType) => ({ InstanceType }));
}

function describeInstanceTypes(input: Shape, world: World): object {
  refuseMembers('DescribeInstanceTypes', input, ['IncludeUnsupportedInRegion']);
  const names = strings(input, 'InstanceTypes');
  const all = typesOf(world, input);
  const unknown = names.filter((name) => !all.some((type) => type['InstanceType'] === name));
  if (all.length === 0 && !world.isPasted)
    throw new NotSimulatedError('ec2:DescribeInstanceTypes of a world without ec2.InstanceTypes');
  if (unknown.length > 0)
    throw awsError(
      'InvalidInstanceType',
      `The following supplied instance types do not exist: [${unknown.join(', ')}]`,
    );
  const wanted = names.length === 0 ? all : all.filter((type) => names.includes(show(type['InstanceType'])));
  const found = filtered('DescribeInstanceTypes', input, wanted, TYPE_FILTERS);
  const { items, rest } = page('DescribeInstanceTypes', input, found, 'InstanceTypes', PAGES);
  return { InstanceTypes: items.map(output.type), ...rest };
}

const OFFERING_FILTERS: FilterPaths = { 'instance-type': 'InstanceType', location: 'Location' };

const ZONE = 'availability-zone';
const ZONE_ID = 'availability-zone-id';

/** An offering at the other of a zone's two names. */
function renamed(world: World, offering: Shape, to: typeof ZONE | typeof ZONE_ID): Shape {
  const [from, member] = to === ZONE ? (['ZoneId', 'ZoneName'] as const) : (['ZoneName', 'ZoneId'] as const);
  const zone = records(world, 'AvailabilityZones').find((one) => one[from] === offering['Location']);
  if (zone?.[member] === undefined)
    throw new NotSimulatedError(
      `an offering in ${show(offering['Location'])}, of which ec2.AvailabilityZones holds no ${member}`,
    );
  return { ...offering, LocationType: to, Location: zone[member] };
}

/** Offerings by zone say those by zone id and by Region, those by zone id say those by zone. In which zones a Region has it no Region says. */
function offeringsBy(world: World, locationType: string): readonly Shape[] {
  const all = records(world, 'InstanceTypeOfferings');
  const of = (type: string): readonly Shape[] => all.filter((offering) => offering['LocationType'] === type);
  const own = of(locationType);
  if (own.length > 0 || all.length === 0) return own;
  const [byZone, byId] = [of(ZONE), of(ZONE_ID)];
  if (locationType === ZONE_ID && byZone.length > 0) return byZone.map((one) => renamed(world, one, ZONE_ID));
  if (locationType === ZONE && byId.length > 0) return byId.map((one) => renamed(world, one, ZONE));
  const inZones = byZone.length > 0 ? byZone : byId;
  if (locationType !== 'region' || inZones.length === 0)
    throw new NotSimulatedError(`offerings by ${locationType}, of which ec2.InstanceTypeOfferings holds none`);
  const types = new Set(inZones.map(({ InstanceType }) => InstanceType));
  return [...types].map((InstanceType) => ({ InstanceType, LocationType: 'region', Location: world.region }));
}

const EVERYWHERE = 'ec2: where the world has no ec2.InstanceTypeOfferings every type is offered in every zone';

/** Of a written world without any offerings: those types that are asked for, in the zones that the world has. */
function assumedOfferings(world: World, input: Shape): Shape[] {
  const types = namedBy(input, 'instance-type');
  const zones = [
    ...records(world, 'AvailabilityZones').map((zone) => show(zone['ZoneName'])),
    ...records(world, 'Subnets').map((subnet) => show(subnet['AvailabilityZone'])),
  ];
  if (types.length === 0)
    throw new NotSimulatedError('ec2:DescribeInstanceTypeOfferings of a world without ec2.InstanceTypeOfferings');
  world.assume(EVERYWHERE);
  return types.flatMap((InstanceType) =>
    [...new Set(zones)].map((Location) => ({ InstanceType, LocationType: 'availability-zone', Location })),
  );
}

function describeInstanceTypeOfferings(input: Shape, world: World): object {
  const locationType = text(input, 'LocationType') ?? 'region';
  if (locationType === 'outpost') throw new NotSimulatedError('ec2:DescribeInstanceTypeOfferings LocationType outpost');
  const isUnsaid = records(world, 'InstanceTypeOfferings').length === 0;
  if (isUnsaid && (world.isPasted || locationType !== 'availability-zone'))
    throw new NotSimulatedError('ec2:DescribeInstanceTypeOfferings of a world without ec2.InstanceTypeOfferings');
  const all = isUnsaid ? assumedOfferings(world, input) : [...offeringsBy(world, locationType)];
  const found = filtered('DescribeInstanceTypeOfferings', input, all, OFFERING_FILTERS);
  const { items, rest } = page('DescribeInstanceTypeOfferings', input, found, undefined, { least: 5, most: 1000 });
  return { InstanceTypeOfferings: items.map(output.offering), ...rest };
}

/** The zones that a type is offered in; `undefined`: the world does not say. */
function zonesOf(world: World, type: string): string[] | undefined {
  const byZone = offeringsBy(world, ZONE);
  if (byZone.length === 0) return undefined;
  return byZone.filter((one) => one['InstanceType'] === type).map((one) => show(one['Location']));
}

/**
 * Refuses a type where it is not offered.
 * @throws `Unsupported` (AwsError)
 */
export function demandOffered(world: World, type: string, zone: string): void {
  const zones = zonesOf(world, type);
  if (zones === undefined) {
    world.assume(EVERYWHERE);
    return;
  }
  if (zones.includes(zone)) return;
  throw awsError(
    'Unsupported',
    `Your requested instance type (${type}) is not supported in your requested Availability Zone (${zone}). Please retry your request by not specifying an Availability Zone${zones.length === 0 ? '' : ` or choosing ${zones.toSorted().join(', ')}`}.`,
  );
}

export const instanceTypeOperations: { readonly [operation: string]: Operation } = {
  DescribeInstanceTypes: read('DescribeInstanceTypes', describeInstanceTypes),
  DescribeInstanceTypeOfferings: read('DescribeInstanceTypeOfferings', describeInstanceTypeOfferings),
};
