/** The simulated services. A further one is one more line, and its file. */

import { autoScaling } from './auto-scaling.ts';
import { cloudWatch } from './cloudwatch.ts';
import { ec2 } from './ec2.ts';
import { eventBridge } from './event-bridge.ts';
import { kms } from './kms.ts';
import type { ServiceModel } from './model.ts';
import { ssm } from './ssm.ts';

/** In the order in which they start: a service may rely on what those before it have completed. */
export const SERVICES: readonly ServiceModel[] = [ec2, autoScaling, cloudWatch, eventBridge, kms, ssm];
