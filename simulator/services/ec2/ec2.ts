/** The simulated EC2: instances and their checks, network interfaces, Elastic IPs, volumes and snapshots, tags, zones, launches and what they need. */

import { addressOperations } from './addresses.ts';
import { attachmentOperations } from './attach-detach.ts';
import { capacityReservationOperations } from './launch/capacity-reservations.ts';
import { changeEc2 } from './change.ts';
import { describeOperations } from './describe.ts';
import { imageOperations } from './images.ts';
import { instanceAttributeOperations } from './instance-attributes.ts';
import { instanceTypeOperations } from './launch/instance-types.ts';
import { launchTemplateOperations } from './launch/launch-templates.ts';
import { networkAclOperations } from './network-acls.ts';
import { modifyPrefixListOperations } from './modify-prefix-list.ts';
import { networkOperations } from './networks.ts';
import { placementGroupOperations } from './launch/placement-groups.ts';
import { powerOperations } from './power.ts';
import { prefixListOperations } from './prefix-lists.ts';
import { runInstancesOperations } from './launch/run-instances.ts';
import { ec2Schema } from './schema.ts';
import { securityGroupOperations } from './security-groups.ts';
import { snapshotOperations } from './snapshots.ts';
import { startEc2 } from './start.ts';
import { COLLECTIONS } from './state.ts';
import { tagOperations } from './tags.ts';
import { volumeOperations } from './volumes.ts';
import { topologyOperations } from './launch/topology.ts';
import { vpcPeeringOperations } from './vpc-peerings.ts';
import type { ServiceModel } from '../../engine/model.ts';

export const ec2: ServiceModel = {
  name: 'ec2',
  prefix: 'ec2',
  schema: ec2Schema,
  collections: COLLECTIONS,
  outputs: { PrefixLists: 'ManagedPrefixLists' },
  operations: {
    ...describeOperations,
    ...networkOperations,
    ...prefixListOperations,
    ...modifyPrefixListOperations,
    ...networkAclOperations,
    ...vpcPeeringOperations,
    ...securityGroupOperations,
    ...addressOperations,
    ...powerOperations,
    ...tagOperations,
    ...volumeOperations,
    ...attachmentOperations,
    ...snapshotOperations,
    ...launchTemplateOperations,
    ...placementGroupOperations,
    ...instanceTypeOperations,
    ...capacityReservationOperations,
    ...imageOperations,
    ...runInstancesOperations,
    ...topologyOperations,
    ...instanceAttributeOperations,
  },
  start: startEc2,
  change: changeEc2,
};
