/** A small account with one fleet, and what `scale-hpc-fleet` reads of it on the simulated AWS. */

import type { Io } from '../../../shared/kernel/definition.ts';
import type { FaultPoint } from '../../../simulator/engine/run-types.ts';
import type { Shape } from '../../../simulator/engine/model.ts';
import { inFunction, type Done } from '../in-a-function.ts';

export const FLEET_ARN = 'arn:aws:ec2:eu-west-1:111122223333:launch-template/lt-0a1';

/** Tags as AWS lists them. */
export function tags(of: { readonly [key: string]: string }): readonly Shape[] {
  return Object.entries(of).map(([Key, Value]) => ({ Key, Value }));
}

export const FLEET_TAGS = {
  'runbook:hpc-queue': 'mpi-jobs',
  'runbook:nodes-per-job': '2',
  'runbook:ladder': '/hpc/mpi',
};

export const EFA = { DeviceIndex: 0, NetworkCardIndex: 0, InterfaceType: 'efa', Groups: ['sg-0e'] };

/** A launch template that is a fleet. */
export function template(more: Shape = {}): Shape {
  return {
    LaunchTemplateId: 'lt-0a1',
    LaunchTemplateName: 'mpi',
    LaunchTemplateData: { ImageId: 'ami-0a1', NetworkInterfaces: [EFA] },
    Tags: tags(FLEET_TAGS),
    ...more,
  };
}

/** An instance that was launched for a gang. */
export function node(id: string, gang: string, more: Shape = {}): Shape {
  return {
    InstanceId: id,
    ClientToken: gang,
    SubnetId: 'subnet-0a',
    Placement: { AvailabilityZone: 'eu-west-1a', GroupName: 'mpi-a' },
    Tags: tags({ 'runbook:hpc-queue': 'mpi-jobs', 'runbook:run': `scale-hpc-fleet/${gang}` }),
    ...more,
  };
}

const SUBNET = {
  SubnetId: 'subnet-0a',
  AvailabilityZone: 'eu-west-1a',
  VpcId: 'vpc-1',
  CidrBlock: '10.0.0.0/24',
  AvailableIpAddressCount: 251,
};

/** The rungs of a ladder, as they are written. */
export function ladder(...rungs: readonly Shape[]): Shape {
  return { Parameters: [{ Name: '/hpc/mpi', Type: 'String', Value: JSON.stringify(rungs) }] };
}

export const RUNG_A = { instanceType: 'hpc7a.96xlarge', subnetId: 'subnet-0a', placementGroup: 'mpi-a' };

/** Does some work in an account with one fleet, and with what is said besides. */
export function within<T>(
  work: (io: Io) => Promise<T>,
  { ec2 = {}, ...change }: { readonly ec2?: Shape; readonly [service: string]: unknown } = {},
  points: readonly FaultPoint[] = [],
): Promise<Done<T>> {
  const world = {
    now: '2026-11-22T08:00:00Z',
    account: '111122223333',
    region: 'eu-west-1',
    ec2: {
      AvailabilityZones: [{ ZoneName: 'eu-west-1a', State: 'available' }],
      Subnets: [SUBNET],
      PlacementGroups: [{ GroupName: 'mpi-a', GroupId: 'pg-0a' }],
      LaunchTemplates: [template()],
      ...ec2,
    },
    ssm: ladder(RUNG_A),
    sqs: { Queues: [{ QueueName: 'mpi-jobs', Messages: [{ Body: '1' }] }] },
    ...change,
  };
  return inFunction(world, work, points);
}
