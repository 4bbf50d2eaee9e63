/** Decisions on the facts of `volume-facts.ts`, and what they plan in a few words. */

import { decide, type Facts } from '../../../functions/carry-volumes/decide.ts';
import type { Act, Decision } from '../../../shared/kernel/decision.ts';
import { LIMITS, NOW } from './volume-facts.ts';

/** What is to be done next. */
export function judge(facts: Facts, now = NOW): Decision {
  return decide(facts, LIMITS, now);
}

/** The decision's plan. Throws for a decision that plans nothing. */
export function planOf(decision: Decision): Act {
  if (decision.kind !== 'act')
    throw new Error(`expected act, found ${decision.kind} ${decision.code}: ${decision.because}`);
  return decision;
}

/** A member of a planned input as one word. */
export function said(value: unknown): string {
  if (Array.isArray(value)) return value.map(said).join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Calls of a plan in a few words each: `AttachVolume vol-1 /dev/sdf`. */
export function words(decision: Decision): string[] {
  return planOf(decision).plan.map(({ call, input }) => {
    const members = [
      'VolumeId',
      'SnapshotId',
      'Device',
      'InstanceIds',
      'Resources',
      'LifecycleActionResult',
      'ScalingProcesses',
      'Force',
      'SkipOsShutdown',
    ];
    const subjects = members.flatMap((member) => (input[member] === undefined ? [] : [said(input[member])]));
    return [call.split(':')[1], ...subjects].join(' ');
  });
}

/** Facts as the next look of the same run finds them after a plan was carried out: what this run noted is there. */
export function after(facts: Facts, decision: Decision, change: Partial<Facts> = {}): Facts {
  const { intent, note = {} } = planOf(decision);
  return { ...facts, history: { epoch: 1, actions: [], memory: {}, pending: { intent, at: NOW, note } }, ...change };
}
