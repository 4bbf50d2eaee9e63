/** What a runbook is: the one value each `handler.ts` hands to `runbook()`. */

import type { ApiCall, Decision, Json, JsonObject, KernelFacts, Meaning, PlannedCall, WorkDone } from './decision.ts';
import { TerminalError, type Fault } from './errors.ts';
import type { HostAdapter, HostKind } from './hosts/host.ts';
import type { ConditionalWrite } from './run/conditional-write.ts';
import type { Hindered } from './run/hindered.ts';
import type { Pace } from './run/pace.ts';
import type { Delivery, DocumentReader } from './triggers/triggers.ts';

/** An EventBridge event pattern, as far as the runbooks use the language: lists of literal values and prefixes. */
export interface EventPattern {
  readonly source: readonly string[];
  readonly 'detail-type': readonly string[];
  readonly detail?: { readonly [key: string]: readonly Json[] };
}

/** One way to start a runbook. */
export interface Trigger<Request> {
  /** Operator's word, e.g. `ec2-state-change`, `launch-hook`, `schedule`. */
  readonly name: string;
  /** Reads the documents that this trigger is started by; the same value for triggers of one kind. */
  readonly reads: DocumentReader;
  /** The EventBridge rule of `function.yml`; absent for the alarm action, the schedule and the manual request. */
  readonly pattern?: EventPattern;
  /** The schedule expression of `function.yml`: `rate(1 minute)`, `cron(0 8 * * ? *)`. */
  readonly schedule?: string;
  /** Partitions of the data ledger whose changes start it: `stream` of `function.yml`. */
  readonly stream?: readonly string[];
  /** What it reads may come through a queue: the function's own (`hosts/queue-host.ts`), or that of the stack (`hosts/gathering-host.ts`). */
  readonly queue?: 'requests' | 'gathered';
  /** `undefined`: this delivery is not for this trigger. Throws `BadInputError` for one that is, but is malformed. */
  readonly request: (delivery: Delivery) => Request | undefined;
}

/** What a runbook's own code may use besides its SDK clients. */
export interface Io {
  readonly run: string;
  /** When the run began, ISO 8601: the same at each look, and when a durable run is replayed. */
  readonly begunAt: string;
  readonly account: string;
  readonly region: string;
  /** Aborted shortly before the function's time-out; hand it to every `send`. */
  readonly signal: AbortSignal;
  /** Now, ISO 8601 with milliseconds. On the durable host only to be called inside a step (observe, apply and verify are). */
  readonly now: () => string;
  /** Waits inside one invocation; for the short patience of `verify`. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** A client token that is the same for the same run, target and purpose. */
  readonly token: (purpose: string) => string;
}

/** Facts as a runbook observes them: all but what the kernel adds. */
export type Observed<Facts extends KernelFacts> = Omit<Facts, keyof KernelFacts>;

/** A target of the run. JSON. */
export interface Located<Seen extends object> {
  /** ARN: names the lease, the record, the result. */
  readonly target: string;
  /** What the reads of `locate` gave already: spares the first `observe`. */
  readonly facts?: Seen;
  /**
   * Why what was read of this one cannot be understood, as `classify` gives it; instead of `facts`. It ends as this target's own
   * failure, or is looked at again, as an `observe` that throws would.
   */
  readonly fault?: Fault;
  /** The kernel's own: it was announced by a run that died, and `locate` does not find it. */
  readonly left?: true;
}

/** Sends one call. Its input is the planned one. What AWS answers is not used: what came of a call is seen by the next look. */
export type Send = (input: JsonObject, io: Io) => Promise<unknown>;

/** A call, and what its errors mean. Only what is not named in `means` is judged by `classify`. */
export interface Change {
  readonly send: Send;
  /** By AWS's error code (`error.name`), e.g. `{ IncorrectState: 'wait' }`. */
  readonly means: { readonly [errorName: string]: Meaning };
  /** The quota that it shares with others, as `paced(…)` of `run/pace.ts`; absent: it leaves at once. */
  readonly paced?: Pace;
}

/**
 * Bulk work: one entry of the plan, `work:VERB` with selection and rule as its input, that stands for many requests. It is carried
 * out in pieces, one a turn, with all the guards before each; a plan with such an entry says `more`. A piece is no try: only the
 * operations of the execution bound them.
 */
export interface Bulk extends Pick<Change, 'means' | 'paced'> {
  /**
   * Does a piece: seconds of work, for the kill switch is read between two. What it gives is a cursor and counters, at most 250,000
   * bytes: `decide` finds it in `work.told`, the next piece as `before`. It throws only where nothing has been done.
   */
  readonly piece: (input: JsonObject, io: Io, before: Json | undefined) => Promise<Json>;
  /** What people are told of a run that fails between two pieces: what was done is done. Absent: nothing. Pure. */
  readonly account?: (told: Json, now: string) => JsonObject;
}

/** How an entry of a plan is carried out. */
export type Doing = Send | Change | Bulk;

export type Verification = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** Limits every runbook has. Each value's source stands beside it in the runbook. */
export interface Limits {
  /** An event older than this is refused as stale. */
  readonly maxAgeSeconds: number;
  /** Targets one run may act on, as far as what they do is counted. The others are refused, each by name, and the next run goes on. */
  readonly maxTargets: number;
  /** Least time between two budgeted actions on one resource. */
  readonly cooldownSeconds: number;
  /** Budgeted actions on one resource within `windowSeconds`; at most 8 (what the ledger keeps). */
  readonly maxActionsPerWindow: number;
  readonly windowSeconds: number;
  /** Looks in a row that may fail (retryable errors, conflicts) before the run does. */
  readonly maxLooks: number;
  /** Longest time the durable host goes on waiting before it gives up. */
  readonly maxWaitSeconds: number;
  /** API calls one plan may hold. */
  readonly maxCalls: number;
}

/** One runbook: its five functions and what the kernel must know of it. Values that cross a step are JSON. */
export interface RunbookDefinition<Request extends JsonObject, Seen extends object, L extends Limits> {
  /** Folder = function = role = log field = metric dimension. */
  readonly name: string;
  /** `plain` of `hosts/plain-host.ts` or `durable` of `hosts/durable-host.ts`: a value, so that a plain bundle does not carry the durable SDK. */
  readonly host: HostAdapter;
  /** True when it may interrupt service or delete something. */
  readonly disruptive: boolean;
  /** The function's time-out; the same number stands in `function.yml`. */
  readonly timeoutSeconds: number;
  readonly triggers: readonly Trigger<Request>[];
  readonly limits: L;
  /** What to do when the ledger does not answer. */
  readonly ledgerLost: 'refuse' | 'proceed';
  /** `failing` of `run/hindered.ts`: where the ledger or another run's lease keeps a run from acting it fails. Absent: it refuses. */
  readonly hindered?: Hindered;
  /** `conditionalWrite` of `run/conditional-write.ts`: for many small items whose one guarded write is the whole action. Absent: a lease. */
  readonly safety?: ConditionalWrite;
  /** Names the targets. No target: the event is not ours. What it throws ends the whole run: an error of one target belongs into its `fault`. */
  readonly locate: (request: Request, io: Io) => Promise<readonly Located<Seen>[]>;
  /**
   * Why so many targets cannot be meant, in one sentence (an opt-in that grew tenfold): the whole run is then refused, and people
   * are told. `undefined`: they can. What is merely more than `maxTargets` is no reason. Pure; one that throws refuses.
   */
  readonly suspicious?: (located: readonly Located<Seen>[], limits: L) => string | undefined;
  /** Reads everything the decision needs about one target; `work`: what its bulk work has told so far, if it has begun. */
  readonly observe: (target: string, request: Request, io: Io, work?: WorkDone) => Promise<Seen>;
  readonly decide: (facts: Seen & KernelFacts, limits: L, now: string) => Decision;
  /** The mutating calls a plan may hold, by `service:Operation`; with what their errors mean, where the general rules do not say it. */
  readonly apply: { readonly [call: string]: Doing };
  /** Re-reads and says whether the plan's effect is there. */
  readonly verify: (target: string, plan: readonly PlannedCall[], request: Request, io: Io) => Promise<Verification>;
  /** The manual request that takes a finished plan back, for the message to the person on call. */
  readonly undoRequest?: (target: string, plan: readonly PlannedCall[]) => JsonObject | undefined;
}

/** Thrown for a definition that cannot work; found when the module is loaded, not at 3 a.m. */
export function assertDefinition({ name, timeoutSeconds }: Pick<RunbookSummary, 'name' | 'timeoutSeconds'>): void {
  if (!/^[a-z]+(?:-[a-z]+)+$/u.test(name))
    throw new TerminalError(`runbook ${name}: the name must be verb-object in kebab case`);
  if (timeoutSeconds < 1 || timeoutSeconds > 900)
    throw new TerminalError(`runbook ${name}: timeoutSeconds must be 1 to 900, Lambda's limit`);
}

/** What starts a runbook, as far as it can be said without its request. */
interface TriggerSummary extends Pick<Trigger<never>, 'name' | 'pattern' | 'schedule' | 'stream' | 'queue'> {
  /** Without it no document is read for this trigger. */
  readonly reads?: DocumentReader;
  /** What it makes of a delivery, to be asked beforehand: `undefined` for what is not for it. Throws `BadInputError` as the run would. */
  readonly request?: (delivery: Delivery) => unknown;
}

/** A definition whose type parameters do not matter to the reader (the command, the simulator, tidy). */
export interface RunbookSummary {
  readonly name: string;
  readonly host: HostKind;
  readonly disruptive: boolean;
  readonly timeoutSeconds: number;
  readonly ledgerLost: 'refuse' | 'proceed';
  readonly triggers: readonly TriggerSummary[];
  readonly applies: readonly string[];
  readonly limits: Limits;
}

/** One AWS request that was sent, as the results list it. */
export interface SentCall extends ApiCall {
  readonly at: string;
  /** The Region it was sent to. Absent: the function's own. */
  readonly region?: string;
  readonly error?: string;
}
