/** One drill under a fault plan: run to quiescence, and judged against its own run without faults. */

import { checkFinal, codeOf } from '../expect.ts';
import { DEPLOYED_ENVIRONMENT, isFaultFree, type Drill } from '../drill.ts';
import { parseDuration } from '../../simulator/world/duration.ts';
import { comparableEnd, differences, effects, surplus, type ComparableEnd } from './compare.ts';
import { momentsInto, type Moment } from './folding.ts';
import { INVARIANTS } from '../invariants.ts';
import { isRecord } from '../../simulator/engine/json.ts';
import { NO_FAULTS, type DeployedFunction, type FaultPlan, type Watcher } from '../../simulator/engine/run-types.ts';
import { NOT_WITHOUT_LEDGER } from '../equivalence.ts';
import { simulate, type SimulationEnd } from '../../simulator/engine/simulation.ts';
import { actingWithout, changesTheAccount, sometimesOf, type Sometimes } from '../sometimes.ts';

/**
 * How much longer than the drill a run goes on, with its schedules. One fault: Lambda's own repeats come after 1 and 2
 * minutes, a dead run's lease and a minute of throttling lie within them, and the next tick is at most a minute away.
 */
const SETTLE_MS = 300_000;
/** Each further fault may strike the repeat of the one before. */
const SETTLE_PER_FURTHER_FAULT_MS = 180_000;
/** A run given to Lambda is tried three times; fewer faults than that cannot use them up. */
const LAMBDA_ATTEMPTS = 3;

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
  readonly effects: ReadonlyMap<string, number>;
}

/** How long a drill runs under a plan, ms. The run without faults that it is compared with runs as long. */
function runForMs(drill: Drill, { points }: FaultPlan): number {
  return (
    (parseDuration(drill.expect.runFor) ?? 0) + SETTLE_MS + Math.max(points.length - 1, 0) * SETTLE_PER_FURTHER_FAULT_MS
  );
}

function storyOf({ timeline, requests }: SimulationEnd): string {
  return JSON.stringify([timeline, requests.map(({ call, at, input }) => [call, at, input])]);
}

const SILENT: ReadonlySet<string> = new Set(['nothing', 'not-mine']);

/** What a run told the people: its log line, its record, its outcome event. */
function telling(
  end: SimulationEnd,
): readonly { readonly runbook: unknown; readonly target: unknown; readonly outcome: unknown }[] {
  const recorded = end.ledger.records.map(({ body, target, runbook }) => ({
    runbook,
    target,
    outcome: body['outcome'],
  }));
  const published = (end.world.data['eventbridge']?.['Entries'] ?? []).flatMap((entry) => {
    const detail: unknown = typeof entry['Detail'] === 'string' ? JSON.parse(entry['Detail']) : undefined;
    return isRecord(detail)
      ? [{ runbook: detail['runbook'], target: detail['target'], outcome: detail['outcome'] }]
      : [];
  });
  return [
    ...end.results.map(({ result: { runbook, target, outcome } }) => ({ runbook, target, outcome })),
    ...recorded,
    ...published,
  ];
}

/**
 * Who acts says so, whatever happens to the run that acted. What a dead run was about stands in the ledger, beside its
 * lease: without either only the alarm on the function's errors tells of it.
 */
function silences(baseline: Baseline, end: SimulationEnd, plan: FaultPlan, given: string): string[] {
  if ((plan.ledgerLost || plan.leasesGrantedToAll) && end.invocations.some(({ ended }) => ended === 'died')) return [];
  const acted = baseline.end.results.filter(({ result }) => result.outcome === 'done');
  if (acted.length === 0) return [];
  const told = telling(end).filter(({ outcome }) => !SILENT.has(String(outcome)));
  // What was launched or made in the run has another id in another run.
  const isMade = (target: unknown): boolean =>
    typeof target === 'string' && !given.includes(`"${target.split('/').at(-1) ?? ''}"`);
  return acted.flatMap(({ result: { runbook, target, reason } }) => {
    const isTold = told.some(
      (one) => one.runbook === runbook && (one.target === target || (isMade(target) && isMade(one.target))),
    );
    return isTold
      ? []
      : [
          `${runbook} said nothing of what it did to ${target ?? 'its target'} (${codeOf({ reason })}): no log line, record or event with another outcome than nothing`,
        ];
  });
}

function isScheduled({ summary }: DeployedFunction): boolean {
  return summary.triggers.some(({ schedule }) => schedule !== undefined);
}

/**
 * An event that used up its attempts, or was refused for want of the ledger, of a function that no schedule calls: nobody
 * is left to reach the goal, and an alarm has said so.
 */
function isGivenUp(end: SimulationEnd, baseline: Baseline, functions: readonly DeployedFunction[]): boolean {
  const dead = end.deadLetters.slice(baseline.end.deadLetters.length).map(({ runbook }) => runbook);
  const refused = end.results
    .filter(({ result }) => result.outcome === 'refused' && codeOf(result) === 'ledger-lost')
    .map(({ result }) => result.runbook);
  const left = new Set([...dead, ...refused]);
  return functions.some((fn) => left.has(fn.summary.name) && !isScheduled(fn));
}

function deadLetters(end: SimulationEnd, baseline: Baseline, plan: FaultPlan): string[] {
  // An event that cannot be handled at all fails each time it is delivered.
  const known = baseline.end.deadLetters.length * (1 + plan.duplicates.length);
  if (end.deadLetters.length <= known || plan.points.length >= LAMBDA_ATTEMPTS) return [];
  const [first] = end.deadLetters.slice(known);
  return [
    `an event of ${first?.runbook ?? 'a runbook'} ended in the dead letters after ${plan.points.length} faults: ${first?.error ?? ''}`,
  ];
}

/** Targets that one run has side by side, at most. */
function abreast({ results }: SimulationEnd): number {
  const targets = new Map<string, Set<string>>();
  for (const { result } of results)
    targets.set(result.run, (targets.get(result.run) ?? new Set()).add(result.target ?? ''));
  return Math.max(1, ...[...targets.values()].map(({ size }) => size));
}

function actedAllTheSame(end: SimulationEnd, refusing: ReadonlySet<string>): string[] {
  const writes = end.requests.filter(
    (request) => changesTheAccount(request) && refusing.has(end.invocations[request.invocation]?.runbook ?? ''),
  );
  return writes.map(
    ({ call, index }) => `${call} was sent without the ledger (request ${index}) by a runbook that refuses without it`,
  );
}

const NOBODY: ReadonlySet<string> = new Set();

/** Runs of one drill with one seed. */
export class Rehearsal {
  readonly #drill: Drill;
  readonly #functions: readonly DeployedFunction[];
  readonly #seed: number;
  readonly #given: string;
  readonly #baselines = new Map<string, Promise<Baseline>>();
  #wanted: readonly Sometimes[] | undefined;

  constructor(drill: Drill, functions: readonly DeployedFunction[], seed: number) {
    this.#drill = drill;
    this.#functions = functions;
    this.#seed = seed;
    this.#given = JSON.stringify(drill.world.data);
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
    return this.#drill.expect.invariants.flatMap((name) => INVARIANTS[name] ?? []);
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
    return { end, comparable: this.#comparable(NO_FAULTS, end), effects: effects(end.requests) };
  }

  #comparable(plan: FaultPlan, end: SimulationEnd): ComparableEnd {
    // A ledger that was lost, or that granted everything, holds other numbers; the world must be the same.
    const ledger = plan.ledgerLost || plan.leasesGrantedToAll ? undefined : end.ledger;
    // What a run leaves in the ledger when its report is cut short, the next look at the resource clears: a schedule takes that look.
    return comparableEnd(end.world, ledger, this.#given, this.#functions.every(isScheduled));
  }

  #violations(plan: FaultPlan, baseline: Baseline, end: SimulationEnd, refusing: ReadonlySet<string>): string[] {
    if (end.error !== undefined) return [`the run broke off: ${end.error.message}`, ...end.violations];
    const found = end.violations.filter(
      (text) => refusing.size === 0 || !NOT_WITHOUT_LEDGER.some((name) => text.startsWith(`${name}:`)),
    );
    // Another story, by the drill's own word: what may never happen may not happen in it either.
    if (plan.ledgerLost && this.#drill.expect.needsLedger) return found;
    const refused = refusing.size > 0;
    const final = refused ? [] : checkFinal(this.#drill.expect, end.world).map((text) => `final: ${text}`);
    if (isFaultFree(plan)) {
      // The comparison below means something only if nothing but the faults makes a difference.
      const isRepeated = storyOf(end) === storyOf(baseline.end);
      return [
        ...found,
        ...final,
        ...(isRepeated
          ? []
          : [
              'the same seed gave two different runs: something in the code reads the real clock, the real Math.random or state of the module',
            ]),
      ];
    }
    for (const { ended, runbook, index } of end.invocations)
      if (ended === 'timed-out')
        found.push(`${runbook} ran out of time (invocation ${index}) instead of ending by itself`);
    found.push(
      ...deadLetters(end, baseline, plan),
      ...surplus(baseline.effects, effects(end.requests), plan, abreast(baseline.end)),
    );
    if (refused) found.push(...actedAllTheSame(end, refusing));
    if (isGivenUp(end, baseline, this.#functions)) return found;
    // What may stand otherwise in the end may also have needed no doing.
    const isOpen = Object.keys(this.#drill.expect.mayDiffer).length > 0;
    return [
      ...found,
      ...final,
      ...this.#afterAll(plan, baseline, end),
      ...(refused || isOpen ? [] : silences(baseline, end, plan, this.#given)),
    ];
  }

  #afterAll(plan: FaultPlan, baseline: Baseline, end: SimulationEnd): string[] {
    const ours = this.#comparable(plan, end);
    const { ledger, ...world } = baseline.comparable;
    return differences(
      ours['ledger'] === undefined ? world : { ...world, ledger },
      ours,
      Object.keys(this.#drill.expect.mayDiffer),
    );
  }
}
