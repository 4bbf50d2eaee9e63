/** A person's word on the plan of a run that can wait for it. */

import { classify, type Fault } from '../errors.ts';
import { outdated } from '../ledger/access.ts';
import { RECORD_BODY_MAX_BYTES } from '../ledger/ledger.ts';
import { approvalHash } from '../plan.ts';
import { doChores, type Chore } from '../report/chores.ts';
import { fitted } from '../report/fitted.ts';
import { commandsOf, publishOutcome } from '../report/outcome.ts';
import type { TargetRun } from './context.ts';
import { NO_APPROVAL } from './gate.ts';
import { endOf, failed, leaves, refusal, resultOf, type Staged } from './end.ts';
import { unseen, type Acting } from './state.ts';
import { byWord, isApproved } from './word.ts';

/**
 * A person's word on exactly this plan; afterwards the facts are read again. Once the
 * approved plan has begun, the word covers what is still to be done for the same intent: a retry or a next stage must not
 * wait for somebody to wake up.
 */
export async function approve<Seen extends object>(run: TargetRun<Seen>, acting: Acting<Seen>): Promise<Staged<Seen>> {
  const { host, target } = run;
  const { approval } = host;
  if (approval === undefined) return failed(acting.state, NO_APPROVAL);
  const { approvalSeconds } = run.config;
  const { state, decision } = acting;
  const planHash = approvalHash(decision.plan);
  if (isApproved(state, decision, planHash)) return acting;
  if (state.approved !== undefined)
    return refusal(acting, 'drifted', 'what was approved is no longer what would be done');
  const ask = (callbackId: string): Promise<Fault | null> => askFor(run, acting, callbackId, planHash);
  const answer = await approval(`approve:${state.turn}`, ask, approvalSeconds);
  if (answer.kind === 'unasked') return failed(state, answer.fault, decision.evidence);
  if (answer.kind === 'unanswered')
    return refusal(acting, 'not-approved', `nobody approved within ${approvalSeconds} s`);
  const { person, planHash: approved } = answer.hint;
  if (approved !== planHash) return refusal(acting, 'drifted', 'another plan was approved');
  const heard = await byWord(run, acting, { person, run: host.run, target, planHash });
  if (leaves(heard)) return heard;
  return { ...unseen(heard.state), switches: outdated(heard.state.switches) };
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
