/**
 * The control ledger on DynamoDB. Single-item conditional writes only: that is all a table needs to offer, and a write is
 * either wholly there or not at all. `items.ts` says what stands in the table, `updates.ts` what is written on what condition.
 */

import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  paginateQuery,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { client } from '../../aws/clients.ts';
import type { History } from '../decision.ts';
import { errorName } from '../errors.ts';
import {
  approvalKey,
  approvalOf,
  controlItem,
  listed,
  modeOf,
  recordItem,
  resourceKey,
  signposts,
  stored,
  switchOf,
  text,
  type Item,
  type Stored,
} from './items.ts';
import {
  ACTIONS_KEPT,
  type LeaseAnswer,
  type LeaseRequest,
  type Ledger,
  type ModeRow,
  type Release,
  type RunRecord,
} from './ledger.ts';
import { CONTENDED, checkedRequest, isHeldByAsker, isRepeat, isWordOpen, refusalOf, wordRefusal } from './rules.ts';
import { acquisition, carrying, handBack, remembering, renewal, resumption } from './updates.ts';

/**
 * DynamoDB answers in milliseconds. One that takes longer than this is as good as lost, and a failover that may proceed
 * without it must not wait for it.
 */
const LEDGER_TIMEOUT_MS = 1_500;

/** Each round is a write and a read; more than this many changes of hands in between is contention. */
const ACQUIRE_ROUNDS = 4;

/** The client of both ledgers. */
export function database(): DynamoDBClient {
  return client(DynamoDBClient, { purpose: 'ledger', timeoutMs: LEDGER_TIMEOUT_MS });
}

/** Sends it; `undefined` when its condition did not hold, otherwise the item as it was before. */
async function write(input: UpdateItemCommandInput): Promise<Item | undefined> {
  try {
    const answer = await database().send(new UpdateItemCommand({ ...input, ReturnValues: 'ALL_OLD' }));
    return answer.Attributes ?? {};
  } catch (error) {
    if (errorName(error) === 'ConditionalCheckFailedException') return undefined;
    throw error;
  }
}

async function get(table: string, Key: Item): Promise<Item | undefined> {
  return (await database().send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }))).Item;
}

async function read(table: string, resource: string): Promise<Stored> {
  return stored((await get(table, resourceKey(resource))) ?? {});
}

/** All items of a partition, page by page, consistent. */
export async function query(table: string, partition: string, keyPrefix = ''): Promise<Item[]> {
  const items: Item[] = [];
  const hasPrefix = keyPrefix !== '';
  const pages = paginateQuery(
    { client: database() },
    {
      TableName: table,
      KeyConditionExpression: `pk = :pk${hasPrefix ? ' AND begins_with(sk, :sk)' : ''}`,
      // A value that no expression names is refused.
      ExpressionAttributeValues: { ':pk': text(partition), ...(hasPrefix ? { ':sk': text(keyPrefix) } : {}) },
      ConsistentRead: true,
    },
  );
  for await (const page of pages) items.push(...(page.Items ?? []));
  return items;
}

function granted(
  request: LeaseRequest,
  epoch: number,
  until: string,
  history: History,
  resumed: boolean,
): Extract<LeaseAnswer, { granted: true }> {
  return {
    granted: true,
    lease: { resource: request.resource, owner: request.owner, epoch, until },
    history: { ...history, epoch },
    resumed,
  };
}

/** What is granted by an acquisition of an item that was `before`: the write being atomic, it follows from the two. */
function firstGrant(request: LeaseRequest, before: Item): LeaseAnswer {
  const { history } = stored(before);
  const actions =
    request.budget === undefined ? history.actions : [request.now, ...history.actions].slice(0, ACTIONS_KEPT);
  return granted(request, history.epoch + 1, request.until, { ...history, actions }, false);
}

/** The asker's intent stands there unsettled, and nobody else is at it. */
function isResumable({ intent, budget: _uncounted, ...rest }: LeaseRequest, found: Stored): boolean {
  return intent !== undefined && found.history.pending?.intent === intent.key && refusalOf(found, rest) === undefined;
}

/** Takes up an unsettled intent: the lease without the charge. `undefined`: the resource changed meanwhile. */
async function resume(table: string, asked: LeaseRequest, found: Stored): Promise<LeaseAnswer | undefined> {
  const { history } = found;
  const { word: used, ...worded } = asked;
  // A word that is not open was used for this very intent.
  const isUsed = used === undefined || !isWordOpen(history, asked);
  const request = isUsed ? worded : asked;
  const held = isHeldByAsker(found, request);
  // A step that runs twice, or asks again because the reply was lost, gets the lease it already has.
  const epoch = held ? history.epoch : history.epoch + 1;
  const until = held && found.until !== undefined && found.until > request.until ? found.until : request.until;
  if (held && isUsed && found.until === until) return granted(request, epoch, until, history, true);
  const before = await write(resumption(table, { ...request, until }, history, epoch));
  return before === undefined ? undefined : granted(request, epoch, until, history, true);
}

/** The asker's other intent under the lease that it holds. `undefined`: it holds none, or does not ask for that. */
async function carry(table: string, request: LeaseRequest): Promise<LeaseAnswer | undefined> {
  const { carries } = request;
  const before = carries === undefined ? undefined : await write(carrying(table, request, carries));
  if (carries === undefined || before === undefined) return undefined;
  return granted(request, carries, request.until, stored(before).history, false);
}

/** What this very request was granted the first time, as far as it is still known: the intent before it is not. */
function repeated(request: LeaseRequest, found: Stored): LeaseAnswer {
  const { pending: _own, ...history } = found.history;
  return { ...granted(request, history.epoch, found.until ?? request.until, history, false), isRepeat: true };
}

async function acquire(table: string, asked: LeaseRequest): Promise<LeaseAnswer> {
  const request = checkedRequest(asked);
  let found: Stored | undefined;
  const carried = await carry(table, request);
  if (carried !== undefined) return carried;
  for (let round = 0; round < ACQUIRE_ROUNDS; round += 1) {
    // The item as it was before, because the answer needs the earlier intent, which this write replaces.
    const before = await write(acquisition(table, request));
    if (before !== undefined) return firstGrant(request, before);
    found = await read(table, request.resource);
    if (isRepeat(found, found.history.pending, request)) return repeated(request, found);
    const isVoid = wordRefusal(found.history, request);
    if (isVoid === undefined && isResumable(request, found)) {
      const resumed = await resume(table, request, found);
      if (resumed !== undefined) return resumed;
      continue;
    }
    const refusal = isVoid ?? refusalOf(found, request);
    if (refusal !== undefined) return { granted: false, ...refusal, history: found.history };
  }
  return { granted: false, ...CONTENDED, history: (found ?? stored({})).history };
}

async function release(table: string, how: Release): Promise<boolean> {
  // Without the booking of this very lease there is nothing to refund; the lease itself may still be ours.
  const nowMs = Date.now();
  if (how.refund === true && (await write(handBack(table, how, true, nowMs))) !== undefined) return true;
  return (await write(handBack(table, how, false, nowMs))) !== undefined;
}

async function remember(
  table: string,
  resource: string,
  runbook: string,
  values: Parameters<Ledger['remember']>[2],
): Promise<void> {
  const entries = Object.entries(values);
  const settled = await write(remembering(table, resource, runbook, entries, { nowMs: Date.now() }));
  if (settled !== undefined || entries.length === 0) return;
  // Somebody is at it, or was and did not end it: it must not expire.
  await write(remembering(table, resource, runbook, entries, undefined));
}

async function createMode(table: string, row: ModeRow): Promise<boolean> {
  const Item = controlItem('mode', row);
  try {
    await database().send(
      new PutItemCommand({ TableName: table, Item, ConditionExpression: 'attribute_not_exists(pk)' }),
    );
    return true;
  } catch (error) {
    if (errorName(error) === 'ConditionalCheckFailedException') return false;
    throw error;
  }
}

/** Read once in the life of a stack: the first page that has such a record is enough. */
async function hasActed(table: string): Promise<boolean> {
  const pages = paginateQuery(
    { client: database() },
    {
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      FilterExpression: 'attribute_not_exists(outcome) OR outcome <> :planned',
      ExpressionAttributeValues: { ':pk': text('run'), ':planned': text('planned') },
      ConsistentRead: true,
    },
  );
  for await (const { Items = [] } of pages) if (Items.length > 0) return true;
  return false;
}

/** The record first: without what finds it, it is still where the outcome says that it is. */
async function record(table: string, entry: RunRecord): Promise<void> {
  const put = (Item: Item, condition = {}): Promise<unknown> =>
    database().send(new PutItemCommand({ TableName: table, Item, ...condition }));
  // Lambda repeats a run that has failed: what it did is told by the attempt that did it.
  const condition = entry.acted === true ? {} : { ConditionExpression: 'attribute_not_exists(acted)' };
  try {
    await put(recordItem(entry), condition);
  } catch (error) {
    if (errorName(error) === 'ConditionalCheckFailedException') return;
    throw error;
  }
  await Promise.all(signposts(entry).map((item) => put(item)));
}

/**
 * The deployed control ledger. Every method throws the SDK's error when DynamoDB does not answer.
 * @param tableName the control table, e.g. `runbooks-prod-control`.
 */
export function dynamoLedger(tableName: string): Ledger {
  return {
    switches: async () => (await query(tableName, 'switch')).map(switchOf),
    modes: async () => (await query(tableName, 'mode')).map(modeOf),
    createMode: (row) => createMode(tableName, row),
    hasActed: () => hasActed(tableName),
    resource: async (resource) => (await read(tableName, resource)).history,
    resources: async () => (await query(tableName, 'resource')).map(listed),
    approval: async (key) => {
      const item = await get(tableName, approvalKey(key));
      return item && approvalOf(item);
    },
    acquire: (request) => acquire(tableName, request),
    renew: async (lease, until) => (await write(renewal(tableName, lease, until))) !== undefined,
    release: (how) => release(tableName, how),
    remember: (resource, runbook, values) => remember(tableName, resource, runbook, values),
    record: (entry) => record(tableName, entry),
  };
}
