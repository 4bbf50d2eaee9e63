/** Carries out a plan, one step per call. */

import { surroundings } from '../../aws/clients.ts';
import type { PlannedCall, Refusal, WorkDone } from '../decision.ts';
import type { Doing } from '../definition.ts';
import { fault, type Fault } from '../errors.ts';
import { attempt, STEP_INTERRUPTED, type Aside, type Attempt } from '../hosts/attempt.ts';
import type { Host } from '../hosts/host.ts';
import { outdated } from '../ledger/access.ts';
import type { KillSwitch, Lease, Ledger } from '../ledger/ledger.ts';
import type { BoundRunbook } from './context.ts';
import { checkGuards, letsPass, type Checked, type Guards } from './guards.ts';
import type { PatientIo } from './io.ts';
import { sendCall, type Answer, type Said } from './send.ts';
import { restedLease } from './state.ts';

/** How far a plan got. */
export interface Applied {
  /** Calls that were sent and succeeded, had nothing left to do, or broke off with the invocation, in order. */
  readonly sent: readonly PlannedCall[];
  /** At least one request had, or may have had, an effect: the announced intent may be true. */
  readonly begun: boolean;
  /** What AWS did not carry out, in order. */
  readonly refusals: readonly Refusal[];
  /** How far bulk work has come; `undefined`: there is none. */
  readonly work: WorkDone | undefined;
  readonly guards: Guards;
  readonly steps: readonly { readonly name: string; readonly attempt: Attempt<unknown> }[];
  /** Why it stopped before the end. */
  readonly stopped?:
    | { readonly by: 'kill-switch'; readonly on: KillSwitch }
    | { readonly by: 'refusal'; readonly refusal: Refusal }
    | { readonly by: 'fault'; readonly fault: Fault }
    | { readonly by: 'quota'; readonly because: string };
  /** What did not stop the plan although it was not carried out, by call. */
  readonly tolerated: { readonly [call: string]: string };
}

/** What one call's step keeps. */
interface CallStep extends Checked, Answer {}

/** The parts of a run that applying needs. */
export interface ApplyContext {
  readonly definition: Pick<BoundRunbook<object>, 'name' | 'ledgerLost' | 'apply'>;
  readonly host: Host;
  readonly ledger: Ledger;
  /** What a call's step may use; `lease` is the one to keep while it sleeps. */
  readonly patient: (lease: Lease | undefined) => PatientIo;
  /** Distinguishes this plan's steps from an earlier plan's of the same run. */
  readonly turn: number;
  /** How far bulk work had come before. */
  readonly work: WorkDone | undefined;
}

const LEASE_LOST = fault('retryable', 'LeaseLost', 'another run took the lease', 'none');

/** Applies `plan` from its first call. Never throws for an AWS failure. */
export async function applyPlan(context: ApplyContext, plan: readonly PlannedCall[], guards: Guards): Promise<Applied> {
  const { work } = context;
  let progress: Applied = { sent: [], begun: false, refusals: [], work, guards, steps: [], tolerated: {} };
  for (const [index, planned] of plan.entries()) {
    progress = await applyCall(context, progress, planned, index);
    if (progress.stopped !== undefined) return progress;
  }
  return progress;
}

async function applyCall(context: ApplyContext, asked: Applied, planned: PlannedCall, index: number): Promise<Applied> {
  const { definition, host, ledger, patient, turn } = context;
  const change = definition.apply[planned.call];
  if (change === undefined)
    return stopAt(asked, fault('terminal', 'UnknownCall', `the runbook cannot send ${planned.call}`, 'none'));
  const before = await awaitTurn(context, asked, change, `${turn}:${index}`);
  if (before.stopped !== undefined) return before;
  const { io, aside } = patient(before.guards.lease);
  const send = async (signal: AbortSignal): Promise<CallStep> => {
    const checked = await checkGuards(ledger, definition, host.run, before.guards);
    if (!letsPass(checked)) return checked;
    const sending = (): Promise<Answer> => sendCall(change, planned.input, io(signal), asked.work?.told);
    return { ...checked, ...(await (surroundings().sending?.(planned, sending) ?? sending())) };
  };
  const step = await attempt(host, `apply:${turn}:${index}:${planned.call}`, send, aside);
  const progress = { ...before, steps: [...before.steps, { name: planned.call, attempt: step }] };
  const after = step.ok
    ? afterCall(progress, planned, step.value)
    : afterFailure(progress, planned, step.fault, change);
  return { ...after, guards: restedGuards(after.guards, step) };
}

/** A call under a shared quota leaves when its turn has come: the kill switch may have been thrown meanwhile, the lease lost. */
async function awaitTurn(
  { definition, host, ledger }: ApplyContext,
  before: Applied,
  change: Doing,
  name: string,
): Promise<Applied> {
  if (typeof change === 'function' || change.paced === undefined) return before;
  const { switches, lease } = before.guards;
  const turn = await change.paced({ host, ledger, lease, name });
  if (turn.kind === 'booked-up') return { ...before, stopped: { by: 'quota', because: turn.because } };
  if (turn.kind === 'fault') return definition.ledgerLost === 'proceed' ? before : stopAt(before, turn.fault);
  if (turn.lease === null)
    return stopAt({ ...before, guards: { switches: outdated(switches), lease: undefined } }, LEASE_LOST);
  return turn.waited ? { ...before, guards: { switches: outdated(switches), lease: turn.lease } } : before;
}

function restedGuards(guards: Guards, aside: Aside): Guards {
  if (aside.slept === undefined) return guards;
  return { switches: outdated(guards.switches), lease: restedLease(guards.lease, aside) };
}

function afterCall(before: Applied, planned: PlannedCall, step: CallStep): Applied {
  const { killed, leaseLost, unguarded, said, told } = step;
  if (unguarded !== null) return stopAt(before, unguarded);
  const { switches, lease } = step.guards;
  const progress = { ...before, guards: { switches, lease: lease ?? undefined } };
  if (killed !== null) return { ...progress, stopped: { by: 'kill-switch', on: killed } };
  if (leaseLost) return stopAt(progress, LEASE_LOST);
  if (said !== undefined) return afterRefusal(progress, planned, said);
  const work = told === undefined ? before.work : { lost: 0, ...before.work, told };
  return { ...progress, begun: true, work, sent: [...before.sent, planned] };
}

/** AWS has not carried it out, and the runbook knows what that means. */
function afterRefusal(before: Applied, planned: PlannedCall, said: Said): Applied {
  const { meaning, name, message, at } = said;
  if (meaning === 'wait') return stopAt(before, fault('retryable', name, message, 'none'));
  if (meaning === 'gone') {
    const { undo: _nothingToUndo, ...gone } = planned;
    return tolerate({ ...before, sent: [...before.sent, gone] }, planned, `gone: ${name}: ${message}`);
  }
  const { call, input } = planned;
  const refusal = { call, input, meaning, name, message, at };
  const progress = { ...before, refusals: [...before.refusals, refusal] };
  const goesOn = planned.optional === true && meaning !== 'conflict';
  if (goesOn) return tolerate(progress, planned, `${name}: ${message}`);
  return { ...progress, stopped: { by: 'refusal', refusal } };
}

/** The request has left, and it is a matter of its error whether it may have had an effect. */
function afterFailure(before: Applied, planned: PlannedCall, why: Fault, doing: Doing): Applied {
  const isInterrupted = why.name === STEP_INTERRUPTED;
  const sent = isInterrupted ? [...before.sent, unanswered(planned)] : before.sent;
  const work = isInterrupted && 'piece' in doing ? { ...before.work, lost: 1 + (before.work?.lost ?? 0) } : before.work;
  const progress = { ...before, sent, work, begun: before.begun || why.effect !== 'none' };
  if (planned.optional !== true || why.class === 'retryable') return stopAt(progress, why);
  return tolerate(progress, planned, `${why.name}: ${why.message}`);
}

/** Told with the others: where it had its effect, nobody else tells of it, and of how to take it back. */
function unanswered(planned: PlannedCall): PlannedCall {
  return { ...planned, because: `${planned.because} (the invocation ended before its answer)` };
}

/** Goes on although a call was not carried out, and says so in the evidence. */
function tolerate(progress: Applied, { call }: PlannedCall, why: string): Applied {
  return { ...progress, tolerated: { ...progress.tolerated, [call]: why } };
}

function stopAt(progress: Applied, why: Fault): Applied {
  return { ...progress, stopped: { by: 'fault', fault: why } };
}
