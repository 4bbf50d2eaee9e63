/** Which scenarios are recorded in an account, and why the others are not. Every scenario is here once; a test says so. */

import type { Scenario } from '../scenario.ts';
import { addressScenarios } from '../scenarios/addresses.ts';
import { alarmAndEventScenarios } from '../scenarios/alarms-and-events.ts';
import { scalingScenarios } from '../scenarios/auto-scaling.ts';
import { blockingScenarios } from '../scenarios/blocking.ts';
import { cloudFrontScenarios } from '../scenarios/cloudfront.ts';
import { computeEnvironmentScenarios } from '../scenarios/compute-environments.ts';
import { instanceScenarios } from '../scenarios/instances.ts';
import { keyAndCommandScenarios } from '../scenarios/keys-and-commands.ts';
import { launchScenarios } from '../scenarios/launches.ts';
import { loadBalancerScenarios } from '../scenarios/load-balancers.ts';
import { memoryScenarios } from '../scenarios/memory.ts';
import { moveTaskScenarios } from '../scenarios/move-tasks.ts';
import { networkAclScenarios } from '../scenarios/network-acls.ts';
import { objectScenarios } from '../scenarios/objects.ts';
import { prefixListScenarios } from '../scenarios/prefix-lists.ts';
import { queueScenarios } from '../scenarios/queues.ts';
import { securityGroupScenarios } from '../scenarios/security-groups.ts';
import { senderScenarios } from '../scenarios/senders.ts';
import { snapshotScenarios } from '../scenarios/snapshots.ts';
import { stageScenarios } from '../scenarios/stages.ts';
import { stagingScenarios } from '../scenarios/staging.ts';
import { standbyScenarios } from '../scenarios/standby.ts';
import { tagScenarios } from '../scenarios/tags.ts';
import { targetGroupScenarios } from '../scenarios/target-groups.ts';
import { volumeScenarios } from '../scenarios/volumes.ts';
import { peeringScenarios } from '../scenarios/vpc-peerings.ts';

/** Scenarios that are not recorded, and why. */
export interface Unplayable {
  readonly scenarios: readonly Scenario[];
  readonly because: string;
}

const STRANGERS = 'it changes something by a name that another in the account may have';

/** Scenarios of files that are recorded otherwise. */
const SINGLE: { readonly [name: string]: string } = {
  'a listing of instances comes in pages': 'its pages are full of whatever instances the account has',
  'a member in standby is no target, one that is back is one again': 'its load balancer is not made in an account yet',
  'what is managed is told of, all of it and by instance':
    'an instance is managed only with a role, which is not made here',
};

/** Scenarios that are recorded of files that are not. */
const ALL_THE_SAME: ReadonlySet<string> = new Set([
  'VPCs are described with their ranges',
  'managed prefix lists are described, and their entries read apart',
  'a protected instance saves the others of its zone from being terminated with it',
  'capacity reservations are none where nobody has made any',
  'a quota that is not there is asked for',
  'a key that there is not is not described',
]);

function others(scenarios: readonly Scenario[], because: string): Unplayable {
  return { because, scenarios: scenarios.filter(({ name }) => !ALL_THE_SAME.has(name) && !(name in SINGLE)) };
}

const FILES: readonly (readonly Scenario[])[] = [
  addressScenarios,
  instanceScenarios,
  tagScenarios,
  volumeScenarios,
  snapshotScenarios,
  scalingScenarios,
  standbyScenarios,
  networkAclScenarios,
  prefixListScenarios,
  securityGroupScenarios,
  peeringScenarios,
  queueScenarios,
  moveTaskScenarios,
];

const MIXED: readonly (readonly Scenario[])[] = [blockingScenarios, launchScenarios, keyAndCommandScenarios];

/** What is recorded, in the order in which it is. */
export const PLAYABLE: readonly Scenario[] = [
  ...FILES.flat().filter(({ name }) => !(name in SINGLE)),
  ...MIXED.flat().filter(({ name }) => ALL_THE_SAME.has(name)),
];

/** What is not, and why. */
export const UNPLAYABLE: readonly Unplayable[] = [
  ...Object.entries(SINGLE).map(([name, because]) => ({
    because,
    scenarios: [...FILES, ...MIXED].flat().filter((scenario) => scenario.name === name),
  })),
  others(
    alarmAndEventScenarios,
    'CloudWatch judges an alarm anew within minutes, and rules of the account’s may act on an event that is put',
  ),
  others(blockingScenarios, 'web ACLs are paid for by the month, and are not made in an account yet'),
  others(cloudFrontScenarios, 'a distribution takes a quarter of an hour to come and to go, and is seen by the world'),
  others(
    keyAndCommandScenarios,
    'a key cannot be deleted before seven days, and an instance is managed only with a role, which is not made here',
  ),
  others(launchScenarios, 'it asks for machines whose hours are dear, or for what differs from Region to Region'),
  others(loadBalancerScenarios, 'load balancers are not made in an account yet'),
  others(targetGroupScenarios, 'load balancers and what answers behind them are not made in an account yet'),
  others(computeEnvironmentScenarios, 'compute environments of AWS Batch need roles, which are not made here'),
  others(objectScenarios, 'the name of its bucket is one in the whole world'),
  others(senderScenarios, 'functions and schedules need roles, which are not made here'),
  others(stageScenarios, STRANGERS),
  others(stagingScenarios, STRANGERS),
  others(memoryScenarios, STRANGERS),
];
