/**
 * The explorer: runs a drill without faults, counts its requests, then tries every request with every fault and every
 * second delivery, each to quiescence, and checks the invariants and that the end is the one without faults.
 */

import { concerned, type Drill } from '../drill.ts';
import { formatReplay } from '../replay.ts';
import type { RulesByRunbook } from '../runbooks.ts';
import { startCrew, type Crew } from './crew.ts';
import { Rehearsal, type Finding } from './rehearsal.ts';
import { schedulesOf, type ExplorationMode } from './schedules.ts';
import { NO_FAULTS, type DeployedFunction, type FaultPlan } from '../../simulator/engine/run-types.ts';
import type { SimulationEnd } from '../../simulator/engine/simulation.ts';

export type { ExplorationMode } from './schedules.ts';

/** Runs handed to a worker at once. */
const BATCH = 12;
/** Different violations told of one drill; a broken runbook has thousands of the same. */
const VIOLATIONS_TOLD = 40;

/** A part of an exploration; all parts together are all of it. */
interface Share {
  readonly index: number;
  readonly of: number;
}

export interface ExploreOptions {
  readonly mode: ExplorationMode;
  readonly seed: number;
  /** Rules of functions that have no folder in `rehearsal/`, by name. */
  readonly rules?: RulesByRunbook;
  /** Only this part of the plans: number `index` (from 0) of `of`. Absent: all. */
  readonly share?: Share;
  /** As many shares as keep each at this many plans, and of those number `pick` (modulo their count). `share` goes before it. */
  readonly budget?: { readonly plans: number; readonly pick: number };
  /** Threads; 0: in this one. Absent: one for each core, if the functions are this project's own and the plans many. */
  readonly threads?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/** What an exploration found. */
export interface Exploration {
  /** Runs made. */
  readonly schedules: number;
  readonly share: Share;
  /** Requests that are alike to three others and were left to them. */
  readonly folded: number;
  /** `replay` is one complete command that shows the violation. */
  readonly violations: readonly { readonly what: string; readonly replay: string }[];
  /** What had to be seen at least once, and whether it was. */
  readonly sometimes: { readonly [name: string]: boolean };
  /** Behaviours of grade `assumed` that any run used. */
  readonly assumed: readonly string[];
}

function commandOf(drill: Drill, seed: number, plan: FaultPlan): string {
  return `npx runbook drill ${drill.name} --seed ${seed} --replay '${formatReplay(plan)}'`;
}

/** Violations that differ in numbers and times only are one kind. */
function kindOf(what: string): string {
  return what.replaceAll(/\d+/gu, '0');
}

/** Collects findings in the order of the plans; a kind of violation is told once, with the first command and how many more there are. */
class Report {
  readonly #kinds = new Map<string, { readonly what: string; readonly plan: FaultPlan; count: number }>();
  readonly seen = new Set<string>();
  readonly assumed = new Set<string>();

  add(plan: FaultPlan, finding: Finding): void {
    for (const name of finding.sometimes) this.seen.add(name);
    for (const name of finding.assumed) this.assumed.add(name);
    for (const what of new Set(finding.violations)) {
      const known = this.#kinds.get(kindOf(what));
      if (known === undefined) this.#kinds.set(kindOf(what), { what, plan, count: 1 });
      else known.count += 1;
    }
  }

  isClean(): boolean {
    return this.#kinds.size === 0;
  }

  violations(drill: Drill, seed: number): { readonly what: string; readonly replay: string }[] {
    const all = [...this.#kinds.values()].map(({ what, plan, count }) => ({
      what: count === 1 ? what : `${what} (and ${count - 1} more runs like it)`,
      replay: commandOf(drill, seed, plan),
    }));
    return all.slice(0, VIOLATIONS_TOLD);
  }
}

async function makeRuns(
  plans: readonly FaultPlan[],
  crew: Crew,
  report: Report,
  onProgress: ExploreOptions['onProgress'],
): Promise<void> {
  const batches = Array.from({ length: Math.ceil(plans.length / BATCH) }, (_, index) =>
    plans.slice(index * BATCH, (index + 1) * BATCH),
  );
  let done = 0;
  const findings = await crew.work(batches, (count) => {
    done += count;
    onProgress?.(done, plans.length);
  });
  for (const [index, finding] of findings.entries()) {
    const plan = plans[index];
    if (plan !== undefined) report.add(plan, finding);
  }
}

function shareOf({ share, budget }: ExploreOptions, plans: number): Share {
  if (share !== undefined || budget === undefined) return share ?? { index: 0, of: 1 };
  const of = Math.max(1, Math.ceil(plans / budget.plans));
  return { index: budget.pick % of, of };
}

/** As many threads as are worth starting for so many plans: a few are done sooner than another thread is there. */
function threadsFor(plans: number): number | undefined {
  return plans < 4 * BATCH ? 0 : undefined;
}

/**
 * Explores a drill.
 * @throws what `simulate` throws for a wrong world; whatever goes wrong in a run is a violation
 */
export async function explore(
  drill: Drill,
  deployed: readonly DeployedFunction[],
  options: ExploreOptions,
): Promise<Exploration> {
  const { mode, seed, rules = {}, onProgress } = options;
  const functions = concerned(drill, deployed);
  const rehearsal = new Rehearsal(drill, functions, seed, rules);
  const report = new Report();
  report.add(NO_FAULTS, await rehearsal.check(NO_FAULTS));
  const again = `npx runbook drill ${drill.name} --seed ${seed} --faults ${mode}`;
  const { wanted, unknown } = await rehearsal.sometimes();
  const complaints = unknown.map((name) => ({
    what: `expect.json demands a sometimes that nobody knows: ${name}`,
    replay: again,
  }));
  const { plans: all, folded } = schedulesOf(mode, (await rehearsal.baseline()).end, await rehearsal.moments(), seed);
  const share = shareOf(options, all.length);
  // What fails by itself fails with every fault: the first is all there is to say.
  const isLoadBearing = mode === 'no-leases' && drill.expect.needsLeases !== undefined;
  const isWorthTrying = report.isClean() && !isLoadBearing;
  const plans = isWorthTrying ? all.filter((_plan, index) => index % share.of === share.index) : [];
  const threads = options.threads ?? threadsFor(plans.length);
  const crew = await startCrew({ drill, functions, seed, rules }, rehearsal, threads);
  await makeRuns(plans, crew, report, onProgress);
  const needed = mode === 'exhaustive' && plans.length > 0 ? wanted : [];
  const unseen = share.of > 1 ? [] : needed.filter(({ name }) => !report.seen.has(name));
  const neverSeen = unseen.map(({ name }) => ({ what: `sometimes never: ${name}`, replay: again }));
  return {
    schedules: plans.length + 1,
    share,
    folded,
    violations: [...report.violations(drill, seed), ...complaints, ...neverSeen],
    sometimes: Object.fromEntries(needed.map(({ name }) => [name, report.seen.has(name)])),
    assumed: [...report.assumed].toSorted(),
  };
}

/** What `replay` shows again. */
export interface ReplayOptions {
  readonly seed: number;
  readonly faults: FaultPlan;
  /** Rules of functions that have no folder in `rehearsal/`, by name. */
  readonly rules?: RulesByRunbook;
}

/** Runs a drill under one plan as an exploration does: the run, and what is wrong with it. For `--replay`. */
export async function replay(
  drill: Drill,
  functions: readonly DeployedFunction[],
  { seed, faults, rules }: ReplayOptions,
): Promise<{ readonly result: SimulationEnd; readonly failures: readonly string[] }> {
  const rehearsal = new Rehearsal(drill, concerned(drill, functions), seed, rules);
  const { end, finding } = await rehearsal.rehearse(faults);
  return { result: end, failures: finding.violations };
}
