/** An instance as carrying needs it, and what its state means for the volumes on it. Pure. */

import { isLeaving, type InstanceFacts } from '../../../shared/judgement/instance-health.ts';

/** An instance of the group, or one that holds a volume of the set. */
export interface Machine extends InstanceFacts {
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

/** The instance is on its way out, or out of its group's hands in a state in which nothing writes. */
export function isYielding(machine: Machine): boolean {
  return (
    isLeaving(machine) ||
    machine.state === 'shutting-down' ||
    machine.state === 'terminated' ||
    machine.state === 'absent'
  );
}
