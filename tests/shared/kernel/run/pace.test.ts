/** Calls under a shared quota: when they leave, on both hosts, and what becomes of a run whose bucket is booked up. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { surroundWith } from '../../../../shared/aws/clients.ts';
import type { PlannedCall } from '../../../../shared/kernel/decision.ts';
import type { HostKind } from '../../../../shared/kernel/hosts/host.ts';
import { apply } from '../../../../shared/kernel/run/apply.ts';
import { paced } from '../../../../shared/kernel/run/pace.ts';
import { operationsFor, operationsNeeded } from '../../../../shared/kernel/run/room.ts';
import type { Booking, Pacer } from '../../../../shared/kernel/ledger/pacer.ts';
import { memoryLedger } from '../../../../simulator/engine/ledger.ts';
import { LAMP, lightUp } from '../toy-runbook.ts';
import { actingOf, hostOf, runOf, type Change, type TestHost } from './parts.ts';

/** Of four tokens and one a second the runbooks take two, and one in two seconds. */
const PACE = paced({ name: 'toy:Light', perSecond: 1, burst: 4 });
const PLAN: readonly PlannedCall[] = Array.from({ length: 2 }, () => ({
  call: 'toy:Light',
  input: {},
  because: 'dark',
}));

let bookings: Booking[] = [];
let waits: readonly (number | null | Error)[] = [];
let restore = (): void => undefined;
const pacer: Pacer = {
  book: (booking) => {
    const given = waits[bookings.push(booking) - 1];
    const wait = given === undefined ? 0 : given;
    return wait instanceof Error ? Promise.reject(wait) : Promise.resolve(wait);
  },
};
beforeEach(() => {
  bookings = [];
  waits = [];
  restore = surroundWith({ pacer, write: () => undefined });
});
afterEach(() => restore());

interface Ran {
  readonly sent: number;
  readonly begun: readonly string[];
  readonly end: string | undefined;
}

async function run(kind: HostKind, change: Change = {}, more: Partial<TestHost> = {}): Promise<Ran> {
  let sent = 0;
  const host = hostOf(kind, more);
  const send = () => Promise.resolve((sent += 1));
  const toy = runOf({
    ...change,
    host,
    runbook: { ledgerLost: 'refuse', ...change.runbook, apply: { 'toy:Light': { send, means: {}, paced: PACE } } },
  });
  const acting = actingOf({}, { plan: PLAN });
  const fresh = { on: undefined, lost: false, at: new Date().toISOString() };
  const left = await apply(toy, { ...acting, state: { ...acting.state, switches: fresh } });
  return {
    sent,
    begun: host.begun,
    end: 'outcome' in left ? `${left.outcome} ${left.code}: ${left.because}` : undefined,
  };
}

describe('a call under a shared quota', () => {
  it('is booked first, at half of the quota, and put off as a step of its own', async () => {
    waits = [0, 1_500];
    expect(await run('durable')).toMatchObject({
      sent: 2,
      begun: ['book:0:0', 'apply:0:0:toy:Light', 'book:0:1', 'paced:0:1 1.5', 'apply:0:1:toy:Light'],
    });
    expect(bookings).toMatchObject([
      { bucket: 'toy:Light', intervalMs: 2_000, burst: 2, longestMs: 300_000 },
      { bucket: 'toy:Light' },
    ]);
  });

  it('waits on the plain host for as long as the invocation lasts, less what the rest takes', async () => {
    waits = [0, 1_500];
    expect((await run('plain')).begun).toContain('paced:0:1 1.5');
    expect(bookings[0]?.longestMs).toBe(30_000);
  });

  it('leaves the rest to the next run where the bucket is booked up', async () => {
    waits = [0, null];
    expect(await run('plain')).toMatchObject({
      sent: 1,
      end: 'waiting paced: toy:Light is booked up for more than 30 s; the next run goes on',
    });
  });

  it('is booked once more where the buckets did not answer, and then not sent, but by who proceeds without a ledger', async () => {
    waits = [new Error('busy'), 0];
    expect(await run('durable')).toMatchObject({ sent: 2, end: undefined });
    const lost = [new Error('busy'), new Error('busy')];
    bookings = [];
    waits = lost;
    expect((await run('durable')).sent).toBe(0);
    bookings = [];
    waits = [...lost, ...lost];
    expect((await run('durable', { runbook: { ledgerLost: 'proceed' } })).sent).toBe(2);
  });

  it('keeps the lease while it waits, and is not sent when that is lost', async () => {
    const now = new Date().toISOString();
    const request = { resource: LAMP, runbook: 'light-lamps', now, until: now };
    const ledger = memoryLedger();
    const granted = await ledger.acquire({ ...request, owner: 'run-1' });
    if (!granted.granted) throw new Error('it is free');
    const queue = { host: hostOf('durable'), ledger, name: '0:0' };
    waits = [60_000, 60_000];
    const turn = await PACE({ ...queue, lease: granted.lease });
    expect(turn).toMatchObject({ kind: 'now', waited: true });
    if (turn.kind !== 'now' || !turn.lease) throw new Error('it is kept');
    expect(Date.parse(turn.lease.until) - Date.now()).toBeGreaterThan(80_000);

    ledger.takeAway(now, new Date(Date.now() + 60_000).toISOString());
    expect(await PACE({ ...queue, lease: granted.lease })).toMatchObject({ kind: 'now', lease: null });
  });
});

describe('operations', () => {
  it('are counted for booking and waiting too', () => {
    const light = { send: () => Promise.resolve(), means: {}, paced: PACE };
    const toy = runOf({ runbook: { apply: { 'toy:Light': light } } });
    expect(operationsFor(toy)).toBe(63);
    expect(operationsNeeded(toy, lightUp())).toBe(23);
  });
});
