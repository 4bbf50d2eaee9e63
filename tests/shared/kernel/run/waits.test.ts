/** What a wait between two turns does with the lease, and with what was claimed. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Lease, Ledger } from '../../../../shared/kernel/ledger/ledger.ts';
import { isEnd } from '../../../../shared/kernel/run/end.ts';
import type { RunState } from '../../../../shared/kernel/run/state.ts';
import { again, wait } from '../../../../shared/kernel/run/wait.ts';
import { fault } from '../../../../shared/kernel/errors.ts';
import { memoryLedger } from '../../../../simulator/engine/ledger.ts';
import { LAMP, type Seen } from '../toy-runbook.ts';
import { heldLease, hostOf, NOTHING, NOW, runOf, stateOf, type TestHost } from './parts.ts';

const UNTIL = '2026-11-22T08:00:30.000Z';
const claim = (name: string, until = UNTIL): Lease => ({ resource: `claim/${name}`, owner: LAMP, epoch: 1, until });
/** Whoever waits for so long looks a while later. */
const LONG = 300;
const KEPT_UNTIL = '2026-11-22T08:05:30.000Z';

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse(NOW) });
});

afterEach(() => {
  vi.useRealTimers();
});

interface Waited {
  readonly host: TestHost;
  readonly renewed: readonly (readonly [resource: string, until: string])[];
  readonly left: RunState<Seen>;
}

/** Waits with a lease and these claims. `renew`: what the ledger says of each. */
async function waited(
  claims: readonly Lease[],
  { seconds = LONG, renew = () => Promise.resolve(true) }: { seconds?: number; renew?: Ledger['renew'] } = {},
): Promise<Waited> {
  const host = hostOf('durable');
  const renewed: [string, string][] = [];
  const ledger: Ledger = {
    ...memoryLedger(),
    renew: (lease, until) => {
      renewed.push([lease.resource, until]);
      return renew(lease, until);
    },
  };
  const state = stateOf({ lease: heldLease(), claims });
  const left = await wait(runOf({ host, ledger, limits: { maxWaitSeconds: 3_600 } }), state, {
    ...NOTHING,
    kind: 'wait',
    seconds,
  });
  if (isEnd(left)) throw new Error('the run is over');
  return { host, renewed, left };
}

describe('a wait', () => {
  it('keeps what was claimed for as long as the lease', async () => {
    const { host, renewed, left } = await waited([claim('bulb'), claim('socket')]);
    expect(renewed).toEqual([
      [LAMP, KEPT_UNTIL],
      ['claim/bulb', KEPT_UNTIL],
      ['claim/socket', KEPT_UNTIL],
    ]);
    expect(left.lease?.held.until).toBe(KEPT_UNTIL);
    expect(host.begun).toEqual(['hold:0', `wait:0 ${LONG}`]);
  });

  it('asks for no claim that lasts long enough as it is', async () => {
    const { renewed } = await waited([claim('bulb', '2026-11-22T09:00:00.000Z'), claim('socket')]);
    expect(renewed.map(([resource]) => resource)).toEqual([LAMP, 'claim/socket']);
  });

  it('goes on with its lease where the ledger does not answer about a claim', async () => {
    const { left, renewed } = await waited([claim('bulb'), claim('socket')], {
      renew: ({ resource }) =>
        resource === 'claim/bulb' ? Promise.reject(new Error('no answer')) : Promise.resolve(true),
    });
    expect(left.lease?.held.until).toBe(KEPT_UNTIL);
    expect(renewed.map(([resource]) => resource)).toContain('claim/socket');
  });

  it('goes on without its lease where another has taken that', async () => {
    const { left } = await waited([], { renew: () => Promise.resolve(false) });
    expect(left.lease).toBeUndefined();
  });
});

describe('the pause after a failure', () => {
  const THROTTLED = fault('retryable', 'Throttling', 'too many requests', 'none');

  /** Fails for the `looks`th time in a row, with a lease that has half a minute. */
  async function paused(looks: number, isKept = true) {
    const until: string[] = [];
    const ledger: Ledger = {
      ...memoryLedger(),
      renew: (_lease, to) => {
        until.push(to);
        return Promise.resolve(isKept);
      },
    };
    const run = runOf({ host: hostOf('durable'), ledger, limits: { maxLooks: 9 } });
    const left = await again(run, stateOf({ lease: heldLease(), looks: looks - 1 }), THROTTLED);
    if (isEnd(left)) throw new Error('the run is over');
    return { until, lease: left.lease };
  }

  it('keeps the lease where it would outlast it: another run would take it from one that has nothing but patience', async () => {
    const { until, lease } = await paused(7);
    // 64 seconds at the longest, and half a minute behind them.
    expect(until).toEqual(['2026-11-22T08:01:34.000Z']);
    expect(lease?.held.until).toBe('2026-11-22T08:01:34.000Z');
  });

  it('asks for nothing where the lease lasts as it is', async () => {
    expect((await paused(1)).until).toEqual([]);
  });

  it('goes on without a lease that another has taken', async () => {
    expect((await paused(7, false)).lease).toBeUndefined();
  });
});
