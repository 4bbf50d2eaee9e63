/** Looks at the target and judges what it sees. */

import type { Decision, KernelFacts } from '../decision.ts';
import { classify, fault } from '../errors.ts';
import { readHistory } from '../ledger/access.ts';
import type { TargetRun } from './context.ts';
import { effect } from './effect.ts';
import { endOf, failed, type End, type Leaving } from './end.ts';
import { isLedgerLost, type Judged, type RunState, type Sighted } from './state.ts';
import { again } from './wait.ts';

/** Reads the target, unless what was seen still counts. What could not be understood at the door is a look that failed. */
export async function observe<Seen extends object>(
  run: TargetRun<Seen>,
  before: RunState<Seen>,
): Promise<Sighted<Seen> | Leaving<Seen>> {
  if (before.seen !== undefined) return { state: before, sight: before.seen };
  if (before.unread !== undefined) return again(run, { ...before, unread: undefined }, before.unread);
  const { made, state } = await effect(run, before, 'observe', (io) =>
    run.runbook.observe(run.target, io, before.work),
  );
  if (!made.ok) return again(run, state, made.fault);
  const sight = { facts: made.value, at: made.startedAt };
  return { state: { ...state, seen: sight }, sight };
}

/**
 * Judges what was seen, together with what the kernel knows besides. A `decide` that throws is a fault of this target's run: the
 * same facts would have it throw again.
 */
export function judge<Seen extends object>(run: TargetRun<Seen>, sighted: Sighted<Seen>): Judged<Seen> | End {
  try {
    return { ...sighted, decision: decisionOn(run, sighted) };
  } catch (error) {
    const { class: verdict, name, message } = classify(error);
    return failed(sighted.state, fault(verdict, 'CannotDecide', `${name}: ${message}`));
  }
}

/** What a dry run decides to do is not done, so that nothing of it is remembered. */
function undone(decision: Decision): Decision {
  if (decision.kind !== 'act') return decision;
  const { remember: _ofWhatIsDone, ...told } = decision;
  return told;
}

function decisionOn<Seen extends object>(
  { runbook, held, dryRun }: Pick<TargetRun<Seen>, 'runbook' | 'held' | 'dryRun'>,
  { state, sight }: Sighted<Seen>,
): Decision {
  const { history, setback, now, refusals, work } = state;
  const added: KernelFacts = {
    history,
    ...held,
    ...(setback === undefined ? {} : { setback }),
    ...(refusals.length === 0 ? {} : { refusals }),
    ...(work && { work }),
  };
  const decision = runbook.decide({ ...sight.facts, ...added }, now);
  return dryRun ? undone(decision) : decision;
}

/**
 * Reads the history and judges again, where the decision depends on it and it has not been read, or could not be read a while ago:
 * a ledger that was away for a moment keeps nothing from being done that was asked for once.
 */
export async function withHistory<Seen extends object>(
  run: TargetRun<Seen>,
  judged: Judged<Seen>,
): Promise<Judged<Seen> | End> {
  const { state, sight, decision } = judged;
  const isWanted = decision.needsHistory === true && state.history === 'unread';
  const mayBeBack = state.turn > 0 && !mayGoWithoutLedger(run, judged);
  if (!isWanted && !mayBeBack) return judged;
  const history = await readHistory(run.host, run.ledger, `history:${state.turn}`, run.target);
  return judge(run, { state: { ...state, history }, sight });
}

/** Why nothing is done that would be written down. */
export const NO_LEDGER = 'the ledger does not answer, and nothing is done without it';

function mayGoWithoutLedger<Seen extends object>(
  { runbook }: Pick<TargetRun<Seen>, 'runbook'>,
  { state, decision }: Judged<Seen>,
): boolean {
  return !isLedgerLost(state) || runbook.ledgerLost === 'proceed' || decision.kind === 'nothing';
}

/** Ends the run of a runbook that does nothing without its ledger, when the ledger is lost and there is something to do. */
export function needsLedger<Seen extends object>(
  run: TargetRun<Seen>,
  judged: Judged<Seen>,
): Judged<Seen> | Leaving<Seen> {
  const { state, decision } = judged;
  if (mayGoWithoutLedger(run, judged)) return judged;
  return endOf(state, 'refused', {
    ...decision,
    code: 'ledger-lost',
    because: NO_LEDGER,
    attention: true,
  });
}
