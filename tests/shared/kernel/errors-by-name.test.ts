/** What an error means by its name alone: libraries, proxies and old SDKs leave out the status. */

import { describe, expect, it } from 'vitest';
import { classify, codeOf, raise, RetryableError, TerminalError } from '../../../shared/kernel/errors.ts';

/** `retryable none`, of an error of this name with nothing else. */
function meaning(change: object): string {
  const { class: verdict, effect } = classify(Object.assign(new Error('x'), change));
  return `${verdict} ${effect}`;
}

const MEANINGS: { readonly [meant: string]: readonly string[] } = {
  'terminal none': ['LimitExceededException', 'LimitExceededFault', 'ServiceQuotaExceededException'],
  'retryable none': [
    'RequestLimitExceeded',
    'Throttling',
    'ThrottlingException',
    'ThrottledException',
    'TooManyRequestsException',
    'ProvisionedThroughputExceededException',
    'RequestThrottled',
    'EC2ThrottledException',
    'SlowDown',
    'ConditionalCheckFailedException',
    'TransactionConflictException',
    'ResourceContentionFault',
    'ScalingActivityInProgressFault',
    'WAFOptimisticLockException',
  ],
  'retryable unknown': ['Unavailable', 'InternalError', 'InternalFailure', 'ServiceUnavailable', 'SomethingNew'],
};

describe('an error of this name', () => {
  it.each(Object.entries(MEANINGS).flatMap(([meant, names]) => names.map((name) => [name, meant] as const)))(
    '%s: %s',
    (name, meant) => {
      expect(meaning({ name })).toBe(meant);
    },
  );
  it.each(['Unavailable', 'InternalError', 'InternalFailure', 'ServiceUnavailable', 'TimeoutError', 'AbortError'])(
    '%s may have had an effect, and is looked after again, whatever its status',
    (name) => {
      expect(meaning({ name, $metadata: { httpStatusCode: 400 } })).toBe('retryable unknown');
    },
  );
  it.each(['NetworkingError', 'RequestTimeout', 'RequestTimeoutException'])('%s was lost on the way', (name) => {
    expect(meaning({ name, $metadata: { httpStatusCode: 400 } })).toBe('retryable unknown');
  });
  it.each([
    'ECONNRESET',
    'ECONNREFUSED',
    'EPIPE',
    'ETIMEDOUT',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
  ])('with code %s was lost on the way, and is called by it', (code) => {
    const lost = Object.assign(new Error('x'), { code, $metadata: { httpStatusCode: 400 } });
    expect(classify(lost)).toEqual({ class: 'retryable', name: code, message: 'x', effect: 'unknown' });
  });
});

describe('a status', () => {
  const of = (httpStatusCode: unknown, more: object = {}): string =>
    meaning({ name: 'Some', $metadata: { httpStatusCode }, ...more });
  it('says whether a repeat may help, and whether there may have been an effect', () => {
    expect([400, 403, 429, 499, 500, 503].map((status) => of(status))).toEqual([
      'terminal none',
      'terminal none',
      'retryable none',
      'terminal none',
      'retryable unknown',
      'retryable unknown',
    ]);
    expect(of('400')).toBe('retryable unknown');
  });
  it('gives way to the SDK’s own word that a repeat may help', () => {
    expect(of(400, { $retryable: {} })).toBe('retryable none');
  });
});

describe('what is behind an error', () => {
  it('counts where the error itself says nothing, to a depth of four', () => {
    const wrapped = (depth: number, cause: unknown): unknown =>
      depth === 0 ? cause : new Error('wrapped', { cause: wrapped(depth - 1, cause) });
    const denied = Object.assign(new Error('no'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
    expect(classify(wrapped(1, denied))).toMatchObject({ class: 'terminal', name: 'AccessDenied' });
    expect(classify(wrapped(4, denied))).toMatchObject({ class: 'terminal', name: 'AccessDenied' });
    expect(classify(wrapped(5, denied))).toMatchObject({ class: 'retryable', name: 'Error' });
    const slow = Object.assign(new Error('slow'), { name: 'Throttling' });
    expect(classify(wrapped(1, slow))).toMatchObject({ class: 'retryable', name: 'Error', message: 'wrapped' });
  });
  it('is nothing where it is no error at all', () => {
    expect(classify(null)).toEqual({ class: 'retryable', name: 'Error', message: 'null', effect: 'unknown' });
    expect(classify('text')).toMatchObject({ message: 'text' });
    expect(classify({ name: 7, message: 'x' })).toMatchObject({ name: 'Error', message: 'x' });
  });
});

describe('a fault', () => {
  it('is raised with its consequence, and has a code that people can read', () => {
    const why = { name: 'InvalidAllocationID.NotFound', message: 'gone' };
    expect(raise({ ...why, class: 'terminal' })).toBeInstanceOf(TerminalError);
    expect(raise({ ...why, class: 'retryable' })).toBeInstanceOf(RetryableError);
    expect(raise({ ...why, class: 'retryable' }).message).toBe('InvalidAllocationID.NotFound: gone');
    expect(codeOf(why)).toBe('invalid-allocation-id.not-found');
    expect(classify(new RetryableError('later'))).toEqual({
      class: 'retryable',
      name: 'RetryableError',
      message: 'later',
      effect: 'unknown',
    });
  });
});
