/** How long a lifecycle action waits without a word, and when the next is due. Pure. */

import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import { heartbeat } from '../../../shared/judgement/hooks.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import { hookOf } from './scaling-group.ts';
import type { View } from './view.ts';

/** The longest a lifecycle action lives, whatever is sent. Source: RecordLifecycleActionHeartbeat, 48 hours. */
export const HOOK_SECONDS = 172_800;
/** Where the group does not describe the hook. Source: PutLifecycleHook, `HeartbeatTimeout`, the default. */
const USUAL_HEARTBEAT_SECONDS = 3_600;
const HEARTBEAT = 'autoscaling:RecordLifecycleActionHeartbeat';
const ANSWER = 'autoscaling:CompleteLifecycleAction';

/** The heartbeat time-out of the hook that waits; none that matters where none does. */
export function heartbeatSecondsOf({ facts }: Pick<View, 'facts'>): number {
  const transition = facts.hook?.transition;
  if (transition === undefined) return HOOK_SECONDS;
  return hookOf(facts.group, transition)?.heartbeatSeconds ?? USUAL_HEARTBEAT_SECONDS;
}

/** Whether a plan extends the lifecycle action. */
export function isBeating(plan: readonly PlannedCall[]): boolean {
  return plan.some(({ call }) => call === HEARTBEAT);
}

/**
 * The plan, with the heartbeat that is due before it: what AWS goes on refusing is planned again and again, run after run, and no run
 * comes to wait. A run that has sent none yet cannot know when the last was; one too many changes nothing.
 */
export function withDueBeat(view: View, plan: readonly PlannedCall[], because: string): readonly PlannedCall[] {
  const { facts, progress, now, elapsedSeconds } = view;
  if (facts.hook === null || isBeating(plan) || plan.every(({ call }) => call === ANSWER)) return plan;
  const silentSeconds = progress.beatAt === null ? elapsedSeconds : secondsSince(progress.beatAt, now);
  return silentSeconds > heartbeatSecondsOf(view) / 2 ? [heartbeat(facts.hook, because), ...plan] : plan;
}
