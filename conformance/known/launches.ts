/** Known differences about launch templates and what is launched from them. */

import { ec2Api, missingError, type Known } from './known.ts';

const RUN = 'ec2:RunInstances';
const NAMES = 'https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html';
const TOKENS = 'https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html';
const GROUPS = 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/placement-groups.html';
const GANG = 'a gang is launched whole into a placement group, once for a client token, and is found by that';

function of(member: string, right: Known['right'], because: string, source: string): Known {
  return { operation: RUN, where: [`Instances[].${member}`], right, because, source };
}

const NO_IMAGE =
  'The scenarios name an image that neither world has; moto makes one up, which is paravirtual and older than these types.';

export const launchDifferences: readonly Known[] = [
  {
    operation: 'ec2:DescribeLaunchTemplateVersions',
    where: ['LaunchTemplateVersions[] count'],
    right: 'simulator',
    because: 'Asked for its default version alone a template has one; moto gives all.',
    source: ec2Api('DescribeLaunchTemplateVersions'),
  },
  {
    operation: 'ec2:DescribeSubnets',
    where: ['Subnets[].AvailabilityZoneId', 'Subnets[].MapPublicIpOnLaunch'],
    right: 'both allowed',
    because:
      "Which zone has which id differs from account to account; moto's subnets are a default VPC's, which give public addresses.",
    source: 'https://docs.aws.amazon.com/ram/latest/userguide/working-with-az-ids.html',
  },
  ...['BlockDeviceMappings[].DeviceName', 'RootDeviceName', 'VirtualizationType', 'KernelId', 'SriovNetSupport'].map(
    (member) => of(member, 'both allowed', NO_IMAGE, ec2Api('Instance')),
  ),
  of(
    'CapacityReservationSpecification',
    'simulator',
    'An instance that asks for no reservation says that it takes any; moto leaves it out.',
    ec2Api('CapacityReservationSpecificationResponse'),
  ),
  of(
    'MetadataOptions',
    'emulator',
    'EC2 says how the metadata of an instance are read. No runbook reads it, and it is not simulated.',
    ec2Api('InstanceMetadataOptionsResponse'),
  ),
  of(
    'NetworkInterfaces[].Attachment.DeleteOnTermination',
    'simulator',
    'The interface that a launch makes goes with its instance, unless it is asked to stay.',
    ec2Api('InstanceNetworkInterfaceAttachment'),
  ),
  of(
    'NetworkInterfaces[].Description',
    'both allowed',
    'An interface is described as the launch says, which says nothing.',
    ec2Api('InstanceNetworkInterface'),
  ),
  of(
    'NetworkInterfaces[].Groups',
    'emulator',
    "Without a security group the VPC's default one is taken; the scenario's VPC has none in the simulator, which invents none.",
    ec2Api('RunInstances'),
  ),
  ...['PrivateDnsName', 'PrivateIpAddresses[].PrivateDnsName'].map((member) =>
    of(
      `NetworkInterfaces[].${member}`,
      'simulator',
      'Outside us-east-1 names end in the Region; moto writes ec2.internal, or none.',
      NAMES,
    ),
  ),
  ...['GroupId', 'GroupName'].map((member) =>
    of(
      `Placement.${member}`,
      'simulator',
      'An instance says in which placement group it is; in moto it is in none.',
      GROUPS,
    ),
  ),
  of(
    'Tags',
    'emulator',
    'EC2 tags what was launched from a template with aws:ec2launchtemplate:id and :version. No runbook reads them, and they are not simulated.',
    'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/launch-templates-limitations.html',
  ),
  missingError(
    RUN,
    'IdempotentParameterMismatch',
    'A client token holds the parameters of its first request; moto knows no tokens.',
    TOKENS,
  ),
  missingError(
    RUN,
    'InvalidPlacementGroup.Unknown',
    'Into a placement group that is not there nothing is launched; moto does not look.',
  ),
  ...['the same again', 'found'].map((fact): Known => ({
    operation: 'fact',
    where: [fact],
    scenario: GANG,
    right: 'simulator',
    because: 'The same token gives the same instances, and finds them; moto launches others, and filters by none.',
    source: TOKENS,
  })),
];
