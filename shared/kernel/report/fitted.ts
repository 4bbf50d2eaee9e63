/** A result made small enough for what keeps it or carries it. Pure. */

import type { JsonObject, PlannedCall } from '../decision.ts';
import type { Commands } from './outcome.ts';
import type { RunResult } from './result.ts';
import { bytesWritten, shortenedMembers, shortenedText } from './shortened.ts';

/** A result as a record or an event has it. */
export type Told = RunResult & { readonly commands?: Commands; readonly trigger?: JsonObject };

/** Evidence and reason keep this much each as long as anything else can go, bytes: more than that nobody reads at 3 a.m. */
const KEPT_BYTES = 20_000;

/** A sentence, or a call's input, keeps this much as long as there is any room, bytes. */
const LEAST_SENTENCE_BYTES = 500;

/** What `cut` takes for one thing more that has lost something, bytes. */
const CUT_BYTES = 120;

/** Rounds in which one thing is made shorter: what is said of what is gone takes room itself. */
const ROUNDS = 4;

/** Makes one thing that may go shorter by so many bytes, or as short as it may become. */
type Shed = <T extends Told>(told: T, surplus: number) => T;

/** Adds what has been lost of something. */
function withCut<T extends Told>(told: T, lost: { readonly [of: string]: number }): T {
  const cut: { [of: string]: number } = { ...told.cut };
  for (const [of, bytes] of Object.entries(lost)) if (bytes > 0) cut[of] = (cut[of] ?? 0) + bytes;
  return { ...told, cut };
}

function lostOf(before: JsonObject, after: JsonObject): { readonly [of: string]: number } {
  const names = Object.keys(before);
  return Object.fromEntries(
    names.map((name) => [
      `evidence.${name}`,
      bytesWritten(before[name]) - (after[name] === undefined ? 0 : bytesWritten(after[name])),
    ]),
  );
}

const evidenceDownTo =
  (least: number): Shed =>
  (told, surplus) => {
    const bytes = Math.max(least, bytesWritten(told.evidence) - surplus - CUT_BYTES);
    const evidence = shortenedMembers(told.evidence, bytes);
    return withCut({ ...told, evidence }, lostOf(told.evidence, evidence));
  };

/** A command line that is cut is a dangerous one: they go as a whole, and the one that shows the record stays. */
const withoutUndo: Shed = (told) => {
  const { commands } = told;
  if (commands === undefined) return told;
  const { show, undo, undoRequest } = commands;
  const lost = bytesWritten(undo) + (undoRequest === undefined ? 0 : bytesWritten(undoRequest));
  return withCut({ ...told, commands: { show, undo: [] } }, { 'commands.undo': lost });
};

const withoutPhases: Shed = (told) =>
  withCut({ ...told, phases: told.phases.slice(0, 1) }, { phases: bytesWritten(told.phases.slice(1)) });

const replan = <T extends Told>(told: T, plan: readonly PlannedCall[], of: string): T =>
  withCut({ ...told, plan }, { [of]: bytesWritten(told.plan) - bytesWritten(plan) });

const withoutPlannedUndo: Shed = (told) =>
  replan(
    told,
    told.plan.map(({ undo: _undo, ...planned }) => planned),
    'plan.undo',
  );

/** Room for each call of the plan, if it is to be shorter by so much. */
const roomFor = ({ plan }: Told, surplus: number): number =>
  Math.max(0, bytesWritten(plan) - surplus - CUT_BYTES) / Math.max(1, plan.length);

const shorterBecause: Shed = (told, surplus) => {
  const room = Math.max(LEAST_SENTENCE_BYTES, roomFor(told, surplus) / 2);
  const plan = told.plan.map((planned) => ({ ...planned, because: shortenedText(planned.because, room) }));
  return replan(told, plan, 'plan.because');
};

const shorterInputs: Shed = (told, surplus) => {
  const room = Math.max(LEAST_SENTENCE_BYTES, roomFor(told, surplus) / 2);
  const plan = told.plan.map((planned) => ({ ...planned, input: shortenedMembers(planned.input, room) }));
  return replan(told, plan, 'plan.input');
};

const bareCalls: Shed = (told) =>
  replan(
    told,
    told.plan.map(({ call }) => ({ call, input: {}, because: '' })),
    'plan',
  );

/** A plan of thousands of calls was refused, and nothing of it was sent. */
const fewerCalls: Shed = (told, surplus) => {
  const bytes = bytesWritten(told.plan);
  const kept = Math.floor((told.plan.length * Math.max(0, bytes - surplus - CUT_BYTES)) / bytes);
  return replan(told, told.plan.slice(0, kept), 'plan');
};

const reasonDownTo =
  (least: number): Shed =>
  (told, surplus) => {
    const bytes = Math.max(least, bytesWritten(told.reason) - surplus - CUT_BYTES);
    const reason = shortenedText(told.reason, bytes);
    return withCut({ ...told, reason }, { reason: bytesWritten(told.reason) - bytesWritten(reason) });
  };

/** What goes, in this order, and each only as far as it must: last what a person cannot do without. */
const SHEDS: readonly Shed[] = [
  evidenceDownTo(KEPT_BYTES),
  withoutPhases,
  reasonDownTo(KEPT_BYTES),
  shorterBecause,
  withoutUndo,
  withoutPlannedUndo,
  evidenceDownTo(0),
  shorterInputs,
  reasonDownTo(LEAST_SENTENCE_BYTES),
  bareCalls,
  fewerCalls,
];

/**
 * The result in so many bytes at most. What is too long loses its longest evidence first, then what can be had from the rest; it keeps
 * runbook, run, target, outcome, the beginning of the reason, and the calls of its plan. `cut` says how many bytes are gone, of what.
 * @param size bytes of a result where it goes; as a log line has it unless it is said.
 */
export function fitted<T extends Told>(told: T, limitBytes: number, size: (told: T) => number = bytesWritten): T {
  let fit = told;
  for (const shed of SHEDS) {
    for (let round = 0; round < ROUNDS; round += 1) {
      const surplus = size(fit) - limitBytes;
      if (surplus <= 0) return fit;
      const next = shed(fit, surplus);
      if (size(next) >= size(fit)) break;
      fit = next;
    }
  }
  return fit;
}
