/**
 * Gives events to functions, asynchronously, and says of each what became of it. What Lambda has accepted it tries by itself, and tells
 * of in the function's own dead letters: whether the function succeeds is not known here.
 */

import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { client } from '../../../shared/aws/clients.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import type { Fault } from '../../../shared/kernel/errors.ts';
import { unqualified } from '../decide.ts';
import type { Received } from './letters.ts';
import { patiently } from './patience.ts';
import type { Fallen, Post } from './sending.ts';

/**
 * Refusals that are about the event. All others (no such function, no permission, a quota) are about the function.
 * Source: Lambda API reference, Invoke (Errors).
 */
const BY_AN_EVENT: ReadonlySet<string> = new Set([
  'InvalidRequestContentException',
  'RequestTooLargeException',
  'SerializedRequestEntityTooLargeException',
  'UnsupportedMediaTypeException',
]);

/** What a function is given; letters that are dealt with at once are as many as SQS gives. */
export interface Event {
  readonly letter: Received;
  /** With the version or alias that failed. */
  readonly functionArn: string;
  /** JSON. */
  readonly event: string;
}

/** The version or alias that failed is deleted: that is about its letters alone, and those of others go. */
function isOfVersion(functionArn: string, { name }: Fault): boolean {
  return name === 'ResourceNotFoundException' && functionArn !== unqualified(functionArn);
}

function leftBy({ effect, name }: Fault): Fallen {
  // Lambda may have it, and calls the function then: sent again it is perhaps there twice.
  if (effect === 'unknown') return { state: 'doubt', why: name };
  return { state: BY_AN_EVENT.has(name) ? 'refused' : 'kept', why: name };
}

/**
 * Gives each event to its function. Throws nothing: every letter has its end.
 */
export async function invoke(events: readonly Event[], io: Io): Promise<Post> {
  const ends = await Promise.all(
    events.map(async ({ letter, functionArn, event: Payload }) => {
      const command = new InvokeCommand({ FunctionName: functionArn, InvocationType: 'Event', Payload });
      const answer = await patiently(() => client(LambdaClient).send(command, { abortSignal: io.signal }), false, io);
      return { letter, functionArn, fault: answer.ok ? null : answer.fault };
    }),
  );
  const troubles = ends.flatMap(({ functionArn, fault }) =>
    fault !== null && leftBy(fault).state === 'kept' && !isOfVersion(functionArn, fault) ? [fault] : [],
  );
  return {
    posted: ends.map(({ letter, fault }) => [letter, fault === null ? null : leftBy(fault)] as const),
    trouble: troubles[0] ?? null,
  };
}
