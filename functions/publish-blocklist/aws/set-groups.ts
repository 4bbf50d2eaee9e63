/** The sets of each blocklist together: which of them takes what can only be said of all. */

import { publishedIn } from '../../../shared/aws/blocklist/rows.ts';
import { UNNUMBERED } from '../../../shared/aws/blocklist/tagged-sets.ts';
import type { Member } from '../../../shared/judgement/blocklist/placement.ts';
import { PUBLISHED, type Published } from '../../../shared/judgement/blocklist/published.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { classify, type Fault } from '../../../shared/kernel/errors.ts';
import { openData } from '../../../shared/kernel/ledger/data.ts';
import type { IpSet } from '../decide.ts';
import type { Point } from './enforcement-points.ts';
import { readSet } from './ip-sets.ts';

/** WAF answers five readings a second to all callers of an account: between two of ours there is room for others. */
const BETWEEN_READINGS_MS = 250;

/** A set that is tagged, as far as it could be read. */
export interface Reading {
  readonly point: Point;
  /** `null`: it is gone, or it is not known whose its entries are. */
  readonly set: IpSet | null;
  readonly addresses: readonly string[];
  readonly published: Published;
  /** Why the set or its note could not be read. */
  readonly fault?: Fault;
}

/** The sets one after the other: those of a blocklist have to be known together before any of them is written. */
export async function readAll(points: readonly Point[], io: Io): Promise<readonly Reading[]> {
  const readings: Reading[] = [];
  for (const point of points) {
    if (readings.length > 0) await io.sleep(BETWEEN_READINGS_MS);
    readings.push(await read(point, io));
  }
  return readings;
}

async function read(point: Point, io: Io): Promise<Reading> {
  const [item, set] = await Promise.allSettled([openData().read(PUBLISHED, point.arn), readSet(point, io)]);
  const addresses = set.status === 'fulfilled' ? (set.value?.addresses ?? []) : [];
  const unknown = { point, set: null, addresses, published: publishedIn(undefined) };
  try {
    if (item.status === 'rejected') return { ...unknown, fault: classify(item.reason) };
    const published = publishedIn(item.value);
    if (set.status === 'rejected') return { ...unknown, published, fault: classify(set.reason) };
    return { point, set: set.value, addresses, published };
  } catch (error) {
    return { ...unknown, fault: classify(error) };
  }
}

/** Whether two sets share what is blocked, or are replicas. One without a number has all of it, whatever numbered ones stand beside it. */
export function isTogether(one: Point, other: Point): boolean {
  const isOfOneKind = (one.shard === UNNUMBERED) === (other.shard === UNNUMBERED);
  return one.blocklist === other.blocklist && one.scope === other.scope && isOfOneKind;
}

/**
 * The sets of each blocklist, scope and family. One that could not be read is among them: what stands there need not go elsewhere.
 */
export function groupsOf(readings: readonly Reading[]): ReadonlyMap<string, readonly Member[]> {
  const groups = new Map<string, readonly Member[]>();
  const there = readings.filter(({ set, fault }) => set !== null || fault !== undefined);
  for (const { point, set } of there.filter((each) => each.set !== null)) {
    const together = there.filter(
      (other) => isTogether(other.point, point) && (other.set === null || other.set.family === set?.family),
    );
    const arns = together.map((each) => each.point.arn);
    const known = [...groups.values()].find((group) => group.map(({ arn }) => arn).join() === arns.join());
    groups.set(point.arn, known ?? together.map(memberOf));
  }
  return groups;
}

function memberOf({ point: { arn, shard }, set, addresses, published }: Reading): Member {
  return { arn, shard, isReadable: set !== null, addresses, published };
}
