/**
 * Who should hold an Elastic IP. The holder is computed from what is seen on both sides, never toggled: the same facts
 * give the same holder however often, and in whatever order, the events arrive.
 */

import type { Act, ApiCall, Decision, Evidence, JsonObject, KernelFacts, Nothing, PlannedCall, Refuse, Wait } from '../../shared/decision.ts';
import { fenceOf } from '../../shared/fencing.ts';
import { completion, heartbeat, type HookFacts } from '../../shared/hooks.ts';
import { groupFlaw, isLeaving, isSteady, readChecks, secondSign, stateFlaw, type Flaw, type InstanceFacts, type PrivateSlot } from '../../shared/instance-health.ts';

/** What started the run. `raised`: false for an alarm that went to OK or INSUFFICIENT_DATA. */
export type Ask =
  | { readonly kind: 'reconcile' }
  | {
      readonly kind: 'event';
      readonly trigger: 'alarm' | 'state' | 'launch-hook' | 'terminate-hook' | 'launch-result';
      readonly instanceIds: readonly string[];
      readonly raised: boolean;
      readonly alarmNames: readonly string[];
    }
  | { readonly kind: 'move'; readonly to: string | null; readonly force: boolean }
  | { readonly kind: 'fail-back'; readonly force: boolean };

type ProbeReading = 'ok' | 'failed' | 'none';

/** An instance that carries the address's name, or holds the address without carrying it. */
export interface Machine extends InstanceFacts {
  readonly vip: string | null;
  /** Lower first. */
  readonly priority: number;
  readonly quarantinedAt: string | null;
  /** Every volume of its group's set is attached; true where there is no set. */
  readonly volumesComplete: boolean;
  /** The probe of its own public address; `none` where it has none or the address asks for no probe. */
  readonly probe: ProbeReading;
}

export interface AddressFacts {
  readonly allocationId: string;
  readonly publicIp: string;
  readonly vip: string;
  readonly borderGroup: string;
  /** `instanceId` null: a NAT gateway or another interface without an instance. */
  readonly association: { readonly instanceId: string | null; readonly interfaceId: string; readonly privateIp: string } | null;
  /** Addresses of the same name, in the same plight, that choose their private address before this one. */
  readonly ahead: number;
  readonly fence: 'none' | 'best-effort' | 'required';
  /** The `runbook:probe` tag; `probe` is what it said of the present holder. */
  readonly probeTag: string | null;
  readonly probe: ProbeReading;
  readonly failbackMinutes: number | null;
  readonly movedAt: string | null;
  readonly moves: number;
  /** Tags whose value cannot be read. */
  readonly problems: readonly string[];
}

/**
 * An alarm that is in ALARM now, read again. `status`: only EC2's own status checks, which are read directly; `load`: how
 * busy an instance is, which is no failure; `service`: what the operator measures of the service.
 */
export interface AlarmFacts {
  readonly name: string;
  readonly kind: 'status' | 'load' | 'service';
  readonly instanceIds: readonly string[];
  readonly updatedAt: string;
}

export interface Facts extends KernelFacts {
  readonly ask: Ask;
  readonly address: AddressFacts;
  readonly instances: readonly Machine[];
  readonly hooks: readonly HookFacts[];
  /** The event's lifecycle action does not show yet in what Auto Scaling says of the instance. */
  readonly hookUnseen: boolean;
  readonly alarms: readonly AlarmFacts[];
}

export interface ElasticIpLimits {
  readonly maxAgeSeconds: number;
  /** How long a booting instance is waited for, from its launch. */
  readonly maxBootSeconds: number;
  /** How long status checks must stay unreadable before a second sign makes them bad. */
  readonly doubtSeconds: number;
  /** How long a loser must be steady before it is a candidate again. */
  readonly quarantineSeconds: number;
  /** Least time between two moves of an address while the ledger does not answer. */
  readonly unledgeredSeconds: number;
  /** Age from which an answered or announced thing is another run's, not this one's: half the schedule. */
  readonly echoSeconds: number;
  /** A remembered probe success is renewed after so long. */
  readonly baselineSeconds: number;
}

interface Standby {
  readonly machine: Machine;
  readonly slot: PrivateSlot | null;
  readonly flaws: readonly Flaw[];
}

interface Health {
  readonly verdict: 'nobody' | 'foreign' | 'good' | 'starting' | 'unread' | 'doubtful' | 'unreadable' | 'bad';
  readonly why: string;
  /** Set while the checks cannot be read: since when. */
  readonly doubtSince?: string;
}

interface View {
  readonly facts: Facts;
  readonly limits: ElasticIpLimits;
  readonly now: string;
  readonly holder: Machine | null;
  readonly health: Health;
  readonly standbys: readonly Standby[];
  /** Best first. */
  readonly good: readonly Standby[];
  readonly booting: readonly Standby[];
  /** The holder leaves in good health and its successor is on the way: its terminate hook can wait. */
  readonly holding: boolean;
}

const QUARANTINED = 'runbook:quarantined';
const MOVED_AT = 'runbook:moved-at';
const MOVES = 'runbook:moves';
const ENDING = new Set(['shutting-down', 'terminated', 'absent']);

function secondsSince(then: string, now: string): number {
  return (Date.parse(now) - Date.parse(then)) / 1_000;
}

function remembered({ history }: KernelFacts, key: string): string | undefined {
  return typeof history === 'object' ? history.memory[key] : undefined;
}

function pendingOf({ history }: KernelFacts): { readonly intent: string; readonly at: string; readonly note: JsonObject } | undefined {
  return typeof history === 'object' ? history.pending : undefined;
}

// ---- the holder -----------------------------------------------------------------------------------------------------

/** An alarm of the operator's own about the instance, newer than the last move; one nobody named must be fresh as well, as an event must. */
function serviceAlarm(facts: Facts, id: string, limits: ElasticIpLimits, now: string): AlarmFacts | undefined {
  const { alarms, address, ask } = facts;
  const isTold = ({ name }: AlarmFacts): boolean => ask.kind === 'event' && ask.alarmNames.includes(name);
  return alarms.find(
    (alarm) =>
      alarm.kind === 'service' &&
      alarm.instanceIds.includes(id) &&
      Date.parse(alarm.updatedAt) > Date.parse(address.movedAt ?? '1970-01-01T00:00:00Z') &&
      (isTold(alarm) || secondsSince(alarm.updatedAt, now) <= limits.maxAgeSeconds),
  );
}

function healthInDoubt(facts: Facts, holder: Machine, why: string, limits: ElasticIpLimits, now: string): Health {
  if (facts.address.probe === 'ok') return { verdict: 'good', why: `${why}, but ${facts.address.publicIp} answers its probe` };
  if (facts.history === 'unread') return { verdict: 'unread', why };
  if (facts.history === 'lost') return { verdict: 'unreadable', why: `${why}; for how long is not known without the ledger` };
  const doubtSince = remembered(facts, `suspect:${holder.id}`) ?? now;
  const seconds = secondsSince(doubtSince, now);
  if (seconds < limits.doubtSeconds) return { verdict: 'doubtful', why: `${why} for ${seconds} s`, doubtSince };
  const sign = secondSign(holder);
  return sign === undefined
    ? { verdict: 'unreadable', why: `${why} since ${doubtSince}, with no second sign of failure`, doubtSince }
    : { verdict: 'bad', why: `${why} since ${doubtSince}, and ${sign}`, doubtSince };
}

function healthOf(facts: Facts, holder: Machine | null, limits: ElasticIpLimits, now: string): Health {
  const { association, probe, publicIp } = facts.address;
  if (association === null) return { verdict: 'nobody', why: `${publicIp} is on nobody` };
  if (holder === null) return { verdict: 'foreign', why: `${association.interfaceId} belongs to no instance (a NAT gateway or another service)` };
  if (holder.state === 'pending') return { verdict: 'starting', why: `${holder.id} is pending` };
  if (holder.state !== 'running') return { verdict: 'bad', why: `${holder.id} is ${holder.state}` };
  if (isLeaving(holder)) return { verdict: 'bad', why: `${holder.id} is leaving its group (${holder.membership?.lifecycleState ?? ''})` };
  const checks = readChecks(holder.checks);
  if (checks.verdict === 'impaired') return { verdict: 'bad', why: `${holder.id}: ${checks.why}` };
  const alarm = serviceAlarm(facts, holder.id, limits, now);
  if (alarm !== undefined) return { verdict: 'bad', why: `${holder.id}: alarm ${alarm.name} is in ALARM since ${alarm.updatedAt}` };
  if (probe === 'failed' && facts.history === 'unread') return { verdict: 'unread', why: `${publicIp} does not answer its probe` };
  const baseline = remembered(facts, `probe:${holder.id}`);
  if (probe === 'failed' && baseline !== undefined) return { verdict: 'bad', why: `${publicIp} no longer answers its probe on ${holder.id}, it did at ${baseline}` };
  if (checks.verdict === 'unclear') return healthInDoubt(facts, holder, `${holder.id}: ${checks.why}`, limits, now);
  if (checks.verdict === 'initializing') return { verdict: 'starting', why: `${holder.id}: ${checks.why}` };
  return { verdict: 'good', why: `${holder.id} is running, ${checks.why}` };
}

// ---- the candidates -------------------------------------------------------------------------------------------------

/** A silent standby is held against it only if it has answered as a standby before: many start their service on taking over. */
function probeFlaw(facts: Facts, { id, probe }: Machine): Flaw | undefined {
  if (probe !== 'failed' || facts.history === 'lost') return undefined;
  if (facts.history === 'unread') return { kind: 'unread', why: 'does not answer its probe' };
  const baseline = remembered(facts, `ready:${id}`);
  return baseline === undefined ? undefined : { kind: 'failing', why: `no longer answers its probe, it did at ${baseline}` };
}

function standbyOf(facts: Facts, machine: Machine): Standby {
  const { address, alarms } = facts;
  const free = machine.slots.filter(({ elasticIp }) => elasticIp === null || elasticIp === address.publicIp);
  const slot = free[address.ahead] ?? null;
  const flaws: (Flaw | undefined)[] = [stateFlaw(machine), groupFlaw(machine, machine.volumesComplete), probeFlaw(facts, machine)];
  const alarm = alarms.find(({ kind, instanceIds }) => kind === 'service' && instanceIds.includes(machine.id));
  if (alarm !== undefined) flaws.push({ kind: 'failing', why: `alarm ${alarm.name} is in ALARM` });
  if (machine.quarantinedAt !== null) flaws.push({ kind: 'quarantined', why: `is quarantined since ${machine.quarantinedAt}` });
  if (machine.borderGroup !== address.borderGroup) flaws.push({ kind: 'misfit', why: `is in border group ${machine.borderGroup}, the address in ${address.borderGroup}` });
  if (slot === null && !ENDING.has(machine.state)) {
    const taken = machine.slots.flatMap(({ elasticIp }) => elasticIp ?? []);
    flaws.push({ kind: 'misfit', why: `has no free private address: would displace ${taken.join(', ') || 'another of this name'}` });
  }
  return { machine, slot, flaws: flaws.filter((flaw) => flaw !== undefined) };
}

function isBooting({ machine, flaws }: Standby, limits: ElasticIpLimits, now: string): boolean {
  return flaws.every(({ kind }) => kind === 'booting') && machine.launchedAt !== null && secondsSince(machine.launchedAt, now) <= limits.maxBootSeconds;
}

/** An announced destination first, so that an interrupted move ends where it was going; then priority, another zone than the holder's, id. */
function byPreference(facts: Facts, holder: Machine | null): (left: Standby, right: Standby) => number {
  const announced = pendingOf(facts)?.note['to'];
  const rank = ({ machine }: Standby): readonly number[] => [machine.id === announced ? 0 : 1, machine.priority, machine.zone === holder?.zone ? 1 : 0];
  return (left, right) => {
    const ranks = rank(right);
    const difference = rank(left).map((value, index) => value - (ranks[index] ?? 0)).find((value) => value !== 0);
    return difference ?? (left.machine.id < right.machine.id ? -1 : 1);
  };
}

function survey(facts: Facts, limits: ElasticIpLimits, now: string): View {
  const { address, instances } = facts;
  const holder = instances.find(({ id }) => id === address.association?.instanceId) ?? null;
  const candidates = instances.filter(({ id, vip }) => vip === address.vip && id !== holder?.id);
  const standbys = candidates.map((machine) => standbyOf(facts, machine)).toSorted(byPreference(facts, holder));
  const good = standbys.filter(({ flaws }) => flaws.length === 0);
  const booting = standbys.filter((standby) => standby.flaws.length > 0 && isBooting(standby, limits, now));
  const alive = holder !== null && holder.state === 'running' && readChecks(holder.checks).verdict === 'ok';
  const holding = alive && isLeaving(holder) && good.length === 0 && booting.length > 0;
  return { facts, limits, now, holder, health: healthOf(facts, holder, limits, now), standbys, good, booting, holding };
}
