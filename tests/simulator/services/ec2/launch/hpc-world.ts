/** A world for gangs of EFA nodes: two zones, a cluster placement group in each, a launch template. */

import type { Shape } from '../../../../../simulator/engine/model.ts';
import { ec2World, type Ec2World } from '../ec2-world.ts';

export const TYPE = 'c5n.18xlarge';
export const SUBNET_A = 'subnet-0a';
export const SUBNET_B = 'subnet-0b';

const SELF = { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: 'sg-0e' }] };

const TEMPLATE_DATA = {
  ImageId: 'ami-0a1',
  TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'fleet', Value: 'mpi' }] }],
  NetworkInterfaces: [{ DeviceIndex: 0, NetworkCardIndex: 0, InterfaceType: 'efa', Groups: ['sg-0e'] }],
};

/** What a world of this kind holds; a test says what is other in its own. */
export const HPC = {
  Subnets: [
    { SubnetId: SUBNET_A, AvailabilityZone: 'eu-west-1a', VpcId: 'vpc-1', CidrBlock: '10.0.0.0/24' },
    { SubnetId: SUBNET_B, AvailabilityZone: 'eu-west-1b', VpcId: 'vpc-1', CidrBlock: '10.0.1.0/24' },
  ],
  SecurityGroups: [
    { GroupId: 'sg-0e', VpcId: 'vpc-1', GroupName: 'efa', IpPermissions: [SELF], IpPermissionsEgress: [SELF] },
  ],
  InstanceTypes: [
    {
      InstanceType: TYPE,
      VCpuInfo: { DefaultVCpus: 72 },
      NetworkInfo: {
        EfaSupported: true,
        MaximumNetworkCards: 1,
        EfaInfo: { MaximumEfaInterfaces: 1 },
        NetworkCards: [{ NetworkCardIndex: 0, MaximumNetworkInterfaces: 15 }],
      },
      PlacementGroupInfo: { SupportedStrategies: ['cluster', 'partition', 'spread'] },
      SupportedUsageClasses: ['on-demand', 'spot'],
    },
    {
      InstanceType: 't3.micro',
      VCpuInfo: { DefaultVCpus: 2 },
      NetworkInfo: { EfaSupported: false, MaximumNetworkCards: 1 },
      PlacementGroupInfo: { SupportedStrategies: ['partition', 'spread'] },
      SupportedUsageClasses: ['on-demand'],
    },
  ],
  InstanceTypeOfferings: ['a', 'b'].map((zone) => ({
    InstanceType: TYPE,
    LocationType: 'availability-zone',
    Location: `eu-west-1${zone}`,
  })),
  PlacementGroups: [
    { GroupName: 'mpi-a', GroupId: 'pg-0a' },
    { GroupName: 'mpi-b', GroupId: 'pg-0b' },
  ],
  LaunchTemplates: [{ LaunchTemplateId: 'lt-0a1', LaunchTemplateName: 'mpi', LaunchTemplateData: TEMPLATE_DATA }],
} satisfies { [collection: string]: Shape[] };

/** A world with these pools of capacity, quotas and collections beside or instead of those above. */
export function hpcWorld(
  own: { [collection: string]: Shape[] } = {},
  { pools = [], quotas = [] }: { readonly pools?: Shape[]; readonly quotas?: Shape[] } = {},
): Ec2World {
  const made = ec2World({ ...HPC, ...own });
  made.world.records('capacity', 'Pools').push(...structuredClone(pools));
  made.world.records('service-quotas', 'Quotas').push(...structuredClone(quotas));
  return made;
}

/** An interface of the launch in a subnet: a template with interfaces takes no subnet of the instance. */
export function efaIn(SubnetId: string, more: Shape = {}): Shape {
  return { DeviceIndex: 0, NetworkCardIndex: 0, InterfaceType: 'efa', Groups: ['sg-0e'], SubnetId, ...more };
}

/** A request for a gang in the first zone. */
export function gang(count: number, more: Shape = {}): Shape {
  return {
    LaunchTemplate: { LaunchTemplateName: 'mpi', Version: '$Default' },
    InstanceType: TYPE,
    MinCount: count,
    MaxCount: count,
    NetworkInterfaces: [efaIn(SUBNET_A)],
    Placement: { GroupName: 'mpi-a' },
    ...more,
  };
}

/** Ids of what a launch answered with. */
export function idsOf(answer: Shape): string[] {
  const { Instances: instances } = answer;
  return Array.isArray(instances) ? instances.map((instance: Shape) => String(instance['InstanceId'])) : [];
}
