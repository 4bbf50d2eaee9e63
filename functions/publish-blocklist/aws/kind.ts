/** What the kinds of enforcement points have in common: where they are found, and how one of them is read again. */

import type { Io, Located, Observed } from '../../../shared/kernel/definition.ts';
import type { AclFacts, ListFacts, PrefixListFacts, SetFacts } from '../decide.ts';
import type { Ledger } from './wishes.ts';

/** Facts as they are seen here; the kernel adds what it knows. */
export type Seen = Observed<SetFacts> | Observed<ListFacts> | Observed<AclFacts> | Observed<PrefixListFacts>;

/** An enforcement point, with all that a request may call it. */
export interface Found {
  readonly names: readonly string[];
  readonly located: Located<Seen>;
}

/** One kind. */
export interface Kind {
  /** What stands for all of this kind while nobody knows which there are. */
  readonly name: string;
  /** Whether a target is of this kind. */
  readonly isOne: (target: string) => boolean;
  /** All that are tagged; one that cannot be understood comes with that as its own fault. Throws what AWS throws: an answer that failed is not an empty one. */
  readonly find: (ledger: Promise<Ledger>, io: Io) => Promise<readonly Found[]>;
  /** One of them again. */
  readonly observe: (target: string, ledger: Ledger, io: Io) => Promise<Seen>;
}
