/**
 * How a host is replaced, by the group that it is a member of: it is taken out of the target group, so that nobody new gets to it; those
 * who are on it are waited for; it is ended; and the one that the group launches is watched until it serves. Pure.
 */

import type { Act, ApiCall, Decision, JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import { nothing, refuse, wait } from '../../../shared/judgement/decisions.ts';
import { remembered, secondsSince } from '../../../shared/judgement/since.ts';
import { lastElsewhere, untoldElsewhere } from './elsewhere.ts';
import type { HostVerdict } from './host-verdict.ts';
import { whyNoneComes } from './its-group.ts';
import { presenceOn } from './sessions.ts';
import { groupOf, hostsThat, isShort, type Replacement, type View } from './view.ts';

const TAKE_OUT = 'elasticloadbalancing:DeregisterTargets';
const PUT_BACK = 'elasticloadbalancing:RegisterTargets';
const END_IN_GROUP = 'autoscaling:TerminateInstanceInAutoScalingGroup';
const END = 'ec2:TerminateInstances';
const STAND_BY = 'autoscaling:EnterStandby';

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
  readonly replacement: Replacement;
  readonly budget: Act['budget'];
}

function step(view: View, { code, because, plan, replacement, budget }: Step): Act {
  return {
    kind: 'act',
    code,
    because,
    evidence: { ...view.evidence, replacing: replacement.host },
    plan,
    intent: `replace ${replacement.host}`,
    note: { ...replacement },
    budget,
    onDenied: 'decide',
    more: true,
  };
}

/** Its opt-in: the tag of the group through which it is ended, or its own. */
export function isOptedIn(view: View, verdict: HostVerdict): boolean {
  return groupOf(view, verdict)?.isTagged === true || verdict.host.isTagged;
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
  const replacement = {
    host: host.id,
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
  return step(view, { code: 'replacing', because, plan: [out], replacement, budget: 'counted' });
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
  const call = { ...ending(view, verdict), because };
  const ended = { ...replacement, endedAt: view.now };
  return step(view, { code: 'ending', because, plan: [call], replacement: ended, budget });
}

/** Nobody else serves any more: who is out may be better than nobody. It is over with that. */
function putBack(view: View, { host }: HostVerdict, why: string): Decision {
  // A draining target is still listed with its ports; of one that is not the target group has the port.
  const ports = host.targets.map(({ port }) => ({ Id: host.id, Port: port }));
  const input = { TargetGroupArn: view.facts.target, Targets: ports.length > 0 ? ports : [{ Id: host.id }] };
  const because = `${why}: ${host.id} is registered again`;
  return {
    kind: 'act',
    code: 'put-back',
    because,
    evidence: { ...view.evidence, putBack: host.id },
    plan: [{ call: PUT_BACK, input, because }],
    intent: `put back ${host.id}`,
    budget: 'free',
    attention: true,
  };
}

/** What AWS would not do in this run to end the host. */
function refusedEnd({ facts: { refusals = [] } }: View, { host }: HostVerdict): string | undefined {
  const found = refusals.find(
    ({ call, input, meaning }) =>
      meaning === 'refused' &&
      (call === END || call === END_IN_GROUP) &&
      JSON.stringify(input).includes(`"${host.id}"`),
  );
  return found === undefined ? undefined : `${found.name}: ${found.message}`;
}

/** No host is healthy, and its machine runs: a balancer without a healthy target sends to all that it has. */
export function isAlone(view: View, { host, state }: HostVerdict): boolean {
  return host.state === 'running' && state !== 'dead' && hostsThat(view, 'healthy').length === 0;
}

/** It is out, and runs: it is ended once nobody is on it. */
function endWhenEmpty(view: View, verdict: HostVerdict, replacement: Replacement): Decision {
  const { limits, now, evidence } = view;
  const { id } = verdict.host;
  const refused = refusedEnd(view, verdict);
  if (refused !== undefined) return putBack(view, verdict, `${id} cannot be ended (${refused})`);
  if (isAlone(view, verdict)) return putBack(view, verdict, 'no other host is healthy');
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
    return step(view, { code: 'counting', because, plan: [presence.call], replacement: asked, budget: 'free' });
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
function holdsUp(view: View, verdict: HostVerdict, { outAt, endedAt }: Replacement): Decision | undefined {
  const { now, limits, evidence } = view;
  const { id } = verdict.host;
  const told = { ...evidence, replacing: id, outSince: outAt };
  if (endedAt !== null && secondsSince(endedAt, now) < SHOWN_SECONDS)
    return wait(told, 'replacement-coming', `${id} is ended, and that does not show yet`, LOOK_SECONDS);
  // What spoke for its end may have changed while people were waited for.
  const last = lastElsewhere(verdict);
  if (last !== undefined) return putBack(view, verdict, `${id} ${last}`);
  const none = whyNoneComes(view, verdict);
  if (none !== undefined) return putBack(view, verdict, `${id} is deregistered, and ${none.because}`);
  const isTooLong = secondsSince(outAt, now) >= limits.maxSessionSeconds + limits.maxReplacementSeconds;
  const untold = untoldElsewhere(verdict);
  if (untold !== undefined)
    return isTooLong
      ? putBack(view, verdict, `${id} ${untold}`)
      : wait(told, 'unknown-elsewhere', `${id} is deregistered, and ${untold}`, LOOK_SECONDS);
  const [other] = hostsThat(view, 'starting', 'leaving').filter(({ host }) => host.id !== id);
  if (other === undefined) return undefined;
  const because = `${other.host.id} ${other.why}`;
  if (isTooLong) return putBack(view, verdict, `${because}, and keeps ${id} from being ended`);
  return wait(told, 'in-flight', `${id} is deregistered; ${because}: one at a time`, LOOK_SECONDS);
}

/** The one that comes in its place is watched; `undefined`: it is there, and all are judged anew. */
function awaitNext(view: View, replacement: Replacement): Decision | undefined {
  const { limits, now, evidence, facts, targetGroup } = view;
  const { host, endedAt, outAt } = replacement;
  const told = { ...evidence, replaced: host };
  // Its group may not have noticed yet.
  const isHere = ({ host: { id, membership } }: HostVerdict): boolean => id === host && membership !== null;
  const coming = view.verdicts.filter((each) => isHere(each) || each.state === 'starting' || each.state === 'leaving');
  const short = facts.groups.find(isShort);
  if (coming.length === 0 && short === undefined) {
    const bad = hostsThat(view, 'failing', 'dead', 'gone');
    // Who has come in its place and fails was watched from its first moment; of others the doubt begins with the next look.
    if (bad.some(({ host: { launchedAt } }) => launchedAt !== null && launchedAt > outAt)) return undefined;
    const beside = bad.length === 0 ? '' : `; ${bad.map((each) => `${each.host.id} ${each.why}`).join(', ')}`;
    const because = `${host} is replaced, and ${hostsThat(view, 'healthy').length} hosts serve${beside}`;
    return { ...nothing(told, 'replaced', because), tells: true };
  }
  // Where a run has died, its successor does not know when it asked for the end.
  const since = endedAt ?? (outAt > facts.begunAt ? outAt : facts.begunAt);
  const seconds = secondsSince(since, now);
  const names = coming.map((each) => `${each.host.id} ${each.why}`);
  const missing = short === undefined ? [] : [`${short.name} has ${short.members} of ${short.desired} members`];
  const because = `${host} is ended; ${[...names, ...missing].join(', ')}`;
  if (seconds < limits.maxReplacementSeconds + targetGroup.drainsSeconds)
    return wait(told, 'replacement-coming', because, LOOK_SECONDS);
  return { ...refuse(told, 'replacement-late', `${because}, for ${Math.round(seconds)} s`), over: true };
}

/** Goes on with what was begun; `undefined`: nothing was, or it is over. */
export function goOn(view: View): Decision | undefined {
  const { replacement, facts } = view;
  if (replacement === null) return undefined;
  // An event does not show whether the run that began it lives; if it does not, the schedule goes on.
  const mayBeDead = facts.ask.kind === 'replace' || (facts.ask.kind === 'look' && facts.ask.isTick);
  if (replacement.run !== facts.run && !mayBeDead)
    return nothing(view.evidence, 'another-run', `another run replaces ${replacement.host}`);
  const verdict = view.verdicts.find(({ host }) => host.id === replacement.host);
  if (verdict === undefined || hasEnded(verdict)) return awaitNext(view, replacement);
  const isOut = verdict.host.targets.every(({ state }) => state === 'draining' || state === 'unused');
  if (isOut) return endWhenEmpty(view, verdict, replacement);
  // It was announced and not done, or put back: what is seen now counts.
  return undefined;
}

/** It is ended, or its group is at it. */
function hasEnded({ host, state }: HostVerdict): boolean {
  return (
    host.state !== 'running' || (state === 'leaving' && host.membership?.lifecycleState.startsWith('Terminat') === true)
  );
}

/** Under this key the memory keeps which host was kept to be looked at. */
const KEPT = 'kept';

/** A host that was kept and still is: until somebody has looked at it none is replaced by itself. */
export function keptHost({ facts: { history, hosts } }: View): string | undefined {
  const kept = remembered(history, KEPT);
  return hosts.find(({ id, membership }) => id === kept && membership?.lifecycleState === 'Standby')?.id;
}

/**
 * One after the other fails: the ledger has said in this run that an hour has had its replacements, or as many have come in a row and none
 * to serve, however long each took to boot.
 */
export function isLoop({ facts: { refusals = [] }, replacement, limits }: View): boolean {
  const isInRow = replacement !== null && replacement.inRow >= limits.maxActionsPerWindow;
  return isInRow || refusals.some(({ call }) => call === 'ledger:acquire');
}

/** One after the other fails: a person is needed, and finds one of them as it is. */
export function keepEvidence(view: View, verdict: HostVerdict): Decision {
  const { evidence, limits, facts } = view;
  const { host, why } = verdict;
  const group = groupOf(view, verdict);
  const isInRow = (view.replacement?.inRow ?? 0) >= limits.maxActionsPerWindow;
  const when = isInRow ? 'one after the other' : `within ${limits.windowSeconds} s`;
  const because = `${limits.maxActionsPerWindow} hosts were replaced ${when}, and ${host.id} ${why}: what is launched does not come to serve`;
  const wasRefused = (facts.refusals ?? []).some(({ call }) => call === STAND_BY);
  if (group?.isTagged !== true || wasRefused)
    return refuse({ ...evidence, kept: host.id }, 'crash-loop', `${because}; look at ${host.id}`);
  const where = { AutoScalingGroupName: group.name, InstanceIds: [host.id] };
  // Another would only fail like it.
  const input = { ...where, ShouldDecrementDesiredCapacity: group.desired > group.minSize };
  return {
    kind: 'act',
    code: 'crash-loop',
    because: `${because}; ${host.id} is kept in standby to be looked at`,
    evidence: { ...evidence, kept: host.id },
    plan: [{ call: STAND_BY, input, because, undo: { call: 'autoscaling:ExitStandby', input: where } }],
    intent: `keep ${host.id}`,
    remember: { [KEPT]: host.id },
    budget: 'free',
    attention: true,
  };
}
