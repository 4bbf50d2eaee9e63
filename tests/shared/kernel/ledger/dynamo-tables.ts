/** Control tables on a DynamoDB of the test file's own. */

import dynalite from 'dynalite';
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import { CONTROL_TABLE } from '../../../../conformance/control-table.ts';
import { client } from '../../../../shared/aws/clients.ts';

/**
 * As the ledger's own client is found. It gives up after so long, as it should in a failover; where twenty ask at once on a machine that is
 * busy with other tests, that would have the machine decide who is granted a lease.
 */
const LEDGER = { purpose: 'ledger', timeoutMs: 1_500 };
const PATIENCE_MS = 60_000;

function makePatient(): void {
  const { requestHandler } = client(DynamoDBClient, LEDGER).config;
  const update: unknown = Reflect.get(requestHandler, 'updateHttpClientConfig');
  if (typeof update !== 'function') throw new Error('the time-outs of the client cannot be changed');
  for (const limit of ['requestTimeout', 'connectionTimeout'])
    Reflect.apply(update, requestHandler, [limit, PATIENCE_MS]);
}

/** For a test file: starts the server, ends it; what is returned makes an empty table, and gives its name. */
export function useTables(): () => Promise<string> {
  const server = dynalite({ createTableMs: 0 });
  let tables = 0;
  beforeAll(async () => {
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the DynamoDB server has no port');
    process.env['AWS_ENDPOINT_URL_DYNAMODB'] = `http://127.0.0.1:${address.port}`;
    process.env['AWS_REGION'] = 'eu-west-1';
    process.env['AWS_ACCESS_KEY_ID'] = 'test';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
    makePatient();
  });

  afterAll(() => {
    client(DynamoDBClient).destroy();
    server.close();
  });
  return () => {
    tables += 1;
    return makeTable(`ledger-${tables}`);
  };
}

async function makeTable(name: string): Promise<string> {
  await client(DynamoDBClient).send(
    new CreateTableCommand({
      TableName: name,
      ...CONTROL_TABLE,
    }),
  );
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await client(DynamoDBClient).send(new DescribeTableCommand({ TableName: name }));
    if (answer.Table?.TableStatus === 'ACTIVE') return name;
  }
  throw new Error(`table ${name} did not become active`);
}
