/** What a played loss comes to, for what was hit by it and as a whole. Pure. */

import { alarmsRaised } from '../alarms.ts';
import { codeOf } from '../expect.ts';
import type { RunResult } from '../../shared/kernel/report/result.ts';
import type { Loss } from './losses.ts';
import { linesIn } from './lines.ts';
import type { Course, Played, Turn } from './play.ts';
import { VERDICTS, type Fared, type LossReport, type Rpo, type Told, type Verdict } from './what-if.ts';

/** Outcomes that say that a run leaves something to a person. */
const LEFT: ReadonlySet<string> = new Set(['refused', 'failed', 'awaiting-approval', 'planned']);
const SILENT: ReadonlySet<string> = new Set(['nothing', 'not-mine']);

/** The worst of some verdicts; `undefined` of none. */
function worst<V extends Verdict>(verdicts: readonly V[]): V | undefined {
  return verdicts.toSorted((one, other) => VERDICTS.indexOf(one) - VERDICTS.indexOf(other))[0];
}

/** When a result was told, milliseconds since 1970; `undefined`: it does not say. */
function toldAtMs({ phases }: RunResult): number | undefined {
  const end = phases.at(-1)?.endedAt;
  return end === undefined ? undefined : Date.parse(end);
}

/** What is told of runs after the loss, of each target each new word once. */
function toldAfter({ end, lostAtMs }: Pick<Played, 'end' | 'lostAtMs'>): readonly Told[] {
  const last = new Map<string, string>();
  return end.results.flatMap(({ result }): Told[] => {
    const { runbook, target, outcome, reason } = result;
    const atMs = toldAtMs(result) ?? lostAtMs;
    if (SILENT.has(outcome) || atMs < lostAtMs) return [];
    const about = `${runbook} ${target ?? ''}`;
    const said = `${outcome} ${codeOf(result)}`;
    if (last.get(about) === said) return [];
    last.set(about, said);
    const afterSeconds = Math.round((atMs - lostAtMs) / 1_000);
    const short = target?.split(/[/:]/u).at(-1);
    const whose = short === undefined ? {} : { target: short };
    return [{ runbook, ...whose, outcome, code: codeOf(result), reason, afterSeconds }];
  });
}

/** The turns from the loss on; `undefined`: it was not well before, or it was never hit. */
function hit(
  { turns }: Course,
  lostAtMs: number,
): { readonly before: Turn; readonly after: readonly Turn[] } | undefined {
  const before = turns.findLast(({ atMs }) => atMs < lostAtMs) ?? turns[0];
  if (before?.look.level !== 'good') return undefined;
  const after = turns.filter((turn) => turn !== before && turn.atMs >= lostAtMs);
  return after.some(({ look }) => look.level !== 'good') ? { before, after } : undefined;
}

/** The beginning of the last stretch in which it stood at least so. */
function sinceMs(after: readonly Turn[], isEnough: (turn: Turn) => boolean): number | undefined {
  const lastBad = after.findLastIndex((turn) => !isEnough(turn));
  return after[lastBad + 1]?.atMs;
}

function whatOf(turn: Turn | undefined): string | undefined {
  return turn === undefined || turn.look.level === 'good' ? undefined : turn.look.what;
}

function faredOf(course: Course, lostAtMs: number, told: readonly Told[]): Fared | undefined {
  const found = hit(course, lostAtMs);
  if (found === undefined) return undefined;
  const { kind, id, name, runbook, byHand } = course.ward;
  const { after } = found;
  const end = after.at(-1);
  const first = whatOf(after.find(({ look }) => look.level !== 'good')) ?? '';
  const last = whatOf(end);
  const shared = { kind, id, name, runbook, first, ...(last === undefined ? {} : { last }) };
  // What serves in part, and has never served less, was not brought back by anybody.
  const isNoBetter = end?.look.level === 'partly' && after.every(({ look }) => look.level !== 'bad');
  if (end === undefined || end.look.level === 'bad' || isNoBetter) {
    const isLeft = byHand !== undefined || told.some((one) => one.runbook === runbook && LEFT.has(one.outcome));
    return { ...shared, verdict: isLeft ? 'needs a person' : 'stays lost' };
  }
  const isPartly = end.look.level === 'partly';
  const since = sinceMs(after, ({ look }) => look.level === 'good' || (isPartly && look.level === 'partly'));
  const rtoSeconds = since === undefined || isPartly ? undefined : Math.round((since - lostAtMs) / 1_000);
  return {
    ...shared,
    verdict: isPartly ? 'recovers partly' : 'recovers',
    ...(rtoSeconds === undefined ? {} : { rtoSeconds }),
    ...(end.rpo === undefined ? {} : { rpoSeconds: end.rpo }),
  };
}

/** Of several things that were hit, some of which are back and some not, it recovers partly. */
function together(fared: readonly Fared[]): Verdict {
  const verdicts = fared.map(({ verdict }) => verdict);
  const most = worst(verdicts);
  if (most === undefined) return 'unaffected';
  return most !== 'recovers' && verdicts.includes('recovers') ? 'recovers partly' : most;
}

function largest(all: readonly Rpo[]): Rpo | undefined {
  if (all.length === 0) return undefined;
  return all.includes('unknown') ? 'unknown' : Math.max(...all.filter((one) => one !== 'unknown'));
}

function totals(fared: readonly Fared[]): Pick<LossReport, 'rtoSeconds' | 'rpoSeconds'> {
  const rtos = fared.flatMap(({ rtoSeconds }) => rtoSeconds ?? []);
  const rpo = largest(fared.flatMap(({ rpoSeconds }) => rpoSeconds ?? []));
  return {
    ...(rtos.length === fared.length && rtos.length > 0 ? { rtoSeconds: Math.max(...rtos) } : {}),
    ...(rpo === undefined ? {} : { rpoSeconds: rpo }),
  };
}

/** Who has brought back what is back: its runbook, where that has done something since, or AWS by itself. */
function by(fared: readonly Fared[], told: readonly Told[]): readonly string[] {
  const back = fared.filter(({ verdict }) => verdict === 'recovers' || verdict === 'recovers partly');
  const doers = back.map(({ runbook }) =>
    told.some((one) => one.runbook === runbook && one.outcome === 'done') ? runbook : 'AWS',
  );
  return [...new Set(doers)];
}

/** The last word on each target of the runbooks whose wards are not as they were. */
function whyOf(fared: readonly Fared[], told: readonly Told[]): readonly Told[] {
  const lacking = new Set(fared.filter(({ verdict }) => verdict !== 'recovers').map(({ runbook }) => runbook));
  const last = new Map<string, Told>();
  for (const one of told) {
    if (!lacking.has(one.runbook)) continue;
    const about = `${one.runbook} ${one.target ?? ''}`;
    // Whoever goes on about it is heard last.
    last.delete(about);
    last.set(about, one);
  }
  const left = [...last.values()].filter(({ outcome }) => outcome !== 'done');
  // What is said in the same words of several targets is said once.
  return [...new Map(left.map((one) => [`${one.runbook} ${one.outcome} ${one.reason}`, one])).values()];
}

/** The alarms that ring after the loss. */
export function alarmsOf({ end, lostAtMs }: Played, runbooks: readonly string[]): readonly string[] {
  return alarmsRaised(end, runbooks, lostAtMs);
}

/** The same world with nothing lost in it. */
export interface Quiet {
  /** Those that are deployed. */
  readonly runbooks: readonly string[];
  /** Alarms that ring all the same. */
  readonly alarms: readonly string[];
}

/** What a played loss comes to. */
export function judged(losses: readonly Loss[], as: LossReport['as'], played: Played, quiet: Quiet): LossReport {
  const { courses, end, unknown, lostAtMs } = played;
  const told = toldAfter(played);
  const all = courses.flatMap((course) => faredOf(course, lostAtMs, told) ?? []);
  const fared = all.toSorted((one, other) => VERDICTS.indexOf(one.verdict) - VERDICTS.indexOf(other.verdict));
  const verdict = unknown === undefined ? together(fared) : 'unknown';
  const why = whyOf(fared, told);
  const lacking = new Set(fared.filter((one) => one.verdict !== 'recovers').map(({ id }) => id));
  const byHand = courses.flatMap(({ ward }) => (lacking.has(ward.id) ? (ward.byHand ?? []) : []));
  return {
    losses: losses.map(({ lost }) => lost),
    as,
    verdict,
    fared,
    ...(unknown === undefined ? totals(fared) : {}),
    by: by(fared, told),
    told,
    why,
    lines: [
      ...byHand,
      ...linesIn(
        end.results.map(({ result }) => result).filter(({ runbook }) => why.some((one) => one.runbook === runbook)),
      ),
    ],
    alarms: alarmsOf(played, quiet.runbooks).filter((alarm) => !quiet.alarms.includes(alarm)),
    ...(unknown === undefined ? {} : { unknown }),
    assumed: end.assumed,
  };
}
