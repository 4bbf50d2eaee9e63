/** A world of queues for the tests of SQS, and short ways to ask it. */

import { isRecord } from '../../../../simulator/engine/json.ts';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { SqsError } from '../../../../simulator/services/sqs/refusals.ts';
import { serviceWorld, type ServiceWorld } from '../service-world.ts';

export const ARN = 'arn:aws:sqs:eu-west-1:111122223333:';
const URL = 'https://sqs.eu-west-1.amazonaws.com/111122223333/';

/** Redrive to a queue of dead letters after so many receives. */
export function redriveTo(name: string, maxReceiveCount = 3): string {
  return JSON.stringify({ deadLetterTargetArn: `${ARN}${name}`, maxReceiveCount });
}

export interface QueueWorld extends ServiceWorld {
  /** A call about the queue of that name. */
  readonly ask: (call: string, name: string, input?: Shape) => Shape;
  /** What a long poll gets at once, at most ten. */
  readonly receive: (name: string, input?: Shape) => readonly Shape[];
  /** The bodies of the same. */
  readonly bodies: (name: string, input?: Shape) => readonly unknown[];
  readonly attributes: (name: string, ...names: readonly string[]) => unknown;
}

/** Makes a world of queues, each with its attributes and messages. */
export function queueWorld(queues: readonly Shape[], seed = 1): QueueWorld {
  const world = serviceWorld({ sqs: { Queues: queues } }, seed);
  const ask = (call: string, name: string, input: Shape = {}): Shape =>
    world.call(`sqs:${call}`, { QueueUrl: URL + name, ...input });
  const receive = (name: string, input: Shape = {}): readonly Shape[] => {
    const { Messages: messages } = ask('ReceiveMessage', name, {
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 1,
      ...input,
    });
    return Array.isArray(messages) ? messages.filter(isRecord) : [];
  };
  return {
    ...world,
    ask,
    receive,
    bodies: (name, input) => receive(name, input).map(({ Body }) => Body),
    attributes: (name, ...names) => ask('GetQueueAttributes', name, { AttributeNames: names })['Attributes'],
  };
}

/** What a call is refused with: name, status, the query protocol's code, message. */
export function refusalOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    if (!(error instanceof SqsError)) throw error;
    return [error.name, error.$metadata.httpStatusCode, error.Error.Code, error.message];
  }
  return 'not refused';
}
