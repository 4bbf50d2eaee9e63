/** What runs of block-address have told, as the invariants of those who publish hold it against the account. */

import { overlap } from '../../shared/judgement/addresses/arithmetic.ts';
import { isMalformed, parseNetwork } from '../../shared/judgement/addresses/parse.ts';
import type { RunResult } from '../../shared/kernel/report/result.ts';
import { isRecord } from '../../simulator/engine/json.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';
import { soFar } from '../so-far.ts';

/** Two ticks, and what a minute of throttling and a repeat may add to them. */
export const GRACE_MS = 300_000;

export function isTagged(set: Shape): boolean {
  return JSON.stringify(set['Tags'] ?? []).includes('runbook:block');
}

export function isOverlap(one: string, other: string): boolean {
  const [parsed, against] = [parseNetwork(one), parseNetwork(other)];
  return !isMalformed(parsed) && !isMalformed(against) && overlap(parsed.cidr, against.cidr);
}

/** A network that a run has told as blocked, and until when, milliseconds. */
export interface Told {
  readonly cidr: string;
  readonly until: number;
}

/** Of a request its own network, of a finding those of all its addresses; a list is none. */
export function blockedBy({ runbook, outcome, evidence, target = '' }: RunResult): readonly Told[] {
  if (runbook !== 'block-address' || outcome !== 'done') return [];
  const { until, blocked, blockedFor, cidrs } = evidence;
  // An allowance has an end too, and says what stays blocked beside it.
  if (Array.isArray(blockedFor)) return [];
  const several: readonly unknown[] = Array.isArray(blocked) ? blocked : [];
  const found = several.filter(isRecord).map((each) => ({ cidr: each['cidr'], until: each['until'] }));
  // Who extends an incident extends all that was blocked for it.
  const extended: readonly unknown[] = Array.isArray(cidrs) ? cidrs : [];
  const longer = extended.map((cidr) => ({ cidr, until }));
  return [{ cidr: target, until }, ...found, ...longer].flatMap((each) =>
    typeof each.cidr === 'string' && typeof each.until === 'string' && !isMalformed(parseNetwork(each.cidr))
      ? [{ cidr: each.cidr, until: Date.parse(each.until) }]
      : [],
  );
}

/** The latest end that was told of each network, milliseconds. */
export const endsTold: (told: readonly RunResult[]) => ReadonlyMap<string, number> = soFar(
  () => new Map<string, number>(),
  (ends, result: RunResult) => {
    for (const { cidr, until } of blockedBy(result)) ends.set(cidr, Math.max(ends.get(cidr) ?? 0, until));
  },
);

/** Whether all of one network is in another. */
export function isWithin(inner: string, outer: string): boolean {
  const lengthOf = (cidr: string): number => Number(cidr.split('/')[1]);
  return isOverlap(inner, outer) && lengthOf(inner) >= lengthOf(outer);
}

/** Networks that were told as allowed and have not been told as anything else since, and until when, milliseconds. */
export const allowedTold: (told: readonly RunResult[]) => ReadonlyMap<string, number> = soFar(
  () => new Map<string, number>(),
  (allowed, { runbook, outcome, reason, target = '', evidence }: RunResult) => {
    if (runbook !== 'block-address' || outcome !== 'done') return;
    const { until } = evidence;
    if (/^allowed\b/u.test(reason))
      allowed.set(target, typeof until === 'string' ? Date.parse(until) : Number.POSITIVE_INFINITY);
    if (/^no-longer-allowed\b/u.test(reason)) allowed.delete(target);
  },
);

/** The account's own addresses: Elastic IPs, and those of Anycast static IP lists, which are in us-east-1. */
export function ownedNow(world: World): readonly string[] {
  const elastic = world.records('ec2', 'Addresses').map(({ PublicIp }) => String(PublicIp));
  return [...elastic, ...anycastIn(world)];
}

/** Addresses of all Anycast static IP lists, wherever the function is; asking makes no Region. */
export function anycastIn({ regions }: World): readonly string[] {
  const lists = [...regions.values()].flatMap((world) => world.data['cloudfront']?.['AnycastIpLists'] ?? []);
  return lists.flatMap(({ AnycastIps }) => (Array.isArray(AnycastIps) ? AnycastIps.map(String) : []));
}

/**
 * The account's own addresses, less those that it has got a moment ago: until the next reading nobody knows of them. What it
 * had at the first look it always had.
 */
export function longOwned(world: World, memory: { [key: string]: unknown }): readonly string[] {
  const now = world.clock.now();
  const first = memory['looked'] === true ? now : Number.NEGATIVE_INFINITY;
  memory['looked'] = true;
  return ownedNow(world).filter((address) => {
    const since = memory[`own ${address}`] ?? first;
    memory[`own ${address}`] = since;
    return now - Number(since) > GRACE_MS;
  });
}
