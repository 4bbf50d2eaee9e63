/** EC2's part of a world file: strict, made from the SDK's schemas, with the simulator's own few members beside. */

import {
  Address$,
  AvailabilityZone$,
  Instance$,
  InstanceStatus$,
  NetworkInterface$,
  Reservation$,
  Snapshot$,
  SpotInstanceRequest$,
  Subnet$,
  Volume$,
  Vpc$,
} from '@aws-sdk/client-ec2';
import { z } from 'zod';
import { recordSchema, type Refinements } from './ec2-shape.ts';

const checkStatus = z.enum(['ok', 'impaired', 'insufficient-data', 'not-applicable', 'initializing']);

/** Members whose value the model acts on: the SDK only says "string". */
const REFINEMENTS: Refinements = {
  InstanceState: { Name: z.enum(['pending', 'running', 'shutting-down', 'terminated', 'stopping', 'stopped']) },
  InstanceStatusSummary: { Status: checkStatus },
  EbsStatusSummary: { Status: checkStatus },
  AvailabilityZone: { State: z.enum(['available', 'information', 'impaired', 'unavailable', 'constrained']) },
  SpotInstanceRequest: { Type: z.enum(['one-time', 'persistent']) },
  Address: { Domain: z.enum(['vpc']) },
};

/** An instance attribute as `describe-instance-attribute` prints it, or its bare value. */
const flagAttribute = z.union([z.boolean(), z.strictObject({ Value: z.boolean() })]).optional();

/** Attributes that DescribeInstances does not return but StopInstances and TerminateInstances obey; the group of a paste. */
const INSTANCE_OWN = { DisableApiStop: flagAttribute, DisableApiTermination: flagAttribute, ReservationId: z.string().optional() };

const instance = recordSchema(Instance$, 'InstanceId', REFINEMENTS, INSTANCE_OWN);

export const ec2Schema = z.strictObject({
  Instances: z.array(instance).optional(),
  /** `describe-instances` output as it is. */
  Reservations: z.array(recordSchema(Reservation$, undefined, REFINEMENTS, { Instances: z.array(instance) })).optional(),
  InstanceStatuses: z.array(recordSchema(InstanceStatus$, 'InstanceId', REFINEMENTS)).optional(),
  Addresses: z.array(recordSchema(Address$, 'AllocationId', REFINEMENTS)).optional(),
  NetworkInterfaces: z.array(recordSchema(NetworkInterface$, 'NetworkInterfaceId', REFINEMENTS)).optional(),
  Volumes: z.array(recordSchema(Volume$, 'VolumeId', REFINEMENTS)).optional(),
  Snapshots: z.array(recordSchema(Snapshot$, 'SnapshotId', REFINEMENTS)).optional(),
  SpotInstanceRequests: z.array(recordSchema(SpotInstanceRequest$, 'SpotInstanceRequestId', REFINEMENTS)).optional(),
  AvailabilityZones: z.array(recordSchema(AvailabilityZone$, 'ZoneName', REFINEMENTS)).optional(),
  Subnets: z.array(recordSchema(Subnet$, 'SubnetId', REFINEMENTS)).optional(),
  Vpcs: z.array(recordSchema(Vpc$, 'VpcId', REFINEMENTS)).optional(),
});
