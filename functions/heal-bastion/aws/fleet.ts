/** A fleet as `decide` sees it. */

import type { Io, Observed } from '../../../shared/kernel/definition.ts';
import { failsChecks, type Ask, type FleetFacts, type Host } from '../decide.ts';
import { groupOf, readGroups, readHosts, targetGroupsOf } from './hosts.ts';
import { readNetwork } from './network.ts';
import { readCounts } from './sessions.ts';
import { readHealth, readTargetGroup, targetGroupOf } from './target-groups.ts';

const NOTHING_READ = {
  targetGroup: null,
  unavailable: null,
  hosts: [],
  groups: [],
  network: null,
  counting: { documents: [], counts: {} },
} as const;

/** Reads all that a decision needs. */
export async function ofFleet(target: string, ask: Ask, io: Io): Promise<Observed<FleetFacts>> {
  const { run, begunAt } = io;
  const read = await readTargetGroup(target, io);
  const fleet = read?.fleet;
  // What is not tagged is not looked at any further.
  if (read === undefined || fleet === undefined || fleet === '') return { target, ask, run, begunAt, ...NOTHING_READ };
  const targetGroup = targetGroupOf(read, fleet);
  const about = { target, ask, run, begunAt, ...NOTHING_READ, targetGroup };
  if (targetGroup.targetType !== 'instance' || targetGroup.balancer === null) return about;
  const [health, all] = await Promise.all([readHealth(target, io), readGroups(io)]);
  if ('unavailable' in health) return { ...about, unavailable: health.unavailable };
  const groups = all.filter((group) => targetGroupsOf(group).includes(target));
  const others = all.filter((group) => !groups.includes(group));
  const { hosts, instances, gone } = await readHosts({ arn: target, fleet, health, groups, others }, io);
  const failing = hosts.filter(failsChecks);
  // Who is healthy shows what keeps nobody out.
  const checked = alternating(failing, hosts.filter(passesChecks)).map(({ id }) => id);
  const out = hosts.filter(isOut).map(({ id }) => id);
  const [network, counting] = await Promise.all([
    failing.length === 0 ? null : readNetwork({ read, health, instances, checked }, io),
    readCounts(fleet, out, io),
  ]);
  return { ...about, hosts, groups: groups.map((group) => groupOf(group, fleet, gone)), network, counting };
}

/** Of both as many as there are, by turns. */
function alternating(some: readonly Host[], others: readonly Host[]): readonly Host[] {
  const turns = Array.from({ length: Math.max(some.length, others.length) }, (_none, turn) => turn);
  return turns.flatMap((turn) => [...some.slice(turn, turn + 1), ...others.slice(turn, turn + 1)]);
}

/** It runs, and is healthy wherever it is registered. */
function passesChecks({ state, targets }: Host): boolean {
  return state === 'running' && targets.length > 0 && targets.every((target) => target.state === 'healthy');
}

/** It is a running member, and nobody new gets to it. */
function isOut({ state, membership, targets }: Host): boolean {
  const isMember = membership?.lifecycleState === 'InService';
  return state === 'running' && isMember && targets.every((target) => target.state === 'draining');
}
