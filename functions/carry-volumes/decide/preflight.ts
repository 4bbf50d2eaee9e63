/** What about a group would keep its volumes from being carried well, found before they have to be. Pure. */

import { hookOf, type GroupFacts } from './scaling-group.ts';

/** What people set by tags on the group. */
export interface CarrySettings {
  readonly mayBeginEmpty: boolean;
  readonly maxWaitSeconds: number;
  /** `null`: nothing older than the volumes themselves is acceptable. */
  readonly oldestAcceptableSeconds: number | null;
  readonly keepSnapshots: number;
  /** The SSM document that freezes and thaws the file systems; `null`: they are not frozen. */
  readonly freezeDocument: string | null;
  /** Tags whose value cannot be read. */
  readonly problems: readonly string[];
}

/** By key ARN: KMS's word (`Enabled`, `Disabled`, `PendingDeletion`…); `unread`: KMS did not say, or may not be asked. */
export type KeyStates = { readonly [keyArn: string]: string };

/** What keeps a volume from being made or attached, and what to do about it; `undefined`: nothing that is known. */
export function lockedKey(keys: KeyStates): string | undefined {
  const [key, state] = Object.entries(keys).find(([, each]) => each !== 'Enabled' && each !== 'unread') ?? [];
  if (key === undefined || state === undefined) return undefined;
  const remedy = state === 'PendingDeletion' ? 'cancel its deletion and enable it' : 'enable it';
  return `the KMS key ${key} is ${state}: no volume that it encrypts can be made or attached; ${remedy}`;
}

/**
 * One line per flaw, what to do in each.
 * @param minHeartbeatSeconds a heartbeat time-out below this does not outlast an event that is lost
 */
export function flawsOf(
  group: GroupFacts,
  settings: CarrySettings,
  keys: KeyStates,
  minHeartbeatSeconds: number,
): readonly string[] {
  const launch = hookOf(group, 'launching');
  const locked = lockedKey(keys);
  const flaws = [...settings.problems, ...(locked === undefined ? [] : [locked])];
  if (launch === undefined)
    flaws.push('no launch hook of this runbook: an instance goes into service without its volumes');
  if (hookOf(group, 'terminating') === undefined)
    flaws.push('no terminate hook of this runbook: the last snapshot is taken only once a successor waits for it');
  if (launch?.defaultResult === 'CONTINUE')
    flaws.push(`${launch.hook}: DefaultResult CONTINUE lets an instance in without its volumes; set ABANDON`);
  if (!group.retains)
    flaws.push('InstanceLifecyclePolicy: TerminateHookAbandon is not retain: what could not be saved is terminated');
  for (const { hook, heartbeatSeconds, globalSeconds } of group.hooks) {
    if (heartbeatSeconds < minHeartbeatSeconds)
      flaws.push(
        `${hook}: HeartbeatTimeout ${heartbeatSeconds} s; at least ${minHeartbeatSeconds} s outlast a lost event`,
      );
    if (globalSeconds < settings.maxWaitSeconds)
      flaws.push(`${hook}: it ends after ${globalSeconds} s, runbook:max-wait-seconds is ${settings.maxWaitSeconds}`);
  }
  if (group.desired > 1) flaws.push(`DesiredCapacity ${group.desired}: a set of volumes is carried by one instance`);
  return flaws;
}
