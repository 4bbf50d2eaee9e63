/**
 * What Lambda leaves of an event that a function has failed on: the event in its dead-letter queue, a record at its destination.
 * Recorded of AWS 2025-11-24 and, by way of a topic, 2023-08-24: github.com/localstack/localstack, test_lambda_destinations.snapshot.json.
 */

import type { Shape, World } from '../../engine/model.ts';
import { isRecord } from '../../engine/json.ts';
import { uuid } from '../../engine/uuid.ts';
import { deliver, type Published } from '../sns-delivery.ts';
import { putIn, queueByArn } from '../sqs/state.ts';

/** An event that is given up, whose it was, and what is set up for what was invoked. */
interface Failed {
  readonly fn: Shape;
  readonly given: Shape;
  readonly config: Shape | undefined;
}

type Told = Published;

/** Source: Lambda API reference, OnFailure, note: what a topic takes. */
const MOST_TOPIC_BYTES = 262_144;

/** What the function says of itself is nobody's but the script's. */
const ERROR = { errorMessage: 'the script has it fail', errorType: 'Error' } as const;

const SENDER = 'AROAEXAMPLEEXAMPLEEXA:awslambda';

const ELSEWHERE = 'lambda: what a failed event leaves elsewhere than in a queue or a topic is not followed';
const TOO_LARGE = 'lambda: a dead letter that is too large for its topic is lost';

function sendTo(world: World, queueArn: unknown, { body, attributes }: Told): void {
  const queue = queueByArn(world, queueArn);
  if (queue === undefined) return;
  putIn(world, queue, {
    MessageId: uuid(world),
    Body: body,
    Attributes: { SenderId: SENDER, SentTimestamp: String(world.clock.now()), ApproximateReceiveCount: '0' },
    ...(Object.keys(attributes).length === 0 ? {} : { MessageAttributes: attributes }),
  });
}

function publish(world: World, topic: string, { body, attributes }: Told): void {
  deliver(world, topic, { body, attributes }, (endpoint, message) => sendTo(world, endpoint, message));
}

/** `fitted`: the same, small enough for a topic; `undefined`: it cannot be made so. */
function tell(world: World, arn: unknown, told: Told, fitted: Told | undefined): void {
  const [, , service] = String(arn).split(':');
  if (service === 'sqs') sendTo(world, arn, told);
  else if (service !== 'sns') world.assume(ELSEWHERE);
  else if (Buffer.byteLength(told.body) <= MOST_TOPIC_BYTES) publish(world, String(arn), told);
  else if (fitted === undefined) world.assume(TOO_LARGE);
  else publish(world, String(arn), fitted);
}

function deadLetter({ given }: Failed): Told {
  return {
    body: String(given['Event']),
    attributes: {
      RequestID: { DataType: 'String', StringValue: String(given['RequestId']) },
      ErrorCode: { DataType: 'Number', StringValue: '200' },
      ErrorMessage: { DataType: 'String', StringValue: ERROR.errorMessage },
    },
  };
}

/** The event stands in it as it was given: written anew, a large number would be another one. */
function recordOf(world: World, { fn, given }: Failed, hasPayload: boolean): Told {
  const frame = {
    version: '1.0',
    timestamp: world.clock.iso(),
    requestContext: {
      requestId: given['RequestId'],
      functionArn: `${String(fn['FunctionArn'])}:${String(given['Qualifier'])}`,
      condition: 'RetriesExhausted',
      approximateInvokeCount: given['Attempts'],
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    ...(hasPayload ? { responsePayload: ERROR } : {}),
  };
  const text = JSON.stringify(frame);
  const body = hasPayload ? `${text.slice(0, -1)},"requestPayload":${String(given['Event'])}}` : text;
  return { body, attributes: {} };
}

function memberOf(record: unknown, ...path: readonly string[]): unknown {
  let found = record;
  for (const name of path) found = isRecord(found) ? found[name] : undefined;
  return found;
}

/** Leaves the event and its record wherever the function has them go: both, where both are set up. */
export function tellOfFailure(world: World, failed: Failed): void {
  const queue = memberOf(failed.fn, 'DeadLetterConfig', 'TargetArn');
  const destination = memberOf(failed.config, 'DestinationConfig', 'OnFailure', 'Destination');
  if (queue !== undefined) tell(world, queue, deadLetter(failed), undefined);
  if (destination !== undefined)
    tell(world, destination, recordOf(world, failed, true), recordOf(world, failed, false));
}
