/** The ledger's contract on the emulator's DynamoDB: the tests of every ledger, on a server that others wrote. */

import { CreateTableCommand, DynamoDBClient, PutItemCommand, paginateQuery } from '@aws-sdk/client-dynamodb';
import { describe } from 'vitest';
import { client } from '../shared/aws/clients.ts';
import type { JsonObject } from '../shared/kernel/decision.ts';
import { dynamoLedger } from '../shared/kernel/ledger/dynamodb.ts';
import { dynamoOperatorDesk } from '../shared/kernel/ledger/operator-desk.ts';
import { dynamoRecordBook } from '../shared/kernel/ledger/record-book.ts';
import type { RunRecord } from '../shared/kernel/ledger/ledger.ts';
import { ledgerContract } from '../tests/shared/kernel/ledger/ledger-contract.ts';
import type { LedgerUnderTest } from '../tests/shared/kernel/ledger/ledger-requests.ts';
import { CONTROL_TABLE } from './control-table.ts';

let tables = 0;

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null;
}

async function records(table: string): Promise<RunRecord[]> {
  const found: RunRecord[] = [];
  const pages = paginateQuery(
    { client: client(DynamoDBClient) },
    { TableName: table, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': { S: 'run' } } },
  );
  for await (const page of pages) {
    for (const item of page.Items ?? []) {
      const [runbook = '', run = '', target = ''] = (item['sk']?.S ?? '').split('#');
      const body: unknown = JSON.parse(item['body']?.S ?? '{}');
      if (!isJsonObject(body)) throw new Error('a record without a body');
      found.push({ runbook, run, target, at: item['at']?.S ?? '', body });
    }
  }
  return found;
}

async function onEmulator(): Promise<LedgerUnderTest> {
  tables += 1;
  const table = `contract-${tables}`;
  await client(DynamoDBClient).send(new CreateTableCommand({ TableName: table, ...CONTROL_TABLE }));
  return {
    ledger: dynamoLedger(table),
    switchOn: async ({ scope, reason, by, at }) => {
      const item = { pk: { S: 'switch' }, sk: { S: scope }, reason: { S: reason }, by: { S: by }, at: { S: at } };
      await client(DynamoDBClient).send(new PutItemCommand({ TableName: table, Item: item }));
    },
    records: () => records(table),
    desk: dynamoOperatorDesk(table),
    book: dynamoRecordBook(table),
  };
}

describe('the ledger on the DynamoDB of moto', () => {
  ledgerContract(onEmulator);
});
