/** The simulated EC2: instances and their checks, network interfaces, Elastic IPs, volumes and snapshots, tags, zones. */

import { addressOperations } from './ec2-addresses.ts';
import { attachmentOperations } from './ec2-attachments.ts';
import { changeEc2 } from './ec2-change.ts';
import { describeOperations } from './ec2-describe.ts';
import { powerOperations } from './ec2-power.ts';
import { ec2Schema } from './ec2-schema.ts';
import { snapshotOperations } from './ec2-snapshots.ts';
import { startEc2 } from './ec2-start.ts';
import { COLLECTIONS } from './ec2-state.ts';
import { tagOperations } from './ec2-tags.ts';
import { volumeOperations } from './ec2-volumes.ts';
import type { ServiceModel } from './model.ts';

export const ec2: ServiceModel = {
  name: 'ec2',
  prefix: 'ec2',
  schema: ec2Schema,
  collections: COLLECTIONS,
  operations: {
    ...describeOperations,
    ...addressOperations,
    ...powerOperations,
    ...tagOperations,
    ...volumeOperations,
    ...attachmentOperations,
    ...snapshotOperations,
  },
  start: startEc2,
  change: changeEc2,
};
