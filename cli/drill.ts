/** `runbook drill`: rehearses incidents on the simulated AWS. Each with its results, a line for each; one by name with its whole story. */

import type { DiscoveredFunction } from '../rehearsal/functions.ts';
import { concerned, isFaultFree, loadDrills, runDrill, type Drill, type DrillRun } from '../rehearsal/drill.ts';
import { tellingResults } from '../rehearsal/expect.ts';
import { demandMoves, formatReplay, parseReplay } from '../rehearsal/replay.ts';
import { Acquaintance } from '../rehearsal/explorer/across.ts';
import { shortestFirst } from '../rehearsal/explorer/together.ts';
import type { ExplorationMode } from '../rehearsal/explorer/schedules.ts';
import { NO_FAULTS, type FaultPlan } from '../simulator/engine/run-types.ts';
import { shellLine } from '../shared/kernel/shell.ts';
import { missedFaults } from './missed-faults.ts';
import { EXIT, isAwsRequest, reasonParts } from './results.ts';
import { paintOutcome } from './show.ts';
import { indented, labelled, widthOf, type Piece } from './layout.ts';
import type { DrillPages } from './report/drill-pages.ts';
import { demandFree, isStdout, writePage, type Destination } from './report/write.ts';
import { paintFor, progressOn, UsageError, type CommandIo, type Paint, type Progress } from './terminal.ts';
import { timelineLines } from './timeline.ts';

export type FaultMode = 'none' | ExplorationMode;

export interface DrillCommandOptions {
  readonly names: readonly string[];
  readonly seed: number;
  readonly faults: FaultMode;
  readonly json: boolean;
  readonly replay: string | undefined;
  /** Where a page of the drills is to be written; absent: none. */
  readonly page?: Destination | undefined;
}

/** Something that must not happen, and the command that shows it again. */
interface Violation {
  readonly what: string;
  readonly replay: string;
}

/** What `--json` says of one drill. */
interface DrillReport {
  readonly name: string;
  readonly runbooks: readonly string[];
  readonly ok: boolean;
  readonly schedules: number;
  readonly violations: readonly Violation[];
  readonly assumed: readonly string[];
  /** With `--replay`: faults that struck nothing, each with why. */
  readonly missed?: readonly string[];
  /** With faults: requests left to others like them, and which `sometimes` were hit. */
  readonly folded?: number;
  readonly sometimes?: { readonly [name: string]: boolean };
}

function replayCommand(name: string, seed: number, plan: FaultPlan): string {
  const replay = isFaultFree(plan) ? [] : ['--replay', formatReplay(plan)];
  return shellLine('npx', 'runbook', 'drill', name, '--seed', String(seed), ...replay);
}

function runbooksOf({ result }: DrillRun): readonly string[] {
  return [
    ...new Set(result.results.filter((one) => one.result.outcome !== 'not-mine').map((one) => one.result.runbook)),
  ];
}

function reportOf(drill: Drill, run: DrillRun, seed: number, plan: FaultPlan): DrillReport {
  const replay = replayCommand(drill.name, seed, plan);
  return {
    name: drill.name,
    runbooks: runbooksOf(run),
    ok: run.failures.length === 0,
    schedules: 1,
    violations: run.failures.map((what) => ({ what, replay })),
    assumed: run.result.assumed,
    ...(isFaultFree(plan) ? {} : { missed: missedFaults(plan, run.result) }),
  };
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}

function mark(ok: boolean, paint: Paint): Piece {
  return ok ? ['ok  ', paint.green] : ['FAIL', paint.red];
}

/** What happened when, what was decided and why: one line for each result that says something. */
function resultLines({ result }: DrillRun, width: number, paint: Paint): readonly string[] {
  const told = new Set(tellingResults(result));
  const [only] = result.results;
  if (told.size === 0 && only !== undefined) told.add(only.result);
  return result.timeline
    .filter(({ kind }) => kind === 'result')
    .flatMap(({ at }, index) => {
      const one = result.results[index]?.result;
      if (one === undefined || !told.has(one)) return [];
      const [code, sentence] = reasonParts(one.reason);
      const outcome: Piece = [one.outcome.padEnd(9), (text) => paintOutcome(paint, one.outcome, text)];
      return [labelled(['      ', [at.slice(11, 19), paint.dim], '  ', outcome], `${code}: ${sentence}`, width)];
    });
}

function countsText({ result }: DrillRun): string {
  const aws = result.requests.filter(isAwsRequest);
  const writes = aws.filter(({ kind }) => kind === 'write').length;
  return `${aws.length} requests to AWS, ${writes} of them writes; ${result.requests.length - aws.length} to the ledger`;
}

function failureLines(violations: readonly Violation[], width: number, paint: Paint): readonly string[] {
  return violations.flatMap(({ what }) => labelled(['      ', ['x', paint.red], ' '], [what, paint.red], width));
}

interface Stage {
  readonly io: CommandIo;
  readonly functions: readonly DiscoveredFunction[];
  readonly options: DrillCommandOptions;
  readonly paint: Paint;
  readonly width: number;
  readonly progress: Progress;
  /** What was played is told to it; absent: no page is asked for. */
  readonly pages: DrillPages | undefined;
}

function say(stage: Stage, line: string): void {
  stage.progress.clear();
  const { json, page } = stage.options;
  const isTaken = json || (page !== undefined && isStdout(page));
  if (!isTaken) stage.io.stdout.write(`${line}\n`);
}

/** Says what stands beside no label. */
function sayText(stage: Stage, text: Piece, indent = 0): void {
  for (const line of indented(indent, text, stage.width)) say(stage, line);
}

/** With faults a run is judged as the explorer judges it. */
async function runPlan(
  drill: Drill,
  functions: readonly DiscoveredFunction[],
  seed: number,
  faults: FaultPlan,
): Promise<DrillRun> {
  if (isFaultFree(faults)) return runDrill(drill, functions, { seed, faults });
  const { replay } = await import('../rehearsal/explorer/explorer.ts');
  return replay(drill, functions, { seed, faults });
}

/** One drill with everything that happened in it. */
async function tell(stage: Stage, drill: Drill, plan: FaultPlan): Promise<DrillReport> {
  const { functions, options, paint, width } = stage;
  const { seed } = options;
  demandMoves(
    plan,
    concerned(drill, functions).map((one) => one.summary.name),
  );
  const from = performance.now();
  const run = await runPlan(drill, functions, seed, plan);
  const took = performance.now() - from;
  const report = reportOf(drill, run, seed, plan);
  stage.pages?.add({ drill, run, faults: isFaultFree(plan) ? '' : formatReplay(plan) });
  say(stage, labelled([[drill.name, paint.bold], '  '], drill.title, width));
  const faults = isFaultFree(plan) ? '' : `, faults ${formatReplay(plan)}`;
  sayText(stage, [`seed ${seed}${faults}; times are the simulated account's, UTC`, paint.dim]);
  say(stage, '');
  for (const line of timelineLines(run.result, paint, width)) say(stage, line);
  say(stage, '');
  if (report.assumed.length > 0) {
    sayText(stage, ['relies on behaviours of AWS that are assumed, not documented:', paint.dim], 6);
    for (const behaviour of report.assumed)
      say(stage, labelled([['      - ', paint.dim]], [behaviour, paint.dim], width));
  }
  // Last: what a reader looks for first is where the screen ends.
  sayText(stage, 'What was decided:');
  for (const line of resultLines(run, width, paint)) say(stage, line);
  say(stage, labelled([mark(report.ok, paint), '  '], `${countsText(run)}; ${seconds(took)}`, width));
  for (const line of failureLines(report.violations, width, paint)) say(stage, line);
  return report;
}

/** One drill in two or three lines. */
async function rehearse(stage: Stage, drill: Drill, column: number): Promise<DrillReport> {
  const { functions, options, paint, width } = stage;
  const run = await runDrill(drill, functions, { seed: options.seed, faults: NO_FAULTS });
  const report = reportOf(drill, run, options.seed, NO_FAULTS);
  stage.pages?.add({ drill, run, faults: '' });
  say(stage, labelled([mark(report.ok, paint), '  ', [drill.name.padEnd(column), paint.bold]], drill.title, width));
  for (const line of resultLines(run, width, paint)) say(stage, line);
  for (const line of failureLines(report.violations, width, paint)) say(stage, line);
  return report;
}

async function exploreOne(
  stage: Stage,
  drill: Drill,
  mode: ExplorationMode,
  column: number,
  among: Acquaintance | undefined,
): Promise<DrillReport> {
  const { functions, options, paint, width, progress } = stage;
  const { seed } = options;
  const from = performance.now();
  const calm = await runDrill(drill, functions, { seed, faults: NO_FAULTS });
  const { explore } = await import('../rehearsal/explorer/explorer.ts');
  const {
    schedules,
    folded,
    left,
    stopped,
    violations: found,
    sometimes,
    assumed,
  } = await explore(drill, functions, {
    mode,
    seed,
    among,
    onProgress: (done, total) => progress.show(`      ${drill.name}: ${done} of ${total} schedules`),
  });
  const violations = [...reportOf(drill, calm, seed, NO_FAULTS).violations, ...found];
  const ok = violations.length === 0;
  stage.pages?.add({ drill, run: calm, faults: '', explored: { mode, schedules, violations: found.length } });
  const others = among === undefined ? '' : `, ${left} schedules left to drills before`;
  const counts = `${schedules} schedules (${stopped} stopped early), ${folded} requests folded${others}, ${violations.length} violations (${seconds(performance.now() - from)})`;
  say(stage, labelled([mark(ok, paint), '  ', [drill.name.padEnd(column), paint.bold]], counts, width));
  for (const violation of violations) {
    for (const line of failureLines([violation], width, paint)) say(stage, line);
    // On a line of its own and unbroken: it is there to be copied.
    say(stage, `        ${violation.replay}`);
  }
  return { name: drill.name, runbooks: runbooksOf(calm), ok, schedules, violations, assumed, folded, sometimes };
}

async function each(stage: Stage, given: readonly Drill[]): Promise<readonly DrillReport[]> {
  const { progress, options, functions } = stage;
  const { faults, seed } = options;
  const column = Math.max(...given.map(({ name }) => name.length)) + 2;
  const reports: DrillReport[] = [];
  // One drill by itself is explored whole; several leave to each other what is alike.
  const among = faults === 'none' || given.length === 1 ? undefined : new Acquaintance();
  const drills = among === undefined ? given : await shortestFirst(given, () => functions, seed);
  for (const [index, drill] of drills.entries()) {
    progress.show(`      ${drill.name} (${index + 1} of ${drills.length})`);
    reports.push(
      faults === 'none' ? await rehearse(stage, drill, column) : await exploreOne(stage, drill, faults, column, among),
    );
  }
  return reports;
}

function summary(stage: Stage, reports: readonly DrillReport[], tookMs: number): void {
  const { paint } = stage;
  const failed = reports.filter(({ ok }) => !ok);
  const count = `${reports.length} drill${reports.length === 1 ? '' : 's'}`;
  say(stage, '');
  if (failed.length === 0) say(stage, `${paint.green(`${count} passed`)} in ${seconds(tookMs)}`);
  else say(stage, paint.red(`${failed.length} of ${count} failed in ${seconds(tookMs)}`));
  const [first] = failed.length > 0 ? failed : reports;
  if (first !== undefined)
    sayText(stage, `The whole story of one: ${shellLine('npx', 'runbook', 'drill', first.name)}`);
}

/** Says which faults of a replay struck nothing: that a run passed without them shows nothing. */
function sayMissed(io: CommandIo, { name, missed = [] }: DrillReport): void {
  if (missed.length === 0) return;
  io.stderr.write(`runbook: --replay: struck nothing in drill ${name}: ${missed.join('; ')}\n`);
}

/** Loaded only where a page is asked for. */
async function pagesFor(
  { page, seed, json }: DrillCommandOptions,
  functions: readonly DiscoveredFunction[],
): Promise<DrillPages | undefined> {
  if (page === undefined) return undefined;
  if (isStdout(page) && json) throw new UsageError('--json and --report - both write to standard output');
  demandFree(page);
  const { drillPages } = await import('./report/drill-pages.ts');
  return drillPages(
    seed,
    functions.map((one) => one.summary),
  );
}

/** Rehearses the drills and says how they went; 1 when an expectation or an invariant failed, else 2 when a fault to replay struck nothing. */
export async function rehearseDrills(io: CommandIo, options: DrillCommandOptions): Promise<number> {
  if (options.replay !== undefined && (options.names.length !== 1 || options.faults !== 'none'))
    throw new UsageError('--replay takes one drill by name, and no --faults');
  const plan = options.replay === undefined ? NO_FAULTS : parseReplay(options.replay);
  const isAll = options.names.length === 0 && options.faults !== 'none';
  const drills = loadDrills(io.drills, options.names).filter(
    ({ expect }) => !isAll || expect.rehearsedOnly === undefined,
  );
  if (drills.length === 0) throw new UsageError('there are no drills');
  const functions = await io.functions();
  const stage: Stage = {
    io,
    functions,
    options,
    paint: paintFor(io.stdout, io.env),
    width: widthOf(io.stdout),
    progress: progressOn(io.stderr),
    pages: await pagesFor(options, functions),
  };
  const [only] = drills;
  if (options.json) io.stderr.write(`seed ${options.seed}\n`);
  const from = performance.now();
  let reports: readonly DrillReport[];
  if (only !== undefined && options.names.length === 1 && options.faults === 'none')
    reports = [await tell(stage, only, plan)];
  else {
    const faults = options.faults === 'none' ? '' : `, faults ${options.faults}`;
    const said = `Rehearsing on the simulated AWS, seed ${options.seed}${faults}; times are the simulated accounts', UTC`;
    sayText(stage, [said, stage.paint.dim]);
    say(stage, '');
    reports = await each(stage, drills);
    summary(stage, reports, performance.now() - from);
  }
  if (options.json) io.stdout.write(`${JSON.stringify({ drills: reports }, null, 2)}\n`);
  if (options.page !== undefined && stage.pages !== undefined) writePage(io, options.page, stage.pages.page());
  for (const report of reports) sayMissed(io, report);
  if (!reports.every(({ ok }) => ok)) return EXIT.failed;
  return reports.some(({ missed = [] }) => missed.length > 0) ? EXIT.bad : EXIT.ok;
}
