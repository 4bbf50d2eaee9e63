/** Follows a run that was started until it has ended, and reads what it came to. */

import type { RunResult } from '../../../shared/kernel/report/result.ts';
import { progressOn, type CommandIo } from '../../terminal.ts';
import { withCalls, type ShownResult } from '../../results.ts';
import { outcomeOf } from '../outcome-word.ts';
import type { Detail, Place, Stack, Standing } from '../place.ts';
import { poll } from '../polling.ts';
import { isRun } from '../show/found-run.ts';
import { recordOf, type ShownRecord } from '../show/record.ts';
import { momentText, spanText } from '../times.ts';

/** A plain function can be asked nothing. Behind its last record, where nothing of it holds a lease, it is taken to have ended after this. */
const QUIET_MS = 10_000;

/** A run that was started. */
export interface RunUnderWay {
  readonly place: Place;
  readonly stack: Stack;
  readonly runbook: string;
  readonly run: string;
  /** So long a record of a plain one is waited for while nothing of it holds a lease. */
  readonly silentMs: number;
}

/** How following it has ended. */
export type Followed =
  | { readonly kind: 'stopped' }
  /** Nothing was ever told of it, and nobody can be asked. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'ended'; readonly results: readonly ShownResult[]; readonly error?: string };

/** A record as a result. */
export function resultOf(record: ShownRecord): RunResult {
  const { runbook, run, target, outcome, reason, evidence, plan, phases, cut } = record;
  return {
    runbook,
    run,
    ...(target === '' ? {} : { target }),
    outcome: outcomeOf(outcome),
    reason,
    evidence,
    plan,
    phases,
    ...(Object.keys(cut).length === 0 ? {} : { cut }),
  };
}

async function recordsOf({ stack: { book }, runbook, run }: RunUnderWay): Promise<readonly ShownRecord[]> {
  const own = (await book.beginning(runbook, run)).filter((line) => isRun(run, line.run));
  const records = await Promise.all(
    own.map(async (line) => {
      const body = await book.read(line);
      return body === undefined ? [] : [recordOf(line, body)];
    }),
  );
  return records.flat();
}

/** How a run tells of itself. */
const OUTCOME_EVENT = 'events:PutEvents';

/** Requests that changed something. What was read is `show -v`'s to tell. */
function writesIn(details: readonly Detail[]): Parameters<typeof withCalls>[1] {
  return details
    .filter(({ kind, name }) => kind === 'write' && name !== OUTCOME_EVENT && !name.startsWith('apply:'))
    .map(({ at, name, input = {}, error }) => ({ at, call: name, input, ...(error === undefined ? {} : { error }) }));
}

/** Results: what was recorded, and what left no record where somebody knows of it all the same. */
async function resultsOf(under: RunUnderWay, standing: Standing | undefined): Promise<readonly ShownResult[]> {
  const { stack, runbook, run } = under;
  const recorded = (await recordsOf(under)).map(resultOf);
  const told = standing?.kind === 'ended' ? (standing.results ?? []) : [];
  const unrecorded = told.filter(({ target }) => recorded.every((one) => one.target !== target));
  const details = (await stack.details(runbook, run)) ?? [];
  return withCalls([...recorded, ...unrecorded], writesIn(details));
}

/** Whether a plain run, of which nobody can be asked, has ended as far as the ledger shows. */
function quietly({ stack: { book }, run, runbook, silentMs }: RunUnderWay, fromMs: number) {
  let seen = { records: 0, atMs: fromMs };
  return async (): Promise<'running' | 'ended' | 'silent'> => {
    const lines = (await book.beginning(runbook, run)).filter((line) => isRun(run, line.run));
    const nowMs = Date.now();
    if (lines.length !== seen.records) seen = { records: lines.length, atMs: nowMs };
    const held = (await book.resources()).some(({ owner = '' }) => owner.split('|')[0] === run);
    if (held) return 'running';
    const quietMs = nowMs - seen.atMs;
    if (seen.records === 0) return quietMs >= silentMs ? 'silent' : 'running';
    return quietMs >= QUIET_MS ? 'ended' : 'running';
  };
}

function progressText({ place, silentMs }: RunUnderWay, standing: Standing | undefined, sinceMs: number): string {
  const wakes = standing?.kind === 'running' ? standing.wakesAt : undefined;
  const next =
    standing === undefined
      ? `, its record is waited for, ${spanText(silentMs)} at most`
      : wakes === undefined
        ? ''
        : `, wakes at ${momentText(wakes, place.now())}`;
  return `      at work for ${spanText(Date.now() - sinceMs)}${next}; Ctrl-C stops following, not the run`;
}

/**
 * Follows a run to its end, or until Ctrl-C.
 * @throws Error in one line where it cannot be read any more
 */
export async function follow(io: CommandIo, under: RunUnderWay): Promise<Followed> {
  const { stack, runbook, run } = under;
  const fromMs = Date.now();
  const isOver = quietly(under, fromMs);
  const progress = progressOn(io.stderr);
  let followed: Followed = { kind: 'stopped' };
  const look = async (): Promise<'again' | 'seen'> => {
    const standing = await stack.standing(runbook, run);
    const how = standing === undefined ? await isOver() : standing.kind;
    if (how === 'running') {
      progress.show(progressText(under, standing, fromMs));
      return 'again';
    }
    if (how === 'silent') {
      followed = { kind: 'unknown' };
      return 'seen';
    }
    const results = await resultsOf(under, standing);
    const error = standing?.kind === 'ended' ? standing.error : undefined;
    followed = { kind: 'ended', results, ...(error === undefined ? {} : { error }) };
    return 'seen';
  };
  return (await poll(io, look, progress)) ? { kind: 'stopped' } : followed;
}
