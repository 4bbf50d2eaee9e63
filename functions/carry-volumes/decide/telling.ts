/** Until when people have heard of what a volume lacks, as far as a group's activities show. Pure. */

import { secondsSince } from '../../../shared/judgement/since.ts';
import type { Activity } from './scaling-group.ts';

/** Three ticks of the schedule: what was made for an instance in service so long before it left, somebody has told of. */
const TELLING_SECONDS = 900;

function earlier(time: string, seconds: number): string {
  return new Date(Date.parse(time) - seconds * 1_000).toISOString();
}

/** Whether the instance was in service, as far as its launch shows: one that shows no more was long ago. */
function wasInService(activities: readonly Activity[], instanceId: string | null): boolean {
  const launch = activities.find((activity) => activity.kind === 'launch' && activity.instanceId === instanceId);
  return launch === undefined || launch.status === 'Successful';
}

/**
 * Since when whatever volumes were made is still to be told of, ISO 8601: at each good launch what came with it was told, and so was
 * what was made later for an instance that served on for long enough. A launch that came to nothing has told nobody.
 * @param machine who has the volumes now; its own launch is no sign
 */
export function toldUntil(
  activities: readonly Activity[],
  { id, launchedAt }: { readonly id: string; readonly launchedAt: string },
): string {
  const before = activities.filter(({ instanceId, startedAt }) => instanceId !== id && startedAt <= launchedAt);
  const served = before.flatMap(({ kind, status, instanceId, startedAt, endedAt }) => {
    if (kind === 'launch') return status === 'Successful' && endedAt !== null ? [endedAt] : [];
    return kind === 'terminate' && wasInService(activities, instanceId) ? [earlier(startedAt, TELLING_SECONDS)] : [];
  });
  const first = before.map(({ startedAt }) => startedAt).toSorted()[0] ?? launchedAt;
  const last = served.toSorted().at(-1) ?? first;
  return secondsSince(last, launchedAt) > 0 ? last : launchedAt;
}
