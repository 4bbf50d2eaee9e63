/** The status tag that keeps an instance from being given an address: who has lost one while it failed has it. */

/** What `reassign-elastic-ip` writes on it; its value is when. */
export const QUARANTINED = 'runbook:quarantined';
