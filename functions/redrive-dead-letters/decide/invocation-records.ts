/** The records that Lambda sends to a destination: of an event that a function has failed on, or of a batch that it could not finish. Pure. */

import { isBag, type Bag } from '../../../shared/kernel/json.ts';
import { rawMember } from './raw-json.ts';

/**
 * What a record says. Recorded of AWS 2025-11-24: github.com/localstack/localstack, test_lambda_destinations.snapshot.json;
 * Lambda developer guide, "Capturing records of Lambda asynchronous invocations".
 */
export interface InvocationRecord {
  /** With the version or alias that was invoked. */
  readonly function: string;
  /** `RetriesExhausted`, `EventAgeExceeded`, or `Success`. */
  readonly condition: unknown;
  /** It tells of records of a stream by their place in it: `KinesisBatchInfo`, `DDBStreamBatchInfo`. */
  readonly isOfBatch: boolean;
  /** The event as it was; `undefined`: it is not in the record. */
  readonly payload: string | undefined;
}

/** Where the record is in what was received: the whole of it, or the `detail` of an event of EventBridge's. */
type Depth = 'whole' | 'detail';

/** Source: Lambda developer guide, on-failure destinations of Kinesis and DynamoDB event source mappings. */
const BATCH = /BatchInfo$/u;

function recordAt(value: unknown, text: string, depth: Depth): InvocationRecord | undefined {
  if (!isBag(value)) return undefined;
  const context = value['requestContext'];
  const name: unknown = isBag(context) ? context['functionArn'] : undefined;
  if (!isBag(context) || typeof name !== 'string') return undefined;
  const path = depth === 'detail' ? ['detail', 'requestPayload'] : ['requestPayload'];
  // Too large for a topic it is dropped. What null stands for nobody can tell.
  const isThere = value['requestPayload'] !== undefined && value['requestPayload'] !== null;
  return {
    function: name,
    condition: context['condition'],
    isOfBatch: Object.keys(value).some((member) => BATCH.test(member)),
    payload: isThere ? rawMember(text, path) : undefined,
  };
}

/** The record that a text is; `undefined`: it is none. `value`: what the text says as JSON. */
export function recordIn(text: string, value: unknown): InvocationRecord | undefined {
  return recordAt(value, text, 'whole');
}

function isOfLambda({ source, 'detail-type': type }: Bag): boolean {
  return source === 'lambda' && typeof type === 'string' && type.startsWith('Lambda Function Invocation Result');
}

/** The record in an event that Lambda has put on a bus; `undefined`: it is no such event. */
export function recordInEvent(text: string, value: unknown): InvocationRecord | undefined {
  return isBag(value) && isOfLambda(value) ? recordAt(value['detail'], text, 'detail') : undefined;
}

/** Whether a body is an event as EventBridge delivers it. Source: EventBridge, "Events reference", Structure. */
export function isEvent(value: unknown): boolean {
  return isBag(value) && typeof value['detail-type'] === 'string' && typeof value['source'] === 'string';
}

/**
 * What a custom event bus's subscriber (2026) leaves of a batch: which events failed, not the events.
 * Source: EventBridge user guide, dead-letter queues of custom event buses ("not the event").
 */
export function isListOfFailed(value: unknown): boolean {
  return isBag(value) && Array.isArray(value['failedMessages']) && typeof value['busArn'] === 'string';
}
