/** Two bastions in two zones behind a network load balancer, for the tests of targets, and what those tests ask most. */

import { type ServiceWorld, serviceWorld } from '../service-world.ts';

export const BALANCER = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/bastion/50dc6c495c0c9188';
export const GROUP = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/bastion/73e2d6bc24d8a067';
export const [A, B] = ['i-0a1', 'i-0b1'] as const;
export const ELB = 'elastic-load-balancing-v2';

const VPC = 'vpc-1';

/** Port 22 for the subnets in which hosts and nodes are. */
export const OPEN = ['10.0.1.0/24', '10.0.2.0/24'];

const tcp = (cidrs: readonly string[], port = 22) => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  IpRanges: cidrs.map((CidrIp) => ({ CidrIp })),
});

export const securityGroup = (GroupId: string, cidrs: readonly string[], more: object = {}) => ({
  GroupId,
  GroupName: GroupId,
  VpcId: VPC,
  IpPermissions: [tcp(cidrs)],
  ...more,
});

export const instance = (id: string, letter: 'a' | 'b', more: object = {}) => ({
  InstanceId: id,
  State: { Name: 'running' },
  Placement: { AvailabilityZone: `eu-west-1${letter}` },
  SubnetId: `subnet-${letter}`,
  VpcId: VPC,
  PrivateIpAddress: letter === 'a' ? '10.0.1.10' : '10.0.2.10',
  SecurityGroups: [{ GroupId: 'sg-host', GroupName: 'sg-host' }],
  ...more,
});

export const target = (id: string, state: string, more: object = {}) => ({
  Target: { Id: id },
  TargetHealth: { State: state, ...more },
});

const subnet = (letter: 'a' | 'b') => ({
  SubnetId: `subnet-${letter}`,
  AvailabilityZone: `eu-west-1${letter}`,
  VpcId: VPC,
  CidrBlock: letter === 'a' ? '10.0.1.0/24' : '10.0.2.0/24',
});

export interface Parts {
  readonly ec2?: object;
  readonly balancer?: object;
  readonly group?: object;
  readonly targets?: readonly object[] | undefined;
  readonly health?: object;
  readonly more?: { readonly [service: string]: object };
}

/** The parts of a world file. `targets` undefined: the file has no TargetHealth. */
export function bastionParts({ ec2 = {}, balancer = {}, group = {}, health = {}, more = {}, ...given }: Parts = {}) {
  const targets = 'targets' in given ? given.targets : [target(A, 'healthy'), target(B, 'healthy')];
  const zones = (['a', 'b'] as const).map((letter) => ({
    ZoneName: `eu-west-1${letter}`,
    SubnetId: `subnet-${letter}`,
  }));
  return {
    ec2: {
      Subnets: [subnet('a'), subnet('b')],
      Instances: [instance(A, 'a'), instance(B, 'b')],
      SecurityGroups: [securityGroup('sg-host', OPEN)],
      ...ec2,
    },
    [ELB]: {
      LoadBalancers: [{ LoadBalancerArn: BALANCER, VpcId: VPC, AvailabilityZones: zones, ...balancer }],
      TargetGroups: [
        {
          TargetGroupArn: GROUP,
          Port: 22,
          HealthCheckIntervalSeconds: 10,
          HealthyThresholdCount: 3,
          UnhealthyThresholdCount: 2,
          LoadBalancerArns: [BALANCER],
          Tags: [{ Key: 'runbook:bastion', Value: 'ops' }],
          ...group,
        },
      ],
      ...(targets === undefined
        ? {}
        : { TargetHealth: [{ TargetGroupArn: GROUP, TargetHealthDescriptions: targets, ...health }] }),
    },
    ...more,
  };
}

export interface Bastions extends ServiceWorld {
  /** `i-0a1 healthy`, `i-0b1:2222 unhealthy Target.FailedHealthChecks`. */
  readonly health: () => string[];
}

interface Described {
  readonly Target: { readonly Id: string; readonly Port: number };
  readonly TargetHealth: { readonly State: string; readonly Reason?: string };
}

function wordsOf({ Target, TargetHealth }: Described): string {
  const port = Target.Port === 22 ? '' : `:${Target.Port}`;
  return [`${Target.Id}${port}`, TargetHealth.State, TargetHealth.Reason ?? ''].join(' ').trim();
}

/** The world, with its targets in words. */
export function bastions(parts: Parts = {}): Bastions {
  const simulation = serviceWorld(bastionParts(parts));
  const health = (): string[] => {
    const { TargetHealthDescriptions: all } = simulation.call('elasticloadbalancing:DescribeTargetHealth', {
      TargetGroupArn: GROUP,
    });
    return Array.isArray(all) ? all.map((one: Described) => wordsOf(one)) : [];
  };
  return { ...simulation, health };
}
