/**
 * How either side waits, and how waiting ends. `hold`: what was begun is on its way. `doubt`: the data cannot be had (yet), and a
 * launch for which that stays so is given up; after two in a row, or at once where a person must do something, the group
 * launches no more and the instance is kept (`launch-suspended`). Heartbeats keep the hook open meanwhile, and a run that has
 * waited long leaves the rest to the schedule (`handed-over`). Pure.
 */

import type { Decision, PlannedCall } from '../../../shared/kernel/decision.ts';
import { abandonment, completion, heartbeat } from '../../../shared/judgement/hooks.ts';
import { nothing, refuse, wait } from '../../../shared/judgement/decisions.ts';
import { HOOK_SECONDS, heartbeatSecondsOf } from './beat.ts';
import { abandonsInARow, hookOf } from './scaling-group.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import { shellLine } from '../../../shared/kernel/shell.ts';
import { act, type Step } from './step.ts';
import type { View } from './view.ts';

/** Given up so often in a row, launches end: the next would end like them. */
const ABANDONS = 2;
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

/** What a doubt is told of besides its reason. */
interface DoubtOptions {
  /** Only a person can end it. */
  readonly hopeless?: true;
  /** Until the next look. */
  readonly seconds?: number;
  /** Since when it has been waited for, where that is not the run's own last step. */
  readonly since?: string | null;
}

/** The data cannot be had (yet): waits, then gives the instance up, and after two in a row stops giving up. */
export function doubt(view: View, code: string, because: string, options: DoubtOptions = {}): Decision {
  const { facts, limits, now, elapsedSeconds } = view;
  const { hook, group } = facts;
  const isHopeless = options.hopeless === true;
  const patience = isHopeless ? limits.hopelessSeconds : patienceSeconds(view);
  if (elapsedSeconds < patience) {
    const since = options.since ?? null;
    return hold(view, code, because, options.seconds, since === null ? undefined : secondsSince(since, now));
  }

  // No launch to give up: people are told how it stands.
  if (hook === null) return refuse(view.evidence, code, because);

  // Its own launch may have been given up a moment ago, by another run on the same instance: that is no reason to stop launches.
  const others = group.activities.filter(({ instanceId }) => instanceId !== hook.instanceId);
  const abandons = abandonsInARow(others);
  if (isHopeless || abandons >= ABANDONS || group.launchSuspended) return keepWaiting(view, code, because);

  const told = { ...view, evidence: { ...view.evidence, abandonsBefore: abandons, why: code } };
  const plan = [abandonment(hook, because)];
  return { ...act(told, { code: 'abandoned', because, plan }, true), attention: true };
}

/** The group launches no more, the instance is kept, and a person is told how to go on. */
function keepWaiting(view: View, code: string, because: string): Decision {
  const { facts, progress, now } = view;
  const { group, hook } = facts;
  const named = ['--auto-scaling-group-name', group.name, '--scaling-processes', 'Launch'];
  const resume = shellLine('aws', 'autoscaling', 'resume-processes', ...named);
  const evidence = {
    ...view.evidence,
    why: code,
    toResume: `end the cause; ${hook?.instanceId ?? 'the instance'} then goes on within one tick of the schedule; then: ${resume}`,
  };
  const told = { ...view, evidence };
  const beat = hook === null ? [] : [heartbeat(hook, because)];
  if (!group.launchSuspended) {
    const plan = [suspension(group.name, because), ...beat];
    return { ...act(told, { code: 'launch-suspended', because, plan }), attention: true };
  }
  const isDue = progress.beatAt === null || secondsSince(progress.beatAt, now) > heartbeatSecondsOf(view) / 2;
  if (hook !== null && isDue) return act(told, { code: 'launch-suspended', because, plan: beat });
  return refuse(evidence, 'launch-suspended', because);
}

function suspension(group: string, because: string): PlannedCall {
  const input = { AutoScalingGroupName: group, ScalingProcesses: ['Launch'] };
  return {
    call: 'autoscaling:SuspendProcesses',
    input,
    because: `${because}; another launch would end like this one`,
    undo: { call: 'autoscaling:ResumeProcesses', input },
  };
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
  const mostSeconds = Math.min(MOST_PAUSE_SECONDS, Math.floor(halfSeconds * PAUSE_SHARE));
  const grownSeconds = Math.max(seconds, waitedSeconds / WAIT_SHARE);
  const wantedSeconds = Math.floor(Math.min(grownSeconds, mostSeconds));

  const isSlow = wantedSeconds >= Math.min(LONG_PAUSE_SECONDS, mostSeconds);
  const isRunLong = secondsSince(progress.beganAt, now) > Math.min(limits.runSeconds, RUN_HALVES * halfSeconds);
  if (isSlow && isRunLong)
    return refuse(evidence, 'handed-over', `${because}; this run has waited long enough, the schedule goes on`);

  const leftSeconds = Math.ceil(patienceSeconds(view) - elapsedSeconds);
  const pauseSeconds = leftSeconds > 0 ? Math.min(wantedSeconds, leftSeconds) : wantedSeconds;
  const isBeatDue = progress.beatAt === null || secondsSince(progress.beatAt, now) + pauseSeconds > halfSeconds;
  if (hook !== null && isBeatDue) return act(view, { code, because, plan: [heartbeat(hook, because)] });
  return wait(evidence, code, because, pauseSeconds);
}

/** Since this run's last step, or its beginning: a carry that is taken up late must not look as rarely as one that has waited long. */
function waitedSecondsOf({ progress, elapsedSeconds, now }: View): number {
  return Math.min(elapsedSeconds, secondsSince(progress.triedAt ?? progress.beganAt, now));
}

/** The hook's good answer, as the last step; where no hook waits there is nothing to do. */
export function answer(view: View, step: Omit<Step, 'plan'>): Decision {
  const { hook } = view.facts;
  if (hook === null) return nothing({ ...view.evidence, ...step.evidence }, step.code, step.because);
  return act(view, { ...step, plan: [completion(hook, step.because)] }, true);
}

/** From the beginning of the departure or arrival; a hook too short for the schedule to go on with is answered within one run. */
export function patienceSeconds(view: View): number {
  const { facts, limits } = view;
  const ownHook = facts.hook === null ? undefined : hookOf(facts.group, facts.hook.transition);
  const hookSeconds = Math.min(ownHook?.globalSeconds ?? HOOK_SECONDS, HOOK_SECONDS);
  const heartbeatSeconds = heartbeatSecondsOf(view);
  const isForOneRun = heartbeatSeconds < limits.minHeartbeatSeconds;
  const runSeconds = isForOneRun ? (RUN_HALVES * heartbeatSeconds) / 2 : HOOK_SECONDS;
  return Math.min(facts.settings.maxWaitSeconds, hookSeconds - MARGIN_SECONDS, runSeconds);
}
