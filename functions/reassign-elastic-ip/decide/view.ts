/** Both sides at a glance: who holds the address and how it is, and who stands by. Everything that is decided reads this. Pure. */

import type { Evidence } from '../../../shared/kernel/decision.ts';
import { candidatesFor, isBooting, isGood, verdictOn, type Standby } from './candidates.ts';
import type { ElasticIpLimits, Facts, Machine } from './facts.ts';
import { judgeInstance, type Verdict } from './instance-verdict.ts';
import { lastMoveAt } from './move-records.ts';

/** How the holder is. `nobody`: the address is on no interface; `foreign`: it is on one that belongs to no instance. */
export type Health = Verdict | { readonly verdict: 'nobody' | 'foreign'; readonly why: string };

/** The facts, and what they come to. */
export interface View {
  readonly facts: Facts;
  readonly limits: ElasticIpLimits;
  readonly now: string;
  readonly holder: Machine | null;
  readonly health: Health;
  /** Best first, as are `good` and `booting`, which are among them. */
  readonly standbys: readonly Standby[];
  readonly good: readonly Standby[];
  readonly booting: readonly Standby[];
  readonly evidence: Evidence;
}

/** Judges both sides. */
export function survey(facts: Facts, limits: ElasticIpLimits, now: string): View {
  const { address, instances } = facts;
  const holder = instances.find(({ id }) => id === address.association?.instanceId) ?? null;
  const health = healthOf(facts, holder, limits, now);
  const standbys = candidatesFor(facts, holder);
  return {
    facts,
    limits,
    now,
    holder,
    health,
    standbys,
    good: standbys.filter(isGood),
    booting: standbys.filter((standby) => isBooting(standby, limits, now)),
    evidence: evidenceOf(facts, holder, health, standbys),
  };
}

function healthOf(facts: Facts, holder: Machine | null, limits: ElasticIpLimits, now: string): Health {
  const { address, ask, alarms, history } = facts;
  if (address.association === null) return { verdict: 'nobody', why: `${address.publicIp} is on nobody` };
  if (holder === null) {
    const { interfaceId } = address.association;
    return { verdict: 'foreign', why: `${interfaceId} belongs to no instance (a NAT gateway or another service)` };
  }
  const signs = {
    alarms,
    toldAlarms: ask.kind === 'event' ? ask.alarmNames : [],
    // An alarm from before the move is about the holder before.
    alarmsAfter: lastMoveAt(address, holder),
    maxAlarmSeconds: limits.maxAgeSeconds,
    probe: address.probe,
    baselineKey: `probe:${holder.id}`,
    suspectKey: `suspect:${holder.id}`,
    doubtSeconds: limits.doubtSeconds,
  };
  return judgeInstance(holder, signs, history, now);
}

function evidenceOf(
  { address, alarms }: Facts,
  holder: Machine | null,
  health: Health,
  standbys: readonly Standby[],
): Evidence {
  return {
    address: `${address.publicIp} (${address.allocationId}, runbook:vip = ${address.vip})`,
    holder: { id: holder?.id ?? address.association?.interfaceId ?? null, verdict: health.verdict, why: health.why },
    standbys: Object.fromEntries(standbys.map((standby) => [standby.machine.id, verdictOn(standby)])),
    ...(alarms.length > 0 ? { alarms: alarms.map(({ name, kind }) => `${name} (${kind}) is in ALARM`) } : {}),
  };
}
