/** Why a network may not be blocked. Fails closed: what was not read lately protects everything. */

import { covers, familyOf, overlap, prefixOf, subtract } from '../../../shared/judgement/addresses/arithmetic.ts';
import { specialUse } from '../../../shared/judgement/addresses/special-use.ts';
import type { ListUse } from '../../../shared/judgement/blocklist/list-rows.ts';
import { ANYCAST, isAllowed } from '../../../shared/judgement/blocklist/rows.ts';
import type { Refuse } from '../../../shared/kernel/decision.ts';
import type { BlockLimits, Facts, Guard } from './facts.ts';

/** Sources that the schedule reads; each must have been read lately. */
export const SOURCES = ['addresses', 'interfaces', 'peerings', 'prefix-lists', 'vpcs'] as const;

function refuse(code: string, because: string, evidence: Refuse['evidence']): Refuse {
  return { kind: 'refuse', code, because, evidence };
}

/** What is wider than a limit is a slip of the pen, or a list that was not meant. */
export function tooWide(cidr: string, { widestIpv4, widestIpv6 }: BlockLimits): Refuse | undefined {
  const widest = familyOf(cidr) === 'IPV4' ? widestIpv4 : widestIpv6;
  if (prefixOf(cidr) >= widest) return undefined;
  return refuse('too-wide', `${cidr} is wider than /${widest}, the most that may be blocked`, { cidr, widest });
}

/** An account that has nothing of its own at CloudFront does not depend on whoever looks there. */
function neededSources({ neverBlock }: Guard): readonly string[] {
  const hasAnycast = neverBlock.some(({ source, ranges }) => source === ANYCAST && ranges.length > 0);
  return hasAnycast ? [...SOURCES, ANYCAST] : SOURCES;
}

/** The source that was read longest ago, if that is too long. */
function stale(guard: Guard, { maxGuardAgeSeconds }: BlockLimits, now: string): Refuse | undefined {
  const oldest = new Date(Date.parse(now) - maxGuardAgeSeconds * 1_000).toISOString();
  const { readAt } = guard;
  const late = neededSources(guard).filter((source) => (readAt[source] ?? '') < oldest);
  const [first] = late;
  if (first === undefined) return undefined;
  const lastRead = Object.fromEntries(late.map((source) => [source, readAt[source] ?? 'never']));
  const because = `what must never be blocked has not been read for ${maxGuardAgeSeconds} s (${late.join(', ')}); see the runs of the schedule`;
  return { ...refuse('never-block-stale', because, { lastRead }), attention: true };
}

/** A row that protects nobody knows whom. */
function unreadable({ unreadable: rows }: Guard): Refuse | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  const because = `what must never be blocked cannot be read: ${first}; correct that row, or delete it`;
  return { ...refuse('guard-unreadable', because, { rows }), attention: true };
}

/** A range that the network lies in, or that lies in it. */
function ownRange(cidr: string, { neverBlock }: Guard): Refuse | undefined {
  for (const { source, ranges } of neverBlock) {
    const range = ranges.find((each) => overlap(each, cidr));
    if (range === undefined) continue;
    const how = covers(range, cidr) ? 'lies in' : 'contains';
    return refuse('never-block', `${cidr} ${how} ${range}, which is ours or AWS's (${source})`, {
      cidr,
      range,
      source,
    });
  }
  return undefined;
}

/** An allowed network inside a wider block is left out of that by the publisher; what is allowed as a whole is not blocked. */
function allowed(cidr: string, { allow, listed }: Guard, now: string): Refuse | undefined {
  const entry = allow.find((each) => isAllowed(each, now) && covers(each.cidr, cidr));
  if (entry === undefined) return allowedByList(cidr, listed);
  const until = entry.until === null ? 'until it is taken back' : `until ${entry.until}`;
  return refuse('allowed', `${cidr} lies in ${entry.cidr}, which is allowed ${until} (${entry.why})`, {
    cidr,
    allowed: entry.cidr,
    by: entry.by,
  });
}

function allowedByList(cidr: string, listed: Guard['listed']): Refuse | undefined {
  for (const { name, networks } of usedAs('allow', listed)) {
    const range = networks.find((each) => covers(each, cidr));
    if (range === undefined) continue;
    return refuse('allowed', `${cidr} lies in ${range}, which list ${name} allows`, {
      cidr,
      allowed: range,
      list: name,
    });
  }
  return undefined;
}

function usedAs(use: ListUse, listed: Guard['listed']): Guard['listed'] {
  return listed.filter((list) => list.use === use);
}

/** Networks that are allowed now, by rows and by lists. */
export function allowedNow({ allow, listed }: Guard, now: string): readonly string[] {
  const rows = allow.filter((each) => isAllowed(each, now)).map(({ cidr }) => cidr);
  return [...rows, ...usedAs('allow', listed).flatMap(({ networks }) => networks)];
}

/** The first reason not to block it; `undefined`: none. */
export function whyNot(cidr: string, { guard }: Facts, limits: BlockLimits, now: string): Refuse | undefined {
  const special = specialUse(cidr);
  if (special !== undefined) return refuse('never-block', `${cidr} overlaps ${special}`, { cidr, range: special });
  return (
    tooWide(cidr, limits) ??
    stale(guard, limits, now) ??
    unreadable(guard) ??
    ownRange(cidr, guard) ??
    allowed(cidr, guard, now)
  );
}

/** What many people share of a network. */
export interface Shared {
  /** One of the ranges. */
  readonly range: string;
  /** All of the network is shared: else what is, is let go by the publisher as a hole in it. */
  readonly isAll: boolean;
  readonly says: string;
}

/** What of the network many people share; `undefined`: nothing. */
export function sharedBy(cidr: string, { sharedEgress, listed }: Guard, now: string): Shared | undefined {
  const rows = sharedEgress.filter((row) => isAllowed(row, now));
  const lists = usedAs('shared-egress', listed).map(({ name, networks }) => ({ source: name, ranges: networks }));
  const met = [...rows, ...lists].flatMap(({ source, ranges }) =>
    ranges.filter((range) => overlap(range, cidr)).map((range) => ({ source, range })),
  );
  const [first] = met;
  if (first === undefined) return undefined;
  const ranges = met.map(({ range }) => range);
  const isAll = subtract([cidr], ranges).length === 0;
  const what = isAll ? 'it is' : 'that part of it is';
  const says = `; many people share ${first.range} (${first.source}): ${what} blocked for a short time, at web ACLs only`;
  return { range: first.range, isAll, says };
}

/** Allowed networks inside it, which the publisher leaves out. */
export function leftOut(cidr: string, guard: Guard, now: string): readonly string[] {
  return allowedNow(guard, now).filter((each) => overlap(cidr, each));
}
