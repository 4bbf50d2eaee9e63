/** Known differences about addresses, interfaces, zones and tags. */

import { EC2_ERRORS, ec2Api, missingError, type Known } from './known.ts';

const UNSAID = 'an address in a VPC moves when nothing is said about reassociation';
const REPEATED = 'associating again where the address is changes nothing';
const REASSOCIATION =
  'Reassociation is automatic in a VPC: only AllowReassociation false makes the request fail. Moto refuses unless it is true.';
const DNS = 'https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html';

export const addressDifferences: readonly Known[] = [
  {
    operation: 'ec2:AssociateAddress',
    where: ['error'],
    simulator: 'answers',
    scenario: UNSAID,
    right: 'simulator',
    because: REASSOCIATION,
    source: ec2Api('AssociateAddress'),
  },
  {
    operation: 'ec2:DescribeAddresses',
    where: ['Addresses[].*'],
    simulator: '<*',
    scenario: UNSAID,
    right: 'simulator',
    because: REASSOCIATION,
    source: ec2Api('AssociateAddress'),
  },
  {
    operation: 'ec2:DescribeInstances',
    where: [
      'Reservations[].Instances[].*Association',
      'Reservations[].Instances[].PublicDnsName',
      'Reservations[].Instances[].PublicIpAddress',
    ],
    scenario: UNSAID,
    right: 'simulator',
    because: REASSOCIATION,
    source: ec2Api('AssociateAddress'),
  },
  {
    operation: 'ec2:DescribeNetworkInterfaces',
    where: ['NetworkInterfaces[].Association'],
    scenario: UNSAID,
    right: 'simulator',
    because: REASSOCIATION,
    source: ec2Api('AssociateAddress'),
  },
  {
    operation: 'ec2:AssociateAddress',
    where: ['AssociationId'],
    scenario: REPEATED,
    right: 'both allowed',
    because:
      'A repeat is documented to be no error; whether its association keeps its id is not said. The runbooks do not read it.',
    source: ec2Api('AssociateAddress'),
  },
  {
    operation: 'fact',
    where: [
      'a repeat answers with the same association',
      'a repeat without permission to reassociate answers with the same association',
    ],
    right: 'both allowed',
    because:
      'A repeat is documented to be no error; whether its association keeps its id is not said. The runbooks do not read it.',
    source: ec2Api('AssociateAddress'),
  },
  missingError(
    'ec2:AssociateAddress',
    'InvalidParameterValue',
    'A private address that the interface does not have cannot be associated; by which code EC2 says so is not documented. Moto does not look at it.',
    ec2Api('AssociateAddress'),
  ),
  {
    operation: 'ec2:DescribeAddresses',
    where: ['Addresses[].*'],
    simulator: 'absent',
    scenario: 'a second address displaces the first from a private address',
    right: 'simulator',
    because:
      'An address that is associated where another is takes its place; the other is free then. In moto both stay.',
    source: ec2Api('AssociateAddress'),
  },
  {
    operation: 'ec2:DescribeAddresses',
    where: ['Addresses[].*'],
    simulator: 'absent',
    scenario: 'an instance that holds an address keeps it when it stops and loses it when it is terminated',
    right: 'simulator',
    because: 'The termination of an instance frees its address. In moto the address stays on an instance that is gone.',
    source: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html',
  },
  {
    operation: 'ec2:DescribeInstances',
    where: [
      'Reservations[].Instances[].NetworkInterfaces[].*Association',
      'Reservations[].Instances[].PublicIpAddress',
    ],
    simulator: 'absent',
    right: 'simulator',
    because: 'An instance whose address moved or was taken away has none. In moto it still shows it.',
    source: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html',
  },
  {
    operation: 'ec2:DescribeNetworkInterfaces',
    where: ['NetworkInterfaces[].Association'],
    simulator: 'absent',
    right: 'simulator',
    because: 'An interface whose address moved or was taken away has none. In moto it still shows it.',
    source: ec2Api('NetworkInterface'),
  },
  {
    operation: 'ec2:DescribeAddresses',
    where: ['Addresses[].InstanceId'],
    simulator: '<standby>',
    scenario: 'an address moves to an interface and a private address',
    right: 'simulator',
    because: 'InstanceId is the instance the address is on, if any, however the association was asked for.',
    source: ec2Api('Address'),
  },
  {
    operation: 'ec2:DescribeAddresses',
    where: ['Addresses[].NetworkBorderGroup', 'Addresses[].PublicIpv4Pool'],
    right: 'simulator',
    because: 'Every address has a border group and a pool, `amazon` unless it was brought along. Moto leaves both out.',
    source: 'https://docs.aws.amazon.com/cli/latest/reference/ec2/describe-addresses.html',
  },
  {
    operation: 'ec2:DescribeNetworkInterfaces',
    where: ['NetworkInterfaces[].PrivateIpAddresses[].Association'],
    right: 'simulator',
    because: 'Each private address shows its own association.',
    source: ec2Api('NetworkInterfacePrivateIpAddress'),
  },
  {
    operation: 'ec2:DescribeNetworkInterfaces',
    where: [
      'NetworkInterfaces[].Association.PublicDnsName',
      'NetworkInterfaces[].PrivateDnsName',
      'NetworkInterfaces[].PrivateIpAddresses[].PrivateDnsName',
    ],
    right: 'simulator',
    because: '`ec2.internal` is the private domain of us-east-1 only, and a public name begins with `ec2-`.',
    source: DNS,
  },
  {
    operation: 'ec2:DescribeInstances',
    where: ['Reservations[].Instances[].*DnsName'],
    right: 'simulator',
    because: '`ec2.internal` is the private domain of us-east-1 only, and a public name begins with `ec2-`.',
    source: DNS,
  },
  {
    operation: 'ec2:DescribeNetworkInterfaces',
    where: ['NetworkInterfaces[].Attachment.DeleteOnTermination'],
    right: 'simulator',
    because: 'The interface that is made with an instance goes with it.',
    source: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html',
  },
  {
    operation: 'ec2:DescribeInstances',
    where: ['Reservations[].Instances[].NetworkInterfaces[].Attachment.DeleteOnTermination'],
    right: 'simulator',
    because: 'The interface that is made with an instance goes with it.',
    source: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html',
  },
  {
    operation: 'ec2:DescribeAvailabilityZones',
    where: [
      'AvailabilityZones[].GroupName',
      'AvailabilityZones[].NetworkBorderGroup',
      'AvailabilityZones[].OptInStatus',
    ],
    right: 'simulator',
    because:
      'Every zone has all three; whether an address may move to a zone is judged by its border group. Moto leaves them out.',
    source: ec2Api('AvailabilityZone'),
  },
  {
    operation: 'ec2:DescribeAvailabilityZones',
    where: ['AvailabilityZones[].ZoneId'],
    right: 'both allowed',
    because: 'Which zone id a zone name stands for differs between accounts.',
    source: 'https://docs.aws.amazon.com/ram/latest/userguide/working-with-az-ids.html',
  },
  missingError(
    'ec2:DescribeAvailabilityZones',
    'InvalidParameterValue',
    'A zone that does not exist is refused. Moto ignores it.',
  ),
  {
    operation: 'ec2:DescribeTags',
    where: ['Tags[].ResourceType', 'Tags'],
    right: 'simulator',
    because:
      'The type of an address is `elastic-ip`; moto says `vpc-elastic-ip`, so that a filter on the documented type finds nothing.',
    source: ec2Api('TagSpecification'),
  },
  missingError(
    'ec2:CreateTags',
    'InvalidInstanceID.NotFound',
    'A resource that does not exist cannot be tagged. Moto tags whatever it is given.',
  ),
  missingError(
    'ec2:CreateTags',
    'InvalidElasticIpID.NotFound',
    'A resource that does not exist cannot be tagged. Moto tags whatever it is given.',
    'https://github.com/hashicorp/terraform-provider-aws/issues/11060',
  ),
  missingError(
    'ec2:CreateTags',
    'InvalidParameterValue',
    'Keys that begin with `aws:` are reserved.',
    'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html',
  ),
  missingError(
    'ec2:DescribeSpotInstanceRequests',
    'InvalidSpotInstanceRequestID.NotFound',
    'A Spot request that does not exist is refused. Moto answers with none.',
    EC2_ERRORS,
  ),
];
