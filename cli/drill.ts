/** `runbook drill`: rehearses incidents on the simulated AWS. A line each with its result; one by name with its whole story. */

import type { DiscoveredFunction } from '../rehearsal/functions.ts';
import { isFaultFree, loadDrills, runDrill, type Drill, type DrillRun } from '../rehearsal/drill.ts';
import { tellingResults } from '../rehearsal/expect.ts';
import { formatReplay, parseReplay } from '../rehearsal/replay.ts';
import type { ExplorationMode } from '../rehearsal/explorer/schedules.ts';
import { NO_FAULTS, type FaultPlan } from '../simulator/engine/run-types.ts';
import { isAwsRequest } from './results.ts';
import { paintOutcome, reasonParts } from './show.ts';
import {
  labelled,
  paintFor,
  progressOn,
  UsageError,
  widthOf,
  type CommandIo,
  type Paint,
  type Progress,
} from './terminal.ts';
import { timelineLines } from './timeline.ts';

export type FaultMode = 'none' | ExplorationMode;

export interface DrillCommandOptions {
  readonly names: readonly string[];
  readonly seed: number;
  readonly faults: FaultMode;
  readonly json: boolean;
  readonly replay: string | undefined;
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
  /** With faults: requests left to others like them, and which `sometimes` were hit. */
  readonly folded?: number;
  readonly sometimes?: { readonly [name: string]: boolean };
}

function replayCommand(name: string, seed: number, plan: FaultPlan): string {
  return `npx runbook drill ${name} --seed ${seed}${isFaultFree(plan) ? '' : ` --replay '${formatReplay(plan)}'`}`;
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
  };
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}

function mark(ok: boolean, paint: Paint): string {
  return ok ? paint.green('ok  ') : paint.red('FAIL');
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
      const label = `      ${paint.dim(at.slice(11, 19))}  ${paintOutcome(paint, one.outcome, one.outcome.padEnd(9))}`;
      return [labelled(label, 25, `${code}: ${sentence}`, width)];
    });
}

function countsText({ result }: DrillRun): string {
  const aws = result.requests.filter(isAwsRequest);
  const writes = aws.filter(({ kind }) => kind === 'write').length;
  return `${aws.length} requests to AWS, ${writes} of them writes; ${result.requests.length - aws.length} to the ledger`;
}

function failureLines(violations: readonly Violation[], width: number, paint: Paint): readonly string[] {
  return violations.flatMap(({ what }) => labelled(`      ${paint.red('x')} `, 8, what, width, paint.red));
}

interface Stage {
  readonly io: CommandIo;
  readonly functions: readonly DiscoveredFunction[];
  readonly options: DrillCommandOptions;
  readonly paint: Paint;
  readonly width: number;
  readonly progress: Progress;
}

function say(stage: Stage, line: string): void {
  stage.progress.clear();
  if (!stage.options.json) stage.io.stdout.write(`${line}\n`);
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
  const from = performance.now();
  const run = await runPlan(drill, functions, seed, plan);
  const took = performance.now() - from;
  const report = reportOf(drill, run, seed, plan);
  say(stage, `${paint.bold(drill.name)}  ${drill.title}`);
  say(
    stage,
    paint.dim(
      `seed ${seed}${isFaultFree(plan) ? '' : `, faults ${formatReplay(plan)}`}; times are the simulated account's, UTC`,
    ),
  );
  say(stage, '');
  for (const line of timelineLines(run.result, paint, width)) say(stage, line);
  say(stage, '');
  say(stage, `${mark(report.ok, paint)}  ${countsText(run)}; ${seconds(took)}`);
  for (const line of failureLines(report.violations, width, paint)) say(stage, line);
  if (report.assumed.length > 0) {
    say(stage, paint.dim('      relies on behaviours of AWS that are assumed, not documented:'));
    for (const behaviour of report.assumed) say(stage, labelled(paint.dim('      - '), 8, behaviour, width, paint.dim));
  }
  return report;
}

/** One drill in two or three lines. */
async function rehearse(stage: Stage, drill: Drill, column: number): Promise<DrillReport> {
  const { functions, options, paint, width } = stage;
  const run = await runDrill(drill, functions, { seed: options.seed, faults: NO_FAULTS });
  const report = reportOf(drill, run, options.seed, NO_FAULTS);
  say(
    stage,
    labelled(`${mark(report.ok, paint)}  ${paint.bold(drill.name.padEnd(column))}`, 6 + column, drill.title, width),
  );
  for (const line of resultLines(run, width, paint)) say(stage, line);
  for (const line of failureLines(report.violations, width, paint)) say(stage, line);
  return report;
}

/**
 * Continuous integration explores a share of the larger drills, picked by the commit's hash, so that all of it is explored
 * within a few commits: `EXPLORE_PLANS` at most per drill, `EXPLORE_PICK` a number or the hash itself.
 */
function exploreBudget(environment: Readonly<Record<string, string | undefined>>): {
  readonly budget?: { readonly plans: number; readonly pick: number };
} {
  const [plans, pick] = [environment['EXPLORE_PLANS'], environment['EXPLORE_PICK'] ?? '0'];
  if (plans === undefined) return {};
  if (!/^[1-9]\d{0,6}$/u.test(plans)) throw new UsageError('EXPLORE_PLANS: expected a whole number from 1');
  if (!/^[0-9a-f]{1,40}$/u.test(pick)) throw new UsageError('EXPLORE_PICK: expected a number or a commit hash');
  return { budget: { plans: Number(plans), pick: Number.parseInt(pick.slice(0, 8), 16) } };
}

async function exploreOne(stage: Stage, drill: Drill, mode: ExplorationMode, column: number): Promise<DrillReport> {
  const { functions, options, paint, width, progress } = stage;
  const { seed } = options;
  const from = performance.now();
  const calm = await runDrill(drill, functions, { seed, faults: NO_FAULTS });
  const { explore } = await import('../rehearsal/explorer/explorer.ts');
  const {
    schedules,
    share,
    folded,
    violations: found,
    sometimes,
    assumed,
  } = await explore(drill, functions, {
    mode,
    seed,
    ...exploreBudget(process.env),
    onProgress: (done, total) => progress.show(`      ${drill.name}: ${done} of ${total} schedules`),
  });
  const violations = [...reportOf(drill, calm, seed, NO_FAULTS).violations, ...found];
  const ok = violations.length === 0;
  const part = share.of > 1 ? ` (share ${share.index + 1} of ${share.of})` : '';
  const counts = `${schedules} schedules${part}, ${folded} requests folded, ${violations.length} violations (${seconds(performance.now() - from)})`;
  say(stage, labelled(`${mark(ok, paint)}  ${paint.bold(drill.name.padEnd(column))}`, 6 + column, counts, width));
  for (const violation of violations) {
    for (const line of failureLines([violation], width, paint)) say(stage, line);
    // On a line of its own and unbroken: it is there to be copied.
    say(stage, `        ${violation.replay}`);
  }
  return { name: drill.name, runbooks: runbooksOf(calm), ok, schedules, violations, assumed, folded, sometimes };
}

async function each(stage: Stage, drills: readonly Drill[]): Promise<readonly DrillReport[]> {
  const { progress, options } = stage;
  const { faults } = options;
  const column = Math.max(...drills.map(({ name }) => name.length)) + 2;
  const reports: DrillReport[] = [];
  for (const [index, drill] of drills.entries()) {
    progress.show(`      ${drill.name} (${index + 1} of ${drills.length})`);
    reports.push(
      faults === 'none' ? await rehearse(stage, drill, column) : await exploreOne(stage, drill, faults, column),
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
  if (first !== undefined) say(stage, `The whole story of one: ${paint.bold(`npx runbook drill ${first.name}`)}`);
}

/** Rehearses the drills and says how they went; 1 when an expectation or an invariant failed. */
export async function rehearseDrills(io: CommandIo, options: DrillCommandOptions): Promise<number> {
  if (options.replay !== undefined && (options.names.length !== 1 || options.faults !== 'none'))
    throw new UsageError('--replay takes one drill by name, and no --faults');
  const plan = options.replay === undefined ? NO_FAULTS : parseReplay(options.replay);
  const drills = loadDrills(io.drills, options.names);
  if (drills.length === 0) throw new UsageError('there are no drills');
  const stage: Stage = {
    io,
    functions: await io.functions(),
    options,
    paint: paintFor(io.stdout, io.env),
    width: widthOf(io.stdout),
    progress: progressOn(io.stderr),
  };
  const [only] = drills;
  if (options.json) io.stderr.write(`seed ${options.seed}\n`);
  const from = performance.now();
  let reports: readonly DrillReport[];
  if (only !== undefined && options.names.length === 1 && options.faults === 'none')
    reports = [await tell(stage, only, plan)];
  else {
    say(
      stage,
      stage.paint.dim(
        `Rehearsing on the simulated AWS, seed ${options.seed}${options.faults === 'none' ? '' : `, faults ${options.faults}`}; times are the simulated accounts', UTC\n`,
      ),
    );
    reports = await each(stage, drills);
    summary(stage, reports, performance.now() - from);
  }
  if (options.json) io.stdout.write(`${JSON.stringify({ drills: reports }, null, 2)}\n`);
  return reports.every(({ ok }) => ok) ? 0 : 1;
}
