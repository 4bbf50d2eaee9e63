/**
 * The explorer: runs a drill without faults, counts its requests, then tries every request with every fault and every
 * second delivery, each to quiescence, and checks the invariants and that the end is the one without faults.
 */

import { concerned, type Drill } from '../drill.ts';
import { formatReplay } from '../replay.ts';
import type { RulesByRunbook } from '../runbooks.ts';
import type { Acquaintance } from './across.ts';
import { FUNCTIONS_ROOT, startCrew, type Crew } from './crew.ts';
import { Rehearsal, type Finding } from './rehearsal.ts';
import { canAsk, schedulesOf, type Calmly, type ExplorationMode, type Schedule } from './schedules.ts';
import { NO_FAULTS, type DeployedFunction, type FaultPlan } from '../../simulator/engine/run-types.ts';
import type { SimulationEnd } from '../../simulator/engine/simulation.ts';
import { hashOf } from '../../simulator/engine/world.ts';

export type { ExplorationMode } from './schedules.ts';

/** Runs handed to a worker at once. */
const BATCH = 12;
/** Different violations told of one drill; a broken runbook has thousands of the same. */
const VIOLATIONS_TOLD = 40;
const APPROVED: FaultPlan = { ...NO_FAULTS, approval: 'given' };

/** A part of an exploration; all parts together are all of it. A kind of plan is in the same part in whatever drill it is tried. */
export interface Share {
  readonly index: number;
  readonly of: number;
}

const WHOLE: Share = { index: 0, of: 1 };

export interface ExploreOptions {
  readonly mode: ExplorationMode;
  readonly seed: number;
  /** Rules of functions that have no folder in `rehearsal/`, by name. */
  readonly rules?: RulesByRunbook;
  /** Explored among other drills, in an order that is always the same: what is alike is left to those before. Absent: alone. */
  readonly among?: Acquaintance | undefined;
  /** The runbook is there to prove the kernel: exceptions in every effect, approvals beside every fault. */
  readonly ofTheKernel?: boolean;
  /** Only this part of the plans: number `index` (from 0) of `of`. Absent: all. */
  readonly share?: Share | undefined;
  /** Of the plans that are not in the share those that this says, instead of the share: what they are about has changed. */
  readonly beside?: ((schedule: Schedule) => boolean) | undefined;
  /** Whether the time is up: no more runs are begun then. Absent: there is time for all. */
  readonly isOver?: () => boolean;
  /** What shows a plan again, followed by the drill's name, `--seed N` and `--replay PLAN`. Absent: the command's own. */
  readonly command?: string;
  /** The folder of the functions, one below it each. Absent: this project's own. */
  readonly root?: string;
  /** Threads; 0: in this one. Absent: one for each core, if the functions are those of `root` and the plans many. */
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
  /** Plans that are alike to those of drills before, and were left to them. */
  readonly left: number;
  /** Runs that were stopped when they had rejoined the run without faults. */
  readonly stopped: number;
  /** Plans that there was no time for. */
  readonly untried: number;
  /** `replay` is one complete command that shows the violation. */
  readonly violations: readonly { readonly what: string; readonly replay: string }[];
  /** What had to be seen at least once, and whether it was. */
  readonly sometimes: { readonly [name: string]: boolean };
  /** Behaviours of grade `assumed` that any run used. */
  readonly assumed: readonly string[];
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
  stopped = 0;
  untried = 0;

  add(plan: FaultPlan, finding: Finding): void {
    for (const name of finding.sometimes) this.seen.add(name);
    for (const name of finding.assumed) this.assumed.add(name);
    this.stopped += Number(finding.stopped);
    for (const what of new Set(finding.violations)) {
      const known = this.#kinds.get(kindOf(what));
      if (known === undefined) this.#kinds.set(kindOf(what), { what, plan, count: 1 });
      else known.count += 1;
    }
  }

  isClean(): boolean {
    return this.#kinds.size === 0;
  }

  /** `command`: what shows a plan again, but for the plan. */
  violations(command: string): { readonly what: string; readonly replay: string }[] {
    const all = [...this.#kinds.values()].map(({ what, plan, count }) => ({
      what: count === 1 ? what : `${what} (and ${count - 1} more runs like it)`,
      replay: `${command} --replay '${formatReplay(plan)}'`,
    }));
    return all.slice(0, VIOLATIONS_TOLD);
  }
}

/** So few plans are done sooner than another thread is there, or has made its own run without faults. */
const FEW_PLANS = 4 * BATCH;

async function makeRuns(
  plans: readonly FaultPlan[],
  crew: Crew,
  report: Report,
  { onProgress, isOver = () => false }: ExploreOptions,
): Promise<void> {
  const size = plans.length < FEW_PLANS ? FEW_PLANS : BATCH;
  const batches = Array.from({ length: Math.ceil(plans.length / size) }, (_, index) =>
    plans.slice(index * size, (index + 1) * size),
  );
  let done = 0;
  const onDone = (count: number): void => {
    done += count;
    onProgress?.(done, plans.length);
  };
  const findings = await crew.work(batches, onDone, isOver);
  for (const [index, finding] of findings.entries()) {
    const plan = plans[index];
    if (finding === undefined) report.untried += 1;
    else if (plan !== undefined) report.add(plan, finding);
  }
}

/** As many threads as are worth starting for so many plans. */
function threadsFor(plans: number): number | undefined {
  return plans < FEW_PLANS ? 0 : undefined;
}

/** Whether a plan is in a share. By its kind: what changes in a drill moves no other plan to another share. */
function isInShare(drill: Drill, { plan, kind }: Schedule, { index, of }: Share): boolean {
  return hashOf(kind ?? `${drill.name} ${formatReplay(plan)}`) % of === index;
}

/** What is to be tried, and how much is left to others. */
interface Choice {
  /** What is wrong with the run without faults. */
  readonly finding: Finding;
  readonly plans: readonly FaultPlan[];
  readonly folded: number;
  readonly left: number;
}

/** The run in which a person is asked for every plan, and approves. */
async function askedIn(rehearsal: Rehearsal): Promise<Calmly> {
  const { moments } = await rehearsal.survey(APPROVED);
  return { without: (await rehearsal.baseline(APPROVED)).end, moments, functions: rehearsal.functions };
}

async function choose(rehearsal: Rehearsal, drill: Drill, options: ExploreOptions): Promise<Choice> {
  const { mode, seed, among, ofTheKernel = false, share = WHOLE, beside } = options;
  const { functions } = rehearsal;
  const { finding, moments } = await rehearsal.survey();
  const calmly = { without: (await rehearsal.baseline()).end, moments, functions };
  const asked = ofTheKernel && canAsk(functions) ? { asked: await askedIn(rehearsal) } : {};
  const effort = { isAmongOthers: among !== undefined && !ofTheKernel, isOfTheKernel: ofTheKernel };
  const { schedules, folded } = schedulesOf(mode, { ...calmly, ...asked }, effort, seed);
  const chosen = among?.choose(schedules) ?? schedules;
  const isWanted = (one: Schedule): boolean => {
    const isTheirs = isInShare(drill, one, share);
    return beside === undefined ? isTheirs : !isTheirs && beside(one);
  };
  const plans = chosen.filter(isWanted).map(({ plan }) => plan);
  return { finding, plans, folded, left: schedules.length - chosen.length };
}

/** How many plans an exploration of the drill would try. Runs it without faults only. */
export async function countPlans(
  drill: Drill,
  deployed: readonly DeployedFunction[],
  options: ExploreOptions,
): Promise<Pick<Exploration, 'schedules' | 'folded' | 'left'>> {
  const rehearsal = new Rehearsal(drill, concerned(drill, deployed), options.seed, options.rules);
  const { plans, folded, left } = await choose(rehearsal, drill, options);
  return { schedules: plans.length + 1, folded, left };
}

/** A drill whose runs are still to be made. */
export interface Prepared {
  readonly drill: Drill;
  /** Makes them. Where other threads make them, the next drill may be prepared meanwhile. */
  readonly run: () => Promise<Exploration>;
}

/**
 * Runs a drill without faults, and chooses what to try.
 * @throws what `simulate` throws for a wrong world; whatever goes wrong in a run is a violation
 */
export async function prepare(
  drill: Drill,
  deployed: readonly DeployedFunction[],
  options: ExploreOptions,
): Promise<Prepared> {
  const { mode, seed, rules = {}, root = FUNCTIONS_ROOT } = options;
  const functions = concerned(drill, deployed);
  const rehearsal = new Rehearsal(drill, functions, seed, rules);
  const choice = await choose(rehearsal, drill, options);
  const wishes = await rehearsal.sometimes();
  const report = new Report();
  report.add(NO_FAULTS, choice.finding);
  // What fails by itself fails with every fault: the first is all there is to say.
  const isLoadBearing = mode === 'no-leases' && drill.expect.needsLeases !== undefined;
  const plans = report.isClean() && !isLoadBearing ? choice.plans : [];
  const threads = options.threads ?? threadsFor(plans.length);
  return {
    drill,
    run: async () => {
      const crew = await startCrew({ drill, functions, seed, rules, root }, rehearsal, threads);
      await makeRuns(plans, crew, report, options);
      return told(drill, options, report, { ...choice, plans }, wishes);
    },
  };
}

/** What a report comes to. */
function told(
  drill: Drill,
  { mode, seed, among, share = WHOLE, command: show = 'npx runbook drill' }: ExploreOptions,
  report: Report,
  { plans, folded, left }: Choice,
  { wanted, unknown }: Awaited<ReturnType<Rehearsal['sometimes']>>,
): Exploration {
  const command = `${show} ${drill.name} --seed ${seed}`;
  const again = `${command} --faults ${mode}`;
  const needed = mode === 'exhaustive' && plans.length > 0 ? wanted : [];
  // Among others a drill tries only a part: what all of them together have seen is for who explores them together.
  const isWhole = share.of === 1 && among === undefined && report.untried === 0;
  const unseen = isWhole ? needed.filter(({ name }) => !report.seen.has(name)) : [];
  const complaints = [
    ...unknown.map((name) => `expect.json demands a sometimes that nobody knows: ${name}`),
    ...unseen.map(({ name }) => `sometimes never: ${name}`),
  ];
  return {
    schedules: plans.length + 1 - report.untried,
    share,
    folded,
    left,
    stopped: report.stopped,
    untried: report.untried,
    violations: [...report.violations(command), ...complaints.map((what) => ({ what, replay: again }))],
    sometimes: Object.fromEntries(needed.map(({ name }) => [name, report.seen.has(name)])),
    assumed: [...report.assumed].toSorted(),
  };
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
  return (await prepare(drill, deployed, options)).run();
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
