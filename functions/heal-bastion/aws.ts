/**
 * Reads and writes for `heal-bastion`. Behind it, in `aws/`: what a run is started with (`requests`), the `target-groups` that are tagged,
 * their `hosts`, the `network` in front of those that fail, and what a plan may change (`changes`).
 */

import { ofFleet } from './aws/fleet.ts';
import { readGroups, targetGroupsOf } from './aws/hosts.ts';
import { nameOf, taggedTargetGroups, targetGroupsBehind, type Tagged } from './aws/target-groups.ts';
import type { Named, Request } from './aws/requests.ts';
import type { Io, Located, Observed, Verification } from '../../shared/kernel/definition.ts';
import type { FleetFacts } from './decide.ts';

export { apply } from './aws/changes.ts';
export { ofAlarm, ofPerson, ofScaling, TICK, type Request } from './aws/requests.ts';

/** What a run observes. */
export type Seen = Observed<FleetFacts>;

/** Which of the tagged target groups are named. */
async function chosen(of: Named, tagged: readonly Tagged[], io: Io): Promise<readonly Tagged[]> {
  if (of.by === 'all') return tagged;
  if (of.by === 'text')
    return tagged.filter(({ arn, fleet }) => fleet === of.text || arn === of.text || nameOf(arn) === of.text);
  if (of.by === 'group') {
    // What is nobody's here is not looked at any further: groups launch and end all day.
    if (tagged.length === 0) return [];
    const groups = (await readGroups(io)).filter(({ AutoScalingGroupName: name }) => name === of.group);
    const arns = new Set(groups.flatMap(targetGroupsOf));
    return tagged.filter(({ arn }) => arns.has(arn));
  }
  return ofMetric(of, tagged, io);
}

async function ofMetric(
  { targetGroup, loadBalancer }: Extract<Named, { by: 'metric' }>,
  tagged: readonly Tagged[],
  io: Io,
): Promise<readonly Tagged[]> {
  if (targetGroup !== null) return tagged.filter(({ arn }) => nameOf(arn) === targetGroup);
  const [first] = tagged;
  if (loadBalancer === null || first === undefined) return [];
  const behind = await targetGroupsBehind(loadBalancer, first.arn, io);
  return tagged.filter(({ arn }) => behind.has(arn));
}

/** The target groups that are tagged, as far as they are named. */
export async function locate({ of }: Request, io: Io): Promise<readonly Located<Seen>[]> {
  const tagged = await taggedTargetGroups(io);
  return (await chosen(of, tagged, io)).map(({ arn }) => ({ target: arn }));
}

/** Reads a fleet: its target group, its hosts, and the network where some fail. */
export function observe(target: string, { ask }: Request, io: Io): Promise<Seen> {
  return ofFleet(target, ask, io);
}

/** What AWS has taken the next look reads, and it is done only when a host serves again. */
export function verify(): Promise<Verification> {
  return Promise.resolve({ ok: true });
}
