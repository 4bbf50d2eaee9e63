/** What `handle` reports: results with the AWS requests of each run, and the exit code they come to. */

import { nameInArn } from '../shared/aws/arn.ts';
import type { JsonObject } from '../shared/kernel/decision.ts';
import type { SentCall } from '../shared/kernel/definition.ts';
import { BadInputError } from '../shared/kernel/errors.ts';
import type { Phase, RunResult } from '../shared/kernel/report/result.ts';
import { isOfOwnState } from '../simulator/engine/own-state.ts';
import type { LoggedRequest, SimulationResult } from '../simulator/engine/run-types.ts';

/** A result as `--json` prints it. */
export interface ShownResult {
  readonly runbook: string;
  readonly target?: string;
  readonly run: string;
  readonly outcome: RunResult['outcome'];
  /** The first word of the reason. */
  readonly code: string;
  readonly reason: string;
  readonly evidence: JsonObject;
  readonly plan: readonly {
    readonly call: string;
    readonly input: JsonObject;
    readonly because: string;
    readonly undo: { readonly call: string; readonly input: JsonObject } | null;
  }[];
  readonly calls: readonly SentCall[];
  readonly phases: readonly Phase[];
  /** Bytes that were too many for the log, by what they were of. */
  readonly cut?: NonNullable<RunResult['cut']>;
}

/** `plan`: asked for with `--plan-exit-code`, a plan has calls. `stopped`: by Ctrl-C, 128 and the signal's number, as shells have it. */
export const EXIT = { ok: 0, failed: 1, bad: 2, noRunbook: 3, refused: 4, plan: 5, partly: 5, stopped: 130 } as const;

/** The exit code of several results: the worst decides. */
export function exitCodeOf(results: readonly Pick<RunResult, 'outcome'>[]): number {
  const has = (outcome: RunResult['outcome']): boolean => results.some((result) => result.outcome === outcome);
  if (results.every(({ outcome }) => outcome === 'not-mine')) return EXIT.noRunbook;
  if (has('failed')) return EXIT.failed;
  return has('refused') ? EXIT.refused : EXIT.ok;
}

/** The same, and where nothing is wrong whether a plan waits to be carried out: some result would do something. */
export function planExitCodeOf(
  results: readonly (Pick<RunResult, 'outcome'> & { readonly plan: readonly unknown[] })[],
): number {
  const code = exitCodeOf(results);
  const isPlan = results.some(
    ({ outcome, plan }) => plan.length > 0 && (outcome === 'planned' || outcome === 'awaiting-approval'),
  );
  return code === EXIT.ok && isPlan ? EXIT.plan : code;
}

/** Splits `code: sentence`. */
export function reasonParts(reason: string): readonly [code: string, sentence: string] {
  const at = reason.indexOf(': ');
  return at < 0 ? [reason, ''] : [reason.slice(0, at), reason.slice(at + 2)];
}

/** What an ARN names, by which requests name the resource. */
export const idOf = nameInArn;

/** Whether a value that came out of `JSON.parse` is an object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A request's input as JSON: Dates as text, undefined members left out. */
export function asJson(value: object): JsonObject {
  const document: unknown = JSON.parse(JSON.stringify(value));
  return isJsonObject(document) ? document : {};
}

/** A request of the run, before it is known which of the run's targets it was for. */
export interface RecordedCall {
  readonly at: string;
  readonly call: string;
  /** The Region it was sent to. Absent: home. */
  readonly region?: string;
  readonly input: object;
  readonly error?: string;
}

/**
 * Which of several results of one invocation a request belongs to: the one that planned exactly it, the only one whose
 * target it names, the only one that had a phase under way; else the first, to which the shared reads belong.
 */
function ownerOf(call: RecordedCall, results: readonly RunResult[]): RunResult | undefined {
  if (results.length <= 1) return results[0];
  const input = JSON.stringify(call.input);
  const only = (wanted: (result: RunResult) => boolean): RunResult | undefined => {
    const found = results.filter(wanted);
    return found.length === 1 ? found[0] : undefined;
  };
  const planned = only(({ plan }) => plan.some((one) => one.call === call.call && JSON.stringify(one.input) === input));
  const named = only(({ target }) => target !== undefined && input.includes(`"${idOf(target)}"`));
  const during = only(({ phases }) =>
    phases.some(
      ({ name, startedAt, endedAt }) =>
        name !== 'gate' && name !== 'locate' && startedAt <= call.at && call.at <= endedAt,
    ),
  );
  return planned ?? named ?? during ?? results[0];
}

/** Gives each of one invocation's results its requests. */
export function withCalls(results: readonly RunResult[], calls: readonly RecordedCall[]): readonly ShownResult[] {
  const owners = calls.map((call) => ownerOf(call, results));
  return results.map((result) => ({
    runbook: result.runbook,
    ...(result.target === undefined ? {} : { target: result.target }),
    run: result.run,
    outcome: result.outcome,
    code: reasonParts(result.reason)[0],
    reason: result.reason,
    evidence: result.evidence,
    plan: result.plan.map(({ call, input, because, undo }) => ({ call, input, because, undo: undo ?? null })),
    calls: calls
      .filter((_call, index) => owners[index] === result)
      .map(({ at, call, region, input, error }) => ({
        at,
        call,
        ...(region === undefined ? {} : { region }),
        input: asJson(input),
        ...(error === undefined ? {} : { error }),
      })),
    phases: result.phases,
    ...(result.cut === undefined ? {} : { cut: result.cut }),
  }));
}

/** Whether a request went to AWS: not the ledger in memory, not a durable execution's checkpoint. */
export function isAwsRequest({ call }: Pick<LoggedRequest, 'call'>): boolean {
  return !call.startsWith('ledger:') && !isOfOwnState(call);
}

type Simulated = Pick<SimulationResult, 'results' | 'invocations' | 'requests'>;

/** The durable executions that invocations belong to, by their checkpoints. */
function executionsOf(requests: readonly LoggedRequest[]): ReadonlyMap<number, string> {
  const executions = new Map<number, string>();
  for (const { invocation, input } of requests) {
    const arn = input['DurableExecutionArn'];
    if (typeof arn === 'string' && !executions.has(invocation)) executions.set(invocation, arn);
  }
  return executions;
}

/** AWS's requests of the run that each invocation reported: of a durable execution those of all its invocations. */
function requestsByRun({ requests }: Simulated): (invocation: number) => readonly LoggedRequest[] {
  const executions = executionsOf(requests);
  const runOf = (invocation: number): number | string => executions.get(invocation) ?? invocation;
  const byRun = Map.groupBy(requests.filter(isAwsRequest), ({ invocation }) => runOf(invocation));
  return (invocation) => byRun.get(runOf(invocation)) ?? [];
}

/** What a result says, to be held against what the tick before said of the same: its end, and what it wants or has done. */
function wordOf({ outcome, reason, plan }: RunResult): string {
  return [outcome, reasonParts(reason)[0], ...plan.map(({ call, input }) => call + JSON.stringify(input))].join(' ');
}

/** Whether a tick did nothing, or found no more than the one before. What was done is news each time, also when it is the same again. */
function isSilent(result: RunResult, before: string | undefined): boolean {
  if (result.outcome === 'nothing' || result.outcome === 'not-mine') return true;
  const hasActed = result.outcome === 'done' && result.plan.length > 0;
  return !hasActed && before === wordOf(result);
}

/** A schedule's tick in a simulation. Its results matter when they say something new. */
function newsOfTicks(simulated: Simulated): ReadonlySet<RunResult> {
  const last = new Map<string, string>();
  const news = new Set<RunResult>();
  for (const { invocation, result } of simulated.results) {
    const about = `${result.runbook} ${result.target ?? ''}`;
    if (simulated.invocations[invocation]?.delivery !== -1 || !isSilent(result, last.get(about))) news.add(result);
    last.set(about, wordOf(result));
  }
  return news;
}

/** The results that concern the person who gave the event: a function that the event merely reached says nothing. */
export function concerning<R extends Pick<RunResult, 'outcome' | 'reason'>>(results: readonly R[]): readonly R[] {
  const matched = results.filter(({ outcome, reason }) => outcome !== 'not-mine' || !reason.startsWith('no-trigger:'));
  const mine = matched.filter(({ outcome }) => outcome !== 'not-mine');
  return mine.length > 0 ? mine : matched;
}

/** Every run of a simulation with its requests, in the order in which they ended. */
export function shownResults(simulated: Simulated): readonly ShownResult[] {
  const news = newsOfTicks(simulated);
  const groups = new Map<number, RunResult[]>();
  for (const { invocation, result } of simulated.results)
    groups.set(invocation, [...(groups.get(invocation) ?? []), result]);
  const shown = new Map<RunResult, ShownResult>();
  const requestsOf = requestsByRun(simulated);
  for (const [invocation, results] of groups) {
    for (const [index, one] of withCalls(results, requestsOf(invocation)).entries()) {
      const result = results[index];
      if (result !== undefined) shown.set(result, one);
    }
  }
  return concerning(simulated.results.flatMap(({ result }) => (news.has(result) ? (shown.get(result) ?? []) : [])));
}

/** The kernel's word for bad input, in front of the line that says what is wrong. */
const BAD_INPUT = 'bad-input: ';

/** Throws the bad input that a run found in its event. */
export function refuseBadInput(results: readonly Pick<RunResult, 'reason'>[]): void {
  const bad = results.find(({ reason }) => reason.startsWith(BAD_INPUT));
  if (bad !== undefined) throw new BadInputError('', bad.reason.slice(BAD_INPUT.length));
}
