/**
 * What it does to a target where some of the ports are denied that answers to its health checks go to. A node sends each check from a port
 * of its own choice, taken to be any of them alike: with a share p denied, a check fails with the chance p, whatever the last one did.
 * A target turns unhealthy with n failures in a row, and healthy again with m successes. A row of n of chance p is expected to take
 * (p^-n - 1) / (1 - p) checks. Pure.
 */

/** How a target group checks. */
export interface Checks {
  readonly intervalSeconds: number;
  /** So many failures in a row make a target unhealthy, so many successes healthy: AWS's UnhealthyThresholdCount, HealthyThresholdCount. */
  readonly unhealthyThreshold: number;
  readonly healthyThreshold: number;
}

/** How many checks it is expected to take until so many in a row end in something of that chance. */
export function expectedChecks(inRow: number, chance: number): number {
  return chance === 1 ? inRow : (chance ** -inRow - 1) / (1 - chance);
}

/**
 * Whether a denied share of the ports is what keeps a target unhealthy: by itself it would for half of the time at least, which is where
 * the way back to healthy takes as many checks as the way out. With AWS's defaults (2 and 5) that is from 29 of 100 ports on, with
 * as many successes as failures from half of them on. One port in 64,512 takes a target out once in four thousand million checks.
 */
export function keepsUnhealthy(share: number, { unhealthyThreshold, healthyThreshold }: Checks): boolean {
  if (share === 0 || share === 1) return share === 1;
  return expectedChecks(healthyThreshold, 1 - share) >= expectedChecks(unhealthyThreshold, share);
}

/** A healthy spell of three times the length to be expected comes by chance in one of twenty (e^-3). */
const SPELLS = 3;

/** What takes longer by chance nobody is left in doubt for. Assumed. */
const LONGEST_SECONDS = 900;

/** So long somebody has to be seen healthy behind a denial of such a share to show that it does not keep targets unhealthy, seconds. */
export function secondsToAcquit(share: number, { intervalSeconds, unhealthyThreshold }: Checks): number {
  const byChance = SPELLS * intervalSeconds * expectedChecks(unhealthyThreshold, share);
  // Where all is denied a target is out by then for certain, however far apart the checks are.
  return Math.min(byChance, Math.max(LONGEST_SECONDS, intervalSeconds * (unhealthyThreshold + 1)));
}
