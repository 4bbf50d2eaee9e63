/** What people write into the deployed control table: kill switches, modes, their word on plans, and what dead runs have left. For their tools. */

import { DeleteItemCommand, DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { client, type ClientUse } from '../../aws/clients.ts';
import { errorName } from '../errors.ts';
import { approvalKey, controlItem, count, expiry, LAYOUT, text, type Item } from './items.ts';
import type { ApprovalKey, ApprovalRow, KillSwitch, OperatorDesk } from './ledger.ts';
import { stoppedRun } from './operations.ts';
import { instant, writtenMs } from './rules.ts';
import { clearing } from './updates.ts';

/** A write waits as long as any request may: whoever throws the switch would rather wait than not know. */
function database(region: Pick<ClientUse, 'region'>): DynamoDBClient {
  return client(DynamoDBClient, { ...region, purpose: 'operator' });
}

/** Writes an item as an operator. */
export async function putAsOperator(tableName: string, item: Item, region: Pick<ClientUse, 'region'>): Promise<void> {
  await database(region).send(new PutItemCommand({ TableName: tableName, Item: item }));
}

/** The item of a person's word on a plan: kept as long as the records of what came of it. */
function approvalItem(key: ApprovalKey, { verdict, at, by, reason, until }: ApprovalRow): Item {
  return {
    ...approvalKey(key),
    verdict: text(verdict),
    at: text(instant('at', at)),
    by: text(by),
    reason: text(reason),
    until: text(instant('until', until)),
    layout: count(LAYOUT),
    ttl: count(expiry(Date.parse(at))),
  };
}

/** Each stop of a run has a row of its own, which nobody lifts: it goes by itself. Those of runbooks are a person's to lift. */
function expiring(row: KillSwitch): Item {
  if (stoppedRun(row) === undefined || row.until === undefined) return {};
  return { ttl: count(Math.ceil(writtenMs(row.until) / 1_000)) };
}

/**
 * The operator's desk of a stack.
 * @param tableName the control table, e.g. `runbooks-prod-control`.
 * @param region absent: that of the environment
 */
export function dynamoOperatorDesk(tableName: string, region: Pick<ClientUse, 'region'> = {}): OperatorDesk {
  return {
    setSwitch: (row) => putAsOperator(tableName, { ...controlItem('switch', row), ...expiring(row) }, region),
    clearSwitch: async (scope) => {
      const Key = { pk: text('switch'), sk: text(scope) };
      await database(region).send(new DeleteItemCommand({ TableName: tableName, Key }));
    },
    setMode: (row) => putAsOperator(tableName, controlItem('mode', row), region),
    approve: (key, row) => putAsOperator(tableName, approvalItem(key, row), region),
    clear: async (read, intent) => {
      try {
        await database(region).send(new UpdateItemCommand(clearing(tableName, read, intent, Date.now())));
        return true;
      } catch (error) {
        if (errorName(error) === 'ConditionalCheckFailedException') return false;
        throw error;
      }
    },
  };
}
