import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { client } from '../../../shared/aws/clients.ts';
import { NO_FAULTS } from '../../../simulator/engine/run-types.ts';
import { simulate } from '../../../simulator/engine/simulation.ts';
import { messagesIn, queuesOf } from '../../../simulator/services/sqs/state.ts';
import { deploy, run, TWO_INSTANCES } from '../deploy.ts';

const QueueUrl = 'https://sqs.eu-west-1.amazonaws.com/111122223333/orders';
const FAULT = { SenderFault: false, Code: 'InternalError', Message: 'An internal error has occurred' };

interface Told {
  readonly Successful: readonly { readonly Id: string | undefined }[] | undefined;
  readonly Failed: readonly object[] | undefined;
}

/** What a batch of so many was answered, and the bodies that were left in the queue. */
async function struck(request: number, work: (sqs: SQSClient) => Promise<Told>): Promise<unknown> {
  const told: unknown[] = [];
  const fn = deploy(async () => {
    const { Successful, Failed } = await work(client(SQSClient));
    told.push(
      Successful?.map(({ Id }) => Id),
      Failed,
    );
  });
  const world = { ...TWO_INSTANCES, sqs: { Queues: [{ QueueName: 'orders' }] } };
  const points = [{ request, kind: 'entry-failed' as const }];
  const end = await simulate(run(fn, { world, faults: { ...NO_FAULTS, points } }));
  expect(end.error).toBe(undefined);
  expect(end.requests[request]).toMatchObject({ fault: 'entry-failed', inParts: true });
  return [...told, queuesOf(end.world).flatMap((queue) => messagesIn(queue).map(({ Body }) => Body))];
}

function entries(count: number): { readonly Id: string; readonly MessageBody: string }[] {
  return Array.from({ length: count }, (_, index) => ({ Id: `e${index}`, MessageBody: `body ${index}` }));
}

async function received(
  sqs: SQSClient,
): Promise<{ readonly Id: string; readonly ReceiptHandle: string | undefined }[]> {
  await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: entries(2) }));
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
  );
  return Messages.map(({ ReceiptHandle }, index) => ({ Id: `e${index}`, ReceiptHandle }));
}

describe('a batch of which the service fails an entry', () => {
  it('is sent but for that entry', async () => {
    const send = (sqs: SQSClient) => sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: entries(3) }));
    expect(await struck(0, send)).toEqual([['e0', 'e2'], [{ Id: 'e1', ...FAULT }], ['body 0', 'body 2']]);
  });

  it('of one entry is not sent at all', async () => {
    const send = (sqs: SQSClient) => sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: entries(1) }));
    expect(await struck(0, send)).toEqual([undefined, [{ Id: 'e0', ...FAULT }], []]);
  });

  it('is deleted, or hidden, but for that entry', async () => {
    const remove = async (sqs: SQSClient) =>
      sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: await received(sqs) }));
    expect(await struck(2, remove)).toEqual([['e1'], [{ Id: 'e0', ...FAULT }], ['body 0']]);
    const hide = async (sqs: SQSClient) =>
      sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries: await received(sqs) }));
    expect(await struck(2, hide)).toEqual([['e1'], [{ Id: 'e0', ...FAULT }], ['body 0', 'body 1']]);
  });
});
