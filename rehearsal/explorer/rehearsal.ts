/** One drill under a fault plan: run to quiescence, and judged against its own run without faults. */

import { FOR_ALL, NOT_WITHOUT_LEDGER, type PermittedDifference } from '../equivalence.ts';
import { checkFinal } from '../expect.ts';
import { DEPLOYED_ENVIRONMENT, isFaultFree, type Drill } from '../drill.ts';
import { watchersNamed } from '../invariants.ts';
import { rulesOf, type RulesByRunbook } from '../runbooks.ts';
import { actingWithout, sometimesOf, type Sometimes } from '../sometimes.ts';
import { NO_FAULTS, type DeployedFunction, type FaultPlan, type Watcher } from '../../simulator/engine/run-types.ts';
import { simulate, type SimulationEnd } from '../../simulator/engine/simulation.ts';
import { parseDuration } from '../../simulator/world/duration.ts';
import { comparableEnd, differences, type ComparableEnd } from './compare.ts';
import { effects, surplus, type Effects } from './effects.ts';
import { momentsInto, type Moment } from './folding.ts';
import {
  abreast,
  actedAllTheSame,
  deadLetters,
  isGivenUp,
  isScheduled,
  overruns,
  silences,
  unrepeatable,
} from './verdicts.ts';

/**
 * How much longer than the drill a run goes on, with its schedules. One fault: Lambda's own repeats come after 1 and 2
 * minutes, a dead run's lease and a minute of throttling lie within them, and the next tick is at most a minute away.
 */
const SETTLE_MS = 300_000;
/** Each further fault may strike the repeat of the one before. */
const SETTLE_PER_FURTHER_FAULT_MS = 180_000;

/** What one run showed. */
export interface Finding {
  readonly violations: readonly string[];
  /** Names of the `sometimes` that it was. */
  readonly sometimes: readonly string[];
  readonly assumed: readonly string[];
}

interface Baseline {
  readonly end: SimulationEnd;
  readonly comparable: ComparableEnd;
  readonly effects: Effects;
}

/** How long a drill runs under a plan, ms. The run without faults that it is compared with runs as long. */
function runForMs(drill: Drill, { points }: FaultPlan): number {
  const furtherFaults = Math.max(points.length - 1, 0);
  return (parseDuration(drill.expect.runFor) ?? 0) + SETTLE_MS + furtherFaults * SETTLE_PER_FURTHER_FAULT_MS;
}

const NOBODY: ReadonlySet<string> = new Set();

/** Runs of one drill with one seed. */
export class Rehearsal {
  readonly #drill: Drill;
  readonly #functions: readonly DeployedFunction[];
  readonly #seed: number;
  readonly #given: string;
  readonly #rules: RulesByRunbook;
  /** What is permitted to any of the runbooks deployed: an end is theirs together. */
  readonly #permitted: readonly PermittedDifference[];
  readonly #baselines = new Map<string, Promise<Baseline>>();
  #wanted: readonly Sometimes[] | undefined;

  /** `rules`: of functions that have no folder in `rehearsal/`, by name. */
  constructor(drill: Drill, functions: readonly DeployedFunction[], seed: number, rules: RulesByRunbook = {}) {
    this.#drill = drill;
    this.#functions = functions;
    this.#seed = seed;
    this.#given = JSON.stringify(drill.world.data);
    this.#rules = rules;
    const own = functions.flatMap(({ summary }) => rulesOf(summary.name, rules).differences);
    this.#permitted = [...FOR_ALL.differences, ...own];
  }

  /** Runs the drill under a plan, as long as explorations do. */
  run(
    plan: FaultPlan,
    functions: readonly DeployedFunction[] = this.#functions,
    watchers: readonly Watcher[] = this.#watchers(),
  ): Promise<SimulationEnd> {
    const { world, events, expect } = this.#drill;
    return simulate({
      world,
      events,
      functions,
      seed: this.#seed,
      faults: plan,
      runForMs: runForMs(this.#drill, plan),
      environment: { ...DEPLOYED_ENVIRONMENT, ...expect.environment },
      watchers,
    });
  }

  /** How the account stands in the run without faults, from moment to moment. */
  async moments(): Promise<readonly Moment[]> {
    const moments: Moment[] = [];
    await this.run(NO_FAULTS, this.#functions, [momentsInto(moments)]);
    return moments;
  }

  #watchers(): readonly Watcher[] {
    return watchersNamed(this.#drill.expect.invariants);
  }

  /** The run without faults that a run under `plan` is compared with. */
  async baseline(plan: FaultPlan = NO_FAULTS): Promise<Baseline> {
    const refusing = await this.#refusing(plan);
    const key = `${runForMs(this.#drill, plan)} ${refusing.size > 0}`;
    const known = this.#baselines.get(key);
    if (known !== undefined) return known;
    // Without its ledger a runbook that refuses does nothing: the world goes its way as if the runbook were not deployed.
    const run = this.#undisturbed(
      plan,
      this.#functions.filter(({ summary }) => !refusing.has(summary.name)),
    );
    this.#baselines.set(key, run);
    return run;
  }

  /** The `sometimes` this drill's exploration has to see, and names it demands that nobody knows. */
  async sometimes(): Promise<ReturnType<typeof sometimesOf>> {
    const { end } = await this.baseline();
    return sometimesOf(this.#drill.expect.sometimes, end, this.#functions, this.#drill.expect.needsLedger);
  }

  /** Runs the drill under a plan and says what is wrong with the run. */
  async check(plan: FaultPlan): Promise<Finding> {
    return (await this.rehearse(plan)).finding;
  }

  /** Like `check`, with the run itself. */
  async rehearse(plan: FaultPlan): Promise<{ readonly end: SimulationEnd; readonly finding: Finding }> {
    const baseline = await this.baseline(plan);
    this.#wanted ??= (await this.sometimes()).wanted;
    const end = await this.run(plan);
    const witness = { plan, without: baseline.end, result: end, functions: this.#functions };
    const finding = {
      violations: this.#violations(plan, baseline, end, await this.#refusing(plan)),
      sometimes: this.#wanted.filter((one) => one.seen(witness)).map(({ name }) => name),
      assumed: end.assumed,
    };
    return { end, finding };
  }

  /** The functions that act in this drill, and refuse to under a plan that loses the ledger. */
  async #refusing(plan: FaultPlan): Promise<ReadonlySet<string>> {
    if (!plan.ledgerLost) return NOBODY;
    const { end } = await this.baseline();
    return actingWithout(end, this.#functions, 'refuse');
  }

  async #undisturbed(plan: FaultPlan, functions: readonly DeployedFunction[]): Promise<Baseline> {
    // The number of points sets the length of the run; a request that is never sent is never struck.
    const points = plan.points.map(({ kind }) => ({ request: Number.MAX_SAFE_INTEGER, kind }));
    const end = await this.run({ ...NO_FAULTS, points }, functions);
    return { end, comparable: this.#comparable(NO_FAULTS, end), effects: effects(end) };
  }

  #comparable(plan: FaultPlan, end: SimulationEnd): ComparableEnd {
    // A ledger that was lost, or that granted everything, holds other numbers; the world must be the same.
    const ledger = plan.ledgerLost || plan.leasesGrantedToAll ? undefined : end.ledger;
    // What a run leaves in the ledger when its report is cut short, the next look at the resource clears: a schedule takes that look.
    return comparableEnd(end.world, ledger, this.#given, this.#functions.every(isScheduled));
  }

  #violations(plan: FaultPlan, baseline: Baseline, end: SimulationEnd, refusing: ReadonlySet<string>): string[] {
    if (end.error !== undefined) return [`the run broke off: ${end.error.message}`, ...end.violations];
    const isRefusing = refusing.size > 0;
    const isExcused = (text: string): boolean => NOT_WITHOUT_LEDGER.some((name) => text.startsWith(`${name}:`));
    const broken = end.violations.filter((text) => !isRefusing || !isExcused(text));
    // Another story, by the drill's own word: what may never happen may not happen in it either.
    if (plan.ledgerLost && this.#drill.expect.needsLedger) return broken;
    const final = isRefusing ? [] : checkFinal(this.#drill.expect, end.world).map((text) => `final: ${text}`);
    if (isFaultFree(plan)) return [...broken, ...final, ...unrepeatable(end, baseline.end)];
    const found = [
      ...broken,
      ...overruns(end),
      ...deadLetters(end, baseline.end, plan),
      ...this.#surplus(plan, baseline, end),
      ...(isRefusing ? actedAllTheSame(end, refusing) : []),
    ];
    if (isGivenUp(end, baseline.end, this.#functions)) return found;
    // What may stand otherwise in the end may also have needed no doing.
    const isOpen = Object.keys(this.#drill.expect.mayDiffer).length > 0;
    const unsaid = isRefusing || isOpen ? [] : silences(baseline.end, end, plan, this.#given);
    return [...found, ...final, ...this.#afterAll(plan, baseline, end), ...unsaid];
  }

  #surplus(plan: FaultPlan, baseline: Baseline, end: SimulationEnd): string[] {
    return surplus(baseline.effects, effects(end), {
      plan,
      rulesOf: (runbook) => rulesOf(runbook, this.#rules),
      abreast: abreast(baseline.end),
    });
  }

  #afterAll(plan: FaultPlan, baseline: Baseline, end: SimulationEnd): string[] {
    const ours = this.#comparable(plan, end);
    const { ledger, ...world } = baseline.comparable;
    const theirs = ours['ledger'] === undefined ? world : { ...world, ledger };
    return differences(theirs, ours, this.#permitted, Object.keys(this.#drill.expect.mayDiffer));
  }
}
