/** What a tired reader asks first: is it over, what changed, must I act. Pure. */

import { OUTCOMES } from '../operate/outcome-word.ts';
import { idOf } from '../results.ts';
import { countText } from './cut.ts';
import type { ReportedRun } from './report.ts';

/** The answers, each a sentence of a few words. */
export interface Verdict {
  readonly isOver: boolean;
  readonly over: string;
  readonly changed: string;
  readonly mustAct: boolean;
  readonly act: string;
  /** A command to paste for it. */
  readonly line?: string;
}

/** What is known beside the runs themselves. */
export interface Circumstances {
  /** It has not ended. */
  readonly isUnderWay: boolean;
  /** Whether it has ended cannot be read. */
  readonly isUnknown?: boolean;
  /** Targets that are the run's, and of which nothing is told. */
  readonly untold?: number;
  /** How it ended without a record. */
  readonly error?: string;
  /** The line that shows the run, or answers its question. */
  readonly line?: string;
}

type Told = Pick<
  ReportedRun,
  'runbook' | 'target' | 'at' | 'outcome' | 'code' | 'sentence' | 'hasActed' | 'plan' | 'now' | 'takenBack'
>;

/** Of several runs on the same target the last says how it stands. */
export function lastOfEach<T extends Pick<Told, 'runbook' | 'target' | 'at'>>(runs: readonly T[]): readonly T[] {
  const last = new Map<string, T>();
  for (const run of runs) last.set(JSON.stringify([run.runbook, run.target]), run);
  return [...last.values()];
}

function gravity({ outcome }: Told): number {
  const place = OUTCOMES.findIndex((known) => known === outcome);
  return place < 0 ? OUTCOMES.indexOf('refused') : place;
}

const OVER: { readonly [outcome: string]: string } = {
  done: 'It is over',
  nothing: 'There was nothing to do',
  'not-mine': 'It concerned no target of the runbook',
  planned: 'Only planned: nothing was done',
  waiting: 'It is not over: the next run goes on',
  'awaiting-approval': 'It is not over: it waits for a person',
  failed: 'It failed',
};

function overText(run: Told | undefined, { isUnderWay, error }: Circumstances): string {
  if (run?.outcome === 'awaiting-approval') return OVER['awaiting-approval'] ?? '';
  if (isUnderWay) return 'It is not over: the run is under way';
  if (run === undefined) return error === undefined ? 'Nothing is recorded of it' : `It has ended: ${error}`;
  if (run.takenBack !== undefined)
    return run.takenBack.isDone
      ? 'It is over, and was taken back'
      : 'It is not over: its undo has not ended, or not well';
  const known = OVER[run.outcome];
  if (known !== undefined) return known;
  return run.hasActed ? 'It was broken off: the runbook refused to go on' : 'The runbook refused to act';
}

function countedCalls(runs: readonly Told[]): string {
  const calls = runs.reduce((sum, { plan }) => sum + plan.length, 0);
  const targets = new Set(runs.map(({ target }) => target).filter((target) => target !== ''));
  const [only = ''] = targets;
  const on =
    targets.size === 0 ? '' : targets.size === 1 ? ` on ${idOf(only)}` : ` on ${countText(targets.size)} targets`;
  return `${countText(calls)} ${calls === 1 ? 'call' : 'calls'}${on}`;
}

function changedText(runs: readonly Told[]): string {
  const acted = runs.filter(({ hasActed }) => hasActed);
  const ahead = runs.filter(({ hasActed, plan }) => !hasActed && plan.length > 0);
  if (acted.length === 0)
    return ahead.length === 0 ? 'Nothing was changed' : `Nothing was changed; ${countedCalls(ahead)} would be sent`;
  const isWhole = acted.every(({ outcome }) => outcome === 'done');
  return isWhole ? `Changed by ${countedCalls(acted)}` : `Changed by at most ${countedCalls(acted)}`;
}

function needs(run: Told): boolean {
  return !['done', 'nothing', 'not-mine', 'waiting'].includes(run.outcome) && run.takenBack?.isDone !== true;
}

function actText(run: Told, isOfSeveral: boolean): string {
  const whose = isOfSeveral && run.target !== '' ? `${idOf(run.target)}: ` : '';
  if (run.outcome === 'awaiting-approval') return 'You must answer: the plan below waits for your yes or no';
  if (run.outcome === 'planned') return 'You decide: start it without --dry-run, or let mode be apply, and it acts';
  return `You must act: ${whose}${run.now?.text ?? `${run.code}: ${run.sentence}`}`;
}

const WELL: ReadonlySet<string> = new Set(['done', 'nothing', 'not-mine']);

/** On how many of several targets it ended as on the first; empty: on all, or well on each. */
function shareText(last: readonly Told[]): string {
  const [gravest] = last;
  const same = last.filter(({ outcome }) => outcome === gravest?.outcome).length;
  if (same === last.length || WELL.has(gravest?.outcome ?? '')) return '';
  return ` (${countText(same)} of ${countText(last.length)} targets)`;
}

/** Why nobody can say that it is over, whatever the records say; `undefined`: they say all. */
function doubt({ isUnknown = false, untold = 0 }: Circumstances): string | undefined {
  if (untold > 0) return `You must look: ${countText(untold)} more targets are not told here`;
  return isUnknown ? 'You must look: whether the run has ended cannot be read' : undefined;
}

function openText(open: readonly Told[], isOfSeveral: boolean): string | undefined {
  const [first] = open;
  if (first === undefined) return undefined;
  const more = open.length > 1 ? ` (${countText(open.length)} targets need you; this one first)` : '';
  return `${actText(first, isOfSeveral)}${more}`;
}

/** The answers for these runs, which are in the order of time. */
export function verdictOf(runs: readonly Told[], circumstances: Circumstances): Verdict {
  const last = lastOfEach(runs).toSorted((one, other) => gravity(one) - gravity(other));
  const [gravest] = last;
  const open = last.filter(needs);
  const { isUnderWay } = circumstances;
  const isCalm = last.every(({ outcome, takenBack }) => outcome !== 'waiting' && takenBack?.isDone !== false);
  const lost = gravest === undefined && !isUnderWay ? 'You must look: no record says what became of it' : undefined;
  const asked = openText(open, last.length > 1) ?? lost ?? (isUnderWay ? undefined : doubt(circumstances));
  const isOver = asked === undefined && !isUnderWay && isCalm;
  const isDoubtful = asked !== undefined && open.length === 0 && gravest !== undefined && !isUnderWay;
  const line = open[0]?.now?.line ?? circumstances.line;
  return {
    isOver,
    over: isDoubtful ? 'Not all of it is known' : `${overText(gravest, circumstances)}${shareText(last)}`,
    changed: gravest === undefined ? 'No change is recorded' : changedText(runs),
    mustAct: asked !== undefined,
    act: asked ?? (isOver ? 'You need not act' : 'You need not act yet'),
    ...(asked !== undefined && line !== undefined ? { line } : {}),
  };
}
