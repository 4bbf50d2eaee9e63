/** What RunInstances refuses, with AWS's own errors, and that it launches nothing then. */

import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../../simulator/engine/model.ts';
import { refusal } from '../ec2-world.ts';
import { efaIn, gang, hpcWorld, SUBNET_A } from './hpc-world.ts';

/** Requests that differ from one that is launched, and what EC2 says of each. */
const REFUSED: readonly (readonly [what: string, more: Shape, said: string | RegExp])[] = [
  ['no instances', { MinCount: 0 }, 'InvalidParameterValue: Value (0) for parameter minCount is invalid.'],
  ['more than at most', { MaxCount: 1 }, /^InvalidParameterValue: Value \(1\) for parameter maxCount is invalid/u],
  [
    'an unknown template',
    { LaunchTemplate: { LaunchTemplateName: 'other' } },
    'InvalidLaunchTemplateName.NotFoundException: The specified launch template, with template name other, does not exist.',
  ],
  [
    'an unknown version',
    { LaunchTemplate: { LaunchTemplateId: 'lt-0a1', Version: '7' } },
    'InvalidLaunchTemplateId.VersionNotFound: Could not find the specified version 7 for the launch template with ID lt-0a1.',
  ],
  [
    'an unknown group',
    { Placement: { GroupName: 'mpi-z' } },
    "InvalidPlacementGroup.Unknown: The Placement Group 'mpi-z' is unknown.",
  ],
  [
    'a subnet beside the interfaces of the template',
    { SubnetId: SUBNET_A, NetworkInterfaces: undefined },
    'InvalidParameterCombination: Network interfaces and an instance-level subnet ID may not be specified on the same request',
  ],
  [
    'groups beside interfaces',
    { SecurityGroupIds: ['sg-0e'] },
    'InvalidParameterCombination: Network interfaces and an instance-level security groups may not be specified on the same request',
  ],
  [
    'an unknown subnet',
    { NetworkInterfaces: [efaIn('subnet-0z')] },
    "InvalidSubnetID.NotFound: The subnet ID 'subnet-0z' does not exist",
  ],
  [
    'an unknown security group',
    { NetworkInterfaces: [efaIn(SUBNET_A, { Groups: ['sg-0z'] })] },
    "InvalidGroup.NotFound: The security group 'sg-0z' does not exist",
  ],
  [
    'an unknown type',
    { InstanceType: 'c9z.large' },
    "InvalidParameterValue: Invalid value 'c9z.large' for InstanceType.",
  ],
  [
    'a type that is not offered in the zone',
    { InstanceType: 't3.micro' },
    'Unsupported: Your requested instance type (t3.micro) is not supported in your requested Availability Zone (eu-west-1a). Please retry your request by not specifying an Availability Zone.',
  ],
  [
    'more EFA interfaces than the type has',
    { NetworkInterfaces: [efaIn(SUBNET_A), efaIn(SUBNET_A, { DeviceIndex: 1, InterfaceType: 'efa-only' })] },
    /^InvalidParameterValue: .*at most 1 EFA interfaces/u,
  ],
  [
    'a card that the type has not',
    { NetworkInterfaces: [efaIn(SUBNET_A, { InterfaceType: 'interface' }), efaIn(SUBNET_A, { NetworkCardIndex: 1 })] },
    /has no network card 1/u,
  ],
  [
    'two interfaces in one place',
    { NetworkInterfaces: [efaIn(SUBNET_A), efaIn(SUBNET_A)] },
    'InvalidParameterValue: Each network interface requires a unique device index.',
  ],
  [
    'a first interface without an address',
    { NetworkInterfaces: [efaIn(SUBNET_A, { InterfaceType: 'efa-only' })] },
    'InvalidParameterValue: The primary network interface cannot be of type efa-only.',
  ],
  [
    'a public address beside a second interface',
    {
      NetworkInterfaces: [
        efaIn(SUBNET_A, { AssociatePublicIpAddress: true }),
        efaIn(SUBNET_A, { DeviceIndex: 1, InterfaceType: 'interface' }),
      ],
    },
    /^InvalidParameterCombination: The associatePublicIPAddress parameter cannot be specified/u,
  ],
  [
    'tags on what it does not make',
    { TagSpecifications: [{ ResourceType: 'vpc', Tags: [] }] },
    "InvalidParameterValue: 'vpc' is not a valid taggable resource type for this operation.",
  ],
  [
    'protected Spot instances',
    { InstanceMarketOptions: { MarketType: 'spot' }, DisableApiTermination: true },
    'InvalidParameterCombination: Termination protection cannot be enabled for Spot Instances.',
  ],
  [
    'a persistent Spot request',
    { InstanceMarketOptions: { MarketType: 'spot', SpotOptions: { SpotInstanceType: 'persistent' } } },
    'not simulated: ec2:RunInstances of a persistent Spot request',
  ],
  ['addresses of its own', { Ipv6AddressCount: 1 }, 'not simulated: ec2:RunInstances Ipv6AddressCount'],
];

/** A type of two cards, which takes as many EFA interfaces. */
const TWO_CARDS: Shape = {
  EfaSupported: true,
  EfaInfo: { MaximumEfaInterfaces: 2 },
  NetworkCards: [0, 1].map((NetworkCardIndex) => ({ NetworkCardIndex, MaximumNetworkInterfaces: 4 })),
};

describe('EFA interfaces', () => {
  it.each<[string, string, Shape[], string]>([
    [
      'two on one card',
      'hpc7a.96xlarge',
      [efaIn(SUBNET_A), efaIn(SUBNET_A, { DeviceIndex: 1 })],
      "InvalidParameterValue: The instance type 'hpc7a.96xlarge' supports one EFA interface for each network card.",
    ],
    [
      'one on a card that has no EFA',
      'p6-b300.48xlarge',
      [efaIn(SUBNET_A)],
      "InvalidParameterValue: Network card 0 of the instance type 'p6-b300.48xlarge' does not support EFA interfaces.",
    ],
  ])('are refused: %s', (_what, InstanceType, NetworkInterfaces, said) => {
    const made = hpcWorld({ InstanceTypes: [{ InstanceType, NetworkInfo: TWO_CARDS }], InstanceTypeOfferings: [] });
    expect(refusal(() => made.call('RunInstances', gang(1, { InstanceType, NetworkInterfaces })))).toBe(said);
    const apart = [
      efaIn(SUBNET_A, { InterfaceType: 'interface' }),
      efaIn(SUBNET_A, { NetworkCardIndex: 1, InterfaceType: 'efa-only' }),
    ];
    expect(made.call('RunInstances', gang(1, { InstanceType, NetworkInterfaces: apart }))['Instances']).toHaveLength(1);
  });
});

describe('RunInstances', () => {
  it.each(REFUSED)('refuses %s', (_what, more, said) => {
    const made = hpcWorld();
    const answer = refusal(() => made.call('RunInstances', gang(2, more)));
    expect(answer).toMatch(said);
    expect(made.world.records('ec2', 'Instances')).toEqual([]);
    expect(made.world.records('ec2', 'NetworkInterfaces')).toEqual([]);
  });

  it('refuses a type that the strategy of its group does not suit', () => {
    const made = hpcWorld({ InstanceTypeOfferings: [] });
    const interfaces = [{ DeviceIndex: 0, SubnetId: SUBNET_A }];
    expect(
      refusal(() => made.call('RunInstances', gang(1, { InstanceType: 't3.micro', NetworkInterfaces: interfaces }))),
    ).toBe(
      "InvalidParameterCombination: Cluster placement groups are not supported by the 't3.micro' instance type. Specify a supported instance type or change the placement group strategy, and try again.",
    );
  });

  it('finds no room in a cluster placement group that has instances in another zone', () => {
    const made = hpcWorld({
      Instances: [{ InstanceId: 'i-0b', Placement: { AvailabilityZone: 'eu-west-1b', GroupName: 'mpi-a' } }],
    });
    expect(refusal(() => made.call('RunInstances', gang(1)))).toMatch(/^InsufficientInstanceCapacity/u);
  });

  it('finds no room in a dark zone', () => {
    const made = hpcWorld({ AvailabilityZones: [{ ZoneName: 'eu-west-1a', State: 'unavailable' }] });
    expect(refusal(() => made.call('RunInstances', gang(1)))).toMatch(/^InsufficientInstanceCapacity/u);
  });

  it('needs as many free addresses as its interfaces take, and keeps their count', () => {
    const two = [efaIn(SUBNET_A), efaIn(SUBNET_A, { DeviceIndex: 1, InterfaceType: 'interface' })];
    const subnet = { SubnetId: SUBNET_A, AvailabilityZone: 'eu-west-1a', VpcId: 'vpc-1', AvailableIpAddressCount: 5 };
    const made = hpcWorld({ Subnets: [subnet] });
    expect(refusal(() => made.call('RunInstances', gang(3, { NetworkInterfaces: two })))).toBe(
      'InsufficientFreeAddressesInSubnet: The specified subnet does not have enough free addresses to satisfy the request.',
    );
    made.call('RunInstances', gang(2, { NetworkInterfaces: two }));
    const free = (): unknown => made.call('DescribeSubnets', { SubnetIds: [SUBNET_A] });
    expect(free()).toMatchObject({ Subnets: [{ AvailableIpAddressCount: 1, AvailabilityZoneId: 'euw1-az1' }] });
    made.call('TerminateInstances', {
      InstanceIds: made.world.records('ec2', 'Instances').map((one) => one['InstanceId']),
    });
    made.pass(31);
    expect(free()).toMatchObject({ Subnets: [{ AvailableIpAddressCount: 5 }] });
  });

  it('counts vCPUs of what runs against the quota of its family, and what is reserved', () => {
    const quotas = [{ QuotaCode: 'L-1216C47A', Value: 300 }];
    const made = hpcWorld({ CapacityReservations: [] }, { quotas });
    expect(refusal(() => made.call('RunInstances', gang(5)))).toMatch(
      /^VcpuLimitExceeded: You have requested more vCPU capacity than your current vCPU limit of 300 allows/u,
    );
    made.call('RunInstances', gang(3));
    expect(refusal(() => made.call('RunInstances', gang(2)))).toMatch(/^VcpuLimitExceeded/u);
    made.call('RunInstances', gang(2, { MinCount: 1 }));
    expect(made.world.records('ec2', 'Instances')).toHaveLength(4);
    const spot = hpcWorld({}, { quotas: [{ QuotaCode: 'L-34B43A08', ServiceCode: 'ec2', Value: 71 }] });
    expect(refusal(() => spot.call('RunInstances', gang(1, { InstanceMarketOptions: { MarketType: 'spot' } })))).toBe(
      'MaxSpotInstanceCountExceeded: Max spot instance count exceeded',
    );
  });

  it('is throttled by requests and by instances, and the buckets fill again', () => {
    const made = hpcWorld({
      Subnets: [{ SubnetId: SUBNET_A, AvailabilityZone: 'eu-west-1a', CidrBlock: '10.0.0.0/16' }],
    });
    const ask = (count: number): Shape => made.call('RunInstances', gang(count, { Placement: {} }));
    for (let each = 0; each < 5; each += 1) ask(1);
    expect(refusal(() => ask(1))).toBe('RequestLimitExceeded: Request limit exceeded.');
    made.pass(1);
    expect(refusal(() => ask(998))).toBe('RequestLimitExceeded: Request limit exceeded.');
    ask(1);
  });

  it('needs an image, and of what it is not told asks the world', () => {
    const made = hpcWorld();
    expect(refusal(() => made.call('RunInstances', gang(1, { LaunchTemplate: undefined })))).toBe(
      'MissingParameter: The request must contain the parameter ImageId',
    );
    expect(refusal(() => made.call('RunInstances', gang(1, { InstanceType: undefined })))).toMatch(/^not simulated/u);
  });
});
