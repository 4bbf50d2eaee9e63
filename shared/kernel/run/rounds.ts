/**
 * Rounds: where there are more targets than a durable execution has operations for, each is looked at once in a step that it
 * shares with others. Most have nothing to do, and that is told right there; the others get a run of their own.
 */

import { chunksOf } from '../../aws/pages.ts';
import type { Located } from '../definition.ts';
import { attempt } from '../hosts/attempt.ts';
import type { Host } from '../hosts/host.ts';
import { tell } from '../report/report.ts';
import type { RunResult } from '../report/result.ts';
import { targetRun, type Known, type Place, type RunContext, type TargetRun } from './context.ts';
import { endOf, isEnd, leaves, resultOf, type End } from './end.ts';
import { makeIo } from './io.ts';
import { judge, needsLedger } from './look.ts';
import { begin, type Judged } from './state.ts';

/** Targets that share a step: its report and their results stay far below what a step may keep, and it ends within seconds. */
const ROUND_TARGETS = 20;

/** What came of the rounds. */
export interface Rounds<Seen extends object> {
  readonly results: readonly RunResult[];
  /** Those that need a run of their own, in their order. */
  readonly others: readonly Place<Seen>[];
}

/** What the step of a round keeps: for each target its result, or that it needs a run of its own. */
type Round = readonly (RunResult | null)[];

/** Looks at all places in rounds. */
export async function makeRounds<Seen extends object>(
  context: RunContext<Seen>,
  host: Host,
  places: readonly Place<Seen>[],
): Promise<Rounds<Seen>> {
  const results: RunResult[] = [];
  const others: Place<Seen>[] = [];
  for (const [index, chunk] of chunksOf(places, ROUND_TARGETS).entries()) {
    const look = (signal: AbortSignal): Promise<Round> =>
      Promise.all(chunk.map((place) => lookOnce(targetRun(context, host, place), place, signal)));
    const round = await attempt(host, `round:${index}`, look);
    for (const [position, place] of chunk.entries()) {
      const result = round.ok ? round.value[position] : null;
      if (result === null || result === undefined) others.push(place);
      else results.push(result);
    }
  }
  return { results, others };
}

/** One look; its result where there is nothing more to it. Whatever goes wrong is left to the target's own run, which has patience. */
async function lookOnce<Seen extends object>(
  run: TargetRun<Seen>,
  { located, known }: Place<Seen>,
  signal: AbortSignal,
): Promise<RunResult | null> {
  const end = await endAtOnce(run, located, known, signal).catch(() => null);
  if (end === null) return null;
  const result = resultOf(run, end);
  await tell(run, end, result);
  // The line and the record have the whole of it.
  return { ...result, evidence: {}, phases: [] };
}

async function endAtOnce<Seen extends object>(
  run: TargetRun<Seen>,
  located: Located<Seen>,
  { history }: Known,
  signal: AbortSignal,
): Promise<End | null> {
  if (located.fault !== undefined) return null;
  const { host, target } = run;
  const { run: name, account, region } = host;
  const at = new Date().toISOString();
  const facts =
    located.facts ?? (await run.runbook.observe(target, makeIo({ run: name, account, region, signal, target })));
  const judged = judge(run, { state: begin(run, located, history), sight: { facts, at } });
  if (leaves(judged)) return null;
  const informed = needsLedger(run, judged);
  if (leaves(informed)) return isEnd(informed) ? informed : null;
  return endOfLook(informed);
}

/** What ends with a look: nothing to do, or a refusal, that no history could change, and nothing that a dead run left. */
function endOfLook({ state, decision }: Judged<object>): End | null {
  const { history } = state;
  const isOpen = typeof history === 'object' ? history.pending !== undefined : decision.needsHistory === true;
  if (isOpen || decision.kind === 'act' || decision.kind === 'wait') return null;
  return endOf(state, decision.kind === 'nothing' ? 'nothing' : 'refused', decision);
}
