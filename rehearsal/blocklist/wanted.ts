/** What was told as blocked and must stand at an enforcement point by now, wherever there is room for it. */

import type { RunResult } from '../../shared/kernel/report/result.ts';
import type { World } from '../../simulator/engine/model.ts';
import { pendingIn } from './pending.ts';
import { allowedTold, GRACE_MS, isOverlap, isWithin } from './told.ts';

/** Networks that were told as blocked and not as anything else since, less those that are ours or allowed: what of them stays is cut out. */
export function wantedNow(
  world: World,
  memory: { [key: string]: unknown },
  told: readonly RunResult[],
): readonly string[] {
  const now = world.clock.now();
  const own = world.records('ec2', 'Addresses').map(({ PublicIp }) => String(PublicIp));
  const allowed = [...allowedTold(told)].flatMap(([cidr, until]) => (until > now ? [cidr] : []));
  return Object.entries(pendingIn(memory, told, now))
    .filter(([cidr, { until }]) => until > now && !own.some((address) => isOverlap(cidr, address)))
    .map(([cidr]) => cidr)
    .filter((cidr) => !allowed.some((one) => isWithin(cidr, one)));
}

/**
 * The first of these that has been missing for longer than it may.
 * @param missing each named by where it is missing, and what; one that is missing no more is forgotten
 */
export function lateAmong(
  missing: readonly string[],
  memory: { [key: string]: unknown },
  now: number,
): string | undefined {
  const before = memory['missing'] instanceof Map ? memory['missing'] : new Map<string, number>();
  const since = new Map(missing.map((key) => [key, Number(before.get(key) ?? now)]));
  memory['missing'] = since;
  return missing.find((key) => now - (since.get(key) ?? now) > GRACE_MS);
}
