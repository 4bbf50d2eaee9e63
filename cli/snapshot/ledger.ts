/** The ledger of a stack, as a world has it. */

import type { DataItem } from '../../shared/kernel/ledger/data.ts';
import { stoppedRun, type OperatorBook } from '../../shared/kernel/ledger/operations.ts';
import { withoutData } from '../operate/show/hidden.ts';
import type { Row } from './asking.ts';

/**
 * Partitions of the data ledger, those of `data` in every function.yml. tests/cli/snapshot/ledger.test.ts holds the list
 * against these files.
 */
export const PARTITIONS: readonly string[] = [
  'allow',
  'block',
  'flush-keys',
  'flush-month',
  'flush-reboot',
  'flush-stage',
  'flush-window',
  'hpc-attest',
  'hpc-batch',
  'hpc-capacity',
  'hpc-cluster',
  'hpc-gang',
  'hpc-lease',
  'hpc-stage-in',
  'list',
  'list-settings',
  'listed',
  'never-block',
  'published',
  'redriven',
  'restriction',
  'shared-egress',
];

/** Records of this many days, today's among them, are taken along, and no more than `MOST_RECORDS` of them: a run looks at none of them. */
const RECORD_DAYS = 2;
const MOST_RECORDS = 500;
const DAY_MS = 86_400_000;

/** Where a ledger is read from: DynamoDB's two tables, or memory. */
export interface LedgerSource {
  readonly book: OperatorBook;
  /** Items of a partition of the data table. */
  readonly data: (partition: string) => Promise<readonly DataItem[]>;
}

async function records(book: OperatorBook, nowMs: number): Promise<readonly Row[]> {
  const days = Array.from({ length: RECORD_DAYS }, (_, index) => new Date(nowMs - index * DAY_MS).toISOString());
  const lines = (await Promise.all(days.map((day) => book.on(day.slice(0, 10))))).flat().slice(0, MOST_RECORDS);
  const bodies = await Promise.all(
    lines.map(async ({ runbook, run, target, at }) => {
      const body = await book.read({ runbook, run, target });
      return body === undefined ? [] : [{ runbook, run, target, at, body: withoutData(body) }];
    }),
  );
  return bodies.flat();
}

function stateOf({
  resource,
  runbook,
  owner,
  until,
  history,
}: Awaited<ReturnType<OperatorBook['resources']>>[number]): Row {
  return { resource, runbook, ...(owner === undefined || until === undefined ? {} : { owner, until }), history };
}

/**
 * Reads it: switches, modes, leases and memory, the newest records without bodies of messages, the data.
 * @returns the section, and what in it could not be read
 * @throws the SDK's error where the ledger does not answer
 */
export async function readLedger(
  { book, data }: LedgerSource,
  nowMs: number,
): Promise<{ readonly section: Row; readonly unreadable: readonly string[] }> {
  const [switches, modes, resources, runs] = await Promise.all([
    book.switches(),
    book.modes(),
    book.resources(),
    records(book, nowMs),
  ]);
  const items = (await Promise.all(PARTITIONS.map(data))).flat();
  const broken = [
    ...resources.filter((one) => one.isUnreadable === true).map((one) => one.resource),
    ...items.filter((one) => one.fault !== undefined).map((one) => `${one.partition}/${one.key}`),
  ];
  const parts = {
    // A run that was stopped is under way in no world; its id may name what `--redact` is to hide.
    switches: switches.filter((row) => stoppedRun(row) === undefined),
    modes,
    resources: resources.filter((one) => one.isUnreadable !== true).map(stateOf),
    runs,
    data: items.filter((one) => one.fault === undefined),
  };
  const filled = Object.entries(parts).filter(([, rows]) => rows.length > 0);
  return { section: Object.fromEntries(filled), unreadable: broken };
}
