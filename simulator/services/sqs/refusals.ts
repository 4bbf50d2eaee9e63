/** What SQS answers when it refuses: the name that the SDK gives the error, and the code of the query protocol that comes with it. */

import { AwsError } from '../../engine/model.ts';

/**
 * Statuses and query codes of the errors whose code is not their name.
 * Source: the errors' schemas in `@aws-sdk/client-sqs` (traits `awsQueryError` and `httpError`).
 */
const TRAITS: { readonly [name: string]: readonly [code: string, status: number] } = {
  BatchEntryIdsNotDistinct: ['AWS.SimpleQueueService.BatchEntryIdsNotDistinct', 400],
  BatchRequestTooLong: ['AWS.SimpleQueueService.BatchRequestTooLong', 400],
  EmptyBatchRequest: ['AWS.SimpleQueueService.EmptyBatchRequest', 400],
  InvalidBatchEntryId: ['AWS.SimpleQueueService.InvalidBatchEntryId', 400],
  KmsAccessDenied: ['KMS.AccessDeniedException', 400],
  KmsDisabled: ['KMS.DisabledException', 400],
  KmsInvalidState: ['KMS.InvalidStateException', 400],
  KmsNotFound: ['KMS.NotFoundException', 400],
  MessageNotInflight: ['AWS.SimpleQueueService.MessageNotInflight', 400],
  OverLimit: ['OverLimit', 403],
  QueueDoesNotExist: ['AWS.SimpleQueueService.NonExistentQueue', 400],
  ReceiptHandleIsInvalid: ['ReceiptHandleIsInvalid', 404],
  ResourceNotFoundException: ['ResourceNotFoundException', 404],
  UnsupportedOperation: ['AWS.SimpleQueueService.UnsupportedOperation', 400],
  TooManyEntriesInBatchRequest: ['AWS.SimpleQueueService.TooManyEntriesInBatchRequest', 400],
};

/** An error of SQS as the SDK throws it. */
export class SqsError extends AwsError {
  readonly Error: { readonly Type: 'Sender'; readonly Code: string; readonly Message: string };
  constructor(name: string, message: string) {
    const [code, status] = TRAITS[name] ?? [name, 400];
    super(name, message, status);
    this.Error = { Type: 'Sender', Code: code, Message: message };
  }
}

/** Makes the error of a refused request. */
export function refused(name: string, message: string): SqsError {
  return new SqsError(name, message);
}

/** A parameter that SQS does not take: an error that the SDK does not model. Recorded: github.com/localstack/localstack, test_sqs.snapshot.json. */
export function invalidValue(parameter: string, value: unknown, reason: string): SqsError {
  return refused(
    'InvalidParameterValue',
    `Value ${String(value)} for parameter ${parameter} is invalid. Reason: ${reason}`,
  );
}

/** A parameter of another kind of queue. Recorded as above. */
export function notOfThisQueue(parameter: string, value: unknown): SqsError {
  return invalidValue(parameter, value, 'The request include parameter that is not valid for this queue type.');
}

/** @throws SqsError where a number is given that is not in the range */
export function demandBetween(parameter: string, value: unknown, least: number, most: number): void {
  if (value === undefined) return;
  const number = Number(value);
  if (number >= least && number <= most) return;
  throw invalidValue(parameter, value, `Must be between ${least} and ${most}, if provided.`);
}
