/** How `carry-volumes` waits: heartbeats, patience, and its end. Pure. */

import type { Act, Decision, JsonObject } from './decision.ts';
import { abandonment, completion, heartbeat } from './hooks.ts';
import { nothing, refuse, wait } from './judgement.ts';
import { abandonsInARow, hookOf } from './scaling-group.ts';
import { secondsSince } from './since.ts';
import { act, type Step, type View } from './volume-view.ts';

/** Given up so often in a row, launches end: the next would end like them. */
const ABANDONS = 2;
/** The longest a lifecycle action lives, whatever is sent. Source: RecordLifecycleActionHeartbeat, 48 hours. */
const HOOK_SECONDS = 172_800;
/** Left to answer before the group answers by itself. */
const MARGIN_SECONDS = 120;

function heartbeatSecondsOf({ facts }: View): number {
  const transition = facts.hook?.transition;
  return transition === undefined ? HOOK_SECONDS : (hookOf(facts.group, transition)?.heartbeatSeconds ?? 3_600);
}

/** Heartbeats at half the time-out; waits grow with the time passed, so that a long snapshot costs few looks. */
export function hold(view: View, code: string, because: string, seconds = 15, waitedSeconds = view.elapsedSeconds): Decision {
  const { facts, limits, progress, now, evidence } = view;
  const { hook, ask } = facts;
  if (ask.kind === 'reconcile' && hook === null) return nothing(evidence, code, because);
  const halfSeconds = heartbeatSecondsOf(view) / 2;
  const pause = Math.floor(Math.min(Math.max(seconds, waitedSeconds / 8), 600, halfSeconds));
  // Each half time-out costs two looks, and a run has 90; as many as 40 are gone until the waits have grown.
  if (pause >= 60 && secondsSince(progress.beganAt, now) > Math.min(limits.runSeconds, 24 * halfSeconds)) return refuse(evidence, 'handed-over', `${because}; this run has waited long enough, the schedule goes on`);
  const isDue = progress.beatAt === null || secondsSince(progress.beatAt, now) + pause > halfSeconds * 1.5;
  if (hook !== null && isDue) return act(view, { code, because, plan: [heartbeat(hook, because)] });
  return wait(evidence, code, because, pause);
}

export function answer(view: View, step: Omit<Step, 'plan'>): Decision {
  const { hook } = view.facts;
  const evidence = { ...view.evidence, ...step.evidence };
  return hook === null ? nothing(evidence, step.code, step.because) : act(view, { ...step, plan: [completion(hook, step.because)] }, true);
}

export function patienceSeconds({ facts }: View): number {
  const global = facts.hook === null ? HOOK_SECONDS : (hookOf(facts.group, facts.hook.transition)?.globalSeconds ?? HOOK_SECONDS);
  return Math.min(facts.settings.maxWaitSeconds, Math.min(global, HOOK_SECONDS) - MARGIN_SECONDS);
}

/** The group launches no more, the instance is kept, and a person is told how to go on. */
function keepWaiting(view: View, code: string, because: string): Decision {
  const { facts, progress, now } = view;
  const { group, hook } = facts;
  const input = { AutoScalingGroupName: group.name, ScalingProcesses: ['Launch'] };
  const resume = `aws autoscaling resume-processes --auto-scaling-group-name ${group.name} --scaling-processes Launch`;
  const evidence = { why: code, toResume: `end the cause; ${hook?.instanceId ?? 'the instance'} then goes on within one tick of the schedule; then: ${resume}` };
  const told = { ...view, evidence: { ...view.evidence, ...evidence } };
  if (!group.launchSuspended) {
    const suspend = { call: 'autoscaling:SuspendProcesses', input, because: `${because}; another launch would end like this one`, undo: { call: 'autoscaling:ResumeProcesses', input } };
    return { ...act(told, { code: 'launch-suspended', because, plan: hook === null ? [suspend] : [suspend, heartbeat(hook, because)] }), attention: true };
  }
  const isDue = progress.beatAt === null || secondsSince(progress.beatAt, now) > heartbeatSecondsOf(view) / 2;
  if (hook !== null && isDue) return act(told, { code: 'launch-suspended', because, plan: [heartbeat(hook, because)] });
  return refuse(told.evidence, 'launch-suspended', because);
}

/** The data cannot be had (yet): waits, then gives the instance up, and after two in a row stops giving up. */
export function doubt(view: View, code: string, because: string, how: { readonly hopeless?: true; readonly seconds?: number; readonly since?: string | null } = {}): Decision {
  const { facts, limits, now, elapsedSeconds } = view;
  const { hook, group } = facts;
  const isOver = elapsedSeconds >= (how.hopeless === true ? limits.hopelessSeconds : patienceSeconds(view));
  if (!isOver) return hold(view, code, because, how.seconds, how.since === undefined || how.since === null ? elapsedSeconds : secondsSince(how.since, now));
  if (hook === null) return refuse(view.evidence, code, because);
  const abandons = abandonsInARow(group.activities);
  if (how.hopeless === true || abandons >= ABANDONS || group.launchSuspended) return keepWaiting(view, code, because);
  const evidence = { ...view.evidence, abandonsBefore: abandons, why: code };
  return { ...act({ ...view, evidence }, { code: 'abandoned', because, plan: [abandonment(hook, because)] }, true), attention: true };
}
