/** How far a request has come at a distribution or a tenant: read from CloudFront at each look, with what we have written down of it. */

import type { Io } from '../../../shared/kernel/definition.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import { openData, type DataItem } from '../../../shared/kernel/ledger/data.ts';
import {
  countsOf,
  FLUSH_MONTH,
  monthOf,
  referenceOf,
  referencesSince,
  uncovered,
  wordsOf,
  type CacheName,
  type Progress,
} from '../decide.ts';
import { readInvalidations, type InvalidationRead } from './invalidations.ts';

/**
 * The same words within so long are one request that came twice: Lambda may deliver an event again. Longer would leave stale what somebody
 * has published since and asks for in the same words, and to pay twice costs less than that. Assumed.
 */
const SAME_REQUEST_MS = 120_000;

/** What a step can keep of the paths beside all else that it keeps, bytes; a step keeps 250,000. */
const OPEN_BYTES = 170_000;

/** So many of the items that the step of a look can keep them. */
function kept(items: readonly string[]): readonly string[] {
  let bytes = 0;
  // A quote on either side, and a comma.
  const end = items.findIndex((item) => (bytes += JSON.stringify(item).length + 1) > OPEN_BYTES);
  return end < 0 ? items : items.slice(0, end);
}

/** What is in progress, whoever has asked for it. Of a batch that was not read it is only known that it has a path. */
function inProgressOf(all: readonly InvalidationRead[], unread: number, others: number): Progress['inProgress'] {
  const { files, wildcards, tags } = countsOf(
    all.filter(({ isCompleted }) => !isCompleted).flatMap(({ items }) => items),
  );
  return { files: files + tags + unread, wildcards, others: others + unread, unread };
}

/** What we have written down of an invalidation. */
interface Booked {
  readonly reference: string;
  readonly id: string;
  /** When CloudFront had taken it, ISO 8601. */
  readonly at: string;
}

interface Written {
  /** Of requests in these words. */
  readonly booked: readonly Booked[];
  /** Of whatever other requests, as far as they can be read. */
  readonly others: readonly Booked[];
  readonly monthPaths: number;
}

/** A row of requests in these words tells what must not be sent again: one that cannot be read is no row that is not there. */
function bookedIn({ key, value, fault = 'it lacks invalidation or at' }: DataItem, reference: string): Booked {
  const { invalidation: id, at } = value;
  if (typeof id !== 'string' || typeof at !== 'string')
    throw new TerminalError(`data ledger: ${FLUSH_MONTH}/${key} cannot be read: ${fault}`);
  return { reference, id, at };
}

/** A row of other requests that cannot be read is those requests' own affair. */
function readableIn({ value }: DataItem, reference: string): readonly Booked[] {
  const { invalidation: id, at } = value;
  return typeof id === 'string' && typeof at === 'string' ? [{ reference, id, at }] : [];
}

/** What we have written down: how many paths this month, and what of requests in these words. */
async function readMonths(id: string, words: string, months: readonly string[], now: string): Promise<Written> {
  const listed = await Promise.all(months.map((month) => openData().list(FLUSH_MONTH, `${month}/`)));
  const rows = listed.flat();
  const paths = rows
    .filter(({ key }) => key.startsWith(`${monthOf(now)}/`))
    .map(({ value }) => (typeof value['paths'] === 'number' ? value['paths'] : 0));
  const here = rows.flatMap((row) => {
    const [, of, reference = ''] = row.key.split('/');
    return of === id ? [{ row, reference }] : [];
  });
  const isOwn = ({ reference }: { readonly reference: string }): boolean => reference.startsWith(words);
  return {
    booked: here.filter(isOwn).map(({ row, reference }) => bookedIn(row, reference)),
    others: here.filter((each) => !isOwn(each)).flatMap(({ row, reference }) => readableIn(row, reference)),
    monthPaths: paths.reduce((sum, each) => sum + each, 0),
  };
}

/** What is looked for. */
export interface Wanted {
  /** What is to be sent, in order. */
  readonly items: readonly string[];
  /** The same for the same request. */
  readonly delivery: string;
  /** When what an item stands for changed last, ISO 8601: whatever was invalidated since has covered it, whoever has asked for that. */
  readonly changedAt: ReadonlyMap<string, string>;
  /** When the window began in which it was collected, ISO 8601; `null`: for as long as the same words are one request. */
  readonly since: string | null;
}

/**
 * A change that is told twice comes again within so long: SQS hides a message for six time-outs of the door, and gives it three times. What
 * was invalidated before that is not looked for, and paid for once more.
 */
const TWICE_MS = 2_700_000;

/** Since when invalidations count that cover what was collected: since the first of it changed, but for what comes much too late. */
function coveringSince(from: string, changedAt: Wanted['changedAt']): string {
  const earliest = new Date(Date.parse(from) - TWICE_MS).toISOString();
  const first = [...changedAt.values()].reduce((least, at) => (at < least ? at : least), from);
  return first < earliest ? earliest : first;
}

/** S3's clock and CloudFront's agree to well within so much: what was invalidated in the same moment as it changed may have been before it. Assumed. */
const CLOCKS_MS = 5_000;

/** Those of the items that no invalidation covers that was made after what they stand for had changed. */
function notSince(
  items: readonly string[],
  changedAt: Wanted['changedAt'],
  others: readonly InvalidationRead[],
): readonly string[] {
  let open = items;
  for (const { createdAt, items: covering } of others) {
    const before = new Date(Date.parse(createdAt) - CLOCKS_MS).toISOString();
    const isOld = (item: string): boolean => (changedAt.get(item) ?? createdAt) < before;
    const covered = open.filter(isOld);
    const still = new Set(uncovered(covered, covering));
    open = open.filter((item) => !isOld(item) || still.has(item));
  }
  return open;
}

/** What a window before this one has sent, and CloudFront does not list: it may cover what was collected here. */
function hiddenAmong(
  others: readonly Booked[],
  since: string,
  invalidations: readonly InvalidationRead[],
  unread: number,
): readonly Booked[] {
  const ids = new Set(invalidations.map((each) => each.id));
  // Where not all were read, what is not among them may be listed all the same.
  return unread > 0 ? [] : others.filter(({ id, at }) => at >= since && !ids.has(id));
}

/** Reads how far it has come. */
export async function readProgress(
  of: CacheName,
  inProgress: number | null,
  { items: asked, delivery, changedAt, since: from }: Wanted,
  io: Io,
): Promise<Progress> {
  const words = wordsOf(delivery, of);
  const now = io.now();
  const sameSince =
    from === null ? new Date(Date.parse(io.begunAt) - SAME_REQUEST_MS).toISOString() : coveringSince(from, changedAt);
  const { booked, others, monthPaths } = await readMonths(
    of.id,
    words,
    [...new Set([sameSince, now].map(monthOf))],
    now,
  );
  const bucket = referencesSince(io.begunAt);
  const since = bucket < sameSince ? bucket : sameSince;
  const { invalidations, unread } = await readInvalidations(
    of,
    { since, inProgress, own: new Set(booked.map((each) => each.id)) },
    io,
  );
  const ours = invalidations.filter(({ reference }) => reference.startsWith(words));
  const theirs = invalidations.filter((each) => !ours.includes(each));
  const accepted = ours.filter(({ createdAt }) => createdAt >= sameSince);
  const taken = accepted.flatMap(({ items }) => items);
  const open = notSince(uncovered(asked, taken), changedAt, theirs);
  // Of the oldest CloudFront's listing may not be read any more.
  const used = [...new Set([...ours, ...booked].map(({ reference }) => reference))];
  const older = new Set(ours.filter((each) => !accepted.includes(each)).map(({ reference }) => reference));
  const own = from === null ? referenceOf(delivery, io.begunAt, of) : words;
  const shown = new Set(accepted.map(({ reference }) => reference));
  return {
    accepted: accepted.map(({ items, ...rest }) => ({ ...rest, paths: items.length })),
    used,
    open: kept(open),
    openPaths: open.length,
    inProgress: inProgressOf(invalidations, unread, theirs.filter(({ isCompleted }) => !isCompleted).length),
    booked: booked.map(({ reference }) => reference).filter((reference) => shown.has(reference)),
    // Older requests in the same words have been seen to their end by their own runs.
    hidden: [
      ...booked.filter(({ reference }) => reference.startsWith(own) && !shown.has(reference) && !older.has(reference)),
      ...(from === null ? [] : hiddenAmong(others, sameSince, invalidations, unread)),
    ].map(({ reference, at }) => ({ reference, at })),
    monthPaths,
  };
}
