/**
 * The control ledger on DynamoDB as people read and write it. For the command: no function loads this. What it writes to, `switch`,
 * `mode` and `operation`, no function's role may; `deploy/operator.yml` is the policy of those who may.
 */

import { DeleteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { client } from '../../aws/clients.ts';
import type { JsonObject } from '../decision.ts';
import { listed, switchOf, text, type Item } from './items.ts';
import { prefixOfDay } from './lines.ts';
import {
  modeItem,
  modeOf,
  newestFirst,
  OPERATION,
  operationItem,
  operationOf,
  recordBodyOf,
  recordLineOf,
  switchItem,
  type OperatorBook,
  type RecordKey,
} from './operations.ts';
import { bookClient, dynamoRecordBook, itemsBehind, type BookTable, type BookUse } from './record-book.ts';

/** What a record is found by, without its body of up to 200 KB. */
const LINE = ['sk', 'at'] as const;

/** A write waits as long as any request may: whoever throws the switch would rather wait than not know. */
function writer({ timeoutMs: _impatience, name: _name, ...use }: BookTable): DynamoDBClient {
  return client(DynamoDBClient, { ...use, purpose: 'operator' });
}

async function put(table: BookTable, item: Item): Promise<void> {
  await writer(table).send(new PutItemCommand({ TableName: table.name, Item: item }));
}

async function read(table: BookTable, { runbook, run, target }: RecordKey): Promise<JsonObject | undefined> {
  const Key = { pk: text('run'), sk: text(`${runbook}#${run}#${target}`) };
  const { Item: item } = await bookClient(table).send(
    new GetItemCommand({ TableName: table.name, Key, ConsistentRead: true }),
  );
  return item === undefined ? undefined : recordBodyOf(item);
}

/**
 * The operator's book of a stack.
 * @param tableName the control table, e.g. `runbooks-prod-control`.
 * @param use its time-out holds for what is read
 */
export function dynamoOperatorBook(tableName: string, use: BookUse = {}): OperatorBook {
  const table = { ...use, name: tableName };
  return {
    ...dynamoRecordBook(tableName, use),
    switches: async () => (await itemsBehind(table, 'switch', '')).map(switchOf),
    modes: async () => (await itemsBehind(table, 'mode', '')).flatMap(modeOf),
    resources: async () => (await itemsBehind(table, 'resource', '')).map(listed),
    beginning: async (runbook, run) =>
      newestFirst((await itemsBehind(table, 'run', `${runbook}#${run}`, LINE)).map(recordLineOf)),
    read: (key) => read(table, key),
    operations: async (day) => newestFirst((await itemsBehind(table, OPERATION, prefixOfDay(day))).map(operationOf)),
    turnOff: (row) => put(table, switchItem(row)),
    turnOn: async (scope) => {
      const Key = { pk: text('switch'), sk: text(scope) };
      await writer(table).send(new DeleteItemCommand({ TableName: table.name, Key }));
    },
    setMode: (row) => put(table, modeItem(row)),
    note: (operation) => put(table, operationItem(operation)),
  };
}
