/**
 * Where a run on one target stands: one value, and the pure steps from one to the next.
 *
 * Nobody changes a state; whoever learns something makes the next one. What an effect learns comes out of the effect with its
 * result and is put into the state behind it, never from inside: a durable execution that is replayed does not run the inside
 * again.
 */

import type { Act, Decision, HistoryReading, Json, KernelFacts, PlannedCall, Refusal } from '../decision.ts';
import type { Located } from '../definition.ts';
import type { Attempt } from '../hosts/host.ts';
import type { SwitchReading } from '../ledger/access.ts';
import type { Lease, LeaseAnswer } from '../ledger/ledger.ts';
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
}

/** The state of a run on one target. */
export interface RunState<Seen extends object> {
  /** Turns of the loop before this one; it stands in the names of the steps. */
  readonly turn: number;
  /** The time as the run knows it: the end of its last phase. Between its steps a durable run must not read a clock. */
  readonly now: string;
  /** `undefined`: the target is to be looked at (again). */
  readonly seen: Sight<Seen> | undefined;
  /** What the ledger knows of the target. `lost`: the ledger does not answer, and the run judges as if there were none. */
  readonly history: HistoryReading;
  readonly switches: SwitchReading;
  readonly lease: HeldLease | undefined;
  /** What is claimed for the target. */
  readonly claims: readonly Lease[];
  /** Looks that ended in a failure. */
  readonly looks: number;
  /** Times that another run held the lease. Counted by themselves: waiting for another run is no failure of what comes after it. */
  readonly contended: number;
  /** Seconds waited because a decision asked for it. */
  readonly waitedSeconds: number;
  /** What a person approved. */
  readonly approved: { readonly hash: string; readonly intent: string } | undefined;
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
  { facts }: Located<Seen>,
  history: HistoryReading,
): RunState<Seen> {
  const { switches, locatedAt, phases } = context;
  return {
    turn: 0,
    now: phases.at(-1)?.endedAt ?? locatedAt,
    seen: facts === undefined ? undefined : { facts, at: locatedAt },
    history,
    switches,
    lease: undefined,
    claims: [],
    looks: 0,
    contended: 0,
    waitedSeconds: 0,
    approved: undefined,
    setback: undefined,
    applied: [],
    done: undefined,
    resumed: false,
    sent: [],
    refusals: [],
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

/** A phase of the timeline more, and its end is the present. */
export function noted<Seen extends object>(
  state: RunState<Seen>,
  name: string,
  { startedAt, endedAt }: Attempt<unknown>,
): RunState<Seen> {
  return { ...state, now: endedAt, phases: [...state.phases, { name, startedAt, endedAt }] };
}

/** What was booked is not used up: the next intent of this run takes the booking over. */
export function carriesBooking({ lease, carries }: RunState<object>): boolean {
  return lease?.booked === true && carries;
}

/** The lease was granted for this decision. */
export function granted<Seen extends object>(
  state: RunState<Seen>,
  decision: Act,
  answer: LeaseNews['answer'],
): RunState<Seen> {
  return {
    ...state,
    history: answer.history,
    lease: {
      held: answer.lease,
      intent: decision.intent,
      booked: decision.budget === 'counted' || carriesBooking(state),
    },
    resumed: state.resumed || answer.resumed,
  };
}

/** From the first request on, what was announced may be true: the next look must know. */
export function announced<Seen extends object>(state: RunState<Seen>, decision: Act, at: string): RunState<Seen> {
  if (typeof state.history !== 'object' || state.lease === undefined) return state;
  return {
    ...state,
    history: { ...state.history, pending: { intent: decision.intent, at, note: decision.note ?? {} } },
  };
}
