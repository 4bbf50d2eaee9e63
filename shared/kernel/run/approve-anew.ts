/**
 * A person's word on the plan of a run that cannot wait for it: the run asks and ends, and another one, which is told whose word to look
 * for, plans anew and uses it up. That there is one only the ledger says, so that a run may be told by anybody.
 */

import { laterBy, readHistory } from '../ledger/access.ts';
import { wordBehind } from '../ledger/rules.ts';
import { approvalHash } from '../plan.ts';
import type { TargetRun } from './context.ts';
import { endOf, isEnd, leaves, refusal, type End, type Staged } from './end.ts';
import { leftBecause } from './room.ts';
import { hasBegun, type Acting } from './state.ts';
import { byWord, isApproved, unheard } from './word.ts';

/** So long what was begun under a word is gone on with: a day, or what fails at every tick would be tried for ever by what nobody remembers. */
const FINISHED_WITHIN_SECONDS = 86_400;

/** A person's word on exactly this plan, or the question. */
export async function approveAnew<Seen extends object>(
  run: TargetRun<Seen>,
  asked: Acting<Seen>,
): Promise<Staged<Seen>> {
  const { host, target, hint } = run;
  const acting = await informed(run, asked);
  const { state, decision } = acting;
  const { history, approved } = state;
  const { intent } = decision;
  const hash = approvalHash(decision.plan, host.run);
  const isKnown = typeof history === 'object';
  if (isApproved(state, decision, hash) && (isKnown || hasBegun(state))) return acting;
  if (!isKnown) return unheard(run, acting, 'no approval is heard while the ledger does not answer');
  if (approved !== undefined) return drifted(acting, hash);
  const { pending } = history;
  const word = wordBehind(history);
  // Once it has begun, or may have, nobody has to wake up for the rest.
  if (word && pending?.intent === intent && pending.at > laterBy(state.now, -FINISHED_WITHIN_SECONDS))
    return { ...acting, state: { ...state, approved: { hash, intent, ...word } } };
  if (hint?.target !== target) return question(run, acting, hash);
  if (hint.planHash !== hash) return drifted(acting, hash);
  const heard = await byWord(run, acting, hint);
  return leaves(heard) && isEnd(heard) ? { ...heard, ofWord: true } : heard;
}

/** An event's run learns the history with its lease; who asks has to know beforehand what was asked, and begun. */
async function informed<Seen extends object>(run: TargetRun<Seen>, acting: Acting<Seen>): Promise<Acting<Seen>> {
  const { state } = acting;
  if (state.history !== 'unread') return acting;
  const history = await readHistory(run.host, run.ledger, `history:${state.turn}`, run.target);
  return { ...acting, state: { ...state, history } };
}

function drifted(acting: Acting<object>, hash: string): End {
  const because = `what was approved is no longer what would be done, which is plan ${hash}: start it again, and it asks anew`;
  return { ...refusal(acting, 'drifted', because), ofWord: true };
}

/** The run ends with the question; what is only asked about is not remembered as done, nor does it alarm. */
function question(
  { config }: Pick<TargetRun<object>, 'config'>,
  { state, decision }: Acting<object>,
  planHash: string,
): End {
  const { plan, code, evidence } = decision;
  if (hasBegun(state)) return leftBecause(state, 'needs-approval', 'a person has to approve of what comes next', plan);
  const { approvalSeconds: expiresInSeconds } = config;
  const because = `waits ${expiresInSeconds} s for a person: ${decision.because}`;
  const end = endOf(state, 'awaiting-approval', { code, because, evidence }, plan);
  return { ...end, question: { planHash, expiresInSeconds } };
}
