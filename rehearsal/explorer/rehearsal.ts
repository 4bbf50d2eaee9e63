/** One drill under a fault plan: run to quiescence, and judged against its own run without faults. */

import { FOR_ALL, NOT_WITHOUT_APPROVAL, NOT_WITHOUT_LEDGER, type PermittedDifference } from '../equivalence.ts';
import { checkFinal } from '../expect.ts';
import { DEPLOYED_ENVIRONMENT, isFaultFree, type Drill } from '../drill.ts';
import { watchersNamed } from '../invariants.ts';
import { formatReplay } from '../replay.ts';
import { movesAround, rulesOf, type RulesByRunbook } from '../runbooks.ts';
import type { Meddling } from '../world-moves.ts';
import { actingWithout, sometimesOf, type Sometimes } from '../sometimes.ts';
import {
  NO_FAULTS,
  type DeployedFunction,
  type FaultPlan,
  type Standing,
  type Watcher,
} from '../../simulator/engine/run-types.ts';
import { simulate, type SimulationEnd } from '../../simulator/engine/simulation.ts';
import { hashOf } from '../../simulator/engine/world.ts';
import { parseDuration } from '../../simulator/world/duration.ts';
import { comparableEnd, comparableStanding, differences, type ComparableEnd } from './compare.ts';
import { effects, surplus, type Effects } from './effects.ts';
import { momentsInto, type Moment } from './folding.ts';
import { BEYOND_THE_END_MS, calmSince, changesInto, hasRejoined, type Calm } from './rejoin.ts';
import { untoldChanges } from './told.ts';
import {
  abreast,
  actedAllTheSame,
  deadLetters,
  heldForEver,
  isAnotherStory,
  isApproved,
  isGivenUp,
  isScheduled,
  overruns,
  silences,
  silentDeadLetters,
  unheard,
  unapproved,
  unrepeatable,
} from './verdicts.ts';

/**
 * How much longer than the drill a run goes on, with its schedules. One fault: Lambda's own repeats come after 1 and 2
 * minutes, a dead run's lease and a minute of throttling lie within them, and the next tick is at most a minute away.
 */
const SETTLE_MS = 300_000;
/** Each further fault may strike the repeat of the one before. */
const SETTLE_PER_FURTHER_FAULT_MS = 180_000;

/** A deployment that asks a person for every plan, and does not wait for an hour. */
const ASKING = { RUNBOOK_APPROVAL: 'always', RUNBOOK_APPROVAL_SECONDS: '600' };
/** A group whose launches nobody approves of launches for ever: three questions are enough. */
const WITHOUT_APPROVAL_MS = 2_000_000;

/** What one run showed. */
export interface Finding {
  readonly violations: readonly string[];
  /** Names of the `sometimes` that it was. */
  readonly sometimes: readonly string[];
  readonly assumed: readonly string[];
  /** It rejoined the run without faults, and was not run to its end. */
  readonly stopped: boolean;
}

/** What one run came to, and what is wrong with it. */
interface Rehearsed {
  readonly end: SimulationEnd;
  readonly finding: Finding;
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

/** A plan with as many faults that strikes nothing: their number sets the length of the run, and a request that is never sent is never struck. */
function nowhere(plan: FaultPlan): FaultPlan {
  const points = plan.points.map(() => ({ request: Number.MAX_SAFE_INTEGER, kind: 'throttled' as const }));
  return { ...NO_FAULTS, points, ...(isApproved(plan) ? { approval: 'given' as const } : {}) };
}

/** How a run is run. */
interface Manner {
  readonly functions?: readonly DeployedFunction[];
  readonly watchers?: readonly Watcher[];
  readonly mayStop?: ((standing: Standing) => boolean) | undefined;
  /** Beyond the time that explorations take. */
  readonly moreMs?: number;
}

/** Of the runs that are stopped one in so many is run to its end as well: it must come to the same. */
const WHOLE_OF_STOPPED = 25;

function isSampled(plan: FaultPlan): boolean {
  return hashOf(formatReplay(plan)) % WHOLE_OF_STOPPED === 0;
}

const NOBODY: ReadonlySet<string> = new Set();

/** Runs of one drill with one seed. */
export class Rehearsal {
  readonly #drill: Drill;
  readonly functions: readonly DeployedFunction[];
  readonly #seed: number;
  readonly #given: string;
  readonly #rules: RulesByRunbook;
  /** What is permitted to any of the runbooks deployed: an end is theirs together. */
  readonly #permitted: readonly PermittedDifference[];
  readonly #moves: readonly Meddling[];
  readonly #baselines = new Map<string, Promise<Baseline>>();
  readonly #calms = new Map<string, Promise<Calm>>();
  #wanted: readonly Sometimes[] | undefined;

  /** `rules`: of functions that have no folder in `rehearsal/`, by name. */
  constructor(drill: Drill, functions: readonly DeployedFunction[], seed: number, rules: RulesByRunbook = {}) {
    this.#drill = drill;
    this.functions = functions;
    this.#seed = seed;
    this.#given = JSON.stringify([drill.world.data, drill.world.regions]);
    this.#rules = rules;
    const own = functions.flatMap(({ summary }) => rulesOf(summary.name, rules).differences);
    this.#permitted = [...FOR_ALL.differences, ...own];
    this.#moves = movesAround(functions.map(({ summary }) => summary.name));
  }

  /** Runs the drill under a plan, as long as explorations do. */
  run(plan: FaultPlan, manner: Manner = {}): Promise<SimulationEnd> {
    const { world, events, expect } = this.#drill;
    const { functions = this.functions, watchers = this.#watchers(), mayStop, moreMs = 0 } = manner;
    const ms = runForMs(this.#drill, plan) + moreMs;
    const asking = plan.approval === undefined ? {} : ASKING;
    return simulate({
      world,
      events,
      functions,
      seed: this.#seed,
      faults: plan,
      runForMs: ms,
      environment: { ...DEPLOYED_ENVIRONMENT, ...expect.environment, ...asking },
      answers: expect.approval,
      watchers,
      ...(plan.approval === undefined ? {} : { atMostMs: ms + WITHOUT_APPROVAL_MS }),
      moves: this.#moves,
      ...(mayStop === undefined ? {} : { mayStop }),
    });
  }

  /** Runs the drill once more without faults, or with nothing but an approval: what is wrong with it, and how the account stands from moment to moment. */
  async survey(
    plan: FaultPlan = NO_FAULTS,
  ): Promise<{ readonly finding: Finding; readonly moments: readonly Moment[] }> {
    const moments: Moment[] = [];
    const { finding } = await this.#rehearse(plan, { watchers: [...this.#watchers(), momentsInto(moments)] });
    return { finding, moments };
  }

  #watchers(): readonly Watcher[] {
    return watchersNamed(this.#drill.expect.invariants);
  }

  /** The run without faults that a run under `plan` is compared with. */
  async baseline(plan: FaultPlan = NO_FAULTS): Promise<Baseline> {
    const refusing = await this.#refusing(plan);
    const key = `${runForMs(this.#drill, plan)} ${refusing.size > 0} ${isApproved(plan)}`;
    const known = this.#baselines.get(key);
    if (known !== undefined) return known;
    // Without its ledger a runbook that refuses does nothing: the world goes its way as if the runbook were not deployed.
    const run = this.#undisturbed(
      plan,
      this.functions.filter(({ summary }) => !refusing.has(summary.name)),
    );
    this.#baselines.set(key, run);
    return run;
  }

  /** The `sometimes` this drill's exploration has to see, and names it demands that nobody knows. */
  async sometimes(): Promise<ReturnType<typeof sometimesOf>> {
    const { end } = await this.baseline();
    return sometimesOf(this.#drill.expect.sometimes, end, this.functions, this.#drill.expect.needsLedger);
  }

  /** Runs the drill under a plan, no longer than until it has rejoined the run without faults, and says what is wrong with it. */
  async check(plan: FaultPlan): Promise<Finding> {
    const first = await this.#rehearse(plan, { mayStop: await this.#stopFor(plan) });
    const { finding, end } = first;
    if (end.stopped !== true) return finding;
    const isClean = finding.violations.length === 0;
    if (isClean && !isSampled(plan)) return finding;
    const whole = (await this.rehearse(plan)).finding;
    const more = whole.violations.map((text) =>
      isClean ? `${text} (though it had rejoined the run without faults)` : text,
    );
    return { ...whole, violations: more, stopped: isClean };
  }

  /** Runs it to its end, and returns the run as well. */
  rehearse(plan: FaultPlan): Promise<Rehearsed> {
    return this.#rehearse(plan, {});
  }

  async #rehearse(plan: FaultPlan, manner: Manner): Promise<Rehearsed> {
    const baseline = await this.baseline(plan);
    const usual = (await this.baseline()).end;
    this.#wanted ??= (await this.sometimes()).wanted;
    const end = await this.run(plan, manner);
    const witness = { plan, without: baseline.end, result: end, functions: this.functions };
    const finding = {
      violations: this.#violations(plan, { baseline, usual, end, refusing: await this.#refusing(plan) }),
      sometimes: this.#wanted.filter((one) => one.seen(witness)).map(({ name }) => name),
      assumed: end.assumed,
      stopped: end.stopped === true,
    };
    return { end, finding };
  }

  /** Tells when a run under a plan has rejoined the run without faults. Without ledger, with a full one, or asking a person, it never does. */
  async #stopFor(plan: FaultPlan): Promise<Manner['mayStop']> {
    const isLasting = plan.ledgerLost || plan.ledgerFull === true || plan.approval !== undefined;
    if (isFaultFree(plan) || isLasting) return undefined;
    const calm = await this.#calm(plan);
    return (standing) => hasRejoined(calm, standing, this.#given);
  }

  /** The calm run for plans that run as long as this one: without faults, and going on a little. */
  #calm(plan: FaultPlan): Promise<Calm> {
    const key = `${runForMs(this.#drill, plan)} ${plan.leasesGrantedToAll}`;
    const known = this.#calms.get(key);
    if (known !== undefined) return known;
    const calm = this.#calmRun(plan);
    this.#calms.set(key, calm);
    return calm;
  }

  async #calmRun(plan: FaultPlan): Promise<Calm> {
    const last = { atMs: 0 };
    const { leasesGrantedToAll } = plan;
    const manner = { watchers: [changesInto(last)], moreMs: BEYOND_THE_END_MS };
    const end = await this.run({ ...nowhere(plan), leasesGrantedToAll }, manner);
    return {
      state: comparableStanding(end.world, end.ledger, this.#given),
      sinceMs: calmSince(end, last.atMs),
    };
  }

  /** The functions that act in this drill, and refuse to under a plan that loses the ledger. */
  async #refusing(plan: FaultPlan): Promise<ReadonlySet<string>> {
    if (!plan.ledgerLost) return NOBODY;
    const { end } = await this.baseline();
    return actingWithout(end, this.functions, 'refuse');
  }

  async #undisturbed(plan: FaultPlan, functions: readonly DeployedFunction[]): Promise<Baseline> {
    const end = await this.run(nowhere(plan), { functions });
    return { end, comparable: this.#comparable(NO_FAULTS, end), effects: effects(end) };
  }

  #comparable(plan: FaultPlan, end: SimulationEnd): ComparableEnd {
    // A ledger that was lost, or that granted everything, holds other numbers; the world must be the same.
    const ledger = plan.ledgerLost || plan.leasesGrantedToAll ? undefined : end.ledger;
    // What a run leaves in the ledger when its report is cut short, the next look at the resource clears: a schedule takes that look.
    return comparableEnd(end.world, ledger, this.#given, this.functions.every(isScheduled));
  }

  /** `usual`: the run without faults of all functions, whoever refuses under this plan. */
  #violations(
    plan: FaultPlan,
    {
      baseline,
      usual,
      end,
      refusing,
    }: { baseline: Baseline; usual: SimulationEnd; end: SimulationEnd; refusing: ReadonlySet<string> },
  ): string[] {
    if (end.error !== undefined) return [`the run broke off: ${end.error.message}`, ...end.violations];
    const isRefusing = refusing.size > 0;
    const broken = this.#broken(plan, end, isRefusing);
    // Another story, by the drill's own word: what may never happen may not happen in it either.
    if (plan.ledgerLost && this.#drill.expect.needsLedger) return broken;
    const always = [...broken, ...untoldChanges(end, baseline.end, plan), ...unheard(end, plan)];
    const final = isRefusing ? [] : checkFinal(this.#drill.expect, end.world).map((text) => `final: ${text}`);
    if (isFaultFree(plan)) return [...always, ...final, ...unrepeatable(end, baseline.end)];
    const late = [...always, ...overruns(end), ...unapproved(end, plan)];
    // A run in which a person is asked may have been ended while something was under way.
    const held = plan.approval === undefined ? heldForEver(end) : [];
    if (isAnotherStory(plan)) return [...late, ...held, ...silentDeadLetters(end, baseline.end)];
    const found = [...late, ...deadLetters(end, usual, plan, this.functions)];
    found.push(...this.#surplus(plan, baseline, end), ...(isRefusing ? actedAllTheSame(end, refusing) : []));
    if (isGivenUp(end, baseline.end, this.functions, this.#drill.events)) return found;
    // What may stand otherwise in the end may also have needed no doing.
    const isOpen = Object.keys(this.#drill.expect.mayDiffer).length > 0;
    const unsaid = isRefusing || isOpen ? [] : silences(baseline.end, end, plan, this.#given);
    // A person who is asked takes time: the drill's own end is that of a run that asks nobody.
    const ownEnd = isApproved(plan) ? [] : final;
    return [...found, ...ownEnd, ...this.#afterAll(plan, baseline, end), ...unsaid];
  }

  /** The invariants that were broken, but for those that nobody can keep under this plan. */
  #broken({ points, approval }: FaultPlan, { violations, requests }: SimulationEnd, isRefusing: boolean): string[] {
    const made = new Set(points.map(({ move }) => move));
    const excused = this.#moves.flatMap(({ name, excuses = {} }) => (made.has(name) ? Object.keys(excuses) : []));
    const moved = requests.flatMap(({ moved: paths = [] }) => paths.map((path) => path.split('/')[2] ?? path));
    const isExcused = (text: string): boolean =>
      excused.some((name) => text.startsWith(`${name}:`)) && moved.some((id) => text.includes(id));
    const impossible = [
      ...(isRefusing ? NOT_WITHOUT_LEDGER : []),
      ...(approval === undefined || isApproved({ approval }) ? [] : NOT_WITHOUT_APPROVAL),
    ];
    const isPossible = (text: string): boolean => !impossible.some((name) => text.startsWith(`${name}:`));
    return violations.filter((text) => isPossible(text) && !isExcused(text));
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
