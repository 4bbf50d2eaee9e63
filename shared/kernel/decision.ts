/** The vocabulary of judgement: what `decide` takes and gives. Pure: no SDK, no clock, no environment. */

/** A JSON value; everything that crosses a durable step or is written to a record is one. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };
/** A JSON object. Keys whose value is `undefined` are absent once written. */
export type JsonObject = { readonly [key: string]: Json | undefined };

/** An API call without its reason: `service:Operation` with IAM's service prefix, and the request as the SDK takes it. */
export type ApiCall = {
  readonly call: string;
  readonly input: JsonObject;
};

/** One entry of a plan. `undo` is the inverse call; absent where there is none. */
export type PlannedCall = ApiCall & {
  readonly because: string;
  readonly undo?: ApiCall;
  /** `true`: a terminal error of this call is recorded and the plan goes on (best effort). */
  readonly optional?: true;
  /** What `verify` should see besides the call's own effect, in the runbook's own words. */
  readonly expect?: JsonObject;
  /** Ids of what ends with this call, or is as it was again: an earlier `undo` that names one of them takes nothing back any more. */
  readonly voids?: readonly string[];
};

/** What was seen, both sides, in plain words and values; printed, recorded, alarmed with. */
export type Evidence = JsonObject;

/** What the ledger knows of one resource. Times are ISO 8601. */
export interface History {
  /** Counts the leases ever granted on the resource. */
  readonly epoch: number;
  /** Times of the last budgeted actions, newest first, at most as many as the ledger keeps (8). */
  readonly actions: readonly string[];
  /** The action announced before it was applied and not yet settled: a run died in between. */
  readonly pending?: { readonly intent: string; readonly at: string; readonly note: JsonObject };
  /** What earlier decisions asked to remember (`remember`). */
  readonly memory: { readonly [key: string]: string };
}

/** Why the history is not there: not read on this path (yet), or the ledger did not answer. */
export type HistoryReading = History | 'unread' | 'lost';

/**
 * What an error of one call means, said beside that call.
 * - `wait`: busy, in progress; nothing happened. The run looks again after a pause.
 * - `conflict`: a stale token or ETag, the world moved; nothing happened. The run looks again at once, and it counts as a look.
 * - `capacity`: there is none (now, there). Nothing happened; `decide` gets to see it.
 * - `gone`: what the call was about is not there any more. The call counts as done, the plan goes on.
 * - `refused`: AWS will not do this. Nothing happened; `decide` gets to see it and may choose otherwise in the same run.
 */
export type Meaning = 'wait' | 'conflict' | 'capacity' | 'gone' | 'refused';

/** A call that AWS did not carry out, and said why. JSON. */
export type Refusal = ApiCall & {
  readonly meaning: 'conflict' | 'capacity' | 'refused';
  /** AWS's error code, e.g. `InsufficientInstanceCapacity`. */
  readonly name: string;
  /** AWS's own words. */
  readonly message: string;
  /** When AWS said so, ISO 8601. */
  readonly at: string;
};

/** An action that was announced on some target and is not settled: it is under way, or a run died on it. */
export interface Announced {
  /** ARN. */
  readonly target: string;
  readonly intent: string;
  readonly at: string;
  readonly note: JsonObject;
}

/** What the kernel adds to the facts a runbook observes. */
export interface KernelFacts {
  readonly history: HistoryReading;
  /** Set when an applied plan failed its verification: decide whether to go back. */
  readonly setback?: { readonly plan: readonly PlannedCall[]; readonly why: string };
  /** When a schedule looked: until when another run holds the resource. That run goes on by itself; absent: nobody does, or it is not known. */
  readonly heldUntil?: string;
  /**
   * What this runbook has announced on its targets, this one among them or not, as the ledger had it when a schedule or a person
   * asked; absent: not known.
   */
  readonly announced?: readonly Announced[];
  /** What AWS did not carry out for this run on this target, oldest first; absent: nothing so far. */
  readonly refusals?: readonly Refusal[];
  /** What the last piece of this run's bulk work has told, `lost` how many have not: they broke off. Absent: none has begun. */
  readonly work?: WorkDone;
}

/** How far the bulk work of a run has come (`Bulk` of `definition.ts`). JSON. */
export type WorkDone = {
  /** Of the last piece that came to its end; absent: none has. */
  readonly told?: Json;
  /** Pieces that broke off: what they did is seen in AWS alone. */
  readonly lost: number;
};

interface Judgement {
  /** Stable kebab-case word for machines: metrics, tests, alarms. */
  readonly code: string;
  /** One sentence for the person on call. */
  readonly because: string;
  readonly evidence: Evidence;
  /** Kept with the resource in the ledger (`null` forgets); written only when it changes. Keys are short and stable. */
  readonly remember?: { readonly [key: string]: string | null };
  /** Metrics about the resource, emitted with the outcome. */
  readonly metrics?: { readonly [name: string]: number };
  /** The decision depends on the history, which was not read: the kernel reads it and asks again. */
  readonly needsHistory?: true;
  /**
   * Calls that a run before this one has made, as AWS shows, and not told: told as done, with how to take them back, where this one
   * ends `done`. They are not sent.
   */
  readonly untold?: readonly PlannedCall[];
  /** What was announced has come to its end, though not to its goal: no later run takes it up. Only of a `refuse`. */
  readonly over?: true;
  /** What was booked has come to nothing and stands as it stood: the booking is given back. Only of a `refuse`. */
  readonly inVain?: true;
  /** A person should look although nothing failed: emits the `Attention` metric that alarms. */
  readonly attention?: true;
  /**
   * What this is told of, where the code alone does not say it: a refusal with the code of the last one, and of something else, is news
   * to people. Absent: what has the same code is the same.
   */
  readonly news?: string;
}

/** Do exactly this list, in this order. */
export interface Act extends Judgement {
  readonly kind: 'act';
  readonly plan: readonly PlannedCall[];
  /**
   * What the plan is to achieve, e.g. `eipalloc-1 -> eni-2/10.0.0.5`. Announced in the ledger before the first call;
   * a run that finds its own unsettled intent resumes it without being charged again.
   */
  readonly intent: string;
  /** Kept beside the pending intent, for the run that has to finish it. */
  readonly note?: JsonObject;
  /**
   * What the action needs for itself besides its target, each as one stable word: claimed for the target side by side with its
   * lease until the run ends. One that another target has comes back as a refusal of `ledger:claim`, whose `input.claim` is the
   * word and whose message names who has it, and `decide` chooses again. Without the ledger nothing is claimed.
   */
  readonly claims?: readonly string[];
  /**
   * `decide`: where the budget says no, there is something else to do: `decide` is asked once more and finds a refusal of
   * `ledger:acquire`, named `cooldown` or `window`. Absent: the run ends there.
   */
  readonly onDenied?: 'decide';
  /** `free`: not counted against cool-down and actions per window (undoing, book-keeping, answering hooks). */
  readonly budget: 'counted' | 'free';
  /**
   * `always`: a person has to approve of this plan whatever the deployment says (`RUNBOOK_APPROVAL`), and where nobody's word could be
   * used up nothing is done. Absent: as the deployment says.
   */
  readonly approval?: 'always';
  /** After these calls the goal is not reached yet: observe and decide again. */
  readonly more?: true;
}

/** Already in the wanted state, or not our business. */
export interface Nothing extends Judgement {
  readonly kind: 'nothing';
  /**
   * Where this run has acted: what it has come to is told in these words, since it was reached by waiting, and not by the last plan; and
   * all of it was looked at, so that nothing is left to be taken up.
   */
  readonly tells?: true;
}

/** A guard or limit said no: nothing changes, a metric and an event say so. */
export interface Refuse extends Judgement {
  readonly kind: 'refuse';
}

/** Look again after `seconds`: a durable host waits, a plain one reports `waiting` and leaves it to the schedule. */
export interface Wait extends Judgement {
  readonly kind: 'wait';
  readonly seconds: number;
  /**
   * What is waited for needs no lease: it is handed back, and others may act meanwhile. What was announced is settled, for a tick would
   * take it for a dead run's, and is announced anew before the next call. Absent: the lease is kept.
   */
  readonly handsBack?: true;
}

export type Decision = Act | Nothing | Refuse | Wait;

/** How a run, or one target of it, ended. */
export type Outcome =
  | 'done'
  | 'nothing'
  | 'refused'
  | 'failed'
  | 'planned'
  | 'awaiting-approval'
  | 'waiting'
  | 'not-mine';
