/**
 * What the runbooks know of one EC2 instance, and how its status checks read. Pure: facts in, words out.
 */

import { isEndingState, isLeavingState, isServingState } from './lifecycle.ts';

/** `absent`: EC2 answered, and does not know the instance (any more). */
export type InstanceState = 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated' | 'absent';

/** `unknown`: a value this code does not know; it is never taken for a good one. */
export type CheckResult = 'ok' | 'impaired' | 'insufficient-data' | 'initializing' | 'not-applicable' | 'unknown';

/** One Auto Scaling group's view of its member. */
export interface Membership {
  readonly group: string;
  /** Auto Scaling's own word, e.g. `InService`, `Pending:Wait`, `Terminating:Proceed`, `Warmed:Stopped`. */
  readonly lifecycleState: string;
  readonly healthy: boolean;
  /** The set of data volumes the group's instances carry (`runbook:volumes`). */
  readonly volumeSet: string | null;
  /** `runbook:fence-asg = replace`: the group may lose this member to a fence, it will replace it. */
  readonly mayBeFenced: boolean;
}

/** A private address an Elastic IP can be associated with: what it is on its instance, and what is on it. */
export interface PrivateSlot {
  readonly interfaceId: string;
  readonly privateIp: string;
  /** With `deviceIndex`: which interface of the instance it is on; 0 and 0 is the first, eth0. */
  readonly networkCardIndex: number;
  readonly deviceIndex: number;
  /** The primary private address of its interface. */
  readonly isPrimary: boolean;
  /** Its place among the secondary addresses of its interface, from 0; 0 for the primary one too. */
  readonly ordinal: number;
  /** The Elastic IP (carrier, customer-owned address) that is there now. */
  readonly elasticIp: string | null;
  /** A public address of Amazon's own pool that is there now: an Elastic IP takes its place, and with a second interface it never comes back. */
  readonly amazonIp: string | null;
  /** A secondary address of a Kubernetes node: whatever shows there, a pod may have it. */
  readonly isOfPod: boolean;
}

/** What EC2 is going to do to an instance: retire, stop, reboot it. `notBefore`: ISO 8601; `null`: EC2 does not say. */
export interface ScheduledEvent {
  /** EC2's own word, e.g. `instance-retirement`, `instance-stop`, `system-reboot`. */
  readonly code: string;
  readonly notBefore: string | null;
}

/** An instance as the describe calls show it. Times are ISO 8601. */
export interface InstanceFacts {
  readonly id: string;
  readonly state: InstanceState;
  /** `null`: EC2 does not say (an absent instance). */
  readonly launchedAt: string | null;
  readonly zone: string;
  /** EC2's word for the zone: `available`, `information`, `impaired`, `unavailable`, `constrained`; `unknown` for a zone not listed. */
  readonly zoneState: string;
  /** Network border group of the zone: an Elastic IP cannot leave its own. Empty: not known. */
  readonly borderGroup: string;
  /** Status checks by name (`system`, `instance`, `attachedEbs`); `null`: EC2 reports none, as for a stopped instance. */
  readonly checks: { readonly [name: string]: CheckResult } | null;
  readonly spot: 'no' | 'one-time' | 'persistent' | 'unknown';
  readonly membership: Membership | null;
  /** In order of preference: the primary interface first, its primary private address first. */
  readonly slots: readonly PrivateSlot[];
}

/** How the status checks read together. */
export interface ChecksReading {
  readonly verdict: 'ok' | 'impaired' | 'initializing' | 'unclear';
  readonly why: string;
}

const WORST_FIRST = [
  ['impaired', 'impaired'],
  ['insufficient-data', 'unclear'],
  ['unknown', 'unclear'],
  ['initializing', 'initializing'],
] as const;

/** The worst of the checks decides; a check that does not apply (no EBS volume) says nothing, and silence is not health. */
export function readChecks(checks: InstanceFacts['checks']): ChecksReading {
  if (checks === null) return { verdict: 'unclear', why: 'reports no status checks' };
  const entries = Object.entries(checks);
  for (const [result, verdict] of WORST_FIRST) {
    const names = entries.filter(([, value]) => value === result).map(([name]) => name);
    if (names.length > 0) return { verdict, why: `status check ${names.join(', ')}: ${result}` };
  }
  const passed = entries.filter(([, value]) => value === 'ok').map(([name]) => name);
  return passed.length > 0
    ? { verdict: 'ok', why: `status checks ok (${passed.join(', ')})` }
    : { verdict: 'unclear', why: 'reports no status checks' };
}

/** Its group has done with it: nothing will bring it back. */
export function isLeaving({ membership }: InstanceFacts): boolean {
  return membership !== null && isLeavingState(membership.lifecycleState);
}

/** Its group is ending it. What a group retains is not ended: it runs on. */
export function isBeingEnded({ membership }: InstanceFacts): boolean {
  return membership !== null && isEndingState(membership.lifecycleState);
}

/** Running, every check passed, and in service by its group's word, if it has one. */
export function isSteady(instance: InstanceFacts): boolean {
  const { membership } = instance;
  return (
    instance.state === 'running' &&
    readChecks(instance.checks).verdict === 'ok' &&
    (membership === null || (isServingState(membership.lifecycleState) && membership.healthy))
  );
}

/** A sign of failure that does not come from the status checks: it counts beside unreadable ones, not alone. */
export function secondSign({ membership, zone, zoneState }: InstanceFacts): string | undefined {
  if (membership?.healthy === false) return `group ${membership.group} calls it unhealthy`;
  return zoneState === 'impaired' || zoneState === 'unavailable' ? `zone ${zone} is ${zoneState}` : undefined;
}

/**
 * What is held against an instance that should take over. `booting` passes by itself, `misfit` never does, `unread` needs the
 * history; `reserved`: it is somebody else's turn.
 */
export interface Flaw {
  readonly kind: 'booting' | 'failing' | 'quarantined' | 'misfit' | 'unread' | 'reserved';
  readonly why: string;
}

/** What its state and its status checks say against an instance. */
export function stateFlaw({ state, checks }: InstanceFacts): Flaw | undefined {
  if (state === 'pending') return { kind: 'booting', why: 'is pending' };
  if (state !== 'running') return { kind: 'failing', why: `is ${state}` };
  const reading = readChecks(checks);
  if (reading.verdict === 'ok') return undefined;
  return { kind: checks === null || reading.verdict === 'initializing' ? 'booting' : 'failing', why: reading.why };
}

/** What its group says against an instance. `volumesComplete`: every volume of the group's set is attached to it. */
export function groupFlaw({ membership }: InstanceFacts, volumesComplete: boolean): Flaw | undefined {
  if (membership === null) return undefined;
  const { group, lifecycleState, healthy, volumeSet } = membership;
  // A hook that holds a launch is no obstacle.
  if (!isServingState(lifecycleState)) return { kind: 'failing', why: `is ${lifecycleState} in ${group}` };
  if (!healthy) return { kind: 'failing', why: `is unhealthy to ${group}` };
  if (volumeSet === null) return undefined;
  if (!volumesComplete) return { kind: 'booting', why: `has not all volumes of ${volumeSet} attached` };
  return lifecycleState === 'InService'
    ? undefined
    : { kind: 'booting', why: `is ${lifecycleState} in ${group}, whose launch hook waits for volumes` };
}
