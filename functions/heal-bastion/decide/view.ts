/** A fleet at a glance: how each host is, who serves which zone, and what is under way. Pure. */

import type { Evidence, Json } from '../../../shared/kernel/decision.ts';
import { pendingOf } from '../../../shared/judgement/since.ts';
import type { Walls } from './diagnosis.ts';
import type { BastionLimits, FleetFacts, Group, TargetGroup } from './facts.ts';
import { isYoung, verdictOn, type HostState, type HostVerdict } from './host-verdict.ts';
import { wallEvidence, wallsAround } from './walls.ts';

/** A replacement that was begun: what the announced intent keeps of it. */
export interface Replacement {
  readonly host: string;
  /** The group that was to launch the next, by name; `null`: an older version has noted it. */
  readonly group: string | null;
  /** That group had the tag: it is ended through it, or not at all. */
  readonly isByGroup: boolean;
  /** Those that it was taken out of; empty: an older version has noted it, or it was registered nowhere. */
  readonly ports: readonly number[];
  /** When it was to be deregistered, ISO 8601. */
  readonly outAt: string;
  /** The run that began it. */
  readonly run: string;
  /** A person has asked for it. */
  readonly isAsked: boolean;
  /** It served when it was taken out, at one of its ports at least. */
  readonly wasHealthy: boolean;
  /** When it was last asked who is on it; `null`: not yet. */
  readonly askedAt: string | null;
  /** When its end was asked for; `null`: not yet, as far as it is known. */
  readonly endedAt: string | null;
  /** So many in a row were replaced because whoever came did not come to serve; 1: it is the first. */
  readonly inRow: number;
}

/** What is judged. */
export interface View {
  readonly facts: FleetFacts;
  readonly targetGroup: TargetGroup;
  readonly limits: BastionLimits;
  readonly now: string;
  readonly verdicts: readonly HostVerdict[];
  /** A replacement that is under way, by our own hand; `null`: none is, or it is not known. */
  readonly replacement: Replacement | null;
  /** What the network does to health checks. */
  readonly walls: Walls;
  readonly evidence: Evidence;
}

/** The hosts in a state. */
export function hostsThat(view: Pick<View, 'verdicts'>, ...states: readonly HostState[]): readonly HostVerdict[] {
  return view.verdicts.filter(({ state }) => states.includes(state));
}

/** The group that a host is a member of. */
export function groupOf({ facts: { groups } }: Pick<View, 'facts'>, { host }: HostVerdict): Group | undefined {
  return groups.find(({ name }) => name === host.membership?.group);
}

/** Its opt-in: the tag of the group through which it is ended, or its own. */
export function isOptedIn(view: Pick<View, 'facts'>, verdict: HostVerdict): boolean {
  return groupOf(view, verdict)?.isTagged === true || verdict.host.isTagged;
}

/** It has fewer members than it wants. */
export function isShort({ members, desired }: Group): boolean {
  return members < desired;
}

/** A group that has fewer than it wants, in words. */
export function shortText({ name, members, desired, isWeighted }: Group): string {
  return `${name} has ${members} of ${desired} ${isWeighted ? 'units of capacity, by the weights of its members' : 'members'}`;
}

/** Zones in which people are to be served, with the hosts that do. */
export function zonesServed(view: Pick<View, 'verdicts' | 'targetGroup'>): ReadonlyMap<string, number> {
  const healthy = hostsThat(view, 'healthy');
  const zones = view.targetGroup.balancer?.zones ?? [];
  return new Map(zones.map((zone) => [zone, healthy.filter(({ host }) => host.zone === zone).length]));
}

/** Ports as a note keeps them. */
export function portsIn(noted: Json | undefined): readonly number[] {
  return Array.isArray(noted) ? noted.filter((port) => typeof port === 'number') : [];
}

/** What the announced intent keeps of a replacement; `null`: none was announced. */
export function replacementIn({ history }: Pick<FleetFacts, 'history'>): Replacement | null {
  const note = pendingOf(history)?.note ?? {};
  const { host, group, isByGroup, ports, outAt, run, isAsked, wasHealthy, askedAt, endedAt, inRow } = note;
  if (typeof host !== 'string' || typeof outAt !== 'string') return null;
  return {
    host,
    group: typeof group === 'string' ? group : null,
    isByGroup: isByGroup === true,
    ports: portsIn(ports),
    outAt,
    run: typeof run === 'string' ? run : '',
    isAsked: isAsked === true,
    wasHealthy: wasHealthy === true,
    askedAt: typeof askedAt === 'string' ? askedAt : null,
    endedAt: typeof endedAt === 'string' ? endedAt : null,
    inRow: typeof inRow === 'number' ? inRow : 1,
  };
}

function evidenceOf(targetGroup: TargetGroup, verdicts: readonly HostVerdict[], { ask }: FleetFacts): Evidence {
  const served = zonesServed({ verdicts, targetGroup });
  return {
    targetGroup: targetGroup.name,
    fleet: targetGroup.fleet,
    asked: ask.by,
    healthy: hostsThat({ verdicts }, 'healthy').length,
    hosts: Object.fromEntries(
      verdicts.map(({ host, state, why }) => [host.id, state === why ? why : `${state}: ${why}`]),
    ),
    zones: Object.fromEntries(served),
  };
}

/** Looks at a fleet. */
export function survey(facts: FleetFacts, targetGroup: TargetGroup, limits: BastionLimits, now: string): View {
  const verdicts = facts.hosts.map((host) => {
    const grace = facts.groups.find(({ name }) => name === host.membership?.group)?.graceSeconds ?? 0;
    return verdictOn(host, isYoung(host, targetGroup, limits, grace, now));
  });
  const walls = wallsAround(facts, targetGroup, verdicts);
  const evidence = { ...evidenceOf(targetGroup, verdicts, facts), ...wallEvidence(walls) };
  return { facts, targetGroup, limits, now, verdicts, replacement: replacementIn(facts), walls, evidence };
}
