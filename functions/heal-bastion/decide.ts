/**
 * What becomes of a fleet of bastion hosts behind a Network Load Balancer.
 *
 * To be read downwards, as an incident goes: whether anything can be judged, what was begun, what a person asks for, and what is wrong by
 * what is seen. A host whose machine is dead, or whose health checks fail while others' do not, is replaced through its group, one at a
 * time. Where all fail alike a new host would fail like them: then it is said which rule keeps the checks away.
 *
 * Behind it, in `decide/`: `view` (the fleet at a glance), `host-verdict` (how is a host?), `diagnosis` (which rule blocks the checks?),
 * `in-flight` (who comes and goes?), `replacing` (from the target group out, to the next that serves), `sessions` (is anybody on it?),
 * `cannot-end`, `setting-back` and `crash-loop` (where that comes to nothing), `standing-in` (where no group would launch another), `zones`.
 */

import type { Decision } from '../../shared/kernel/decision.ts';
import { needsHistory, nothing, refuse, wait } from '../../shared/judgement/decisions.ts';
import { changesOf, remembered, secondsSince } from '../../shared/judgement/since.ts';
import { blocksIn, type Block } from './decide/diagnosis.ts';
import type { Ask, BastionLimits, FleetFacts } from './decide/facts.ts';
import { failsChecks, type HostVerdict } from './decide/host-verdict.ts';
import { cannotEnd, deniedEnd, deniedNow, forgottenDenials, rememberedDenial } from './decide/cannot-end.ts';
import { isLoop, keepEvidence, keptHost } from './decide/crash-loop.ts';
import { inFlight, leavingLate, movements, SINCE } from './decide/in-flight.ts';
import { goOn, isAlone, isOptedIn, takeOut } from './decide/replacing.ts';
import { forgotten, hasStandbyFor, standIn, uncoveredHosts, watchStandIn } from './decide/standing-in.ts';
import { groupOf, hostsThat, isShort, survey, zonesServed, type View } from './decide/view.ts';
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
export type { AclEntry, Network, Node, Permission, Reach, SecurityGroup, Subnet } from './decide/network.ts';

/** Says what is to be done about a fleet. Pure; `now` is ISO 8601. */
export function decide(facts: FleetFacts, limits: BastionLimits, now: string): Decision {
  const { target, targetGroup, ask } = facts;
  if (targetGroup === null)
    return nothing({ target }, 'not-tagged', `${target} is gone, or has no tag runbook:bastion`);
  const view = survey(facts, targetGroup, limits, now);
  if (ask.kind === 'over') return nothing(view.evidence, 'alarm-not-raised', `${ask.by} did not go to ALARM`);
  const decision = judge(view);
  const bad = view.verdicts.filter(({ state }) => isBad(state));
  const remember = {
    ...sinceWhen(view),
    ...forgotten(facts.history, bad),
    ...forgottenDenials(view),
    ...decision.remember,
  };
  return {
    ...decision,
    ...(ask.kind === 'look' && mayNotJudge(view) === undefined ? { metrics: metricsOf(view) } : {}),
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

/** What speaks first decides. */
function judge(view: View): Decision {
  const { evidence, facts } = view;
  const { ask, heldUntil, history } = facts;
  if (heldUntil !== undefined && heldUntil > view.now)
    return nothing(evidence, 'another-run', `another run is at this fleet until ${heldUntil} at most`);
  const unfit = mayNotJudge(view);
  if (unfit !== undefined) return unfit;
  const isQuiet = view.verdicts.every(({ state }) => state === 'healthy') && !facts.groups.some(isShort);
  if (history === 'unread' && (!isQuiet || ask.kind === 'replace'))
    return needsHistory(evidence, 'since when it is so, and what was begun, is remembered');
  return comesTo(view, goOn(view)) ?? watchStandIn(view) ?? (ask.kind === 'replace' ? byHand(view, ask) : uphold(view));
}

/** Whoever comes in the place of another, and is shut out, is not waited for without a word. */
function comesTo(view: View, going: Decision | undefined): Decision | undefined {
  const isComing = going?.code === 'replacement-coming';
  return (isComing ? shutOut(view, hostsThat(view, 'failing')) : undefined) ?? going;
}

/** What this runbook knows nothing about, or is not told. */
function mayNotJudge({ evidence, targetGroup, facts }: View): Decision | undefined {
  const { name, targetType, balancer } = targetGroup;
  if (targetType !== 'instance')
    return refuse(
      evidence,
      'not-instances',
      `the targets of ${name} are no instances (${targetType}), and nothing here replaces them`,
    );
  if (balancer === null)
    return refuse(
      evidence,
      'no-load-balancer',
      `no Network Load Balancer uses ${name}, so that nobody checks its hosts`,
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
  const shut = shutOut(view, bad);
  if (shut !== undefined) return shut;
  if (bad.length === 0) return wellAsFarAsSeen(view);
  const lasting = bad.filter((each) => badFor(view, each) >= view.limits.doubtSeconds);
  return (
    alike(view, bad) ?? (lasting.length === 0 ? doubtful(view, bad) : (inFlight(view) ?? replaceOne(view, lasting)))
  );
}

/** What has just begun may be over before anybody could help. */
function doubtful(view: View, bad: readonly HostVerdict[]): Decision {
  const { evidence, facts, limits } = view;
  const names = bad.map(({ host, why }) => `${host.id} ${why}`).join(', ');
  const because = `${names}, since less than ${limits.doubtSeconds} s`;
  if (facts.ask.kind === 'look' && facts.ask.isTick) return nothing(evidence, 'doubtful', because);
  const longest = Math.max(...bad.map((each) => badFor(view, each)));
  return wait(evidence, 'doubtful', because, Math.ceil(limits.doubtSeconds - longest));
}

/**
 * Nobody is to be replaced where something keeps all checks away. Who is new is no exception: where a group ends whatever fails, all are,
 * one after the other.
 */
function shutOut(view: View, bad: readonly HostVerdict[]): Decision | undefined {
  const { facts, targetGroup } = view;
  if (facts.network === null) return undefined;
  const young = hostsThat(view, 'starting').filter(({ host }) => failsChecks(host));
  const failing = [...bad.filter(({ state }) => state === 'failing'), ...young];
  const zoneOf = (id: string): string | undefined => facts.hosts.find((host) => host.id === id)?.zone;
  const blocks = blocksIn(facts.network, targetGroup.balancer?.isCrossZone === true, zoneOf);
  const [block, ...others] = blocks.filter(({ hosts }) => failing.some(({ host }) => hosts.includes(host.id)));
  return block === undefined ? undefined : blocked(view, block, others);
}

/** Nor where nobody serves although all machines are well. */
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
  return refuse(evidence, 'all-unhealthy', `${because}${endingAllTheSame(view)}`);
}

/** What a group needs to replace a host. */
const REPLACING: ReadonlySet<string> = new Set(['HealthCheck', 'Launch', 'ReplaceUnhealthy', 'Terminate']);

/** Of these any keeps a group from ending what the load balancer calls unhealthy. */
const SPARING: ReadonlySet<string> = new Set(['HealthCheck', 'ReplaceUnhealthy', 'Terminate']);

/** A group that asks the load balancer ends one host after the other, and with them all sessions: a person can stop that. */
function endingAllTheSame({ facts: { groups } }: View): string {
  const names = groups
    .filter(({ checksByElb, suspended }) => checksByElb && !suspended.some((process) => SPARING.has(process)))
    .map(({ name }) => name);
  return names.length === 0
    ? ''
    : `. Their group ${names.join(', ')} checks by ELB and ends them all the same: suspend its process ReplaceUnhealthy until that is mended`;
}

function blocked(view: View, block: Block, others: readonly Block[]): Decision {
  const { evidence } = view;
  const beside = others.map(({ because }) => because);
  const because = [block.because, ...beside].join('; ');
  const told = {
    ...evidence,
    ...block.evidence,
    hosts: evidence['hosts'],
    blocks: [block, ...others].map(({ by }) => by),
  };
  const spared = `${because}: no host is replaced, for another would be shut out, too`;
  return refuse(told, 'health-check-blocked', `${spared}${endingAllTheSame(view)}`);
}

/** Those of a zone that nobody serves come first, but for whom it would only be put back, and whom AWS would not end. */
function replaceOne(view: View, lasting: readonly HostVerdict[]): Decision {
  const served = zonesServed(view);
  const [first] = lasting.toSorted(
    (one, other) =>
      Number(deniedEnd(view, one) !== undefined) - Number(deniedEnd(view, other) !== undefined) ||
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
  return leftToGroup(view, first) ?? replace(view, first, first.why, false);
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

/** A group that would replace it by itself is given time: two that replace are one too many. */
function leftToGroup(view: View, verdict: HostVerdict): Decision | undefined {
  const { evidence, limits } = view;
  const { host, state, why } = verdict;
  const group = groupOf(view, verdict);
  if (group === undefined) return undefined;
  // Of EC2's own checks every group hears.
  const replacesItself = group.checksByElb || state !== 'failing';
  if (!replacesItself) return undefined;
  if (badFor(view, verdict) < limits.groupSeconds)
    return nothing(evidence, 'group-replaces', `${host.id} ${why}: its group ${group.name} replaces it`);
  const suspended = group.suspended.filter((process) => REPLACING.has(process));
  const stopped = suspended.length === 0 ? '' : ` (suspended: ${suspended.join(', ')})`;
  const because = `${host.id} ${why} for ${Math.round(badFor(view, verdict))} s, and its group ${group.name} does not replace it${stopped}`;
  return group.checksByElb || suspended.length > 0 ? refuse(evidence, 'group-does-not-replace', because) : undefined;
}

/** A host that is ended is missing for as long as its group is kept from launching another. */
function keepsFromLaunching(view: View, verdict: HostVerdict): string | undefined {
  const group = groupOf(view, verdict);
  // Who is ended by its own tag has to be missed first.
  const needed = group?.isTagged === true ? ['Launch'] : ['Launch', 'HealthCheck', 'ReplaceUnhealthy'];
  const stopped = group?.suspended.filter((process) => needed.includes(process)) ?? [];
  if (group === undefined || stopped.length === 0) return undefined;
  return `its group ${group.name} would launch no other (suspended: ${stopped.join(', ')})`;
}

/** What stands between a host that is to be replaced and that. */
function replace(view: View, verdict: HostVerdict, why: string, isAsked: boolean): Decision {
  const { evidence, targetGroup } = view;
  const { host } = verdict;
  if (host.membership === null)
    return refuse(
      evidence,
      'no-group',
      `${host.id} ${why}, and no Auto Scaling group would launch another: register a standby, or leave that to the schedule`,
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
  const stopped = keepsFromLaunching(view, verdict);
  if (stopped !== undefined) return refuse(evidence, 'group-does-not-replace', `${host.id} ${why}, and ${stopped}`);
  if (host.lastIn.length > 0)
    return refuse(
      evidence,
      'last-healthy',
      `${host.id} ${why}, and is the last healthy host of ${host.lastIn.join(', ')}`,
    );
  if (host.targets.length > 0 && isAlone(view, verdict))
    return refuse(
      evidence,
      'nobody-serves',
      `${host.id} ${why}, and no other host is healthy: taken out, it would be put back`,
    );
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
