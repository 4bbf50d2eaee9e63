/** A person's word on a plan. */

import type { Act } from '../decision.ts';
import { classify, type Fault } from '../errors.ts';
import type { ApprovalAnswer } from '../hosts/host.ts';
import { outdated } from '../ledger/access.ts';
import { RECORD_BODY_MAX_BYTES } from '../ledger/ledger.ts';
import { approvalHash } from '../plan.ts';
import { doChores, type Chore } from '../report/chores.ts';
import { fitted } from '../report/fitted.ts';
import { commandsOf, publishOutcome } from '../report/outcome.ts';
import type { TargetRun } from './context.ts';
import { NO_APPROVAL } from './gate.ts';
import { endOf, failed, refusal, resultOf, type End, type Staged } from './end.ts';
import { hasBegun, unseen, type Acting, type RunState } from './state.ts';

/**
 * A person's word on exactly this plan; afterwards the facts are read again. Once the
 * approved plan has begun, the word covers what is still to be done for the same intent: a retry or a next stage must not
 * wait for somebody to wake up.
 */
export async function approve<Seen extends object>(run: TargetRun<Seen>, acting: Acting<Seen>): Promise<Staged<Seen>> {
  const { approval } = run.host;
  if (approval === undefined) return failed(acting.state, NO_APPROVAL);
  const { approvalSeconds } = run.config;
  const { state, decision } = acting;
  const hash = approvalHash(decision.plan);
  if (isApproved(state, decision, hash)) return acting;
  if (state.approved !== undefined)
    return refusal(acting, 'drifted', 'what was approved is no longer what would be done');
  const ask = (callbackId: string): Promise<Fault | null> => askFor(run, acting, callbackId, hash);
  const answer = await approval(`approve:${state.turn}`, ask, approvalSeconds);
  const refused = refusalBy(answer, acting, hash, approvalSeconds);
  if (refused !== undefined) return refused;
  return {
    ...unseen(state),
    approved: { hash, intent: decision.intent },
    switches: outdated(state.switches),
  };
}

function isApproved(state: RunState<object>, decision: Act, hash: string): boolean {
  const { approved } = state;
  return approved?.hash === hash || (hasBegun(state) && approved?.intent === decision.intent);
}

/** Tells whoever listens that a plan waits for them, and whoever looks at the ledger; why nobody could be told, if so. */
async function askFor<Seen extends object>(
  run: TargetRun<Seen>,
  { state, decision }: Acting<Seen>,
  callbackId: string,
  planHashAsked: string,
): Promise<Fault | null> {
  const { config, ledger, runbook, host, target } = run;
  const expiresInSeconds = config.approvalSeconds;
  const because = `waits ${expiresInSeconds} s for a person: ${decision.because}`;
  const pending = endOf(state, 'awaiting-approval', { ...decision, because }, decision.plan);
  const approval = { callbackId, planHash: planHashAsked, expiresInSeconds };
  const result = resultOf(run, pending);
  const at = new Date().toISOString();
  const body = fitted(
    { ...result, trigger: run.trigger, approval, commands: commandsOf(result, config.controlTable) },
    RECORD_BODY_MAX_BYTES,
  );
  // The run's end takes its place.
  const record: Chore = ['record', () => ledger.record({ runbook: runbook.name, run: host.run, target, at, body })];
  await doChores(runbook.name, [record]);
  try {
    await publishOutcome(config, result, undefined, { approval });
    return null;
  } catch (error) {
    return classify(error);
  }
}

/** The refusal that a person's answer, or none, comes to; `undefined`: they approved of this plan. */
function refusalBy(answer: ApprovalAnswer, acting: Acting<object>, hash: string, seconds: number): End | undefined {
  if (answer.kind === 'unasked') return failed(acting.state, answer.fault, acting.decision.evidence);
  if (answer.kind === 'unanswered') return refusal(acting, 'not-approved', `nobody approved within ${seconds} s`);
  const { approve: isApproval, by, planHash } = answer.approval;
  if (!isApproval) return refusal(acting, 'not-approved', `${by || 'a person'} said no`);
  return planHash === hash ? undefined : refusal(acting, 'drifted', 'another plan was approved');
}
