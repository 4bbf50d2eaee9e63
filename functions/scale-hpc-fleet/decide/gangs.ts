/** How the gangs stand: what the ledger keeps of each, beside what EC2 shows. Pure. */

import { secondsSince } from '../../../shared/judgement/since.ts';
import type { Facts, FleetLimits, GangLease, GangRecord, Node, Settings } from './facts.ts';
import { gateOf, type Gate } from './gate.ts';

/**
 * - `asked`: EC2 shows nothing of it. The call may have been lost, or the dead run never sent it.
 * - `booting`: it is coming up.
 * - `attesting`: all of its nodes run, and have not all said that they can work.
 * - `unfit`: all of its nodes run, and are not what was asked for, or cannot work.
 * - `whole`: all of its nodes run, and it may have a job.
 * - `thin`: EC2 does not show all of its nodes, and does not show that one has gone either: it may be late.
 * - `broken`: one of its nodes is not there any more, never came, or EC2 has said that it takes it back; the others bill for nothing.
 * - `late`: it should long be up.
 * - `ending`: it is to go, and has not gone.
 * - `orphan`: it is written off, and there all the same.
 * - `gone`: nothing is left of it.
 */
type Standing =
  | 'asked'
  | 'booting'
  | 'attesting'
  | 'unfit'
  | 'whole'
  | 'thin'
  | 'broken'
  | 'late'
  | 'ending'
  | 'orphan'
  | 'gone';

/** A gang as it stands. */
export interface Gang {
  readonly record: GangRecord;
  /** Those that are there, by launch index: they bill, and can be ended. */
  readonly nodes: readonly Node[];
  readonly standing: Standing;
  /** Somebody works there, or nobody has looked. */
  readonly isBusy: boolean;
  /** Whether somebody works there is known. */
  readonly isAsked: boolean;
  /** Why it is unfit; `null`: it is not. */
  readonly unfit: string | null;
  /** EC2 has shown a node of it. */
  readonly hasShown: boolean;
}

const PRESENT: ReadonlySet<string> = new Set(['pending', 'running', 'stopping', 'stopped']);

/** It is there: it bills, or may. */
export function isPresent({ state }: Pick<Node, 'state'>): boolean {
  return PRESENT.has(state);
}

/** All gangs of the fleet, those that are wanted first; what is over and gone is not among them. */
export function gangsIn(facts: Facts, limits: FleetLimits, now: string): readonly Gang[] {
  const byToken = Map.groupBy(facts.nodes, ({ clientToken }) => clientToken ?? '');
  return facts.gangs.flatMap((record): readonly Gang[] => {
    const seen = byToken.get(record.id) ?? [];
    const nodes = seen.filter(isPresent).toSorted((one, other) => one.launchIndex - other.launchIndex);
    if (record.state === 'over' && nodes.length === 0) return [];
    const gate = gateOf(record, nodes, facts, now);
    const standing = standingOf({ record, seen, nodes, gate }, { limits, now });
    const isAsked = record.rung.market === 'spot' || (nodes[0]?.isProtected ?? null) !== null;
    return [
      {
        record,
        nodes,
        standing,
        isAsked,
        isBusy: !isAsked || isBusy(nodes, facts.leases[record.id], now),
        unfit: standing === 'unfit' && gate.kind === 'shut' ? gate.why : null,
        hasShown: seen.length > 0,
      },
    ];
  });
}

interface Sighting {
  readonly record: GangRecord;
  /** All that EC2 shows of it. */
  readonly seen: readonly Node[];
  /** What of that is there. */
  readonly nodes: readonly Node[];
  readonly gate: Gate;
}

function standingOf({ record, seen, nodes, gate }: Sighting, { limits, now }: Moment): Standing {
  const ageSeconds = secondsSince(record.askedAt, now);
  if (record.state === 'over') return 'orphan';
  if (nodes.length === 0) return absentOf(record, seen, ageSeconds, { limits, now });
  if (record.state === 'ending') return 'ending';
  if (record.noticedAt !== null) return 'broken';
  if (nodes.length < record.nodes) return shortOf(record, seen, ageSeconds, { limits, now });
  if (nodes.some(({ state }) => state.startsWith('stop'))) return 'broken';
  // What has run does not come up again: EC2 shows what was.
  if (record.state === 'up') return 'whole';
  if (nodes.every(({ state }) => state === 'running')) return GATED[gate.kind];
  return ageSeconds < limits.maxBootSeconds ? 'booting' : 'late';
}

const GATED: { readonly [K in Gate['kind']]: Standing } = { open: 'whole', waiting: 'attesting', shut: 'unfit' };

interface Moment {
  readonly limits: FleetLimits;
  readonly now: string;
}

/** Nothing of it is there: it is gone where EC2 shows that it was, and else only after a while. */
function absentOf(record: GangRecord, seen: readonly Node[], ageSeconds: number, moment: Moment): Standing {
  if (seen.length > 0) return 'gone';
  if (record.state === 'launching') return ageSeconds < moment.limits.maxBootSeconds ? 'asked' : 'gone';
  return record.state === 'up' && shortOf(record, seen, ageSeconds, moment) === 'thin' ? 'thin' : 'gone';
}

/** EC2 does not show at once all that it has launched, and now and then less than there is. */
function shortOf(
  { state, thinSince }: GangRecord,
  seen: readonly Node[],
  ageSeconds: number,
  { limits: { unseenSeconds }, now }: Moment,
): Standing {
  if (!seen.every(isPresent)) return 'broken';
  if (state === 'launching') return ageSeconds < unseenSeconds ? 'booting' : 'broken';
  return thinSince === null || secondsSince(thinSince, now) < unseenSeconds ? 'thin' : 'broken';
}

/** Somebody works there: a node is protected; or, of Spot instances, which nobody can protect, the lease is taken. */
function isBusy(nodes: readonly Node[], lease: GangLease | undefined, now: string): boolean {
  const isTaken = lease?.state === 'busy' && (lease.until ?? now) >= now;
  return isTaken || nodes.some(({ isProtected }) => isProtected === true);
}

/** Instances that are asked about in one look: of EC2's bucket of a hundred such requests a look takes a fifth. */
const MOST_ASKED = 20;

/** A gang that is not up by then may have to go. */
const LONG_MS = 600_000;

/**
 * The nodes of which has to be known whether they are protected: the first of each gang that may have to go. Where there are many, each
 * minute others.
 */
export function nodesToAsk(
  { ask, jobs, nodes, gangs, settings }: Pick<Facts, 'ask' | 'jobs' | 'nodes' | 'gangs' | 'settings'>,
  now: string,
): ReadonlySet<string> {
  const byToken = Map.groupBy(nodes.filter(isPresent), ({ clientToken }) => clientToken ?? '');
  // One that was to go, and is at a job, serves too: with it another may be too many.
  const serving = gangs.filter(({ id, state }) => state === 'launching' || state === 'up' || byToken.has(id)).length;
  const isSpare = jobs !== null && serving > jobs.visible + jobs.inFlight;
  const first = gangs.flatMap((record) => {
    const own = byToken.get(record.id) ?? [];
    const isMisfit = record.queue !== settings.queue || record.nodes !== settings.nodesPerJob;
    const isGoing = record.state === 'ending' || record.state === 'over' || record.noticedAt !== null;
    const isOdd = isMisfit || own.length < record.nodes || isGoing;
    const isMeant = ask.kind === 'end' && ask.gang === record.id;
    const isOld = Date.parse(now) - Date.parse(record.askedAt) > LONG_MS;
    const isRunning = own.every(({ state }) => state === 'running');
    const mayGo = isMeant || isSpare || isOdd || (record.state === 'launching' && (isOld || isRunning)) || !isRunning;
    const [node] = own.toSorted((one, other) => one.launchIndex - other.launchIndex);
    return node === undefined || !mayGo ? [] : [node.id];
  });
  const meant = ask.kind === 'end' ? nodes.filter(({ clientToken }) => clientToken === ask.gang) : [];
  const turn = Math.floor(Date.parse(now) / 60_000) * MOST_ASKED;
  const turned = Array.from(
    { length: Math.min(MOST_ASKED, first.length) },
    (_none, index) => first[(turn + index) % first.length] ?? '',
  );
  // Who is asked about is asked first, whoever's turn it is.
  return new Set([...first.filter((id) => meant.some((node) => node.id === id)), ...turned]);
}

const SERVING: ReadonlySet<Standing> = new Set(['asked', 'booting', 'attesting', 'whole', 'thin']);

/** It does a job, or will; one that was to go, or has lost a node, as long as its worker has a job in its hands. */
export function isServing({ standing, isBusy: isHeld, isAsked }: Gang): boolean {
  return SERVING.has(standing) || (isHeld && isAsked);
}

/** It was launched for jobs as they are now: of that queue, of so many nodes. What cannot be read tells nothing. */
export function isFitting({ record }: Gang, { queue, nodesPerJob, problems }: Settings): boolean {
  return problems.length > 0 || (record.queue === queue && record.nodes === nodesPerJob);
}

/** Nodes that carry the fleet's tag, bill, and were launched for no gang that the ledger knows: they are nobody's to end. */
export function strangers(facts: Facts): readonly Node[] {
  const known = new Set(facts.gangs.map(({ id }) => id));
  return facts.nodes.filter((node) => isPresent(node) && !known.has(node.clientToken ?? ''));
}
