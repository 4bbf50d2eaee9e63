/** Finds run records in the deployed table. For people and their tools: no function reads them. */

import { DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { client, type ClientUse } from '../../aws/clients.ts';
import { BY_DAY, BY_TARGET, runLineOf, text, type Item } from './items.ts';
import type { RecordBook, RunLine } from './ledger.ts';
import { latestOf, prefixOfDay } from './lines.ts';

/** How a table is asked: Region, and the longest time for one request; each page is one. */
export type BookUse = Omit<ClientUse, 'purpose'>;

/** The table that is asked. */
export interface BookTable extends BookUse {
  readonly name: string;
}

/** The client of the record book. */
export function bookClient({ name: _name, ...use }: BookTable): DynamoDBClient {
  return client(DynamoDBClient, { ...use, purpose: 'record-book' });
}

/**
 * Items of a partition whose sort keys begin so, page by page.
 * @param projection the attributes that are wanted; absent: all
 */
export async function itemsBehind(
  table: BookTable,
  partition: string,
  prefix: string,
  projection?: readonly string[],
): Promise<Item[]> {
  const hasPrefix = prefix !== '';
  const names = projection?.map((name, index) => [`#n${index}`, name] as const);
  const pages = paginateQuery(
    { client: bookClient(table) },
    {
      TableName: table.name,
      KeyConditionExpression: `pk = :pk${hasPrefix ? ' AND begins_with(sk, :prefix)' : ''}`,
      // A value that no expression names is refused.
      ExpressionAttributeValues: { ':pk': text(partition), ...(hasPrefix ? { ':prefix': text(prefix) } : {}) },
      ...(names === undefined
        ? {}
        : {
            ProjectionExpression: names.map(([placeholder]) => placeholder).join(', '),
            ExpressionAttributeNames: Object.fromEntries(names),
          }),
      ConsistentRead: true,
    },
  );
  const items: Item[] = [];
  for await (const { Items } of pages) items.push(...(Items ?? []));
  return items;
}

async function linesBehind(table: BookTable, partition: string, prefix: string): Promise<readonly RunLine[]> {
  return latestOf((await itemsBehind(table, partition, prefix)).map(runLineOf));
}

/**
 * The record book of a stack.
 * @param tableName the control table, e.g. `runbooks-prod-control`.
 */
export function dynamoRecordBook(tableName: string, use: BookUse = {}): RecordBook {
  const table = { ...use, name: tableName };
  return {
    on: async (day) => linesBehind(table, BY_DAY, prefixOfDay(day)),
    about: async (target) => {
      const lines = await linesBehind(table, BY_TARGET, `${target}#`);
      // A name may hold what stands behind it in the key.
      return lines.filter((line) => line.target === target);
    },
  };
}
