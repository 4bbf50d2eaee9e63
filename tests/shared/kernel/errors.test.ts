import { describe, expect, it } from 'vitest';
import {
  BadInputError,
  classify,
  errorName,
  raise,
  RetryableError,
  TerminalError,
} from '../../../shared/kernel/errors.ts';

function aws(name: string, httpStatusCode: number): Error {
  return Object.assign(new Error('said AWS'), { name, $metadata: { httpStatusCode } });
}

describe('classify', () => {
  it.each([
    ['RequestLimitExceeded', 503],
    ['Throttling', 400],
    ['ThrottlingException', 400],
    ['ProvisionedThroughputExceededException', 400],
    ['InternalError', 500],
    ['ConditionalCheckFailedException', 400],
    ['TimeoutError', 0],
    ['AbortError', 0],
    ['SomethingNew', 502],
    ['TooManyRequests', 429],
  ])('%s (%i) means look again', (name, status) => {
    expect(classify(aws(name, status))).toMatchObject({ class: 'retryable', name, message: 'said AWS' });
  });
  it.each([
    ['UnauthorizedOperation', 403],
    ['InvalidAllocationID.NotFound', 400],
    ['ValidationError', 400],
    ['LimitExceededException', 400],
    ['OperationNotPermitted', 400],
  ])('%s (%i) means that a repeat cannot help', (name, status) => {
    expect(classify(aws(name, status))).toEqual({ class: 'terminal', name, message: 'said AWS', effect: 'none' });
  });
  it.each([
    ['RequestLimitExceeded', 503, 'none'],
    ['Throttling', 400, 'none'],
    ['SlowDown', 503, 'none'],
    ['TooManyRequests', 429, 'none'],
    ['ConditionalCheckFailedException', 400, 'none'],
    ['InternalError', 500, 'unknown'],
    ['Unavailable', 503, 'unknown'],
    ['SomethingNew', 502, 'unknown'],
    ['TimeoutError', 0, 'unknown'],
    ['AbortError', 0, 'unknown'],
    ['RequestTimeout', 400, 'unknown'],
    ['SomethingElse', 0, 'unknown'],
  ])('%s (%i) has the effect %s', (name, status, effect) => {
    expect(classify(aws(name, status)).effect).toBe(effect);
  });
  it('does not know what came of an error that is not of AWS', () => {
    expect(classify(new TerminalError('the result is too large')).effect).toBe('unknown');
    expect(classify(new TypeError('a bug')).effect).toBe('unknown');
    expect(classify(Object.assign(new Error('reset'), { code: 'ECONNRESET' })).effect).toBe('unknown');
  });
  it('knows a lost connection by its code', () => {
    expect(classify(Object.assign(new Error('reset'), { code: 'ECONNRESET' }))).toEqual({
      class: 'retryable',
      name: 'ECONNRESET',
      message: 'reset',
      effect: 'unknown',
    });
  });
  it('follows a terminal cause', () => {
    expect(classify(new Error('wrapped', { cause: aws('AccessDenied', 403) })).class).toBe('terminal');
  });
  it('does not follow a chain of causes for ever', () => {
    const loop = new Error('loop');
    loop.cause = loop;
    expect(classify(loop).class).toBe('retryable');
  });
  it('takes an unknown error for retryable: Lambda bounds it, and it ends in the dead-letter queue', () => {
    expect(classify(new Error('a bug')).class).toBe('retryable');
    expect(classify('a string').class).toBe('retryable');
    expect(classify(undefined).class).toBe('retryable');
  });
  it('keeps our own classes', () => {
    expect(classify(new TerminalError('no')).class).toBe('terminal');
    expect(classify(new BadInputError('a.b', 'no')).class).toBe('terminal');
    expect(classify(new RetryableError('later')).class).toBe('retryable');
  });
});

describe('errors', () => {
  it('names the path of bad input', () => {
    expect(new BadInputError('detail.state', 'expected a state').message).toBe('detail.state: expected a state');
    expect(new BadInputError('', 'not an object').message).toBe('not an object');
  });
  it('gives the AWS code', () => {
    expect(errorName(aws('Resource.AlreadyAssociated', 400))).toBe('Resource.AlreadyAssociated');
    expect(errorName(7)).toBe('Error');
  });
  it('raises a fault as the error with its consequence', () => {
    expect(raise({ class: 'terminal', name: 'X', message: 'y' })).toBeInstanceOf(TerminalError);
    expect(raise({ class: 'retryable', name: 'X', message: 'y' }).message).toBe('X: y');
  });
});
