/**
 * What becomes of a fleet of bastion hosts behind a Network Load Balancer.
 *
 * To be read downwards, as an incident goes: whether anything can be judged, what was begun, what a person asks for, and what is wrong by
 * what is seen. A host whose machine is dead, or whose health checks fail while others' do not, is replaced through its group, one at a
 * time. Where all fail alike a new host would fail like them: then it is said which rule keeps the checks away.
 *
 * Behind it, in `decide/`: `view` (the fleet at a glance), `host-verdict` (how is a host?), `diagnosis` (which rule blocks the checks?),
 * `walls` (who is shut out by it?), `its-group` (would its group replace it, and can it?), `elsewhere` (do other target groups need it?),
 * `in-flight` (who comes and goes?), `replacing` (from the target group out, to the next that serves), `sessions` (is anybody on it?),
 * `shared-group` (whose turn is it in a group of several fleets?), `cannot-end`, `setting-back`, `taken-over` and `crash-loop` (where that
 * comes to nothing), `standing-in` (where no group would launch another), `zones`.
 */

import type { Decision } from '../../shared/kernel/decision.ts';
import { needsHistory, nothing, refuse, wait } from '../../shared/judgement/decisions.ts';
import { changesOf, remembered, secondsSince } from '../../shared/judgement/since.ts';
import type { Ask, BastionLimits, FleetFacts } from './decide/facts.ts';
import { cannotEnd, deniedEnd, deniedNow, forgottenDenials, rememberedDenial } from './decide/cannot-end.ts';
import { isLoop, keepEvidence, keptHost } from './decide/crash-loop.ts';
import { neededElsewhere } from './decide/elsewhere.ts';
import type { HostVerdict } from './decide/host-verdict.ts';
import { inFlight, leavingLate, movements, SINCE } from './decide/in-flight.ts';
import { launchesNone, leftToGroup, notAttached, unmindedWhy } from './decide/its-group.ts';
import { goOn, isAlone, isLastServing, takeOut } from './decide/replacing.ts';
import { forgottenBacks, putBackLately, restsFor } from './decide/setting-back.ts';
import { forgotten, hasStandbyFor, standIn, uncoveredHosts, watchStandIn } from './decide/standing-in.ts';
import { leftOut, outOfReach } from './decide/taken-over.ts';
import { hostsThat, isOptedIn, isShort, survey, zonesServed, type View } from './decide/view.ts';
import { endingAllTheSame } from './decide/group-processes.ts';
import { apart, blocked, doubtKey, doubtLeft } from './decide/walls.ts';
import { emptyZones, isMeantToBeEmpty, unserved } from './decide/zones.ts';

export type {
  Ask,
  Balancer,
  BastionLimits,
  FleetFacts,
  Group,
  Host,
  TargetGroup,
  TargetHealth,
} from './decide/facts.ts';
export { failsChecks } from './decide/host-verdict.ts';
export { countComment, type Count, type Counting } from './decide/sessions.ts';
export type {
  AclEntry,
  Network,
  Node,
  Permission,
  PrefixList,
  Reach,
  SecurityGroup,
  Subnet,
} from './decide/network.ts';
export { isOfPort } from './decide/security-groups.ts';

/** Says what is to be done about a fleet. Pure; `now` is ISO 8601. */
export function decide(facts: FleetFacts, limits: BastionLimits, now: string): Decision {
  const { target, targetGroup, ask } = facts;
  if (targetGroup === null)
    return outOfReach(facts) ?? nothing({ target }, 'not-tagged', `${target} is gone, or has no tag runbook:bastion`);
  const view = survey(facts, targetGroup, limits, now);
  if (ask.kind === 'over') return nothing(view.evidence, 'alarm-not-raised', `${ask.by} did not go to ALARM`);
  const unfit = mayNotJudge(view);
  const decision = judge(view, unfit);
  const bad = view.verdicts.filter(({ state }) => isBad(state));
  const remember = {
    ...sinceWhen(view),
    ...forgotten(facts.history, bad),
    ...forgottenDenials(view),
    ...forgottenBacks(view),
    ...decision.remember,
  };
  return {
    ...decision,
    ...(ask.kind === 'look' && unfit === undefined ? { metrics: metricsOf(view) } : {}),
    ...(Object.keys(remember).length > 0 ? { remember } : {}),
  };
}

/** Of a fleet that is meant to be empty none is missing. */
function metricsOf(view: View): { readonly [name: string]: number } {
  if (isMeantToBeEmpty(view)) return {};
  return { HealthyHosts: hostsThat(view, 'healthy').length, ZonesUnserved: emptyZones(view).length };
}

/** Since when hosts, and groups, are not as they should be. */
function sinceWhen(view: View): { readonly [key: string]: string | null } {
  const { verdicts, now, facts } = view;
  const { history } = facts;
  if (typeof history !== 'object') return {};
  const conditions = [
    ...verdicts.map(({ host, state }) => ({ key: `${SINCE}${host.id}`, holds: isBad(state) })),
    ...movements(view),
    ...view.walls.doubts.map((doubt) => ({ key: doubtKey(doubt), holds: true })),
  ];
  return changesOf(history.memory, conditions, now, (key) => key.startsWith(SINCE));
}

function isBad(state: HostVerdict['state']): boolean {
  return state === 'failing' || state === 'dead' || state === 'gone';
}

/**
 * How long a host is as bad as it is, seconds. What an event or a person has started waits for that itself, and looks again; a tick leaves
 * it to the next.
 */
function badFor({ facts: { ask, begunAt, history }, now }: View, { host }: HostVerdict): number {
  const known = remembered(history, `${SINCE}${host.id}`) ?? now;
  const isTick = ask.kind === 'look' && ask.isTick;
  return Math.max(secondsSince(known, now), isTick ? 0 : secondsSince(begunAt, now));
}

/** What speaks first decides. `unfit`: why nothing can be judged. */
function judge(view: View, unfit: Decision | undefined): Decision {
  const { evidence, facts } = view;
  const { ask, heldUntil, history } = facts;
  if (heldUntil !== undefined && heldUntil > view.now)
    return nothing(evidence, 'another-run', `another run is at this fleet until ${heldUntil} at most`);
  if (unfit !== undefined) return unfit;
  const isQuiet = view.verdicts.every(({ state }) => state === 'healthy') && !facts.groups.some(isShort);
  if (history === 'unread' && (!isQuiet || ask.kind === 'replace'))
    return needsHistory(evidence, 'since when it is so, and what was begun, is remembered');
  return comesTo(view, goOn(view)) ?? watchStandIn(view) ?? (ask.kind === 'replace' ? byHand(view, ask) : uphold(view));
}

/** Whoever comes in the place of another, and is shut out, is not waited for without a word. Who was there before is told of by the next look. */
function comesTo(view: View, going: Decision | undefined): Decision | undefined {
  if (going?.code !== 'replacement-coming') return going;
  const outAt = view.replacement?.outAt ?? '';
  const { blocks } = apart(view, hostsThat(view, 'failing'));
  const come = view.verdicts.filter(({ host }) => host.launchedAt !== null && host.launchedAt > outAt);
  const theirs = blocks.filter(({ hosts }) => come.some(({ host }) => hosts.includes(host.id)));
  return theirs.length === 0 ? going : blocked(view, theirs, undefined);
}

/** What this runbook knows nothing about, or is not told. */
function mayNotJudge(view: View): Decision | undefined {
  const { evidence, targetGroup, facts } = view;
  const { name, targetType, balancer } = targetGroup;
  if (targetType !== 'instance')
    return refuse(
      evidence,
      'not-instances',
      `the targets of ${name} are no instances (${targetType}), and nothing here replaces them`,
    );
  if (balancer === null)
    return leftOut(
      view,
      refuse(evidence, 'no-load-balancer', `no Network Load Balancer uses ${name}, so that nobody checks its hosts`),
    );
  if (facts.unavailable !== null)
    return refuse(
      evidence,
      'health-unavailable',
      `Elastic Load Balancing does not say how the hosts are (${facts.unavailable}): none counts as dead`,
    );
  return undefined;
}

/** A person names a host. Whoever serves alone is not replaced for anybody. */
function byHand(view: View, { host: id, by, why }: Extract<Ask, { kind: 'replace' }>): Decision {
  const { evidence, targetGroup } = view;
  const verdict = view.verdicts.find(({ host }) => host.id === id);
  if (verdict === undefined) return refuse(evidence, 'no-such-host', `${id} is no host of ${targetGroup.name}`);
  const others = hostsThat(view, 'healthy').filter(({ host }) => host.id !== id);
  if (verdict.state === 'healthy' && others.length === 0)
    return refuse(evidence, 'last-healthy', `${id} is the last healthy host of ${targetGroup.name}`);
  const { lifecycleState = 'InService' } = verdict.host.membership ?? {};
  if (verdict.state === 'aside' && lifecycleState !== 'InService')
    return refuse(evidence, 'not-in-service', `${id} ${verdict.why}: put it back, or end it, by your own hand`);
  return inFlight(view) ?? replace(view, verdict, `is to be replaced for ${by}${why === '' ? '' : ` (${why})`}`, true);
}

/** By what is seen. */
function uphold(view: View): Decision {
  const bad = uncoveredHosts(
    view,
    view.verdicts.filter(({ state }) => isBad(state)),
  );
  const { blocks, free } = apart(view, bad);
  if (blocks.length === 0)
    return bad.length === 0 ? wellAsFarAsSeen(view) : (alike(view, bad) ?? judgeEach(view, free));
  return blocked(view, blocks, free.length === 0 ? undefined : judgeEach(view, free));
}

/** Who is bad by himself. */
function judgeEach(view: View, bad: readonly HostVerdict[]): Decision {
  const lasting = bad.filter((each) => doubtFor(view, each) <= 0);
  return lasting.length === 0 ? doubtful(view, bad) : (inFlight(view) ?? replaceOne(view, lasting));
}

/** How much longer a host is given, seconds. */
function doubtFor(view: View, verdict: HostVerdict): number {
  return Math.max(view.limits.doubtSeconds - badFor(view, verdict), doubtLeft(view, verdict));
}

/** What has just begun may be over before anybody could help. */
function doubtful(view: View, bad: readonly HostVerdict[]): Decision {
  const { evidence, facts, limits } = view;
  const names = bad.map(({ host, why }) => `${host.id} ${why}`).join(', ');
  const isNew = bad.every((each) => badFor(view, each) < limits.doubtSeconds);
  const because = isNew
    ? `${names}, since less than ${limits.doubtSeconds} s`
    : `${names}, and a rule shuts it out behind which another is healthy: which of them is right shows before long`;
  if (facts.ask.kind === 'look' && facts.ask.isTick) return nothing(evidence, 'doubtful', because);
  return wait(evidence, 'doubtful', because, Math.ceil(Math.min(...bad.map((each) => doubtFor(view, each)))));
}

/** Nobody is to be replaced where nobody serves although all machines are well. */
function alike(view: View, bad: readonly HostVerdict[]): Decision | undefined {
  const { evidence, targetGroup } = view;
  const failing = bad.filter(({ state }) => state === 'failing');
  const isAnybody = hostsThat(view, 'healthy', 'starting').length > 0;
  // Whoever stands by is another machine, and takes nothing away from anybody.
  if (hasStandbyFor(view, failing)) return undefined;
  const [first, ...more] = failing;
  if (first === undefined || isAnybody || bad.some(({ state }) => state !== 'failing')) return undefined;
  const { name } = targetGroup;
  const whose =
    more.length === 0
      ? `${first.host.id}, the only host of ${name}, fails its`
      : `all ${failing.length} hosts of ${name} fail their`;
  const because = `${whose} health checks (${first.why}), their status checks pass, and no rule of the network keeps the checks away: they have a configuration in common that fails, or a firewall on the hosts (fail2ban, nftables) shuts the load balancer out; another host would fail like them. Without a healthy target in any zone the load balancer fails open, and sends to all that it has`;
  return refuse(evidence, 'all-unhealthy', `${because}${endingAllTheSame(view.facts.groups)}`);
}

/** Those of a zone that nobody serves come first, but for whom it would only be put back or just was, and whom AWS would not end. */
function replaceOne(view: View, lasting: readonly HostVerdict[]): Decision {
  const served = zonesServed(view);
  const [first] = lasting.toSorted(
    (one, other) =>
      Number(deniedEnd(view, one) !== undefined) - Number(deniedEnd(view, other) !== undefined) ||
      Number(putBackLately(view, one) !== undefined) - Number(putBackLately(view, other) !== undefined) ||
      Number(isAlone(view, one)) - Number(isAlone(view, other)) ||
      (served.get(one.host.zone) ?? 0) - (served.get(other.host.zone) ?? 0) ||
      badFor(view, other) - badFor(view, one),
  );
  if (first === undefined) return wellAsFarAsSeen(view);
  if (first.host.membership === null) {
    const all = lasting.filter(({ host }) => host.membership === null);
    return isLoop(view) ? tooManyStandIns(view, first) : standIn(view, all, first);
  }
  const denial = deniedEnd(view, first);
  if (denial !== undefined) return cannotEnd(view, first, denial);
  return leftToGroup(view, first, badFor(view, first)) ?? replace(view, first, unmindedWhy(view, first), false);
}

/** Standbys are not used up on what fails them all. */
function tooManyStandIns({ evidence, limits }: View, { host, why }: HostVerdict): Decision {
  const because = `${host.id} ${why}, and ${limits.maxActionsPerWindow} hosts had somebody to stand in for them within ${limits.windowSeconds} s`;
  return refuse(evidence, 'too-many-stand-ins', because);
}

/** Whom a person names may be well: nothing is kept of it to be looked at. */
function tooManyReplaced({ evidence, limits }: View, { host }: HostVerdict, why: string): Decision {
  const because = `${host.id} ${why}, and ${limits.maxActionsPerWindow} hosts were replaced within ${limits.windowSeconds} s: ask again later`;
  return refuse(evidence, 'too-many-replaced', because);
}

/** What stands between a host that is to be replaced and that. */
function replace(view: View, verdict: HostVerdict, why: string, isAsked: boolean): Decision {
  const { evidence, targetGroup } = view;
  const { host } = verdict;
  if (host.membership === null)
    return (
      notAttached(view, verdict, why) ??
      refuse(
        evidence,
        'no-group',
        `${host.id} ${why}, and no Auto Scaling group would launch another: register a standby, or leave that to the schedule`,
      )
    );
  if (!isOptedIn(view, verdict))
    return refuse(
      evidence,
      'not-opted-in',
      `${host.id} ${why}: neither it nor its group ${host.membership.group} has the tag runbook:bastion = ${targetGroup.fleet}`,
    );
  // AWS has said so just now, before anything was done.
  const denial = deniedNow(view, verdict);
  if (denial !== undefined)
    return { ...cannotEnd(view, verdict, denial), remember: rememberedDenial(host.id, denial), over: true };
  const held = launchesNone(view, verdict, why) ?? neededElsewhere(view, verdict, why);
  if (held !== undefined) return held;
  if (host.targets.length > 0 && isAlone(view, verdict))
    return refuse(
      evidence,
      'nobody-serves',
      `${host.id} ${why}, and no other host is healthy: taken out, it would be put back`,
    );
  // Whatever its machine's checks say, people get in there, and nowhere else.
  if (isLastServing(view, verdict))
    return refuse(evidence, 'last-healthy', `${host.id} ${why}, and is the last healthy host of ${targetGroup.name}`);
  const rests = isAsked ? undefined : restsFor(view, verdict, why);
  if (rests !== undefined) return rests;
  const kept = isAsked ? undefined : keptHost(view);
  if (kept !== undefined)
    return refuse(
      { ...evidence, kept },
      'crash-loop',
      `${host.id} ${why}, and ${kept} is kept in standby since one host after the other failed: look at it, and end it or put it back`,
    );
  if (isLoop(view)) return isAsked ? tooManyReplaced(view, verdict, why) : keepEvidence(view, verdict);
  return takeOut(view, verdict, why, isAsked);
}

/** Nobody is bad: is somebody in each zone? */
function wellAsFarAsSeen(view: View): Decision {
  const { evidence, targetGroup } = view;
  const moving = inFlight(view);
  if (moving !== undefined) return moving;
  const leaving = leavingLate(view);
  if (leaving !== undefined) return leaving;
  const missing = unserved(view);
  if (missing !== undefined) return refuse({ ...evidence, unserved: missing.zones }, 'zone-unserved', missing.because);
  const healthy = hostsThat(view, 'healthy').length;
  return nothing(evidence, 'healthy', `${healthy} hosts of ${targetGroup.name} serve`);
}
