/** What bulk work has done is told of a run that fails between two of its pieces, too: what was done is done. */

import type { JsonObject } from '../decision.ts';
import type { Doing } from '../definition.ts';
import type { TargetRun } from './context.ts';
import type { End } from './end.ts';
import type { RunState } from './state.ts';

type Account = (state: Pick<RunState<object>, 'work' | 'now'>) => JsonObject;

function accountOf(doing: Doing | undefined): Account | undefined {
  if (typeof doing !== 'object' || !('account' in doing)) return undefined;
  const { account } = doing;
  return ({ work, now }) => (work?.told === undefined ? {} : (account?.(work.told, now) ?? {}));
}

/**
 * The end with that account.
 * @param state as the turn began that has ended so
 */
export function accounted<Seen extends object>(run: TargetRun<Seen>, state: RunState<Seen>, end: End): End {
  if (end.outcome !== 'failed') return end;
  const account = state.sent.map(({ call }) => accountOf(run.runbook.apply[call])).find((one) => one !== undefined);
  try {
    return { ...end, evidence: { ...account?.(state), ...end.evidence } };
  } catch {
    // What cannot be told keeps nobody from being told of the failure.
    return end;
  }
}
