/** Who comes and goes already, and for how long: one at a time, and nobody is waited for for ever without a word. Pure. */

import type { Decision } from '../../../shared/kernel/decision.ts';
import { nothing, refuse } from '../../../shared/judgement/decisions.ts';
import { remembered, secondsSince, type Condition } from '../../../shared/judgement/since.ts';
import type { Group } from './facts.ts';
import type { HostVerdict } from './host-verdict.ts';
import { shortForGood } from './its-group.ts';
import { groupOf, hostsThat, isShort, shortText, type View } from './view.ts';

/** Under these keys the memory keeps since when something holds. */
export const SINCE = 'since:';

/** A target that drains is listed for its delay, and a little longer. Assumed. */
const DRAINED_SECONDS = 300;
/** So long a lifecycle hook waits, where it does not say otherwise. Source: PutLifecycleHook, `HeartbeatTimeout`. */
const HOOK_SECONDS = 3_600;

const startingKey = ({ host }: HostVerdict): string => `${SINCE}starting/${host.id}`;
const leavingKey = ({ host }: HostVerdict): string => `${SINCE}leaving/${host.id}`;
const shortKey = ({ name }: Group): string => `${SINCE}short/${name}`;

/** What the memory keeps of those who come and go. */
export function movements({ verdicts, facts: { groups } }: View): readonly Condition[] {
  return [
    ...verdicts.map((each) => ({ key: startingKey(each), holds: each.state === 'starting' })),
    ...verdicts.map((each) => ({ key: leavingKey(each), holds: each.state === 'leaving' })),
    ...groups.map((group) => ({ key: shortKey(group), holds: isShort(group) })),
  ];
}

function secondsOf({ facts, now }: View, key: string): number {
  return secondsSince(remembered(facts.history, key) ?? now, now);
}

/** It has left for longer than that takes: its delay, and what a hook of its group waits for. */
function isLeavingLate(view: View, verdict: HostVerdict): boolean {
  const isEnding = verdict.host.membership?.lifecycleState.startsWith('Terminating') === true;
  const mayTake = view.targetGroup.drainsSeconds + (isEnding ? HOOK_SECONDS : DRAINED_SECONDS);
  return verdict.state === 'leaving' && secondsOf(view, leavingKey(verdict)) >= mayTake;
}

/** Who comes or goes, and is waited for; whoever has left for longer than that takes is not. */
export function hostsMoving(view: View): readonly HostVerdict[] {
  return hostsThat(view, 'starting', 'leaving').filter((each) => !isLeavingLate(view, each));
}

/** One that comes or goes already is waited for: never two at a time. */
export function inFlight(view: View): Decision | undefined {
  const late = shortForGood(view) ?? launchLate(view);
  if (late !== undefined) return late;
  const [first] = hostsMoving(view);
  const short = view.facts.groups.find(isShort);
  if (first !== undefined) return nothing(view.evidence, 'in-flight', `${first.host.id} ${first.why}: one at a time`);
  return short === undefined
    ? undefined
    : nothing(view.evidence, 'in-flight', `${shortText(short)}: another is on its way`);
}

/** What should have come long ago is no reason to go on waiting without a word. */
function launchLate(view: View): Decision | undefined {
  const { evidence, facts, limits, targetGroup } = view;
  const mayTake = (group: Group | undefined): number =>
    Math.max(limits.maxReplacementSeconds + targetGroup.drainsSeconds, group?.graceSeconds ?? 0);
  const host = hostsThat(view, 'starting').find(
    (each) => secondsOf(view, startingKey(each)) >= mayTake(groupOf(view, each)),
  );
  const group = facts.groups.find((each) => isShort(each) && secondsOf(view, shortKey(each)) >= mayTake(each));
  if (host !== undefined) {
    const because = `${host.host.id} ${host.why}, for ${Math.round(secondsOf(view, startingKey(host)))} s: it does not come to serve`;
    return refuse(evidence, 'launch-late', because);
  }
  if (group === undefined) return undefined;
  const because = `${shortText(group)} for ${Math.round(secondsOf(view, shortKey(group)))} s: look at its activities`;
  return refuse(evidence, 'launch-late', because);
}

/** Whoever does not come to an end is told of, where nothing else is to be done. */
export function leavingLate(view: View): Decision | undefined {
  const late = view.verdicts.filter((each) => isLeavingLate(view, each));
  if (late.length === 0) return undefined;
  const names = late.map(
    (each) => `${each.host.id} ${each.why}, for ${Math.round(secondsOf(view, leavingKey(each)))} s`,
  );
  const because = `${names.join('; ')}: look at what keeps it, as a lifecycle hook of its group; others are replaced beside it`;
  return refuse(view.evidence, 'leaving-late', because);
}
