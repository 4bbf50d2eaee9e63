import { DynamoDBClient, PutItemCommand, paginateQuery } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { client } from '../../../../shared/aws/clients.ts';
import type { JsonObject } from '../../../../shared/kernel/decision.ts';
import { dynamoLedger } from '../../../../shared/kernel/ledger/dynamodb.ts';
import { dynamoOperatorDesk } from '../../../../shared/kernel/ledger/operator-desk.ts';
import { dynamoRecordBook } from '../../../../shared/kernel/ledger/record-book.ts';
import type { Lease, Ledger, RunRecord } from '../../../../shared/kernel/ledger/ledger.ts';
import { memoryLedger } from '../../../../simulator/engine/ledger.ts';
import { memoryRecordBook } from '../../../../simulator/engine/record-book.ts';
import { AwsError } from '../../../../simulator/engine/model.ts';
import { useTables } from './dynamo-tables.ts';
import { ledgerContract } from './ledger-contract.ts';
import { ADDRESS, asked, at, type LedgerUnderTest } from './ledger-requests.ts';

const freshTable = useTables();

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null;
}

interface StoredRecord {
  readonly record: RunRecord;
  readonly ttl: number;
}

async function storedRecords(table: string): Promise<StoredRecord[]> {
  const found: StoredRecord[] = [];
  const pages = paginateQuery(
    { client: client(DynamoDBClient) },
    { TableName: table, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': { S: 'run' } } },
  );
  for await (const page of pages)
    for (const item of page.Items ?? []) {
      const [runbook = '', run = '', target = ''] = (item['sk']?.S ?? '').split('#');
      const body: unknown = JSON.parse(item['body']?.S ?? '{}');
      if (!isJsonObject(body)) throw new Error('a record without a body');
      found.push({ record: { runbook, run, target, at: item['at']?.S ?? '', body }, ttl: Number(item['ttl']?.N) });
    }
  return found;
}

async function onDynamo(): Promise<LedgerUnderTest> {
  const table = await freshTable();
  return {
    ledger: dynamoLedger(table),
    switchOn: async ({ scope, reason, by, at: since }) => {
      const item = { pk: { S: 'switch' }, sk: { S: scope }, reason: { S: reason }, by: { S: by }, at: { S: since } };
      await client(DynamoDBClient).send(new PutItemCommand({ TableName: table, Item: item }));
    },
    records: async () => (await storedRecords(table)).map((stored) => stored.record),
    desk: dynamoOperatorDesk(table),
    book: dynamoRecordBook(table),
  };
}

function inMemory(): Promise<LedgerUnderTest> {
  const ledger = memoryLedger({ modes: [] });
  return Promise.resolve({
    ledger,
    desk: ledger,
    switchOn: (killSwitch) => Promise.resolve(ledger.switchOn(killSwitch)),
    records: () => Promise.resolve(ledger.dump().records),
    book: memoryRecordBook(() => ledger.dump().records),
  });
}

describe('the ledger on DynamoDB', () => {
  ledgerContract(onDynamo);

  it('keeps a record for 400 days', async () => {
    const table = await freshTable();
    await dynamoLedger(table).record({ runbook: 'r', run: '1', target: 't', at: '2026-11-22T08:00:00.900Z', body: {} });
    expect((await storedRecords(table))[0]?.ttl).toBe(1_829_894_400);
  });

  it('has a resource expire 400 days after the last write to it, but not while somebody is at it or it is unsettled', async () => {
    const ledger = dynamoLedger(await freshTable());
    const expiry = async (): Promise<number | undefined> => {
      const [state] = await ledger.resources();
      return state?.expiresAt === undefined
        ? undefined
        : Math.round((Date.parse(state.expiresAt) - Date.now()) / 86_400_000);
    };
    await ledger.remember(ADDRESS, 'r', { trouble: 'refused:no-bulb' });
    expect(await expiry()).toBe(400);
    const answer = await ledger.acquire(asked(0, 'run-1', 'move a'));
    expect(await expiry()).toBeUndefined();
    await ledger.remember(ADDRESS, 'r', { trouble: null, seen: 'yes' });
    expect(await expiry()).toBeUndefined();
    if (!answer.granted) throw new Error('refused');
    await ledger.release({ lease: answer.lease, intent: 'keep' });
    await ledger.remember(ADDRESS, 'r', { seen: 'twice' });
    expect(await expiry()).toBeUndefined();
    const second = await ledger.acquire(asked(1, 'run-2', 'move a'));
    if (!second.granted) throw new Error('refused');
    await ledger.release({ lease: second.lease, intent: 'settle' });
    expect(await expiry()).toBe(400);
    expect((await ledger.resource(ADDRESS)).memory).toEqual({ seen: 'twice' });
  });

  it('puts off the expiry of an item that is in use, and makes none for a resource that it does not know', async () => {
    const table = await freshTable();
    const ledger = dynamoLedger(table);
    await ledger.remember('arn:unknown', 'r', {});
    expect(await ledger.resources()).toEqual([]);
    const old = { pk: { S: 'resource' }, sk: { S: ADDRESS }, runbook: { S: 'r' }, ttl: { N: '1800000000' } };
    await client(DynamoDBClient).send(new PutItemCommand({ TableName: table, Item: old }));
    await ledger.remember(ADDRESS, 'r', {});
    const [state] = await ledger.resources();
    expect(Date.parse(state?.expiresAt ?? '') - Date.now()).toBeGreaterThan(399 * 86_400_000);
  });

  it('reads the items of the version before, which had no number and no expiry, and goes on with them', async () => {
    const table = await freshTable();
    const ledger = dynamoLedger(table);
    const item = {
      pk: { S: 'resource' },
      sk: { S: ADDRESS },
      runbook: { S: 'reassign-elastic-ip' },
      owner: { S: 'dead|run' },
      until: { S: at(30) },
      epoch: { N: '7' },
      a0: { S: at(0) },
      a1: { S: '-' },
      booked: { N: '7' },
      intent: { S: 'move a' },
      intentAt: { S: at(0) },
      intentNote: { S: '{"to":"i-2"}' },
      m_trouble: { S: 'refused:x' },
    };
    await client(DynamoDBClient).send(new PutItemCommand({ TableName: table, Item: item }));
    expect(await ledger.acquire(asked(61, 'run-2', 'move a'))).toEqual({
      granted: true,
      lease: { resource: ADDRESS, owner: 'run-2', epoch: 8, until: '2026-11-22T08:02:01.000Z' },
      history: {
        epoch: 8,
        actions: ['2026-11-22T08:00:00.000Z'],
        pending: { intent: 'move a', at: '2026-11-22T08:00:00.000Z', note: { to: 'i-2' } },
        memory: { trouble: 'refused:x' },
      },
      resumed: true,
    });
  });

  it('lists the others beside an item that it cannot read, and says which one that is', async () => {
    const table = await freshTable();
    const ledger = dynamoLedger(table);
    const put = (sk: string, more: object): Promise<unknown> =>
      client(DynamoDBClient).send(
        new PutItemCommand({
          TableName: table,
          Item: { pk: { S: 'resource' }, sk: { S: sk }, runbook: { S: 'r' }, ...more },
        }),
      );
    await put('a', { intent: { S: 'x' }, intentNote: { S: 'not JSON' } });
    await put('b', { layout: { N: '2' } });
    await put('c', { epoch: { N: '4' } });
    expect(
      (await ledger.resources()).map(({ resource, isUnreadable, history }) => [resource, isUnreadable, history.epoch]),
    ).toEqual([
      ['a', true, 0],
      ['b', true, 0],
      ['c', undefined, 4],
    ]);
    await expect(ledger.resource('b')).rejects.toThrow(
      "the ledger's item b has layout 2, this version reads up to 1: deploy the version that wrote it",
    );
  });

  it('reads thousands of items, page after page', async () => {
    const table = await freshTable();
    const ledger = dynamoLedger(table);
    const note = { S: JSON.stringify({ text: 'x'.repeat(4_000) }) };
    for (let index = 0; index < 400; index += 1) {
      const item = {
        pk: { S: 'resource' },
        sk: { S: `r-${String(index).padStart(4, '0')}` },
        intent: { S: 'x' },
        intentNote: note,
      };
      await client(DynamoDBClient).send(new PutItemCommand({ TableName: table, Item: item }));
    }
    expect(await ledger.resources()).toHaveLength(400);
  });

  it('cuts a record that would not fit into an item, and says so in it', async () => {
    const table = await freshTable();
    await dynamoLedger(table).record({
      runbook: 'r',
      run: '1',
      target: 't',
      at: at(0),
      body: { outcome: 'done', calls: Array.from({ length: 100_000 }, () => 'ä"') },
    });
    const [stored] = await storedRecords(table);
    expect(stored?.record.body).toMatchObject({ truncated: true, bytes: 700_028 });
    expect(JSON.stringify(stored?.record.body['beginning'])).toContain('outcome');
  });

  it('reads what was written last, never an older copy', async () => {
    const sent: unknown[] = [];
    const dynamo = client(DynamoDBClient, { purpose: 'ledger', timeoutMs: 1_500 });
    dynamo.middlewareStack.add(
      (next) => (how) => {
        sent.push(Reflect.get(how.input, 'ConsistentRead'));
        return next(how);
      },
      { step: 'initialize', name: 'seen', override: true },
    );
    const ledger = dynamoLedger(await freshTable());
    await ledger.resource(ADDRESS);
    await ledger.resources();
    await ledger.switches();
    await ledger.modes();
    await ledger.hasActed();
    dynamo.middlewareStack.remove('seen');
    expect(sent).toEqual([true, true, true, true, true]);
  });

  it('throws what DynamoDB says when the table is not there', async () => {
    const lost = dynamoLedger('no-such-table');
    const lease = { resource: ADDRESS, owner: 'run-1', epoch: 1, until: at(60) };
    const questions = [
      lost.acquire(asked(0, 'run-1')),
      lost.renew(lease, at(90)),
      lost.release({ lease, intent: 'settle', refund: true }),
      lost.remember(ADDRESS, 'r', { a: 'b' }),
      lost.resource(ADDRESS),
      lost.switches(),
      lost.modes(),
      lost.hasActed(),
      lost.createMode({ scope: 'all', mode: 'plan', reason: '', by: '', at: '' }),
    ];
    for (const question of await Promise.allSettled(questions))
      expect(question).toMatchObject({ status: 'rejected', reason: { name: 'ResourceNotFoundException' } });
  });
});

describe('the ledger in memory', () => {
  ledgerContract(inMemory);

  it('sends every request through the queue it was given, under its call name', async () => {
    const calls: string[] = [];
    const ledger = memoryLedger({
      submit: (request) => {
        calls.push(`${request.kind} ${request.call} ${Object.keys(request.input).join(' ')}`);
        return Promise.resolve(request.run());
      },
    });
    await exercise(ledger);
    expect(calls).toEqual([
      'write ledger:acquire resource runbook owner now until',
      'read ledger:resource resource',
      'read ledger:resources ',
      'read ledger:switches ',
      'write ledger:createMode scope mode reason by at',
      'read ledger:hasActed ',
      'write ledger:renew lease until',
      'write ledger:release lease intent',
      'write ledger:remember resource runbook values',
      'write ledger:record runbook run target at body',
    ]);
  });

  it('answers a lock conflict as the table does: not granted, no longer ours', async () => {
    const ledger = memoryLedger({ submit: (request) => Promise.resolve((request.conflict ?? request.run)()) });
    const lease: Lease = { resource: ADDRESS, owner: 'run-1', epoch: 1, until: at(60) };
    expect(await ledger.acquire(asked(0, 'run-1'))).toMatchObject({ granted: false, why: 'leased' });
    expect(await ledger.renew(lease, at(90))).toBe(false);
    expect(await ledger.release({ lease, intent: 'keep' })).toBe(false);
  });

  it('passes on the error of a ledger that does not answer', async () => {
    const ledger = memoryLedger({ submit: () => Promise.reject(new AwsError('InternalServerError', 'lost', 500)) });
    await expect(ledger.acquire(asked(0, 'run-1'))).rejects.toMatchObject({ name: 'InternalServerError' });
  });

  it('grants every lease to everybody when told to, and still counts the actions', async () => {
    const ledger = memoryLedger({ grantAll: true });
    const first = await ledger.acquire(asked(0, 'run-1', 'move a'));
    expect(await ledger.acquire(asked(1, 'run-2'))).toMatchObject({ granted: true, lease: { epoch: 2 } });
    expect(await ledger.acquire(asked(2, 'run-3', 'move b'))).toMatchObject({ granted: false, why: 'cooldown' });
    if (!first.granted) throw new Error('the first was refused');
    expect(await ledger.renew(first.lease, at(90))).toBe(true);
    expect(await ledger.release({ lease: first.lease, intent: 'settle' })).toBe(true);
    expect(ledger.dump().resources[0]).toMatchObject({ owner: 'run-2', history: { pending: { intent: 'move a' } } });
  });
});

async function exercise(ledger: Ledger): Promise<void> {
  const answer = await ledger.acquire(asked(0, 'run-1'));
  if (!answer.granted) throw new Error('refused');
  await ledger.resource(ADDRESS);
  await ledger.resources();
  await ledger.switches();
  await ledger.modes();
  await ledger.createMode({ scope: 'r', mode: 'plan', reason: '', by: '', at: '' });
  await ledger.hasActed();
  await ledger.renew(answer.lease, at(120));
  await ledger.release({ lease: answer.lease, intent: 'keep' });
  await ledger.remember(ADDRESS, 'r', { key: 'value' });
  await ledger.record({ runbook: 'r', run: '1', target: ADDRESS, at: at(0), body: {} });
}
