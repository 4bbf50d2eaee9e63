/** One effect as a step, and the host that runs everything in one invocation. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { attempt, bytesOf } from '../../../../shared/kernel/hosts/attempt.ts';
import type { Host } from '../../../../shared/kernel/hosts/host.ts';
import { readContext } from '../../../../shared/kernel/hosts/invocation.ts';
import { plain } from '../../../../shared/kernel/hosts/plain-host.ts';
import { hostOf } from '../run/parts.ts';

describe('an effect', () => {
  beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-11-22T08:00:00Z') }));
  afterEach(() => void vi.useRealTimers());

  it('is kept with its times', async () => {
    const made = attempt(hostOf('plain'), 'observe:0', async () => {
      vi.setSystemTime(new Date('2026-11-22T08:00:02Z'));
      return Promise.resolve(7);
    });
    expect(await made).toEqual({
      ok: true,
      value: 7,
      startedAt: '2026-11-22T08:00:00.000Z',
      endedAt: '2026-11-22T08:00:02.000Z',
    });
  });
  it('that fails is kept with its class, and what it learnt', async () => {
    const error = Object.assign(new Error('no'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
    const made = await attempt(
      hostOf('plain'),
      'observe:0',
      () => Promise.reject(error),
      () => ({ slept: { leaseUntil: null } }),
    );
    expect(made).toMatchObject({
      ok: false,
      fault: { class: 'terminal', name: 'AccessDenied', message: 'no', effect: 'none' },
      slept: { leaseUntil: null },
    });
  });
  it('is aborted three seconds before the invocation ends, so that it can still say what it did', async () => {
    let reason = '';
    const waiting = attempt(hostOf('plain', { remainingMs: () => 10_000 }), 'apply:0:0:toy:Light', async (signal) => {
      signal.addEventListener('abort', () => (reason = String(signal.reason)));
      await new Promise((resolve) => setTimeout(resolve, 9_000));
      return null;
    });
    await vi.advanceTimersByTimeAsync(6_999);
    expect(reason).toBe('');
    await vi.advanceTimersByTimeAsync(1);
    expect(reason).toBe('Error: the function is about to time out');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await waiting).toMatchObject({ ok: true });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a person who stops the run', () => {
  const stopped = (): Host => hostOf('plain', { interrupt: AbortSignal.abort() });
  const begin = async (host: Host, name: string): Promise<unknown> => {
    let isBegun = false;
    const made = await attempt(host, name, () => Promise.resolve((isBegun = true)));
    return { ...made, isBegun };
  };

  it('keeps whatever comes next from being begun', async () => {
    expect(await begin(stopped(), 'apply:0:0:toy:Light')).toMatchObject({
      ok: false,
      isBegun: false,
      fault: {
        class: 'terminal',
        name: 'Interrupted',
        message: 'stopped by a person before apply:0:0:toy:Light',
        effect: 'none',
      },
    });
  });
  it('is told all the same', async () => {
    expect(await begin(stopped(), 'report')).toMatchObject({ ok: true, isBegun: true });
  });
  it.each([
    ['observe:0', true],
    ['apply:0:0:toy:Light', false],
  ])('during %s: a read is cut short, a call under way is not (%s)', async (name, isCut) => {
    const controller = new AbortController();
    const host = hostOf('plain', { interrupt: controller.signal });
    let isAborted = false;
    await attempt(host, name, (signal) => {
      controller.abort();
      isAborted = signal.aborted;
      return Promise.resolve(null);
    });
    expect(isAborted).toBe(isCut);
  });
});

describe('a call whose step was interrupted', () => {
  const dying = (): Host => {
    const host = hostOf('durable');
    return {
      ...host,
      step: (name, effect, how) =>
        how?.atMostOnce === true ? Promise.reject(new Error('died')) : host.step(name, effect),
    };
  };
  it('has an effect that nobody knows, and is not sent again', async () => {
    expect(await attempt(dying(), 'apply:0:0:toy:Light', () => Promise.resolve(null))).toMatchObject({
      ok: false,
      fault: {
        class: 'retryable',
        name: 'StepInterrupted',
        message: 'the invocation ended before it was known what came of the call',
        effect: 'unknown',
      },
    });
  });
  it('is the only kind of step that may not run twice', async () => {
    expect(await attempt(dying(), 'observe:0', () => Promise.resolve(7))).toMatchObject({ ok: true, value: 7 });
  });
});

describe('bytes', () => {
  it('are those of the JSON, in UTF-8', () => {
    expect([bytesOf('名'), bytesOf(undefined), bytesOf({ a: 1 })]).toEqual([5, 4, 7]);
  });
  it('of a step are bounded where it is kept', async () => {
    const big = 'x'.repeat(250_000);
    expect(await attempt(hostOf('durable'), 'observe:0', () => Promise.resolve(big))).toMatchObject({
      ok: false,
      fault: { message: 'observe:0: result of 250002 bytes is over the 250000 a step may keep' },
    });
    expect(await attempt(hostOf('durable'), 'observe:0', () => Promise.resolve(big.slice(2)))).toMatchObject({
      ok: true,
    });
    expect(await attempt(hostOf('plain'), 'observe:0', () => Promise.resolve(big))).toMatchObject({ ok: true });
  });
});

describe('the plain host', () => {
  const context = {
    awsRequestId: 'r-1',
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:light-lamps',
    getRemainingTimeInMillis: () => 5_000,
  };
  function inside<T>(work: (host: Host) => Promise<T>, more: object = {}): Promise<unknown> {
    return plain.wrap((_event, host) => work(host))({}, { ...context, ...more });
  }

  it('is told by Lambda who it is and how long it has', async () => {
    const seen = await inside((host) => Promise.resolve([host.run, host.account, host.region, host.remainingMs()]));
    expect(seen).toEqual(['r-1', '111122223333', 'eu-west-1', 5_000]);
    expect(readContext({})).toMatchObject({ run: '', account: '', region: '' });
    expect(readContext({}).remainingMs()).toBe(0);
    expect(readContext({ interrupt: 'now' })).not.toHaveProperty('interrupt');
  });
  it('lets one of several fail by itself', async () => {
    const items = ['a', 'b', 'c'].map((value) => ({ value, operations: 1 }));
    const ends = await inside((host) =>
      host.each(
        'targets',
        items,
        (value) => (value === 'b' ? Promise.reject(new Error('b breaks')) : Promise.resolve(value)),
        () => 0,
      ),
    );
    expect(ends).toMatchObject([
      { ok: true, value: 'a' },
      { ok: false, fault: { message: 'b breaks' } },
      { ok: true, value: 'c' },
    ]);
  });
  it('ends a wait at once when a person stops the run', async () => {
    const controller = new AbortController();
    const waited = inside((host) => host.wait('backoff:0', 3_600), { interrupt: controller.signal });
    controller.abort();
    expect(await waited).toBeUndefined();
    const isStopped = { interrupt: AbortSignal.abort() };
    expect(await inside((host) => host.wait('backoff:0', 3_600), isStopped)).toBeUndefined();
  });
});
