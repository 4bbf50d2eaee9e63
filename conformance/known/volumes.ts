/** Known differences about volumes and snapshots. */

import { EC2_ERRORS, ec2Api, missingError, type Known } from './known.ts';

const IDEMPOTENT = 'https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html';
const ATTACHING = 'https://docs.aws.amazon.com/ebs/latest/userguide/ebs-attaching-volume.html';
const TOKEN =
  'A client token makes a repeat answer with the first result, and refuses other parameters. Moto ignores it.';

export const volumeDifferences: readonly Known[] = [
  {
    operation: 'ec2:AttachVolume',
    where: ['DeleteOnTermination'],
    right: 'both allowed',
    because: "The member is documented for the answer, and AWS's own examples of the answer leave it out.",
    source: ec2Api('AttachVolume'),
  },
  {
    operation: 'ec2:DetachVolume',
    where: ['DeleteOnTermination'],
    right: 'both allowed',
    because: "The member is documented for the answer, and AWS's own examples of the answer leave it out.",
    source: ec2Api('DetachVolume'),
  },
  {
    operation: 'ec2:DescribeVolumes',
    where: ['Volumes[].Attachments[].DeleteOnTermination'],
    right: 'simulator',
    because: 'Every attachment says whether the volume goes with its instance. Moto leaves it out.',
    source: ec2Api('VolumeAttachment'),
  },
  missingError(
    'ec2:AttachVolume',
    'VolumeInUse',
    'An attached volume cannot be attached to another instance. Moto moves it.',
  ),
  missingError(
    'ec2:AttachVolume',
    'InvalidVolume.ZoneMismatch',
    'A volume can be attached only within its zone. Moto does not look.',
    EC2_ERRORS,
  ),
  missingError(
    'ec2:AttachVolume',
    'InvalidParameterValue',
    'A device name is used once on an instance. Moto uses it twice.',
    ATTACHING,
  ),
  missingError(
    'ec2:DetachVolume',
    'IncorrectState',
    'A volume that is not attached cannot be detached. Moto fails on the request.',
  ),
  missingError(
    'ec2:DetachVolume',
    'InvalidAttachment.NotFound',
    'A volume on another instance is not detached. Moto detaches it from wherever it is.',
  ),
  {
    operation: 'ec2:CreateVolume',
    where: ['State'],
    right: 'simulator',
    because: 'A volume is `creating` first. In moto it is there at once.',
    source: 'https://docs.aws.amazon.com/ebs/latest/userguide/ebs-describing-volumes.html',
  },
  {
    operation: 'ec2:CreateVolume',
    where: ['MultiAttachEnabled', 'Throughput'],
    right: 'simulator',
    because: 'A gp3 volume has 125 MiB/s unless told otherwise, and an answer names both members.',
    source: 'https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html',
  },
  {
    operation: 'ec2:DescribeVolumes',
    where: ['Volumes[].MultiAttachEnabled', 'Volumes[].Throughput'],
    right: 'simulator',
    because: 'A gp3 volume has 125 MiB/s unless told otherwise, and an answer names both members.',
    source: 'https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html',
  },
  missingError('ec2:CreateVolume', 'IdempotentParameterMismatch', TOKEN, IDEMPOTENT),
  {
    operation: 'fact',
    where: ['a repeat with the same client token answers with the same volume'],
    right: 'simulator',
    because: TOKEN,
    source: IDEMPOTENT,
  },
  missingError(
    'ec2:CreateVolume',
    'InvalidZone.NotFound',
    'A zone that does not exist is refused. Moto makes the volume.',
  ),
  {
    operation: 'ec2:CreateSnapshot',
    where: ['Progress', 'State'],
    right: 'simulator',
    because: 'A snapshot is `pending` first, without progress. In moto it is completed at once.',
    source: ec2Api('CreateSnapshot'),
  },
  {
    operation: 'ec2:CreateSnapshots',
    where: ['Snapshots[].Progress', 'Snapshots[].State'],
    right: 'simulator',
    because: 'The snapshots of a set are `pending` first, without progress.',
    source: ec2Api('CreateSnapshots'),
  },
  {
    operation: 'ec2:CreateSnapshots',
    where: ['Snapshots[].Tags[]*'],
    right: 'simulator',
    because:
      'CopyTagsFromSource gives each snapshot the tags of its volume beside those of the request. Moto ignores it.',
    source: ec2Api('CreateSnapshots'),
  },
  {
    operation: 'ec2:DescribeSnapshots',
    where: ['Snapshots[].Tags[]*'],
    right: 'simulator',
    because:
      'CopyTagsFromSource gives each snapshot the tags of its volume beside those of the request. Moto ignores it.',
    source: ec2Api('CreateSnapshots'),
  },
  {
    operation: 'ec2:CreateSnapshots',
    where: ['Snapshots[] count'],
    scenario: 'one data volume is left out of a set of snapshots',
    right: 'simulator',
    because: 'ExcludeDataVolumeIds leaves volumes out. Moto ignores it.',
    source: ec2Api('InstanceSpecification'),
  },
  {
    operation: 'ec2:DescribeSnapshots',
    where: ['Snapshots[].CompletionTime'],
    right: 'simulator',
    because: 'A completed snapshot says when it was.',
    source: ec2Api('Snapshot'),
  },
];
