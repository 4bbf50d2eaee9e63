import { describe, expect, it } from 'vitest';
import { unknownCaller } from '../../cli/caller.ts';
import { UsageError } from '../../cli/terminal.ts';

describe('credentials of which AWS says nothing', () => {
  const gone = Object.assign(new Error('Could not load credentials from any providers'), {
    name: 'CredentialsProviderError',
  });

  it.each([
    [{ AWS_PROFILE: 'nope', AWS_ACCESS_KEY_ID: 'AKID' }, 'profile nope, of AWS_PROFILE'],
    [{ AWS_PROFILE: '', AWS_ACCESS_KEY_ID: 'AKID' }, 'keys of the environment'],
    [{}, 'no AWS_PROFILE, no keys in the environment'],
  ])('are named by where they come from: %j', (env, source) => {
    expect(unknownCaller(gone, env)).toMatchObject({
      name: 'UsageError',
      message: `AWS does not say whose account this is (${source}): CredentialsProviderError: Could not load credentials from any providers`,
    });
  });

  it('are the caller’s to mend also where there is no way to AWS', () => {
    const offline = new Error('getaddrinfo ENOTFOUND sts.eu-west-1.amazonaws.com');
    expect(unknownCaller(offline, {})).toBeInstanceOf(UsageError);
  });

  it('are told once', () => {
    const told = new UsageError('no region');
    expect(unknownCaller(told, {})).toBe(told);
  });
});
