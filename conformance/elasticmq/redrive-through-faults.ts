/**
 * The deployed bundle of `redrive-dead-letters` brings letters back on ElasticMQ, through a relay that has entries of batches fail, loses
 * replies and kills connections. Then every letter is looked for: none may be missing, and no more may be there twice than the run told.
 */

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { z } from 'zod';
import { fates } from './batch-faults.ts';
import { buildRunbook } from '../bundles.ts';
import { CONTROL_TABLE } from '../control-table.ts';
import { makeLetters, makePair, takeAll, type Pair } from './dead-letters.ts';
import { HttpExecution, runExecution, type HttpAnswer } from '../durable-service.ts';
import { openGateway } from '../gateway.ts';
import { environmentFor } from '../ledger.ts';
import { openRelay } from './relay.ts';
import { ACCOUNT, REGION } from '../scenario.ts';
import { script } from '../script.ts';

const RUNBOOK = 'redrive-dead-letters';
const [TABLE, DATA_TABLE] = ['redrive-control', 'redrive-data'];
const LETTER_BYTES = 200;
/** What went first may take 30 s to come back, and SQS counts it a minute late; what came back goes again two minutes later. */
const LONGEST_WAIT_MS = 150_000;

/** What was asked for, and what came of it. JSON. */
export interface FaultyRedrive {
  readonly seed: number;
  readonly letters: number;
  /** `done redriven`. */
  readonly outcome: string;
  /** What the run told, of the members of its evidence. */
  readonly told: Told;
  /** Letters that are still among the dead. */
  readonly staying: number;
  /** Letters that are nowhere. */
  readonly lost: number;
  /** Letters that are there once more than they were: in their queue again, or in both. */
  readonly surplus: number;
  readonly invocations: number;
  /** Requests by what became of them, e.g. `SendMessageBatch lose`. */
  readonly counts: { readonly [fate: string]: number };
}

const toldSchema = z.looseObject({
  received: z.number().default(0),
  sent: z.number().default(0),
  perhapsTwice: z.number().default(0),
  kept: z.number().default(0),
  sentButStillHere: z.number().default(0),
});
type Told = z.infer<typeof toldSchema>;

const resultSchema = z.looseObject({
  results: z.tuple([z.looseObject({ outcome: z.string(), reason: z.string(), evidence: toldSchema })]),
});
const answerSchema = z.looseObject({ Result: z.string().default('') });

/** Where the letters are: in the queue that they failed in, or still among the dead. */
export interface Whereabouts {
  readonly source: readonly string[];
  readonly dead: readonly string[];
}

/** How many of the letters, which begin with their number, are missing, and how many are there too often. */
export function counted(letters: number, { source, dead }: Whereabouts): { lost: number; surplus: number } {
  const all = [...source, ...dead];
  const distinct = new Set(all.map((body) => Number.parseInt(body, 10))).size;
  return { lost: letters - distinct, surplus: all.length - distinct };
}

/** Copies that the run told of: those of replies that were lost, and of what has arrived, or may have, and is still among the dead. */
export function mostSurplus({ told: { perhapsTwice, kept, sentButStillHere }, staying }: FaultyRedrive): number {
  return perhapsTwice + Math.min(staying, kept + sentButStillHere);
}

/**
 * A run may give up what it cannot delete, as long as it tells of it. On ElasticMQ that is so after each deletion whose reply was lost: it
 * refuses the next one by the receipt of a message that is gone.
 */
const ENDS: readonly string[] = ['done redriven', 'refused not-deleted'];

/** What is wrong with it; empty: nothing. */
export function faultsOfRedrive(run: FaultyRedrive): readonly string[] {
  const name = `redrive through faults, seed ${run.seed}`;
  const most = mostSurplus(run);
  return [
    ...(run.lost === 0 ? [] : [`${name}: ${run.lost} of ${run.letters} letters are lost`]),
    ...(run.surplus <= most ? [] : [`${name}: ${run.surplus} letters are there twice, and the run told of ${most}`]),
    ...(run.staying <= run.told.kept + run.told.sentButStillHere
      ? []
      : [`${name}: not all was told of ${run.staying} letters that stay`]),
    ...(ENDS.includes(run.outcome) ? [] : [`${name}: ended as ${run.outcome}`]),
  ];
}

/** A DynamoDB with the tables of control and of data: the one that the tests of the ledger have. */
async function openLedger(): Promise<{ readonly url: string; readonly server: Server }> {
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the DynamoDB server has no port');
  const url = `http://127.0.0.1:${address.port}`;
  const credentials = { accessKeyId: 'conformance', secretAccessKey: 'conformance' };
  const dynamo = new DynamoDBClient({ endpoint: url, region: REGION, credentials });
  // Both tables have the same keys.
  for (const TableName of [TABLE, DATA_TABLE])
    await dynamo.send(new CreateTableCommand({ TableName, ...CONTROL_TABLE }));
  dynamo.destroy();
  return { url, server };
}

function requestFor({ dead }: Pair): object {
  return {
    runbook: RUNBOOK,
    target: dead.split('/').at(-1),
    reason: 'the consumer is mended',
    requestedBy: 'conformance',
  };
}

/** There is no Lambda beside ElasticMQ: no function takes from its queues. Source: API_ListEventSourceMappings. */
function noMappings(path: string): HttpAnswer | undefined {
  if (!path.startsWith('/2015-03-31/event-source-mappings')) return undefined;
  return { status: 200, headers: { 'content-type': 'application/json' }, body: '{"EventSourceMappings":[]}' };
}

/** Runs the bundle as Lambda does, each invocation a process of its own, until the execution has ended. */
async function execute(
  pair: Pair,
  sqsUrl: string,
): Promise<{ readonly answer: unknown; readonly invocations: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'runbook-redrive-'));
  const ledger = await openLedger();
  const gateway = await openGateway(ledger.url, undefined, noMappings);
  try {
    const { deployed } = await buildRunbook(RUNBOOK, folder);
    const eventFile = join(folder, 'event.json');
    const env = {
      ...environmentFor(gateway.url, REGION),
      AWS_ENDPOINT_URL_SQS: sqsUrl,
      LEDGER_CONTROL_TABLE: TABLE,
      LEDGER_DATA_TABLE: DATA_TABLE,
      RUNBOOK_DRY_RUN: 'false',
      RUNBOOK_MODE: 'apply',
      RUNBOOK_APPROVAL: 'never',
    };
    const invoke = async (payload: object): Promise<unknown> => {
      writeFileSync(eventFile, JSON.stringify(payload));
      const { stdout, stderr } = await script('invoke-bundle.ts', [deployed, RUNBOOK, ACCOUNT, REGION, eventFile], env);
      const line = stdout.trim().split('\n').at(-1) ?? '';
      if (!line.startsWith('{')) throw new Error(`${RUNBOOK} answered nothing: ${stderr.slice(-500)}`);
      return JSON.parse(line);
    };
    const execution = new HttpExecution(RUNBOOK, randomUUID(), requestFor(pair), Date.now());
    gateway.serve(execution);
    const { answer, invocations } = await runExecution(execution, invoke, LONGEST_WAIT_MS);
    return { answer: JSON.parse(execution.result ?? (answerSchema.parse(answer).Result || '{}')), invocations };
  } finally {
    gateway.close();
    ledger.server.close();
    rmSync(folder, { recursive: true });
  }
}

/** Redrives so many letters on the ElasticMQ at `url`, through faults that the seed chooses. */
export async function redriveThroughFaults(url: string, seed: number, letters: number): Promise<FaultyRedrive> {
  const pair = await makePair(url, `faulty-${seed}`);
  await makeLetters(url, pair, letters, LETTER_BYTES);
  const relay = await openRelay({ target: url, fateOf: fates(seed) });
  try {
    const { answer, invocations } = await execute(pair, relay.url);
    const [{ outcome, reason, evidence }] = resultSchema.parse(answer).results;
    // What the run has received last is hidden for a minute, and is counted when it shows again.
    const whereabouts = { source: await takeAll(url, pair.source), dead: await takeAll(url, pair.dead) };
    return {
      seed,
      letters,
      outcome: `${outcome} ${reason.split(':')[0] ?? ''}`,
      told: evidence,
      staying: whereabouts.dead.length,
      ...counted(letters, whereabouts),
      invocations,
      counts: Object.fromEntries(relay.counts),
    };
  } finally {
    relay.close();
  }
}
