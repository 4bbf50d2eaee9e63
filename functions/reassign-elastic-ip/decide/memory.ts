/**
 * What is remembered of the instances from run to run, each under its kind and id. Pure.
 *
 * | key | value |
 * |---|---|
 * | `suspect:` | since when the holder's checks cannot be read |
 * | `stable:` | since when one that is quarantined, or may be failed back to, has been steady |
 * | `probe:` | when it last answered the probe as the holder |
 * | `ready:` | when it last answered the probe as a standby |
 */

import { isSteady } from '../../../shared/judgement/instance-health.ts';
import { changesOf, type Condition } from '../../../shared/judgement/since.ts';
import type { Machine } from './facts.ts';
import type { View } from './view.ts';

const OURS = /^(?:suspect|stable|probe|ready):/u;

/** The changes to the memory. Only a reconcile starts and ends the slow clocks; the clock of a doubt starts when it is seen. */
export function memories(view: View): { readonly [key: string]: string | null } {
  const { facts, holder, health, now } = view;
  const { ask, instances, history } = facts;
  if (typeof history !== 'object') return {};
  const doubt = { key: `suspect:${holder?.id ?? ''}`, holds: 'doubtSince' in health };
  if (ask.kind !== 'reconcile') return changesOf(history.memory, [doubt], now, () => false);
  const conditions = instances.flatMap((machine) => conditionsOf(view, machine));
  return changesOf(history.memory, [doubt, ...conditions], now, (key) => OURS.test(key));
}

function conditionsOf({ facts: { address }, holder, standbys, limits }: View, machine: Machine): Condition[] {
  const { id, quarantinedAt, probe } = machine;
  const renewSeconds = limits.baselineSeconds;
  const isHolder = id === holder?.id;
  const isStandby = standbys.some((standby) => standby.machine === machine);
  const mayBeFailedBackTo = address.failbackMinutes !== null && !isHolder;
  const isClocked = quarantinedAt !== null || mayBeFailedBackTo;
  return [
    { key: `stable:${id}`, holds: isClocked && isSteady(machine) },
    { key: `probe:${id}`, holds: isHolder && address.probe === 'ok', renewSeconds },
    { key: `ready:${id}`, holds: isStandby && probe === 'ok', renewSeconds },
  ];
}
