/**
 * Where a person operates: the stacks that are deployed in an account and Region, or a world file, which keeps its runs. The commands
 * (`status`, `runs`, `show`, `run`, `approve`, `switch`, `mode`) know nothing else of either.
 */

import type { JsonObject } from '../../shared/kernel/decision.ts';
import type { RunResult } from '../../shared/kernel/report/result.ts';
import type { ApprovalHint, HostKind } from '../../shared/kernel/hosts/host.ts';
import type { Mode } from '../../shared/kernel/ledger/ledger.ts';
import type { OperatorBook } from '../../shared/kernel/ledger/operations.ts';

export type { Mode, ModeRow } from '../../shared/kernel/ledger/ledger.ts';
export type { Operation, OperatorBook } from '../../shared/kernel/ledger/operations.ts';

/** A runbook of a stack. */
export interface DeployedRunbook {
  readonly name: string;
  readonly host: HostKind;
  /** Name of the function. */
  readonly functionName: string;
}

/** A person's request, as the runbooks read it. */
export type ManualRequest = JsonObject & { readonly runbook: string };

/** What was started. */
export interface Started {
  /** The run, by which its records are found; empty: AWS has not named it, so that nothing leads to them. */
  readonly run: string;
  /** The same start had been made already: nothing was begun anew. */
  readonly isRepeated: boolean;
}

/** How a run stands that was started: `running`, or it has ended, with or without records. */
export type Standing =
  | {
      readonly kind: 'running';
      readonly wakesAt?: string;
      /** Its whole id, where it was asked for by the name of its execution alone. */
      readonly run?: string;
    }
  | {
      readonly kind: 'ended';
      readonly error?: string;
      /** What it came to, where more is known of that than its records: whoever finds nothing to do leaves none. */
      readonly results?: readonly RunResult[];
    };

/** A step of a durable execution, or a request of a simulated run: what `show -v` tells beside the record. */
export interface Detail {
  /** ISO 8601. */
  readonly at: string;
  readonly endedAt?: string;
  readonly kind: 'read' | 'write' | 'checkpoint';
  /** `ec2:DescribeInstances`, or the name of a step. */
  readonly name: string;
  readonly input?: JsonObject;
  /** What the step has kept, where it is an object: bulk work tells its counters in it. */
  readonly output?: JsonObject;
  readonly error?: string;
}

/** One deployment of the runbooks. */
export interface Stack {
  /** What its names begin with, e.g. `runbook-prod`; of a world `world`. */
  readonly prefix: string;
  /** Version and digest of the sources it was deployed from; `null`: it does not say (it is older than that). */
  readonly version: string | null;
  /**
   * As deployed. `mode`: absent where the deployment leaves it to the ledger. The others: absent where the stack does not say (it is
   * older than that).
   */
  readonly parameters: { readonly dryRun?: boolean; readonly approval?: 'never' | 'always'; readonly mode?: Mode };
  readonly runbooks: readonly DeployedRunbook[];
  readonly book: OperatorBook;
  /** When each schedule ticked last, ISO 8601, by runbook; `null`: nobody knows here (a world has no metrics). */
  readonly heartbeats: () => Promise<ReadonlyMap<string, string> | null>;
  /** Names of the stack's alarms that ring, with what CloudWatch says; `null`: not known here. */
  readonly alarms: () => Promise<
    readonly { readonly name: string; readonly since: string; readonly why: string }[] | null
  >;
  /** Starts a runbook. The same `token` starts it once. */
  readonly start: (request: ManualRequest, token: string) => Promise<Started>;
  /** How a run stands; of a plain one, which nobody can ask about, `undefined`. */
  readonly standing: (runbook: string, run: string) => Promise<Standing | undefined>;
  /**
   * Wakes a run that waits for a person; `undefined`: it is awake now, else why nobody waits for that any more.
   * @throws Error where it is not known whether it was woken
   */
  readonly wake: (callbackId: string, hint: ApprovalHint & JsonObject) => Promise<string | undefined>;
  /** Reads and checkpoints of a run; `null`: none were kept. */
  readonly details: (runbook: string, run: string) => Promise<readonly Detail[] | null>;
}

/** Where the command works. */
export interface Place {
  readonly kind: 'live' | 'world';
  readonly account: string;
  /** The account's alias; `null`: it has none, or may not be read. */
  readonly alias: string | null;
  readonly region: string;
  /** ARN of whoever asks; of a world the name of the operating system's user. */
  readonly caller: string;
  /** `aws:userid` of whoever asks, under which their word on a plan stands; of a world as `caller`. */
  readonly person: string;
  /** Path of the world file; `null`: live. */
  readonly file: string | null;
  /** What was asked for by name: a line to type next goes by it, or it leads to more, or past a check. */
  readonly asked?: { readonly stack?: string; readonly account?: string };
  /** ISO 8601: of a world its own time. */
  readonly now: () => string;
  /** In the order of their names. */
  readonly stacks: readonly Stack[];
  /** When an instance was put into quarantine, as its tag says; `undefined`: it is in none. */
  readonly quarantineOf: (instanceId: string) => Promise<string | undefined>;
  /** Takes that tag away where its value is the one that was read. */
  readonly pardon: (instanceId: string, value: string) => Promise<void>;
  /**
   * Writes a world that was changed back, before anybody is told that it was.
   * @throws UsageError where it cannot be kept: then nothing is
   */
  readonly keep: () => Promise<void>;
  /** To be called at the end: what was not kept yet is. */
  readonly close: () => Promise<void>;
}
