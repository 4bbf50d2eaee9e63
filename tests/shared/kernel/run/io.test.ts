/** What a runbook's own code is given, what its calls come to, and the suspicion against a run as a whole. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { surroundWith } from '../../../../shared/aws/clients.ts';
import type { Change } from '../../../../shared/kernel/definition.ts';
import type { Lease, ResourceState } from '../../../../shared/kernel/ledger/ledger.ts';
import { apply } from '../../../../shared/kernel/run/apply.ts';
import { makeIo, patientIo } from '../../../../shared/kernel/run/io.ts';
import { sendCall } from '../../../../shared/kernel/run/send.ts';
import { forget, isToldOf, keepInMind, suspicionOf } from '../../../../shared/kernel/run/suspicion.ts';
import { memoryLedger } from '../../../../simulator/engine/ledger.ts';
import { LAMP, LIMITS } from '../toy-runbook.ts';
import { actingOf, heldLease, hostOf, NOW, runOf } from './parts.ts';

const { signal } = new AbortController();
const PARTS = { run: 'run-1', account: '111122223333', region: 'eu-west-1', signal };
const io = makeIo({ ...PARTS, target: 'a' });

beforeEach(() => {
  vi.useFakeTimers({ now: new Date(NOW), toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  vi.setTimerTickMode('nextTimerAsync');
});
afterEach(() => void vi.useRealTimers());

describe('what a runbook is given', () => {
  it('says when its run began; of no run it is now', () => {
    const begunAt = '2026-11-22T07:00:00.000Z';
    expect(makeIo({ ...PARTS, target: 'a', begunAt }).begunAt).toBe(begunAt);
    expect(patientIo({ ...runOf(), begunAt }, undefined).io(signal).begunAt).toBe(begunAt);
    expect(makeIo({ ...PARTS, target: 'a' }).begunAt).toBe(NOW);
  });

  it('is the time, sleep, and tokens that are its target’s own', async () => {
    expect(io.now()).toBe(NOW);
    await io.sleep(1_500);
    expect(io.now()).toBe('2026-11-22T08:00:01.500Z');
    expect(io.token('copy')).toMatch(/^[0-9a-f]{32}$/u);
    expect(io.token('copy')).toBe(makeIo({ ...PARTS, target: 'a' }).token('copy'));
    const others = [io.token('other'), makeIo({ ...PARTS, target: 'b' }).token('copy')];
    expect(new Set([io.token('copy'), ...others]).size).toBe(3);
    expect(io).toMatchObject(PARTS);
    expect(io).not.toHaveProperty('target');
  });
});

describe('a sleep inside a step', () => {
  const { held } = heldLease();
  function sleeping(renew: (lease: Lease, until: string) => Promise<boolean>, lease: Lease | undefined = held) {
    const { io: ioOf, aside } = patientIo(runOf({ ledger: { ...memoryLedger(), renew } }), lease);
    return { own: ioOf(signal), aside };
  }
  it('keeps the lease for as long as it lasts, and says how long that is', async () => {
    const asked: string[] = [];
    const { own, aside } = sleeping((lease, until) => Promise.resolve(asked.push(`${lease.epoch} ${until}`) > 0));
    expect(aside()).toEqual({});
    await own.sleep(20_000);
    expect(asked).toEqual(['1 2026-11-22T08:00:50.000Z']);
    expect(aside()).toEqual({ slept: { leaseUntil: '2026-11-22T08:00:50.000Z' } });
    await own.sleep(1_000);
    expect(asked).toHaveLength(1);
    await own.sleep(20_000);
    expect(asked[1]).toBe('1 2026-11-22T08:01:11.000Z');
    expect(own).toMatchObject(PARTS);
    expect(own.token('x')).toBe(makeIo({ ...PARTS, target: LAMP }).token('x'));
  });
  it('is short beside what the lease still lasts', async () => {
    const { own, aside } = sleeping(() => Promise.reject(new Error('not to be asked')));
    await own.sleep(18_000);
    expect(aside()).toEqual({ slept: { leaseUntil: held.until } });
  });
  it('learns that the lease was taken, and asks no more', async () => {
    let asked = 0;
    const { own, aside } = sleeping(() => ((asked += 1), Promise.resolve(false)));
    await own.sleep(20_000);
    await own.sleep(20_000);
    expect([asked, aside()]).toEqual([1, { slept: { leaseUntil: null } }]);
  });
  it('has no lease taken away by a ledger that does not answer', async () => {
    const { own, aside } = sleeping(() => Promise.reject(new Error('none')));
    await own.sleep(20_000);
    expect(aside()).toEqual({ slept: { leaseUntil: held.until } });
  });
  it('keeps nothing where there is nothing to keep', async () => {
    const { io: ioOf, aside } = patientIo(runOf(), undefined);
    await ioOf(signal).sleep(10);
    expect(aside()).toEqual({ slept: { leaseUntil: null } });
  });
});

describe('a call', () => {
  const failing = (name: string) => () => Promise.reject(Object.assign(new Error('no'), { name }));
  const sent = (name: string, means: Change['means']) => sendCall({ send: failing(name), means }, {}, io);

  it('keeps nothing of what AWS answered', async () => {
    expect(await sendCall(() => Promise.resolve({ Lamp: 1 }), {}, io)).toEqual({});
  });
  it('that AWS did not carry out says what that means', async () => {
    expect(await sent('NoBulb', { NoBulb: 'capacity' })).toEqual({
      said: { meaning: 'capacity', name: 'NoBulb', message: 'no', at: NOW },
    });
    expect(await sent('Gone', { Gone: 'gone' })).toMatchObject({ said: { meaning: 'gone' } });
  });
  it('that fails in a way that means nothing is a failure', async () => {
    await expect(sent('Other', { NoBulb: 'capacity' })).rejects.toThrow('no');
    await expect(sent('toString', {})).rejects.toThrow('no');
    await expect(sendCall(failing('NoBulb'), {}, io)).rejects.toThrow('no');
  });
});

describe('a plan without the ledger', () => {
  let lines: string[] = [];
  let restore = (): void => undefined;
  beforeEach(() => {
    lines = [];
    restore = surroundWith({ write: (line) => void lines.push(line) });
  });
  afterEach(() => restore());
  const light = { runbook: { apply: { 'toy:Light': () => Promise.resolve(null) } } };

  it('leaves word in the log before its first call', async () => {
    await apply(runOf(light), actingOf());
    const plan = [{ call: 'toy:Light', input: { Lamp: 1 }, because: 'it is dark' }];
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      {
        level: 'WARN',
        message: 'acts without the ledger',
        at: NOW,
        runbook: 'light-lamps',
        run: 'run-1',
        target: LAMP,
        intent: 'lamp 1 lit',
        plan,
      },
    ]);
    await apply(runOf(light), actingOf({ lease: heldLease() }));
    expect(lines).toHaveLength(1);
  });
  it('or with it leaves a state in which it was begun', async () => {
    const history = { epoch: 1, actions: [], memory: {} };
    const next = await apply(runOf(light), actingOf({ lease: heldLease(), history, tries: 3, carries: true }));
    expect(next).toMatchObject({
      state: {
        tries: 4,
        carries: false,
        seen: undefined,
        applied: [{ intent: 'lamp 1 lit' }],
        sent: [{ call: 'toy:Light' }],
        history: { pending: { intent: 'lamp 1 lit' } },
        lease: { booked: true },
        phases: [{ name: 'toy:Light' }],
      },
    });
  });
  it('of which nothing was carried out is not begun, and what was booked is booked for what comes instead', async () => {
    const no = (): Promise<never> => Promise.reject(Object.assign(new Error('no'), { name: 'NoBulb' }));
    const refusing: Change = { send: no, means: { NoBulb: 'refused' } };
    const run = runOf({ runbook: { apply: { 'toy:Light': refusing } } });
    const history = { epoch: 1, actions: [], memory: {} };
    const next = await apply(run, actingOf({ lease: heldLease(), history }));
    expect(next).toMatchObject({ carries: true, applied: [], tries: 1, refusals: [{ name: 'NoBulb' }], history });
    expect(next).not.toHaveProperty('history.pending');
    const empty = await apply(run, actingOf({ lease: heldLease(), history }, { plan: [] }));
    expect(empty).toMatchObject({
      state: { applied: [], carries: true, history: { pending: { intent: 'lamp 1 lit' } } },
    });
  });
});

describe('the suspicion against a run', () => {
  const located = [{ target: 'a' }, { target: 'b' }];

  it('is the runbook’s own, and a guard that cannot be asked refuses', () => {
    expect(suspicionOf({}, located, LIMITS)).toBeUndefined();
    const counting = { suspicious: (all: readonly object[]) => (all.length > 1 ? `${all.length} at once` : undefined) };
    expect(suspicionOf(counting, located, LIMITS)).toBe('2 at once');
    expect(suspicionOf(counting, located.slice(1), LIMITS)).toBeUndefined();
    const breaks = {
      suspicious: (): never => {
        throw new TypeError('oops');
      },
    };
    expect(suspicionOf(breaks, located, LIMITS)).toBe('whether so many are meant cannot be told: TypeError: oops');
  });
  it('is told once, and is news again when it is over', async () => {
    const ledger = memoryLedger();
    const told = async (dryRun = false): Promise<boolean> => {
      const states: readonly ResourceState[] = await ledger.resources();
      return isToldOf(new Map(states.map((state) => [state.resource, state])), 'light-lamps', dryRun);
    };
    expect(await told()).toBe(false);
    const [name, work] = keepInMind(ledger, 'light-lamps', false);
    await work();
    // What is told by a run that acts, a dry run tells all the same, and the other way round.
    expect([name, await told(), await told(true)]).toEqual(['remember', true, false]);
    expect((await ledger.resource('runbook/light-lamps')).memory).toEqual({ trouble: 'refused:suspicious' });
    const host = hostOf('durable');
    await keepInMind(ledger, 'light-lamps', true)[1]();
    await forget(host, ledger, 'light-lamps', false);
    expect([host.begun, await told(), await told(true)]).toEqual([['suspicion-over'], false, true]);
    await forget(host, ledger, 'light-lamps', true);
    expect(await told(true)).toBe(false);
    expect([undefined, 'lost' as const].map((lost) => isToldOf(lost, 'light-lamps', false))).toEqual([false, false]);
  });
  it('leaves the run as it is where the ledger does not answer', async () => {
    const ledger = { ...memoryLedger(), remember: () => Promise.reject(new Error('none')) };
    await expect(forget(hostOf('plain'), ledger, 'light-lamps', false)).resolves.toBeUndefined();
  });
});
