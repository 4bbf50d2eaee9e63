import { SHARED_EGRESS_SECONDS } from '../../../shared/judgement/blocklist/rows.ts';

/** How long whom findings and alarms name is blocked, and whom of them at all; each with its reason. */
export const OFFENCE_LIMITS = {
  minSeverity: 1, // GuardDuty's low begins there: brute force by SSH and port probes are low, and are what a block is for
  findingTtlSeconds: 21_600, // six hours: so often GuardDuty tells of a finding that goes on, unless it is set otherwise
  findingTtlFactor: 4, // six hours, a day, four days, sixteen, and then the most there is
  settledSeconds: 86_400, // who unblocked it at night is asked again a day later
  maxHeld: 1_000, // rows that a run has the time to write, ten passes; the rule itself goes on holding those above
  sharedEgressTtlSeconds: SHARED_EGRESS_SECONDS,
};
