/** The queues of a scenario's beginning, as a world file has them. */

import { queueArn, REGION, ACCOUNT, type Seed } from './scenario.ts';

/** A queue's URL by its name, and its ARN by `NAME.arn`. */
export function queueIds({ queues = {} }: Seed): readonly (readonly [name: string, id: string])[] {
  return Object.keys(queues).map((name) => [name, `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`] as const);
}

/** The queues, empty. */
export function queueRecords({ queues = {} }: Seed): object[] {
  return Object.entries(queues).map(([QueueName, { tags = {}, deadLetters, attributes = {} }]) => ({
    QueueName,
    Tags: tags,
    Attributes: {
      ...attributes,
      ...(deadLetters === undefined ? {} : { RedrivePolicy: redrivePolicy(deadLetters) }),
    },
  }));
}

/** A redrive policy after two receives. */
export function redrivePolicy(deadLetters: string): string {
  return JSON.stringify({ deadLetterTargetArn: queueArn(deadLetters), maxReceiveCount: 2 });
}
