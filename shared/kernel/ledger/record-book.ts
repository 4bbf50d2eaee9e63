/** Finds run records in the deployed table. For people and their tools: no function reads them. */

import { DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { client } from '../../aws/clients.ts';
import { BY_DAY, BY_TARGET, runLineOf, text } from './items.ts';
import type { RecordBook, RunLine } from './ledger.ts';
import { latestOf, prefixOfDay } from './lines.ts';

async function linesBehind(table: string, partition: string, prefix: string): Promise<readonly RunLine[]> {
  const pages = paginateQuery(
    { client: client(DynamoDBClient, { purpose: 'record-book' }) },
    {
      TableName: table,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': text(partition), ':prefix': text(prefix) },
    },
  );
  const lines: RunLine[] = [];
  for await (const { Items } of pages) lines.push(...(Items ?? []).map(runLineOf));
  return latestOf(lines);
}

/**
 * The record book of a stack.
 * @param tableName the control table, e.g. `runbooks-prod-control`.
 */
export function dynamoRecordBook(tableName: string): RecordBook {
  return {
    on: async (day) => linesBehind(tableName, BY_DAY, prefixOfDay(day)),
    about: async (target) => {
      const lines = await linesBehind(tableName, BY_TARGET, `${target}#`);
      // A name may hold what stands behind it in the key.
      return lines.filter((line) => line.target === target);
    },
  };
}
