/** The simulated Elastic Load Balancing, version 2: load balancers, target groups, and the health of what is registered there. */

import type { ServiceModel } from '../../engine/model.ts';
import { changeElb } from './change.ts';
import { completeElb } from './complete.ts';
import { followHealth } from './health.ts';
import { loadBalancerOperations } from './load-balancers.ts';
import { readOperations } from './reads.ts';
import { elasticLoadBalancingV2Schema } from './schema.ts';
import { COLLECTIONS, PREFIX, SERVICE } from './state.ts';
import { targetOperations } from './targets.ts';

export const elasticLoadBalancingV2: ServiceModel = {
  name: SERVICE,
  prefix: PREFIX,
  schema: elasticLoadBalancingV2Schema,
  collections: COLLECTIONS,
  operations: { ...loadBalancerOperations, ...readOperations, ...targetOperations },
  start: (world) => {
    completeElb(world);
    followHealth(world);
  },
  change: changeElb,
};
