/** What goes into a simulated run and what comes out; shared by the simulation, the durable host, the explorer and the command. */

import type { RunbookSummary } from '../../shared/kernel/definition.ts';
import type { LambdaFunction } from '../../shared/kernel/hosts/host.ts';
import type { RunResult } from '../../shared/kernel/report/result.ts';
import type { MemoryData } from './data.ts';
import type { LedgerDump, MemoryLedger } from './ledger.ts';
import type { BusEvent, Shape, World } from './model.ts';

/** A Lambda handler with the summary the kernel attached to it (`handler.runbook`). */
export interface DeployedFunction {
  readonly summary: RunbookSummary;
  readonly handler: LambdaFunction;
  /** What its schedule has long since seen to when a world begins that says nothing about it. */
  readonly begin?: (beginning: Beginning) => void;
}

/** A world before its first event. */
export interface Beginning {
  readonly world: World;
  readonly ledger: MemoryLedger;
  readonly data: MemoryData;
}

/** What can go wrong with one request. */
export type FaultKind =
  /** Refused with the service's throttling error; no effect. */
  | 'throttled'
  /** Like `throttled`, and so is every request of the same service for the next simulated minute. */
  | 'throttled-for-a-minute'
  /** HTTP 500 before the effect. */
  | 'failed-before'
  /** The effect happened, the reply never came (socket time-out error). */
  | 'reply-lost'
  /** A read answers with the state before the latest write. */
  | 'stale-read'
  /** A conditional write is refused although its condition held (`ledger:*` only). */
  | 'lock-conflict'
  /** The Lambda died before the request left. */
  | 'died-before'
  /** The Lambda died after the effect, before the reply. */
  | 'died-after'
  /** A write is refused with an error of the operation's own (4xx: not in this state, not allowed); no effect. */
  | 'refused'
  /** Of a batch one entry is `Failed` by the service's own fault, and the others are done. */
  | 'entry-failed'
  /** The effect happened; what the sender gets is an exception of its own process, no answer of the service. */
  | 'effect-throws'
  /** Between the look and the call somebody else changes the account: the move that the point names. */
  | 'world-moves'
  /** Between the look and the call another run takes every lease that is held, and dies with it. */
  | 'lease-stolen';

/** A fault at the request number `request` of the simulation (0-based, ledger and checkpoint requests included). */
export interface FaultPoint {
  readonly request: number;
  readonly kind: FaultKind;
  /** Of `world-moves`: the name of the move. */
  readonly move?: string;
}

/** Something that others may do to the account between a run's look and its call. */
export interface WorldMove {
  /** In kebab case: `target-terminated`. */
  readonly name: string;
  /** Calls, `service:Operation`, that it may come right before. */
  readonly before: readonly string[];
  /**
   * What is set, as a script sets it at home, when the call with this input is about to take effect. `world`: the account in the
   * Region that the call goes to; that is where it is set. `undefined`: nothing that this move could be about.
   */
  readonly happens: (input: Shape, world: World) => { readonly [path: string]: unknown } | undefined;
}

/** How the person answers who is asked for an approval. */
export type ApprovalAnswer =
  /** Approves of the plan, within a minute. */
  | 'given'
  /** Approves, and approves once more. */
  | 'twice'
  /** Approves when the approval has expired. */
  | 'late'
  /** Approves of another plan. */
  | 'stale'
  /** Says no. */
  | 'denied'
  /** Somebody says it in their name: the run is woken, and the ledger has no such word. */
  | 'forged'
  /** Does not answer. */
  | 'never';

/** A second delivery of the event number `event` (0-based, in order of first delivery). */
export interface DuplicateDelivery {
  readonly event: number;
  /** With the first; when the first run has made its first request; when the first run has ended. */
  readonly when: 'with' | 'during' | 'after';
}

/** Everything that goes wrong in one run. Empty: nothing. */
export interface FaultPlan {
  readonly points: readonly FaultPoint[];
  readonly duplicates: readonly DuplicateDelivery[];
  /** Every ledger request fails from the start to the end. */
  readonly ledgerLost: boolean;
  /** The ledger grants every lease to everybody. */
  readonly leasesGrantedToAll: boolean;
  /** The ledger holds what was left of thousands of other resources. */
  readonly ledgerFull?: boolean;
  /** Every plan waits for a person, who answers so. Absent: the deployment asks nobody but where a decision does by itself. */
  readonly approval?: ApprovalAnswer;
}

/** Nothing goes wrong. */
export const NO_FAULTS: FaultPlan = { points: [], duplicates: [], ledgerLost: false, leasesGrantedToAll: false };

/** One request that the code under test sent. `ledger:acquire`, `lambda:CheckpointDurableExecution`… are among them. */
export interface LoggedRequest {
  readonly index: number;
  readonly invocation: number;
  /** Whose invocation sent it. Absent: a caller outside Lambda. */
  readonly runbook?: string;
  /** `service:Operation` with IAM's prefix. */
  readonly call: string;
  readonly kind: 'read' | 'write';
  readonly input: Shape;
  /** The Region it was sent to. Absent: home. */
  readonly region?: string;
  /** ISO, when it was sent. */
  readonly at: string;
  /** Length of the longest chain of requests of this invocation that had to end before this one was sent, plus one. */
  readonly depth: number;
  /** The reason of the planned call that it was sent for. */
  readonly because?: string;
  /** ISO, when it took effect or was refused; absent: it never left, or the run ended before. */
  readonly answeredAt?: string;
  readonly error?: string;
  readonly fault?: FaultKind;
  /** The fault found nothing to strike: a stale copy that there is not, a move that is about nothing, no lease to steal. */
  readonly missed?: true;
  /** It is a batch, whose entries are done or fail one by one. */
  readonly inParts?: true;
  /** Names of the world's moves that could have come right before it took effect. */
  readonly moves?: readonly string[];
  /** Of `world-moves`: the paths that were set. */
  readonly moved?: readonly string[];
}

/** A request's call in words, with the Region where that is not home: `ec2:StopInstances in us-east-1`. */
export function called({ call, region }: { readonly call: string; readonly region?: string | undefined }): string {
  return region === undefined ? call : `${call} in ${region}`;
}

/** One invocation of a function. */
export interface Invocation {
  readonly index: number;
  readonly runbook: string;
  /** Lambda request id; the same for Lambda's own retries of an event. */
  readonly requestId: string;
  /** Index of the delivery that started it; -1 for a schedule. */
  readonly delivery: number;
  readonly event: unknown;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly ended: 'returned' | 'threw' | 'died' | 'timed-out' | 'suspended';
  readonly error?: string;
}

/** A message that ended in a dead-letter queue or on-failure destination. */
export interface DeadLetter {
  readonly runbook: string;
  /** It is a message of the function's own queue, and ended in that of failed requests. Absent: where its failed runs end. */
  readonly queue?: 'requests';
  readonly event: unknown;
  readonly error: string;
  readonly at: string;
}

/** One line of the story: what happened in the world, what was delivered, what a run did. */
export interface TimelineEntry {
  readonly at: string;
  readonly kind: 'world' | 'event' | 'run' | 'call' | 'result' | 'fault';
  readonly text: string;
}

/** An event given from outside: exactly as AWS delivers it, after so many milliseconds. */
export interface GivenEvent {
  readonly event: unknown;
  readonly afterMs: number;
  /** Absent: to every function it matches. */
  readonly runbook?: string;
  /** What the run is called that it starts: the durable execution, or the request. Absent: as the simulator calls it. */
  readonly name?: string;
}

/** What one run is made of. */
export interface SimulationOptions {
  /** A world file, or one that `parseWorld` has checked (`simulator/world/world-file.ts`). */
  readonly world: unknown;
  readonly events: readonly GivenEvent[];
  readonly functions: readonly DeployedFunction[];
  readonly seed: number;
  readonly faults: FaultPlan;
  /** Runs at least this long and ticks the schedules meanwhile; 0: to quiescence, schedules tick only while a result is `waiting`. */
  readonly runForMs: number;
  /** Ends after so long whatever is under way: for worlds that never come to rest. Absent: they must. */
  readonly atMostMs?: number;
  /** It ends in a failure where it has not come to rest within so many steps; by default where no run that does has ever taken as many. */
  readonly mostSteps?: number;
  /** How the person answers who is asked, unless the plan of the run says it. Absent: nobody is there. */
  readonly answers?: ApprovalAnswer | undefined;
  /** Environment of the functions; merged over the simulator's defaults. */
  readonly environment: { readonly [name: string]: string };
  /** Invariants, checked at every moment. */
  readonly watchers: readonly Watcher[];
  /** What others may do to the account between a look and a call. */
  readonly moves?: readonly WorldMove[];
  /**
   * Asked whether the run may end early, whenever nothing is under way and nothing but schedules is to come: no invocation, no
   * repeat, no wait, no event, no change of the world, and no fault of the plan.
   */
  readonly mayStop?: (standing: Standing) => boolean;
}

/** How a run stands between two things that happen. */
export interface Standing {
  readonly world: World;
  readonly ledger: () => LedgerDump;
}

/** An outcome that a run logged. */
export interface LoggedResult {
  /** The index of the invocation that logged it; -1: none. */
  readonly invocation: number;
  readonly result: RunResult;
}

/** What one run came to. */
export interface SimulationResult {
  readonly world: World;
  readonly invocations: readonly Invocation[];
  readonly requests: readonly LoggedRequest[];
  /** In the order in which they were logged. */
  readonly results: readonly LoggedResult[];
  /** Log and metric lines as written. */
  readonly lines: readonly string[];
  readonly deadLetters: readonly DeadLetter[];
  readonly events: readonly BusEvent[];
  readonly timeline: readonly TimelineEntry[];
  /** Behaviours of grade `assumed` that were used. */
  readonly assumed: readonly string[];
  /** What the explorer asserts over time: observed at every change of the world. */
  readonly violations: readonly string[];
  /** A `not simulated: …` or a bug of the simulation; the run ended there. */
  readonly error?: Error;
  /** `mayStop` had it end before its time. */
  readonly stopped?: true;
}

/** A property that must hold at every moment of a run; called after every request and every change of the world. */
export interface Watcher {
  readonly name: string;
  /**
   * Returns what is violated, or `undefined`. Keeps no state of its own outside `memory`. `told`: outcomes logged so far;
   * `sent`: requests, of functions only, whatever became of them; `invoked`: what functions were given.
   */
  readonly check: (
    world: World,
    memory: { [key: string]: unknown },
    told?: readonly RunResult[],
    sent?: readonly LoggedRequest[],
    invoked?: readonly Pick<Invocation, 'runbook' | 'event' | 'startedAt'>[],
  ) => string | undefined;
}
