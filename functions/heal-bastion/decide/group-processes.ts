/** What the processes of an Auto Scaling group have to do with its hosts. Pure. */

import type { Group } from './facts.ts';

/** Of these any, suspended, keeps a group from ending what is unhealthy. */
const SPARING: ReadonlySet<string> = new Set(['HealthCheck', 'ReplaceUnhealthy', 'Terminate']);

/** What a group needs to replace a host. */
export const REPLACING: ReadonlySet<string> = new Set([...SPARING, 'Launch']);

/** A group that asks the load balancer ends one host after the other, and with them all sessions: a person can stop that. */
export function endingAllTheSame(groups: readonly Group[]): string {
  const names = groups
    .filter(({ checksByElb, suspended }) => checksByElb && !suspended.some((process) => SPARING.has(process)))
    .map(({ name }) => name);
  return names.length === 0
    ? ''
    : `. Their group ${names.join(', ')} checks by ELB and ends them all the same: suspend its process ReplaceUnhealthy until that is mended`;
}
