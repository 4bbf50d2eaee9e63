/** Every scenario, in the order of the report. */

import type { Scenario } from '../scenario.ts';
import { addressScenarios } from './addresses.ts';
import { alarmAndEventScenarios } from './alarms-and-events.ts';
import { scalingScenarios } from './auto-scaling.ts';
import { blockingScenarios } from './blocking.ts';
import { cloudFrontScenarios } from './cloudfront.ts';
import { computeEnvironmentScenarios } from './compute-environments.ts';
import { instanceScenarios } from './instances.ts';
import { keyAndCommandScenarios } from './keys-and-commands.ts';
import { launchScenarios } from './launches.ts';
import { loadBalancerScenarios } from './load-balancers.ts';
import { memoryScenarios } from './memory.ts';
import { networkAclScenarios } from './network-acls.ts';
import { objectScenarios } from './objects.ts';
import { prefixListScenarios } from './prefix-lists.ts';
import { queueScenarios } from './queues.ts';
import { securityGroupScenarios } from './security-groups.ts';
import { senderScenarios } from './senders.ts';
import { snapshotScenarios } from './snapshots.ts';
import { stageScenarios } from './stages.ts';
import { stagingScenarios } from './staging.ts';
import { standbyScenarios } from './standby.ts';
import { tagScenarios } from './tags.ts';
import { targetGroupScenarios } from './target-groups.ts';
import { peeringScenarios } from './vpc-peerings.ts';
import { volumeScenarios } from './volumes.ts';

export const SCENARIOS: readonly Scenario[] = [
  ...addressScenarios,
  ...instanceScenarios,
  ...launchScenarios,
  ...tagScenarios,
  ...volumeScenarios,
  ...snapshotScenarios,
  ...scalingScenarios,
  ...standbyScenarios,
  ...alarmAndEventScenarios,
  ...keyAndCommandScenarios,
  ...blockingScenarios,
  ...cloudFrontScenarios,
  ...loadBalancerScenarios,
  ...targetGroupScenarios,
  ...computeEnvironmentScenarios,
  ...networkAclScenarios,
  ...prefixListScenarios,
  ...securityGroupScenarios,
  ...peeringScenarios,
  ...objectScenarios,
  ...queueScenarios,
  ...senderScenarios,
  ...stageScenarios,
  ...stagingScenarios,
  ...memoryScenarios,
];
