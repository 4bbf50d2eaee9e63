/** Who could take the address: everybody of its name but the holder, what is held against each, and who comes first. Pure. */

import { groupFlaw, stateFlaw, type Flaw, type PrivateSlot } from '../../../shared/judgement/instance-health.ts';
import { remembered, secondsSince } from '../../../shared/judgement/since.ts';
import type { AddressFacts, ElasticIpLimits, Facts, Machine } from './facts.ts';
import { isEnding } from './instance-verdict.ts';
import { announcedDestination } from './move-records.ts';
import { byRank } from './rank.ts';

/** A candidate. One without flaws is good; `slot` is the private address it would take the Elastic IP on. */
export interface Standby {
  readonly machine: Machine;
  readonly slot: PrivateSlot | null;
  readonly flaws: readonly Flaw[];
}

/** The candidates, best first. */
export function candidatesFor(facts: Facts, holder: Machine | null): readonly Standby[] {
  const isCandidate = ({ id, vip }: Machine): boolean => vip === facts.address.vip && id !== holder?.id;
  const standbys = facts.instances.filter(isCandidate).map((machine) => standbyOf(facts, machine));
  return standbys.toSorted(byPreference(facts, holder));
}

function standbyOf(facts: Facts, machine: Machine): Standby {
  const slot = slotFor(facts.address, machine);
  const flaws = [
    stateFlaw(machine),
    groupFlaw(machine, machine.volumesComplete),
    probeFlaw(facts, machine),
    alarmFlaw(facts, machine),
    quarantineFlaw(machine),
    borderFlaw(facts.address, machine),
    slotFlaw(machine, slot),
  ];
  return { machine, slot, flaws: flaws.filter((flaw) => flaw !== undefined) };
}

/** The private address that would carry the Elastic IP: addresses that choose earlier have the earlier free ones. */
function slotFor({ publicIp, ahead }: AddressFacts, { slots }: Machine): PrivateSlot | null {
  const free = slots.filter(({ elasticIp }) => elasticIp === null || elasticIp === publicIp);
  return free[ahead] ?? null;
}

/** A silent standby is held against it only if it has answered as a standby before: many start their service on taking over. */
function probeFlaw({ history }: Facts, { id, probe }: Machine): Flaw | undefined {
  if (probe !== 'failed' || history === 'lost') return undefined;
  if (history === 'unread') return { kind: 'unread', why: 'does not answer its probe' };
  const answeredAt = remembered(history, `ready:${id}`);
  if (answeredAt === undefined) return undefined;
  return { kind: 'failing', why: `no longer answers its probe, it did at ${answeredAt}` };
}

function alarmFlaw({ alarms }: Facts, { id }: Machine): Flaw | undefined {
  const alarm = alarms.find(({ kind, instanceIds }) => kind === 'service' && instanceIds.includes(id));
  return alarm === undefined ? undefined : { kind: 'failing', why: `alarm ${alarm.name} is in ALARM` };
}

function quarantineFlaw({ quarantinedAt }: Machine): Flaw | undefined {
  return quarantinedAt === null ? undefined : { kind: 'quarantined', why: `is quarantined since ${quarantinedAt}` };
}

function borderFlaw(address: AddressFacts, { borderGroup }: Machine): Flaw | undefined {
  if (borderGroup === address.borderGroup) return undefined;
  return { kind: 'misfit', why: `is in border group ${borderGroup}, the address in ${address.borderGroup}` };
}

function slotFlaw(machine: Machine, slot: PrivateSlot | null): Flaw | undefined {
  // What ends has lost its interfaces, and is refused for ending.
  if (slot !== null || isEnding(machine)) return undefined;
  const taken = machine.slots.flatMap(({ elasticIp }) => elasticIp ?? []);
  const displaced = taken.join(', ') || 'another of this name';
  return { kind: 'misfit', why: `has no free private address: would displace ${displaced}` };
}

/** An announced destination first, so that an interrupted move ends where it was going; then priority, another zone than the holder's, id. */
function byPreference({ address, history }: Facts, holder: Machine | null): (left: Standby, right: Standby) => number {
  const announced = announcedDestination(address, history);
  return byRank(({ machine: { id, priority, zone } }) => [
    id === announced ? 0 : 1,
    priority,
    zone === holder?.zone ? 1 : 0,
    id,
  ]);
}

/** Nothing is held against it. */
export function isGood({ flaws }: Standby): boolean {
  return flaws.length === 0;
}

/** Nothing is held against it but that it has not booted yet, and that it still may. */
export function isBooting({ machine, flaws }: Standby, limits: ElasticIpLimits, now: string): boolean {
  const isOnlyBooting = flaws.length > 0 && flaws.every(({ kind }) => kind === 'booting');
  return isOnlyBooting && mayStillBoot(machine, limits, now);
}

/** It was launched so short a time ago that it is worth waiting for. */
export function mayStillBoot({ launchedAt }: Machine, { maxBootSeconds }: ElasticIpLimits, now: string): boolean {
  return launchedAt !== null && secondsSince(launchedAt, now) <= maxBootSeconds;
}

/** Only the history, which was not read, would tell whether it is good. */
export function isUnread({ flaws }: Standby): boolean {
  return flaws.length > 0 && flaws.every(({ kind }) => kind === 'unread');
}

/** All that is held against a candidate, or that it is good. */
export function verdictOn({ flaws }: Standby): string {
  return flaws.map(({ why }) => why).join('; ') || 'good';
}
