/**
 * One run on one target, from the first look to the report. This is the order; each stage has a module of its own.
 *
 * It differs from the textbook's in one place: the lease is taken after the first decision, in the same conditional write
 * that books the budget and announces the intent. A run that has nothing to do writes nothing, and the hot path is two round
 * trips. What the lease would have protected is made good behind it: the history that comes back with the lease tells whether
 * somebody acted since the facts were read, and then they are read again.
 */

import type { Located } from '../definition.ts';
import { fault, type Fault } from '../errors.ts';
import type { Host } from '../hosts/host.ts';
import { report } from '../report/report.ts';
import type { RunResult } from '../report/result.ts';
import { apply } from './apply.ts';
import { approve } from './approve.ts';
import type { Known, RunContext, TargetRun } from './context.ts';
import { failed, isEnd, leaves, resultOf, type End, type Leaving, type Staged } from './end.ts';
import { endDryRun, gate, limitCalls, refuseRepeat } from './gate.ts';
import { judgeAgain, lease } from './lease.ts';
import { judge, needsLedger, observe, withHistory } from './look.ts';
import { begin, type Acting, type RunState } from './state.ts';
import { refuse, rest, verify } from './verify.ts';
import { wait } from './wait.ts';

/** Turns of the loop in one run: a plan that never ends must not become a bill. With at most five steps a turn, a durable run stays under 500 operations. */
const MAX_TURNS = 90;

/** What the run on a target came to; `fault`: recorded, and still to be thrown. */
export interface TargetEnd {
  readonly result: RunResult;
  readonly fault: Fault | undefined;
}

/** Runs on one target to an end, and reports it. Never throws for an AWS failure. */
export async function runTarget<Seen extends object>(
  context: RunContext<Seen>,
  host: Host,
  located: Located<Seen>,
  { history, ...held }: Known,
): Promise<TargetEnd> {
  const run: TargetRun<Seen> = { ...context, host, target: located.target, held };
  const end = await turns(run, begin(context, located, history));
  const result = resultOf(run, end);
  await report(run, end, result);
  return { result, fault: end.fault };
}

/** Turn after turn, until one has an end. */
async function turns<Seen extends object>(run: TargetRun<Seen>, first: RunState<Seen>): Promise<End> {
  let state = first;
  while (state.turn < MAX_TURNS) {
    const next = await turn(run, state);
    if (isEnd(next)) return next;
    state = { ...next, turn: state.turn + 1 };
  }
  return failed(state, fault('retryable', 'TooManyTurns', `no end after ${MAX_TURNS} looks`));
}

/** One turn: looks, judges, and does what was decided. An end, or the state that the next turn begins with. */
async function turn<Seen extends object>(run: TargetRun<Seen>, begun: RunState<Seen>): Promise<Leaving<Seen>> {
  const sighted = await observe(run, begun);
  if (leaves(sighted)) return sighted;
  const judged = needsLedger(run, await withHistory(run, judge(run, sighted)));
  if (leaves(judged)) return judged;
  const { state, sight, decision } = judged;
  if (decision.kind === 'act') return act(run, { state, sight, decision });
  if (decision.kind === 'wait') return wait(run, state, decision);
  if (decision.kind === 'refuse') return refuse(state, decision);
  return rest(run, state, decision);
}

/** A stage on the way of a decision to act: lets it go on, with what the stage has learnt, or has it leave the turn. */
type Stage = <Seen extends object>(run: TargetRun<Seen>, acting: Acting<Seen>) => Promise<Staged<Seen>> | Staged<Seen>;

/** All that a decision to act goes through before it is verified, in this order. */
const STAGES: readonly Stage[] = [
  limitCalls,
  endDryRun,
  refuseRepeat,
  gate, // the kill switch
  approve, // a person, where the deployment asks for one
  lease, // with budget and intent
  judgeAgain, // by the history that came with the lease
  apply,
];

async function act<Seen extends object>(run: TargetRun<Seen>, decided: Acting<Seen>): Promise<Leaving<Seen>> {
  let acting = decided;
  for (const stage of STAGES) {
    const next = await stage(run, acting);
    if (leaves(next)) return next;
    acting = next;
  }
  return verify(run, acting);
}
