/** How a target's run ends, before it is reported. */

import type { Decision, Evidence, HistoryReading, Outcome, PlannedCall } from '../decision.ts';
import { codeOf, fault, type Fault } from '../errors.ts';
import type { Lease } from '../ledger/ledger.ts';
import { stillUndoable } from '../plan.ts';
import type { Phase, RunResult } from '../report/result.ts';
import type { TargetRun } from './context.ts';
import { hasBegun, isLedgerLost, type Acting, type RunState } from './state.ts';

/** How a target's run ended, and what is left to do about it. */
export interface End {
  readonly outcome: Outcome;
  readonly code: string;
  readonly because: string;
  readonly evidence: Evidence;
  readonly plan: readonly PlannedCall[];
  /** The plan is what was sent, not what would be. */
  readonly hasSent: boolean;
  readonly phases: readonly Phase[];
  /** Set for `failed`. */
  readonly fault?: Fault;
  readonly attention: boolean;
  /** What tells it from another end with this code; absent: nothing does. */
  readonly news?: string;
  readonly remember: { readonly [key: string]: string | null };
  readonly metrics: { readonly [name: string]: number };
  readonly history: HistoryReading;
  readonly lease?: Lease;
  /** Claims to be handed back. */
  readonly claims: readonly Lease[];
  /** What becomes of the announced intent. */
  readonly intent: 'settle' | 'keep';
  /** Something was begun, here or by a run before that announced it. */
  readonly acted: boolean;
  /** What was booked was not begun: the booking is given back. */
  readonly refund: boolean;
  /** Nothing was done by the word that was used: what was remembered before it is again. */
  readonly wordBefore?: string | null | undefined;
  /** What a person is asked. */
  readonly question?: { readonly planHash: string; readonly expiresInSeconds: number };
  /** It is news of a person's word, and none of the target. */
  readonly ofWord?: true;
  /** Nothing new: neither recorded nor published again. */
  readonly repeat?: true;
  readonly ledgerLost: boolean;
}

/** What leaves a turn: an end, or the state that the next turn begins with. */
export type Leaving<Seen extends object> = RunState<Seen> | End;

/** What a stage makes of a decision to act: goes on with it, or leaves the turn. */
export type Staged<Seen extends object> = Acting<Seen> | Leaving<Seen>;

/** True for an end, false for a state to look again from. */
export function isEnd(leaving: Leaving<object>): leaving is End {
  return 'outcome' in leaving;
}

/** True for what leaves the turn, false for what goes on in it (and carries its state along). */
export function leaves<Seen extends object>(
  step: { readonly state: RunState<Seen> } | Leaving<Seen>,
): step is Leaving<Seen> {
  return !('state' in step);
}

/** As much of a decision as an end tells. */
type Told = Pick<Decision, 'code' | 'because' | 'evidence'> & Partial<Decision>;

/** Ends a run. `plan` is told as long as nothing has been sent. */
export function endOf(
  state: RunState<object>,
  outcome: Outcome,
  decision: Told,
  plan: readonly PlannedCall[] = [],
): End {
  const { sent, notes, applied, approved, lease, claims, history } = state;
  const begun = hasBegun(state);
  const ledgerLost = isLedgerLost(state);
  const told = outcome === 'done' ? withUntold(sent, decision) : sent;
  const settled = outcome === 'done' || outcome === 'nothing' || decision.over;
  return {
    outcome,
    code: decision.code,
    because: decision.because,
    evidence: {
      ...decision.evidence,
      ...(approved && { approvedBy: approved.by }),
      ...(Object.keys(notes).length > 0 && { notes }),
    },
    plan: stillUndoable(told.length > 0 ? told : plan),
    hasSent: told.length > 0,
    phases: state.phases,
    attention:
      [decision, ...applied].some(({ attention }) => attention === true) || (ledgerLost && outcome !== 'nothing'),
    ...(decision.news === undefined ? {} : { news: decision.news }),
    remember: decision.remember ?? {},
    metrics: decision.metrics ?? {},
    history,
    ...(lease === undefined ? {} : { lease: lease.held }),
    claims,
    // Begun, here or by a run before, and not known to have ended well: the next run must find what was announced.
    intent: (begun || state.resumed) && !settled ? 'keep' : 'settle',
    acted: begun || state.resumed,
    // What a run before this one did under the same booking is not known.
    refund: !state.resumed && (!begun || isBookedInVain(state) || decision.inVain === true),
    wordBefore: approved === undefined || begun || state.resumed ? undefined : lease?.wordBefore,
    ledgerLost,
  };
}

/** Housekeeping alone was begun under the booking: it is not what was booked. */
function isBookedInVain({ lease, applied }: RunState<object>): boolean {
  return lease?.booked === true && applied.every(({ budget }) => budget === 'free');
}

/** What was sent, and what a run before this one has sent and not told. */
function withUntold(sent: readonly PlannedCall[], { untold = [] }: Told): readonly PlannedCall[] {
  return [...notAmong(sent, untold), ...sent];
}

/** Those of the calls that the others do not tell of already. */
export function notAmong(others: readonly PlannedCall[], calls: readonly PlannedCall[]): readonly PlannedCall[] {
  const wordOf = ({ call, input }: PlannedCall): string => call + JSON.stringify(input);
  const known = new Set(others.map(wordOf));
  return calls.filter((each) => !known.has(wordOf(each)));
}

/** Refuses a decision to act, and tells its plan. */
export function refusal(
  { state, decision }: Acting<object>,
  code: string,
  because: string,
  more: Pick<Decision, 'attention'> = {},
): End {
  return endOf(state, 'refused', { ...decision, code, because, ...more }, decision.plan);
}

/** Refuses it, and says that a person should look. */
export function alarmingRefusal(acting: Acting<object>, code: string, because: string): End {
  return refusal(acting, code, because, { attention: true });
}

/** Ends in a failure, which is for a person. */
export function failed(state: RunState<object>, why: Fault, evidence: Evidence = {}): End {
  const judgement = { code: codeOf(why), because: why.message, evidence, attention: true } as const;
  return { ...endOf(state, 'failed', judgement), fault: why };
}

/** Ends a run whose plan failed its verification, whatever came afterwards. */
export function failedVerification(state: RunState<object>, { code, because, evidence }: Told): End {
  const why = fault('terminal', 'VerificationFailed', `${state.setback?.why ?? ''}; then ${code}: ${because}`);
  // Nothing is left for the next run to resume: what comes now is for a person.
  return { ...failed(state, why, evidence), intent: 'settle' };
}

/** As much of a run as its result tells. */
interface Reported extends Pick<TargetRun<object>, 'host' | 'target' | 'mode'> {
  readonly runbook: { readonly name: string };
}

/** The result as it is reported. */
export function resultOf({ runbook, host, target, mode }: Reported, end: End): RunResult {
  const { outcome, code, because, evidence, plan, phases } = end;
  return {
    runbook: runbook.name,
    run: host.run,
    target,
    outcome,
    reason: `${code}: ${because}`,
    evidence,
    plan,
    phases,
    mode,
  };
}
