/** The ledger as those read it who publish what it has blocked. */

import type { ListUse } from './list-rows.ts';
import type { AllowRow, BlockRow, RangesRow } from './rows.ts';

/** A list as far as its networks are known. */
export interface KnownList {
  readonly name: string;
  readonly use: ListUse;
  /** Since when it is asked for, ISO 8601. Absent: nobody knows. */
  readonly from?: string;
  /** `null`: not known now. What stands of it stays. */
  readonly networks: readonly string[] | null;
}

/** The ledger as it was read, with the lists that it names: the same value for all enforcement points of a run. */
export interface Wishes {
  /** When it was read, ISO 8601: what is blocked now is what was blocked then. */
  readonly asOf: string;
  readonly blocks: readonly BlockRow[];
  /** Lists that hold now. */
  readonly lists: readonly KnownList[];
  /** What is wrong with rows of blocks and of lists that cannot be understood: the others are published. */
  readonly unreadable: readonly string[];
  readonly allow: readonly AllowRow[];
  readonly neverBlock: readonly RangesRow[];
  /** Ranges behind whose addresses many people sit: blocked at web ACLs only. */
  readonly sharedEgress: readonly RangesRow[];
  /** Ranges that are cut out of what is blocked, where those who read this enforce it for all who share them. */
  readonly cutOut?: readonly string[];
  /** What is wrong with rows of `allow`, `never-block` and `shared-egress`, and with lists of whom to allow: while nobody knows whom they protect, nobody more is blocked. */
  readonly guardFaults: readonly string[];
  /** Lists that were taken in a moment ago and protect nobody knows whom yet: the same, but nobody is called for it. */
  readonly settling?: readonly string[];
}

/** Whether it is known who may not be blocked. */
export function isGuarded({ guardFaults, settling = [] }: Wishes): boolean {
  return guardFaults.length + settling.length === 0;
}
