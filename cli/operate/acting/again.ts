/** A plain run that asked is over: which request comes to the same plan, and how it is sent once a person has approved. */

import type { ApprovalKey } from '../../../shared/kernel/ledger/ledger.ts';
import { EXIT } from '../../results.ts';
import { UsageError, type CommandIo } from '../../terminal.ts';
import { inStack, nextLine } from '../command-line.ts';
import type { ManualRequest, Place, Stack } from '../place.ts';
import { demandReadable, requestBy, type Asked } from './request.ts';
import { note } from './stacks.ts';
import { driftAsked, startOf, wordsOf } from './still-so.ts';
import { askedOf, startToken } from './token.ts';
import type { Unsaid, Waiting } from './waiting.ts';

/** The request that comes to the same, or why nothing is written. */
type Again = { readonly request: ManualRequest } | Unsaid;

/** What a person might ask for: what was asked, or, where an event has asked, the runbook about the same target. */
async function candidates(place: Place, { found, record }: Waiting): Promise<readonly Asked[]> {
  const started = await startOf(found.stack, record);
  const words = started === undefined ? undefined : wordsOf(place, started);
  if (words !== undefined) return [words];
  const { runbook, target } = record;
  // Looking at one target as the schedule does has this name wherever a runbook has it.
  return [{}, { action: 'reconcile' }].map((params) => ({ runbook, target, params, dryRun: false }));
}

async function isReadable(io: CommandIo, request: ManualRequest): Promise<boolean> {
  const fn = (await io.functions()).find(({ summary }) => summary.name === request.runbook);
  if (fn === undefined) return true;
  try {
    demandReadable(request, fn);
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}

/**
 * Asks the runbook for its plan once more, by the request that a person would send.
 * @throws StoppedError where the person does not wait for the answer
 */
export async function requestAgain(io: CommandIo, place: Place, waiting: Waiting): Promise<Again> {
  const { found, record } = waiting;
  const { stack } = found;
  const reasons: string[] = [];
  for (const asked of await candidates(place, waiting)) {
    const request = requestBy(place.caller, asked);
    if (!(await isReadable(io, request))) continue;
    const drift = await driftAsked(io, place, stack, { record, asked, isAnew: true });
    if (drift.kind === 'same') return { request };
    if (drift.kind === 'drifted') {
      const lines = [nextLine(inStack(place, stack.prefix), 'show', drift.run)];
      const reason = `nothing was written: ${drift.why}; start it again`;
      return { code: 'drifted', reason, lines, exit: EXIT.refused };
    }
    reasons.push(drift.why);
  }
  const why = reasons.length === 0 ? '' : ` (${reasons.join('; ')})`;
  const reason = `nothing was written: no request by hand comes to the plan of ${record.run}${why}; what has started it starts it again`;
  return { code: 'no-request', reason, exit: EXIT.refused };
}

/** Starts it, with a word on whose approval to look for; the run. */
export async function startAgain(
  io: CommandIo,
  place: Place,
  stack: Stack,
  { request, key }: { readonly request: ManualRequest; readonly key: ApprovalKey },
): Promise<string> {
  const { person, run: of, target, planHash } = key;
  const reason = `plan ${planHash} of run ${of} is approved`;
  const approval = { person, run: of, target, planHash };
  const token = startToken(undefined);
  const asked: ManualRequest = { ...request, reason, approval };
  const { run } = await stack.start(asked, token);
  const more = { run, token, approves: of, ...askedOf(asked) };
  await note(io, stack, { at: place.now(), by: place.caller, what: 'run', scope: request.runbook, reason, more });
  await place.keep();
  return run;
}
