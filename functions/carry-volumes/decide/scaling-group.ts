/** What is known of an Auto Scaling group whose launches and terminations carry volumes. Pure. */

import type { HookDescription, HookFacts } from '../../../shared/judgement/hooks.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';

/** A scaling activity. Times are ISO 8601. */
export interface Activity {
  readonly kind: 'launch' | 'terminate';
  /** `null`: a launch that failed before there was an instance. */
  readonly instanceId: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** Auto Scaling's word: `Successful`, `Failed`, `Cancelled`, `InProgress`, … */
  readonly status: string;
  readonly message: string;
}

/** An instance, as its group sees it. */
interface GroupMember {
  readonly instanceId: string;
  readonly lifecycleState: string;
  readonly healthy: boolean;
}

/** A group, its hooks that are ours, and its last activities. */
export interface GroupFacts {
  readonly name: string;
  readonly desired: number;
  readonly members: readonly GroupMember[];
  readonly launchSuspended: boolean;
  /** `TerminateHookAbandon = retain`: an instance whose terminate hook ran out is kept as it is. */
  readonly retains: boolean;
  /** The hooks that are this runbook's to answer. */
  readonly hooks: readonly HookDescription[];
  /** Newest first. */
  readonly activities: readonly Activity[];
}

/** Launches given up since the last good one. What failed for want of capacity is no sign either way. */
export function abandonsInARow(activities: readonly Activity[]): number {
  let count = 0;
  for (const { kind, status, message } of activities) {
    if (kind !== 'launch') continue;
    if (status === 'Successful') return count;
    if (/abandon/iu.test(message)) count += 1;
  }
  return count;
}

/** When the launch or termination of an instance that is under way, or was the last, began. */
export function activityStart(
  activities: readonly Activity[],
  kind: Activity['kind'],
  instanceId: string,
): string | null {
  return activities.find((activity) => activity.kind === kind && activity.instanceId === instanceId)?.startedAt ?? null;
}

/** When what made a launch necessary began: the last termination, if the launch came within an hour of it. */
export function departureBefore(activities: readonly Activity[], launchedAt: string): string | null {
  const departure = activities.find(
    ({ kind, startedAt }) => kind === 'terminate' && startedAt <= launchedAt,
  )?.startedAt;
  return departure !== undefined && secondsSince(departure, launchedAt) <= 3_600 ? departure : null;
}

/** Members that are there or on their way in. */
function stayingMembers({ members }: GroupFacts): readonly GroupMember[] {
  return members.filter(({ lifecycleState }) => lifecycleState === 'InService' || lifecycleState.startsWith('Pending'));
}

/** More members than wanted: a replacement was launched before the one it replaces is terminated. */
export function launchedFirst(group: GroupFacts): boolean {
  return stayingMembers(group).length > group.desired;
}

/** The group's hook of a transition. */
export function hookOf({ hooks }: GroupFacts, transition: HookFacts['transition']): HookDescription | undefined {
  return hooks.find((hook) => hook.transition === transition);
}

/**
 * Whether a leaving side is at work, so that nobody else does what it does: this instance waits in a terminate hook of ours, or
 * is about to. `instanceId` null: whichever instance of the group.
 */
export function isLeavingByHook(group: GroupFacts, instanceId: string | null): boolean {
  const isConcerned = (id: string): boolean => instanceId === null || id === instanceId;
  const leavers = group.members.filter(
    (member) => /^Terminating(?::Wait)?$/u.test(member.lifecycleState) && isConcerned(member.instanceId),
  );
  return leavers.length > 0 && hookOf(group, 'terminating') !== undefined;
}
