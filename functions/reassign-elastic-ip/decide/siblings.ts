/**
 * The other addresses of the name: which of them look for a place too, and what is theirs already. What is said of them is
 * what every run sees, whichever address it is about: no probe and no history of theirs. Pure.
 */

import type { HistoryReading } from '../../../shared/kernel/decision.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import { companyOf, type Company } from './company.ts';
import type { AddressFacts, ElasticIpLimits, Facts, Machine } from './facts.ts';
import { fenceOf } from './fencing.ts';
import { judgeInstance, type Signs } from './instance-verdict.ts';
import { suspectKey } from './doubt.ts';
import { lastMoveAt } from './move-records.ts';

/** What speaks of a holder besides itself, for the address that it holds. */
export function signsFor(
  address: AddressFacts,
  holder: Machine,
  { alarms }: Pick<Facts, 'alarms'>,
  { doubtSeconds }: ElasticIpLimits,
  now: string,
): Signs {
  return {
    alarms,
    // An alarm from before the move is about the holder before.
    alarmsAfter: lastMoveAt(address, holder, now),
    probe: address.probe,
    baselineKey: `probe:${holder.id}`,
    suspectKey: suspectKey(holder.id),
    doubtSeconds,
  };
}

/** All but the address itself. */
export function othersOf({ address, siblings }: Pick<Facts, 'address' | 'siblings'>): readonly AddressFacts[] {
  return siblings.filter(({ allocationId }) => allocationId !== address.allocationId);
}

/** The others that an instance holds. */
export function othersOn(facts: Pick<Facts, 'address' | 'siblings'>, instanceId: string): readonly AddressFacts[] {
  return othersOf(facts).filter(({ association }) => association?.instanceId === instanceId);
}

/**
 * The addresses of the name that are on nobody, or on a holder that is bad, and that may be moved now, this one perhaps among
 * them. In the order of their ids.
 */
export function seekingOf(facts: Facts, limits: ElasticIpLimits, now: string): readonly AddressFacts[] {
  const by = JSON.stringify([now, facts.history === 'lost', limits]);
  const company = companyOf(facts);
  return company.seeking(by, () => allSeeking(company, facts, limits, now));
}

function allSeeking(
  { byId, seen: { siblings, instances } }: Company,
  facts: Facts,
  limits: ElasticIpLimits,
  now: string,
): readonly AddressFacts[] {
  const arriving = new Set(instances.flatMap(({ slots }) => slots.flatMap(({ elasticIp }) => elasticIp ?? [])));
  const isSeeking = (sibling: AddressFacts): boolean => {
    const { association, problems, publicIp } = sibling;
    if (problems.length > 0) return false;
    // Shown by an instance and not by its own record: it has just come there.
    if (association === null) return !arriving.has(publicIp) && !isPausing(sibling, null, facts.history, limits, now);
    const holder = byId.get(association.instanceId ?? '');
    if (holder === undefined || isPausing(sibling, holder, facts.history, limits, now)) return false;
    return isBad(sibling, holder, facts, limits, now) && mayLeave(sibling, holder);
  };
  return siblings.filter(isSeeking).toSorted((left, right) => (left.allocationId < right.allocationId ? -1 : 1));
}

function isBad(sibling: AddressFacts, holder: Machine, facts: Facts, limits: ElasticIpLimits, now: string): boolean {
  const signs = { ...signsFor(sibling, holder, facts, limits, now), probe: 'none' as const };
  return judgeInstance(holder, signs, 'unread', now).verdict === 'bad';
}

/** It moved so short a time ago that it has to stay. */
function isPausing(
  sibling: AddressFacts,
  holder: Machine | null,
  history: HistoryReading,
  { cooldownSeconds, unledgeredSeconds }: ElasticIpLimits,
  now: string,
): boolean {
  const movedAt = lastMoveAt(sibling, holder, now);
  if (movedAt === null) return false;
  return secondsSince(movedAt, now) < (history === 'lost' ? unledgeredSeconds : cooldownSeconds);
}

function mayLeave({ fence, vip }: AddressFacts, holder: Machine): boolean {
  return fenceOf(fence, holder, holder.vip === vip, false).kind !== 'refuse';
}
