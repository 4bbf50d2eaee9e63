/** How letters are received, to be moved or to be looked at. */

import { ReceiveMessageCommand, type MessageSystemAttributeName } from '@aws-sdk/client-sqs';

/** Source: API_ReceiveMessage, and the batches of SQS's other operations. */
export const MOST_MESSAGES = 10;
/** A receive that waits asks all of SQS's servers: where it finds nothing there is nothing. A short one may miss what is there. */
const WAIT_SECONDS = 1;
/** What is read of a letter besides what it is sent with: the rest would only be parsed. */
const READ: readonly MessageSystemAttributeName[] = [
  'DeadLetterQueueSourceArn',
  'SentTimestamp',
  'AWSTraceHeader',
  'MessageGroupId',
];

/** What is asked for. */
export interface Receiving {
  readonly url: string;
  readonly most: number;
  /** Seconds for which what comes is hidden. */
  readonly hiddenSeconds: number;
  /** How often it was received is asked of it, too. */
  readonly isCounted: boolean;
}

export function receiving({ url, most, hiddenSeconds, isCounted }: Receiving): ReceiveMessageCommand {
  return new ReceiveMessageCommand({
    QueueUrl: url,
    MaxNumberOfMessages: most,
    VisibilityTimeout: hiddenSeconds,
    WaitTimeSeconds: WAIT_SECONDS,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: isCounted ? [...READ, 'ApproximateReceiveCount'] : [...READ],
  });
}
