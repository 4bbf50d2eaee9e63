/** The simulated EC2. */

import { z } from 'zod';
import type { ServiceModel } from './model.ts';

export const ec2: ServiceModel = {
  name: 'ec2',
  prefix: 'ec2',
  schema: z.unknown(),
  collections: {
    Instances: 'InstanceId',
    InstanceStatuses: 'InstanceId',
    Addresses: 'AllocationId',
    NetworkInterfaces: 'NetworkInterfaceId',
    Volumes: 'VolumeId',
    Snapshots: 'SnapshotId',
    SpotInstanceRequests: 'SpotInstanceRequestId',
    AvailabilityZones: 'ZoneName',
    Subnets: 'SubnetId',
    Vpcs: 'VpcId',
    Reservations: 'ReservationId',
  },
  operations: {},
};
