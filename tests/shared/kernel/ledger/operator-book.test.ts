/** The operator's book, in memory and on DynamoDB: the same answers. */

import { DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { client } from '../../../../shared/aws/clients.ts';
import { dynamoLedger } from '../../../../shared/kernel/ledger/dynamodb.ts';
import type {
  ApprovalKey,
  ApprovalRow,
  KillSwitch,
  Ledger,
  ModeRow,
  ResourceState,
} from '../../../../shared/kernel/ledger/ledger.ts';
import type { Operation, OperatorBook } from '../../../../shared/kernel/ledger/operations.ts';
import { dynamoOperatorBook } from '../../../../shared/kernel/ledger/operator-book.ts';
import { memoryLedger } from '../../../../simulator/engine/ledger.ts';
import { memoryOperatorBook } from '../../../../simulator/engine/operator-book.ts';
import { useTables } from './dynamo-tables.ts';
import { ADDRESS, asked, at, leaseOf } from './ledger-requests.ts';

const freshTable = useTables();

/** A book, and the ledger as the runbooks have it. */
interface Books {
  readonly ledger: Ledger;
  readonly book: OperatorBook;
}

async function onDynamo(): Promise<Books> {
  const table = await freshTable();
  return { ledger: dynamoLedger(table), book: dynamoOperatorBook(table) };
}

function inMemory(): Promise<Books> {
  const ledger = memoryLedger({ modes: [] });
  return Promise.resolve({ ledger, book: memoryOperatorBook(ledger) });
}

const SWITCH: KillSwitch = { scope: 'all', reason: 'game day', by: 'kim', at: at(0) };
const PLAN: ModeRow = { scope: 'carry-volumes', mode: 'plan', reason: 'new here', by: 'kim', at: at(0) };
const WORD_ON: ApprovalKey = { person: 'AROA1:kim', run: '0a1b/c', target: ADDRESS, planHash: '3f0c' };
const YES: ApprovalRow = {
  verdict: 'approve',
  at: at(0),
  by: 'arn:aws:sts::111122223333:assumed-role/oncall/kim',
  reason: '',
  until: at(600),
};
const NOTE: Operation = {
  at: at(5),
  by: 'kim',
  what: 'switch-off',
  scope: 'all',
  reason: 'game day',
  more: { until: at(3_600), deep: [1, { two: null }] },
};

function result(reason: string): { outcome: string; reason: string; plan: never[] } {
  return { outcome: 'done', reason, plan: [] };
}

describe.each([
  ['in memory', inMemory],
  ['on DynamoDB', onDynamo],
])("the operator's book %s", (_where, make) => {
  it('has nothing of what nobody wrote', async () => {
    const { book } = await make();
    const answers = [book.switches(), book.modes(), book.resources(), book.on('2026-11-22'), book.about(ADDRESS)];
    expect(await Promise.all(answers)).toEqual([[], [], [], [], []]);
    expect(await book.beginning('r', '')).toEqual([]);
    expect(await book.operations('2026-11-22')).toEqual([]);
    expect(await book.read({ runbook: 'r', run: '1', target: ADDRESS })).toBeUndefined();
  });

  it('turns runbooks off and on again: the runs hear of it', async () => {
    const { book, ledger } = await make();
    const freeze = { ...SWITCH, scope: 'flush-caches', reason: 'release', from: at(60), until: at(3_600) };
    await book.turnOff(freeze);
    await book.turnOff({ ...SWITCH, reason: 'first' });
    await book.turnOff(SWITCH);
    const both = [SWITCH, freeze];
    expect(await book.switches()).toEqual(both);
    expect(await ledger.switches()).toEqual(both);
    await book.turnOn('all');
    await book.turnOn('all');
    expect((await ledger.switches()).map(({ scope }) => scope)).toEqual(['flush-caches']);
  });

  it('gives a person’s word on a plan: the runs find it under that person, run, target and plan alone, the last counts', async () => {
    const { book, ledger } = await make();
    expect(await ledger.approval(WORD_ON)).toBeUndefined();
    await book.approve(WORD_ON, { ...YES, verdict: 'reject', reason: 'not on a Friday' });
    expect(await ledger.approval(WORD_ON)).toEqual({ ...YES, verdict: 'reject', reason: 'not on a Friday' });
    await book.approve(WORD_ON, YES);
    expect(await ledger.approval(WORD_ON)).toEqual(YES);
    const others = [{ person: 'AROA2:eve' }, { run: '0a1b/d' }, { target: 'arn:b' }, { planHash: '0c' }];
    for (const other of others) expect(await ledger.approval({ ...WORD_ON, ...other })).toBeUndefined();
  });

  it('sets modes, the last word counts', async () => {
    const { book } = await make();
    await book.setMode(PLAN);
    await book.setMode({ ...PLAN, scope: 'all', mode: 'apply' });
    await book.setMode({ ...PLAN, mode: 'apply', reason: 'a week was well' });
    expect(await book.modes()).toEqual([
      { ...PLAN, scope: 'all', mode: 'apply' },
      { ...PLAN, mode: 'apply', reason: 'a week was well' },
    ]);
  });

  it('finds the records of a run by its beginning, a line for each target, newest first, and only of that runbook', async () => {
    const { book, ledger } = await make();
    const record = (runbook: string, run: string, target: string, seconds: number): Promise<void> =>
      ledger.record({ runbook, run, target, at: at(seconds), body: result('moved') });
    await record('mover', '0a1b/c', 'arn:a#b', 10);
    await record('mover', '0a1b/c', 'arn:z', 20);
    await record('mover', '0aff', '', 5);
    await record('mover-two', '0a1b/c', 'arn:a', 30);
    expect(await book.beginning('mover', '0a1')).toEqual([
      { runbook: 'mover', run: '0a1b/c', target: 'arn:z', at: at(20) },
      { runbook: 'mover', run: '0a1b/c', target: 'arn:a#b', at: at(10) },
    ]);
    expect((await book.beginning('mover', '0a')).map(({ run }) => run)).toEqual(['0a1b/c', '0a1b/c', '0aff']);
    expect(await book.beginning('mover', '0b')).toEqual([]);
  });

  it('reads the body of a record, and of one that was too long what is kept of it', async () => {
    const { book, ledger } = await make();
    const key = { runbook: 'mover', run: '0a1b', target: ADDRESS };
    await ledger.record({ ...key, at: at(0), body: result('mövéd') });
    expect(await book.read(key)).toEqual(result('mövéd'));
    expect(await book.read({ ...key, run: '0a1' })).toBeUndefined();
    await ledger.record({ ...key, at: at(1), body: result('x'.repeat(300_000)) });
    expect(await book.read(key)).toMatchObject({ truncated: true, bytes: 300_040 });
  });

  it('lists runs by day and by target, and the resources with their leases', async () => {
    const { book, ledger } = await make();
    await ledger.acquire(asked(0, 'run-1', 'move a'));
    await ledger.record({ runbook: 'mover', run: '1', target: ADDRESS, at: at(9), body: result('moved') });
    const line = { runbook: 'mover', run: '1', target: ADDRESS, at: at(9), outcome: 'done', reason: 'moved' };
    expect(await book.on('2026-11-22')).toEqual([line]);
    expect(await book.about(ADDRESS)).toEqual([line]);
    expect(await book.resources()).toEqual(await ledger.resources());
    expect(await book.resources()).toMatchObject([{ resource: ADDRESS, owner: 'run-1' }]);
  });

  /** The one resource, as it stands. */
  async function only({ book }: Books): Promise<ResourceState> {
    const [state] = await book.resources();
    if (state === undefined) throw new Error('there is one');
    return state;
  }

  it('takes a lease out of a resource, and what was announced where that is meant; nothing else', async () => {
    const books = await make();
    const { book, ledger } = books;
    await ledger.acquire(asked(0, 'run-1', 'move a'));
    await ledger.remember(ADDRESS, 'mover', { trouble: 'failed:x' });
    const before = await only(books);
    expect(await book.clear(before, 'keep')).toBe(true);
    const { owner: _holder, until: _end, ...free } = before;
    expect(await only(books)).toEqual(free);
    expect(await book.clear(free, 'settle')).toBe(true);
    const { pending, ...settled } = before.history;
    expect(pending?.intent).toBe('move a');
    expect(await only(books)).toMatchObject({ history: settled });
    expect((await only(books)).history).not.toHaveProperty('pending');
    // Whose lease it was finds that it is not its own any more; the next one gets it, and is charged.
    const lease = { resource: ADDRESS, owner: 'run-1', epoch: 1, until: at(30) };
    expect(await ledger.renew(lease, at(60))).toBe(false);
    expect(await ledger.acquire(asked(1_000, 'run-2', 'move b'))).toMatchObject({ granted: true, lease: { epoch: 2 } });
  });

  it('takes nothing out of a resource that somebody has written to since it was read', async () => {
    const books = await make();
    const { book, ledger } = books;
    const answer = await ledger.acquire(asked(0, 'run-1', 'move a'));
    const before = await only(books);
    // It wakes late, and goes on.
    await ledger.renew(leaseOf(answer), at(90));
    expect(await book.clear(before, 'settle')).toBe(false);
    await ledger.release({ lease: leaseOf(answer), intent: 'keep' });
    expect(await book.clear(before, 'settle')).toBe(false);
    const free = await only(books);
    await ledger.acquire(asked(1_000, 'run-2', 'move b'));
    expect(await book.clear(free, 'settle')).toBe(false);
    expect(await only(books)).toMatchObject({ owner: 'run-2', history: { pending: { intent: 'move b' } } });
    expect(await book.clear({ ...free, resource: 'arn:x' }, 'settle')).toBe(false);
    expect(await book.resources()).toHaveLength(1);
  });

  it('takes out twice what was taken out: the second time nothing is there', async () => {
    const books = await make();
    await books.ledger.acquire(asked(0, 'run-1', 'move a'));
    const before = await only(books);
    expect(await books.book.clear(before, 'settle')).toBe(true);
    expect(await books.book.clear(before, 'settle')).toBe(false);
    expect(await books.book.clear(await only(books), 'settle')).toBe(true);
  });

  it('keeps what operators did, newest first, the same again once', async () => {
    const { book } = await make();
    await book.note(NOTE);
    await book.note({ ...NOTE, what: 'mode', at: at(7), more: {} });
    await book.note(NOTE);
    await book.note({ ...NOTE, at: '2026-11-23T00:00:00Z' });
    expect(await book.operations('2026-11-22')).toEqual([{ ...NOTE, what: 'mode', at: at(7), more: {} }, NOTE]);
    expect(await book.operations('2026-11-23')).toEqual([{ ...NOTE, at: '2026-11-23T00:00:00.000Z' }]);
    await expect(book.operations('today')).rejects.toThrow('day: expected one such as 2026-11-28, found today');
  });
});

describe("the operator's book on DynamoDB", () => {
  const put = (table: string, Item: PutItemCommand['input']['Item']): Promise<unknown> =>
    client(DynamoDBClient).send(new PutItemCommand({ TableName: table, Item }));

  it('reads what somebody wrote by hand; a mode that is none lets nothing be done', async () => {
    const table = await freshTable();
    const book = dynamoOperatorBook(table);
    await put(table, { pk: { S: 'switch' }, sk: { S: 'all' } });
    await put(table, { pk: { S: 'mode' }, sk: { S: 'all' }, mode: { S: 'aply' } });
    await put(table, { pk: { S: 'operation' }, sk: { S: `${at(0)}#mode#x` }, at: { S: at(0) }, more: { S: 'x' } });
    expect(await book.switches()).toEqual([{ scope: 'all', reason: '', by: '', at: '' }]);
    expect(await book.modes()).toEqual([{ scope: 'all', mode: 'plan', reason: '', by: '', at: '' }]);
    expect(await book.operations('2026-11-22')).toEqual([
      { at: at(0), by: '', what: '', scope: '', reason: '', more: {} },
    ]);
  });

  it('says of a record of a newer layout which version reads it', async () => {
    const table = await freshTable();
    await put(table, { pk: { S: 'run' }, sk: { S: 'mover#1#' }, layout: { N: '2' }, body: { S: '{}' } });
    await expect(dynamoOperatorBook(table).read({ runbook: 'mover', run: '1', target: '' })).rejects.toThrow(
      "the ledger's item mover#1# has layout 2, this version reads up to 1: deploy the version that wrote it",
    );
  });

  it('asks for no body where it only looks for runs', async () => {
    const sent: unknown[] = [];
    const table = await freshTable();
    const dynamo = client(DynamoDBClient, { purpose: 'record-book' });
    dynamo.middlewareStack.add(
      (next) => (how) => {
        sent.push(Reflect.get(how.input, 'ProjectionExpression'), Reflect.get(how.input, 'ExpressionAttributeNames'));
        return next(how);
      },
      { step: 'initialize', name: 'seen', override: true },
    );
    await dynamoOperatorBook(table).beginning('mover', '0a1');
    dynamo.middlewareStack.remove('seen');
    expect(sent).toEqual(['#n0, #n1', { '#n0': 'sk', '#n1': 'at' }]);
  });

  it('reads a word that somebody wrote by hand as a no, and one without an end as none that lasts', async () => {
    const table = await freshTable();
    const Item = { pk: { S: `approval/${WORD_ON.person}` }, sk: { S: `0a1b/c#3f0c#${ADDRESS}` } };
    const ledger = dynamoLedger(table);
    await put(table, { ...Item, verdict: { S: 'APPROVE' }, reason: { S: 'x'.repeat(9_000) } });
    const read = await ledger.approval(WORD_ON);
    expect(read).toMatchObject({ verdict: 'reject', at: '', by: '', until: '' });
    expect(read?.reason.length).toBeLessThanOrEqual(4_500);
    await put(table, { ...Item, layout: { N: '2' } });
    await expect(ledger.approval(WORD_ON)).rejects.toThrow('has layout 2, this version reads up to 1');
  });

  it('has the row of a run that was stopped go by itself, and that of a runbook stand', async () => {
    const table = await freshTable();
    const book = dynamoOperatorBook(table);
    const stop = { ...SWITCH, scope: 'run:carry_1/2f9c', until: at(60) };
    await book.turnOff(stop);
    await book.turnOff({ ...SWITCH, until: at(60) });
    expect(await book.switches()).toEqual([{ ...SWITCH, until: at(60) }, stop]);
    const { Items = [] } = await client(DynamoDBClient).send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: 'switch' } },
      }),
    );
    expect(Items.map(({ ttl }) => ttl?.N)).toEqual([undefined, '1795334460']);
  });

  it('keeps an operation for 400 days', async () => {
    const table = await freshTable();
    await dynamoOperatorBook(table).note(NOTE);
    const { Items } = await client(DynamoDBClient).send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: 'operation' } },
      }),
    );
    expect(Items?.[0]).toMatchObject({ ttl: { N: '1829894405' }, layout: { N: '1' } });
  });
});
