/** What bounds a run besides its limits: the operations of a durable execution, the time of an invocation. */

import type { PlannedCall } from '../decision.ts';
import type { Limits } from '../definition.ts';
import type { Host } from '../hosts/host.ts';
import { LEASE_SECONDS } from '../ledger/access.ts';
import type { TargetRun } from './context.ts';
import { endOf, type End, type Staged } from './end.ts';
import type { Acting, RunState } from './state.ts';

/** Operations of a turn that changes nothing, with the report behind it: a look, twice the history, a lease kept, a wait, and a few. */
const LOOK_OPERATIONS = 12;

/** Operations of a turn that acts, but for its calls and claims: a person asked four times, a lease asked for twice, verified, set back. */
const ACT_OPERATIONS = 24;

/** Operations that a target's run should have: its longest plan, and some looks and waits before and after. */
export function operationsFor({ maxCalls }: Pick<Limits, 'maxCalls'>): number {
  return maxCalls + ACT_OPERATIONS + 2 * LOOK_OPERATIONS;
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
export function fitOperations<Seen extends object>({ host }: TargetRun<Seen>, acting: Acting<Seen>): Staged<Seen> {
  const { plan, claims = [] } = acting.decision;
  const needed = plan.length + 2 * claims.length + ACT_OPERATIONS;
  return host.operationsLeft() < needed ? usedUp(acting.state, acting.decision.plan) : acting;
}

function usedUp(state: RunState<object>, plan: readonly PlannedCall[] = []): End {
  const because = 'this execution has begun as many operations as there are for the target';
  return leftBecause(state, 'operations-used-up', because, plan);
}

function leftBecause(state: RunState<object>, code: string, why: string, plan: readonly PlannedCall[] = []): End {
  return endOf(state, 'waiting', { code, because: `${why}; the next run goes on`, evidence: {} }, plan);
}
