/** Where ends what failed, or could not be delivered. */

import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { client } from '../../../shared/aws/clients.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import type { Queue } from '../decide.ts';
import { unlessGone } from './gone.ts';

/** Of a message that somebody has in hand nobody has looked yet whether it may go. */
const COUNTS = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
const RETENTION = 'MessageRetentionPeriod';

/** @throws TerminalError for what is no whole number: taken for none, a full queue would be empty */
function wholeIn(attributes: { readonly [name: string]: string | undefined }, name: string, queue: string): number {
  const text = attributes[name] ?? '';
  if (!/^\d{1,15}$/u.test(text)) throw new TerminalError(`${queue}: SQS gives no ${name}`);
  return Number(text);
}

/** A queue with what waits in it. Throws what AWS throws. */
export async function readQueue(name: string, io: Io): Promise<Queue> {
  const options = { abortSignal: io.signal };
  const gone = { name, isThere: false, letters: 0, retentionSeconds: 0 };
  const found = await unlessGone(() => client(SQSClient).send(new GetQueueUrlCommand({ QueueName: name }), options));
  if (found === null) return gone;
  const command = new GetQueueAttributesCommand({
    QueueUrl: found.QueueUrl,
    AttributeNames: [...COUNTS, RETENTION],
  });
  const answer = await unlessGone(() => client(SQSClient).send(command, options));
  if (answer === null) return gone;
  const { Attributes: attributes = {} } = answer;
  const letters = COUNTS.reduce((sum, count) => sum + wholeIn(attributes, count, name), 0);
  return { name, isThere: true, letters, retentionSeconds: wholeIn(attributes, RETENTION, name) };
}
