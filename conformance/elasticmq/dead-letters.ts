/** Makes dead letters on ElasticMQ as they come about: sent to a queue, received in vain, and moved by its redrive policy. */

import { Agent, request } from 'node:http';
import { z } from 'zod';
import { queueArn } from '../scenario.ts';

/** Requests at once: of more an emulator on two cores makes no use. */
const HANDS = 8;
const BATCH = 10;

const agent = new Agent({ keepAlive: true, maxSockets: HANDS });

const received = z.looseObject({ Messages: z.array(z.looseObject({})).default([]) });
const created = z.looseObject({ QueueUrl: z.string() });
const COUNTS = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
const attributes = z.looseObject({ Attributes: z.record(z.string(), z.string()) });

/** One request in SQS's JSON protocol, unsigned: the SDK's own work would be most of making a hundred thousand letters. */
function ask(url: string, operation: string, input: object): Promise<unknown> {
  const body = JSON.stringify(input);
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `AmazonSQS.${operation}`,
    'content-length': Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: 'POST', agent, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(JSON.parse(text === '' ? '{}' : text));
        else reject(new Error(`${operation}: ${answer.statusCode} ${text}`));
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** The path of a queue's URL, which is the same behind a relay. */
export interface Pair {
  /** Path of the queue of dead letters. */
  readonly dead: string;
  /** Path of the queue that they failed in. */
  readonly source: string;
}

/** Makes a queue, and the one of its dead letters, where one receive in vain is enough. */
export async function makePair(url: string, name: string): Promise<Pair> {
  const make = async (QueueName: string, more: object): Promise<string> =>
    new URL(created.parse(await ask(url, 'CreateQueue', { QueueName, ...more })).QueueUrl).pathname;
  const dead = await make(`${name}-dead`, { tags: { 'runbook:redrive': 'manual' } });
  const policy = { deadLetterTargetArn: queueArn(`${name}-dead`), maxReceiveCount: 1 };
  // Whoever redrives waits for as long as a consumer may keep a letter.
  const source = await make(name, { Attributes: { RedrivePolicy: JSON.stringify(policy), VisibilityTimeout: '1' } });
  return { dead, source };
}

/** Messages in a queue, in whoever's hands. */
export async function countIn(url: string, path: string): Promise<number> {
  const input = { QueueUrl: `${url}${path}`, AttributeNames: COUNTS };
  const { Attributes } = attributes.parse(await ask(url, 'GetQueueAttributes', input));
  return COUNTS.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
}

const withBodies = z.looseObject({ Messages: z.array(z.object({ Body: z.string() })).default([]) });

/** A little longer than the runbook hides a letter. */
const MOST_LOOKS = 90;

/** Takes what is in a queue out of it, also what is hidden for a minute; the bodies, in no order. */
export async function takeAll(url: string, path: string): Promise<readonly string[]> {
  const bodies: string[] = [];
  const input = { QueueUrl: `${url}${path}`, MaxNumberOfMessages: BATCH, VisibilityTimeout: 3_600, WaitTimeSeconds: 1 };
  for (let looks = 0; looks < MOST_LOOKS;) {
    const { Messages } = withBodies.parse(await ask(url, 'ReceiveMessage', input));
    bodies.push(...Messages.map(({ Body }) => Body));
    if (Messages.length > 0) continue;
    if (bodies.length >= (await countIn(url, path))) return bodies;
    looks += 1;
  }
  throw new Error(`${path}: what is there cannot be received`);
}

/** Forgets a pair. */
export async function dropPair(url: string, { dead, source }: Pair): Promise<void> {
  for (const path of [source, dead]) await ask(url, 'DeleteQueue', { QueueUrl: `${url}${path}` });
}

async function byAllHands(work: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: HANDS }, work));
}

/** Fills the queue of dead letters with so many, the body of each beginning with its number. */
export async function makeLetters(url: string, { dead, source }: Pair, count: number, bytes: number): Promise<void> {
  const QueueUrl = `${url}${source}`;
  const text = 'x'.repeat(bytes);
  // A request carries a mebibyte at most.
  const most = Math.min(BATCH, Math.floor(1_000_000 / (bytes + 100)));
  let next = 0;
  await byAllHands(async () => {
    while (next < count) {
      const [first, until] = [next, Math.min(count, next + most)];
      next = until;
      const Entries = Array.from({ length: until - first }, (_, index) => ({
        Id: String(index),
        MessageBody: `${first + index} ${text}`.slice(0, bytes),
      }));
      await ask(url, 'SendMessageBatch', { QueueUrl, Entries });
    }
  });
  // The first receive is in vain, the second finds nothing and makes it a dead letter.
  await byAllHands(async () => {
    for (;;) {
      const input = { QueueUrl, MaxNumberOfMessages: BATCH, VisibilityTimeout: 0 };
      const { Messages } = received.parse(await ask(url, 'ReceiveMessage', input));
      if (Messages.length === 0 && (await countIn(url, source)) === 0) return;
    }
  });
  const made = await countIn(url, dead);
  if (made !== count) throw new Error(`${made} dead letters instead of ${count}`);
}
