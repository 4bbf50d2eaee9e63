/** A small account with one fleet of two bastions, and what `heal-bastion` reads of it on the simulated AWS. */

import type { Io } from '../../../shared/kernel/definition.ts';
import type { Shape } from '../../../simulator/engine/model.ts';
import type { FaultPoint } from '../../../simulator/engine/run-types.ts';
import { inFunction, type Done } from '../in-a-function.ts';

const AT = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333';
export const FLEET = `${AT}:targetgroup/bastion/73e2d6bc24d8a067`;
export const OTHER = `${AT}:targetgroup/jump/0123456789abcdef`;
const BALANCER = `${AT}:loadbalancer/net/bastion/50dc6c495c0c9188`;

export const [A, B, C] = ['i-0a17c4e9b2d58f306', 'i-0b93e1f67a2c4d815', 'i-0c84d2a75b3e6f917'] as const;

/** Tags as AWS lists them. */
export function tags(of: { readonly [key: string]: string }): readonly Shape[] {
  return Object.entries(of).map(([Key, Value]) => ({ Key, Value }));
}

const OURS = { 'runbook:bastion': 'ops' };

/** An instance in a zone, by its letter. */
export function instance(id: string, letter: 'a' | 'b', more: Shape = {}): Shape {
  return {
    InstanceId: id,
    LaunchTime: '2026-11-02T09:14:31+00:00',
    State: { Name: 'running' },
    Placement: { AvailabilityZone: `eu-west-1${letter}` },
    SubnetId: `subnet-${letter}`,
    VpcId: 'vpc-1',
    PrivateIpAddress: letter === 'a' ? '10.0.1.10' : '10.0.2.10',
    SecurityGroups: [{ GroupId: 'sg-host', GroupName: 'sg-host' }],
    ...more,
  };
}

/** A target group of the load balancer. */
export function targetGroup(TargetGroupArn: string, more: Shape = {}): Shape {
  return {
    TargetGroupArn,
    Protocol: 'TCP',
    Port: 22,
    VpcId: 'vpc-1',
    TargetType: 'instance',
    HealthCheckIntervalSeconds: 10,
    HealthyThresholdCount: 3,
    LoadBalancerArns: [BALANCER],
    Attributes: [],
    Tags: tags(OURS),
    ...more,
  };
}

/** A target, by how it is. */
export function isSo(Id: string, State: string, Reason?: string): Shape {
  return { Target: { Id, Port: 22 }, TargetHealth: { State, ...(Reason === undefined ? {} : { Reason }) } };
}

/** A group of these members. */
export function scalingGroup(AutoScalingGroupName: string, members: readonly string[], more: Shape = {}): Shape {
  return {
    AutoScalingGroupName,
    MinSize: 0,
    MaxSize: 4,
    DesiredCapacity: members.length,
    AvailabilityZones: ['eu-west-1b', 'eu-west-1a'],
    VPCZoneIdentifier: 'subnet-a,subnet-b',
    HealthCheckType: 'EC2',
    HealthCheckGracePeriod: 180,
    TargetGroupARNs: [FLEET],
    Instances: members.map((InstanceId) => ({
      InstanceId,
      AvailabilityZone: InstanceId === A ? 'eu-west-1a' : 'eu-west-1b',
      LifecycleState: 'InService',
      HealthStatus: 'Healthy',
    })),
    Tags: tags(OURS).map((tag) => ({ ...tag, PropagateAtLaunch: false })),
    ...more,
  };
}

function subnet(letter: 'a' | 'b', CidrBlock: string): Shape {
  return { SubnetId: `subnet-${letter}`, AvailabilityZone: `eu-west-1${letter}`, VpcId: 'vpc-1', CidrBlock };
}

/** A security group that lets port 22 in from these networks. */
export function securityGroup(GroupId: string, cidrs: readonly string[], more: Shape = {}): Shape {
  const IpRanges = cidrs.map((CidrIp) => ({ CidrIp }));
  return {
    GroupId,
    GroupName: GroupId,
    VpcId: 'vpc-1',
    IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges }],
    ...more,
  };
}

function openAcl(): Shape {
  const entry = (Egress: boolean): Shape => ({
    RuleNumber: 100,
    Protocol: '-1',
    RuleAction: 'allow',
    Egress,
    CidrBlock: '0.0.0.0/0',
  });
  const Associations = ['a', 'b'].map((letter) => ({
    NetworkAclAssociationId: `aclassoc-${letter}`,
    NetworkAclId: 'acl-1',
    SubnetId: `subnet-${letter}`,
  }));
  return { NetworkAclId: 'acl-1', VpcId: 'vpc-1', IsDefault: true, Associations, Entries: [entry(false), entry(true)] };
}

interface Parts {
  readonly ec2?: Shape;
  readonly groups?: readonly Shape[];
  /** Of the load balancer. */
  readonly balancer?: Shape;
  /** Target groups; by default the fleet alone. */
  readonly targetGroups?: readonly Shape[];
  /** Targets by the ARN of their group. */
  readonly health?: { readonly [arn: string]: readonly Shape[] };
  readonly ssm?: Shape;
  readonly unavailable?: boolean;
}

function worldOf({ ec2 = {}, groups, balancer = {}, targetGroups, health = {}, ssm, unavailable }: Parts): object {
  const targets = { [FLEET]: [isSo(A, 'healthy'), isSo(B, 'healthy')], ...health };
  return {
    now: '2026-11-30T09:00:00Z',
    account: '111122223333',
    region: 'eu-west-1',
    ec2: {
      Subnets: [subnet('a', '10.0.1.0/24'), subnet('b', '10.0.2.0/24')],
      Instances: [instance(A, 'a'), instance(B, 'b')],
      SecurityGroups: [securityGroup('sg-host', ['10.0.1.0/24', '10.0.2.0/24'])],
      NetworkAcls: [openAcl()],
      ...ec2,
    },
    'elastic-load-balancing-v2': {
      LoadBalancers: [
        {
          LoadBalancerArn: BALANCER,
          Type: 'network',
          VpcId: 'vpc-1',
          SecurityGroups: [],
          AvailabilityZones: ['b', 'a'].map((letter) => ({
            ZoneName: `eu-west-1${letter}`,
            SubnetId: `subnet-${letter}`,
          })),
          Attributes: [],
          ...balancer,
        },
      ],
      TargetGroups: targetGroups ?? [targetGroup(FLEET)],
      TargetHealth: Object.entries(targets).map(([TargetGroupArn, TargetHealthDescriptions]) => ({
        TargetGroupArn,
        TargetHealthDescriptions,
        ...(unavailable === true ? { Unavailable: true } : {}),
      })),
    },
    'auto-scaling': { AutoScalingGroups: groups ?? [scalingGroup('bastion', [A, B])] },
    ...(ssm === undefined ? {} : { ssm }),
  };
}

/** Does some work in the account. */
export function within<T>(
  work: (io: Io) => Promise<T>,
  parts: Parts = {},
  points: readonly FaultPoint[] = [],
): Promise<Done<T>> {
  return inFunction(worldOf(parts), work, points);
}
