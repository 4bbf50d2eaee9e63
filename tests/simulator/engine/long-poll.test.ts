import { ReceiveMessageCommand, SendMessageCommand, SQSClient, type Message } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { client } from '../../../shared/aws/clients.ts';
import { errorName } from '../../../shared/kernel/errors.ts';
import { NO_FAULTS, type FaultKind } from '../../../simulator/engine/run-types.ts';
import { simulate, type SimulationEnd } from '../../../simulator/engine/simulation.ts';
import { deploy, run, TWO_INSTANCES } from '../deploy.ts';

const QueueUrl = 'https://sqs.eu-west-1.amazonaws.com/111122223333/orders';

interface Polled {
  readonly end: SimulationEnd;
  readonly messages: readonly Message[] | undefined;
  /** From the sending of the poll, in seconds. */
  readonly afterSeconds: number;
}

/** One long poll of twenty seconds, in which a script sends after so many. */
async function poll(after: string, fault?: FaultKind): Promise<Polled> {
  let messages: readonly Message[] | undefined;
  const fn = deploy(async () => {
    const answer = await client(SQSClient).send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    messages = answer.Messages;
  });
  const script = [{ after, set: { 'sqs/Queues/orders/Messages/+': { MessageId: 'm-1', Body: 'one' } } }];
  const world = { ...TWO_INSTANCES, sqs: { Queues: [{ QueueName: 'orders' }] }, script };
  const points = fault === undefined ? [] : [{ request: 0, kind: fault }];
  const end = await simulate(run(fn, { world, faults: { ...NO_FAULTS, points } }));
  const [request] = end.requests;
  const afterSeconds = (Date.parse(request?.answeredAt ?? '') - Date.parse(request?.at ?? '')) / 1_000;
  return { end, messages, afterSeconds };
}

describe('a long poll', () => {
  it('is answered soon after something has come', async () => {
    const { end, messages, afterSeconds } = await poll('PT7S');
    expect(end.error).toBe(undefined);
    expect(messages?.map(({ Body }) => Body)).toEqual(['one']);
    expect(afterSeconds).toBeGreaterThan(6.9);
    expect(afterSeconds).toBeLessThan(7.4);
  });

  it('is answered without anything when its time is over', async () => {
    const { messages, afterSeconds } = await poll('PT30S');
    expect(messages).toBe(undefined);
    expect(afterSeconds).toBeGreaterThan(20);
    expect(afterSeconds).toBeLessThan(20.1);
  });

  it('is refused at once', async () => {
    const { end, afterSeconds } = await poll('PT30S', 'throttled');
    expect(end.requests[0]?.error).toBe('RequestThrottled');
    expect(afterSeconds).toBeLessThan(0.1);
  });
});

describe('a queue that is asked through the SDK', () => {
  it('has sent what a poll gets, bytes and all, and says that another is not there', async () => {
    const seen: unknown[] = [];
    const fn = deploy(async () => {
      const sqs = client(SQSClient);
      const blob = { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255]) };
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one', MessageAttributes: { blob } }));
      const asked = { QueueUrl, WaitTimeSeconds: 1, MessageAttributeNames: ['All'] };
      const { Messages: messages } = await sqs.send(new ReceiveMessageCommand(asked));
      seen.push(messages?.[0]?.MessageAttributes?.['blob']?.BinaryValue);
      const gone = { ...asked, QueueUrl: `${QueueUrl}-gone` };
      seen.push(await sqs.send(new ReceiveMessageCommand(gone)).catch(errorName));
    });
    const world = { ...TWO_INSTANCES, sqs: { Queues: [{ QueueName: 'orders' }] } };
    const end = await simulate(run(fn, { world }));
    expect(end.error).toBe(undefined);
    expect(seen).toEqual([new Uint8Array([0, 255]), 'QueueDoesNotExist']);
    // The state is JSON.
    expect(JSON.stringify(end.world.data['sqs'])).toContain('"BinaryValue":"AP8="');
  });
});
