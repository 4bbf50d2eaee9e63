/** Known differences about instances. */

import { ec2Api, missingError, type Known } from './known.ts';

const MALFORMED = 'An id that has not the form of one is InvalidInstanceID.Malformed; moto only knows NotFound.';
const LIFECYCLE = 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html';
const SETTLED =
  'A request for the state that an instance is in already answers with that state, before and after; moto always answers with a change.';
const GONE = 'A terminated instance cannot be stopped or started.';

function settled(operation: string, member: string): Known {
  return {
    operation,
    where: [`${member}[].CurrentState.*`, `${member}[].PreviousState.*`],
    right: 'simulator',
    because: SETTLED,
    source: ec2Api('InstanceStateChange'),
  };
}

export const instanceDifferences: readonly Known[] = [
  ...['DescribeInstances', 'DescribeInstanceStatus', 'StartInstances', 'StopInstances', 'TerminateInstances'].map(
    (name) => missingError(`ec2:${name}`, 'InvalidInstanceID.Malformed', MALFORMED),
  ),
  settled('ec2:StartInstances', 'StartingInstances'),
  settled('ec2:StopInstances', 'StoppingInstances'),
  settled('ec2:TerminateInstances', 'TerminatingInstances'),
  missingError('ec2:StartInstances', 'IncorrectInstanceState', GONE, LIFECYCLE),
  missingError('ec2:StopInstances', 'IncorrectInstanceState', GONE, LIFECYCLE),
  {
    operation: 'ec2:DescribeInstances',
    where: ['Reservations[].Instances[].VirtualizationType'],
    right: 'simulator',
    because:
      'T3 instances are hvm only. Moto does not know the image that the scenarios name and takes it for paravirtual.',
    source: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/virtualization_types.html',
  },
  {
    operation: 'ec2:DescribeInstances',
    where: ['Reservations[].Instances[].StateTransitionReason'],
    right: 'simulator',
    because: 'The reason gives its time in GMT; moto writes UTC.',
    source: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html',
  },
  {
    operation: 'ec2:DescribeInstances',
    where: ['Reservations[].Instances[].AmiLaunchIndex'],
    right: 'both allowed',
    because: 'The index counts within a launch, and a group may launch its members in one request or in two.',
    source: ec2Api('Instance'),
  },
  {
    operation: 'ec2:DescribeInstances',
    where: ['NetworkInterfaces', 'PrivateIpAddress', 'SubnetId', 'VpcId'].map(
      (member) => `Reservations[].Instances[].${member}`,
    ),
    simulator: 'absent',
    right: 'simulator',
    because: 'A terminated instance has no interface and is in no network any more. In moto it keeps both.',
    source: LIFECYCLE,
  },
  {
    operation: 'ec2:DescribeInstanceStatus',
    where: ['InstanceStatuses[].AttachedEbsStatus'],
    right: 'simulator',
    because: 'There are three status checks; moto knows two.',
    source: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-system-instance-status-check.html',
  },
];
