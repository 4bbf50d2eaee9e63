import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
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
import { caseOf, type Part } from '../../../rehearsal/worlds/case.ts';
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
    const SENDERS = [
      'Notification',
      'RULE_ARN',
      'SCHEDULE_ARN',
      'RequestID',
      'RetriesExhausted',
      '"InputPath"',
      '+alias+tag+',
    ];
    for (const wanted of [...WANTED, ...TAGS, ...FAULTS, ...SENDERS])
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
  return foundIn({ sqs: { Queues } }, [{ queue: `orders${end}`, handles: 'PT1S' }], rogue, end);
}

async function foundIn(
  sections: Part['sections'],
  consumers: readonly Shape[],
  rogue: () => Promise<void>,
  end: '' | '.fifo' = '',
): Promise<readonly string[]> {
  const event = { runbook: RUNBOOK, target: `a-dlq${end}`, reason: 'tried', requestedBy: 'mara' };
  const part = {
    sections,
    consumers,
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

/** One that a function failed on, and one that a rule has for a queue which has no tag: what is found where somebody does this. */
async function foundOfSenders(rogue: () => Promise<void>): Promise<readonly string[]> {
  const core = (home: string, form: string): string =>
    `{"mark":"~${home}+${form}+tag+0~","large":12345678901234567890}`;
  const told = (names: { readonly [name: string]: string }): Shape =>
    Object.fromEntries(Object.entries(names).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]));
  const failed = told({ RequestID: 'r', ErrorCode: '200', ErrorMessage: 'no' });
  const ruled = told({ RULE_ARN: 'arn:aws:events:eu-west-1:111122223333:rule/r', TARGET_ARN: arnOf('bare') });
  const Messages = [
    { Body: core('score', 'whole'), MessageAttributes: failed },
    { Body: `{"detail-type":"t","source":"s","detail":${core('bare', 'whole')}}`, MessageAttributes: ruled },
  ];
  const DeadLetterConfig = { Arn: arnOf('a-dlq') };
  const sections = {
    sqs: {
      Queues: [
        { QueueName: 'a-dlq', Attributes: {}, Tags: { 'runbook:redrive': 'manual' }, Messages },
        { QueueName: 'bare', Attributes: {}, Tags: {}, Messages: [] },
      ],
    },
    lambda: {
      Functions: [
        {
          FunctionName: 'score',
          Tags: { 'runbook:redrive-target': 'a-dlq' },
          Aliases: [],
          DeadLetterConfig: { TargetArn: arnOf('a-dlq') },
        },
      ],
    },
    eventbridge: { Rules: [{ Name: 'r', Targets: [{ Id: '1', Arn: arnOf('bare'), DeadLetterConfig }] }] },
  };
  return foundIn(sections, [], rogue);
}

async function give(name: string, event: string): Promise<void> {
  const FunctionName = `arn:aws:lambda:eu-west-1:111122223333:function:${name}`;
  await new LambdaClient({}).send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: event }));
}

const OF_SCORE = '{"mark":"~score+whole+tag+0~","large":12345678901234567890}';

describe('what people have at stake in letters of other senders', () => {
  it('is kept where nobody does anything behind the back of the runbook', async () => {
    expect(await foundOfSenders(() => Promise.resolve())).toEqual([]);
  });

  it('is broken by an event that is given again and again', async () => {
    const often = async (): Promise<void> => {
      for (let times = 0; times < 4; times += 1) await give('score', OF_SCORE);
    };
    expect(await foundOfSenders(often)).toEqual(expect.arrayContaining(['none-goes-too-often', 'no-copy-untold']));
  });

  it('is broken by one that is given in another form', async () => {
    expect(await foundOfSenders(() => give('score', `{"event":${OF_SCORE}}`))).toContain('as-they-would-have-come');
  });

  it('is broken by one that goes where nobody has consented', async () => {
    const sent = '{"detail-type":"t","mark":"~bare+whole+tag+0~"}';
    expect(await foundOfSenders(() => send('bare', sent))).toContain('only-with-consent');
  });

  it('is broken by one that is deleted, and by one that goes elsewhere', async () => {
    expect(await foundOfSenders(async () => deleteAll('a-dlq', await receive('a-dlq')))).toContain('none-is-lost');
    expect(await foundOfSenders(() => send('bare', OF_SCORE))).toContain('none-goes-astray');
  });
});

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
