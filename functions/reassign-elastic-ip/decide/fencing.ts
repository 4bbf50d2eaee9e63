/**
 * Fencing: making sure that the old holder of something is down before another takes over. Pure: facts in, verdict out.
 *
 * Only the instance's own state proves it: a stop that was asked for is not a stop.
 */

import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import { isBeingEnded, type InstanceFacts } from '../../../shared/judgement/instance-health.ts';

export type FencePolicy = 'none' | 'best-effort' | 'required';

/** `clear`: go on, after `calls`. `stop`: send `call`, then look again. `wait`: it is on its way down. `refuse`: it cannot be fenced. */
export type Fence =
  | { readonly kind: 'clear'; readonly why: string; readonly calls: readonly PlannedCall[] }
  | { readonly kind: 'stop'; readonly why: string; readonly call: PlannedCall }
  | { readonly kind: 'wait'; readonly why: string }
  | { readonly kind: 'refuse'; readonly why: string };

const DOWN = new Set(['stopped', 'terminated', 'absent']);
const GOING_DOWN = new Set(['stopping', 'shutting-down']);

/** Why an instance may not, or cannot, be stopped. */
function obstacle({ id, membership, spot }: InstanceFacts, ours: boolean): string | undefined {
  if (!ours) return `${id} is not tagged as ours`;
  if (membership !== null && !membership.mayBeFenced)
    return `${id} belongs to group ${membership.group}, which is not tagged runbook:fence-asg = replace`;
  // EC2 cannot stop a one-time Spot instance ("UnsupportedOperation").
  return spot === 'one-time' || spot === 'unknown' ? `${id} is a Spot instance that cannot be stopped` : undefined;
}

function stopOf(id: string, optional: boolean): PlannedCall {
  return {
    call: 'ec2:StopInstances',
    // Without the operating system's consent: a hung one would never give it.
    input: { InstanceIds: [id], Force: true, SkipOsShutdown: true },
    because: `fence ${id} before another takes over`,
    undo: { call: 'ec2:StartInstances', input: { InstanceIds: [id] } },
    ...(optional ? { optional: true as const } : {}),
  };
}

/**
 * What the policy demands before another may take over from `holder`.
 * @param ours the tags allow us to touch the instance.
 * @param healthy it is proven good (a planned move): best effort leaves it alone then.
 */
export function fenceOf(policy: FencePolicy, holder: InstanceFacts | null, ours: boolean, healthy: boolean): Fence {
  if (policy === 'none') return { kind: 'clear', why: 'no fence asked for', calls: [] };
  if (holder === null) return { kind: 'clear', why: 'nobody to fence', calls: [] };
  if (DOWN.has(holder.state)) return { kind: 'clear', why: `${holder.id} is ${holder.state}`, calls: [] };
  const ending = GOING_DOWN.has(holder.state) || isBeingEnded(holder);
  const why = obstacle(holder, ours);
  if (policy === 'best-effort') {
    if (ending || healthy) return { kind: 'clear', why: `${holder.id} is left to itself`, calls: [] };
    return why === undefined
      ? { kind: 'clear', why: `${holder.id} is stopped first`, calls: [stopOf(holder.id, true)] }
      : { kind: 'clear', why: `not fenced: ${why}`, calls: [] };
  }
  if (ending) return { kind: 'wait', why: `${holder.id} must be down first; it is on its way` };
  if (why !== undefined) return { kind: 'refuse', why };
  return { kind: 'stop', why: `${holder.id} must be down first`, call: stopOf(holder.id, false) };
}
