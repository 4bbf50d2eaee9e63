/**
 * One run on one target, from the first look to the report. This is the order; each stage has a module of its own.
 *
 * It differs from the textbook's in one place: the lease is taken after the first decision, in the same conditional write
 * that books the budget and announces the intent. A run that has nothing to do writes nothing, and the hot path is two round
 * trips. What the lease would have protected is made good behind it: the history that comes back with the lease tells whether
 * somebody acted since the facts were read, and then they are read again.
 */

import { classify, fault, type Fault } from '../errors.ts';
import type { Host } from '../hosts/host.ts';
import { fitted } from '../report/fitted.ts';
import { report } from '../report/report.ts';
import type { RunResult } from '../report/result.ts';
import { accounted } from './accounted.ts';
import { apply } from './apply.ts';
import { targetRun, type Place, type RunContext, type TargetRun } from './context.ts';
import { failed, isEnd, leaves, resultOf, type End, type Leaving, type Staged } from './end.ts';
import { askPerson, endDryRun, gate, limitCalls, refuseRepeat } from './gate.ts';
import { judgeAgain, lease } from './lease.ts';
import { judge, needsLedger, NO_LEDGER, observe, withHistory } from './look.ts';
import { fitOperations, outOfRoom } from './room.ts';
import { begin, type Acting, type RunState } from './state.ts';
import { refuse, rest, verify } from './verify.ts';
import { wait } from './wait.ts';

/** Plans that one run may begin, or choose in vain, on one target: a goal that is never reached must not become a bill. */
const MAX_TRIES = 90;

/**
 * UTF-8 bytes of a result, whatever keeps or carries it: a branch of a durable execution (256 KB, with the fault beside the
 * result), a log line, an event, a record. The last two have command lines besides, and see to it that these fit.
 */
const RESULT_LIMIT_BYTES = 190_000;

/** What the run on a target came to; `fault`: recorded, and still to be thrown. */
export interface TargetEnd {
  readonly result: RunResult;
  readonly fault: Fault | undefined;
  /** Operations set aside for it that it has not begun; absent in what an older version kept. */
  readonly operationsLeft?: number;
}

/** Runs on one target to an end, and reports it. Never throws. */
export async function runTarget<Seen extends object>(
  context: RunContext<Seen>,
  host: Host,
  place: Place<Seen>,
): Promise<TargetEnd> {
  const run = targetRun(context, host, place);
  return close(run, await turns(run, begin(context, place.located, place.known.history)));
}

/** The run on a target whose branch has ended without a word: as many ends as targets. */
export function runLost<Seen extends object>(
  context: RunContext<Seen>,
  host: Host,
  place: Place<Seen>,
  why: Fault,
): Promise<TargetEnd> {
  const run = targetRun(context, host, place);
  return close(run, failed(begin(context, place.located, place.known.history), why));
}

async function close<Seen extends object>(run: TargetRun<Seen>, end: End): Promise<TargetEnd> {
  const result = fitted(resultOf(run, end), RESULT_LIMIT_BYTES);
  await report(run, end, result);
  return { result, fault: end.fault, operationsLeft: run.host.operationsLeft() };
}

/** Turn after turn, until one has an end. */
async function turns<Seen extends object>(run: TargetRun<Seen>, first: RunState<Seen>): Promise<End> {
  let state = first;
  while (state.tries < MAX_TRIES) {
    const next = outOfRoom(run, state) ?? (await safely(state, () => turn(run, state)));
    if (isEnd(next)) return accounted(run, state, next);
    state = { ...next, turn: state.turn + 1 };
  }
  return failed(state, fault('retryable', 'TooManyTries', `no end after ${MAX_TRIES} plans`));
}

/** What nobody foresaw is a fault of this target's run alone. */
async function safely<Seen extends object>(
  state: RunState<Seen>,
  work: () => Promise<Leaving<Seen>>,
): Promise<Leaving<Seen>> {
  try {
    return await work();
  } catch (error) {
    return failed(state, classify(error));
  }
}

/** One turn: looks, judges, and does what was decided. An end, or the state that the next turn begins with. */
async function turn<Seen extends object>(run: TargetRun<Seen>, begun: RunState<Seen>): Promise<Leaving<Seen>> {
  const sighted = await observe(run, begun);
  if (leaves(sighted)) return sighted;
  const first = judge(run, sighted);
  if (leaves(first)) return first;
  const informed = await withHistory(run, first);
  if (leaves(informed)) return informed;
  const judged = needsLedger(run, informed);
  // Who only asks for the plan is told that there is none: a repeat would not be worth a failure.
  const hindered = run.dryRun ? undefined : run.runbook.hindered;
  if (leaves(judged)) return hindered?.withoutAnswer(run, informed, NO_LEDGER) ?? judged;
  const { state, sight, decision } = judged;
  if (decision.kind === 'act') return act(run, { state, sight, decision });
  if (decision.kind === 'wait') return wait(run, state, decision);
  if (decision.kind === 'refuse') return refuse(run, state, decision);
  return rest(run, state, decision);
}

/** A stage on the way of a decision to act: lets it go on, with what the stage has learnt, or has it leave the turn. */
type Stage = <Seen extends object>(run: TargetRun<Seen>, acting: Acting<Seen>) => Promise<Staged<Seen>> | Staged<Seen>;

/** All that a decision to act goes through before it is verified, in this order. */
const STAGES: readonly Stage[] = [
  limitCalls,
  endDryRun,
  fitOperations,
  refuseRepeat,
  gate, // the kill switch
  askPerson, // where the deployment says so, or the decision
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
