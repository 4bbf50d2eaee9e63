/** What is known of an Auto Scaling group whose launches and terminations carry volumes. Pure. */

import type { HookDescription, HookFacts } from '../../../shared/judgement/hooks.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';

/** A scaling activity. Times are ISO 8601. */
export interface Activity {
  /** `pool`: launched into the warm pool, or put back there; nobody serves with that. */
  readonly kind: 'launch' | 'pool' | 'terminate';
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
  /** Instances that the group wants, together with what other groups of the same set want. */
  readonly desired: number;
  /** The most it may be made to want. */
  readonly max: number;
  /** Other groups that carry the same set, by name. */
  readonly sharers: readonly string[];
  /** Members in service and healthy, those of the other groups among them. */
  readonly inGoodService: number;
  /** Its own members, but for those in good service that hold nothing of the set. */
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

/**
 * Whether this very member is the one that a replacement was launched for before it is terminated: the only one that is in
 * service and not well. Where there are several, nobody can say whose place the replacement takes.
 */
export function isBeingReplaced({ members }: GroupFacts, instanceId: string): boolean {
  const ailing = members.filter(({ lifecycleState, healthy }) => lifecycleState === 'InService' && !healthy);
  return ailing.length === 1 && ailing[0]?.instanceId === instanceId;
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
