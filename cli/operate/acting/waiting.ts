/** The one plan of a run that waits for a person's word, or why there is none that could be given. */

import { approvalHash } from '../../../shared/kernel/plan.ts';
import { EXIT, idOf } from '../../results.ts';
import { UsageError } from '../../terminal.ts';
import { inStack, nextLine } from '../command-line.ts';
import type { Operation, Place } from '../place.ts';
import { each } from '../reading.ts';
import { isRun, type FoundRun } from '../show/found-run.ts';
import { recordOf, type ShownRecord, type Waits } from '../show/record.ts';
import { DAY_MS, daysBetween, wholeMoment } from '../times.ts';

/** Nothing is written: in a word, and in a sentence for a person, with lines to paste. */
export interface Unsaid {
  readonly code: string;
  readonly reason: string;
  readonly lines?: readonly string[];
  readonly exit: number;
}

/** A plan that waits. */
export interface Waiting {
  readonly found: FoundRun;
  readonly record: ShownRecord;
  readonly waits: Waits;
}

/** What a person wants to say, and of which plan. */
interface Word {
  readonly verdict: 'approve' | 'reject';
  readonly plan: string | undefined;
}

/** True where nothing waits. */
export const isUnsaid = (one: object): one is Unsaid => 'exit' in one;

/** `RUN/TARGET`, by which it is named in a line. */
export function namedIn({ run, target }: Pick<ShownRecord, 'run' | 'target'>): string {
  return target === '' ? run : `${run}/${idOf(target)}`;
}

async function recordsOf({ stack: { book }, runbook, run, targets }: FoundRun): Promise<readonly ShownRecord[]> {
  const lines = await book.beginning(runbook, run);
  const own = lines.filter((line) => isRun(run, line.run) && targets.includes(line.target));
  const records = await each(own, async (line) => {
    const body = await book.read(line);
    return body === undefined ? [] : [recordOf(line, body)];
  });
  return records.flat();
}

/** What the person has said before, where their answer was lost. */
async function saidBefore(place: Place, { stack, run, targets }: FoundRun): Promise<Operation | undefined> {
  const nowMs = Date.parse(place.now());
  const lately = await each(daysBetween(nowMs - DAY_MS, nowMs), stack.book.operations);
  return lately.flat().find(({ what, by, more }) => {
    const { run: of, target } = more;
    const isOwn = by === place.caller && (what === 'approve' || what === 'reject');
    return isOwn && of === run && typeof target === 'string' && targets.includes(target);
  });
}

/** It does not wait: it has ended, or has gone on. */
async function notWaiting(
  place: Place,
  found: FoundRun,
  records: readonly ShownRecord[],
  { verdict, plan }: Word,
): Promise<Unsaid> {
  const lines = [nextLine(inStack(place, found.stack.prefix), 'show', found.run)];
  const [record] = records;
  const ended = record === undefined ? 'nothing of it is on record' : `it is ${record.outcome}, ${record.reason}`;
  const before = await saidBefore(place, found);
  if (before !== undefined) {
    const { planHash } = before.more;
    const isOther = plan !== undefined && typeof planHash === 'string' && planHash !== plan;
    const of = isOther ? ` of plan ${planHash}` : '';
    const reason = `you have said so already, ${before.what}${of} at ${wholeMoment(before.at)}: ${ended}`;
    return { code: 'said', reason, lines, exit: before.what === verdict && !isOther ? EXIT.ok : EXIT.refused };
  }
  const here = place.kind === 'world' ? '; a run in a world ends with the command that began it' : '';
  const reason = `no plan of ${found.run} waits for approval: ${ended}${here}`;
  return { code: 'not-waiting', reason, lines, exit: EXIT.refused };
}

/** What is shown has to be what waits, and has to be able to hear. */
function unanswerable(place: Place, { record, waits }: Waiting): Unsaid | undefined {
  const isAnew = waits.callbackId === undefined;
  if (place.kind === 'world' && !isAnew) {
    const reason = 'a world keeps no run that waits: where it was begun it can be answered, not here';
    return { code: 'not-here', reason, exit: EXIT.refused };
  }
  if (waits.until <= place.now()) {
    const reason = `its time was over at ${wholeMoment(waits.until)}: start it again`;
    return { code: 'too-late', reason, exit: EXIT.refused };
  }
  if (approvalHash(record.plan, isAnew ? record.run : undefined) === waits.planHash) return undefined;
  const reason = `the plan on record is not the whole plan ${waits.planHash} that waits: nobody can say yes to what cannot be shown`;
  return { code: 'not-shown', reason, exit: EXIT.refused };
}

/**
 * The plan that waits in a run.
 * @throws UsageError where several do
 */
export async function waitingIn(place: Place, found: FoundRun, word: Word): Promise<Waiting | Unsaid> {
  const records = await recordsOf(found);
  const waiting = records.flatMap((record): Waiting[] =>
    record.approval === undefined ? [] : [{ found, record, waits: record.approval }],
  );
  const [one, ...others] = waiting;
  if (one === undefined) return notWaiting(place, found, records, word);
  if (others.length === 0) return unanswerable(place, one) ?? one;
  const home = inStack(place, found.stack.prefix);
  const lines = waiting.map(({ record }) => nextLine(home, word.verdict, namedIn(record)));
  throw new UsageError(`several plans of ${found.run} wait, say which: ${lines.join(', ')}`);
}
