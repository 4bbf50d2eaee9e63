/** The queues of a scenario's beginning, made in moto. */

import { CreateQueueCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { need, type Ids } from './moto-answers.ts';
import type { Seed } from './scenario.ts';
import { redrivePolicy } from './simulated-queues.ts';

/** Makes the queues in the order of the seed: those that take dead letters come first. */
export async function makeQueues(sqs: SQSClient, { queues = {} }: Seed, ids: Ids): Promise<void> {
  for (const [QueueName, { tags = {}, deadLetters, attributes = {} }] of Object.entries(queues)) {
    const Attributes = {
      ...attributes,
      ...(QueueName.endsWith('.fifo') ? { FifoQueue: 'true' } : {}),
      ...(deadLetters === undefined ? {} : { RedrivePolicy: redrivePolicy(deadLetters) }),
    };
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes, tags: { ...tags } }));
    ids.set(QueueName, need(QueueUrl, 'queue'));
  }
}
