/**
 * The control ledger on DynamoDB. Single-item conditional writes only: that is all a table needs to offer, and a write is
 * either wholly there or not at all.
 *
 * Item of pk `resource` (times are ISO 8601 in UTC with milliseconds, so that they compare as text):
 *   owner, until             the lease; absent when handed back
 *   epoch                    grants so far
 *   runbook                  who last wrote
 *   a0 … a8                  times of the budgeted actions, newest first
 *   booked                   epoch of the grant that booked a0; absent once it was given back
 *   intent, intentAt, intentNote (JSON)   the unsettled intent
 *   m_<key>                  remembered values, one attribute each, so that two writers do not undo each other
 * pk `switch`: reason, by, at; the item being there is the switch being on. pk `run`: at, body (JSON), ttl.
 */

import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  paginateQuery,
  type AttributeValue,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { client } from '../../aws/clients.ts';
import type { History, JsonObject } from '../decision.ts';
import { errorName } from '../errors.ts';
import {
  ACTIONS_KEPT,
  type KillSwitch,
  type Lease,
  type LeaseAnswer,
  type LeaseRequest,
  type Ledger,
  type Release,
  type ResourceState,
  type RunRecord,
} from './ledger.ts';
import { CONTENDED, checkedRequest, instant, isHeldByAsker, refusalOf } from './rules.ts';

/**
 * DynamoDB answers in milliseconds. One that takes longer than this is as good as lost, and a failover that may proceed
 * without it must not wait for it.
 */
const LEDGER_TIMEOUT_MS = 1_500;

function database(): DynamoDBClient {
  return client(DynamoDBClient, LEDGER_TIMEOUT_MS);
}

type Item = Record<string, AttributeValue>;

/** One register more than is shown: a refund brings the oldest action back instead of losing it. */
const REGISTERS = ACTIONS_KEPT + 1;

/** Stands where no action was: DynamoDB cannot copy an absent attribute. Sorts before every time. */
const NEVER = '-';

/** Record book: thirteen months, so that last year's incident in the same week can still be read. */
const RECORD_KEPT_DAYS = 400;

/** An item may have 400 KB; as a JSON string inside a JSON object every character may double. */
const RECORD_BODY_MAX_BYTES = 200_000;
const RECORD_BODY_KEPT_BYTES = 150_000;

/** Each round is a write and a read; more than this many changes of hands in between is contention. */
const ACQUIRE_ROUNDS = 4;

const text = (value: string): AttributeValue => ({ S: value });
const count = (value: number): AttributeValue => ({ N: String(value) });

/** A resource as stored. */
interface Stored {
  readonly runbook: string;
  readonly owner?: string;
  readonly until?: string;
  readonly history: History;
  /** For the shared rules: the same times as in the history. */
  readonly actions: readonly string[];
}

/** What JSON.parse gives is JSON; only its outermost shape is in question. */
function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseNote(json: string | undefined): JsonObject {
  const value: unknown = JSON.parse(json ?? '{}');
  return isJsonObject(value) ? value : {};
}

function stored(item: Item): Stored {
  const actions: string[] = [];
  for (let index = 0; index < ACTIONS_KEPT; index += 1) {
    const at = item[`a${index}`]?.S;
    if (at !== undefined && at !== NEVER) actions.push(at);
  }
  const memory: { [key: string]: string } = {};
  for (const [name, value] of Object.entries(item))
    if (name.startsWith('m_') && value.S !== undefined) memory[name.slice(2)] = value.S;
  const intent = item['intent']?.S;
  const owner = item['owner']?.S;
  const until = item['until']?.S;
  return {
    runbook: item['runbook']?.S ?? '',
    actions,
    history: {
      epoch: Number(item['epoch']?.N ?? '0'),
      actions,
      ...(intent === undefined
        ? {}
        : { pending: { intent, at: item['intentAt']?.S ?? '', note: parseNote(item['intentNote']?.S) } }),
      memory,
    },
    ...(owner === undefined ? {} : { owner }),
    ...(until === undefined ? {} : { until }),
  };
}

/** Collects the parts of one UpdateItem: DynamoDB refuses a name or value that is declared and not used. */
function update(table: string, resource: string) {
  const names: Record<string, string> = {};
  const values: Item = {};
  const sets: string[] = [];
  const removes: string[] = [];
  const conditions: string[] = [];
  // Every attribute goes by a placeholder: `owner`, `until` and others are reserved words.
  const name = (attribute: string): string => {
    const known = Object.entries(names).find(([, value]) => value === attribute);
    if (known !== undefined) return known[0];
    const placeholder = `#n${Object.keys(names).length}`;
    names[placeholder] = attribute;
    return placeholder;
  };
  const value = (content: AttributeValue): string => {
    const placeholder = `:v${Object.keys(values).length}`;
    values[placeholder] = content;
    return placeholder;
  };
  const parts = {
    name,
    value,
    set: (attribute: string, expression: string) => void sets.push(`${name(attribute)} = ${expression}`),
    remove: (...attributes: string[]) => void removes.push(...attributes.map(name)),
    where: (condition: string) => void conditions.push(`(${condition})`),
    /** The right-hand side for "the epoch after this grant". */
    nextEpoch: () => `if_not_exists(${name('epoch')}, ${value(count(0))}) + ${value(count(1))}`,
    input: (): UpdateItemCommandInput => ({
      TableName: table,
      Key: { pk: text('resource'), sk: text(resource) },
      UpdateExpression: [
        sets.length > 0 ? `SET ${sets.join(', ')}` : '',
        removes.length > 0 ? `REMOVE ${removes.join(', ')}` : '',
      ]
        .join(' ')
        .trim(),
      ...(conditions.length > 0 ? { ConditionExpression: conditions.join(' AND ') } : {}),
      ExpressionAttributeNames: names,
      ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}),
    }),
  };
  return parts;
}

type Update = ReturnType<typeof update>;

/** Sends it; `undefined` when its condition did not hold, otherwise the item as it was before. */
async function write(parts: Update): Promise<Item | undefined> {
  try {
    const answer = await database().send(new UpdateItemCommand({ ...parts.input(), ReturnValues: 'ALL_OLD' }));
    return answer.Attributes ?? {};
  } catch (error) {
    if (errorName(error) === 'ConditionalCheckFailedException') return undefined;
    throw error;
  }
}

/** Returns the placeholder of the present. */
function whereFree(parts: Update, request: LeaseRequest): string {
  const owner = parts.name('owner');
  const now = parts.value(text(request.now));
  parts.where(
    `attribute_not_exists(${owner}) OR ${parts.name('until')} <= ${now} OR ${owner} = ${parts.value(text(request.owner))}`,
  );
  return now;
}

function setHolder(parts: Update, request: LeaseRequest): void {
  parts.set('owner', parts.value(text(request.owner)));
  parts.set('until', parts.value(text(request.until)));
  parts.set('runbook', parts.value(text(request.runbook)));
}

/** The whole acquisition in one conditional write: lease, budget and intent. */
function acquisition(table: string, request: LeaseRequest): Update {
  const parts = update(table, request.resource);
  const { budget, intent } = request;
  const now = whereFree(parts, request);
  setHolder(parts, request);
  const nextEpoch = parts.nextEpoch();
  parts.set('epoch', nextEpoch);
  if (intent !== undefined) {
    const key = parts.value(text(intent.key));
    // The same intent unsettled means a run died on it: that is a resumption, which is not charged and so not this write.
    parts.where(`attribute_not_exists(${parts.name('intent')}) OR ${parts.name('intent')} <> ${key}`);
    parts.set('intent', key);
    parts.set('intentAt', now);
    parts.set('intentNote', parts.value(text(JSON.stringify(intent.note))));
  }
  if (budget !== undefined) {
    const never = parts.value(text(NEVER));
    // A shift register: DynamoDB evaluates every right-hand side on the item as it was before the write.
    for (let index = REGISTERS - 1; index > 0; index -= 1)
      parts.set(`a${index}`, `if_not_exists(${parts.name(`a${index - 1}`)}, ${never})`);
    parts.set('a0', now);
    parts.set('booked', nextEpoch);
    const last = parts.name('a0');
    const oldest = parts.name(`a${budget.max - 1}`);
    parts.where(`attribute_not_exists(${last}) OR ${last} <= ${parts.value(text(budget.lastBefore))}`);
    parts.where(`attribute_not_exists(${oldest}) OR ${oldest} <= ${parts.value(text(budget.windowFrom))}`);
  }
  return parts;
}

async function read(table: string, resource: string): Promise<Stored> {
  const answer = await database().send(
    new GetItemCommand({ TableName: table, Key: { pk: text('resource'), sk: text(resource) }, ConsistentRead: true }),
  );
  return stored(answer.Item ?? {});
}

async function query(table: string, partition: string): Promise<Item[]> {
  const items: Item[] = [];
  const pages = paginateQuery(
    { client: database() },
    {
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': text(partition) },
      ConsistentRead: true,
    },
  );
  for await (const page of pages) items.push(...(page.Items ?? []));
  return items;
}

function granted(request: LeaseRequest, epoch: number, until: string, history: History, resumed: boolean): LeaseAnswer {
  return {
    granted: true,
    lease: { resource: request.resource, owner: request.owner, epoch, until },
    history: { ...history, epoch },
    resumed,
  };
}

/** Takes up an unsettled intent: the lease without the charge. `undefined`: the resource changed meanwhile. */
async function resume(
  table: string,
  request: LeaseRequest,
  found: Stored,
  intent: string,
): Promise<LeaseAnswer | undefined> {
  const held = isHeldByAsker(found, request);
  // A step that runs twice, or asks again because the reply was lost, gets the lease it already has.
  const epoch = held ? found.history.epoch : found.history.epoch + 1;
  const until = held && found.until !== undefined && found.until > request.until ? found.until : request.until;
  if (held && found.until === until) return granted(request, epoch, until, found.history, true);
  const parts = update(table, request.resource);
  whereFree(parts, request);
  parts.where(`${parts.name('intent')} = ${parts.value(text(intent))}`);
  parts.where(`${parts.name('epoch')} = ${parts.value(count(found.history.epoch))}`);
  setHolder(parts, { ...request, until });
  parts.set('epoch', parts.value(count(epoch)));
  return (await write(parts)) === undefined ? undefined : granted(request, epoch, until, found.history, true);
}

async function acquire(table: string, asked: LeaseRequest): Promise<LeaseAnswer> {
  const request = checkedRequest(asked);
  let found: Stored | undefined;
  for (let round = 0; round < ACQUIRE_ROUNDS; round += 1) {
    // ALL_OLD, because the answer needs the earlier intent, which this write replaces; what the item is afterwards follows
    // from what it was and from the request, the write being atomic.
    const before = await write(acquisition(table, request));
    if (before !== undefined) {
      const { history } = stored(before);
      const actions =
        request.budget === undefined ? history.actions : [request.now, ...history.actions].slice(0, ACTIONS_KEPT);
      return granted(request, history.epoch + 1, request.until, { ...history, actions }, false);
    }
    found = await read(table, request.resource);
    if (
      request.intent !== undefined &&
      found.history.pending?.intent === request.intent.key &&
      refusalOf(found, withoutBudget(request)) === undefined
    ) {
      const resumed = await resume(table, request, found, request.intent.key);
      if (resumed !== undefined) return resumed;
      continue;
    }
    const refusal = refusalOf(found, request);
    if (refusal !== undefined) return { granted: false, ...refusal, history: found.history };
  }
  return { granted: false, ...CONTENDED, history: (found ?? stored({})).history };
}

function withoutBudget(request: LeaseRequest): LeaseRequest {
  const { budget: _counted, ...rest } = request;
  return rest;
}

function whereOurs(parts: Update, lease: Lease): void {
  parts.where(`${parts.name('owner')} = ${parts.value(text(lease.owner))}`);
  parts.where(`${parts.name('epoch')} = ${parts.value(count(lease.epoch))}`);
}

function giveBack(table: string, how: Release, refund: boolean): Update {
  const { lease } = how;
  const parts = update(table, lease.resource);
  const owner = parts.name('owner');
  const epoch = parts.value(count(lease.epoch));
  parts.where(`${parts.name('epoch')} = ${epoch}`);
  // No owner under our epoch: we handed it back already and the reply was lost.
  parts.where(`attribute_not_exists(${owner}) OR ${owner} = ${parts.value(text(lease.owner))}`);
  parts.remove('owner', 'until');
  if (how.intent === 'settle') parts.remove('intent', 'intentAt', 'intentNote');
  if (refund) {
    parts.where(`${parts.name('booked')} = ${epoch}`);
    parts.remove('booked');
    const never = parts.value(text(NEVER));
    for (let index = 0; index < REGISTERS - 1; index += 1)
      parts.set(`a${index}`, `if_not_exists(${parts.name(`a${index + 1}`)}, ${never})`);
    parts.set(`a${REGISTERS - 1}`, never);
  }
  return parts;
}

async function release(table: string, how: Release): Promise<boolean> {
  // Without the booking of this very lease there is nothing to refund; the lease itself may still be ours.
  if (how.refund === true && (await write(giveBack(table, how, true))) !== undefined) return true;
  return (await write(giveBack(table, how, false))) !== undefined;
}

async function renew(table: string, lease: Lease, until: string): Promise<boolean> {
  const parts = update(table, lease.resource);
  whereOurs(parts, lease);
  parts.set('until', parts.value(text(instant('until', until))));
  return (await write(parts)) !== undefined;
}

async function remember(
  table: string,
  resource: string,
  runbook: string,
  values: { readonly [key: string]: string | null },
): Promise<void> {
  const entries = Object.entries(values);
  if (entries.length === 0) return;
  const parts = update(table, resource);
  parts.set('runbook', `if_not_exists(${parts.name('runbook')}, ${parts.value(text(runbook))})`);
  for (const [key, value] of entries) {
    if (value === null) parts.remove(`m_${key}`);
    else parts.set(`m_${key}`, parts.value(text(value)));
  }
  await write(parts);
}

/** The body as JSON; an oversized one keeps its beginning, where the decision and its reason stand. */
function recordBody(body: JsonObject): string {
  const whole = JSON.stringify(body);
  const bytes = Buffer.byteLength(whole);
  if (bytes <= RECORD_BODY_MAX_BYTES) return whole;
  return JSON.stringify({
    truncated: true,
    bytes,
    beginning: Buffer.from(whole).subarray(0, RECORD_BODY_KEPT_BYTES).toString(),
  });
}

async function record(table: string, entry: RunRecord): Promise<void> {
  const item: Item = {
    pk: text('run'),
    sk: text(`${entry.runbook}#${entry.run}#${entry.target}`),
    at: text(entry.at),
    body: text(recordBody(entry.body)),
    ttl: count(Math.floor(Date.parse(instant('at', entry.at)) / 1_000) + RECORD_KEPT_DAYS * 86_400),
  };
  await database().send(new PutItemCommand({ TableName: table, Item: item }));
}

async function switches(table: string): Promise<KillSwitch[]> {
  const items = await query(table, 'switch');
  // A switch somebody wrote in a hurry, without saying why, is still on.
  return items.map((item) => ({
    scope: item['sk']?.S ?? 'all',
    reason: item['reason']?.S ?? '',
    by: item['by']?.S ?? '',
    at: item['at']?.S ?? '',
  }));
}

async function resources(table: string): Promise<ResourceState[]> {
  return (await query(table, 'resource')).map((item) => {
    const { actions: _shown, ...state } = stored(item);
    return { resource: item['sk']?.S ?? '', ...state };
  });
}

/**
 * The deployed control ledger. Every method throws the SDK's error when DynamoDB does not answer.
 * @param tableName the control table, e.g. `runbooks-prod-control`.
 */
export function dynamoLedger(tableName: string): Ledger {
  return {
    switches: () => switches(tableName),
    resource: async (resource) => (await read(tableName, resource)).history,
    resources: () => resources(tableName),
    acquire: (request) => acquire(tableName, request),
    renew: (lease, until) => renew(tableName, lease, until),
    release: (how) => release(tableName, how),
    remember: (resource, runbook, values) => remember(tableName, resource, runbook, values),
    record: (entry) => record(tableName, entry),
  };
}
