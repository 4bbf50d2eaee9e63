/**
 * Rounds: where there are more targets than a durable execution has operations for, each is looked at once in a step that it
 * shares with others. Most have nothing to do, and that is told right there; the others get a run of their own.
 */

import { chunksOf } from '../../aws/pages.ts';
import { attempt } from '../hosts/attempt.ts';
import type { Host } from '../hosts/host.ts';
import { fitted } from '../report/fitted.ts';
import { tell } from '../report/report.ts';
import type { RunResult } from '../report/result.ts';
import { targetRun, type Place, type RunContext, type TargetRun } from './context.ts';
import { endOf, isEnd, leaves, resultOf, type End } from './end.ts';
import { makeIo } from './io.ts';
import { judge, needsLedger } from './look.ts';
import { operationsNeeded } from './room.ts';
import { begin, type Judged } from './state.ts';

/** Targets that share a step: its report and their results stay far below what a step may keep, and it ends within seconds. */
const ROUND_TARGETS = 20;

/** What a step keeps of each result: twenty of them, and what is around them, are within its 256 KB. */
const RESULT_BYTES = 10_000;

/** What came of the rounds. */
export interface Rounds<Seen extends object> {
  readonly results: readonly RunResult[];
  /** Those that need a run of their own, in their order. */
  readonly others: readonly Place<Seen>[];
}

/** What the step of a round keeps: for each target its result, or how many operations its own run should have. */
type Round = readonly (RunResult | number)[];

/** Looks at all places in rounds. */
export async function makeRounds<Seen extends object>(
  context: RunContext<Seen>,
  host: Host,
  places: readonly Place<Seen>[],
): Promise<Rounds<Seen>> {
  const results: RunResult[] = [];
  const others: Place<Seen>[] = [];
  for (const [index, chunk] of chunksOf(places, ROUND_TARGETS).entries()) {
    const lookAll = (signal: AbortSignal): Promise<Round> =>
      Promise.all(chunk.map((place) => lookOnce(targetRun(context, host, place), place, signal)));
    const round = await attempt(host, `round:${index}`, lookAll);
    for (const [position, place] of chunk.entries()) {
      const seen = round.ok ? round.value[position] : undefined;
      if (typeof seen === 'object') results.push(seen);
      else others.push({ ...place, operations: seen ?? place.operations });
    }
  }
  return { results, others };
}

/** One look; its result where there is nothing more to it. */
async function lookOnce<Seen extends object>(
  run: TargetRun<Seen>,
  place: Place<Seen>,
  signal: AbortSignal,
): Promise<RunResult | number> {
  const end = await endOnSight(run, place, signal);
  if (typeof end === 'number') return end;
  const result = resultOf(run, end);
  await tell(run, end, result);
  // The line and the record have the whole of it.
  return fitted({ ...result, evidence: {}, phases: [] }, RESULT_BYTES);
}

/**
 * What one look, without a step of its own, comes to: its end where there is nothing more to it, or how many operations the target's
 * own run should have. Whatever goes wrong is left to that run, which has patience.
 */
export function endOnSight<Seen extends object>(
  run: TargetRun<Seen>,
  place: Place<Seen>,
  signal: AbortSignal,
): Promise<End | number> {
  return look(run, place, signal).catch(() => place.operations);
}

async function look<Seen extends object>(
  run: TargetRun<Seen>,
  { located, known: { history }, operations }: Place<Seen>,
  signal: AbortSignal,
): Promise<End | number> {
  if (located.fault !== undefined) return operations;
  const { host, target, runbook, begunAt } = run;
  const io = makeIo({ run: host.run, account: host.account, region: host.region, signal, target, begunAt });
  const at = new Date().toISOString();
  const facts = located.facts ?? (await runbook.observe(target, io));
  const judged = judge(run, { state: begin(run, located, history), sight: { facts, at } });
  if (leaves(judged)) return operations;
  const informed = needsLedger(run, judged);
  if (leaves(informed)) return isEnd(informed) && !runbook.hindered ? informed : operations;
  return endOfLook(informed) ?? operationsNeeded(run, informed.decision);
}

/** What ends with a look: nothing to do, or a refusal, that no history could change, and nothing that a dead run left. */
function endOfLook({ state, decision }: Judged<object>): End | undefined {
  const { history } = state;
  const isOpen = typeof history === 'object' ? history.pending !== undefined : decision.needsHistory === true;
  if (isOpen || decision.kind === 'act' || decision.kind === 'wait') return undefined;
  return endOf(state, decision.kind === 'nothing' ? 'nothing' : 'refused', decision);
}
