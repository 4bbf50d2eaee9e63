/** The data ledger, in memory and on DynamoDB: the same answers, and of two who write the same version one. */

import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { client } from '../../../../shared/aws/clients.ts';
import {
  DATA_VALUE_MAX_BYTES,
  dynamoData,
  openData,
  type DataLedger,
  type DataWrite,
} from '../../../../shared/kernel/ledger/data.ts';
import { memoryData } from '../../../../simulator/engine/data.ts';
import { useTables } from './dynamo-tables.ts';

const freshTable = useTables();

const FIRST: DataWrite = { partition: 'block', key: '198.51.100.9/32', ifVersion: 0, value: { why: 'INC-1', n: 1 } };

const MAKERS: readonly (readonly [string, () => Promise<DataLedger>])[] = [
  ['in memory', () => Promise.resolve(memoryData())],
  ['on DynamoDB', async () => dynamoData(await freshTable())],
];

describe.each(MAKERS)('the data ledger %s', (_where, make) => {
  it('has nothing of what nobody wrote', async () => {
    const data = await make();
    expect(await data.read('block', '198.51.100.9/32')).toBeUndefined();
    expect(await data.list('block')).toEqual([]);
  });

  it('reads what was written, with the number of its writes', async () => {
    const data = await make();
    expect(await data.write(FIRST)).toBe(true);
    expect(await data.write({ ...FIRST, ifVersion: 1, value: { why: 'INC-2' } })).toBe(true);
    expect(await data.read('block', '198.51.100.9/32')).toEqual({
      partition: 'block',
      key: '198.51.100.9/32',
      version: 2,
      value: { why: 'INC-2' },
    });
  });

  it('refuses a write of who has not seen the last one', async () => {
    const data = await make();
    expect(await data.write(FIRST)).toBe(true);
    expect(await data.write({ ...FIRST, value: { why: 'late' } })).toBe(false);
    expect(await data.write({ ...FIRST, ifVersion: 2, value: { why: 'early' } })).toBe(false);
    expect(await data.read('block', '198.51.100.9/32')).toMatchObject({ version: 1, value: { why: 'INC-1', n: 1 } });
  });

  it('lets one of twenty who write at the same time write', async () => {
    const data = await make();
    const written = await Promise.all(
      Array.from({ length: 20 }, (_, index) => data.write({ ...FIRST, value: { index } })),
    );
    expect(written.filter(Boolean)).toEqual([true]);
  });

  it('lists a partition in the order of its keys, and no other', async () => {
    const data = await make();
    for (const [partition, key] of [
      ['block', 'b'],
      ['block', 'a'],
      ['blocked', 'c'],
    ] as const)
      await data.write({ partition, key, ifVersion: 0, value: {}, expiresAt: '2026-12-01T00:00:00.000Z' });
    expect((await data.list('block')).map(({ key }) => key)).toEqual(['a', 'b']);
  });

  it('lists what begins with a prefix', async () => {
    const data = await make();
    for (const key of ['orders/2', 'orders/1', 'orders-eu/1'])
      await data.write({ partition: 'redriven', key, ifVersion: 0, value: {} });
    expect((await data.list('redriven', 'orders/')).map(({ key }) => key)).toEqual(['orders/1', 'orders/2']);
    expect(await data.list('redriven', 'refunds/')).toEqual([]);
  });

  it('says what is too long, and writes nothing', async () => {
    const data = await make();
    const value = { text: 'x'.repeat(DATA_VALUE_MAX_BYTES) };
    await expect(data.write({ ...FIRST, value })).rejects.toThrow(
      'block/198.51.100.9/32: 200011 bytes are more than the 200000 an item may have',
    );
    expect(await data.list('block')).toEqual([]);
  });

  it('keeps a value of its own', async () => {
    const data = await make();
    const tags = ['one'];
    await data.write({ ...FIRST, value: { tags } });
    tags.push('two');
    expect(await data.read('block', '198.51.100.9/32')).toMatchObject({ value: { tags: ['one'] } });
  });
});

describe('the data ledger on DynamoDB', () => {
  it('loses an item that it cannot read by itself', async () => {
    const table = await freshTable();
    const data = dynamoData(table);
    await data.write(FIRST);
    const Item = { pk: { S: 'block' }, sk: { S: 'a' }, value: { S: 'no JSON' } };
    await client(DynamoDBClient).send(new PutItemCommand({ TableName: table, Item }));
    expect(await data.list('block')).toEqual(
      [
        { partition: 'block', key: 'a', version: 0, value: {}, fault: expect.stringContaining('JSON') },
        { partition: 'block', key: '198.51.100.9/32', version: 1, value: { why: 'INC-1', n: 1 } },
      ].toSorted((one, other) => (one.key < other.key ? -1 : 1)),
    );
  });
});

describe('the data ledger in force', () => {
  it('is that of the table which the environment names', () => {
    expect(() => openData()).toThrow('configuration: LEDGER_DATA_TABLE: expected the name of the data table');
  });
});
