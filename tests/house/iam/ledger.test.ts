/** Which DynamoDB requests a request to the ledger sends: what `support/iam-ledger.ts` says is what the deployed ledger does. */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, describe, expect, it } from 'vitest';
import type { Lease, LeaseRequest } from '../../../shared/kernel/ledger/ledger.ts';
import { dynamoLedger } from '../../../shared/kernel/ledger/dynamodb.ts';
import { dynamoPacer } from '../../../shared/kernel/ledger/pacer.ts';
import { isRecord } from '../../../simulator/engine/json.ts';
import { LEDGER_ACCESS } from './ledger.ts';

const RESOURCE = 'arn:aws:ec2:eu-west-1:111122223333:elastic-ip/eipalloc-0a1';
const LEASE: Lease = { resource: RESOURCE, owner: 'run', epoch: 3, until: '2026-11-22T08:00:30.000Z' };
const REQUEST: LeaseRequest = {
  resource: RESOURCE,
  runbook: 'r',
  owner: 'run',
  now: '2026-11-22T08:00:00.000Z',
  until: '2026-11-22T08:00:30.000Z',
  intent: { key: 'move', note: {} },
};

const sent: { readonly action: string; readonly partition: unknown; readonly table: unknown }[] = [];
let refuseWrites = false;

const mock = mockClient(DynamoDBClient);
mock.send.callsFake((command) => {
  const input: unknown = command.input;
  if (!isRecord(input)) throw new TypeError('a command has an input');
  const key = input['Key'] ?? input['Item'];
  const partition = isRecord(key)
    ? key['pk']
    : isRecord(input['ExpressionAttributeValues'])
      ? input['ExpressionAttributeValues'][':pk']
      : undefined;
  sent.push({
    action: `dynamodb:${command.constructor.name.replace(/Command$/u, '')}`,
    partition: isRecord(partition) ? partition['S'] : undefined,
    table: input['TableName'],
  });
  if (refuseWrites && command.constructor.name === 'UpdateItemCommand')
    throw Object.assign(new Error('refused'), { name: 'ConditionalCheckFailedException' });
  // A resource whose intent is unsettled and free to take up: the longest way through `acquire`.
  const answer: object = {
    Item: { intent: { S: 'move' }, intentAt: { S: '2026-11-22T07:59:00.000Z' }, epoch: { N: '3' } },
    Items: [],
  };
  return Promise.resolve({ $metadata: {}, ...answer });
});
afterAll(() => mock.restore());

const ledger = dynamoLedger('control');
const pacer = dynamoPacer('control');
const CALLS: { readonly [call: string]: () => Promise<unknown> } = {
  'ledger:switches': () => ledger.switches(),
  'ledger:modes': () => ledger.modes(),
  'ledger:createMode': () => ledger.createMode({ scope: 'all', mode: 'plan', reason: '', by: '', at: '' }),
  'ledger:hasActed': () => ledger.hasActed(),
  'ledger:resource': () => ledger.resource(RESOURCE),
  'ledger:resources': () => ledger.resources(),
  'ledger:approval': () => ledger.approval({ person: 'kim', run: 'run', target: RESOURCE, planHash: '0a1b' }),
  'ledger:acquire': () => ledger.acquire(REQUEST),
  'ledger:renew': () => ledger.renew(LEASE, '2026-11-22T08:01:00.000Z'),
  'ledger:release': () => ledger.release({ lease: LEASE, intent: 'settle', refund: true }),
  'ledger:remember': () => ledger.remember(RESOURCE, 'r', { seen: 'x', gone: null }),
  'ledger:book': () =>
    pacer.book({ bucket: 'ec2:StartInstances', nowMs: 0, intervalMs: 1_000, burst: 2, longestMs: 0 }),
  'ledger:record': () =>
    ledger.record({ runbook: 'r', run: 'run', target: RESOURCE, at: '2026-11-22T08:00:00.000Z', body: {} }),
};

describe('the ledger', () => {
  it('has no request whose permissions are not written down', () => {
    expect([...Object.keys(ledger), ...Object.keys(pacer)].map((method) => `ledger:${method}`).toSorted()).toEqual(
      Object.keys(LEDGER_ACCESS).toSorted(),
    );
  });

  it.each(Object.entries(CALLS))(
    '%s sends exactly what its permissions are for, whether its writes succeed or not',
    async (name, call) => {
      sent.length = 0;
      for (const refused of [false, true]) {
        refuseWrites = refused;
        await call();
      }
      const accesses = new Set(
        sent.map(({ action, partition, table }) => `${action} ${String(partition)} ${String(table)}`),
      );
      expect([...accesses].toSorted()).toEqual(
        (LEDGER_ACCESS[name] ?? []).map(({ action, partition }) => `${action} ${partition} control`).toSorted(),
      );
    },
  );
});
