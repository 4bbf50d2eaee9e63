/** Every difference that was looked into. One that is not here fails the run, and so does one that shows no more. */

import { addressDifferences } from './addresses.ts';
import { blockingDifferences } from './blocking.ts';
import { cloudFrontDifferences } from './cloudfront.ts';
import { computeEnvironmentDifferences } from './compute-environments.ts';
import { instanceDifferences } from './instances.ts';
import { keyAndCommandDifferences } from './keys-and-commands.ts';
import type { Known } from './known.ts';
import { launchDifferences } from './launches.ts';
import { memoryDifferences } from './memory.ts';
import { networkAclDifferences } from './network-acls.ts';
import { otherDifferences } from './others.ts';
import { prefixListDifferences } from './prefix-lists.ts';
import { queueDifferences } from './queues.ts';
import { securityGroupDifferences } from './security-groups.ts';
import { senderDifferences } from './senders.ts';
import { standbyDifferences } from './standby.ts';
import { targetGroupDifferences } from './target-groups.ts';
import { peeringDifferences } from './vpc-peerings.ts';
import { stageDifferences } from './stages.ts';
import { volumeDifferences } from './volumes.ts';

export const KNOWN: readonly Known[] = [
  ...addressDifferences,
  ...instanceDifferences,
  ...volumeDifferences,
  ...otherDifferences,
  ...keyAndCommandDifferences,
  ...networkAclDifferences,
  ...prefixListDifferences,
  ...securityGroupDifferences,
  ...peeringDifferences,
  ...blockingDifferences,
  ...cloudFrontDifferences,
  ...queueDifferences,
  ...senderDifferences,
  ...launchDifferences,
  ...standbyDifferences,
  ...targetGroupDifferences,
  ...computeEnvironmentDifferences,
  ...stageDifferences,
  ...memoryDifferences,
];
