/** What an encrypted queue answers while its key cannot be used. */

import type { Shape, World } from '../../engine/model.ts';
import { keyStanding } from '../kms.ts';
import { text } from '../ec2/state.ts';
import { refused } from './refusals.ts';
import { attributesOf } from './state.ts';

/** The key that AWS has for all queues of an account. */
const OWN_KEY = /(?:^|:)alias\/aws\/sqs$/u;

/** SQS keeps a data key for `KmsDataKeyReusePeriodSeconds`; whether it uses it when the key behind it no longer can be is not documented. */
const AT_ONCE = 'sqs: a key that cannot be used fails requests at once, whatever data key SQS still has';

/** Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html and API_ReceiveMessage.html, Errors. */
const ERRORS = {
  denied: ['KmsAccessDenied', "The caller doesn't have the required KMS access."],
  disabled: ['KmsDisabled', "The request was denied because the specified KMS key isn't enabled."],
  'in another state': [
    'KmsInvalidState',
    'The request was rejected because the state of the specified resource is not valid for this request.',
  ],
  missing: ['KmsNotFound', "The request was rejected because the specified entity or resource can't be found."],
} as const;

/**
 * Sending takes a data key of KMS, receiving has one decrypted; deleting needs neither.
 * @throws SqsError where the queue's key gives none
 */
export function demandKey(world: World, queue: Shape): void {
  const id = text(attributesOf(queue), 'KmsMasterKeyId') ?? '';
  if (id === '' || OWN_KEY.test(id)) return;
  const standing = keyStanding(world, id);
  if (standing === 'usable') return;
  world.assume(AT_ONCE);
  const [name, message] = ERRORS[standing];
  throw refused(name, message);
}
