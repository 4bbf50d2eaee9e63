/** How `carry-volumes` waits: heartbeats, patience, and its end. Pure. */

import type { Decision } from '../../../shared/kernel/decision.ts';
import { abandonment, completion, heartbeat } from '../../../shared/judgement/hooks.ts';
import { nothing, refuse, wait } from '../../../shared/judgement/decisions.ts';
import { abandonsInARow, hookOf } from './scaling-group.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import { act, type Step, type View } from './view.ts';

/** Given up so often in a row, launches end: the next would end like them. */
const ABANDONS = 2;
/** The longest a lifecycle action lives, whatever is sent. Source: RecordLifecycleActionHeartbeat, 48 hours. */
const HOOK_SECONDS = 172_800;
/** Left to answer before the group answers by itself: a minute of throttling, and the doubling waits that outlast it. */
const MARGIN_SECONDS = 180;
/** A run's longest pause, and so the longest that a person's mending waits to be seen. */
const MOST_PAUSE_SECONDS = 800;
/** Of half a heartbeat time-out: what is left over is for the look itself, so that the heartbeat is never late. */
const PAUSE_SHARE = 0.8;
/** Each pause at its longest costs two of a run's 90 looks; as many as 40 are gone until the pauses have grown. */
const RUN_HALVES = 20;
/** A pause is this part of what was waited already: a snapshot of an hour is seen to be completed within nine minutes. */
const WAIT_SHARE = 7;
/** A pause that long means that nothing quick is under way. */
const LONG_PAUSE_SECONDS = 60;

function heartbeatSecondsOf({ facts }: View): number {
  const transition = facts.hook?.transition;
  return transition === undefined ? HOOK_SECONDS : (hookOf(facts.group, transition)?.heartbeatSeconds ?? 3_600);
}

/** Since this run's last step, or its beginning: a carry that is taken up late must not look as rarely as one that has waited long. */
function waitedSecondsOf({ progress, elapsedSeconds, now }: View): number {
  return Math.min(elapsedSeconds, secondsSince(progress.triedAt ?? progress.beganAt, now));
}

/**
 * Heartbeats before half the time-out is over; waits grow with the time passed, so that a long snapshot costs few looks,
 * and end with the patience, so that a look at which the hook is still to be answered always comes.
 */
export function hold(
  view: View,
  code: string,
  because: string,
  seconds = 15,
  waitedSeconds: number = waitedSecondsOf(view),
): Decision {
  const { facts, limits, progress, now, evidence, elapsedSeconds } = view;
  const { hook, ask } = facts;
  if (ask.kind === 'reconcile' && hook === null) return wait(evidence, code, because, seconds);
  const halfSeconds = heartbeatSecondsOf(view) / 2;
  const most = Math.min(MOST_PAUSE_SECONDS, Math.floor(halfSeconds * PAUSE_SHARE));
  const wanted = Math.floor(Math.min(Math.max(seconds, waitedSeconds / WAIT_SHARE), most));
  if (
    wanted >= Math.min(LONG_PAUSE_SECONDS, most) &&
    secondsSince(progress.beganAt, now) > Math.min(limits.runSeconds, RUN_HALVES * halfSeconds)
  )
    return refuse(evidence, 'handed-over', `${because}; this run has waited long enough, the schedule goes on`);
  const leftSeconds = Math.ceil(patienceSeconds(view) - elapsedSeconds);
  const pause = leftSeconds > 0 ? Math.min(wanted, leftSeconds) : wanted;
  const isDue = progress.beatAt === null || secondsSince(progress.beatAt, now) + pause > halfSeconds;
  if (hook !== null && isDue) return act(view, { code, because, plan: [heartbeat(hook, because)] });
  return wait(evidence, code, because, pause);
}

/** The hook's good answer, as the last step; where no hook waits there is nothing to do. */
export function answer(view: View, step: Omit<Step, 'plan'>): Decision {
  const { hook } = view.facts;
  const evidence = { ...view.evidence, ...step.evidence };
  return hook === null
    ? nothing(evidence, step.code, step.because)
    : act(view, { ...step, plan: [completion(hook, step.because)] }, true);
}

/** From the beginning of the departure or arrival; a hook too short for the schedule to go on with is answered within one run. */
export function patienceSeconds(view: View): number {
  const { facts, limits } = view;
  const global =
    facts.hook === null ? HOOK_SECONDS : (hookOf(facts.group, facts.hook.transition)?.globalSeconds ?? HOOK_SECONDS);
  const heartbeatSeconds = heartbeatSecondsOf(view);
  const oneRun = heartbeatSeconds < limits.minHeartbeatSeconds ? (RUN_HALVES * heartbeatSeconds) / 2 : HOOK_SECONDS;
  return Math.min(facts.settings.maxWaitSeconds, Math.min(global, HOOK_SECONDS) - MARGIN_SECONDS, oneRun);
}

/** The group launches no more, the instance is kept, and a person is told how to go on. */
function keepWaiting(view: View, code: string, because: string): Decision {
  const { facts, progress, now } = view;
  const { group, hook } = facts;
  const input = { AutoScalingGroupName: group.name, ScalingProcesses: ['Launch'] };
  const resume = `aws autoscaling resume-processes --auto-scaling-group-name ${group.name} --scaling-processes Launch`;
  const evidence = {
    why: code,
    toResume: `end the cause; ${hook?.instanceId ?? 'the instance'} then goes on within one tick of the schedule; then: ${resume}`,
  };
  const told = { ...view, evidence: { ...view.evidence, ...evidence } };
  if (!group.launchSuspended) {
    const suspend = {
      call: 'autoscaling:SuspendProcesses',
      input,
      because: `${because}; another launch would end like this one`,
      undo: { call: 'autoscaling:ResumeProcesses', input },
    };
    return {
      ...act(told, {
        code: 'launch-suspended',
        because,
        plan: hook === null ? [suspend] : [suspend, heartbeat(hook, because)],
      }),
      attention: true,
    };
  }
  const isDue = progress.beatAt === null || secondsSince(progress.beatAt, now) > heartbeatSecondsOf(view) / 2;
  if (hook !== null && isDue) return act(told, { code: 'launch-suspended', because, plan: [heartbeat(hook, because)] });
  return refuse(told.evidence, 'launch-suspended', because);
}

/** The data cannot be had (yet): waits, then gives the instance up, and after two in a row stops giving up. */
export function doubt(
  view: View,
  code: string,
  because: string,
  how: { readonly hopeless?: true; readonly seconds?: number; readonly since?: string | null } = {},
): Decision {
  const { facts, limits, now, elapsedSeconds } = view;
  const { hook, group } = facts;
  const isOver = elapsedSeconds >= (how.hopeless === true ? limits.hopelessSeconds : patienceSeconds(view));
  if (!isOver)
    return hold(
      view,
      code,
      because,
      how.seconds,
      how.since === undefined || how.since === null ? undefined : secondsSince(how.since, now),
    );
  if (hook === null) return refuse(view.evidence, code, because);
  // Its own launch may have been given up a moment ago, by another run on the same instance: that is no reason to stop launches.
  const abandons = abandonsInARow(group.activities.filter(({ instanceId }) => instanceId !== hook.instanceId));
  if (how.hopeless === true || abandons >= ABANDONS || group.launchSuspended) return keepWaiting(view, code, because);
  const evidence = { ...view.evidence, abandonsBefore: abandons, why: code };
  return {
    ...act({ ...view, evidence }, { code: 'abandoned', because, plan: [abandonment(hook, because)] }, true),
    attention: true,
  };
}
