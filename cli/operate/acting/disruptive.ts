/** Which plans are approved of with a second thought. Pure. */

import type { PlannedCall } from '../../../shared/kernel/decision.ts';

/** Operations that end something, or take it from what has it, whatever takes them back. */
const ENDS =
  /^(?:Cancel|Delete|Deregister|Detach|Disable|Disassociate|Purge|Reboot|Release|Remove|Replace|Revoke|Stop|Terminate)/u;
/** Notes on a resource are none of it. */
const NOTES = /^(?:CreateTags|DeleteTags)$/u;

/** Why a plan is disruptive, in few words; `undefined`: each call of it is taken back, and none ends anything. */
export function disruptionIn(plan: readonly PlannedCall[]): string | undefined {
  const reasons = plan.flatMap(({ call, undo }) => {
    const operation = call.slice(call.indexOf(':') + 1);
    if (NOTES.test(operation)) return [];
    if (ENDS.test(operation)) return [`${call} ends or takes away something`];
    return undo === undefined ? [`nothing takes ${call} back`] : [];
  });
  return reasons.length === 0 ? undefined : [...new Set(reasons)].join('; ');
}
