/** Both sides at a glance: who holds the address and how it is, and who stands by. Everything that is decided reads this. Pure. */

import type { Evidence } from '../../../shared/kernel/decision.ts';
import { candidatesFor, eventInWords, isBooting, isGood, verdictOn, type Standby } from './candidates.ts';
import type { AddressFacts, ElasticIpLimits, Facts, Machine } from './facts.ts';
import { judgeInstance, type Verdict } from './instance-verdict.ts';
import { judgeInterface } from './interface-verdict.ts';
import { demandOf, type Demand } from './places.ts';
import { seekingOf, signsFor } from './siblings.ts';

/** How the holder is. `nobody`: the address is on no interface, or on one that is attached to nothing; `foreign`: it is on one that belongs to no instance. */
export type Health =
  | Verdict
  | { readonly verdict: 'nobody' | 'foreign'; readonly why: string; readonly doubtSince?: string };

/** The facts, and what they come to. */
export interface View {
  readonly facts: Facts;
  readonly limits: ElasticIpLimits;
  readonly now: string;
  readonly holder: Machine | null;
  readonly health: Health;
  /** What is looked for of a private address. */
  readonly demand: Demand;
  /** Best first, as are `good` and `booting`, which are among them. */
  readonly standbys: readonly Standby[];
  readonly good: readonly Standby[];
  readonly booting: readonly Standby[];
  /** The addresses of the name that look for a place, by what everybody sees of them; `beside`: all but this one. */
  readonly seeking: readonly AddressFacts[];
  readonly beside: readonly AddressFacts[];
  readonly evidence: Evidence;
}

/** Candidates that the evidence names: the best of them; of a fleet's hundreds the rest is counted. A record has 400 KB, an event 256. */
const STANDBYS_NAMED = 50;

/** Alarms that the evidence names, by the same reason. */
const ALARMS_NAMED = 50;

/** Judges both sides. */
export function survey(facts: Facts, limits: ElasticIpLimits, now: string): View {
  const { address, instances } = facts;
  const holder = instances.find(({ id }) => id === address.association?.instanceId) ?? null;
  const health = healthOf(facts, holder, limits, now);
  const isSeeking = isInNeed(health);
  const seeking = seekingOf(facts, limits, now);
  const beside = seeking.filter(({ allocationId }) => allocationId !== address.allocationId);
  const demand = demandOf(address, holder, facts.history);
  const standbys = candidatesFor({ facts, holder, isSeeking, seeking, limits, now }, demand);
  return {
    facts,
    limits,
    now,
    holder,
    health,
    demand,
    standbys,
    good: standbys.filter(isGood),
    booting: standbys.filter((standby) => isBooting(standby, limits, now)),
    seeking,
    beside,
    evidence: evidenceOf(facts, holder, health, standbys, beside),
  };
}

/** The address needs another place. */
export function isInNeed({ verdict }: Health): boolean {
  return verdict === 'bad' || verdict === 'nobody';
}

function healthOf(facts: Facts, holder: Machine | null, limits: ElasticIpLimits, now: string): Health {
  const { address, history } = facts;
  if (address.association === null) return { verdict: 'nobody', why: `${address.publicIp} is on nobody` };
  if (holder === null) return judgeInterface(address.association.interfaceId, facts.loneInterface, history, now);
  return judgeInstance(holder, signsFor(address, holder, facts, limits, now), history, now);
}

function evidenceOf(
  { address, alarms }: Facts,
  holder: Machine | null,
  health: Health,
  standbys: readonly Standby[],
  beside: readonly AddressFacts[],
): Evidence {
  const more = standbys.length - STANDBYS_NAMED;
  const named = standbys.slice(0, STANDBYS_NAMED);
  return {
    address: `${address.publicIp} (${address.allocationId}, runbook:vip = ${address.vip})`,
    holder: {
      id: holder?.id ?? address.association?.interfaceId ?? null,
      verdict: health.verdict,
      why: health.why,
      ...(holder === null || holder.scheduled.length === 0 ? {} : { scheduled: holder.scheduled.map(eventInWords) }),
    },
    standbys: Object.fromEntries(named.map((standby) => [standby.machine.id, verdictOn(standby)])),
    ...(more > 0 ? { moreStandbys: more } : {}),
    ...(beside.length > 0 ? { alsoWithoutPlace: beside.map(({ publicIp }) => publicIp).slice(0, STANDBYS_NAMED) } : {}),
    ...(alarms.length > 0 ? alarmsInWords(alarms) : {}),
  };
}

/** Some accounts have thousands in ALARM: the first are named, the rest is counted. */
function alarmsInWords(alarms: Facts['alarms']): Evidence {
  const more = alarms.length - ALARMS_NAMED;
  return {
    alarms: alarms.slice(0, ALARMS_NAMED).map(({ name, kind }) => `${name} (${kind}) is in ALARM`),
    ...(more > 0 ? { moreAlarms: more } : {}),
  };
}
