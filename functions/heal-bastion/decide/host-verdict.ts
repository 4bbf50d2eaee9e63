/** How a host is, by what EC2, its group and Elastic Load Balancing say of it. Pure. */

import { isBeingEnded, readChecks } from '../../../shared/judgement/instance-health.ts';
import { isArrivingState } from '../../../shared/judgement/lifecycle.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import type { BastionLimits, Host, TargetGroup, TargetHealth } from './facts.ts';

/**
 * - `healthy`: it is checked, and serves.
 * - `starting`: it boots, is registered, or passes its first checks.
 * - `failing`: its health checks fail, and its own status checks do not.
 * - `dead`: EC2 says that the machine is.
 * - `leaving`: its group ends it, or it is deregistered.
 * - `gone`: it does not run.
 * - `aside`: it is not registered, and nobody is on the way to it: a standby, however it is, or one that was taken out.
 * - `unclear`: what is said of it is no ground for anything.
 */
export type HostState = 'healthy' | 'starting' | 'failing' | 'dead' | 'leaving' | 'gone' | 'aside' | 'unclear';

/** A state, and why. */
export interface HostVerdict {
  readonly host: Host;
  readonly state: HostState;
  /** `Target.FailedHealthChecks at port 22`. */
  readonly why: string;
}

/** These two words mean the same to who wants in: the second, that those who are in may stay. */
const UNHEALTHY: ReadonlySet<string> = new Set(['unhealthy', 'unhealthy.draining']);

/** Reasons that begin so are the target's own; others are the load balancer's, and say nothing of the host. */
const OF_THE_TARGET = 'Target.';

/** Whether Elastic Load Balancing calls a target unhealthy, for whatever reason. */
export function isUnhealthy({ state }: TargetHealth): boolean {
  return UNHEALTHY.has(state);
}

const words = ({ state, reason, port }: TargetHealth): string =>
  `${state}${reason === null ? '' : ` (${reason})`} at port ${port}`;

/** Until when a host that has come may still be on its way into service. */
export function isYoung(
  { launchedAt }: Host,
  { healthySeconds }: Pick<TargetGroup, 'healthySeconds'>,
  { maxBootSeconds }: Pick<BastionLimits, 'maxBootSeconds'>,
  graceSeconds: number,
  now: string,
): boolean {
  return launchedAt !== null && secondsSince(launchedAt, now) < Math.max(maxBootSeconds + healthySeconds, graceSeconds);
}

/** Whether it runs, and its health checks fail for a reason of its own: then the network in front of it is looked at. */
export function failsChecks({ state, targets }: Pick<Host, 'state' | 'targets'>): boolean {
  return state === 'running' && targets.some((each) => isUnhealthy(each) && isOwn(each));
}

function isOwn({ reason }: TargetHealth): boolean {
  return reason?.startsWith(OF_THE_TARGET) === true;
}

/** What its targets say, the worst first. */
function byTargets(targets: readonly TargetHealth[], isNew: boolean): Pick<HostVerdict, 'state' | 'why'> {
  const failing = targets.find(isUnhealthy);
  if (failing !== undefined) {
    if (failing.isShifted) return { state: 'unclear', why: `${words(failing)}, in a zone that is shifted away from` };
    if (!isOwn(failing)) return { state: 'unclear', why: `${words(failing)}: that is the load balancer's own` };
    return { state: isNew ? 'starting' : 'failing', why: words(failing) };
  }
  const draining = targets.find(({ state }) => state === 'draining');
  if (draining !== undefined) return { state: 'leaving', why: words(draining) };
  const initial = targets.find(({ state }) => state === 'initial');
  if (initial !== undefined) return { state: 'starting', why: words(initial) };
  const other = targets.find(({ state }) => state !== 'healthy');
  if (other !== undefined) return { state: 'unclear', why: words(other) };
  return { state: 'healthy', why: 'healthy' };
}

/** Neither in service nor on the way there: in standby, being detached, retained, warmed, or in a state that is not known here. */
function isPutAside(lifecycleState: string): boolean {
  return lifecycleState !== 'InService' && !isArrivingState(lifecycleState);
}

const ENDED: ReadonlySet<string> = new Set(['shutting-down', 'terminated', 'absent']);

/** Judges a host. `isNew`: it was launched so lately that it may still be on its way. */
export function verdictOn(host: Host, isNew: boolean): HostVerdict {
  const { state, membership, targets, drainsIn } = host;
  const said = (verdict: HostState, why: string): HostVerdict => ({ host, state: verdict, why });
  if (isBeingEnded(host)) return said('leaving', `is ${membership?.lifecycleState ?? 'leaving'}`);
  if (state === 'pending') return said('starting', 'is pending');
  // Whoever puts a host into standby may stop it to look at it: it is theirs, however it is.
  if (membership !== null && isPutAside(membership.lifecycleState))
    return said(
      'aside',
      `is ${state === 'running' ? '' : `${state}, and `}${membership.lifecycleState} in ${membership.group}`,
    );
  // What is left of one that has ended is a registration that goes by itself.
  const isMissed = membership !== null || targets.length > 0;
  if (state !== 'running' && (!isMissed || (ENDED.has(state) && membership === null)))
    return said('aside', `is ${state}`);
  if (state !== 'running') return said('gone', `is ${state}`);
  if (membership !== null && isArrivingState(membership.lifecycleState))
    return said('starting', `is ${membership.lifecycleState} in ${membership.group}`);
  // Who begins there goes on, and ends it.
  if (drainsIn.length > 0) return said('leaving', `drains in ${drainsIn.join(', ')}`);
  const checks = readChecks(host.checks);
  if (checks.verdict === 'impaired' && isMissed) return said('dead', checks.why);
  if (targets.length === 0) {
    if (membership !== null && isNew) return said('starting', 'is not registered yet');
    return said('aside', 'is not registered');
  }
  const judged = byTargets(targets, isNew);
  // A machine whose checks are not known to pass may be the cause by itself, which EC2 says before long.
  if (judged.state === 'failing' && checks.verdict !== 'ok') return said('unclear', `${judged.why}, and ${checks.why}`);
  return said(judged.state, judged.why);
}
