/** What is done about a window that nobody has flushed: its execution has failed, or was never begun. Pure. */

import { FLUSH_WINDOW, windowValue, type WindowRow } from '../../../shared/judgement/flush-window.ts';
import { nothing } from '../../../shared/judgement/decisions.ts';
import type { Act, Decision, Evidence, PlannedCall } from '../../../shared/kernel/decision.ts';
import { plannedWrite } from '../../../shared/kernel/ledger/planned-write.ts';
import { expiryOf, invocation } from './changes.ts';
import { windowEvidence, type WindowFacts } from './facts.ts';
import { MOST_ATTEMPTS } from './limits.ts';

function marking(row: WindowRow, mark: Pick<WindowRow, 'givenUpBy' | 'triedBy'>, because: string): PlannedCall {
  const value = windowValue(row, { ...row, ...mark });
  return plannedWrite(
    { partition: FLUSH_WINDOW, key: row.name, ifVersion: row.version, value, expiresAt: expiryOf(row) },
    because,
  );
}

function why({ bucket, from, to, sealedAt }: WindowRow, attempt: number): string {
  if (attempt > 1) return `attempt ${attempt - 1} at what changed in ${bucket} from ${from} to ${to} has failed`;
  return `what changed in ${bucket} from ${from} to ${to} was ${sealedAt === null ? 'never' : 'not'} taken up`;
}

/**
 * Decides on a window. Who tries it again, or gives it up, writes that down first: a run that dies behind it, and is begun once more, finds
 * its own name, and tells what it has done; and people are told once.
 */
export function decideWindow(facts: WindowFacts): Decision {
  const { row, start, attempt, run } = facts;
  if (row === null)
    return nothing({}, 'none-left', 'nothing is left that was collected: all is flushed, or somebody is at it');
  const evidence = { ...windowEvidence(row), sealedAt: row.sealedAt, attempt };
  if (start === null) return giveUp(facts, row, evidence);
  const because = `${why(row, attempt)}: it is tried again`;
  const call = invocation(start, because);
  const mark = marking(row, { givenUpBy: null, triedBy: run }, because);
  if (facts.isStarted) return { ...nothing(evidence, 'tried-again', because), untold: [call] };
  const plan = row.triedBy === run ? [call] : [mark, call];
  return act(evidence, 'tried-again', because, row, plan);
}

function giveUp({ run }: WindowFacts, row: WindowRow, evidence: Evidence): Decision {
  const because = `all ${MOST_ATTEMPTS} attempts at what changed in ${row.bucket} from ${row.from} to ${row.to} have failed: flush it by hand, and read why in the outcomes of flush-caches`;
  if (row.givenUpBy === null) {
    const mark = marking(row, { givenUpBy: run, triedBy: row.triedBy }, `nobody tries ${row.name} again`);
    return { ...act(evidence, 'giving-up', because, row, [mark]), more: true };
  }
  return { kind: 'refuse', code: 'gave-up', because, evidence, attention: true };
}

function act(
  evidence: Evidence,
  code: string,
  because: string,
  { name }: WindowRow,
  plan: readonly PlannedCall[],
): Act {
  return { kind: 'act', code, because, evidence, plan, intent: `${name} flushed`, budget: 'free' };
}
