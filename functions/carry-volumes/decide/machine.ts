/** An instance as carrying needs it, and what its state means for the volumes on it. Pure. */

import type { InstanceFacts, Membership } from '../../../shared/judgement/instance-health.ts';
import { isLeavingState, isServingState } from '../../../shared/judgement/lifecycle.ts';
import type { Site } from './volume-set.ts';

/** An instance of the group, or one that holds a volume of the set. Its addresses and status checks are others' business. */
export interface Machine extends Pick<InstanceFacts, 'id' | 'state' | 'launchedAt' | 'zoneState'>, Site {
  /** As the group of the set sees it whose member it is; `null`: it is in none. */
  readonly membership: Pick<Membership, 'group' | 'lifecycleState' | 'healthy'> | null;
  /** It carries the set's own tag: without, it is not touched. */
  readonly optedIn: boolean;
  /** When a stop was last asked for by a user or this runbook; `null`: EC2 does not say. */
  readonly stopAskedAt: string | null;
  /** A Spot instance or one with an instance store cannot be stopped: only its termination frees its volumes. */
  readonly stoppable: boolean;
  readonly devices: readonly { readonly name: string; readonly volumeId: string; readonly root: boolean }[];
}

const ZONE_DOWN = new Set(['impaired', 'unavailable']);

/** The zone of the instance or volume fails: EC2 says so. */
export function isZoneDown(zoneState: string): boolean {
  return ZONE_DOWN.has(zoneState);
}

/** It runs, or is about to. */
export function isUp({ state }: Machine): boolean {
  return state === 'running' || state === 'pending';
}

/** In service and healthy by its group's word: it is not touched, whatever tags and settings say, and whoever waits. */
export function isInGoodService({ membership }: Machine): boolean {
  return membership !== null && membership.lifecycleState === 'InService' && membership.healthy;
}

/**
 * A member that its group has set aside, or in a state that nobody here knows: neither in service nor on its way there, nor
 * leaving. It may well run and write.
 */
export function isAside({ membership }: Machine): boolean {
  if (membership === null) return false;
  const { lifecycleState } = membership;
  return !isServingState(lifecycleState) && !isLeavingState(lifecycleState);
}

/** The instance is on its way out, or out of its group's hands in a state in which nothing writes. */
export function isYielding({ membership, state }: Machine): boolean {
  return (
    (membership !== null && isLeavingState(membership.lifecycleState)) ||
    state === 'shutting-down' ||
    state === 'terminated' ||
    state === 'absent'
  );
}
