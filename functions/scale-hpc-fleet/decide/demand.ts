/**
 * How many gangs are wanted: one for each job that waits or is at work. A gang that is too many is told by how long it has been so, for
 * SQS counts late. Pure.
 */

import { remembered, secondsSince } from '../../../shared/judgement/since.ts';
import type { Facts, FleetLimits, Jobs, Settings } from './facts.ts';
import { isFitting, isServing, type Gang } from './gangs.ts';
import { keyOf } from './rungs.ts';

export interface Demand {
  /** Jobs that wait or are at work, about. */
  readonly jobs: number;
  readonly serving: number;
  /** Gangs to launch now. */
  readonly missing: number;
  /** Gangs that have been too many for long enough. */
  readonly spare: number;
  /** Gangs that are too many, and wait until those before them have gone: since when is kept of `MOST_TIMES`. */
  readonly untimed: number;
  /** Since when there has been one too many, ISO 8601; `null`: there is none. */
  readonly spareSince: string | null;
  readonly remember: { readonly [key: string]: string | null };
  /** Jobs that have no gang, and wait until it is sure that SQS counts right. */
  readonly unsure: number;
  /** Since when jobs wait beside gangs that are up and of which fewer are at work, ISO 8601; `null`: they do not. */
  readonly untakenSince: string | null;
}

/** Without a queue nothing is missing, and nothing to spare. */
export const DEMAND_UNKNOWN: Demand = {
  jobs: 0,
  serving: 0,
  missing: 0,
  spare: 0,
  untimed: 0,
  spareSince: null,
  unsure: 0,
  untakenSince: null,
  remember: {},
};

/**
 * Since when there are fewer gangs than jobs; since when there is one too many, two, and so on; and up to when gangs were ended that are
 * no longer among these.
 */
const [SHORT_SINCE, SPARE_SINCE, SPARE_GONE] = ['shortSince', 'spareSince', 'spareGone'];

/** Since when jobs wait that a gang could have taken. */
const UNTAKEN_SINCE = 'untakenSince';

/** Times that are kept: of more gangs that are too many, the rest is looked at when these have gone. */
const MOST_TIMES = 50;

/** What is wanted, and what is to be remembered of it. */
export function demandOf(facts: Facts, jobs: Jobs, gangs: readonly Gang[], limits: FleetLimits, now: string): Demand {
  const serving = gangs.filter((gang) => isServing(gang) && isFitting(gang, facts.settings));
  const wanted = jobs.visible + jobs.inFlight;
  const short = Math.max(0, wanted - serving.length);
  const since = remembered(facts.history, SHORT_SINCE);
  const isSure = hasNoneAtWork(serving) || (since !== undefined && secondsSince(since, now) >= limits.countLagSeconds);
  const tooMany = Math.max(0, serving.length - wanted);
  const times = spareTimes(facts, tooMany, now);
  const idleSeconds = idleSecondsOf(facts.settings, gangs, limits);
  const up = serving.filter(({ record, standing }) => record.state === 'up' && standing === 'whole').length;
  const isUntaken = jobs.visible > 0 && jobs.inFlight < up;
  const untakenSince = isUntaken ? (remembered(facts.history, UNTAKEN_SINCE) ?? now) : null;
  return {
    jobs: wanted,
    serving: serving.length,
    missing: isSure ? short : 0,
    unsure: isSure ? 0 : short,
    untakenSince,
    spare: times.filter((time) => secondsSince(time, now) >= idleSeconds).length,
    untimed: tooMany - times.length,
    spareSince: times[0] ?? null,
    remember: {
      ...changed(facts, SHORT_SINCE, short === 0 ? null : (since ?? now)),
      ...changed(facts, SPARE_SINCE, times.length === 0 ? null : times.join(' ')),
      ...changed(facts, UNTAKEN_SINCE, untakenSince),
      ...changed(facts, SPARE_GONE, countedOf(facts)),
    },
  };
}

/** None can have taken or done a job that SQS counts still: it counts right, for nobody takes any. */
function hasNoneAtWork(serving: readonly Gang[]): boolean {
  return serving.every(({ record }) => record.state === 'launching');
}

/** Up to when ends are counted: no earlier than before, for one that EC2 kept is no end any more. */
function countedOf({ history, spareEnds }: Facts): string | null {
  const counted = remembered(history, SPARE_GONE);
  const all = counted === undefined ? spareEnds : [...spareEnds, counted];
  return all.toSorted().at(-1) ?? null;
}

/** Gangs that were ended because they were too many, since it was last kept since when there are too many: by this run, or one that has died. */
function goneOf({ history, spareEnds }: Facts): number {
  const counted = remembered(history, SPARE_GONE) ?? '';
  return spareEnds.filter((at) => at > counted).length;
}

function spareTimes(facts: Facts, spare: number, now: string): readonly string[] {
  const known = (remembered(facts.history, SPARE_SINCE) ?? '').split(' ').filter((time) => time !== '');
  // With the gang that had been too many for longest its time is gone: the others are kept as long, each from when it was one too many.
  const kept = known.slice(goneOf(facts)).slice(0, spare);
  const fresh = Math.min(spare, MOST_TIMES) - kept.length;
  return [...kept, ...Array.from({ length: Math.max(0, fresh) }, () => now)];
}

function changed(facts: Facts, key: string, value: string | null): { readonly [key: string]: string | null } {
  // What cannot be read now is not to begin anew.
  if (typeof facts.history !== 'object') return {};
  return (remembered(facts.history, key) ?? null) === value ? {} : { [key]: value };
}

/** How long a gang for which there is no job is kept: as long as it would take to have another, if nobody says otherwise. */
export function idleSecondsOf({ idleSeconds }: Settings, gangs: readonly Gang[], limits: FleetLimits): number {
  return idleSeconds === 'auto' ? bootSecondsOf(gangs, limits) : idleSeconds;
}

/** The longest that a rung of those that serve has taken to boot last. */
function bootSecondsOf(gangs: readonly Gang[], { bootSeconds }: FleetLimits): number {
  const booted = gangs.flatMap(({ record }) =>
    record.upAt === null ? [] : [{ rung: keyOf(record.rung), askedAt: record.askedAt, upAt: record.upAt }],
  );
  const newest = [...Map.groupBy(booted, ({ rung }) => rung).values()].flatMap(
    (of) => of.toSorted((one, other) => other.askedAt.localeCompare(one.askedAt))[0] ?? [],
  );
  const seconds = newest.map(({ askedAt, upAt }) => Math.ceil(secondsSince(askedAt, upAt)));
  return seconds.length === 0 ? bootSeconds : Math.max(...seconds);
}
