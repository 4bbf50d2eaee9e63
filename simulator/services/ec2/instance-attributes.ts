/** Attributes of instances, among them those that DescribeInstances does not show: protection from termination and from stopping. */

import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { mappingsOf, setDeleteOnTermination } from './attachments.ts';
import { refuseMembers } from './ebs-state.ts';
import { read, write } from './filters.ts';
import { demandOne, find, list, part, show, stateOf, text } from './state.ts';

/** By the name that DescribeInstanceAttribute has for it. */
const FLAGS: { readonly [attribute: string]: string } = {
  disableApiStop: 'DisableApiStop',
  disableApiTermination: 'DisableApiTermination',
};

/** An attribute is a bare flag, or as `describe-instance-attribute` prints it. */
export function isSet(instance: Shape, member: string): boolean {
  return instance[member] === true || part(instance, member)['Value'] === true;
}

function describeInstanceAttribute(input: Shape, world: World): object {
  const attribute = text(input, 'Attribute') ?? '';
  const member = Object.hasOwn(FLAGS, attribute) ? FLAGS[attribute] : undefined;
  if (member === undefined) throw new NotSimulatedError(`ec2:DescribeInstanceAttribute ${attribute}`);
  const instance = demandOne(world, 'Instances', show(input['InstanceId']));
  return { InstanceId: instance['InstanceId'], [member]: { Value: isSet(instance, member) } };
}

/** Members of ModifyInstanceAttribute other than the block devices and the two protections. */
const OTHER_ATTRIBUTES = [
  'Attribute',
  'Value',
  'SourceDestCheck',
  'InstanceType',
  'Kernel',
  'Ramdisk',
  'UserData',
  'InstanceInitiatedShutdownBehavior',
  'Groups',
  'EbsOptimized',
  'SriovNetSupport',
  'EnaSupport',
] as const;

/** Which volumes go with the instance. */
function changeVolumes(world: World, instance: Shape, input: Shape): void {
  const changes = list(input, 'BlockDeviceMappings').map((wanted) => {
    refuseMembers('ModifyInstanceAttribute', wanted, ['NoDevice', 'VirtualName']);
    const device = show(wanted['DeviceName']);
    const mapping = mappingsOf(instance).find((shown) => shown['DeviceName'] === device);
    if (mapping === undefined)
      throw awsError('InvalidInstanceAttributeValue', `No device is currently mapped at ${device}`);
    const ebs = part(wanted, 'Ebs');
    const volumeId = show(part(mapping, 'Ebs')['VolumeId']);
    if (ebs['VolumeId'] !== undefined && ebs['VolumeId'] !== volumeId)
      throw new NotSimulatedError(`ec2:ModifyInstanceAttribute of ${device} with another volume than ${volumeId}`);
    return { volumeId, value: ebs['DeleteOnTermination'] };
  });
  for (const { volumeId, value } of changes) {
    const volume = find(world, 'Volumes', volumeId);
    if (volume !== undefined && typeof value === 'boolean') setDeleteOnTermination(world, volume, value);
  }
}

/** Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_ChangingDisableAPITermination.html (not for Spot Instances). */
function demandProtectable(world: World, instance: Shape): void {
  if (instance['InstanceLifecycle'] !== 'spot') return;
  world.assume('ec2: termination protection of a Spot instance is refused as UnsupportedOperation');
  throw awsError('UnsupportedOperation', 'Termination protection cannot be enabled for Spot Instances.');
}

function modifyInstanceAttribute(input: Shape, world: World): object {
  const set = OTHER_ATTRIBUTES.find((member) => input[member] !== undefined);
  if (set !== undefined) throw new NotSimulatedError(`ec2:ModifyInstanceAttribute ${set}`);
  const flags = Object.values(FLAGS).filter((member) => input[member] !== undefined);
  if (flags.length + Number(input['BlockDeviceMappings'] !== undefined) > 1)
    throw awsError('InvalidParameterCombination', 'Fields for multiple attribute types specified');
  const instance = demandOne(world, 'Instances', show(input['InstanceId']));
  if (stateOf(instance) === 'terminated') {
    world.assume('ec2: ModifyInstanceAttribute of a terminated instance is an IncorrectInstanceState');
    throw awsError(
      'IncorrectInstanceState',
      `The instance '${show(instance['InstanceId'])}' is not in a state from which it can be modified.`,
    );
  }
  for (const member of flags) {
    const value = part(input, member)['Value'] === true;
    if (value && member === 'DisableApiTermination') demandProtectable(world, instance);
    instance[member] = value;
  }
  changeVolumes(world, instance, input);
  return {};
}

export const instanceAttributeOperations: { readonly [operation: string]: Operation } = {
  DescribeInstanceAttribute: read('DescribeInstanceAttribute', describeInstanceAttribute),
  ModifyInstanceAttribute: write('ModifyInstanceAttribute', modifyInstanceAttribute),
};
