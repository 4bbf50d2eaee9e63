/** What about a group would keep its volumes from being carried well, found before they have to be. Pure. */

import type { KeyStates } from './facts.ts';
import { hookOf } from './scaling-group.ts';
import type { View } from './view.ts';

/** KMS's words for a key that nothing can be encrypted with. One that is `Updating` works; of any other word EBS has the last. */
const LOCKED: ReadonlySet<string> = new Set([
  'Creating',
  'Disabled',
  'PendingDeletion',
  'PendingImport',
  'PendingReplicaDeletion',
  'Unavailable',
]);

/** What keeps a volume from being made or attached, and what to do about it; `undefined`: nothing that is known. */
export function lockedKey(keys: KeyStates): string | undefined {
  const [key, state] = Object.entries(keys).find(([, each]) => LOCKED.has(each)) ?? [];
  if (key === undefined || state === undefined) return undefined;
  const remedy = state === 'PendingDeletion' ? 'cancel its deletion and enable it' : 'enable it';
  return `the KMS key ${key} is ${state}: no volume that it encrypts can be made or attached; ${remedy}`;
}

/** Why an instance that is not tagged itself is left alone, and what to do about it. */
export function untaggedBecause(instanceId: string, set: string): string {
  return `${instanceId} does not carry runbook:volumes = ${set} itself: let the group propagate its tag, and tag the instances it has`;
}

/** What a person can do about a place whose volume is gone, while the instance serves on without. */
export function missingRemedy(instanceId: string): string {
  return `it serves on without: ask with the action carry for ${instanceId}, which makes the missing alone, of their newest snapshots; or take runbook:volumes off those snapshots`;
}

/** One line per flaw of the group, what to do in each. */
export function flawsOf({ facts: { group, settings, keys, roots }, limits }: View): readonly string[] {
  const launch = hookOf(group, 'launching');
  const locked = lockedKey(keys);
  const flaws = [...settings.problems, ...(locked === undefined ? [] : [locked])];
  for (const root of roots)
    flaws.push(`${root.said}: take runbook:volumes off it, and let the launch template tag the data volumes alone`);
  if (launch === undefined)
    flaws.push('no launch hook of this runbook: an instance goes into service without its volumes');
  if (hookOf(group, 'terminating') === undefined)
    flaws.push('no terminate hook of this runbook: the last snapshot is taken only once a successor waits for it');
  if (launch?.defaultResult === 'CONTINUE')
    flaws.push(`${launch.hook}: DefaultResult CONTINUE lets an instance in without its volumes; set ABANDON`);
  if (!group.retains)
    flaws.push('InstanceLifecyclePolicy: TerminateHookAbandon is not retain: what could not be saved is terminated');
  for (const { hook, heartbeatSeconds, globalSeconds } of group.hooks) {
    if (heartbeatSeconds < limits.minHeartbeatSeconds)
      flaws.push(
        `${hook}: HeartbeatTimeout ${heartbeatSeconds} s; at least ${limits.minHeartbeatSeconds} s outlast a lost event`,
      );
    if (globalSeconds < settings.maxWaitSeconds)
      flaws.push(`${hook}: it ends after ${globalSeconds} s, runbook:max-wait-seconds is ${settings.maxWaitSeconds}`);
  }
  if (group.max > 1)
    flaws.push(
      `MaxSize ${group.max}: with a second instance nothing would be carried any more; set it to 1, a replacement may exceed it`,
    );
  return flaws;
}
