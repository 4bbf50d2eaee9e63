/**
 * How a host is replaced, by the group that it is a member of: it is taken out of the target group, so that nobody new gets to it; those
 * who are on it are waited for; it is ended; and the one that the group launches is watched until it serves. Pure.
 */

import type { Act, ApiCall, Decision, JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import { nothing, refuse, wait } from '../../../shared/judgement/decisions.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import { deniedNow, END, END_IN_GROUP } from './cannot-end.ts';
import { goOnKeeping } from './crash-loop.ts';
import { lastElsewhere, untoldElsewhere } from './elsewhere.ts';
import type { HostVerdict } from './host-verdict.ts';
import { hostsMoving } from './in-flight.ts';
import { whyNoneComes } from './its-group.ts';
import { presenceOn } from './sessions.ts';
import { goOnBack, isOut, putBack } from './setting-back.ts';
import { claimFor, takenBy } from './shared-group.ts';
import { optedOut, outOfSight, takenOver } from './taken-over.ts';
import { groupOf, hostsThat, isShort, shortText, type Replacement, type View } from './view.ts';

const TAKE_OUT = 'elasticloadbalancing:DeregisterTargets';
const PUT_BACK = 'elasticloadbalancing:RegisterTargets';

/** How often it is looked what has become of it. */
const LOOK_SECONDS = 30;

/** An end that was taken shows within so long; if it does not by then, it is asked for again. Assumed: AWS's answers lag by seconds. */
const SHOWN_SECONDS = 60;

function targetsOf({ facts: { target } }: View, { host }: HostVerdict): JsonObject {
  return { TargetGroupArn: target, Targets: host.targets.map(({ port }) => ({ Id: host.id, Port: port })) };
}

interface Step {
  readonly code: string;
  readonly because: string;
  readonly plan: readonly PlannedCall[];
  readonly intent: string;
  readonly replacement: Replacement;
  readonly budget: Act['budget'];
}

function step(view: View, { code, because, plan, intent, replacement, budget }: Step): Act {
  return {
    kind: 'act',
    code,
    because,
    evidence: { ...view.evidence, replacing: replacement.host },
    plan,
    intent,
    note: { ...replacement },
    ...claimFor(view, replacement.host),
    budget,
    onDenied: 'decide',
    more: true,
  };
}

/** At one of its ports people are served, as far as it is known: what the balancer calls unhealthy it resets by itself. */
function mayServe({ host, state }: HostVerdict): boolean {
  return state !== 'dead' && host.targets.some((each) => each.state === 'healthy' || each.state === 'unavailable');
}

/** Who came in the place of another and fails is one more; who is begun anew is the same. */
function inRowWith({ replacement }: View, id: string): number {
  if (replacement === null) return 1;
  return replacement.host === id ? replacement.inRow : replacement.inRow + 1;
}

/** Begins: nobody new gets to it. `why`: what is wrong with it, or who asks. */
export function takeOut(view: View, verdict: HostVerdict, why: string, isAsked: boolean): Decision {
  const { host } = verdict;
  const taken = takenBy(view, host.id);
  if (taken !== undefined) return nothing(view.evidence, 'in-flight', `${host.id} ${why}; ${taken}`);
  const replacement = {
    host: host.id,
    group: host.membership?.group ?? null,
    isByGroup: groupOf(view, verdict)?.isTagged === true,
    // What others have taken out stays out.
    ports: host.targets.filter(({ state }) => state !== 'draining').map(({ port }) => port),
    outAt: view.now,
    run: view.facts.run,
    isAsked,
    wasHealthy: mayServe(verdict),
    askedAt: null,
    endedAt: null,
    inRow: inRowWith(view, host.id),
  };
  const input = targetsOf(view, verdict);
  const because = `${host.id} ${why}: it is replaced`;
  const out: PlannedCall = { call: TAKE_OUT, input, because, undo: { call: PUT_BACK, input } };
  // Nobody is on what is registered nowhere, or does not run: it is ended at once.
  if (host.targets.length === 0 || host.state !== 'running') return end(view, verdict, replacement, 'counted', because);
  const intent = `replace ${host.id}`;
  return step(view, { code: 'replacing', because, plan: [out], intent, replacement, budget: 'counted' });
}

/** The call that ends a host, by what has the tag. */
function ending(view: View, verdict: HostVerdict): ApiCall {
  const { id } = verdict.host;
  const isByGroup = groupOf(view, verdict)?.isTagged === true;
  if (!isByGroup) return { call: END, input: { InstanceIds: [id] } };
  return { call: END_IN_GROUP, input: { InstanceId: id, ShouldDecrementDesiredCapacity: false } };
}

function end(
  view: View,
  verdict: HostVerdict,
  replacement: Replacement,
  budget: Act['budget'],
  because: string,
): Decision {
  // What was taken out before it has ended cannot be put back any more.
  const call = { ...ending(view, verdict), because, voids: [verdict.host.id] };
  const ended = { ...replacement, endedAt: view.now };
  // Announced by itself, so that a later run knows that the end was asked for.
  const intent = `end ${replacement.host}`;
  return step(view, { code: 'ending', because, plan: [call], intent, replacement: ended, budget });
}

/** No host is healthy, and its machine runs: a balancer without a healthy target sends to all that it has. */
export function isAlone(view: View, { host, state }: HostVerdict): boolean {
  return host.state === 'running' && state !== 'dead' && hostsThat(view, 'healthy').length === 0;
}

/** The balancer calls it healthy, and nobody else: a machine may fail a status check and serve all the same. */
export function isLastServing(view: View, { host }: HostVerdict): boolean {
  const serves = ({ state, targets }: HostVerdict['host']): boolean =>
    state === 'running' && targets.some((each) => each.state === 'healthy');
  return serves(host) && !view.verdicts.some((other) => other.host.id !== host.id && serves(other.host));
}

/** An end that was asked for, and does not show yet. */
function isJustEnded({ endedAt }: Replacement, now: string): boolean {
  return endedAt !== null && secondsSince(endedAt, now) < SHOWN_SECONDS;
}

/** What has come to speak against its end since it was taken out, at whatever look that shows. */
function changedMeanwhile(view: View, verdict: HostVerdict, replacement: Replacement): Decision | undefined {
  const { id } = verdict.host;
  const isComing = isJustEnded(replacement, view.now);
  const left = isComing ? undefined : takenOver(view, verdict, replacement);
  if (left !== undefined) return left;
  const back = (why: string, denial: string | null): Decision => putBack(view, verdict, replacement.ports, why, denial);
  const denial = deniedNow(view, verdict);
  if (denial !== undefined) return back(`${id} cannot be ended`, denial);
  if (isAlone(view, verdict)) return back('no other host is healthy', null);
  const out = isComing ? undefined : optedOut(view, verdict, replacement);
  return out === undefined ? undefined : back(out, null);
}

/** It is out, and runs: it is ended once nobody is on it. */
function endWhenEmpty(view: View, verdict: HostVerdict, replacement: Replacement): Decision {
  const { limits, now, evidence } = view;
  const { id } = verdict.host;
  const changed = changedMeanwhile(view, verdict, replacement);
  if (changed !== undefined) return changed;
  const seconds = Math.ceil(limits.drainSeconds - secondsSince(replacement.outAt, now));
  const told = { ...evidence, replacing: id, outSince: replacement.outAt };
  if (seconds > 0)
    return wait(
      told,
      'draining',
      `${id} is deregistered, and may get new connections for ${limits.drainSeconds} s`,
      seconds,
    );
  const presence = presenceOn(view, verdict, replacement);
  if (presence.kind === 'people') {
    const because = `${id} is deregistered; ${presence.why}, and they are waited for`;
    return wait(told, 'sessions', because, presence.seconds);
  }
  if (presence.kind === 'ask') {
    const asked = { ...replacement, askedAt: now };
    const because = `${id} is deregistered, and it is counted who is on it`;
    const intent = `replace ${id}`;
    return step(view, { code: 'counting', because, plan: [presence.call], intent, replacement: asked, budget: 'free' });
  }
  return (
    holdsUp(view, verdict, replacement) ??
    end(
      view,
      verdict,
      replacement,
      'free',
      `${id} is deregistered since ${replacement.outAt}: it is ended, and its group launches another`,
    )
  );
}

/** What AWS has taken shows a little later; and while another host comes or goes nobody is ended beside it. */
function holdsUp(view: View, verdict: HostVerdict, replacement: Replacement): Decision | undefined {
  const { outAt } = replacement;
  const { now, limits, evidence } = view;
  const { id } = verdict.host;
  const told = { ...evidence, replacing: id, outSince: outAt };
  if (isJustEnded(replacement, now))
    return wait(told, 'replacement-coming', `${id} is ended, and that does not show yet`, LOOK_SECONDS);
  const back = (why: string): Decision => putBack(view, verdict, replacement.ports, why, null);
  // What spoke for its end may have changed while people were waited for.
  const last = lastElsewhere(verdict);
  if (last !== undefined) return back(`${id} ${last}`);
  const none = whyNoneComes(view, verdict);
  if (none !== undefined) return back(`${id} is deregistered, and ${none.because}`);
  const isTooLong = secondsSince(outAt, now) >= limits.maxSessionSeconds + limits.maxReplacementSeconds;
  const taken = takenBy(view, id);
  if (taken !== undefined)
    return isTooLong ? back(taken) : wait(told, 'in-flight', `${id} is deregistered; ${taken}`, LOOK_SECONDS);
  const untold = untoldElsewhere(verdict);
  if (untold !== undefined)
    return isTooLong
      ? back(`${id} ${untold}`)
      : wait(told, 'unknown-elsewhere', `${id} is deregistered, and ${untold}`, LOOK_SECONDS);
  const [other] = hostsMoving(view).filter(({ host }) => host.id !== id);
  if (other === undefined) return undefined;
  const because = `${other.host.id} ${other.why}`;
  if (isTooLong) return back(`${because}, and keeps ${id} from being ended`);
  return wait(told, 'in-flight', `${id} is deregistered; ${because}: one at a time`, LOOK_SECONDS);
}

/** The one that comes in its place is watched; `undefined`: it is there, and all are judged anew. */
function awaitNext(view: View, replacement: Replacement, seen: HostVerdict | undefined): Decision | undefined {
  const { limits, now, evidence, facts, targetGroup } = view;
  const { host, endedAt, outAt } = replacement;
  const told = { ...evidence, replaced: host };
  const isLost = seen === undefined && endedAt === null;
  // Its group may not have noticed yet.
  const isHere = ({ host: { id, membership } }: HostVerdict): boolean => id === host && membership !== null;
  const moving = hostsMoving(view);
  const coming = view.verdicts.filter((each) => isHere(each) || moving.includes(each));
  const short = facts.groups.find(isShort);
  if (coming.length === 0 && short === undefined) {
    const bad = hostsThat(view, 'failing', 'dead', 'gone');
    // Who has come in its place and fails was watched from its first moment; of others the doubt begins with the next look.
    if (bad.some(({ host: { launchedAt } }) => launchedAt !== null && launchedAt > outAt)) return undefined;
    // What the ledger said is as old as this run, which has only looked on: whoever replaces the host may have ended it since.
    const isOld = replacement.run !== facts.run && secondsSince(facts.begunAt, now) >= SHOWN_SECONDS;
    if (isLost && isOld)
      return nothing(
        told,
        'another-run',
        `${host} is not seen any more; another run replaces it, and the next look begins anew`,
      );
    // Who was taken away from its group may still run, and have people on it.
    if (isLost) return outOfSight(view, replacement);
    const beside = bad.length === 0 ? '' : `; ${bad.map((each) => `${each.host.id} ${each.why}`).join(', ')}`;
    const because = `${host} is replaced, and ${hostsThat(view, 'healthy').length} hosts serve${beside}`;
    return { ...nothing(told, 'replaced', because), tells: true };
  }
  // Where a run has died, its successor does not know when it asked for the end.
  const since = endedAt ?? (outAt > facts.begunAt ? outAt : facts.begunAt);
  const seconds = secondsSince(since, now);
  const names = coming.map((each) => `${each.host.id} ${each.why}`);
  const missing = short === undefined ? [] : [shortText(short)];
  const because = `${host} ${isLost ? 'is not seen any more' : 'is ended'}; ${[...names, ...missing].join(', ')}`;
  if (seconds < limits.maxReplacementSeconds + targetGroup.drainsSeconds)
    return wait(told, 'replacement-coming', because, LOOK_SECONDS);
  return { ...refuse(told, 'replacement-late', `${because}, for ${Math.round(seconds)} s`), over: true };
}

/** Goes on with what was begun; `undefined`: nothing was, or it is over. */
export function goOn(view: View): Decision | undefined {
  const { replacement, facts } = view;
  // An event does not show whether the run that began it lives; if it does not, the schedule goes on.
  const mayBeDead = facts.ask.kind === 'replace' || (facts.ask.kind === 'look' && facts.ask.isTick);
  const isAnothers = (run: string): boolean => run !== facts.run && !mayBeDead;
  const last = goOnBack(view) ?? goOnKeeping(view);
  if (last !== undefined)
    return isAnothers(last.run) ? nothing(view.evidence, 'another-run', 'another run is at this fleet') : last.decision;
  if (replacement === null) return undefined;
  if (isAnothers(replacement.run))
    return nothing(view.evidence, 'another-run', `another run replaces ${replacement.host}`);
  const verdict = view.verdicts.find(({ host }) => host.id === replacement.host);
  if (verdict === undefined || hasEnded(verdict)) return awaitNext(view, replacement, verdict);
  if (isOut(verdict)) return endWhenEmpty(view, verdict, replacement);
  // It was announced and not done, or put back: what is seen now counts.
  return undefined;
}

/** It is ended, or its group is at it. */
function hasEnded({ host, state }: HostVerdict): boolean {
  return (
    host.state !== 'running' || (state === 'leaving' && host.membership?.lifecycleState.startsWith('Terminat') === true)
  );
}
