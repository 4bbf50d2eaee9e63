/** What is known of a deployed stack besides the account around it. */

import type { Row } from '../snapshot/asking.ts';
import type { Stack } from '../operate/place.ts';
import type { Reading } from '../operate/reading.ts';
import type { DatedSwitch } from '../operate/row-standing.ts';
import type { ModeRow } from '../../shared/kernel/ledger/ledger.ts';
import type { Ticking } from '../operate/schedules.ts';

/** Something that a role may not do although its own policy says so. */
export interface Denied {
  readonly runbook: string;
  readonly action: string;
  /** `organization`: a service control policy; `boundary`: a permissions boundary; `deny`: a policy of the account. */
  readonly by: 'organization' | 'boundary' | 'deny';
}

/** What was asked about a stack. `undefined`: it may not be read, which is told by itself. */
export interface StackFacts {
  readonly stack: Stack;
  /** ISO 8601. */
  readonly now: string;
  readonly region: string;
  /** This version of the project. */
  readonly ownVersion: string;
  /** When the runbooks tick, as this version has them. */
  readonly schedules: ReadonlyMap<string, Ticking>;
  readonly switches: Reading<readonly DatedSwitch[]>;
  readonly modes: Reading<readonly ModeRow[]>;
  readonly heartbeats: Reading<ReadonlyMap<string, string> | null>;
  /** Records of the account in the world's shapes. */
  readonly records: (service: string, collection: string) => readonly Row[] | undefined;
  /** As SNS lists them: one that waits for its confirmation is `PendingConfirmation`. */
  readonly subscriptions: readonly Row[] | undefined;
  /** Concurrent executions that are left for functions without any of their own. */
  readonly unreserved: number | undefined;
  readonly denied: readonly Denied[];
}
