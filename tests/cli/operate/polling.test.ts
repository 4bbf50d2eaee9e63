import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MOST_FAILURES, poll } from '../../../cli/operate/polling.ts';
import { UsageError } from '../../../cli/terminal.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Look = () => Promise<'again' | 'seen'>;

function failing(name: string, more: object = {}): Error {
  return Object.assign(new Error('the account says no'), { name, ...more });
}

/** How following ends in five minutes of the test's clock, and what was said. */
async function ended(look: Look): Promise<{ readonly end: unknown; readonly err: string; readonly cleared: number }> {
  let err = '';
  let cleared = 0;
  const stderr = { write: (text: string) => void (err += text), isTTY: false, columns: () => 80 };
  const end = poll({ onInterrupt: () => () => undefined, stderr }, look, { clear: () => void (cleared += 1) }).catch(
    (error: unknown) => error,
  );
  await vi.advanceTimersByTimeAsync(300_000);
  return { end: await end, err, cleared };
}

/** Looks that end one after the other as they are told to; what follows is the last. */
function looks(...ends: readonly ('again' | 'seen' | Error)[]): { readonly look: Look; readonly times: () => number } {
  let times = 0;
  return {
    look: () => {
      const end = ends[Math.min(times, ends.length - 1)] ?? 'seen';
      times += 1;
      return end instanceof Error ? Promise.reject(end) : Promise.resolve(end);
    },
    times: () => times,
  };
}

describe('following', () => {
  it.each([
    failing('ThrottlingException', { $metadata: { httpStatusCode: 400 } }),
    failing('TimeoutError'),
    failing('UnansweredError'),
    failing('InternalServerError', { $metadata: { httpStatusCode: 500 } }),
    Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
  ])('goes on through what passes, and says once that it tries again: %s', async (error) => {
    const { look, times } = looks('again', error, error, 'seen');
    const { end, err, cleared } = await ended(look);
    expect([end, times()]).toEqual([false, 4]);
    expect(err).toBe(`runbook: a read failed and is tried again: ${error.name}: ${error.message}\n`);
    expect(cleared).toBeGreaterThan(0);
  });

  it('says it again where it fails again later', async () => {
    const error = failing('TimeoutError');
    const { err } = await ended(looks(error, 'again', error, 'seen').look);
    expect(err.trimEnd().split('\n')).toHaveLength(2);
  });

  it('ends in one line after so many failures in a row', async () => {
    const { look, times } = looks(failing('TimeoutError'));
    const { end, err } = await ended(look);
    expect(end).toMatchObject({
      message: 'no longer followed: 30 reads in a row have failed, the last with TimeoutError: the account says no',
    });
    expect([times(), err.trimEnd().split('\n').length]).toEqual([MOST_FAILURES, 1]);
  });

  it.each([
    failing('AccessDeniedException', { $metadata: { httpStatusCode: 400 } }),
    failing('ExpiredTokenException', { $metadata: { httpStatusCode: 403 } }),
    failing('CredentialsProviderError'),
    new UsageError('no such run'),
  ])('ends at once at what no second look mends: %s', async (error) => {
    const { look, times } = looks(error);
    const { end, err } = await ended(look);
    expect(end).toMatchObject({ message: `no longer followed: ${error.name}: ${error.message}`, cause: error });
    expect([times(), err]).toEqual([1, '']);
  });
});
