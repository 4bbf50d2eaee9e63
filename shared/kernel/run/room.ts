/** What bounds a run besides its limits: the operations of a durable execution, the time of an invocation. */

import type { Act, Decision, PlannedCall } from '../decision.ts';
import type { Doing } from '../definition.ts';
import type { Host } from '../hosts/host.ts';
import { LEASE_SECONDS } from '../ledger/access.ts';
import type { TargetRun } from './context.ts';
import { endOf, type End, type Staged } from './end.ts';
import { asksPerson } from './gate.ts';
import type { Acting, RunState } from './state.ts';

/** Operations of a turn that changes nothing, with the report behind it: a look, twice the history, a lease kept, a wait. */
const LOOK_OPERATIONS = 6;

/** Operations of a turn behind its decision to act, but for its calls and claims: a lease asked for twice and kept, verified, set back, backed off, reported. */
const ACT_OPERATIONS = 7;

/** Operations of asking a person: the question, put four times, with the pauses in between, and their word read, twice. */
const APPROVAL_OPERATIONS = 10;

/** Looks and waits, with what belongs to them, that a target's run should have room for beside its longest plan. */
const CHOREOGRAPHY_OPERATIONS = 40;

/** Operations of a call under a shared quota, besides its own: booked, booked once more, put off. */
const PACE_OPERATIONS = 3;

/** What a run has that its operations are counted by. */
type Counted = Pick<TargetRun<object>, 'limits' | 'config'> & {
  readonly runbook: Pick<TargetRun<object>['runbook'], 'apply'>;
};

/** Operations that a target's run should have; `decision`: once it is known, for it may ask a person. */
export function operationsFor(run: Counted, decision: Pick<Act, 'approval'> = {}): number {
  const { limits, runbook } = run;
  const isPacing = Object.values(runbook.apply).some(isPaced);
  const callOperations = isPacing ? 1 + PACE_OPERATIONS : 1;
  return limits.maxCalls * callOperations + actOperations(run, decision) + CHOREOGRAPHY_OPERATIONS;
}

function isPaced(change: Doing | undefined): boolean {
  return typeof change === 'object' && change.paced !== undefined;
}

/** Operations of a plan's calls and claims. */
function planOperations(plan: readonly PlannedCall[], claims: readonly unknown[], { runbook }: Counted): number {
  const pacedCalls = plan.filter(({ call }) => isPaced(runbook.apply[call])).length;
  return plan.length + PACE_OPERATIONS * pacedCalls + 2 * claims.length;
}

/** Operations that a target's run will do with, by what it was decided to do: fewer than it should have, where it comes to its goal at once. */
export function operationsNeeded(run: Counted, decision: Decision): number {
  if (decision.kind !== 'act') return operationsFor(run);
  if (decision.more === true) return operationsFor(run, decision);
  const { plan, claims = [] } = decision;
  return planOperations(plan, claims, run) + actOperations(run, decision) + 2 * LOOK_OPERATIONS;
}

function actOperations(run: Pick<Counted, 'config'>, decision: Pick<Act, 'approval'>): number {
  return ACT_OPERATIONS + (asksPerson(run, decision) ? APPROVAL_OPERATIONS : 0);
}

/** Operations kept for what comes after the targets: naming those that are left, and telling of branches that failed. */
const AFTERWARDS_OPERATIONS = 30;

/** Operations that the targets may have between them. */
export function roomIn({ operationsLeft }: Pick<Host, 'operationsLeft'>): number {
  return operationsLeft() - AFTERWARDS_OPERATIONS;
}

/** Another turn, with all that may be in it, fits into this invocation. */
export function hasTime({ kind, remainingMs }: Pick<Host, 'kind' | 'remainingMs'>, seconds = 0): boolean {
  return kind === 'durable' || remainingMs() >= (seconds + LEASE_SECONDS) * 1_000;
}

/**
 * Leaves the rest to the next run, when there is no room for another turn: what was announced stays announced, and is taken up
 * uncharged. A target whose turn comes too late in an invocation is not begun.
 */
export function outOfRoom({ host }: Pick<TargetRun<object>, 'host'>, state: RunState<object>): End | undefined {
  if (state.turn === 0)
    return hasTime(host) ? undefined : leftBecause(state, 'no-time', 'this invocation is about to end');
  return host.operationsLeft() < LOOK_OPERATIONS ? usedUp(state) : undefined;
}

/** A decision to act for which this execution has no operations left is left to the next run too, before anything is announced. */
export function fitOperations<Seen extends object>(run: TargetRun<Seen>, acting: Acting<Seen>): Staged<Seen> {
  const { decision } = acting;
  const { plan, claims = [] } = decision;
  const needed = planOperations(plan, claims, run) + actOperations(run, decision);
  return run.host.operationsLeft() < needed ? usedUp(acting.state, plan) : acting;
}

function usedUp(state: RunState<object>, plan: readonly PlannedCall[] = []): End {
  const because = 'this execution has begun as many operations as there are for the target';
  return leftBecause(state, 'operations-used-up', because, plan);
}

/** Ends the run as waiting: what was announced stays announced, and the next run takes it up uncharged. */
export function leftBecause(
  state: RunState<object>,
  code: string,
  why: string,
  plan: readonly PlannedCall[] = [],
): End {
  return endOf(state, 'waiting', { code, because: `${why}; the next run goes on`, evidence: {} }, plan);
}
