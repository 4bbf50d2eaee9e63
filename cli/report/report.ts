/**
 * What a page tells of a run, or of the runs of a drill. Whoever makes one has taken out what `show` hides; whoever draws one sees
 * nothing else. JSON.
 */

import type { TakenBack } from '../operate/show/taken-back.ts';
import type { JsonObject } from '../../shared/kernel/decision.ts';
import type { Phase } from '../../shared/kernel/report/result.ts';
import type { Candidate } from '../operate/show/candidates.ts';
import type { Changed } from '../operate/show/changes.ts';
import type { Moment } from '../operate/show/moments.ts';
import type { UndoToday } from '../operate/show/undo-today.ts';
import type { WhatNow } from '../operate/show/what-now.ts';
import type { Verdict } from './verdict.ts';

/** An entry of a plan. */
export interface ReportedCall {
  /** `service:Operation`. */
  readonly call: string;
  /** Its request, in a shell's manner. */
  readonly input: string;
  readonly because: string;
  /** The line that takes it back, ready to paste. */
  readonly undo?: string;
}

/** A request that was sent. */
export interface SentRequest {
  /** ISO 8601. */
  readonly at: string;
  readonly call: string;
  readonly input: string;
  readonly error?: string;
}

/** A run on one target. */
export interface ReportedRun {
  readonly runbook: string;
  readonly run: string;
  /** ARN; empty: of no target. */
  readonly target: string;
  /** When it was recorded, ISO 8601. */
  readonly at: string;
  readonly outcome: string;
  readonly code: string;
  readonly sentence: string;
  readonly hasActed: boolean;
  readonly phases: readonly Phase[];
  readonly changes: readonly Changed[];
  readonly candidates: readonly Candidate[];
  /** Evidence that is about no candidate. */
  readonly evidence: JsonObject;
  /** Bytes that were too many for the record, by what they were of. */
  readonly cut: { readonly [of: string]: number };
  readonly plan: readonly ReportedCall[];
  readonly undo?: UndoToday;
  readonly now?: WhatNow;
  /** That somebody has had it taken back already. */
  readonly takenBack?: TakenBack;
}

/** How often the incident was rehearsed, and by which sources. */
export interface Receipt {
  /** Version and digest of the sources that ran; `null`: the stack does not say. */
  readonly ran: string | null;
  /** Version and digest of the tree whose drills these are. */
  readonly rehearsed: string;
  /** Of each drill that ends as this incident did. */
  readonly drills: readonly RehearsedDrill[];
}

/** A drill, and how often it was explored. */
export interface RehearsedDrill {
  readonly name: string;
  readonly title: string;
  /** In one sentence; what was not explored says so. */
  readonly explored: string;
  readonly isExplored: boolean;
}

/** A page's content. */
export interface Report {
  /** Names its part of the page. */
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
  /** Where and when it was, each with its label. */
  readonly where: readonly (readonly [label: string, text: string])[];
  /** As of when it was written, ISO 8601. */
  readonly now: string;
  readonly verdict: Verdict;
  readonly runs: readonly ReportedRun[];
  /** Targets of the run that are named and not told. */
  readonly others: readonly string[];
  /** Everything that happened, in order. */
  readonly moments: readonly Moment[];
  readonly calls: readonly SentRequest[];
  /** Why there are no requests, where there are none to tell. */
  readonly noCalls: string;
  readonly next?: string;
  readonly approval: string;
  readonly bareCalls: string;
  readonly links: readonly string[];
  readonly receipt: Receipt;
  /** What could not be read. */
  readonly unread: readonly string[];
  /** Whatever else the reader has to know: what a drill missed. */
  readonly faults: readonly string[];
}
