/**
 * The queue of requests of a simulated run: each AWS call, ledger request and checkpoint of the code under test.
 *
 * A request leaves when it is sent, takes effect 20 to 80 ms later (simulated, from the seed) and is answered then, so
 * that concurrent invocations interleave at their requests only, in an order the seed chooses. Faults strike here, and
 * here a dead invocation stays dead: nothing it sends after its death takes effect, nothing it waits for is answered.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { SimulatedClock, TimerOwner } from './clock.ts';
import { aborted, broken, isAnswer, refusalOf, throttled, timedOut } from './failures.ts';
import { heldFor } from './long-poll.ts';
import { isOfOwnState } from './own-state.ts';
import { currentReason } from './reasons.ts';
import { awsError, type Clock, type Shape, type World } from './model.ts';
import { OlderCopies } from './older.ts';
import { awayFrom, destination } from './places.ts';
import {
  called,
  type DeployedFunction,
  type FaultPlan,
  type FaultPoint,
  type Invocation,
  type LoggedRequest,
  type TimelineEntry,
} from './run-types.ts';
import { randomStream, type SimulatedWorld } from './world.ts';

/** A request as its sender hands it over. */
export interface Request<T> {
  /** `service:Operation` with IAM's prefix: `ec2:AssociateAddress`, `ledger:acquire`, `lambda:CheckpointDurableExecution`. */
  readonly call: string;
  readonly kind: 'read' | 'write';
  /** What the log shows; not to be changed afterwards. */
  readonly input: Shape;
  /** The Region that it goes to, which has to be known when it takes effect. Absent: it is none of the world's. */
  readonly region?: () => string | undefined;
  /**
   * The effect, synchronous and atomic; runs once, at completion, in the Region it was sent to. Its value is the answer. Throw
   * `awsError(…)` (or anything with `$metadata`) to refuse the request; any other error is a bug and ends the simulation.
   */
  readonly run: (world: SimulatedWorld) => T;
  /** The same where one of several parts fails: the fault `entry-failed`. Absent: it has none. */
  readonly partly?: (world: SimulatedWorld) => T;
  /** How many milliseconds longer it is held there, once it has been for `heldMs`: a long poll. Absent: it is not. */
  readonly holdMs?: (world: SimulatedWorld, heldMs: number) => number;
  /** The answer to the fault `lock-conflict`, without the effect. Absent: `ConditionalCheckFailedException`. */
  readonly conflict?: () => T;
  /** Rejects with an `AbortError` when aborted. What has left takes effect all the same. */
  readonly signal?: AbortSignal;
}

export interface RequestQueue {
  /**
   * Sends a request for the invocation that is running (found by async context; none: a caller outside Lambda).
   * Never settles for an invocation that is dead, or dies meanwhile.
   */
  readonly submit: <T>(request: Request<T>) => Promise<T>;
}

/** An invocation while it runs, and after. */
export interface LiveInvocation extends TimerOwner {
  readonly index: number;
  readonly runbook: string;
  /** Index of the external delivery that it is of, -1 for a schedule. */
  readonly delivery: number;
  /** How it ended; absent while it runs. */
  ended?: Invocation['ended'];
  /** Requests sent so far. */
  requests: number;
  /** Requests sent and not yet answered. */
  inFlight: number;
  /** Length of its longest chain of answered requests. */
  depth: number;
  /** Ends it at once as dead. */
  readonly kill: () => void;
  /** A promise of it was rejected and nobody minded: Lambda's runtime ends the invocation. */
  readonly crash: (reason: unknown) => void;
}

/** How one invocation of a handler ended. After `died` and `timed-out` nothing of it goes on. */
export type InvocationEnd =
  | { readonly ended: 'returned' | 'suspended'; readonly value: unknown }
  | { readonly ended: 'threw'; readonly error: unknown }
  | { readonly ended: 'died' | 'timed-out'; readonly error: Error };

/** One invocation to be made. */
export interface InvocationOrder {
  readonly fn: DeployedFunction;
  /** What the handler is given. */
  readonly payload: unknown;
  /** What the list of invocations shows as its event. */
  readonly event: unknown;
  readonly requestId: string;
  /** Index of the external delivery, -1 for a schedule. */
  readonly delivery: number;
  /** Tells from what the handler returned whether it is only suspended. Absent: it has returned. */
  readonly isSuspended?: (value: unknown) => boolean;
}

/** What the durable host may use of the simulation, for one execution. */
export interface DurableEnvironment {
  readonly world: World;
  /** Its `after` keeps the simulation going until a wait or retry is due. */
  readonly clock: Clock;
  readonly queue: RequestQueue;
  /** Index of the external delivery that started the execution, -1 for a schedule. */
  readonly delivery: number;
  /** A deterministic UUID. */
  readonly uuid: () => string;
  /**
   * Invokes the handler once, as Lambda does: own async context, Lambda context object, time-out, death by fault. Never
   * rejects. The list of invocations and the timeline are kept here.
   */
  readonly invoke: (order: InvocationOrder) => Promise<InvocationEnd>;
  /** The event is given up: to the function's dead-letter queue. */
  readonly deadLetter: (fn: DeployedFunction, event: unknown, error: string) => void;
  readonly note: (kind: TimelineEntry['kind'], text: string) => void;
  /** The run cannot go on: a bug, or something not simulated. */
  readonly fatal: (error: unknown) => void;
}

/**
 * Runs one durable execution to its end; settles when it has succeeded, failed, timed out or been stopped, and never
 * rejects. `name` is the execution's name, `event` the first input.
 */
export type StartDurable = (
  fn: DeployedFunction,
  event: unknown,
  name: string,
  environment: DurableEnvironment,
) => Promise<void>;

const running = new AsyncLocalStorage<LiveInvocation>();

/** The invocation whose code is running, if any. */
export function currentInvocation(): LiveInvocation | undefined {
  return running.getStore();
}

/** Runs code as part of an invocation. */
export function within<T>(invocation: LiveInvocation, code: () => T): T {
  return running.run(invocation, code);
}

/** EC2 and DynamoDB answer within tens of milliseconds; the spread is what lets invocations overtake each other. Assumed. */
const LATENCY_MS = { least: 20, spread: 61 };
/** The clients' request time-out (`shared/aws/clients.ts`): what a lost reply costs. */
const LOST_REPLY_MS = 10_000;
const MINUTE_MS = 60_000;

export interface QueueOptions {
  readonly world: SimulatedWorld;
  readonly clock: SimulatedClock;
  readonly seed: number;
  readonly faults: FaultPlan;
  readonly note: (kind: TimelineEntry['kind'], text: string) => void;
  /** The run cannot go on: something is not simulated, or a bug. */
  readonly fatal: (error: unknown) => void;
  /** Called for every request when it is sent. */
  readonly sent: (invocation: LiveInvocation | undefined) => void;
  /** Called when a request is sent by an invocation that has returned: a promise was left floating. */
  readonly stray: (invocation: LiveInvocation, call: string) => void;
  /** What others do between a look and a call. */
  /** Absent: nobody else is there. */
  readonly others?: Others;
}

/** What others do to the account and the ledger between a run's look and its call. */
export interface Others {
  /** Names of the moves that could come right before this call takes effect in that Region. */
  readonly movesBefore: (call: string, input: Shape, world: SimulatedWorld) => readonly string[];
  /** Makes one of them there; the paths that it set. */
  readonly move: (name: string, input: Shape, world: SimulatedWorld) => readonly string[];
  /** Takes every lease that is held; how many. */
  readonly stealLeases: () => number;
}

type Logged = { -readonly [K in keyof LoggedRequest]: LoggedRequest[K] };

interface Pending<T> {
  readonly request: Request<T>;
  readonly log: Logged;
  readonly fault: FaultPoint | undefined;
  readonly invocation: LiveInvocation | undefined;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
  open: boolean;
}

/** A promise that never settles: what a dead invocation waits for. */
function never<T>(): Promise<T> {
  return new Promise<T>(() => undefined);
}

function wordsOf({ kind, move }: FaultPoint): string {
  return move === undefined ? kind : `${kind} (${move})`;
}

/** The ledger and the checkpoints are no part of the world that is read. */
function isApartFromTheWorld(call: string): boolean {
  return call.startsWith('ledger:') || isOfOwnState(call);
}

/** The queue of one simulated run. */
export class Requests implements RequestQueue {
  /** Every request in the order of sending. */
  readonly log: LoggedRequest[] = [];
  readonly #options: QueueOptions;
  readonly #latency: () => number;
  readonly #faults: ReadonlyMap<number, FaultPoint>;
  readonly #keepOlder: boolean;
  /** By service and Region, as AWS's limits are. */
  readonly #throttledUntil = new Map<string, number>();
  readonly #older = new OlderCopies();

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#latency = randomStream(options.seed, 'latency');
    this.#faults = new Map(options.faults.points.map((point) => [point.request, point]));
    this.#keepOlder = options.faults.points.some((point) => point.kind === 'stale-read');
  }

  submit = <T>(request: Request<T>): Promise<T> => {
    const invocation = currentInvocation();
    if (invocation?.ended !== undefined) {
      if (invocation.ended === 'returned' || invocation.ended === 'threw')
        this.#options.stray(invocation, request.call);
      return never();
    }
    if (request.signal?.aborted === true) return Promise.reject(aborted());
    const fault = this.#faults.get(this.log.length);
    const log = this.#record(request, invocation, fault);
    if (fault !== undefined) this.#options.note('fault', `${wordsOf(fault)} at request ${log.index} ${called(log)}`);
    if (fault?.kind === 'died-before') {
      invocation?.kill();
      return never();
    }
    return new Promise<T>((resolve, reject) => {
      this.#send({ request, log, fault, invocation, resolve, reject, open: true });
    });
  };

  /** Whether every fault of the plan has struck, and none lasts. */
  isSpent(): boolean {
    const isPast = (request: number): boolean => request < this.log.length;
    const now = this.#options.clock.now();
    return [...this.#faults.keys()].every(isPast) && [...this.#throttledUntil.values()].every((until) => until <= now);
  }

  #record(request: Request<unknown>, invocation: LiveInvocation | undefined, fault: FaultPoint | undefined): Logged {
    const log: Logged = {
      index: this.log.length,
      invocation: invocation?.index ?? -1,
      call: request.call,
      kind: request.kind,
      input: request.input,
      at: this.#options.clock.iso(),
      depth: (invocation?.depth ?? 0) + 1,
      ...awayFrom(this.#options.world, request),
    };
    if (fault !== undefined) log.fault = fault.kind;
    if (request.partly !== undefined) log.inParts = true;
    const because = currentReason();
    if (because !== undefined) log.because = because;
    this.log.push(log);
    if (invocation !== undefined) {
      log.runbook = invocation.runbook;
      invocation.requests += 1;
    }
    this.#options.sent(invocation);
    return log;
  }

  #send<T>(pending: Pending<T>): void {
    const { invocation, request } = pending;
    if (invocation !== undefined) invocation.inFlight += 1;
    const onAbort = (): void => {
      pending.log.error ??= 'AbortError';
      this.#answer(pending, () => pending.reject(aborted()));
    };
    request.signal?.addEventListener('abort', onAbort, { once: true });
    const latency = LATENCY_MS.least + Math.floor(this.#latency() * LATENCY_MS.spread);
    this.#options.clock.after(latency, () => {
      this.#arrive(pending, latency, 0);
      request.signal?.removeEventListener('abort', onAbort);
    });
  }

  /** It has reached the service, which may hold it for a while. */
  #arrive<T>(pending: Pending<T>, latency: number, heldMs: number): void {
    const more = heldFor(this.#options.world, pending.request, pending.fault?.kind, heldMs);
    if (more > 0) this.#options.clock.after(more, () => this.#arrive(pending, latency, heldMs + more));
    else this.#complete(pending, latency + heldMs);
  }

  /** The moment of the effect. A request that left before its invocation died takes effect, unanswered. */
  #complete<T>(pending: Pending<T>, latency: number): void {
    const { request, log, fault } = pending;
    log.answeredAt = this.#options.clock.iso();
    let answer: T;
    try {
      const { world } = this.#options;
      // Not every client knows its Region when the request leaves.
      Object.assign(log, awayFrom(world, request));
      answer = this.#execute(request, destination(world, request), log, fault);
    } catch (error) {
      if (!isAnswer(error)) {
        this.#options.fatal(error);
        return;
      }
      log.error = error instanceof Error ? error.name : String(error);
      this.#story(log);
      this.#answer(pending, () => pending.reject(error));
      return;
    }
    if (fault?.kind === 'reply-lost') log.error = 'TimeoutError';
    if (fault?.kind === 'effect-throws') log.error = 'TypeError';
    this.#story(log);
    this.#reply(pending, latency, answer);
  }

  #reply<T>(pending: Pending<T>, latency: number, answer: T): void {
    const kind = pending.fault?.kind;
    const reject = (error: Error): void => this.#answer(pending, () => pending.reject(error));
    if (kind === 'died-after') pending.invocation?.kill();
    else if (kind === 'reply-lost') this.#options.clock.after(LOST_REPLY_MS - latency, () => reject(timedOut()));
    else if (kind === 'effect-throws') reject(broken());
    else this.#answer(pending, () => pending.resolve(answer));
  }

  #answer<T>(pending: Pending<T>, settle: () => void): void {
    const { invocation } = pending;
    if (!pending.open) return;
    pending.open = false;
    if (invocation !== undefined) {
      invocation.inFlight -= 1;
      if (invocation.ended !== undefined) return;
      invocation.depth = Math.max(invocation.depth, pending.log.depth);
    }
    this.#options.clock.wake();
    settle();
  }

  #execute<T>(request: Request<T>, world: SimulatedWorld, log: Logged, fault: FaultPoint | undefined): T {
    const { faults, clock } = this.#options;
    const kind = fault?.kind;
    const prefix = request.call.slice(0, request.call.indexOf(':'));
    const limit = `${world.region} ${prefix}`;
    const now = clock.now();
    if (prefix === 'ledger' && faults.ledgerLost)
      throw awsError('ServiceUnavailable', 'the ledger does not answer', 503);
    if (kind === 'throttled-for-a-minute') this.#throttledUntil.set(limit, now + MINUTE_MS);
    if (kind === 'throttled' || now < (this.#throttledUntil.get(limit) ?? 0)) throw throttled(prefix);
    if (kind === 'failed-before') throw awsError('InternalError', 'An internal error has occurred', 500);
    if (kind === 'refused') throw refusalOf(request.call);
    if (kind === 'lock-conflict' && request.kind === 'write') {
      if (request.conflict === undefined)
        throw awsError('ConditionalCheckFailedException', 'The conditional request failed', 400);
      return request.conflict();
    }
    if (kind === 'stale-read' && request.kind === 'read') return this.#stale(request, world, log);
    if (kind === 'lock-conflict' || kind === 'stale-read') log.missed = true;
    this.#others(request, world, log, fault);
    if (this.#keepOlder && request.kind === 'write' && !isApartFromTheWorld(request.call)) this.#older.take(world);
    return kind === 'entry-failed' && request.partly !== undefined ? request.partly(world) : request.run(world);
  }

  /** What others do right before a request takes effect, and what they could have done. */
  #others({ call, input }: Request<unknown>, world: SimulatedWorld, log: Logged, fault: FaultPoint | undefined): void {
    const { others } = this.#options;
    if (others === undefined) return;
    const moves = others.movesBefore(call, input, world);
    if (moves.length > 0) log.moves = moves;
    if (fault?.kind === 'world-moves') {
      log.moved = others.move(fault.move ?? '', input, world);
      if (log.moved.length === 0) log.missed = true;
    }
    if (fault?.kind === 'lease-stolen' && others.stealLeases() === 0) log.missed = true;
  }

  #stale<T>(request: Request<T>, world: SimulatedWorld, log: Logged): T {
    const read = this.#older.read(world, () => request.run(world));
    if (read !== undefined) return read.answer;
    log.missed = true;
    return request.run(world);
  }

  #story({ call, kind, input, region, error }: Logged): void {
    if (kind !== 'write' || isApartFromTheWorld(call)) return;
    const ending = error === undefined ? '' : ` -> ${error}`;
    this.#options.note('call', `${called({ call, region })} ${JSON.stringify(input)}${ending}`);
  }
}
