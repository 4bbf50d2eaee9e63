/**
 * Where a run on one target stands: one value, and the pure steps from one to the next.
 *
 * Nobody changes a state; whoever learns something makes the next one. What an effect learns comes out of the effect with its
 * result and is put into the state behind it, never from inside: a durable execution that is replayed does not run the inside
 * again.
 */

import type {
  Act,
  Decision,
  History,
  HistoryReading,
  Json,
  KernelFacts,
  PlannedCall,
  Refusal,
  WorkDone,
} from '../decision.ts';
import type { Located } from '../definition.ts';
import type { Fault } from '../errors.ts';
import type { Aside, Attempt } from '../hosts/attempt.ts';
import { outdated, type SwitchReading } from '../ledger/access.ts';
import type { Lease, LeaseAnswer, Word } from '../ledger/ledger.ts';
import { WORD_KEY } from '../ledger/rules.ts';
import type { Phase } from '../report/result.ts';
import type { RunContext } from './context.ts';

/** What was seen of the target, and when that look began. */
export interface Sight<Seen extends object> {
  readonly facts: Seen;
  readonly at: string;
}

/** The lease a run holds, and what for. */
export interface HeldLease {
  readonly held: Lease;
  /** The intent that was announced with it. */
  readonly intent: string;
  /** The action is booked in the budget. */
  readonly booked: boolean;
  /** What was remembered of words before this lease, where that is known; `null`: nothing. */
  readonly wordBefore?: string | null | undefined;
}

/** The state of a run on one target. */
export interface RunState<Seen extends object> {
  /** Turns of the loop before this one; it stands in the names of the steps. */
  readonly turn: number;
  /** The time as the run knows it: the end of its last phase. Between its steps a durable run must not read a clock. */
  readonly now: string;
  /** `undefined`: the target is to be looked at (again). */
  readonly seen: Sight<Seen> | undefined;
  /** What was read of the target at the door could not be understood, and nothing has been made of that yet. */
  readonly unread: Fault | undefined;
  /** What the ledger knows of the target. `lost`: the ledger does not answer, and the run judges as if there were none. */
  readonly history: HistoryReading;
  readonly switches: SwitchReading;
  readonly lease: HeldLease | undefined;
  /** What is claimed for the target. */
  readonly claims: readonly Lease[];
  /** Looks in a row that ended in a failure. */
  readonly looks: number;
  /** By how much failed looks have outnumbered good ones: what fails more often than not has to end although it never fails long. */
  readonly flutter: number;
  /** Times in a row that another run held the lease. By themselves: waiting for another run is no failure of what comes after it. */
  readonly contended: number;
  /** Plans that were begun, or chosen in vain. */
  readonly tries: number;
  /** Seconds waited because a decision asked for it. */
  readonly waitedSeconds: number;
  /** What a person approved, who, and until when that counts. */
  readonly approved: ({ readonly hash: string; readonly intent: string } & Word) | undefined;
  /** A plan was applied and failed its verification. */
  readonly setback: KernelFacts['setback'];
  /** Decisions of which a request has left, the last one perhaps not to its end. */
  readonly applied: readonly Act[];
  /** The last decision that was applied and verified. */
  readonly done: Act | undefined;
  /** The intent was announced by a run before this one, which died on it. */
  readonly resumed: boolean;
  /** Calls that were sent and succeeded. */
  readonly sent: readonly PlannedCall[];
  /** What AWS did not carry out, oldest first. */
  readonly refusals: readonly Refusal[];
  /** How far bulk work has come. */
  readonly work: WorkDone | undefined;
  /** The last plan came to nothing, or AWS broke it off: what is chosen instead is still the action that was booked. */
  readonly carries: boolean;
  /** Failures that did not stop a plan, for the evidence. */
  readonly notes: { readonly [key: string]: Json };
  readonly phases: readonly Phase[];
}

/** A target that has been looked at. */
export interface Sighted<Seen extends object> {
  readonly state: RunState<Seen>;
  readonly sight: Sight<Seen>;
}

/** What was decided on what was seen. */
export interface Judged<Seen extends object, D extends Decision = Decision> extends Sighted<Seen> {
  readonly decision: D;
}

/** What came with a lease that was taken just now and has not been judged yet. */
export interface LeaseNews {
  readonly answer: Extract<LeaseAnswer, { granted: true }>;
  /** The history that the decision was made with. */
  readonly before: HistoryReading;
}

/** A decision to act on its way. */
export interface Acting<Seen extends object> extends Judged<Seen, Act> {
  readonly news?: LeaseNews;
}

/** The state in which the run on a target begins. */
export function begin<Seen extends object>(
  context: RunContext<Seen>,
  { facts, fault }: Located<Seen>,
  history: HistoryReading,
): RunState<Seen> {
  const { switches, locatedAt, phases } = context;
  return {
    turn: 0,
    now: phases.at(-1)?.endedAt ?? locatedAt,
    seen: facts === undefined ? undefined : { facts, at: locatedAt },
    unread: fault,
    history,
    switches,
    lease: undefined,
    claims: [],
    looks: 0,
    flutter: 0,
    contended: 0,
    tries: 0,
    waitedSeconds: 0,
    approved: undefined,
    setback: undefined,
    applied: [],
    done: undefined,
    resumed: false,
    sent: [],
    refusals: [],
    work: undefined,
    carries: false,
    notes: {},
    phases,
  };
}

/** A request has left: what was announced may be true. */
export function hasBegun({ applied }: RunState<object>): boolean {
  return applied.length > 0;
}

/** The ledger does not answer: from now on the run judges, and may act, as if there were none. */
export function isLedgerLost({ history }: RunState<object>): boolean {
  return history === 'lost';
}

/** The ledger has turned out not to answer. */
export function withoutLedger<Seen extends object>(state: RunState<Seen>): RunState<Seen> {
  return { ...state, history: 'lost' };
}

/** What was seen no longer counts. */
export function unseen<Seen extends object>(state: RunState<Seen>): RunState<Seen> {
  return { ...state, seen: undefined };
}

/** A look that failed, or was overtaken. */
export function failedLook<Seen extends object>(state: RunState<Seen>): RunState<Seen> {
  return { ...state, looks: state.looks + 1, flutter: state.flutter + 1 };
}

/** A look that led to what was decided makes good those that failed before it: all in a row, and one in the long run. */
export function goodLook<Seen extends object>(state: RunState<Seen>): RunState<Seen> {
  return { ...state, looks: 0, flutter: Math.max(0, state.flutter - 1) };
}

/** Phases that a timeline keeps: its beginning, and the latest. A run of days would outgrow the line that tells of it. */
const [FIRST_PHASES, LAST_PHASES] = [20, 200];

function kept(phases: readonly Phase[]): readonly Phase[] {
  const surplus = phases.length - FIRST_PHASES - LAST_PHASES;
  return surplus <= 0 ? phases : [...phases.slice(0, FIRST_PHASES), ...phases.slice(FIRST_PHASES + surplus)];
}

/** A phase of the timeline more, and its end is the present. */
export function noted<Seen extends object>(
  state: RunState<Seen>,
  name: string,
  { startedAt, endedAt }: Attempt<unknown>,
): RunState<Seen> {
  return { ...state, now: endedAt, phases: kept([...state.phases, { name, startedAt, endedAt }]) };
}

/** What was booked is not used up: the next intent of this run takes the booking over. */
export function carriesBooking({ lease, carries }: RunState<object>): boolean {
  return lease?.booked === true && carries;
}

/**
 * The lease as a sleep inside a step has left it. A step that has not slept, or that an older version kept, says nothing: the
 * lease is as it was, and is renewed when it has to be.
 */
export function restedLease<Held extends Lease | undefined>(lease: Held, { slept }: Aside): Held | undefined {
  if (lease === undefined || slept === undefined) return lease;
  return slept.leaseUntil === null ? undefined : { ...lease, until: slept.leaseUntil };
}

/** Time has passed that the run has slept away: the kill switch may have been thrown, the lease lost. */
export function rested<Seen extends object>(state: RunState<Seen>, aside: Aside): RunState<Seen> {
  if (aside.slept === undefined) return state;
  const { lease, switches } = state;
  const held = restedLease(lease?.held, aside);
  return {
    ...state,
    switches: outdated(switches),
    lease: lease === undefined || held === undefined ? undefined : { ...lease, held },
  };
}

/** The lease was granted for this decision. */
export function granted<Seen extends object>(
  state: RunState<Seen>,
  decision: Act,
  answer: LeaseNews['answer'],
): RunState<Seen> {
  return {
    ...state,
    history: answer.isRepeat === true || isCarried(state, answer) ? asKnown(state, answer.history) : answer.history,
    lease: {
      held: answer.lease,
      intent: decision.intent,
      booked: decision.budget === 'counted' || carriesBooking(state),
      wordBefore: answer.isRepeat ? undefined : (answer.history.memory[WORD_KEY] ?? null),
    },
    contended: 0,
    resumed: state.resumed || answer.resumed,
  };
}

/** It is still the same lease, for another intent. */
function isCarried(state: RunState<object>, { lease }: LeaseNews['answer']): boolean {
  return carriesBooking(state) && lease.epoch === state.lease?.held.epoch;
}

/** The history with what was unsettled as this run knows it: an intent of its own that came to nothing is not, nor one whose reply was lost. */
function asKnown({ history }: RunState<object>, { pending: _own, ...read }: History): History {
  const pending = typeof history === 'object' ? history.pending : undefined;
  return pending === undefined ? read : { ...read, pending };
}

/** From the first request on, what was announced may be true: the next look must know. */
export function announced<Seen extends object>(state: RunState<Seen>, decision: Act, at: string): RunState<Seen> {
  if (typeof state.history !== 'object' || state.lease === undefined) return state;
  return {
    ...state,
    history: { ...state.history, pending: { intent: decision.intent, at, note: decision.note ?? {} } },
  };
}
