/** One simulated run: deploys functions into a world, delivers events, lets time pass until nothing happens any more. */

import { surroundWith } from '../../shared/aws/clients.ts';
import type { DataItem } from '../../shared/kernel/ledger/data.ts';
import { stackName } from '../../shared/kernel/config.ts';
import { Approver } from './approver.ts';
import { bind } from './bind.ts';
import { Bus } from './bus.ts';
import { createClock, settle, turn, type SimulatedClock } from './clock.ts';
import { createDurableHost, type DurableHost, type ExecutionView } from '../hosts/durable-host.ts';
import { filling } from './full-ledger.ts';
import { Journal } from './journal.ts';
import { copied, isRecord } from './json.ts';
import { catchUnhandled, setEnvironment } from './process.ts';
import { lambdaService } from '../hosts/invoke.ts';
import { deliverer, Invocations, type Deliverer } from '../hosts/lambda.ts';
import { memoryPacer } from './pacer.ts';
import { memoryData, type MemoryData } from './data.ts';
import { startConsumers } from '../hosts/consumers.ts';
import { startWorkers } from '../hosts/workers.ts';
import { handedOver, pollQueues, queued } from '../hosts/queue-source.ts';
import { DataStream } from '../hosts/data-stream.ts';
import { memoryLedger, modesIn, type LedgerDump, type MemoryLedger } from './ledger.ts';
import { othersIn } from './others.ts';
import { probeOf } from '../world/probes.ts';
import { sending } from './reasons.ts';
import { RestlessError } from './restless.ts';
import { currentInvocation, Requests, type LiveInvocation } from './requests.ts';
import type { SimulationOptions, SimulationResult } from './run-types.ts';
import type { Clock, Gap, ServiceModel, Signals, World } from './model.ts';
import { schedule } from '../world/script.ts';
import { SERVICES } from './services.ts';
import { Watch } from './watch.ts';
import { createWorld, seedAfter, type SimulatedWorld } from './world.ts';
import { parseWorld, type ParsedWorld } from '../world/world-file.ts';
import { changeLedger } from '../world/ledger.ts';

/** A run that does not come to rest within so many steps never will: some loop feeds itself. */
const MOST_STEPS = 200_000;
/** Real time given to an invocation that waits for something outside the simulation, such as the first import of a module. */
const OUTSIDE_WAIT_MS = 1_000;
/** A run in which nothing happens is asked this often whether it may stop. */
const ASKED_EVERY_MS = 30_000;

/** What a test may take hold of before the run begins: plan an approval, turn a kill switch. */
export interface Controls {
  readonly world: SimulatedWorld;
  readonly clock: Clock;
  readonly ledger: MemoryLedger;
  readonly data: MemoryData;
  readonly durable: DurableHost;
}

/** The end of a run, with what the contract of the explorer and the command leaves out. */
export interface SimulationEnd extends SimulationResult {
  readonly ledger: LedgerDump;
  /** What the data ledger holds. */
  readonly data: readonly DataItem[];
  readonly executions: readonly ExecutionView[];
  /** What a pasted world mentions and does not hold. */
  readonly gaps: readonly Gap[];
}

/** An instance's status checks in a few words. */
function checksOf(world: World, instanceId: string): string {
  const record = world.data['ec2']?.['InstanceStatuses']?.find((status) => status['InstanceId'] === instanceId);
  const told = ['SystemStatus', 'InstanceStatus', 'AttachedEbsStatus'].flatMap((name) => {
    const check = record?.[name];
    if (!isRecord(check) || typeof check['Status'] !== 'string') return [];
    return [`${name.replace('Status', '').toLowerCase()} ${check['Status']}`];
  });
  return told.join(', ') || 'none';
}

class Simulation {
  readonly #options: SimulationOptions;
  readonly #clock: SimulatedClock;
  readonly #journal: Journal;
  readonly #watch: Watch;
  readonly #world: SimulatedWorld;
  readonly #requests: Requests;
  readonly #invocations: Invocations;
  readonly #lambda: Deliverer;
  readonly #bus: Bus;
  readonly #ledger: MemoryLedger;
  readonly #data: MemoryData;
  readonly #durable = createDurableHost();
  readonly #approver: Approver | undefined;
  readonly #checks = new Map<string, string>();
  readonly #outsideWaits = new WeakMap<LiveInvocation, number>();
  readonly #gaps: Gap[] = [];
  readonly #startMs: number;
  #isMade = false;
  /** How many requests had been sent, and when, when it was asked last whether the run may stop. */
  #asked = { requests: -1, atMs: 0 };
  #stopped = false;
  #error: Error | undefined;

  constructor(options: SimulationOptions, parsed: ParsedWorld) {
    this.#options = options;
    const clock = createClock(parsed.nowMs);
    this.#clock = clock;
    this.#startMs = parsed.nowMs;
    const journal = new Journal(clock);
    this.#journal = journal;
    this.#watch = new Watch(options.watchers);
    this.#bus = new Bus({
      clock,
      region: parsed.region,
      seed: options.seed,
      functions: options.functions,
      duplicates: options.faults.duplicates,
      deliver: (fn, event, delivery, name) => this.#lambda.deliver(fn, event, delivery, name),
      note: journal.note,
      waiting: journal.waiting,
      queued: (event) => (queued(this.#world, options.functions, event) ? undefined : handedOver(event, this.#world)),
      runForMs: options.runForMs,
    });
    this.#world = this.#makeWorld(parsed);
    this.#isMade = true;
    this.#requests = this.#makeRequests(parsed.ledger.lost);
    this.#ledger = this.#makeLedger(parsed);
    const stream = new DataStream({
      clock,
      account: parsed.account,
      region: parsed.region,
      functions: options.functions,
      deliver: (fn, event) => this.#lambda.deliverBatch(fn, event),
    });
    const { data: items } = parsed.ledger;
    this.#data = memoryData({ submit: this.#requests.submit, items, onChange: stream.changed });
    const { approval = options.answers } = options.faults;
    const desk = { world: this.#world, durable: this.#durable, ledger: this.#ledger, note: journal.note };
    this.#approver = approval === undefined ? undefined : new Approver(desk, approval);
    this.#invocations = new Invocations({
      world: this.#world,
      clock,
      note: journal.note,
      ended: (invocation) => this.#bus.ended(invocation),
    });
    this.#lambda = deliverer({
      world: this.#world,
      clock,
      queue: this.#requests,
      invocations: this.#invocations,
      startDurable: this.#durable.start,
      note: journal.note,
      fatal: this.#fatal,
    });
    schedule(this.#world, this.#scriptOf(parsed), {
      note: (text) => journal.note('world', text),
      fatal: this.#fatal,
      elsewhere: (path, value) => changeLedger(this.#ledger, this.#data, { path, value, at: clock.iso() }),
    });
  }

  #makeWorld(parsed: ParsedWorld): SimulatedWorld {
    return createWorld(copied(parsed.data), {
      services: SERVICES,
      seed: this.#options.seed,
      account: parsed.account,
      region: parsed.region,
      beside: copied(parsed.regions),
      clock: this.#clock,
      onEvent: this.#bus.publish,
      // What a service says of its resources while it completes the file is the beginning, not a story.
      onSignal: (_name, payload, world) => {
        if (this.#isMade) this.#story(payload, world);
      },
      onGap: parsed.isPasted ? (gap) => void this.#gaps.push(gap) : undefined,
    });
  }

  /** Where the account moves under the plan, what the script has happen later may no longer be possible. */
  #scriptOf({ script }: ParsedWorld): ParsedWorld['script'] {
    const isMoving = this.#options.faults.points.some(({ kind }) => kind === 'world-moves');
    return isMoving ? script.map((step) => ({ ...step, ifPossible: true })) : script;
  }

  #makeLedger({ account, region, nowMs, ledger }: ParsedWorld): MemoryLedger {
    const { switches, modes, resources, runs: records, approvals } = ledger;
    const { faults, functions } = this.#options;
    const names = functions.map(({ summary }) => summary.name);
    return memoryLedger({
      submit: this.#requests.submit,
      grantAll: faults.leasesGrantedToAll,
      switches,
      modes: modesIn(modes),
      records,
      approvals,
      resources: faults.ledgerFull === true ? [...resources, ...filling(account, region, names, nowMs)] : resources,
    });
  }

  /** Tells of an instance's state, of its health as a target, and of its checks when they changed in the run. */
  #story(payload: Signals[keyof Signals], world: World): void {
    if (!('instanceId' in payload)) return;
    const { instanceId } = payload;
    const shown = world.region === this.#world.region ? instanceId : `${world.region} ${instanceId}`;
    if ('state' in payload) this.#journal.note('world', `${shown} ${payload.state}`);
    if ('health' in payload) this.#journal.note('world', `${shown} ${payload.health} in ${payload.targetGroup}`);
    const text = checksOf(world, instanceId);
    const before = this.#checks.get(shown);
    this.#checks.set(shown, text);
    if (before !== undefined && before !== text) this.#journal.note('world', `${shown} checks: ${text}`);
  }

  #makeRequests(ledgerLost: boolean): Requests {
    return new Requests({
      world: this.#world,
      clock: this.#clock,
      seed: this.#options.seed,
      faults: { ...this.#options.faults, ledgerLost: ledgerLost || this.#options.faults.ledgerLost },
      note: this.#journal.note,
      fatal: this.#fatal,
      sent: (invocation) => {
        if (invocation !== undefined) this.#bus.sent(invocation);
      },
      stray: (invocation, call) =>
        this.#watch.add(`${call} was sent after invocation ${invocation.index} had ended: a promise was left floating`),
      others: othersIn(
        { home: this.#world, ledger: () => this.#ledger, note: this.#journal.note },
        this.#options.moves ?? [],
      ),
    });
  }

  #fatal = (error: unknown): void => {
    this.#error ??= error instanceof Error ? error : new Error(String(error));
  };

  /** Those of the account, and the one that the functions themselves are in. */
  #services(): readonly ServiceModel[] {
    const { functions, environment } = this.#options;
    const lambda = lambdaService({
      functions,
      prefix: stackName(environment),
      region: this.#world.region,
      executionOf: (fn, event, name) => this.#durable.find(fn, event, name)?.settings.arn,
      executions: () => this.#durable.executions(),
      deliver: (fn, event, name) => this.#bus.invoked(fn, event, name),
    });
    return [...SERVICES.filter(({ name }) => name !== lambda.name), lambda];
  }

  /** Replaces everything that the code under test could see of the real world; returns the way back. */
  #takeOver(): () => void {
    const clock = this.#clock;
    const undo = [
      setEnvironment({
        AWS_REGION: this.#world.region,
        AWS_DEFAULT_REGION: this.#world.region,
        ...this.#options.environment,
      }),
      bind({ world: this.#world, services: this.#services(), queue: this.#requests, fatal: this.#fatal }),
      surroundWith({
        ledger: this.#ledger,
        data: this.#data,
        pacer: memoryPacer({ submit: this.#requests.submit }),
        probe: probeOf(this.#world, clock),
        write: this.#journal.write,
        sending,
      }),
      catchUnhandled(this.#fatal),
      clock.uninstall,
    ];
    clock.install(currentInvocation);
    return () => undo.toReversed().forEach((step) => step());
  }

  /** Runs to the end and puts everything back. */
  async run(prepare: ((controls: Controls) => void) | undefined): Promise<SimulationEnd> {
    const restore = this.#takeOver();
    try {
      const beginning = { world: this.#world, ledger: this.#ledger, data: this.#data };
      for (const { begin } of this.#options.functions) begin?.(beginning);
      prepare?.({ ...beginning, clock: this.#clock, durable: this.#durable });
      for (const given of this.#options.events) this.#bus.external(given);
      pollQueues({
        world: this.#world,
        functions: this.#options.functions,
        hand: (fn, event) => this.#bus.invoked(fn, event, undefined),
      });
      startConsumers(this.#world);
      startWorkers(this.#world, this.#data);
      this.#bus.startSchedules(this.#world);
      // One more millisecond: what is due at the very end still happens.
      if (this.#options.runForMs > 0) this.#clock.after(this.#options.runForMs + 1, () => undefined);
      this.#watch.look(this.#world, this.#journal.told, this.#requests.log, this.#invocations.list);
      await this.#loop();
    } catch (error) {
      this.#fatal(error);
    } finally {
      for (const invocation of this.#invocations.running) invocation.kill();
      restore();
    }
    return this.#result();
  }

  async #loop(): Promise<void> {
    const most = this.#options.mostSteps ?? MOST_STEPS;
    for (let steps = 0; steps < most; steps += 1) {
      await this.#settle();
      if (this.#error !== undefined || this.#isQuiet() || this.#isOver()) return;
      this.#stopped = this.#mayStop();
      if (this.#stopped) return;
      await this.#awaitOutside();
      if (!this.#clock.step()) throw new Error('the run is stuck: something is under way, and no timer will end it');
      this.#approver?.read();
      this.#watch.look(this.#world, this.#journal.told, this.#requests.log, this.#invocations.list);
    }
    throw new RestlessError(most);
  }

  async #settle(): Promise<void> {
    while (this.#clock.woken()) await settle();
  }

  /** Nobody is at work, and nobody will be but by a schedule. */
  #isIdle(): boolean {
    return this.#invocations.running.size === 0 && this.#lambda.pending() === 0 && !this.#bus.ticking();
  }

  #isQuiet(): boolean {
    return this.#clock.foreground() === 0 && this.#isIdle();
  }

  #isOver(): boolean {
    return this.#clock.now() - this.#startMs > (this.#options.atMostMs ?? Number.POSITIVE_INFINITY);
  }

  #mayStop(): boolean {
    const { mayStop, runForMs } = this.#options;
    // The one timer is that of the end of the run.
    if (mayStop === undefined || runForMs === 0 || this.#clock.foreground() !== 1 || !this.#isIdle()) return false;
    if (!this.#requests.isSpent() || !this.#bus.isSpent()) return false;
    const [requests, atMs] = [this.#requests.log.length, this.#clock.now()];
    if (requests === this.#asked.requests && atMs - this.#asked.atMs < ASKED_EVERY_MS) return false;
    this.#asked = { requests, atMs };
    return mayStop({ world: this.#world, ledger: this.#ledger.dump });
  }

  /** An invocation that waits neither for a request nor for a timer waits for the real world: give it time before the clock moves. */
  async #awaitOutside(): Promise<void> {
    for (const invocation of this.#invocations.running) {
      const idle = (): boolean => invocation.alive() && invocation.inFlight === 0 && invocation.timers.size === 0;
      if (!idle() || this.#outsideWaits.get(invocation) === invocation.requests) continue;
      this.#outsideWaits.set(invocation, invocation.requests);
      const from = performance.now();
      while (idle() && performance.now() - from < OUTSIDE_WAIT_MS) await turn();
      await this.#settle();
    }
  }

  #result(): SimulationEnd {
    return {
      world: this.#world,
      invocations: this.#invocations.list,
      requests: this.#requests.log,
      results: this.#journal.results,
      lines: this.#journal.lines,
      deadLetters: this.#lambda.deadLetters,
      events: this.#bus.events,
      timeline: this.#journal.timeline,
      assumed: [...this.#world.assumed].toSorted(),
      violations: this.#watch.violations,
      ledger: this.#ledger.dump(),
      data: this.#data.dump(),
      executions: this.#durable.executions(),
      gaps: this.#gaps,
      ...(this.#error === undefined ? {} : { error: this.#error }),
      ...(this.#stopped ? { stopped: true as const } : {}),
    };
  }
}

let underWay = false;

/**
 * Runs a simulation to quiescence. Never rejects for what happens in the run: that is in the result's `error`.
 * Simulations share the process's clock and clients, so there is one at a time.
 * @param prepare called before the first event, with the world as the file describes it
 * @throws BadInputError when the world file is wrong, with the JSON path of the fault
 */
export async function simulate(
  options: SimulationOptions,
  prepare?: (controls: Controls) => void,
): Promise<SimulationEnd> {
  if (underWay) throw new Error('a simulation is under way in this process already');
  const parsed = parseWorld(options.world);
  underWay = true;
  try {
    return await new Simulation({ ...options, seed: seedAfter(options.seed, parsed.simulated) }, parsed).run(prepare);
  } finally {
    underWay = false;
  }
}
