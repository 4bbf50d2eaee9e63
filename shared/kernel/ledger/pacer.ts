/** Token buckets that all runs of a stack share: a quota of AWS's holds for the account and Region, whoever calls. */

import { DynamoDBClient, UpdateItemCommand, type UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { client, surroundings } from '../../aws/clients.ts';
import { readConfig } from '../config.ts';
import { errorName } from '../errors.ts';
import { count, LAYOUT, text, type Item } from './items.ts';

/** DynamoDB answers in milliseconds; a call that is put off by its bucket can wait as long as the ledger's other requests. */
const TIMEOUT_MS = 1_500;
/** What is not booked for so long is a full bucket, as one that was never booked. */
const KEPT_SECONDS = 86_400;

/** One call's place in the queue of a bucket. Milliseconds, and since 1970 where it is a moment. */
export interface Booking {
  readonly bucket: string;
  readonly nowMs: number;
  /** Time in which the bucket gets one token more. */
  readonly intervalMs: number;
  /** Tokens that it holds. */
  readonly burst: number;
  /** The longest that the call would wait. */
  readonly longestMs: number;
}

/** Books calls on buckets. Throws the SDK's error where it does not answer. */
export interface Pacer {
  /** Milliseconds until the call may leave, which is booked with that; `null`: it would wait for longer than it can, and is not booked. */
  readonly book: (booking: Booking) => Promise<number | null>;
}

/**
 * A bucket as one number: the moment at which it will be full again. It is empty when that is `burst` intervals away.
 * @param fullAtMs `undefined`: it was never booked
 * @returns how long the call waits, and when the bucket is full once it has left; `null`: it cannot wait so long
 */
export function placeIn(
  fullAtMs: number | undefined,
  { nowMs, intervalMs, burst, longestMs }: Booking,
): { readonly waitMs: number; readonly fullAtMs: number } | null {
  const before = Math.max(fullAtMs ?? 0, nowMs);
  const waitMs = Math.max(0, before - (burst - 1) * intervalMs - nowMs);
  return waitMs > longestMs ? null : { waitMs, fullAtMs: before + intervalMs };
}

/** What is written, and on what condition. */
interface Write {
  readonly fullAt: string;
  readonly condition: string;
  readonly values?: Item;
}

function updateOf(table: string, booking: Booking, { fullAt, condition, values = {} }: Write): UpdateItemCommandInput {
  const { bucket, nowMs, intervalMs } = booking;
  return {
    TableName: table,
    Key: { pk: text('bucket'), sk: text(bucket) },
    UpdateExpression: `SET fullAt = ${fullAt}, layout = :layout, #ttl = :ttl`,
    ConditionExpression: condition,
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: {
      ...values,
      ':now': count(nowMs),
      ':interval': count(intervalMs),
      ':layout': count(LAYOUT),
      ':ttl': count(Math.floor(nowMs / 1_000) + KEPT_SECONDS),
    },
    ReturnValues: 'ALL_OLD',
  };
}

/** Sends it; `undefined` when its condition did not hold, otherwise the moment that stood there before, if one did. */
async function write(input: UpdateItemCommandInput): Promise<{ readonly fullAtMs: number | undefined } | undefined> {
  try {
    const database = client(DynamoDBClient, { purpose: 'ledger', timeoutMs: TIMEOUT_MS });
    const { Attributes } = await database.send(new UpdateItemCommand(input));
    const before = Attributes?.['fullAt']?.N;
    return { fullAtMs: before === undefined ? undefined : Number(before) };
  } catch (error) {
    if (errorName(error) === 'ConditionalCheckFailedException') return undefined;
    throw error;
  }
}

async function book(table: string, booking: Booking): Promise<number | null> {
  const { nowMs, intervalMs, burst, longestMs } = booking;
  const onFull = updateOf(table, booking, {
    fullAt: ':now + :interval',
    condition: 'attribute_not_exists(fullAt) OR fullAt < :now',
  });
  const onUsed = updateOf(table, booking, {
    fullAt: 'fullAt + :interval',
    condition: 'fullAt BETWEEN :now AND :latest',
    values: { ':latest': count(nowMs + longestMs + (burst - 1) * intervalMs) },
  });
  // Both are atomic, and the moment only moves on: one that was not before `now` at the first write, and is not within reach at the
  // second, is too late. What is booked follows from what stood there, and no two calls get the same place.
  const before = (await write(onFull)) ?? (await write(onUsed));
  return before === undefined ? null : (placeIn(before.fullAtMs, booking)?.waitMs ?? null);
}

/** The deployed buckets, in the control table. */
export function dynamoPacer(tableName: string): Pacer {
  return { book: (booking) => book(tableName, booking) };
}

/** The pacer in force: the stack's, unless a test or the command has put another in its place. */
export function openPacer(): Pacer {
  return surroundings().pacer ?? dynamoPacer(readConfig().controlTable);
}
