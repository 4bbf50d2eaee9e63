/**
 * What stands in for a host that no group replaces: another instance of the fleet's name is registered beside it. Nobody is taken out: a
 * target that fails gets no connections, and serves again when it is well. Pure.
 */

import type { Decision, HistoryReading } from '../../../shared/kernel/decision.ts';
import { assigned } from '../../../shared/judgement/assignment.ts';
import { nothing, refuse, wait } from '../../../shared/judgement/decisions.ts';
import { isSteady } from '../../../shared/judgement/instance-health.ts';
import { pendingOf, remembered, secondsSince } from '../../../shared/judgement/since.ts';
import type { HostVerdict } from './host-verdict.ts';
import { notAttached } from './its-group.ts';
import { hostsThat, zonesServed, type View } from './view.ts';

const STANDS_IN = 'stands-in:';

/** How often it is looked whether it serves. */
const LOOK_SECONDS = 20;

/** Who stands in for whom, as the memory keeps it. */
function standInOf({ facts: { history }, verdicts }: View, { host }: HostVerdict): HostVerdict | undefined {
  const id = remembered(history, `${STANDS_IN}${host.id}`);
  return verdicts.find((each) => each.host.id === id);
}

/** A stand-in of its own serves, or is about to. */
function isCovered(view: View, verdict: HostVerdict): boolean {
  const state = standInOf(view, verdict)?.state;
  return state === 'healthy' || state === 'starting';
}

/** Hosts of no group that are bad, and for which nobody stands in. */
export function uncoveredHosts(view: View, bad: readonly HostVerdict[]): readonly HostVerdict[] {
  return bad.filter((each) => each.host.membership !== null || !isCovered(view, each));
}

/** Instances of the name that could serve, and do not. Another group's member that group may end at any time. */
function standbys(view: View): readonly HostVerdict[] {
  return hostsThat(view, 'aside').filter(
    ({ host }) =>
      host.membership === null &&
      host.ofOtherGroup === null &&
      host.isTagged &&
      host.targets.length === 0 &&
      isSteady(host),
  );
}

/** One of these has no group, and somebody stands by. */
export function hasStandbyFor(view: View, bad: readonly HostVerdict[]): boolean {
  return bad.some(({ host }) => host.membership === null) && standbys(view).length > 0;
}

/** A standby for each who needs one: whom nobody serves in his zone first, and one in the same zone rather than another. */
function standInFor(view: View, all: readonly HostVerdict[], one: HostVerdict): HostVerdict | undefined {
  const served = zonesServed(view);
  const free = standbys(view);
  const zoneRank = ({ host }: HostVerdict, zone: string): number => Number(host.zone !== zone);
  const seekers = all.toSorted(
    (left, right) =>
      (served.get(left.host.zone) ?? 0) - (served.get(right.host.zone) ?? 0) || (left.host.id < right.host.id ? -1 : 1),
  );
  const shares = assigned<HostVerdict, HostVerdict>({
    seekers,
    offersTo: ({ host: { zone } }) =>
      free.toSorted(
        (left, right) => zoneRank(left, zone) - zoneRank(right, zone) || (left.host.id < right.host.id ? -1 : 1),
      ),
    keyOf: ({ host }) => host.id,
  });
  return shares.get(one);
}

/** Registers a standby for a host; `all`: those that need one. */
export function standIn(view: View, all: readonly HostVerdict[], one: HostVerdict): Decision {
  const { evidence, facts, now } = view;
  const { host, why } = one;
  const found = standInFor(view, all, one);
  if (found === undefined) {
    const stranger = notAttached(view, one, why);
    if (stranger !== undefined) return stranger;
    const because = `${host.id} ${why}, no Auto Scaling group would launch another, and no other instance of the fleet stands by`;
    return refuse(evidence, 'no-standby', because);
  }
  const { id } = found.host;
  // Whom nobody has registered nobody misses, so that there are ports.
  const input = { TargetGroupArn: facts.target, Targets: host.targets.map(({ port }) => ({ Id: id, Port: port })) };
  const because = `${host.id} ${why}: ${id} stands in for it`;
  const undo = { call: 'elasticloadbalancing:DeregisterTargets', input };
  return {
    kind: 'act',
    code: 'standing-in',
    because,
    evidence: { ...evidence, for: host.id, standIn: id },
    plan: [{ call: 'elasticloadbalancing:RegisterTargets', input, because, undo }],
    intent: `${id} stands in for ${host.id}`,
    note: { for: host.id, standIn: id, registeredAt: now, run: facts.run },
    remember: { [`${STANDS_IN}${host.id}`]: id },
    budget: 'counted',
    onDenied: 'decide',
    more: true,
  };
}

/** Watches a stand-in until it serves; `undefined`: none was registered, or it does not come to serve, and is judged like any other. */
export function watchStandIn(view: View): Decision | undefined {
  const { facts, limits, targetGroup, evidence, now } = view;
  const { for: host, standIn: id, registeredAt } = pendingOf(facts.history)?.note ?? {};
  if (typeof host !== 'string' || typeof id !== 'string' || typeof registeredAt !== 'string') return undefined;
  const state = view.verdicts.find((each) => each.host.id === id)?.state;
  const told = { ...evidence, for: host, standIn: id };
  const remember = { [`${STANDS_IN}${host}`]: id };
  if (state === 'healthy')
    return { ...nothing(told, 'stood-in', `${id} stands in for ${host}, and serves`), remember, tells: true };
  const seconds = secondsSince(registeredAt, now);
  if (state !== 'starting' || seconds >= limits.maxBootSeconds + targetGroup.healthySeconds) return undefined;
  return {
    ...wait(told, 'standing-in', `${id} is registered for ${host}, and passes its first checks`, LOOK_SECONDS),
    remember,
  };
}

/** For whom nobody needs to stand in any more is forgotten. */
export function forgotten(history: HistoryReading, bad: readonly HostVerdict[]): { readonly [key: string]: null } {
  if (typeof history !== 'object') return {};
  const needed = new Set(bad.map(({ host }) => `${STANDS_IN}${host.id}`));
  const gone = Object.keys(history.memory).filter((key) => key.startsWith(STANDS_IN) && !needed.has(key));
  return Object.fromEntries(gone.map((key) => [key, null]));
}
