/**
 * A person's word on a plan. It is a row of the ledger that IAM lets nobody but that very person write; what wakes the run only says
 * whose row it is.
 */

import type { Act } from '../decision.ts';
import { classify, type Fault } from '../errors.ts';
import type { ApprovalHint } from '../hosts/host.ts';
import { attemptTwice, outdated } from '../ledger/access.ts';
import { RECORD_BODY_MAX_BYTES, type ApprovalRow } from '../ledger/ledger.ts';
import { approvalHash } from '../plan.ts';
import { doChores, type Chore } from '../report/chores.ts';
import { fitted } from '../report/fitted.ts';
import { commandsOf, publishOutcome } from '../report/outcome.ts';
import type { TargetRun } from './context.ts';
import { NO_APPROVAL } from './gate.ts';
import { alarmingRefusal, endOf, failed, refusal, resultOf, type Staged } from './end.ts';
import { hasBegun, noted, unseen, type Acting, type RunState } from './state.ts';

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
  if (answer.kind === 'unasked') return failed(state, answer.fault, decision.evidence);
  if (answer.kind === 'unanswered')
    return refusal(acting, 'not-approved', `nobody approved within ${approvalSeconds} s`);
  return answer.hint.planHash === hash
    ? byWord(run, acting, answer.hint)
    : refusal(acting, 'drifted', 'another plan was approved');
}

/** Goes on if the ledger has the person's yes to this plan, in this run, of this target. */
async function byWord<Seen extends object>(
  run: TargetRun<Seen>,
  acting: Acting<Seen>,
  { person, planHash }: ApprovalHint,
): Promise<Staged<Seen>> {
  const { host, ledger, target, runbook } = run;
  const key = { person, run: host.run, target, planHash };
  const name = `approve:${acting.state.turn}:word`;
  const reading = await attemptTwice(host, name, async () => (await ledger.approval(key)) ?? null);
  const state = noted(acting.state, 'approve', reading);
  const heard = { ...acting, state };
  if (!reading.ok) {
    const unread = `the approval by ${person} cannot be read (${reading.fault.name})`;
    return runbook.hindered?.withoutAnswer(run, heard, unread) ?? alarmingRefusal(heard, 'ledger-lost', unread);
  }
  const row = reading.value;
  const no = objectionIn(row, reading.endedAt, person);
  if (row === null || no !== undefined) return refusal(heard, 'not-approved', no ?? '');
  return {
    ...unseen(state),
    approved: { hash: planHash, intent: acting.decision.intent, by: nameOf(row, person) },
    switches: outdated(state.switches),
  };
}

/** Why the row is no yes; `undefined`: it is one. */
function objectionIn(row: ApprovalRow | null, now: string, person: string): string | undefined {
  if (person === '') return 'the run was woken in nobody’s name';
  if (row === null) return `the ledger has no word on it by ${person}`;
  const { verdict, reason, until } = row;
  const by = nameOf(row, person);
  if (verdict === 'reject') return `${by} said no${reason && `: ${reason}`}`;
  return until > now ? undefined : `what ${by} said counted until ${until}`;
}

/** The ARN is their own word; the id is IAM's. */
function nameOf({ by }: ApprovalRow, person: string): string {
  return by === person ? by : `${by} (${person})`;
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
