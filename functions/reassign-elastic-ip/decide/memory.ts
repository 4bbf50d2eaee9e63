/**
 * What is remembered of the instances from run to run, each under its kind and id. Pure.
 *
 * | key | value |
 * |---|---|
 * | `suspect:` | since when the holder's checks cannot be read, or the interface that holds the address is attached to nothing |
 * | `stable:` | since when one that is quarantined, or may be failed back to, has been steady |
 * | `probe:` | when it last answered the probe as the holder |
 * | `ready:` | when it last answered the probe as a standby |
 *
 * And of the address itself: `place`, what kind of private address it is on while that is not the usual one, for the time
 * when it is on nobody; `yields`, since when it leaves the places there are to others of its name.
 */

import { isSteady } from '../../../shared/judgement/instance-health.ts';
import { changesOf, type Condition } from '../../../shared/judgement/since.ts';
import { isReserved } from './candidates.ts';
import { YIELDS_KEY } from './turn.ts';
import type { Machine } from './facts.ts';
import { suspectKey } from './doubt.ts';
import { isOnMakeshift, memoryOf, PLACE_KEY, presentKind } from './places.ts';
import { isInNeed, type View } from './view.ts';

const OURS = /^(?:suspect|stable|probe|ready):/u;

/** The changes to the memory. Only a reconcile starts and ends the slow clocks; the clock of a doubt starts when it is seen. */
export function memories(view: View): { readonly [key: string]: string | null } {
  const { facts, holder, health, now } = view;
  const { address, ask, instances, history } = facts;
  if (typeof history !== 'object') return {};
  const own = [
    { key: suspectKey(holder?.id ?? address.association?.interfaceId ?? ''), holds: 'doubtSince' in health },
    { key: YIELDS_KEY, holds: isYielding(view) },
  ];
  if (ask.kind !== 'reconcile') return changesOf(history.memory, own, now, () => false);
  const rememberedIds = new Set(Object.keys(history.memory).map((key) => key.slice(key.indexOf(':') + 1)));
  const isWorthALook = ({ id, quarantinedAt, probe }: Machine): boolean =>
    quarantinedAt !== null || probe === 'ok' || id === holder?.id || rememberedIds.has(id) || mayFailBack(view);
  const conditions = instances.filter(isWorthALook).flatMap((machine) => conditionsOf(view, machine));
  return {
    ...changesOf(history.memory, [...own, ...conditions], now, (key) => OURS.test(key)),
    ...placeChange(view, history.memory),
  };
}

/** It needs a place, and what there is, is left to others. */
function isYielding({ health, good, standbys }: View): boolean {
  return isInNeed(health) && good.length === 0 && standbys.some(isReserved);
}

function placeChange(
  { facts: { address, history }, holder }: View,
  memory: { readonly [key: string]: string },
): { readonly [key: string]: string | null } {
  const kind = presentKind(address, holder);
  if (kind === undefined || isOnMakeshift(address, history)) return {};
  const wanted = memoryOf(kind);
  return memory[PLACE_KEY] === wanted ? {} : { [PLACE_KEY]: wanted ?? null };
}

function mayFailBack({ facts: { address } }: View): boolean {
  return address.failbackMinutes !== null;
}

function conditionsOf(view: View, machine: Machine): Condition[] {
  const { facts, holder, limits } = view;
  const { address } = facts;
  const { id, vip, quarantinedAt, probe } = machine;
  const renewSeconds = limits.baselineSeconds;
  const isHolder = id === holder?.id;
  const isClocked = quarantinedAt !== null || (mayFailBack(view) && !isHolder);
  const isStandby = !isHolder && vip === address.vip;
  return [
    { key: `stable:${id}`, holds: isClocked && isSteady(machine) },
    { key: `probe:${id}`, holds: isHolder && address.probe === 'ok', renewSeconds },
    { key: `ready:${id}`, holds: isStandby && probe === 'ok', renewSeconds },
  ];
}
