/** What people write into the deployed control table: kill switches and modes. For their tools; no function's role may. */

import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { client } from '../../aws/clients.ts';
import { controlItem, text, type Item } from './items.ts';
import type { OperatorDesk } from './ledger.ts';

/**
 * The operator's desk of a stack.
 * @param tableName the control table, e.g. `runbooks-prod-control`.
 */
export function dynamoOperatorDesk(tableName: string): OperatorDesk {
  const database = (): DynamoDBClient => client(DynamoDBClient, { purpose: 'operator' });
  const put = async (item: Item): Promise<void> => {
    await database().send(new PutItemCommand({ TableName: tableName, Item: item }));
  };
  return {
    setSwitch: (killSwitch) => put(controlItem('switch', killSwitch)),
    clearSwitch: async (scope) => {
      const Key = { pk: text('switch'), sk: text(scope) };
      await database().send(new DeleteItemCommand({ TableName: tableName, Key }));
    },
    setMode: (row) => put(controlItem('mode', row)),
  };
}
