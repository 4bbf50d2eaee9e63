/** What people write into the deployed control table: kill switches, modes, and their word on plans. For their tools; no function's role may. */

import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { client, type ClientUse } from '../../aws/clients.ts';
import { approvalKey, controlItem, count, expiry, LAYOUT, text, type Item } from './items.ts';
import type { ApprovalKey, ApprovalRow, OperatorDesk } from './ledger.ts';
import { instant } from './rules.ts';

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

/**
 * The operator's desk of a stack.
 * @param tableName the control table, e.g. `runbooks-prod-control`.
 * @param region absent: that of the environment
 */
export function dynamoOperatorDesk(tableName: string, region: Pick<ClientUse, 'region'> = {}): OperatorDesk {
  return {
    setSwitch: (killSwitch) => putAsOperator(tableName, controlItem('switch', killSwitch), region),
    clearSwitch: async (scope) => {
      const Key = { pk: text('switch'), sk: text(scope) };
      await database(region).send(new DeleteItemCommand({ TableName: tableName, Key }));
    },
    setMode: (row) => putAsOperator(tableName, controlItem('mode', row), region),
    approve: (key, row) => putAsOperator(tableName, approvalItem(key, row), region),
  };
}
