/** A record as a page tells it: without what `show` hides. Pure. */

import type { JsonObject, PlannedCall } from '../../shared/kernel/decision.ts';
import { commandLine } from '../../shared/kernel/shell.ts';
import { candidatesOf } from '../operate/show/candidates.ts';
import { changesOf } from '../operate/show/changes.ts';
import { linesWithoutData, withoutData } from '../operate/show/hidden.ts';
import { hasActed, type ShownRecord } from '../operate/show/record.ts';
import type { UndoToday } from '../operate/show/undo-today.ts';
import type { WhatNow } from '../operate/show/what-now.ts';
import { isJsonObject, reasonParts } from '../results.ts';
import { inputText } from '../show.ts';
import type { TakenBack } from '../operate/show/taken-back.ts';
import type { ReportedCall, ReportedRun, SentRequest } from './report.ts';

/** What is known of a run beside its record. */
export interface Beside {
  readonly undo?: UndoToday | undefined;
  readonly now?: WhatNow | undefined;
  readonly takenBack?: TakenBack | undefined;
  /** Bodies of messages and user data are shown. */
  readonly isShown: boolean;
}

/** What outcome events and notifications carry: a whole result again, as text in which nothing is found any more. */
const CARRIED: ReadonlySet<string> = new Set(['Detail', 'Message']);

function withoutCarried(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutCarried);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      CARRIED.has(name) && typeof member === 'string' ? '…' : withoutCarried(member),
    ]),
  );
}

/** A request's input in a shell's manner. */
function requestText(input: JsonObject, isShown: boolean): string {
  if (isShown) return inputText(input);
  const bare: unknown = withoutCarried(withoutData(input));
  return isJsonObject(bare) ? inputText(bare) : '';
}

/** A request that was sent. */
export function sentRequest(
  {
    at,
    call,
    input,
    error,
  }: { readonly at: string; readonly call: string; readonly input: JsonObject; readonly error?: string | undefined },
  isShown: boolean,
): SentRequest {
  return { at, call, input: requestText(input, isShown), ...(error === undefined ? {} : { error }) };
}

/** A plan's entry that stands for requests is none that the command line of AWS knows. */
function undoLine({ input, undo }: PlannedCall, isShown: boolean): string | undefined {
  if (undo === undefined) return undefined;
  const line = commandLine(undo);
  return isShown ? line : linesWithoutData([line], [input, undo.input])[0];
}

function reportedCall(planned: PlannedCall, isShown: boolean): ReportedCall {
  const { call, input, because } = planned;
  const undo = undoLine(planned, isShown);
  return { call, input: requestText(input, isShown), because, ...(undo === undefined ? {} : { undo }) };
}

/** Makes it. */
export function reportedRun(record: ShownRecord, { undo, now, takenBack, isShown }: Beside): ReportedRun {
  const { runbook, run, target, at, outcome, reason, phases, plan, cut } = record;
  const [code, sentence] = reasonParts(reason);
  const { candidates, rest } = candidatesOf(isShown ? record.evidence : withoutData(record.evidence));
  return {
    runbook,
    run,
    target,
    at,
    outcome,
    code,
    sentence,
    hasActed: hasActed(record),
    phases,
    changes: changesOf(plan, isShown),
    candidates,
    evidence: rest,
    cut,
    plan: plan.map((planned) => reportedCall(planned, isShown)),
    ...(undo === undefined ? {} : { undo }),
    ...(now === undefined ? {} : { now }),
    ...(takenBack === undefined ? {} : { takenBack }),
  };
}
