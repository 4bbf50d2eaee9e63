/** What comes after a plan was sent, a look failed or a wait was asked for; and the state that a run keeps of it. */

import { describe, expect, it } from 'vitest';
import { fault } from '../../../../shared/kernel/errors.ts';
import {
  announced,
  failedLook,
  goodLook,
  granted,
  noted,
  restedLease,
  rested,
} from '../../../../shared/kernel/run/state.ts';
import { tallyOf } from '../../../../shared/kernel/run/tally.ts';
import { refuse, rest, verify } from '../../../../shared/kernel/run/verify.ts';
import { again, backOff, chooseAgain, wait } from '../../../../shared/kernel/run/wait.ts';
import { memoryLedger } from '../../../../simulator/engine/ledger.ts';
import { LAMP, lightUp } from '../toy-runbook.ts';
import { actingOf, heldLease, hostOf, NOTHING, NOW, runOf, stateOf } from './parts.ts';

const EMPTY = { epoch: 0, actions: [], memory: {} };
const SENT = { call: 'toy:Light', input: { Lamp: 1 }, because: 'it is dark' };
const WHY = { plan: [SENT], why: 'it stays dark' };
const THROTTLED = fault('retryable', 'Throttling', 'slow down', 'none');
const DENIED = fault('terminal', 'AccessDenied', 'not yours', 'none');

describe('a plan that was sent', () => {
  const dark = { runbook: { verify: () => Promise.resolve({ ok: false as const, why: 'it stays dark' }) } };
  const blind = { runbook: { verify: () => Promise.reject(Object.assign(new Error('no'), { name: 'Throttling' })) } };

  it('is done once it is seen', async () => {
    const run = runOf();
    expect(await verify(run, actingOf({ turn: 3 }))).toMatchObject({ outcome: 'done', code: 'dark' });
    expect(run.host.begun).toEqual(['verify:3']);
  });
  it('is not done where nobody could look: it is looked at again', async () => {
    const run = runOf(blind);
    expect(await verify(run, actingOf())).toMatchObject({
      seen: undefined,
      looks: 1,
      switches: { at: '1970' },
    });
    expect(run.host.begun[1]).toMatch(/^backoff:0 /u);
  });
  it('without calls has nothing to be seen', async () => {
    const run = runOf(dark);
    expect(await verify(run, actingOf({}, { plan: [] }))).toMatchObject({ outcome: 'done' });
    expect(run.host.begun).toEqual([]);
  });
  it('may be a stage of more', async () => {
    const next = await verify(runOf(), actingOf({ looks: 2, flutter: 2 }, { more: true }));
    expect(next).toMatchObject({ looks: 0, flutter: 1, done: { intent: 'lamp 1 lit' } });
  });
  it('is a setback where it is not seen, kept in mind before anything else', async () => {
    const run = runOf(dark);
    const plan = [SENT];
    expect(await verify(run, actingOf({ turn: 1 }, { plan }))).toMatchObject({
      setback: { plan, why: 'it stays dark' },
    });
    expect(run.host.begun).toEqual(['verify:1', 'setback:1']);
    expect((await run.ledger.resource(LAMP)).memory).toEqual({ ended: 'run-1' });
  });
  it('is a failure where the way back is not seen either', async () => {
    expect(await verify(runOf(dark), actingOf({ setback: WHY }))).toMatchObject({
      outcome: 'failed',
      because: 'it stays dark; going back: it stays dark',
      fault: { class: 'terminal', name: 'VerificationFailed' },
    });
  });
  it('is a failure where the way back is seen', async () => {
    expect(await verify(runOf(), actingOf({ setback: WHY }))).toMatchObject({
      outcome: 'failed',
      because: 'it stays dark; then went-back: the lamp is dark',
    });
  });
  it('that broke off is looked at before the goal is taken for reached', async () => {
    const broken = stateOf({ applied: [lightUp()] });
    expect(await rest(runOf(), broken, NOTHING)).toMatchObject({ outcome: 'done', code: 'dark', intent: 'keep' });
    expect(await rest(runOf(dark), broken, NOTHING)).toMatchObject({ seen: undefined, looks: 1 });
    expect(await rest(runOf(blind), broken, NOTHING)).toMatchObject({ looks: 1 });
    const last = await rest(runOf(dark), { ...broken, looks: 2 }, NOTHING);
    expect(last).toMatchObject({
      outcome: 'failed',
      code: 'not-reached',
      because: 'it stays dark, yet the lamp is lit',
    });
    const done = lightUp();
    const run = runOf(dark);
    expect(await rest(run, stateOf({ applied: [done], done }), NOTHING)).toMatchObject({
      outcome: 'done',
      intent: 'settle',
    });
    expect(run.host.begun).toEqual([]);
  });
  it('is told in the words of what it has come to by waiting, where these say so', async () => {
    const done = lightUp();
    const tells = { ...NOTHING, tells: true } as const;
    expect(await rest(runOf(), stateOf({ applied: [done], done }), tells)).toMatchObject({
      outcome: 'done',
      code: 'lit',
    });
    const broken = stateOf({ applied: [done] });
    expect(await rest(runOf(), broken, tells)).toMatchObject({ outcome: 'done', code: 'lit', intent: 'settle' });
    expect(await rest(runOf(), stateOf(), tells)).toMatchObject({ outcome: 'nothing', code: 'lit' });
  });
  it('and failed its verification is not made good by there being nothing to do, or by a refusal', async () => {
    expect(await rest(runOf(), stateOf({ setback: WHY }), NOTHING)).toMatchObject({ outcome: 'failed' });
    expect(await refuse(runOf(), stateOf({ setback: WHY }), { ...NOTHING, kind: 'refuse' })).toMatchObject({
      outcome: 'failed',
    });
    expect(await refuse(runOf(), stateOf(), { ...NOTHING, kind: 'refuse' })).toMatchObject({ outcome: 'refused' });
    expect(await rest(runOf(), stateOf(), NOTHING)).toMatchObject({ outcome: 'nothing' });
  });
});

describe('after a failure', () => {
  it('is another look, after a pause that doubles, until there were too many', async () => {
    const run = runOf({ host: hostOf('durable') });
    expect(await again(run, stateOf({ turn: 4 }), THROTTLED)).toMatchObject({ looks: 1, flutter: 1, seen: undefined });
    expect(await again(run, stateOf({ looks: 1 }), THROTTLED)).toMatchObject({ looks: 2 });
    const [first = 0, second = 0] = run.host.begun.map((name) => Number(name.split(' ')[1]));
    expect(first).toBeGreaterThanOrEqual(0.5);
    expect(first).toBeLessThanOrEqual(1);
    expect(second).toBeGreaterThanOrEqual(1);
    expect(second).toBeLessThanOrEqual(2);
    expect(run.host.begun[0]).toMatch(/^backoff:4 /u);
    expect(await again(run, stateOf({ looks: 2 }), THROTTLED, { a: 1 })).toMatchObject({
      outcome: 'failed',
      code: 'throttling',
      evidence: { a: 1 },
    });
    expect(await again(run, stateOf({ flutter: 7 }), THROTTLED)).toMatchObject({ flutter: 8 });
    expect(await again(run, stateOf({ flutter: 8 }), THROTTLED)).toMatchObject({ outcome: 'failed' });
  });
  it('is none where a repeat cannot help, or there is no time', async () => {
    expect(await again(runOf(), stateOf(), DENIED)).toMatchObject({ outcome: 'failed', code: 'access-denied' });
    const late = hostOf('plain', { remainingMs: () => 30_400 });
    expect(await again(runOf({ host: late }), stateOf(), THROTTLED)).toMatchObject({ outcome: 'failed' });
    expect(await backOff({ host: late, target: LAMP }, stateOf(), 1)).toBe(false);
    expect(late.begun).toEqual([]);
  });
  it('of a call that AWS has not carried out, the runbook decides again at once, and once', async () => {
    const refused = {
      call: 'toy:Light',
      input: {},
      meaning: 'refused',
      name: 'NoBulb',
      message: 'there is none',
      at: NOW,
    } as const;
    const run = runOf();
    expect(chooseAgain(run, stateOf({ refusals: [refused] }), refused, {})).toMatchObject({
      seen: undefined,
      looks: 0,
    });
    const other = { ...refused, input: { Lamp: 2 } };
    expect(chooseAgain(run, stateOf({ refusals: [other, refused] }), refused, {})).toMatchObject({ looks: 0 });
    const full = { ...refused, meaning: 'capacity' } as const;
    expect(chooseAgain(run, stateOf({ refusals: [full, refused] }), refused, {})).toMatchObject({ looks: 0 });
    expect(await chooseAgain(run, stateOf({ refusals: [refused, refused] }), refused, {})).toMatchObject({
      outcome: 'failed',
      code: 'no-bulb',
      because: 'there is none',
      fault: { class: 'terminal', effect: 'none' },
    });
    expect(await chooseAgain(run, stateOf({ refusals: [full, full] }), full, {})).toMatchObject({ looks: 1 });
    const claimed = { ...refused, call: 'ledger:claim', name: 'Claimed', message: 'held by a until 8' };
    const heldOn = { ...claimed, message: 'held by a until 9' };
    expect(chooseAgain(run, stateOf({ refusals: [claimed, heldOn] }), heldOn, {})).toMatchObject({ looks: 0 });
    expect(await chooseAgain(run, stateOf({ refusals: [claimed, claimed] }), claimed, {})).toMatchObject({
      outcome: 'failed',
    });
    expect(run.host.begun).toHaveLength(1);
    const late = runOf({ host: hostOf('plain', { remainingMs: () => 29_999 }) });
    expect(chooseAgain(late, stateOf({ refusals: [refused] }), refused, { a: 1 })).toMatchObject({
      outcome: 'failed',
      evidence: { a: 1 },
      fault: { class: 'retryable' },
    });
    const conflict = { ...refused, meaning: 'conflict' } as const;
    expect(chooseAgain(run, stateOf(), conflict, {})).toMatchObject({ looks: 1, seen: undefined });
    expect(chooseAgain(run, stateOf({ looks: 2 }), conflict, {})).toMatchObject({ outcome: 'failed' });
    expect(chooseAgain(late, stateOf(), conflict, {})).toMatchObject({
      outcome: 'failed',
      fault: { class: 'retryable' },
    });
    expect(run.host.begun).toHaveLength(1);
  });
});

describe('a wait', () => {
  const waiting = (seconds: number) => ({ ...NOTHING, kind: 'wait', seconds }) as const;

  it('is the schedule’s on the plain host, and in a dry run of its own', async () => {
    expect(await wait(runOf(), stateOf(), waiting(5))).toMatchObject({ outcome: 'waiting', code: 'lit' });
    expect(await wait(runOf({ dryRun: true }), stateOf(), waiting(5))).toMatchObject({ outcome: 'waiting' });
    const dry = runOf({ host: hostOf('durable'), dryRun: true, isTick: true });
    expect(await wait(dry, stateOf(), waiting(5))).toMatchObject({ outcome: 'waiting' });
    expect(dry.host.begun).toEqual([]);
  });
  it('is waited for in a dry run that somebody or something has asked for, as long as nothing is begun', async () => {
    const dry = (held = {}) => runOf({ host: hostOf('durable'), dryRun: true, held });
    const run = dry();
    expect(await wait(run, stateOf({ history: EMPTY }), waiting(5))).toMatchObject({
      waitedSeconds: 5,
      seen: undefined,
    });
    expect(await wait(run, stateOf({ turn: 1, waitedSeconds: 5 }), waiting(55))).toMatchObject({ waitedSeconds: 60 });
    // Nothing would come to its end by waiting any longer: that is no failure.
    expect(await wait(run, stateOf({ waitedSeconds: 60 }), waiting(1))).toMatchObject({ outcome: 'waiting' });
    expect(run.host.begun).toEqual(['wait:0 5', 'wait:1 55']);

    const other = dry({ heldUntil: NOW });
    expect(await wait(other, stateOf(), waiting(5))).toMatchObject({ outcome: 'waiting' });
    const pending = { intent: 'lamp 1 lit', at: NOW, note: {} };
    const begun = await wait(other, stateOf({ history: { ...EMPTY, pending } }), waiting(5));
    expect([begun, other.host.begun]).toMatchObject([{ outcome: 'waiting' }, []]);
    expect(await wait(dry(), stateOf({ history: { ...EMPTY, pending } }), waiting(5))).toMatchObject({
      outcome: 'waiting',
    });
  });
  it('is one of the execution elsewhere, and what was seen and read before counts no more', async () => {
    const run = runOf({ host: hostOf('durable') });
    expect(await wait(run, stateOf({ turn: 2, waitedSeconds: 50, looks: 1, flutter: 1 }), waiting(10))).toMatchObject({
      seen: undefined,
      waitedSeconds: 60,
      looks: 0,
      flutter: 0,
      lease: undefined,
      switches: { at: '1970' },
    });
    expect(run.host.begun).toEqual(['wait:2 10']);
    expect(await wait(run, stateOf({ waitedSeconds: 50 }), waiting(11))).toMatchObject({
      outcome: 'failed',
      code: 'waited-too-long',
      because: 'lit: the lamp is lit; gave up after 50 s',
      evidence: { lit: true },
    });
  });
  it('keeps the lease, loses it to whoever took it, and leaves it where the ledger does not answer', async () => {
    const after = async (renew: () => Promise<boolean>) => {
      const run = runOf({ host: hostOf('durable'), ledger: { ...memoryLedger(), renew } });
      const next = await wait(run, stateOf({ turn: 1, lease: heldLease() }), waiting(30));
      expect(run.host.begun).toEqual(['hold:1', 'wait:1 30']);
      return 'lease' in next ? next.lease : undefined;
    };
    expect(await after(() => Promise.resolve(false))).toBeUndefined();
    expect(await after(() => Promise.reject(new Error('none')))).toEqual(heldLease());
    expect(await after(() => Promise.resolve(true))).toMatchObject({ held: { epoch: 1, owner: `run-1|${LAMP}` } });
  });
  it('hands the lease back where it needs none; where the ledger does not answer the next wait does', async () => {
    const after = async (release: () => Promise<boolean>) => {
      const run = runOf({ host: hostOf('durable'), ledger: { ...memoryLedger(), release } });
      const next = await wait(run, stateOf({ turn: 1, lease: heldLease() }), { ...waiting(30), handsBack: true });
      return { begun: run.host.begun, lease: 'lease' in next ? next.lease : undefined };
    };
    expect(await after(() => Promise.resolve(true))).toEqual({ begun: ['hold:1', 'wait:1 30'], lease: undefined });
    expect(await after(() => Promise.resolve(false))).toEqual({ begun: ['hold:1', 'wait:1 30'], lease: undefined });
    const mute = () => Promise.reject(Object.assign(new Error('slow down'), { name: 'Throttling' }));
    expect(await after(mute)).toEqual({ begun: ['hold:1', 'hold:1:again', 'wait:1 30'], lease: heldLease() });
  });
});

describe('a state', () => {
  it('keeps of a long timeline the beginning and the latest', () => {
    let state = stateOf();
    for (let index = 0; index < 221; index += 1)
      state = noted(state, `phase-${index}`, { ok: true, value: null, startedAt: NOW, endedAt: `end-${index}` });
    expect(state.phases).toHaveLength(220);
    expect(state.phases.map(({ name }) => name).slice(18, 22)).toEqual([
      'phase-18',
      'phase-19',
      'phase-21',
      'phase-22',
    ]);
    expect(state.now).toBe('end-220');
  });
  it('counts looks that fail, in a row and in the long run', () => {
    expect(failedLook(stateOf({ looks: 1, flutter: 4 }))).toMatchObject({ looks: 2, flutter: 5 });
    expect(goodLook(stateOf({ looks: 2, flutter: 4 }))).toMatchObject({ looks: 0, flutter: 3 });
    expect(goodLook(stateOf())).toMatchObject({ flutter: 0 });
  });
  it('knows the lease as a sleep has left it', () => {
    const { held } = heldLease();
    expect(restedLease(held, {})).toEqual(held);
    expect(restedLease(held, { slept: { leaseUntil: null } })).toBeUndefined();
    expect(restedLease(held, { slept: { leaseUntil: 'later' } })).toEqual({ ...held, until: 'later' });
    expect(restedLease(undefined, { slept: { leaseUntil: 'later' } })).toBeUndefined();
    const state = stateOf({ lease: heldLease() });
    expect(rested(state, {})).toBe(state);
    expect(rested(state, { slept: { leaseUntil: null } })).toMatchObject({
      lease: undefined,
      switches: { at: '1970' },
    });
    expect(rested(stateOf(), { slept: { leaseUntil: null } })).toMatchObject({ lease: undefined });
  });
  it('announces what was begun, as far as there is a ledger and a lease', () => {
    const history = { ...EMPTY, epoch: 1 };
    const state = stateOf({ history, lease: heldLease() });
    expect(announced(state, lightUp(undefined, { note: { a: 1 } }), NOW).history).toEqual({
      ...history,
      pending: { intent: 'lamp 1 lit', at: NOW, note: { a: 1 } },
    });
    expect(announced(state, lightUp(), NOW).history).toMatchObject({ pending: { note: {} } });
    const without = stateOf({ history });
    expect(announced(without, lightUp(), NOW)).toBe(without);
    const lost = stateOf({ history: 'lost', lease: heldLease() });
    expect(announced(lost, lightUp(), NOW)).toBe(lost);
  });
  it('takes over with a carried lease what it knew to be unsettled, and with any other what the ledger says', () => {
    const pending = { intent: 'x', at: NOW, note: {} };
    const answer = (epoch: number) =>
      ({
        granted: true,
        lease: { ...heldLease().held, epoch },
        history: { ...EMPTY, epoch, pending },
        resumed: false,
      }) as const;
    const carrying = stateOf({ history: EMPTY, lease: heldLease(), carries: true, contended: 2 });
    expect(granted(carrying, lightUp(), answer(1))).toMatchObject({
      history: { epoch: 1 },
      contended: 0,
      resumed: false,
    });
    expect(granted(carrying, lightUp(), answer(1)).history).not.toHaveProperty('pending');
    expect(granted(carrying, lightUp(), answer(2)).history).toHaveProperty('pending');
    expect(granted({ ...carrying, carries: false }, lightUp(), answer(1)).history).toHaveProperty('pending');
    expect(granted(carrying, lightUp(undefined, { budget: 'free' }), answer(1)).lease).toMatchObject({ booked: true });
    expect(granted(stateOf({ resumed: true }), lightUp(), answer(1)).resumed).toBe(true);
  });
  it('knows what was unsettled before an intent whose reply was lost, which the ledger does not know any more', () => {
    const pending = { intent: 'x', at: NOW, note: { host: 'i-1' } };
    const knowing = stateOf({ history: { ...EMPTY, pending }, lease: heldLease() });
    const answer = { granted: true, lease: heldLease().held, history: { ...EMPTY, epoch: 2 }, resumed: false } as const;
    expect(granted(knowing, lightUp(), { ...answer, isRepeat: true }).history).toEqual({ ...EMPTY, epoch: 2, pending });
    expect(granted(knowing, lightUp(), answer).history).not.toHaveProperty('pending');
    const unknowing = stateOf({ history: 'unread' });
    expect(granted(unknowing, lightUp(), { ...answer, isRepeat: true }).history).toEqual({ ...EMPTY, epoch: 2 });
  });
});

describe('a tally', () => {
  it('admits as many targets as its limit, each once, and another for one that withdraws', () => {
    const tally = tallyOf(2);
    expect(['a', 'b', 'a', 'c'].map((target) => tally.admits(target))).toEqual([true, true, true, false]);
    tally.withdraw('b');
    expect([tally.admits('c'), tally.admits('b')]).toEqual([true, false]);
  });
});
