/** Blocks a network, or blocks it for longer. */

import {
  BLOCK,
  blockValue,
  lastEnd,
  standing,
  type BlockRow,
  type Reason,
} from '../../../shared/judgement/blocklist/rows.ts';
import type { Act, Decision, Nothing, PlannedCall, Refuse } from '../../../shared/kernel/decision.ts';
import { plannedWrite } from '../../../shared/kernel/ledger/planned-write.ts';
import type { BlockLimits, Facts } from './facts.ts';
import { leftOut, sharedBy, whyNot, type Shared } from './guards.ts';
import type { NetworkAsk } from './wish.ts';

/** So many seconds after a time. */
export function after(time: string, seconds: number): string {
  return new Date(Date.parse(time) + seconds * 1_000).toISOString();
}

/** The write of a row's reasons, kept for a time after the last has ended. */
export function rowWrite(row: BlockRow, reasons: readonly Reason[], limits: BlockLimits, because: string): PlannedCall {
  const expiresAt = after(lastEnd(reasons), limits.keptSeconds);
  return plannedWrite(
    { partition: BLOCK, key: row.key ?? row.cidr, ifVersion: row.version, value: blockValue(reasons), expiresAt },
    because,
  );
}

/** A write that says for which incident it blocks: that is what is taken back, and a write that ends or extends has no such thing. */
export function blocking(write: PlannedCall, { incident }: Reason): PlannedCall {
  return { ...write, input: { ...write.input, blocksFor: incident } };
}

/**
 * The reason as it would stand, and the others as they do. Those that have ended make room, the longest ended first: a row that is
 * blocked again and again is never forgotten, and would grow until it cannot be written.
 */
export function withReason(row: BlockRow, reason: Reason, { maxReasons }: BlockLimits, now: string): readonly Reason[] {
  const others = row.reasons.filter(({ incident }) => incident !== reason.incident);
  const ended = others.filter(({ until }) => until <= now).toSorted((one, other) => (one.until < other.until ? -1 : 1));
  const forgotten = new Set(ended.slice(0, Math.max(0, others.length + 1 - maxReasons)));
  return [...others.filter((each) => !forgotten.has(each)), reason];
}

export function ttlOf({ ttlSeconds }: NetworkAsk, limits: BlockLimits): number | Refuse {
  const seconds = ttlSeconds ?? limits.defaultTtlSeconds;
  const { minTtlSeconds: least, maxTtlSeconds: most } = limits;
  if (seconds >= least && seconds <= most) return seconds;
  const because = `ttlSeconds ${seconds} is not from ${least} to ${most}`;
  return { kind: 'refuse', code: 'ttl-out-of-range', because, evidence: { ttlSeconds: seconds, least, most } };
}

/** This very run has written it, and died before it told. */
function toldNow(row: BlockRow, reason: Reason, limits: BlockLimits): Nothing {
  const because = `${row.cidr} is blocked until ${reason.until} (${reason.incident})`;
  const { version } = row;
  const written = blocking(rowWrite({ ...row, version: version - 1 }, row.reasons, limits, because), reason);
  return { kind: 'nothing', code: 'blocked', because, evidence: evidenceOf(row, reason), untold: [written] };
}

function evidenceOf({ cidr }: BlockRow, { incident, until }: Reason): Act['evidence'] {
  return { cidr, incident, until };
}

/** Blocks it for the incident; for longer, where it is blocked for that already and the time asked for ends later. */
export function block(facts: Facts, ask: NetworkAsk, row: BlockRow, limits: BlockLimits, now: string): Decision {
  const { asker } = facts;
  const { by, why, delivery, run } = asker;
  const incident = ask.incident ?? `${by}: by hand`;
  const seconds = ttlOf(ask, limits);
  if (typeof seconds !== 'number') return seconds;
  const over = row.reasons.find((reason) => reason.incident === incident && isOver(reason, asker));
  if (over !== undefined) return unblockedSince(row, over);
  const before = standing(row, now).find((reason) => reason.incident === incident);
  if (before?.run === run) return toldNow(row, before, limits);
  const shared = sharedBy(row.cidr, facts.guard, now);
  const asked = endsOf(shared, seconds, limits, now);
  if (before !== undefined && (before.delivery === delivery || isLongEnough(before, asked, limits)))
    return alreadyBlocked(row, incident, endOf(before, asked.isAll, limits));
  const until = laterOf(asked, before);
  const refusal = whyNot(row.cidr, facts, limits, now) ?? tooManyReasons(row, incident, limits, now);
  if (refusal !== undefined) return refusal;
  const from = shared === undefined ? (before?.from ?? now) : now;
  const reason: Reason = { by, why, delivery, run, incident, from, until, strikes: 0 };
  const because = `${by} asks for ${row.cidr} to be blocked until ${until} (${incident})${shared?.says ?? ''}`;
  const open = leftOut(row.cidr, facts.guard, now);
  return {
    kind: 'act',
    code: before === undefined ? 'blocked' : 'extended',
    because,
    evidence: {
      ...evidenceOf(row, reason),
      ...(ask.hadHostBits ? { note: 'the address was given with host bits; the whole network is blocked' } : {}),
      ...(open.length === 0 ? {} : { leftOut: open }),
      ...(shared === undefined ? {} : { sharedEgress: shared.range }),
    },
    plan: [blocking(rowWrite(row, withReason(row, reason, limits, now), limits, because), reason)],
    intent: `block ${row.cidr} for ${incident}`,
    budget: 'counted',
  };
}

/** Somebody has ended what this very request had blocked: it comes again, late, and asks for nothing new. */
function isOver({ ended, delivery, run }: Reason, asker: Facts['asker']): boolean {
  if (ended === undefined) return false;
  return run === asker.run || (asker.sentAt !== null && delivery === asker.delivery);
}

function unblockedSince(row: BlockRow, reason: Reason): Nothing {
  const because = `${row.cidr} was blocked by this request, and ${reason.ended?.by ?? 'somebody'} has unblocked it since`;
  return { kind: 'nothing', code: 'unblocked-since', because, evidence: evidenceOf(row, reason) };
}

function alreadyBlocked({ cidr }: BlockRow, incident: string, until: string): Nothing {
  const because = `${cidr} is blocked until ${until} already (${incident}); extend it if that is too short`;
  return { kind: 'nothing', code: 'already-blocked', because, evidence: { cidr, incident, until } };
}

/** Until when a network is to be blocked, and `soon` what many people share of it, if they do of any. */
interface Ends {
  readonly until: string;
  readonly soon: string | undefined;
  readonly isAll: boolean;
}

function endsOf(shared: Shared | undefined, seconds: number, limits: BlockLimits, now: string): Ends {
  const soon = after(now, Math.min(seconds, limits.sharedEgressTtlSeconds));
  const isAll = shared?.isAll === true;
  return { until: isAll ? soon : after(now, seconds), soon: shared && soon, isAll };
}

/** It is blocked until then already, and what many people share of it as well. */
function isLongEnough(reason: Reason, { until, soon, isAll }: Ends, limits: BlockLimits): boolean {
  return endOf(reason, isAll, limits) >= until && (soon === undefined || endOf(reason, true, limits) >= soon);
}

/** Where only a part is shared and has been let go, that part is blocked anew: the rest does not end earlier for it. */
function laterOf({ until, isAll }: Ends, before: Reason | undefined): string {
  return !isAll && before !== undefined && before.until > until ? before.until : until;
}

/** When a reason ends: what many people share is let go a short time after it was asked for, whatever was asked for before it was known to be shared. */
export function endOf({ from, until }: Reason, isOfMany: boolean, limits: BlockLimits): string {
  if (!isOfMany || Number.isNaN(Date.parse(from))) return until;
  const soon = after(from, limits.sharedEgressTtlSeconds);
  return soon < until ? soon : until;
}

export function tooManyReasons(
  row: BlockRow,
  incident: string,
  { maxReasons }: BlockLimits,
  now: string,
): Refuse | undefined {
  const others = standing(row, now).filter((reason) => reason.incident !== incident);
  if (others.length < maxReasons) return undefined;
  const because = `${row.cidr} is blocked for ${others.length} reasons already, the most that are kept; it stays blocked until ${lastEnd(others)}`;
  return {
    kind: 'refuse',
    code: 'too-many-reasons',
    because,
    evidence: { cidr: row.cidr, incidents: others.map((each) => each.incident) },
  };
}

/** The reasons that a request to extend is about get the time that is asked for, if that ends later. */
export function extend(
  facts: Facts,
  ask: NetworkAsk,
  rows: readonly BlockRow[],
  limits: BlockLimits,
  now: string,
): Decision {
  const seconds = ttlOf(ask, limits);
  if (typeof seconds !== 'number') return seconds;
  const { asker } = facts;
  const isMeant = (reason: Reason): boolean => ask.incident === null || reason.incident === ask.incident;
  const concerned = rows.filter((row) => standing(row, now).some(isMeant));
  const name = ask.cidr ?? ask.incident ?? '';
  if (concerned.length === 0)
    return { kind: 'nothing', code: 'not-blocked', because: `nothing is blocked for ${name}`, evidence: { name } };
  // What many people share is blocked for a short time, however it is asked for.
  const sharers = new Map(concerned.map(({ cidr }) => [cidr, sharedBy(cidr, facts.guard, now)]));
  const wanted = ({ cidr }: BlockRow): Ends => endsOf(sharers.get(cidr), seconds, limits, now);
  const isShort = (row: BlockRow, reason: Reason): boolean =>
    reason.until > now && isMeant(reason) && !isLongEnough(reason, wanted(row), limits);
  const shorter = concerned.filter((row) => row.reasons.some((reason) => isShort(row, reason)));
  const end = concerned.map((row) => wanted(row).until).reduce((one, other) => (one < other ? one : other));
  const evidence = { until: end, cidrs: concerned.map(({ cidr }) => cidr) };
  if (shorter.length === 0)
    return { kind: 'nothing', code: 'long-enough', because: `${name} is blocked until ${end} or longer`, evidence };
  const shared = [...sharers.values()].find((each) => each !== undefined)?.says ?? '';
  const because = `${asker.by} asks for ${name} to be blocked until ${end}${shared}`;
  // What brought it keeps its mark: by that the next telling of a finding or an alarm is known as a later one.
  const longer = (row: BlockRow): readonly Reason[] =>
    row.reasons.map((reason) => {
      if (!isShort(row, reason)) return reason;
      const ends = wanted(row);
      return {
        ...reason,
        ...(ends.soon === undefined ? {} : { from: now }),
        until: laterOf(ends, reason),
        run: asker.run,
      };
    });
  return {
    kind: 'act',
    code: 'extended',
    because,
    evidence,
    plan: shorter.slice(0, limits.maxCalls).map((row) => rowWrite(row, longer(row), limits, because)),
    intent: `extend ${name} until ${end}`,
    budget: 'counted',
    ...(shorter.length > limits.maxCalls ? { more: true as const } : {}),
  };
}
