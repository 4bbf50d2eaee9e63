/** Carries out what was decided, and keeps what came of it. */

import type { Act, PlannedCall } from '../decision.ts';
import { log } from '../report/telemetry.ts';
import { applyPlan, type Applied } from './apply-plan.ts';
import type { TargetRun } from './context.ts';
import type { Staged } from './end.ts';
import { killed } from './gate.ts';
import type { Lease } from '../ledger/ledger.ts';
import { patientIo, type PatientIo } from './io.ts';
import { leftBecause } from './room.ts';
import { announced, noted, unseen, type Acting, type RunState } from './state.ts';
import { again, chooseAgain } from './wait.ts';

/** Sends the plan's calls. Goes on to the verification only when all have been sent. */
export async function apply<Seen extends object>(run: TargetRun<Seen>, acting: Acting<Seen>): Promise<Staged<Seen>> {
  const { decision } = acting;
  const { turn, switches, lease } = acting.state;
  const { runbook: definition, host, ledger } = run;
  const patient = (held: Lease | undefined): PatientIo => patientIo(run, held);
  if (lease === undefined && !definition.safety) sayBeforehand(run, decision);
  const applied = await applyPlan({ definition, host, ledger, patient, turn, work: acting.state.work }, decision.plan, {
    switches,
    lease: lease?.held,
  });
  const state = afterwards(acting, applied);
  const { stopped } = applied;
  if (stopped === undefined) return { ...acting, state: unseen(state) };
  if (stopped.by === 'kill-switch') return killed({ ...acting, state }, stopped.on);
  if (stopped.by === 'quota') return leftBecause(state, 'paced', stopped.because, decision.plan);
  if (stopped.by === 'refusal') return chooseAgain(run, state, stopped.refusal, decision.evidence);
  return again(run, state, stopped.fault, decision.evidence);
}

/** Without a ledger nobody would know of a run that dies on its plan: it leaves word in the log before its first call. */
function sayBeforehand(
  {
    runbook,
    host,
    target,
  }: Pick<TargetRun<object>, 'host' | 'target'> & { readonly runbook: { readonly name: string } },
  { intent, plan }: Act,
): void {
  const calls = plan.map(({ call, input, because }) => ({ call, input, because }));
  log('WARN', 'acts without the ledger', { runbook: runbook.name, run: host.run, target, intent, plan: calls });
}

/** Each piece of bulk work has a rule of its own, and there may be hundreds: the last one is told. */
function withoutCallsOf(later: readonly PlannedCall[], sent: readonly PlannedCall[]): readonly PlannedCall[] {
  const calls = new Set(later.map(({ call }) => call));
  return sent.filter(({ call }) => !calls.has(call));
}

/** The state after a plan, whether it came to its end or not. */
function afterwards<Seen extends object>({ state, sight, decision }: Acting<Seen>, applied: Applied): RunState<Seen> {
  const timed = applied.steps.reduce((sofar, { name, attempt }) => noted(sofar, name, attempt), state);
  const { work } = applied;
  const { switches, lease: guarded } = applied.guards;
  // Bulk work is one entry of what was done, however many pieces it took; and none of them is a try.
  const isPiece = work !== state.work;
  const after: RunState<Seen> = {
    ...timed,
    notes: { ...state.notes, ...applied.tolerated },
    refusals: [...state.refusals, ...applied.refusals],
    carries: applied.stopped?.by === 'refusal' || !applied.begun,
    work,
    tries: isPiece ? state.tries : state.tries + 1,
    switches,
    lease: state.lease === undefined || guarded === undefined ? undefined : { ...state.lease, held: guarded },
    sent: [...(isPiece ? withoutCallsOf(applied.sent, state.sent) : state.sent), ...applied.sent],
    applied: applied.begun ? [...state.applied, decision] : state.applied,
  };
  return applied.begun || decision.plan.length === 0 ? announced(after, decision, sight.at) : after;
}
