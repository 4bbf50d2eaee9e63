/** A person's word on a plan. */

import type { Act } from '../decision.ts';
import type { Approval } from '../hosts/host.ts';
import { planHash } from '../plan.ts';
import { publishOutcome } from '../report/outcome.ts';
import type { TargetRun } from './context.ts';
import { endOf, refusal, resultOf, type End, type Staged } from './end.ts';
import { hasBegun, unseen, type Acting, type RunState } from './state.ts';

/** A reading of the kill switch from this time is never fresh. */
const LONG_AGO = new Date(0).toISOString();

/**
 * A person's word on exactly this plan, where the deployment asks for it; afterwards the facts are read again. Once the
 * approved plan has begun, the word covers what is still to be done for the same intent: a retry or a next stage must not
 * wait for somebody to wake up.
 */
export async function approve<Seen extends object>(run: TargetRun<Seen>, acting: Acting<Seen>): Promise<Staged<Seen>> {
  const { approval, approvalSeconds } = run.config;
  if (approval !== 'always') return acting;
  const { state, decision } = acting;
  const hash = planHash(decision.plan);
  if (isApproved(state, decision, hash)) return acting;
  if (state.approved !== undefined)
    return refusal(acting, 'drifted', 'what was approved is no longer what would be done');
  const ask = (callbackId: string): Promise<void> => askFor(run, acting, callbackId, hash);
  const answer = await run.host.approval(`approve:${state.turn}`, ask, approvalSeconds);
  const refused = refusalBy(answer, acting, hash, approvalSeconds);
  if (refused !== undefined) return refused;
  return {
    ...unseen(state),
    approved: { hash, intent: decision.intent },
    // It may have been switched on while everybody waited: the first call reads it again.
    switches: { ...state.switches, at: LONG_AGO },
  };
}

function isApproved(state: RunState<object>, decision: Act, hash: string): boolean {
  const { approved } = state;
  return approved?.hash === hash || (hasBegun(state) && approved?.intent === decision.intent);
}

/** Tells whoever listens that a plan waits for them. */
async function askFor<Seen extends object>(
  run: TargetRun<Seen>,
  { state, decision }: Acting<Seen>,
  callbackId: string,
  planHashAsked: string,
): Promise<void> {
  const { config } = run;
  const expiresInSeconds = config.approvalSeconds;
  const because = `waits ${expiresInSeconds} s for a person: ${decision.because}`;
  const pending = endOf(state, 'awaiting-approval', { ...decision, because }, decision.plan);
  const approval = { callbackId, planHash: planHashAsked, expiresInSeconds };
  await publishOutcome(config, resultOf(run, pending), undefined, { approval });
}

/** The refusal that a person's answer, or none, comes to; `undefined`: they approved of this plan. */
function refusalBy(
  answer: Approval | undefined,
  acting: Acting<object>,
  hash: string,
  seconds: number,
): End | undefined {
  if (answer === undefined) return refusal(acting, 'not-approved', `nobody approved within ${seconds} s`);
  if (!answer.approve) return refusal(acting, 'not-approved', `${answer.by || 'a person'} said no`);
  if (answer.planHash !== hash) return refusal(acting, 'drifted', 'another plan was approved');
  return undefined;
}
