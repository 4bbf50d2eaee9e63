/** Carries out a plan, one step per call. */

import type { Json, PlannedCall } from '../decision.ts';
import type { Io } from '../definition.ts';
import { fault, type Fault } from '../errors.ts';
import { attempt, type Attempt, type Host } from '../hosts/host.ts';
import type { KillSwitch, Ledger } from '../ledger/ledger.ts';
import { resolveInput } from '../plan.ts';
import type { BoundRunbook } from './context.ts';
import { checkGuards, letsPass, type Checked, type Guards } from './guards.ts';

/** How far a plan got. */
export interface Applied {
  /** Calls that were sent and succeeded, in order. */
  readonly sent: readonly PlannedCall[];
  /** At least one request left: the announced intent may have had its effect. */
  readonly begun: boolean;
  readonly guards: Guards;
  readonly steps: readonly { readonly name: string; readonly attempt: Attempt<unknown> }[];
  /** Why it stopped before the end. */
  readonly stopped?:
    | { readonly by: 'kill-switch'; readonly on: KillSwitch }
    | { readonly by: 'fault'; readonly fault: Fault };
  /** Failures of optional calls, by call. */
  readonly tolerated: { readonly [call: string]: string };
}

/** A plan on its way: how far it got, and what its calls gave, which later calls may refer to. */
interface Progress extends Applied {
  readonly results: readonly Json[];
}

/** What one call's step keeps. */
interface CallStep extends Checked {
  readonly result: Json;
}

/** The parts of a run that applying needs. */
export interface ApplyContext {
  readonly definition: Pick<BoundRunbook<object>, 'name' | 'ledgerLost' | 'apply'>;
  readonly host: Host;
  readonly ledger: Ledger;
  readonly io: (signal: AbortSignal) => Io;
  /** Distinguishes this plan's steps from an earlier plan's of the same run. */
  readonly turn: number;
}

/** Applies `plan` from its first call. Never throws for an AWS failure. */
export async function applyPlan(context: ApplyContext, plan: readonly PlannedCall[], guards: Guards): Promise<Applied> {
  let progress: Progress = { sent: [], begun: false, guards, steps: [], tolerated: {}, results: [] };
  for (const [index, planned] of plan.entries()) {
    progress = await applyCall(context, progress, planned, index);
    if (progress.stopped !== undefined) return progress;
  }
  return progress;
}

async function applyCall(
  { definition, host, ledger, io, turn }: ApplyContext,
  before: Progress,
  planned: PlannedCall,
  index: number,
): Promise<Progress> {
  const send = definition.apply[planned.call];
  if (send === undefined)
    return stopAt(before, fault('terminal', 'UnknownCall', `the runbook cannot send ${planned.call}`));
  const step = await attempt<CallStep>(host, `apply:${turn}:${index}:${planned.call}`, async (signal) => {
    const checked = await checkGuards(ledger, definition, before.guards);
    if (!letsPass(checked)) return { ...checked, result: null };
    return { ...checked, result: (await send(resolveInput(planned.input, before.results), io(signal))) ?? null };
  });
  const progress = { ...before, steps: [...before.steps, { name: planned.call, attempt: step }] };
  return step.ok ? afterCall(progress, planned, step.value) : afterFailure(progress, planned, step.fault);
}

function afterCall(before: Progress, planned: PlannedCall, step: CallStep): Progress {
  const { killed, leaseLost, unguarded, result } = step;
  if (unguarded !== null) return stopAt(before, unguarded);
  const { switches, lease } = step.guards;
  const progress = { ...before, guards: { switches, lease: lease ?? undefined } };
  if (killed !== null) return { ...progress, stopped: { by: 'kill-switch', on: killed } };
  if (leaseLost) return stopAt(progress, fault('retryable', 'LeaseLost', 'another run took the lease'));
  return { ...progress, begun: true, sent: [...before.sent, planned], results: [...before.results, result] };
}

/** The request has left, whatever came of it. */
function afterFailure(before: Progress, planned: PlannedCall, why: Fault): Progress {
  const progress = { ...before, begun: true };
  if (planned.optional !== true || why.class === 'retryable') return stopAt(progress, why);
  const tolerated = { ...before.tolerated, [planned.call]: `${why.name}: ${why.message}` };
  return { ...progress, tolerated, results: [...before.results, null] };
}

function stopAt(progress: Progress, why: Fault): Progress {
  return { ...progress, stopped: { by: 'fault', fault: why } };
}
