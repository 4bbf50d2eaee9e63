/** What a decision to act passes before anybody is asked and anything is written. */

import type { Act } from '../decision.ts';
import { fault } from '../errors.ts';
import { readSwitch } from '../ledger/access.ts';
import type { KillSwitch } from '../ledger/ledger.ts';
import type { TargetRun } from './context.ts';
import { alarmingRefusal, endOf, failed, refusal, type End, type Staged } from './end.ts';
import { ENDED_KEY } from './memory-keys.ts';
import { hasBegun, isLedgerLost, withoutLedger, type Acting, type RunState } from './state.ts';

/** No plan is longer than the limit says. */
export function limitCalls<Seen extends object>({ limits }: TargetRun<Seen>, acting: Acting<Seen>): Staged<Seen> {
  const { length } = acting.decision.plan;
  if (length <= limits.maxCalls) return acting;
  const because = `the plan has ${length} calls, the limit is ${limits.maxCalls}`;
  return alarmingRefusal(acting, 'too-many-calls', because);
}

/** Whether the run may act on one target more. What is not counted against a budget is not counted here. */
export function mayAct({ tally, target }: Pick<TargetRun<object>, 'tally' | 'target'>, { budget }: Act): boolean {
  return budget === 'free' || tally.admits(target);
}

/** Over the limit on targets: refused, told, and left to the next run. */
export function overLimit({ tally }: Pick<TargetRun<object>, 'tally'>, acting: Acting<object>): End {
  const because = `${acting.decision.because}; but this run acts on ${tally.limit} targets already, its limit; the next run goes on`;
  return alarmingRefusal(acting, 'too-many-targets', because);
}

/** A dry run ends here, with the plan. */
export function endDryRun<Seen extends object>(run: TargetRun<Seen>, acting: Acting<Seen>): Staged<Seen> {
  if (!run.dryRun) return acting;
  const { state } = acting;
  // Nobody could be asked whether it is to be done: somebody should know that it is not.
  const isUnasked = run.mode.from === 'unread';
  const decision = isUnasked ? { ...acting.decision, attention: true as const } : acting.decision;
  return mayAct(run, decision) ? endOf(state, 'planned', decision, decision.plan) : overLimit(run, acting);
}

/** A deployment, or a decision, that asks people for their word on what cannot hear it, or has no lease to use it up with. */
export const NO_APPROVAL = fault(
  'terminal',
  'NoApproval',
  'nobody can approve of what this runbook does; is RUNBOOK_APPROVAL set?',
  'none',
);

/** Whether a person has to approve of what was decided: by the deployment's word, or by the decision's own. */
export function asksPerson(
  { config }: Pick<TargetRun<object>, 'config'>,
  { approval }: Pick<Act, 'approval'>,
): boolean {
  return config.approval === 'always' || approval === 'always';
}

/** A person's word on the plan, where the deployment or the decision asks for it. A plan without calls needs none. */
export function askPerson<Seen extends object>(
  run: TargetRun<Seen>,
  acting: Acting<Seen>,
): Promise<Staged<Seen>> | Staged<Seen> {
  const { decision } = acting;
  if (!asksPerson(run, decision) || decision.plan.length === 0) return acting;
  const { host, safety } = run.runbook;
  return host.approve && !safety ? host.approve(run, acting) : failed(acting.state, NO_APPROVAL);
}

/** This very run acted before and ended in a failure for a person: the event is delivered again, the action is not. */
export function repeatedFailure({ host }: Pick<TargetRun<object>, 'host'>, state: RunState<object>): End | undefined {
  const { history } = state;
  if (hasBegun(state) || typeof history !== 'object' || history.memory[ENDED_KEY] !== host.run) return undefined;
  const why = fault('terminal', 'AlreadyFailed', 'this run has acted and failed already; its record says how');
  return { ...failed(state, why), repeat: true };
}

/** No run acts again after it has failed, as far as that is known before the lease. */
export function refuseRepeat<Seen extends object>(run: TargetRun<Seen>, acting: Acting<Seen>): Staged<Seen> {
  return repeatedFailure(run, acting.state) ?? acting;
}

const UNREAD = 'the kill switch cannot be read';

/** The kill switch: off, or nothing is done. An unreadable one is read once more; then it is off only for a runbook that proceeds without the ledger. */
export async function gate<Seen extends object>(run: TargetRun<Seen>, acting: Acting<Seen>): Promise<Staged<Seen>> {
  const state = await withSwitch(run, acting.state);
  const gated = { ...acting, state };
  const { on, lost } = state.switches;
  if (on !== undefined) return killed(gated, on);
  if (!lost) return gated;
  const { safety } = run.runbook;
  if (safety) return failed(state, safety.unread);
  if (run.runbook.ledgerLost === 'refuse')
    return run.runbook.hindered?.withoutAnswer(run, gated, UNREAD) ?? alarmingRefusal(gated, 'ledger-lost', UNREAD);
  // When it is known only now, the decision was made as if there were a ledger behind it, so it is made again.
  return isLedgerLost(state) ? gated : withoutLedger(state);
}

async function withSwitch<Seen extends object>(
  { host, ledger, runbook }: TargetRun<Seen>,
  state: RunState<Seen>,
): Promise<RunState<Seen>> {
  if (!state.switches.lost || isLedgerLost(state)) return state;
  return { ...state, switches: await readSwitch(host, ledger, runbook.name) };
}

/** Ends the run because the kill switch is on. A person should look when that broke off what had begun. */
export function killed(acting: Acting<object>, on: KillSwitch): End {
  const refuse = hasBegun(acting.state) ? alarmingRefusal : refusal;
  const until = on.until === undefined ? '' : ` until ${on.until}`;
  return refuse(acting, 'kill-switch', `switched off for ${on.scope} by ${on.by} at ${on.at}${until}: ${on.reason}`);
}
