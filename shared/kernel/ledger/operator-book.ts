/**
 * The control ledger on DynamoDB as people read and write it. For the command: no function loads this. What it writes to, `switch`,
 * `mode`, `approval/…` and `operation`, no function's role may, and of a resource it takes out what a dead run has left;
 * `deploy/operator.yml` is the policy of those who may.
 */

import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { JsonObject } from '../decision.ts';
import { listed, modeOf, switchOf, text } from './items.ts';
import { prefixOfDay } from './lines.ts';
import {
  newestFirst,
  OPERATION,
  operationItem,
  operationOf,
  recordBodyOf,
  recordLineOf,
  type OperatorBook,
  type RecordKey,
} from './operations.ts';
import { dynamoOperatorDesk, putAsOperator } from './operator-desk.ts';
import { bookClient, dynamoRecordBook, itemsBehind, type BookTable, type BookUse } from './record-book.ts';

/** What a record is found by, without its body of up to 200 KB. */
const LINE = ['sk', 'at'] as const;

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
  const { timeoutMs: _ofReads, ...place } = use;
  const desk = dynamoOperatorDesk(tableName, place);
  return {
    ...dynamoRecordBook(tableName, use),
    switches: async () => (await itemsBehind(table, 'switch', '')).map(switchOf),
    modes: async () => (await itemsBehind(table, 'mode', '')).map(modeOf),
    resources: async () => (await itemsBehind(table, 'resource', '')).map(listed),
    beginning: async (runbook, run) =>
      newestFirst((await itemsBehind(table, 'run', `${runbook}#${run}`, LINE)).map(recordLineOf)),
    read: (key) => read(table, key),
    operations: async (day) => newestFirst((await itemsBehind(table, OPERATION, prefixOfDay(day))).map(operationOf)),
    turnOff: desk.setSwitch,
    turnOn: desk.clearSwitch,
    setMode: desk.setMode,
    approve: desk.approve,
    clear: desk.clear,
    note: (operation) => putAsOperator(tableName, operationItem(operation), place),
  };
}
