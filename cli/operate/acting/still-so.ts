/** Whether a plan that waits for a person is still what would be done: its runbook is asked once more, where the same can be asked. */

import type { ApiCall } from '../../../shared/kernel/decision.ts';
import { approvalHash } from '../../../shared/kernel/plan.ts';
import { isJsonObject, type ShownResult } from '../../results.ts';
import { StoppedError, type CommandIo } from '../../terminal.ts';
import type { Operation, Place, Stack } from '../place.ts';
import { each, inOneLine } from '../reading.ts';
import { isRun } from '../show/found-run.ts';
import type { ShownRecord } from '../show/record.ts';
import { DAY_MS, daysBetween } from '../times.ts';
import { follow } from './follow.ts';
import { requestBy, type Asked } from './request.ts';
import { askedOf, startToken } from './token.ts';

/** What asking has come to. */
export type Drift =
  | { readonly kind: 'same' }
  /** Nobody can be asked the same, or nobody has answered. */
  | { readonly kind: 'unknown'; readonly why: string }
  /** `run`: in which it was planned anew. */
  | { readonly kind: 'drifted'; readonly why: string; readonly run: string };

/** A dry run is over within the time of a function, or waits for a doubt as the run itself did. */
const SILENT_MS = 360_000;

/** The start of the run as a person typed it, where that is on record. */
export async function startOf({ book }: Stack, { at, run, runbook }: ShownRecord): Promise<Operation | undefined> {
  const endMs = Date.parse(at);
  const days = await each(daysBetween(endMs - DAY_MS, endMs), book.operations);
  return days.flat().find(({ what, scope, more }) => {
    const { run: begun } = more;
    // Whoever may write such a row has no other runbook asked by it.
    return what === 'run' && scope === runbook && typeof begun === 'string' && isRun(begun, run);
  });
}

/** What was asked for; `undefined`: its row does not have all of it. */
export function wordsOf(place: Place, { scope, more }: Operation): Asked | undefined {
  const { target, params } = more;
  const asked = {
    runbook: scope,
    ...(typeof target === 'string' ? { target } : {}),
    params: isJsonObject(params) ? params : {},
    dryRun: false,
  };
  return askedOf(requestBy(place.caller, asked))['asked'] === more['asked'] ? asked : undefined;
}

/** `run`: its name, wherever it stands in the plan, tells no plan from another. */
function hashOf(plan: readonly ApiCall[], run?: string): string {
  return approvalHash(
    plan.map(({ call, input }) => ({ call, input, because: '' })),
    run,
  );
}

function compared(
  { record, isAnew }: Pick<Comparison, 'record' | 'isAnew'>,
  results: readonly ShownResult[],
  run: string,
): Drift {
  const now = results.find(({ target }) => target === record.target);
  if (now === undefined) return { kind: 'drifted', why: 'now nothing would be done', run };
  const { outcome, reason, plan } = now;
  if (outcome !== 'planned') return { kind: 'drifted', why: `now it would be ${outcome}: ${reason}`, run };
  return hashOf(plan, now.run) === hashOf(record.plan, record.run)
    ? { kind: 'same' }
    : {
        kind: 'drifted',
        why: `now another plan would be carried out, ${hashOf(plan, isAnew ? now.run : undefined)}`,
        run,
      };
}

/** What is compared. */
interface Comparison {
  readonly record: ShownRecord;
  readonly asked: Asked;
  /** Another run is to carry it out, by a plan of its own: the hash that it asks by leaves names of runs out. */
  readonly isAnew: boolean;
}

/**
 * Asks the runbook for its plan by this request.
 * @throws StoppedError where the person does not wait for the answer
 */
export async function driftAsked(
  io: CommandIo,
  place: Place,
  stack: Stack,
  { record, asked, isAnew }: Comparison,
): Promise<Drift> {
  const { runbook } = record;
  try {
    const reason = `is the plan of run ${record.run} still the same`;
    const question = requestBy(place.caller, { ...asked, dryRun: true, reason });
    const { run } = await stack.start(question, startToken(undefined));
    const followed = await follow(io, { place, stack, runbook, run, silentMs: SILENT_MS });
    if (followed.kind === 'stopped') throw new StoppedError('stopped: nothing was written');
    if (followed.kind === 'unknown') return { kind: 'unknown', why: `run ${run} has left no record` };
    const { error, results } = followed;
    return error === undefined ? compared({ record, isAnew }, results, run) : { kind: 'unknown', why: error };
  } catch (error) {
    if (error instanceof StoppedError) throw error;
    return { kind: 'unknown', why: inOneLine(error) };
  }
}

/**
 * Asks the runbook for its plan once more. The run asks itself as well before it acts; here a person hears it before they say yes.
 * @throws StoppedError where the person does not wait for the answer
 */
export async function driftOf(io: CommandIo, place: Place, stack: Stack, record: ShownRecord): Promise<Drift> {
  try {
    const started = await startOf(stack, record);
    const asked = started === undefined ? undefined : wordsOf(place, started);
    if (asked === undefined) return { kind: 'unknown', why: 'no request that is on record has started it' };
    return await driftAsked(io, place, stack, { record, asked, isAnew: false });
  } catch (error) {
    if (error instanceof StoppedError) throw error;
    return { kind: 'unknown', why: inOneLine(error) };
  }
}
