/**
 * The data ledger: what runbooks keep of their own (blocks, never-block ranges, attempts), beside the control ledger.
 *
 * One small interface, two implementations: DynamoDB (here) and in memory for the simulator; both pass the same contract tests.
 * Single-item conditional writes only: a write says which version it has seen, and holds only if that still stands.
 *
 * Table layout (`<prefix>-data`, keys `pk`, `sk`; the partition is what IAM's `dynamodb:LeadingKeys` can tell apart):
 *   pk partition   sk key
 *   version        counts the writes of the item, from 1
 *   value          JSON
 *   layout         number of this layout
 *   ttl            when it expires, seconds since 1970; absent: never. Housekeeping only: expired items may still be read for days
 */

import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { surroundings } from '../../aws/clients.ts';
import { dataTableName } from '../config.ts';
import type { JsonObject } from '../decision.ts';
import { errorName, TerminalError } from '../errors.ts';
import { isJsonObject } from '../json.ts';
import { database, query } from './dynamodb.ts';
import { checkLayout, count, LAYOUT, text, type Item } from './items.ts';

/**
 * UTF-8 bytes of a value. An item may have 400 KB (DynamoDB's quota "item size"), and as a JSON string inside a request every
 * character may double.
 */
export const DATA_VALUE_MAX_BYTES = 200_000;

/** An item of the data ledger. */
export interface DataItem {
  readonly partition: string;
  readonly key: string;
  /** Counts its writes, from 1. */
  readonly version: number;
  readonly value: JsonObject;
  /** Why what stands there cannot be read; the value is not its own then. The others can. */
  readonly fault?: string;
}

/** A write, on the condition that nobody has written since. */
export interface DataWrite {
  readonly partition: string;
  readonly key: string;
  /** The version that the writer has seen; 0: there was none. */
  readonly ifVersion: number;
  readonly value: JsonObject;
  /** When it may be forgotten, ISO 8601; absent: never. */
  readonly expiresAt?: string;
}

/** Every method throws the SDK's error when the ledger does not answer. */
export interface DataLedger {
  /** One item, consistent; `undefined`: there is none. */
  readonly read: (partition: string, key: string) => Promise<DataItem | undefined>;
  /** All items of a partition, or those whose keys begin so, consistent, in the order of their keys. */
  readonly list: (partition: string, keyPrefix?: string) => Promise<readonly DataItem[]>;
  /** Writes the item, and is true; or somebody has written it since, and it is false. */
  readonly write: (write: DataWrite) => Promise<boolean>;
}

/**
 * The write with what is wrong with it found before it leaves.
 * @throws TerminalError naming the item
 */
export function checkedWrite(given: DataWrite): DataWrite {
  const { partition, key, value } = given;
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes <= DATA_VALUE_MAX_BYTES) return given;
  throw new TerminalError(
    `${partition}/${key}: ${bytes} bytes are more than the ${DATA_VALUE_MAX_BYTES} an item may have`,
  );
}

/** Reads a stored item. One that cannot be read is lost by itself. */
export function itemOf(stored: Item): DataItem {
  const [partition = '', key = ''] = [stored['pk']?.S, stored['sk']?.S];
  const about = { partition, key, version: Number(stored['version']?.N ?? '0') };
  try {
    checkLayout(stored);
    const value: unknown = JSON.parse(stored['value']?.S ?? '');
    if (!isJsonObject(value)) return { ...about, value: {}, fault: 'the value is no JSON object' };
    return { ...about, value };
  } catch (error) {
    return { ...about, value: {}, fault: error instanceof Error ? error.message : String(error) };
  }
}

async function read(table: string, partition: string, key: string): Promise<DataItem | undefined> {
  const Key = { pk: text(partition), sk: text(key) };
  const { Item } = await database().send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
  return Item === undefined ? undefined : itemOf(Item);
}

function storedOf({ partition, key, ifVersion, value, expiresAt }: DataWrite): Item {
  return {
    pk: text(partition),
    sk: text(key),
    version: count(ifVersion + 1),
    value: text(JSON.stringify(value)),
    layout: count(LAYOUT),
    ...(expiresAt === undefined ? {} : { ttl: count(Math.floor(Date.parse(expiresAt) / 1_000)) }),
  };
}

async function write(table: string, given: DataWrite): Promise<boolean> {
  const isNew = given.ifVersion === 0;
  try {
    await database().send(
      new PutItemCommand({
        TableName: table,
        Item: storedOf(checkedWrite(given)),
        ConditionExpression: isNew ? 'attribute_not_exists(pk)' : '#version = :seen',
        ...(isNew
          ? {}
          : {
              ExpressionAttributeNames: { '#version': 'version' },
              ExpressionAttributeValues: { ':seen': count(given.ifVersion) },
            }),
      }),
    );
    return true;
  } catch (error) {
    if (errorName(error) === 'ConditionalCheckFailedException') return false;
    throw error;
  }
}

/**
 * The deployed data ledger.
 * @param tableName the data table, e.g. `runbooks-prod-data`
 */
export function dynamoData(tableName: string): DataLedger {
  return {
    read: (partition, key) => read(tableName, partition, key),
    list: async (partition, keyPrefix) => (await query(tableName, partition, keyPrefix)).map(itemOf),
    write: (given) => write(tableName, given),
  };
}

/** The data ledger in force: the surroundings' own, or the deployed table. */
export function openData(): DataLedger {
  const own = surroundings().data;
  if (own !== undefined) return own;
  const table = dataTableName();
  if (table === '') throw new TerminalError('configuration: LEDGER_DATA_TABLE: expected the name of the data table');
  return dynamoData(table);
}
