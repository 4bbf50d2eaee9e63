/** The moments of runs in the order in which they came: what was detected, decided, done, verified. Pure. */

import type { RunLine } from '../../../shared/kernel/ledger/ledger.ts';
import type { Phase } from '../../../shared/kernel/report/result.ts';
import { idOf, reasonParts } from '../../results.ts';
import { inputText } from '../../show.ts';
import type { Detail } from '../place.ts';
import { withoutData } from './hidden.ts';
import { hasActed, type ShownRecord } from './record.ts';

/** What a moment is part of. `other`: another run on the same target. `read`, `step`: what `-v` adds. */
export type Group = 'trigger' | 'detect' | 'decide' | 'act' | 'verify' | 'wait' | 'report' | 'other' | 'read' | 'step';

/** A line of the timeline. */
export interface Moment {
  /** ISO 8601. */
  readonly at: string;
  readonly group: Group;
  /** The target it belongs to, by its ARN; empty: the whole run. */
  readonly target: string;
  readonly text: string;
  readonly because?: string;
  readonly spentMs?: number;
  readonly isBad?: true;
}

const DETECTS: ReadonlySet<string> = new Set([
  'gate',
  'glance',
  'locate',
  'observe',
  'history',
  'kill-switch',
  'resources',
]);
const WAITS: ReadonlySet<string> = new Set(['wait', 'hold', 'backoff']);

/** What a phase is part of. */
export function phaseGroup({ name }: Phase): Group {
  const [word = ''] = name.split(':');
  if (DETECTS.has(word)) return 'detect';
  if (WAITS.has(word)) return 'wait';
  return word === 'verify' || word === 'setback' ? 'verify' : 'act';
}

function spentMs({ startedAt, endedAt }: Phase): number {
  return Date.parse(endedAt) - Date.parse(startedAt);
}

/** `gate, locate, observe x2`. */
function counted(names: readonly string[]): string {
  const groups = Map.groupBy(names, (name) => name);
  return [...groups].map(([name, same]) => (same.length === 1 ? name : `${name} x${same.length}`)).join(', ');
}

/** An outcome event holds its whole result again; `--json` has every request in full. */
const LONGEST_INPUT = 240;

function callText(call: string, input: ShownRecord['evidence'], isShown: boolean): string {
  const text = inputText(isShown ? input : withoutData(input));
  return `${call} ${text.length <= LONGEST_INPUT ? text : `${text.slice(0, LONGEST_INPUT)}…`}`;
}

/** Phases that follow one another in a group are told together, calls each by itself. */
function phaseMoments(record: ShownRecord, isShown: boolean): readonly Moment[] {
  const { target } = record;
  const ahead = [...record.plan];
  const moments: Moment[] = [];
  let together: Phase[] = [];
  const end = (): void => {
    const [first] = together;
    if (first !== undefined) {
      const spent = together.reduce((sum, phase) => sum + spentMs(phase), 0);
      const text = counted(together.map(({ name }) => name));
      moments.push({ at: first.startedAt, group: phaseGroup(first), target, text, spentMs: spent });
    }
    together = [];
  };
  for (const phase of record.phases) {
    const index = ahead.findIndex(({ call }) => call === phase.name);
    const [planned] = index < 0 ? [] : ahead.splice(index, 1);
    const [first] = together;
    if (planned !== undefined || (first !== undefined && phaseGroup(first) !== phaseGroup(phase))) end();
    if (planned === undefined) together.push(phase);
    else
      moments.push({
        at: phase.startedAt,
        group: 'act',
        target,
        text: callText(planned.call, planned.input, isShown),
        because: planned.because,
        spentMs: spentMs(phase),
      });
  }
  end();
  return [...moments, ...unsent(record, ahead, isShown)];
}

/** What was planned, and has no time at which it was done: the plan of a dry run, of a refusal, what a run did not come to. */
function unsent(
  { target, at, ...record }: ShownRecord,
  ahead: ShownRecord['plan'],
  isShown: boolean,
): readonly Moment[] {
  const word = hasActed({ target, at, ...record }) ? 'told' : 'would';
  return ahead.map(({ call, input, because }) => ({
    at,
    group: 'act',
    target,
    text: `(${word}) ${callText(call, input, isShown)}`,
    because,
  }));
}

/** The decision stands between what was seen and what was done. */
function withDecision(record: ShownRecord, moments: readonly Moment[]): readonly Moment[] {
  const [code] = reasonParts(record.reason);
  const index = moments.findIndex(({ group }) => group === 'act');
  const at = index < 0 ? moments.length : index;
  const calls = record.plan.length;
  const plan = calls === 0 ? 'no call' : `${calls} ${calls === 1 ? 'call' : 'calls'}`;
  const before = moments[at - 1] ?? moments[at];
  const decided: Moment = {
    at: before?.at ?? record.at,
    group: 'decide',
    target: record.target,
    text: `${code}: ${plan}`,
  };
  return [...moments.slice(0, at), decided, ...moments.slice(at)];
}

/** The moments of a record. */
export function recordMoments(record: ShownRecord, isShown: boolean): readonly Moment[] {
  const moments = withDecision(record, phaseMoments(record, isShown));
  const isBad = record.outcome === 'failed' || record.outcome === 'refused';
  const report: Moment = {
    at: record.at,
    group: 'report',
    target: record.target,
    text: record.outcome,
    ...(isBad ? { isBad } : {}),
  };
  return [...moments, report];
}

/** Other runs on the same target. */
export function otherMoments(lines: readonly RunLine[], shorts: ReadonlyMap<string, string>): readonly Moment[] {
  return lines.map(({ at, runbook, run, target, outcome, reason }) => ({
    at,
    group: 'other',
    target,
    text: `${runbook} ${shorts.get(run) ?? run} ${outcome}: ${reason}`,
  }));
}

/** Reads and checkpoints; what was written is told by the plan. */
export function detailMoments(details: readonly Detail[], isShown: boolean): readonly Moment[] {
  return details
    .filter(({ kind }) => kind !== 'write')
    .map(({ at, endedAt, kind, name, input = {}, error }) => ({
      at,
      group: kind === 'read' ? 'read' : 'step',
      target: '',
      text: `${callText(name, input, isShown).trim()}${error === undefined ? '' : ` -> ${error}`}`,
      ...(endedAt === undefined ? {} : { spentMs: Date.parse(endedAt) - Date.parse(at) }),
      ...(error === undefined ? {} : { isBad: true }),
    }));
}

/** In the order of time; of the same moment in the order in which they were given. */
export function inOrder(moments: readonly Moment[]): readonly Moment[] {
  return moments.toSorted((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
}

/** Targets that the moments name. */
export function targetsIn(moments: readonly Moment[]): readonly string[] {
  return [...new Set(moments.map(({ target }) => target))].filter((target) => target !== '').map(idOf);
}
