/** What is held against an instance that should take an address: by itself, and by the address. Pure. */

import { groupFlaw, stateFlaw, type Flaw } from '../../../shared/judgement/instance-health.ts';
import { remembered } from '../../../shared/judgement/since.ts';
import type { AlarmFacts, Facts, Machine } from './facts.ts';
import { refusedInstance, type RefusedPlace } from './refusals.ts';

/** What speaks against an instance for any address of a border group; every run sees the same. */
export function flawsOf(machine: Machine, borderGroup: string, alarms: readonly AlarmFacts[]): readonly Flaw[] {
  if (machine.unreadable !== null) return [{ kind: 'misfit', why: `cannot be read: ${machine.unreadable}` }];
  const flaws = [
    stateFlaw(machine),
    groupFlaw(machine, machine.volumesComplete),
    alarmFlaw(alarms, machine),
    quarantineFlaw(machine),
    borderFlaw(borderGroup, machine),
  ];
  return flaws.filter((flaw) => flaw !== undefined);
}

/** What only this run knows besides: the probe of its address, and what EC2 refused. */
export function ownFlawsOf(machine: Machine, facts: Facts, refused: readonly RefusedPlace[]): readonly Flaw[] {
  const refusal = refusedInstance(refused, machine);
  const flaws = [
    probeFlaw(facts, machine),
    refusal === undefined ? undefined : { kind: 'failing' as const, why: refusal.why },
    outpostFlaw(facts, machine),
  ];
  return flaws.filter((flaw) => flaw !== undefined);
}

/** A silent standby is held against it only if it has answered as a standby before: many start their service on taking over. */
function probeFlaw({ history }: Facts, { id, probe }: Machine): Flaw | undefined {
  if (probe !== 'failed' || history === 'lost') return undefined;
  if (history === 'unread') return { kind: 'unread', why: 'does not answer its probe' };
  const answeredAt = remembered(history, `ready:${id}`);
  if (answeredAt === undefined) return undefined;
  return { kind: 'failing', why: `no longer answers its probe, it did at ${answeredAt}` };
}

function alarmFlaw(alarms: readonly AlarmFacts[], { id }: Machine): Flaw | undefined {
  const alarm = alarms.find(({ kind, instanceIds }) => kind === 'service' && instanceIds.includes(id));
  return alarm === undefined ? undefined : { kind: 'failing', why: `alarm ${alarm.name} is in ALARM` };
}

function quarantineFlaw({ quarantinedAt }: Machine): Flaw | undefined {
  return quarantinedAt === null ? undefined : { kind: 'quarantined', why: `is quarantined since ${quarantinedAt}` };
}

/** A customer-owned address is served by the Outpost whose pool it is of. Where its holder shows which, it is that one. */
function outpostFlaw({ address, instances }: Facts, { outpost }: Machine): Flaw | undefined {
  if (!address.isCustomerOwned) return undefined;
  if (outpost === null) return { kind: 'misfit', why: 'is on no Outpost, and the address is customer-owned' };
  const holder = instances.find(({ id }) => id === address.association?.instanceId);
  const wanted = holder?.outpost ?? outpost;
  return wanted === outpost ? undefined : { kind: 'misfit', why: `is on ${outpost}, the address on ${wanted}` };
}

function borderFlaw(wanted: string, { borderGroup }: Machine): Flaw | undefined {
  if (borderGroup === wanted) return undefined;
  const where = borderGroup === '' ? 'in a border group that is not known' : `in border group ${borderGroup}`;
  return { kind: 'misfit', why: `is ${where}, the address in ${wanted}` };
}
