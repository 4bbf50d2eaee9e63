/** Encrypted queues whose key cannot be used. */

import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { serviceWorld, type ServiceWorld } from '../service-world.ts';
import { refusalOf } from './queues.ts';

const KEY = '1234abcd-12ab-34cd-56ef-1234567890ab';
const QueueUrl = 'https://sqs.eu-west-1.amazonaws.com/111122223333/q';

function withKey(KmsMasterKeyId: string, keys?: readonly Shape[]): ServiceWorld {
  return serviceWorld({
    sqs: { Queues: [{ QueueName: 'q', Attributes: { KmsMasterKeyId }, Messages: [{ Body: 'a' }] }] },
    ...(keys === undefined ? {} : { kms: { Keys: keys } }),
  });
}

/** What each request about a message is refused with. */
function refusals({ call }: ServiceWorld): readonly unknown[] {
  return [
    () => call('sqs:SendMessage', { QueueUrl, MessageBody: 'b' }),
    () => call('sqs:SendMessageBatch', { QueueUrl, Entries: [{ Id: '0', MessageBody: 'b' }] }),
    () => call('sqs:ReceiveMessage', { QueueUrl, WaitTimeSeconds: 1 }),
  ].map(refusalOf);
}

const NONE = ['not refused', 'not refused', 'not refused'];

describe('a queue whose key cannot be used', () => {
  it.each([
    ['Disabled', 'KmsDisabled', 'KMS.DisabledException'],
    ['PendingDeletion', 'KmsInvalidState', 'KMS.InvalidStateException'],
    ['PendingImport', 'KmsInvalidState', 'KMS.InvalidStateException'],
    ['Unavailable', 'KmsInvalidState', 'KMS.InvalidStateException'],
  ])('neither takes nor gives messages: %s, so %s', (KeyState, name, code) => {
    const refusal = [name, 400, code, expect.any(String)];
    expect(refusals(withKey(KEY, [{ KeyId: KEY, KeyState }]))).toEqual([refusal, refusal, refusal]);
  });

  it('says so of one that the caller may not use, and of one that is not there', () => {
    const denied = ['KmsAccessDenied', 400, 'KMS.AccessDeniedException', expect.any(String)];
    expect(refusals(withKey(KEY, [{ KeyId: KEY, AccessDenied: true }]))).toEqual([denied, denied, denied]);
    const missing = ['KmsNotFound', 400, 'KMS.NotFoundException', expect.any(String)];
    expect(refusals(withKey(KEY, [{ KeyId: 'another' }]))).toEqual([missing, missing, missing]);
  });

  it('deletes what was received before all the same, and works again when the key does', () => {
    const { call, set } = withKey(KEY, [{ KeyId: KEY }]);
    const { Messages } = call('sqs:ReceiveMessage', { QueueUrl, WaitTimeSeconds: 1 });
    const [{ ReceiptHandle } = {}] = Array.isArray(Messages) ? (Messages as readonly Shape[]) : [];
    set(`kms/Keys/${KEY}/KeyState`, 'Disabled');
    expect(refusalOf(() => call('sqs:SendMessage', { QueueUrl, MessageBody: 'b' }))).toContain('KmsDisabled');
    expect(refusalOf(() => call('sqs:DeleteMessage', { QueueUrl, ReceiptHandle }))).toBe('not refused');
    set(`kms/Keys/${KEY}/KeyState`, 'Enabled');
    expect(refusalOf(() => call('sqs:SendMessage', { QueueUrl, MessageBody: 'b' }))).toBe('not refused');
  });
});

describe('a queue whose key can be used', () => {
  it.each([
    ['a key by its id', KEY, [{ KeyId: KEY }]],
    ['a key by its ARN', `arn:aws:kms:eu-west-1:111122223333:key/${KEY}`, [{ KeyId: KEY }]],
    ["the account's own for SQS", 'alias/aws/sqs', [{ KeyId: 'another' }]],
    ['an alias of which nothing is known', 'alias/orders', [{ KeyId: 'another' }]],
    ['a key, where nothing was said of any', KEY, undefined],
    ['none', '', []],
  ])('takes and gives messages: %s', (_what, id, keys) => {
    expect(refusals(withKey(id, keys))).toEqual(NONE);
  });
});
