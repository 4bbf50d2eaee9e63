/** What a launch is to be: the request over its launch template, every member either understood or refused. */

import { awsError, NotSimulatedError, type Shape, type World } from '../../../engine/model.ts';
import { refuseMembers } from '../ebs-state.ts';
import { demandType } from './instance-types.ts';
import { interfacesAsked, type WantedInterface } from './interfaces.ts';
import { templateOf, versionOf } from './launch-templates.ts';
import { groupOf } from './placement-groups.ts';
import { demandOne, isShape, list, part, records, show, text } from '../state.ts';
import { demandTag } from '../tags.ts';

type LaunchMarket = 'on-demand' | 'spot' | 'capacity-block';

/** A launch, understood. */
export interface LaunchSpec {
  readonly imageId: string;
  readonly instanceType: string;
  /** The record of its type; `undefined` where the world has no types at all. */
  readonly type: Shape | undefined;
  readonly subnet: Shape;
  readonly zone: string;
  readonly group: Shape | undefined;
  readonly market: LaunchMarket;
  readonly reservation: Shape;
  readonly interfaces: readonly WantedInterface[];
  readonly mappings: readonly Shape[];
  readonly tags: { readonly [resourceType: string]: readonly Shape[] };
  /** Members that the instance shows as they were asked for. */
  readonly shown: Shape;
}

/** What would change a launch in a way that is not known here. */
const UNMODELLED = [
  'AdditionalInfo',
  'ElasticGpuSpecification',
  'ElasticGpuSpecifications',
  'ElasticInferenceAccelerators',
  'EnablePrimaryIpv6',
  'HibernationOptions',
  'InstanceRequirements',
  'Ipv6AddressCount',
  'Ipv6Addresses',
  'KernelId',
  'LicenseSpecifications',
  'Operator',
  'PrivateIpAddress',
  'RamDiskId',
  'RamdiskId',
  'SecondaryInterfaces',
  'SecurityGroups',
] as const;

const UNMODELLED_PLACEMENT = ['Affinity', 'HostId', 'HostResourceGroupArn', 'SpreadDomain'] as const;

/** Of the tags that RunInstances takes. Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html (TagSpecification). */
const TAGGED: ReadonlySet<string> = new Set(['instance', 'volume', 'network-interface', 'spot-instances-request']);

function templateData(world: World, input: Shape): Shape {
  const wanted = input['LaunchTemplate'];
  if (!isShape(wanted)) return {};
  const version = versionOf(world, templateOf(world, wanted), text(wanted, 'Version'));
  return part(version, 'LaunchTemplateData');
}

/** Tags of the request win over those of the template, key by key. */
function tagsFor(world: World, template: Shape, input: Shape): { [type: string]: Shape[] } {
  const merged = new Map<string, Map<string, Shape>>();
  const given = [...list(template, 'TagSpecifications'), ...list(input, 'TagSpecifications')];
  for (const specification of given) {
    const type = text(specification, 'ResourceType') ?? '';
    if (!TAGGED.has(type))
      throw awsError('InvalidParameterValue', `'${type}' is not a valid taggable resource type for this operation.`);
    const tags = merged.get(type) ?? new Map<string, Shape>();
    for (const tag of list(specification, 'Tags')) {
      const checked = demandTag(text(tag, 'Key') ?? '', text(tag, 'Value') ?? '');
      tags.set(checked.Key, checked);
    }
    merged.set(type, tags);
  }
  if (list(template, 'TagSpecifications').length > 0 && list(input, 'TagSpecifications').length > 0)
    world.assume('ec2: tags of RunInstances are added to those of its launch template and win over them');
  return Object.fromEntries([...merged].map(([type, tags]) => [type, [...tags.values()]]));
}

function marketFor(options: Shape): LaunchMarket {
  const type = text(options, 'MarketType') ?? 'on-demand';
  const spot = part(options, 'SpotOptions');
  if (text(spot, 'SpotInstanceType') === 'persistent')
    throw new NotSimulatedError('ec2:RunInstances of a persistent Spot request');
  const behaviour = text(spot, 'InstanceInterruptionBehavior') ?? 'terminate';
  if (behaviour !== 'terminate')
    throw awsError(
      'InvalidParameterCombination',
      `Interruption behavior ${behaviour} is supported for persistent Spot requests only.`,
    );
  refuseMembers('RunInstances SpotOptions', spot, ['BlockDurationMinutes', 'ValidUntil']);
  if (type === 'on-demand' || type === 'spot' || type === 'capacity-block') return type;
  throw new NotSimulatedError(`ec2:RunInstances MarketType ${type}`);
}

function subnetFor(world: World, merged: Shape, interfaces: readonly WantedInterface[]): Shape {
  const ids = new Set(interfaces.map(({ subnetId }) => subnetId));
  if (ids.size > 1)
    throw new NotSimulatedError('ec2:RunInstances with interfaces in several subnets, or in one and in none');
  const id = [...ids][0] ?? text(merged, 'SubnetId');
  const zone = text(part(merged, 'Placement'), 'AvailabilityZone');
  const byDefault = records(world, 'Subnets').find(
    (subnet) => subnet['DefaultForAz'] === true && subnet['AvailabilityZone'] === zone,
  );
  const subnet = id === undefined ? byDefault : demandOne(world, 'Subnets', id);
  if (subnet === undefined)
    throw new NotSimulatedError('ec2:RunInstances without a subnet, in a zone whose default one is not in ec2.Subnets');
  if (text(subnet, 'AvailabilityZone') === undefined)
    throw new NotSimulatedError(
      `ec2:RunInstances into ${show(subnet['SubnetId'])}, whose AvailabilityZone is not known`,
    );
  if (zone !== undefined && zone !== subnet['AvailabilityZone'])
    throw new NotSimulatedError('ec2:RunInstances with another zone than that of its subnet');
  return subnet;
}

/** Members that an instance repeats in another form, or as they are. */
function shownMembers(world: World, merged: Shape): Shape {
  const shown: Shape = {};
  for (const member of ['KeyName', 'EbsOptimized', 'CpuOptions', 'DisableApiTermination', 'DisableApiStop'])
    if (merged[member] !== undefined) shown[member] = structuredClone(merged[member]);
  const profile = part(merged, 'IamInstanceProfile');
  const name = text(profile, 'Name');
  const arn = text(profile, 'Arn') ?? (name && `arn:aws:iam::${world.account}:instance-profile/${name}`);
  if (arn !== undefined) shown['IamInstanceProfile'] = { Arn: arn };
  if (part(merged, 'Monitoring')['Enabled'] === true) shown['Monitoring'] = { State: 'pending' };
  const metadata = part(merged, 'MetadataOptions');
  if (Object.keys(metadata).length > 0) shown['MetadataOptions'] = { ...metadata, State: 'applied' };
  return shown;
}

function groupFor(world: World, placement: Shape): Shape | undefined {
  const [name, id] = [text(placement, 'GroupName'), text(placement, 'GroupId')];
  if (name !== undefined && id !== undefined)
    throw awsError('InvalidParameterCombination', 'The parameters GroupName and GroupId may not be used together.');
  return name === undefined && id === undefined ? undefined : groupOf(world, { name, id });
}

/** Of a placement, a group that the request names stands instead of the template's, by whichever of its two names. */
function placementFor(template: Shape, input: Shape): Shape {
  const own = part(input, 'Placement');
  const { GroupName: _name, GroupId: _id, ...others } = part(template, 'Placement');
  const namesGroup = text(own, 'GroupName') !== undefined || text(own, 'GroupId') !== undefined;
  const placement = { ...(namesGroup ? others : part(template, 'Placement')), ...own };
  refuseMembers('RunInstances Placement', placement, UNMODELLED_PLACEMENT);
  if ((text(placement, 'Tenancy') ?? 'default') !== 'default')
    throw new NotSimulatedError(`ec2:RunInstances Tenancy ${show(placement['Tenancy'])}`);
  return placement;
}

function required(merged: Shape, member: string): string {
  const value = text(merged, member);
  if (value === undefined) throw awsError('MissingParameter', `The request must contain the parameter ${member}`);
  return value;
}

/**
 * Reads a RunInstances request.
 * @throws AwsError as EC2 does for what cannot be meant; NotSimulatedError for what is not modelled
 */
export function launchSpec(input: Shape, world: World): LaunchSpec {
  const template = templateData(world, input);
  const asked = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  const merged: Shape = { ...template, ...asked, Placement: placementFor(template, input) };
  for (const given of [template, input]) refuseMembers('RunInstances', given, UNMODELLED);
  const imageId = required(merged, 'ImageId');
  const instanceType = text(merged, 'InstanceType');
  if (instanceType === undefined) throw new NotSimulatedError('ec2:RunInstances without an InstanceType');
  const type = demandType(world, instanceType);
  const market = marketFor(part(merged, 'InstanceMarketOptions'));
  if (market === 'spot' && merged['DisableApiTermination'] === true) {
    world.assume('ec2: RunInstances with DisableApiTermination of Spot instances is an InvalidParameterCombination');
    throw awsError('InvalidParameterCombination', 'Termination protection cannot be enabled for Spot Instances.');
  }
  const interfaces = interfacesAsked(merged);
  const subnet = subnetFor(world, merged, interfaces);
  return {
    imageId,
    instanceType,
    type,
    subnet,
    zone: text(subnet, 'AvailabilityZone') ?? '',
    group: groupFor(world, part(merged, 'Placement')),
    market,
    reservation: part(merged, 'CapacityReservationSpecification'),
    interfaces,
    mappings: list(merged, 'BlockDeviceMappings'),
    tags: tagsFor(world, template, input),
    shown: shownMembers(world, merged),
  };
}
