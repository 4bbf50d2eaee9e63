/**
 * `node BUNDLE WAY FROM TO LEDGER-MS`: moves all letters of the queue FROM, in a process of its own, by the plain loop or by the work of
 * `redrive-dead-letters`, and prints what that took.
 */

import { SQSClient } from '@aws-sdk/client-sqs';
import { apply } from '../functions/redrive-dead-letters/aws.ts';
import { NO_PROGRESS, progressIn, WORK, type Progress } from '../functions/redrive-dead-letters/decide.ts';
import { client, surroundWith } from '../shared/aws/clients.ts';
import type { Json, JsonObject } from '../shared/kernel/decision.ts';
import type { Io } from '../shared/kernel/definition.ts';
import { memoryData } from '../simulator/engine/data.ts';
import { plainLoop } from './plain-loop.ts';

const [way = '', from = '', to = '', ledgerMs = '0'] = process.argv.slice(2);

/** More than anything here manages, so that the pace is not what is measured. */
const PER_SECOND = 10_000;

const io: Io = {
  begunAt: new Date().toISOString(),
  run: 'bench',
  account: '123456789012',
  region: 'eu-west-1',
  signal: new AbortController().signal,
  now: () => new Date().toISOString(),
  sleep: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
  token: (purpose) => purpose,
};

function arnOf(url: string): string {
  return `arn:aws:sqs:${io.region}:${io.account}:${url.split('/').at(-1)}`;
}

/** As of a redrive whose canary has held: none is held back any more. */
const input: JsonObject = {
  select: { queue: arnOf(from), url: from, held: 0, retentionSeconds: 345_600 },
  rule: {
    mode: 'send',
    to: [{ arn: arnOf(to), url: to, maximumMessageBytes: 1_048_576, trust: 'works' }],
    parking: null,
    maxAttempts: 3,
    round: 1,
    isNewTrial: false,
    // Only queues have it for dead letters, and their redrive policies permit it.
    senders: { origins: [], unread: [] },
    tagged: [],
    canary: 10,
    leastJudged: 5,
    maxBack: 400,
    perSecond: PER_SECOND,
    hiddenSeconds: 60,
    maxLeft: 600,
    maxStays: 12_000,
    maxLookedAt: 500,
  },
  maxItems: null,
};

// What goes is noted before it does. Here in memory, and as far away as the queues: DynamoDB's own work is not measured.
surroundWith({
  data: memoryData({
    submit: async ({ run }) => {
      await io.sleep(Number(ledgerMs));
      return run();
    },
  }),
});

const doing = apply[WORK];
if (doing === undefined || !('piece' in doing)) throw new TypeError(`${WORK} is not done in pieces`);
const { piece } = doing;

/** Piece after piece, as a run has them, until nothing is left. */
async function byPieces(): Promise<number> {
  let told: Json | undefined;
  let progress: Progress = NO_PROGRESS;
  while (!progress.isDrained) {
    told = await piece(input, io, told);
    progress = progressIn(told) ?? NO_PROGRESS;
    const [staying] = Object.values(progress.left);
    if (staying !== undefined) throw new Error(`letters stay: ${staying.why}`);
    if (progress.trouble !== null) throw new Error(progress.trouble);
  }
  return progress.sent;
}

const sqs = way === 'plain' ? new SQSClient() : client(SQSClient);
let lastDeletedMs = 0;
sqs.middlewareStack.add(
  (next, context) => async (request) => {
    const answer = await next(request);
    if (context['commandName'] === 'DeleteMessageBatchCommand') lastDeletedMs = performance.now();
    return answer;
  },
  { step: 'initialize' },
);
const [beganMs, cpu] = [performance.now(), process.cpuUsage()];
const moved = way === 'plain' ? await plainLoop(sqs, from, to) : await byPieces();
const { user, system } = process.cpuUsage(cpu);
const figures = {
  moved,
  // The last look at an empty queue is a second for both, however much was moved.
  ms: lastDeletedMs - beganMs,
  cpuMs: (user + system) / 1_000,
  rssMiB: process.resourceUsage().maxRSS / 1_024,
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
process.exit(0);
