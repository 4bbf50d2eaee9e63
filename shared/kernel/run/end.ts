/** What the targets of a run share, and what each leaves behind. */

import type { Config } from '../config.ts';
import type { Evidence, HistoryReading, JsonObject, Outcome, PlannedCall } from '../decision.ts';
import type { Limits, RunbookDefinition } from '../definition.ts';
import type { Fault } from '../errors.ts';
import type { Lease, Ledger } from '../ledger/ledger.ts';
import type { SwitchReading } from '../ledger/access.ts';
import type { Phase } from '../report/result.ts';

/** What all targets of a run share. */
export interface RunContext<Request extends JsonObject, Seen extends object, L extends Limits> {
  readonly definition: RunbookDefinition<Request, Seen, L>;
  readonly limits: L;
  readonly config: Config;
  readonly ledger: Ledger;
  readonly request: Request;
  readonly dryRun: boolean;
  readonly switches: SwitchReading;
  /** When the facts that `locate` handed over were read. */
  readonly locatedAt: string;
  readonly phases: readonly Phase[];
}

/** How a target's run ended, before it is reported. */
export interface End {
  readonly outcome: Outcome;
  readonly code: string;
  readonly because: string;
  readonly evidence: Evidence;
  readonly plan: readonly PlannedCall[];
  readonly phases: readonly Phase[];
  /** Set for `failed`. */
  readonly fault?: Fault;
  readonly attention: boolean;
  readonly remember: { readonly [key: string]: string | null };
  readonly metrics: { readonly [name: string]: number };
  readonly history: HistoryReading;
  readonly lease?: Lease;
  /** What becomes of the announced intent. */
  readonly intent: 'settle' | 'keep';
  readonly refund: boolean;
  /** Nothing new: neither recorded nor published again. */
  readonly repeat?: true;
  readonly ledgerLost: boolean;
}
