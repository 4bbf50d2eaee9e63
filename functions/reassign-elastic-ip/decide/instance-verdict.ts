/**
 * Whether an instance that serves is still good: its state, its checks, the operator's alarms, a probe with a baseline,
 * and what to make of checks that cannot be read. Pure.
 */

import type { HistoryReading } from '../../../shared/kernel/decision.ts';
import { isLeaving, readChecks, secondSign, type InstanceFacts } from '../../../shared/judgement/instance-health.ts';
import { remembered } from '../../../shared/judgement/since.ts';
import { doubtOn } from './doubt.ts';
import type { AlarmFacts, Machine, ProbeReading } from './facts.ts';

/** `unread`: the history would tell; `doubtful`: too early to say; `unreadable`: nothing will tell. */
export interface Verdict {
  readonly verdict: 'good' | 'starting' | 'unread' | 'doubtful' | 'unreadable' | 'bad';
  readonly why: string;
  /** Set while the checks cannot be read: since when. */
  readonly doubtSince?: string;
}

/** What speaks about the instance besides itself. */
export interface Signs {
  readonly alarms: readonly AlarmFacts[];
  /** An alarm counts only if it is newer. */
  readonly alarmsAfter: string | null;
  /** Of the service on the instance. */
  readonly probe: ProbeReading;
  /** The keys under which `history.memory` keeps the last success of the probe, and since when the checks cannot be read. */
  readonly baselineKey: string;
  readonly suspectKey: string;
  /** How long checks must stay unreadable before a second sign makes them bad. */
  readonly doubtSeconds: number;
}

/** The operator's alarm about it that is red now, for however long. */
function alarmAgainst(id: string, { alarms, alarmsAfter }: Signs): AlarmFacts | undefined {
  return alarms.find(
    ({ kind, instanceIds, updatedAt }) =>
      kind === 'service' &&
      instanceIds.includes(id) &&
      (alarmsAfter === null || Date.parse(updatedAt) > Date.parse(alarmsAfter)),
  );
}

function inDoubt(instance: InstanceFacts, why: string, signs: Signs, history: HistoryReading, now: string): Verdict {
  if (signs.probe === 'ok') return { verdict: 'good', why: `${why}, but its service answers the probe` };
  const doubt = doubtOn(why, signs.suspectKey, signs.doubtSeconds, history, now);
  if (doubt.verdict !== undefined) return doubt;
  const { doubtSince } = doubt;
  const sign = secondSign(instance);
  if (sign === undefined)
    return { verdict: 'unreadable', why: `${why} since ${doubtSince}, with no second sign of failure`, doubtSince };
  return { verdict: 'bad', why: `${why} since ${doubtSince}, and ${sign}`, doubtSince };
}

/** Judges an instance that serves. */
export function judgeInstance(instance: Machine, signs: Signs, history: HistoryReading, now: string): Verdict {
  const { id, state, membership, unreadable } = instance;
  if (unreadable !== null) return { verdict: 'unreadable', why: `${id} cannot be read: ${unreadable}` };
  if (state === 'pending') return { verdict: 'starting', why: `${id} is pending` };
  if (state !== 'running') return { verdict: 'bad', why: `${id} is ${state}` };
  if (isLeaving(instance))
    return { verdict: 'bad', why: `${id} is leaving its group (${membership?.lifecycleState ?? ''})` };
  const checks = readChecks(instance.checks);
  if (checks.verdict === 'impaired') return { verdict: 'bad', why: `${id}: ${checks.why}` };
  const alarm = alarmAgainst(id, signs);
  if (alarm !== undefined)
    return { verdict: 'bad', why: `${id}: alarm ${alarm.name} is in ALARM since ${alarm.updatedAt}` };
  if (signs.probe === 'failed' && history === 'unread')
    return { verdict: 'unread', why: `${id}: its service does not answer the probe` };
  const baseline = remembered(history, signs.baselineKey);
  if (signs.probe === 'failed' && baseline !== undefined)
    return { verdict: 'bad', why: `${id}: its service no longer answers the probe, it did at ${baseline}` };
  if (checks.verdict === 'unclear') return inDoubt(instance, `${id}: ${checks.why}`, signs, history, now);
  if (checks.verdict === 'initializing') return { verdict: 'starting', why: `${id}: ${checks.why}` };
  return { verdict: 'good', why: `${id} is running, ${checks.why}` };
}

const ENDING = new Set(['shutting-down', 'terminated', 'absent']);

/** It is on its way out, or gone: there is no way back. */
export function isEnding({ state }: InstanceFacts): boolean {
  return ENDING.has(state);
}
