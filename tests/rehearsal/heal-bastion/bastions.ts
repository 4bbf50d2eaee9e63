/** A small world of bastions for what is planted in the runbook, and its run. */

import type { DeployedFunction } from '../../../simulator/engine/run-types.ts';
import type { Shape } from '../../../simulator/engine/model.ts';
import { INTERESTS } from '../../../rehearsal/heal-bastion/interests.ts';
import { caseOf, type Arrival, type Happening, type Part } from '../../../rehearsal/worlds/case.ts';
import { tryOut } from '../../../rehearsal/worlds/trial.ts';

const RUNBOOK = 'heal-bastion';
const ZONES = ['a', 'b', 'c'] as const;
export const GROUP = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/bastion/73e2d6bc24d8a067';
const BALANCER = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/bastion/50dc6c495c0c9188';
const OTHER = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/vpn/0123456789abcdef';
const TAGS = [{ Key: 'runbook:bastion', Value: 'ops' }];
const EVERYWHERE = [{ CidrIp: '10.0.0.0/16' }];

export const HOSTS: readonly string[] = Array.from({ length: 6 }, (_none, index) => `i-0ba5${index}000`);

const FIRST_ALONE = HOSTS.slice(0, 1).map((Id) => ({ Target: { Id, Port: 22 }, TargetHealth: { State: 'healthy' } }));

/** Not usual of a world. */
export interface Setting {
  readonly script?: readonly Happening[];
  readonly arrivals?: readonly Arrival[];
  readonly minutes?: number;
  /** Hosts; three, each in a zone. */
  readonly size?: number;
  /** Without a group, with a standby. */
  readonly isPlain?: boolean;
  readonly isUntagged?: boolean;
  /** The first host is protected from EC2's own call, which is what ends it: its group is not tagged. */
  readonly isProtected?: boolean;
  /** Its group asks the balancer, too. */
  readonly checksByElb?: boolean;
  /** Sessions on each host. */
  readonly sessions?: number;
  /** No agent answers on them. */
  readonly hasNoAgents?: boolean;
  readonly isSwitchedOff?: boolean;
  /** Its group names another target group, of which nobody tells how its only target is, which is the first host; or one that is gone. */
  readonly elsewhere?: 'untold' | 'gone';
}

function network(): Part['sections'][string] {
  const subnets = ZONES.map((zone, index) => ({ id: `subnet-0${zone}`, cidr: `10.0.${index}.0/24`, zone }));
  return {
    Subnets: subnets.map(({ id, cidr, zone }) => ({
      SubnetId: id,
      CidrBlock: cidr,
      AvailabilityZone: `eu-west-1${zone}`,
      VpcId: 'vpc-1',
    })),
    SecurityGroups: [
      {
        GroupId: 'sg-0h',
        VpcId: 'vpc-1',
        IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: EVERYWHERE }],
      },
    ],
    NetworkAcls: subnets.map(({ id, zone }) => ({
      NetworkAclId: `acl-0${zone}`,
      VpcId: 'vpc-1',
      Associations: [{ NetworkAclAssociationId: `aclassoc-0${zone}`, NetworkAclId: `acl-0${zone}`, SubnetId: id }],
      Entries: [true, false].map((Egress) => ({
        RuleNumber: 100,
        Egress,
        RuleAction: 'allow',
        Protocol: '-1',
        CidrBlock: '0.0.0.0/0',
      })),
    })),
  };
}

function zoneOf(index: number): string {
  return ZONES[index % ZONES.length] ?? 'a';
}

function instance(InstanceId: string, index: number, isTagged: boolean, isProtected = false): Shape {
  const zone = zoneOf(index);
  return {
    InstanceId,
    InstanceType: 't4g.micro',
    LaunchTime: '2026-11-02T09:14:31Z',
    State: { Code: 16, Name: 'running' },
    Placement: { AvailabilityZone: `eu-west-1${zone}` },
    SubnetId: `subnet-0${zone}`,
    VpcId: 'vpc-1',
    PrivateIpAddress: `10.0.${index % ZONES.length}.${20 + index}`,
    SecurityGroups: [{ GroupId: 'sg-0h' }],
    Tags: isTagged ? TAGS : [],
    ...(isProtected ? { DisableApiTermination: true } : {}),
  };
}

function group(hosts: readonly string[], isTagged: boolean, checksByElb: boolean, names: readonly string[]): Shape {
  return {
    AutoScalingGroupName: 'bastion',
    MinSize: hosts.length,
    MaxSize: hosts.length + 1,
    DesiredCapacity: hosts.length,
    AvailabilityZones: ZONES.map((zone) => `eu-west-1${zone}`),
    VPCZoneIdentifier: ZONES.map((zone) => `subnet-0${zone}`).join(','),
    HealthCheckType: checksByElb ? 'ELB' : 'EC2',
    HealthCheckGracePeriod: 60,
    TargetGroupARNs: names,
    Instances: hosts.map((InstanceId, index) => ({
      InstanceId,
      AvailabilityZone: `eu-west-1${zoneOf(index)}`,
      LifecycleState: 'InService',
      HealthStatus: 'Healthy',
    })),
    Tags: isTagged ? TAGS.map((one) => ({ ...one, PropagateAtLaunch: true })) : [],
  };
}

/** The world. */
function part({ script = [], arrivals = [], minutes = 30, ...setting }: Setting): Part {
  const { size = 3, isPlain = false, isUntagged = false, checksByElb = false, hasNoAgents = false } = setting;
  const { sessions, elsewhere } = setting;
  const isUntold = elsewhere === 'untold';
  const { isProtected = false } = setting;
  const hosts = HOSTS.slice(0, size);
  const Tags = isUntagged && isPlain ? [] : TAGS;
  return {
    sections: {
      ec2: {
        ...network(),
        Instances: [
          ...hosts.map((id, index) => instance(id, index, !isUntagged, isProtected && index === 0)),
          ...(isPlain ? [instance('i-0ba59000', 9, true)] : []),
        ],
      },
      'elastic-load-balancing-v2': {
        LoadBalancers: [
          {
            LoadBalancerArn: BALANCER,
            Type: 'network',
            VpcId: 'vpc-1',
            AvailabilityZones: ZONES.map((zone) => ({ ZoneName: `eu-west-1${zone}`, SubnetId: `subnet-0${zone}` })),
          },
        ],
        TargetGroups: [
          {
            TargetGroupArn: GROUP,
            Port: 22,
            VpcId: 'vpc-1',
            HealthCheckIntervalSeconds: 10,
            HealthyThresholdCount: 3,
            RegistrationSeconds: 10,
            LoadBalancerArns: [BALANCER],
            Tags,
          },
          ...(isUntold ? [{ TargetGroupArn: OTHER, Port: 22, VpcId: 'vpc-1', LoadBalancerArns: [BALANCER] }] : []),
        ],
        TargetHealth: [
          {
            TargetGroupArn: GROUP,
            TargetHealthDescriptions: hosts.map((Id) => ({
              Target: { Id, Port: 22 },
              TargetHealth: { State: 'healthy' },
            })),
          },
          ...(isUntold ? [{ TargetGroupArn: OTHER, Unavailable: true, TargetHealthDescriptions: FIRST_ALONE }] : []),
        ],
      },
      'auto-scaling': {
        AutoScalingGroups: isPlain
          ? []
          : [
              group(
                hosts,
                !isUntagged && !isProtected,
                checksByElb,
                elsewhere === undefined ? [GROUP] : [GROUP, OTHER],
              ),
            ],
      },
      ssm: {
        Documents:
          sessions === undefined
            ? []
            : [
                {
                  Name: 'count',
                  DocumentType: 'Command',
                  Owner: '111122223333',
                  Tags: TAGS,
                  Parameters: [],
                  Sessions: { Hosts: Object.fromEntries(hosts.map((id) => [id, sessions])) },
                },
              ],
        InstanceInformation: hasNoAgents ? [] : hosts.map((InstanceId) => ({ InstanceId, PingStatus: 'Online' })),
      },
    },
    probes: {},
    capacity: [],
    remembered: [],
    script,
    arrivals,
    optIn: [],
    minutes,
  };
}

/** The names of the interests that are broken in a world. */
export async function found(functions: readonly DeployedFunction[], setting: Setting): Promise<readonly string[]> {
  const switched = setting.isSwitchedOff === true ? [{ fromSeconds: 1, untilSeconds: 3_600 }] : [];
  const surroundings = { seed: 1, shared: false, ledgerLost: false, switched, faults: [] };
  const one = caseOf([part(setting)], surroundings);
  const { wrongs } = await tryOut({ case: one, runbooks: [RUNBOOK] }, functions, { [RUNBOOK]: INTERESTS });
  return [...new Set(wrongs.map(({ interest }) => interest))];
}
