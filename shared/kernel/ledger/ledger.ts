/**
 * The control ledger: leases with epoch, kill switch, budgets, intents, run records.
 *
 * One small interface, two implementations: DynamoDB (`dynamodb.ts`) and in memory for the simulator. Single-item
 * conditional writes only. Both pass the same contract tests.
 *
 * Table layout (`<prefix>-control`, keys `pk`, `sk`; the partition is what IAM's `dynamodb:LeadingKeys` can tell apart):
 *   pk `switch`    sk `all`, a runbook's name, `run:ID`   written by the operator role only
 *   pk `mode`      sk `all` or a runbook's name        created by the first run, changed by the operator role only
 *   pk `approval/<aws:userid>`  sk `<run>#<plan hash>#<target>`   a person's word on a plan, written by that very person only, with TTL
 *   pk `resource`  sk ARN                              lease, epoch, actions, pending intent, memory
 *   pk `run`       sk `<runbook>#<run>#<target>`       run records, with TTL
 *   pk `run-by-day`     sk `<at>#<runbook>#<run>#<target>`   a line of each record, to find it by its day
 *   pk `run-by-target`  sk `<target>#<at>#<runbook>#<run>`   the same, to find it by its target
 */

import type { History, JsonObject } from '../decision.ts';

/** Actions kept per resource; the budget's window can count no more. */
export const ACTIONS_KEPT = 8;

/** UTF-8 bytes of a record's body. An item may have 400 KB; as a JSON string inside a request every character may double. */
export const RECORD_BODY_MAX_BYTES = 200_000;

/** A kill switch. `scope` is `all`, a runbook's name, or `run:` and the id of the one run that it stops. */
export interface KillSwitch {
  readonly scope: string;
  readonly reason: string;
  readonly by: string;
  readonly at: string;
  /** A freeze: it holds from then on, and not before. ISO 8601, as `until`; absent: always. */
  readonly from?: string;
  /** It holds until then. */
  readonly until?: string;
}

/** Whether what is decided is done, or only told. */
export type Mode = 'plan' | 'apply';

/** A mode as it stands in the ledger. `scope` is `all`, or a runbook's name, which goes before it. */
export interface ModeRow {
  readonly scope: string;
  readonly mode: Mode;
  readonly reason: string;
  readonly by: string;
  readonly at: string;
}

/** What a person's word is about, and whose it is: one row each. */
export interface ApprovalKey {
  /** `aws:userid` of whoever gives it, as STS says it and IAM holds the partition to it. */
  readonly person: string;
  readonly run: string;
  readonly target: string;
  /** `approvalHash` of the plan. */
  readonly planHash: string;
}

/** A person's word on a plan. Times are ISO 8601. */
export interface ApprovalRow {
  readonly verdict: 'approve' | 'reject';
  readonly at: string;
  /** ARN of the person. */
  readonly by: string;
  readonly reason: string;
  /** It counts until then. */
  readonly until: string;
}

/** A person's word as it is used up: until when it counts, which tells it from those before it, and whose it is. */
export interface Word {
  readonly until: string;
  readonly by: string;
}

/** What may be done on a resource, and how often. Times are ISO 8601. */
export interface LeaseRequest {
  readonly resource: string;
  readonly runbook: string;
  /** Run and target: a step that runs twice finds its own lease. */
  readonly owner: string;
  readonly now: string;
  readonly until: string;
  /** Announced with the lease; absent for a lease that only protects reading and waiting. */
  readonly intent?: { readonly key: string; readonly note: JsonObject };
  /** Absent: not counted. */
  readonly budget?: {
    /** The last counted action must not be later than this. */
    readonly lastBefore: string;
    /** The action number `max` back must not be later than this. */
    readonly windowFrom: string;
    /** 1 to ACTIONS_KEPT. */
    readonly max: number;
  };
  /**
   * Epoch of the lease that the asker holds: while it does, the intent replaces the one announced with it, and what was booked
   * with it is booked for this one. A lease that is lost meanwhile is asked for like any other.
   */
  readonly carries?: number;
  /**
   * The word that the intent is approved by, which is used up with the grant: neither it nor one that counts no longer is granted anything
   * again, but to go on with what was announced under it.
   */
  readonly word?: Word;
}

/** A lease held. `epoch` grows with every grant. */
export interface Lease {
  readonly resource: string;
  readonly owner: string;
  readonly epoch: number;
  readonly until: string;
}

export type LeaseAnswer =
  | {
      readonly granted: true;
      readonly lease: Lease;
      /** As it stands after the grant: the new action is in it, `pending` is the *earlier* unsettled intent if there was one. */
      readonly history: History;
      /**
       * The unsettled intent is the one asked for, and another request announced it: resumed, not charged again. A request that
       * is repeated, to the same `now`, because its reply was lost is answered as the first time.
       */
      readonly resumed: boolean;
      /** To a request that is repeated: the intent before it, which its first time has replaced, is not known here any more. */
      readonly isRepeat?: true;
    }
  | {
      readonly granted: false;
      readonly why: 'leased' | 'cooldown' | 'window' | 'used';
      /** Who holds it, when the next action is allowed, or which word was used. */
      readonly detail: string;
      readonly history: History;
    };

/** How to leave a resource behind. */
export interface Release {
  readonly lease: Lease;
  /** `settle`: the intent is reached, or given up; `keep`: it stays pending for the next run. */
  readonly intent: 'settle' | 'keep';
  /** The action was announced but never sent: gives the budget back. */
  readonly refund?: true;
  /** The same for the word that it was approved by: what was remembered of words before it; `null`: nothing. */
  readonly wordBefore?: string | null | undefined;
}

/** A line of the record book. */
export interface RunRecord {
  readonly runbook: string;
  readonly run: string;
  readonly target: string;
  readonly at: string;
  readonly body: JsonObject;
  /** A call has left that changes something. */
  readonly acted?: true;
}

/** A record as it is listed: what leads to it, and how the run ended. */
export interface RunLine extends Omit<RunRecord, 'body' | 'acted'> {
  readonly outcome: string;
  /** The beginning of the reason. */
  readonly reason: string;
}

/** Finds run records. Every method throws the SDK's error when the ledger does not answer. */
export interface RecordBook {
  /**
   * The runs that were recorded on a day (UTC), newest first.
   * @throws TypeError for what is no day such as `2026-11-28`
   */
  readonly on: (day: string) => Promise<readonly RunLine[]>;
  /** The runs on a target, newest first. */
  readonly about: (target: string) => Promise<readonly RunLine[]>;
}

/** A resource as listed for schedules and the watchdog. */
export interface ResourceState {
  readonly resource: string;
  readonly runbook: string;
  readonly owner?: string;
  readonly until?: string;
  readonly history: History;
  /** What stands there cannot be read; the history is not its own. The others can. */
  readonly isUnreadable?: true;
  /** When the item expires if nothing is written to it; absent: not while it is as it is. */
  readonly expiresAt?: string;
}

/** Every method throws the SDK's error when the ledger does not answer. */
export interface Ledger {
  /** The kill switches that are thrown; whether one that is a freeze holds is a matter of the time (`holds`). */
  readonly switches: () => Promise<readonly KillSwitch[]>;
  readonly modes: () => Promise<readonly ModeRow[]>;
  /** Writes the row where there is none; false: there is one. */
  readonly createMode: (row: ModeRow) => Promise<boolean>;
  /** A run is recorded that did not only plan. */
  readonly hasActed: () => Promise<boolean>;
  /** One resource; an unknown one has an empty history. Consistent read. */
  readonly resource: (resource: string) => Promise<History>;
  /** All resources, for reconciling and the watchdog. */
  readonly resources: () => Promise<readonly ResourceState[]>;
  /** A person's word on a plan; `undefined`: that person has given none. Consistent read. */
  readonly approval: (key: ApprovalKey) => Promise<ApprovalRow | undefined>;
  /** Takes, retakes (same owner) or resumes a lease, books the budget and announces the intent, in one conditional write. */
  readonly acquire: (request: LeaseRequest) => Promise<LeaseAnswer>;
  /** Extends a lease; false when it is no longer ours (another epoch or owner). */
  readonly renew: (lease: Lease, until: string) => Promise<boolean>;
  /** Hands a lease back; false when it was no longer ours. Idempotent. */
  readonly release: (release: Release) => Promise<boolean>;
  /** Sets (or, with `null`, forgets) remembered values without a lease. With no values: the item is in use, and does not expire yet. */
  readonly remember: (
    resource: string,
    runbook: string,
    values: { readonly [key: string]: string | null },
  ) => Promise<void>;
  /** Writes a run record; the same run and target overwrite, but no attempt that sent nothing overwrites one that acted. */
  readonly record: (record: RunRecord) => Promise<void>;
}

/** What people write, and no function may. Every method throws the SDK's error when the ledger does not answer. */
export interface OperatorDesk {
  /** Throws the switch of a scope, or changes what it says. */
  readonly setSwitch: (killSwitch: KillSwitch) => Promise<void>;
  /** Lifts it. */
  readonly clearSwitch: (scope: string) => Promise<void>;
  /** Sets the mode of a scope. */
  readonly setMode: (row: ModeRow) => Promise<void>;
  /** Gives a person's word on a plan; given again it is the later one that counts. */
  readonly approve: (key: ApprovalKey, row: ApprovalRow) => Promise<void>;
  /**
   * Takes the lease out of a resource, and with `intent: 'settle'` what was announced. False: it does not stand there as it was read,
   * and nothing is changed. Whether the lease is dead the asker has looked.
   */
  readonly clear: (read: ResourceState, intent: Release['intent']) => Promise<boolean>;
}

/** The history of a resource nobody acted on yet. */
export const EMPTY_HISTORY: History = { epoch: 0, actions: [], memory: {} };
