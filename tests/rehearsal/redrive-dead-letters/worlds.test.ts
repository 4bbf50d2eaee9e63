import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { discoverFunctions } from '../../../rehearsal/functions.ts';
import { INTERESTS } from '../../../rehearsal/redrive-dead-letters/interests.ts';
import { Bench } from '../../../rehearsal/worlds/bench.ts';
import { caseOf } from '../../../rehearsal/worlds/case.ts';
import { catalogueOf } from '../../../rehearsal/worlds/catalogue.ts';
import { batchOf, worldsOf } from '../../../rehearsal/worlds/draw.ts';
import { tryOut } from '../../../rehearsal/worlds/trial.ts';
import type { Shape } from '../../../simulator/engine/model.ts';
import { accompanied } from '../worlds/mutant.ts';

const RUNBOOK = 'redrive-dead-letters';
const functions = await discoverFunctions(fileURLToPath(new URL('../../../functions', import.meta.url)));
const catalogue = await catalogueOf([RUNBOOK]);
const URLS = 'https://sqs.eu-west-1.amazonaws.com/111122223333';

/** A share of what `.ci/run` tries. */
describe('a share of generated worlds with dead letters', () => {
  it('keeps every promise', async () => {
    const { findings, reach } = await new Bench(functions, catalogue, 11).batch(0, 5);
    expect(findings).toEqual([]);
    expect(reach[RUNBOOK]?.acted).toBeGreaterThan(0);
  }, 60_000);

  it('has what it should, each in some world', () => {
    const texts = batchOf(worldsOf(catalogue.makers), 1, 0, 300).map(({ case: one }) => JSON.stringify(one));
    const WANTED = ['"FifoQueue"', 'MessageMoveTasks', 'there-is-no-such-queue', '"fails":"all"', '"until"', 'held-0'];
    const TAGS = ['"runbook:parking":"a-dlq"', '0d-disabled', '"name-9"', '"dryRun"'];
    const FAULTS = ['"kind":"reply-lost"', '"kind":"died-after"', '"kind":"entry-failed"', '"kind":"refused"'];
    for (const wanted of [...WANTED, ...TAGS, ...FAULTS])
      expect([wanted, texts.some((text) => text.includes(wanted))]).toEqual([wanted, true]);
  });
});

function arnOf(name: string): string {
  return `arn:aws:sqs:eu-west-1:111122223333:${name}`;
}

/** Six letters in a row, in a queue of either type, whose consumer handles them. */
function queues(end: '' | '.fifo'): readonly Shape[] {
  const typed = end === '' ? {} : { FifoQueue: 'true' };
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf(`a-dlq${end}`), maxReceiveCount: 2 });
  const Messages = Array.from({ length: 6 }, (_none, index) => ({
    Body: `letter ${index}`,
    Attributes: { MessageGroupId: 'g', DeadLetterQueueSourceArn: arnOf(`orders${end}`) },
  }));
  return [
    { QueueName: `orders${end}`, Attributes: { ...typed, RedrivePolicy }, Messages: [] },
    { QueueName: `a-dlq${end}`, Attributes: typed, Tags: { 'runbook:redrive': 'manual' }, Messages },
    { QueueName: `others${end}`, Attributes: typed, Messages: [] },
  ];
}

/** What is found where somebody does this whenever the runbook begins. */
async function found(rogue: () => Promise<void>, end: '' | '.fifo' = '', tags?: Shape): Promise<readonly string[]> {
  const [orders = {}, dead = {}, others = {}] = queues(end);
  const Queues = [orders, tags === undefined ? dead : { ...dead, Tags: tags }, others];
  const event = { runbook: RUNBOOK, target: `a-dlq${end}`, reason: 'tried', requestedBy: 'mara' };
  const part = {
    sections: { sqs: { Queues } },
    consumers: [{ queue: `orders${end}`, handles: 'PT1S' }],
    probes: {},
    capacity: [],
    remembered: [],
    script: [],
    arrivals: [{ seconds: 1, event }],
    optIn: [],
    minutes: 30,
  };
  const one = caseOf([part], { seed: 1, shared: false, ledgerLost: false, switched: [], faults: [] });
  const own = functions.filter(({ summary }) => summary.name === RUNBOOK).map((fn) => accompanied(fn, rogue));
  const trial = await tryOut({ case: one, runbooks: [RUNBOOK] }, own, { [RUNBOOK]: INTERESTS });
  return [...new Set(trial.wrongs.map(({ interest }) => interest))];
}

const client = new SQSClient({});

async function receive(queue: string): Promise<readonly Message[]> {
  const input = { QueueUrl: `${URLS}/${queue}`, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 };
  return (await client.send(new ReceiveMessageCommand(input))).Messages ?? [];
}

async function send(queue: string, ...bodies: readonly (string | undefined)[]): Promise<void> {
  for (const [index, MessageBody] of bodies.entries()) {
    const id = `${client.config.serviceId}-${index}-${bodies.join('').length}`;
    const fifo = queue.endsWith('.fifo') ? { MessageGroupId: 'g', MessageDeduplicationId: id } : {};
    await client.send(new SendMessageCommand({ QueueUrl: `${URLS}/${queue}`, MessageBody, ...fifo }));
  }
}

async function deleteAll(queue: string, messages: readonly Message[]): Promise<void> {
  for (const { ReceiptHandle } of messages)
    await client.send(new DeleteMessageCommand({ QueueUrl: `${URLS}/${queue}`, ReceiptHandle }));
}

describe('what people have at stake in their letters', () => {
  it('is kept where nobody does anything behind the back of the runbook', async () => {
    expect(await found(() => Promise.resolve())).toEqual([]);
    expect(await found(() => Promise.resolve(), '.fifo')).toEqual([]);
  });

  it('is broken by a letter that is deleted', async () => {
    expect(await found(async () => deleteAll('a-dlq', await receive('a-dlq')))).toContain('none-is-lost');
  });

  it('is broken by one that is sent elsewhere', async () => {
    expect(await found(() => send('others', 'letter 1'))).toContain('none-goes-astray');
  });

  it('is broken by one that is sent again and again', async () => {
    const wrongs = await found(() => send('orders', 'letter 1', 'letter 1', 'letter 1', 'letter 1'));
    expect(wrongs).toEqual(expect.arrayContaining(['none-goes-too-often', 'no-copy-untold', 'told-is-what-happened']));
  });

  it('is broken by one that goes before its turn', async () => {
    expect(await found(() => send('orders.fifo', 'letter 4'), '.fifo')).toContain('groups-keep-their-order');
  });

  it('is broken where letters of a queue are looked at that nobody has tagged', async () => {
    const look = async (): Promise<void> => void (await receive('a-dlq'));
    expect(await found(look, '', {})).toEqual(['refusals-move-nothing']);
  });
});
