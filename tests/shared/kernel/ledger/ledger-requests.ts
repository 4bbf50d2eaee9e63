/** What the tests of every ledger ask of it, and what they ask with. */

import type {
  KillSwitch,
  Lease,
  LeaseAnswer,
  LeaseRequest,
  Ledger,
  OperatorDesk,
  RecordBook,
  RunRecord,
} from '../../../../shared/kernel/ledger/ledger.ts';

/** An empty ledger, and the ways to it that are not the runbooks'. */
export interface LedgerUnderTest {
  readonly ledger: Ledger;
  /** Writes a kill switch as the operator does. */
  readonly switchOn: (killSwitch: KillSwitch) => Promise<void>;
  readonly desk: OperatorDesk;
  readonly records: () => Promise<readonly RunRecord[]>;
  readonly book: RecordBook;
}

export const ADDRESS = 'arn:aws:ec2:eu-west-1:111122223333:elastic-ip/eipalloc-1';

/** 08:00 plus so many seconds, 2026-11-22. */
export function at(seconds: number): string {
  return new Date(Date.UTC(2026, 10, 22, 8, 0, 0) + seconds * 1_000).toISOString();
}

/** A request at `seconds`: a lease of a minute, cool-down two minutes, at most three actions in an hour. */
export function asked(seconds: number, owner: string, intent?: string): LeaseRequest {
  return {
    resource: ADDRESS,
    runbook: 'reassign-elastic-ip',
    owner,
    now: at(seconds),
    until: at(seconds + 60),
    ...(intent === undefined
      ? {}
      : {
          intent: { key: intent, note: { from: 'i-1', attempt: 1 } },
          budget: { lastBefore: at(seconds - 120), windowFrom: at(seconds - 3_600), max: 3 },
        }),
  };
}

/** The lease of an answer that grants one. Throws for any other. */
export function leaseOf(answer: LeaseAnswer): Lease {
  if (!answer.granted) throw new Error(`not granted: ${answer.why}, ${answer.detail}`);
  return answer.lease;
}
