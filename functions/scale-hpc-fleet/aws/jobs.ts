/** The queue of jobs. */

import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { client } from '../../../shared/aws/clients.ts';
import { isNoQueue } from '../../../shared/aws/sqs/no-queue.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import type { Jobs } from '../decide.ts';

const [VISIBLE, IN_FLIGHT] = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;

/** How many jobs SQS counts; `null`: there is no such queue. */
export async function jobsOf(QueueName: string, io: Io): Promise<Jobs | null> {
  const options = { abortSignal: io.signal };
  try {
    const { QueueUrl } = await client(SQSClient).send(new GetQueueUrlCommand({ QueueName }), options);
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [VISIBLE, IN_FLIGHT] });
    const { Attributes = {} } = await client(SQSClient).send(command, options);
    return { visible: countIn(Attributes, VISIBLE, QueueName), inFlight: countIn(Attributes, IN_FLIGHT, QueueName) };
  } catch (error) {
    if (isNoQueue(error)) return null;
    throw error;
  }
}

/** An attribute that SQS leaves out is no zero: nothing would be launched, and what runs ended. */
function countIn(attributes: { readonly [name: string]: string | undefined }, name: string, queue: string): number {
  const count = attributes[name] ?? '';
  if (!/^\d+$/u.test(count)) throw new TerminalError(`${queue}: ${name}: SQS gives ${count || 'nothing'}`);
  return Number(count);
}
