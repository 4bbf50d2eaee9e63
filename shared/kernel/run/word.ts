/**
 * A person's word on a plan. It is a row of the ledger that IAM lets nobody but that very person write; what leads a run to it only says
 * whose row it is.
 */

import type { Act } from '../decision.ts';
import { attemptTwice } from '../ledger/access.ts';
import type { ApprovalKey, ApprovalRow } from '../ledger/ledger.ts';
import type { TargetRun } from './context.ts';
import { alarmingRefusal, refusal, type End, type Leaving, type Staged } from './end.ts';
import { hasBegun, noted, type Acting, type RunState } from './state.ts';

/** How a host comes by a person's word on what was decided, or ends the run that has none. */
export type Approve = <Seen extends object>(run: TargetRun<Seen>, acting: Acting<Seen>) => Promise<Staged<Seen>>;

/** True where a person has approved of it in this run, or of what it is a part of. */
export function isApproved(state: RunState<object>, decision: Act, hash: string): boolean {
  const { approved } = state;
  return approved?.hash === hash || (hasBegun(state) && approved?.intent === decision.intent);
}

/** The ledger does not answer, or not to this. */
export function unheard<Seen extends object>(
  run: TargetRun<Seen>,
  acting: Acting<Seen>,
  why: string,
): Promise<Leaving<Seen>> | End {
  return run.runbook.hindered?.withoutAnswer(run, acting, why) ?? alarmingRefusal(acting, 'ledger-lost', why);
}

/** Goes on if the ledger has the person's yes to this plan. */
export async function byWord<Seen extends object>(
  run: TargetRun<Seen>,
  acting: Acting<Seen>,
  key: ApprovalKey,
): Promise<Staged<Seen>> {
  const { host, ledger } = run;
  const { person, planHash: hash } = key;
  const name = `approve:${acting.state.turn}:word`;
  const reading = await attemptTwice(host, name, async () => (await ledger.approval(key)) ?? null);
  const heard = { ...acting, state: noted(acting.state, 'approve', reading) };
  if (!reading.ok) return unheard(run, heard, `the approval by ${person} cannot be read (${reading.fault.name})`);
  const row = reading.value;
  const no = objectionIn(row, reading.endedAt, person);
  if (row === null || no !== undefined) return refusal(heard, 'not-approved', no ?? '');
  const { intent } = acting.decision;
  const approved = { hash, intent, by: nameOf(row, person), until: row.until };
  return { ...heard, state: { ...heard.state, approved } };
}

/** Why the row is no yes; `undefined`: it is one. */
function objectionIn(row: ApprovalRow | null, now: string, person: string): string | undefined {
  if (person === '') return 'the run was woken in nobody’s name';
  if (row === null) return `the ledger has no word on it by ${person}`;
  const { verdict, reason, until } = row;
  const by = nameOf(row, person);
  if (verdict === 'reject') return `${by} said no${reason && `: ${reason}`}`;
  // What cannot be read as a time lies in no future.
  return Date.parse(until) > Date.parse(now) ? undefined : `what ${by} said counted until ${until}`;
}

/** The ARN is their own word; the id is IAM's. */
function nameOf({ by }: ApprovalRow, person: string): string {
  return by === person ? by : `${by} (${person})`;
}
