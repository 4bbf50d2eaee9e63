/** How the run on a target ends: what is told, kept, given back, and thrown. */

import { describe, expect, it } from 'vitest';

import { fault } from '../../../../shared/kernel/errors.ts';
import {
  endOf,
  failed,
  failedVerification,
  isEnd,
  leaves,
  refusal,
  resultOf,
} from '../../../../shared/kernel/run/end.ts';
import { askPerson, endDryRun, gate, killed, limitCalls, repeatedFailure } from '../../../../shared/kernel/run/gate.ts';
import { conditionalWrite } from '../../../../shared/kernel/run/conditional-write.ts';
import { failing } from '../../../../shared/kernel/run/hindered.ts';
import { needsLedger, NO_LEDGER, observe, withHistory } from '../../../../shared/kernel/run/look.ts';
import { memoryLedger } from '../../../../simulator/engine/ledger.ts';
import { LAMP, lightUp } from '../toy-runbook.ts';
import { actingOf, decisionOf, heldLease, NOTHING, NOW, runOf, stateOf } from './parts.ts';

const EMPTY = { epoch: 0, actions: [], memory: {} };
const SENT = { call: 'toy:Light', input: { Lamp: 1 }, because: 'it is dark' };
const WHY = { plan: [SENT], why: 'it stays dark' };
const STOP = { scope: 'all', reason: 'stop!', by: 'kim', at: NOW };
const DENIED = fault('terminal', 'AccessDenied', 'not yours', 'none');

describe('an end', () => {
  it('gives the booking back and settles, while nothing was begun', () => {
    expect(endOf(stateOf(), 'refused', NOTHING)).toEqual({
      outcome: 'refused',
      code: 'lit',
      because: 'the lamp is lit',
      evidence: { lit: true },
      plan: [],
      hasSent: false,
      phases: [],
      attention: false,
      remember: {},
      metrics: {},
      history: 'unread',
      claims: [],
      intent: 'settle',
      acted: false,
      refund: true,
      ledgerLost: false,
    });
  });
  it('gives the booking back where nothing but housekeeping was begun under it', () => {
    const housekeeping = { ...lightUp(), budget: 'free' as const };
    const under = (change: object) => endOf(stateOf({ lease: heldLease(), ...change }), 'done', NOTHING);
    expect(under({ applied: [housekeeping] })).toMatchObject({ acted: true, refund: true });
    expect(under({ applied: [lightUp(), housekeeping] })).toMatchObject({ acted: true, refund: false });
    expect(under({ applied: [housekeeping], resumed: true })).toMatchObject({ acted: true, refund: false });
    // Nothing was booked: there is nothing to ask the ledger back for.
    const unbooked = { ...heldLease(), booked: false };
    expect(under({ applied: [housekeeping], lease: unbooked })).toMatchObject({ acted: true, refund: false });
  });
  it('gives the booking back where the decision says that it came to nothing, unless a run before this one has begun', () => {
    const ended = (change: object) => endOf(stateOf(change), 'refused', { ...NOTHING, inVain: true }).refund;
    expect(ended({ applied: [lightUp()] })).toBe(true);
    expect(ended({ applied: [lightUp()], resumed: true })).toBe(false);
  });
  it.each([
    ['begun and reached', { applied: [lightUp()] }, 'done', 'settle', false],
    ['begun and found reached', { applied: [lightUp()] }, 'nothing', 'settle', false],
    ['begun and not reached', { applied: [lightUp()] }, 'failed', 'keep', false],
    ['taken up and not reached', { resumed: true }, 'refused', 'keep', false],
    ['taken up and reached', { resumed: true }, 'done', 'settle', false],
    ['never begun', {}, 'failed', 'settle', true],
  ] as const)('of what was %s', (_what, change, outcome, intent, refund) => {
    expect(endOf(stateOf(change), outcome, NOTHING)).toMatchObject({ intent, refund });
  });
  it('tells what was sent; the plan as long as nothing was', () => {
    expect(endOf(stateOf({ sent: [SENT] }), 'failed', NOTHING, lightUp().plan).plan).toEqual([SENT]);
    expect(endOf(stateOf(), 'failed', NOTHING, [SENT]).plan).toEqual([SENT]);
  });
  it('tells whether its plan was sent', () => {
    expect(endOf(stateOf({ sent: [SENT] }), 'refused', NOTHING, lightUp().plan).hasSent).toBe(true);
    expect(endOf(stateOf(), 'refused', NOTHING, [SENT]).hasSent).toBe(false);
  });
  it('offers no way back that a later call has made void', () => {
    const undone = { ...SENT, undo: { call: 'toy:Douse', input: { Lamp: 'lamp-1' } } };
    const breaks = { call: 'toy:Break', input: {}, because: 'it is old', voids: ['lamp-1'] };
    expect(endOf(stateOf({ sent: [undone, breaks] }), 'done', NOTHING).plan).toEqual([SENT, breaks]);
  });
  it('tells of what a run before it has made and not told, once, and only where all is well', () => {
    const untold = [{ call: 'toy:Light', input: { Lamp: 2 }, because: 'made by a run that died' }, SENT];
    const state = stateOf({ sent: [SENT] });
    expect(endOf(state, 'done', { ...NOTHING, untold }).plan).toEqual([untold[0], SENT]);
    expect(endOf(stateOf(), 'done', { ...NOTHING, untold }).plan).toEqual(untold);
    for (const outcome of ['nothing', 'refused', 'failed', 'waiting'] as const)
      expect(endOf(state, outcome, { ...NOTHING, untold }).plan).toEqual([SENT]);
  });
  it('is for a person where a decision that was applied says so, or the ledger is lost and there is something to tell', () => {
    const attentionOf = (...how: Parameters<typeof endOf>): boolean => endOf(...how).attention;
    expect(attentionOf(stateOf(), 'done', { ...NOTHING, attention: true })).toBe(true);
    expect(attentionOf(stateOf({ applied: [lightUp(undefined, { attention: true })] }), 'done', NOTHING)).toBe(true);
    expect(attentionOf(stateOf({ applied: [lightUp()] }), 'done', NOTHING)).toBe(false);
    expect(attentionOf(stateOf({ history: 'lost' }), 'done', NOTHING)).toBe(true);
    expect(attentionOf(stateOf({ history: 'lost' }), 'nothing', NOTHING)).toBe(false);
  });
  it('keeps what a decision remembers and counts, the notes, the lease and the claims', () => {
    const lease = heldLease();
    const state = stateOf({ lease, claims: [lease.held], notes: { 'toy:Warn': 'gone: x' } });
    expect(endOf(state, 'done', { ...NOTHING, remember: { a: 'b' }, metrics: { Lit: 1 } })).toMatchObject({
      remember: { a: 'b' },
      metrics: { Lit: 1 },
      evidence: { lit: true, notes: { 'toy:Warn': 'gone: x' } },
      lease: lease.held,
      claims: [lease.held],
    });
  });
  it('is told apart from what goes on', () => {
    const end = endOf(stateOf(), 'done', NOTHING);
    expect([isEnd(end), isEnd(stateOf()), leaves(end), leaves(stateOf()), leaves(actingOf())]).toEqual([
      true,
      false,
      true,
      true,
      false,
    ]);
  });
  it('that fails is for a person, by the name of what failed', () => {
    expect(failed(stateOf(), DENIED, { a: 1 })).toMatchObject({
      outcome: 'failed',
      code: 'access-denied',
      because: 'not yours',
      evidence: { a: 1 },
      attention: true,
      fault: DENIED,
    });
    expect(failed(stateOf(), DENIED).evidence).toEqual({});
  });
  it('after a failed verification tells both, and leaves nothing to be taken up', () => {
    const end = failedVerification(stateOf({ setback: WHY, applied: [lightUp()] }), NOTHING);
    expect(end).toMatchObject({
      outcome: 'failed',
      code: 'verification-failed',
      because: 'it stays dark; then lit: the lamp is lit',
      evidence: { lit: true },
      intent: 'settle',
      fault: { class: 'terminal', name: 'VerificationFailed' },
    });
  });
  it('that refuses tells the plan that was not carried out', () => {
    expect(refusal(actingOf(), 'x', 'y')).toMatchObject({
      outcome: 'refused',
      code: 'x',
      because: 'y',
      plan: [{ call: 'toy:Light' }],
      attention: false,
    });
  });
  it('is reported under its run and its target', () => {
    expect(resultOf(runOf(), endOf(stateOf(), 'done', NOTHING))).toEqual({
      runbook: 'light-lamps',
      run: 'run-1',
      target: LAMP,
      outcome: 'done',
      reason: 'lit: the lamp is lit',
      evidence: { lit: true },
      plan: [],
      phases: [],
      mode: { mode: 'apply', from: 'row all' },
    });
  });
});

describe('what a decision to act passes', () => {
  it('is the limit on its calls', () => {
    const plan = (length: number) => actingOf({}, { plan: Array.from({ length }, () => SENT) });
    expect(limitCalls(runOf(), plan(4))).toMatchObject({ decision: { kind: 'act' } });
    expect(limitCalls(runOf(), plan(5))).toMatchObject({
      outcome: 'refused',
      code: 'too-many-calls',
      because: 'the plan has 5 calls, the limit is 4',
      attention: true,
    });
  });
  it('is the end of a dry run', () => {
    expect(endDryRun(runOf(), actingOf())).toMatchObject({ decision: { kind: 'act' } });
    expect(endDryRun(runOf({ dryRun: true }), actingOf())).toMatchObject({
      outcome: 'planned',
      plan: [{ call: 'toy:Light' }],
    });
    const full = runOf({ dryRun: true, limits: { maxTargets: 0 } });
    expect(endDryRun(full, actingOf())).toMatchObject({
      outcome: 'refused',
      code: 'too-many-targets',
      because: 'the lamp is dark; but this run acts on 0 targets already, its limit; the next run goes on',
      attention: true,
    });
  });
  it('is the end of a run that has acted and failed, but for what it has begun itself', () => {
    const history = { ...EMPTY, memory: { ended: 'run-1' } };
    expect(repeatedFailure(runOf(), stateOf({ history }))).toMatchObject({ outcome: 'failed', repeat: true });
    expect(repeatedFailure(runOf(), stateOf({ history, applied: [lightUp()] }))).toBeUndefined();
    expect(repeatedFailure(runOf(), stateOf({ history: { ...EMPTY, memory: { ended: 'run-2' } } }))).toBeUndefined();
    expect(repeatedFailure(runOf(), stateOf())).toBeUndefined();
  });
  it('is the kill switch: off, or known to be lost to a runbook that does without', async () => {
    const reading = { on: undefined, lost: false, at: NOW };
    const lost = { switches: { ...reading, lost: true } };
    expect(await gate(runOf(), actingOf({ switches: { ...reading, on: STOP } }))).toMatchObject({
      outcome: 'refused',
      code: 'kill-switch',
      because: `switched off for all by kim at ${NOW}: stop!`,
      attention: false,
    });
    const run = runOf();
    expect(await gate(run, actingOf())).toMatchObject({ decision: { kind: 'act' } });
    expect(run.host.begun).toEqual([]);
    // Lost at the door it is read once more.
    expect(await gate(run, actingOf(lost))).toMatchObject({ state: { switches: { lost: false } } });
    expect(run.host.begun).toEqual(['kill-switch']);
    const ledger = { ...memoryLedger(), switches: () => Promise.reject(new Error('none')) };
    expect(await gate(runOf({ ledger }), actingOf(lost))).toMatchObject({
      outcome: 'refused',
      code: 'ledger-lost',
      because: 'the kill switch cannot be read',
      attention: true,
    });
    const proceeds = runOf({ ledger, runbook: { ledgerLost: 'proceed' } });
    expect(await gate(proceeds, actingOf(lost))).toMatchObject({ history: 'lost' });
    const known = await gate(proceeds, actingOf({ ...lost, history: 'lost' }));
    expect(known).toMatchObject({ decision: { kind: 'act' } });
    expect(proceeds.host.begun).toEqual(['kill-switch']);
  });
  it('is a person’s word, where the deployment asks for it and there is a call to be sent', () => {
    const asking = { config: { approval: 'always' } } as const;
    expect(askPerson(runOf(), actingOf())).toMatchObject({ decision: { kind: 'act' } });
    expect(askPerson(runOf(asking), actingOf({}, { plan: [] }))).toMatchObject({ decision: { kind: 'act' } });
    const written = runOf({ ...asking, runbook: { safety: conditionalWrite } });
    expect(askPerson(written, actingOf())).toMatchObject({
      outcome: 'failed',
      code: 'no-approval',
      because: 'nobody can approve of what this runbook does; is RUNBOOK_APPROVAL set?',
    });
  });
  it('is a person’s word, where the decision asks for it, whatever the deployment says', async () => {
    const asking = actingOf({}, { approval: 'always' });
    expect(await askPerson(runOf(), asking)).toMatchObject({
      outcome: 'awaiting-approval',
      question: { expiresInSeconds: 3_600 },
    });
    expect(askPerson(runOf(), actingOf({}, { approval: 'always', plan: [] }))).toMatchObject({
      decision: { kind: 'act' },
    });
  });
  it('that the switch breaks off is for a person once something was begun', () => {
    expect(killed(actingOf(), STOP)).toMatchObject({ attention: false });
    expect(killed(actingOf({ applied: [lightUp()] }), STOP)).toMatchObject({ attention: true });
  });
});

describe('a look', () => {
  it('is not repeated while what was seen counts', async () => {
    const run = runOf();
    await observe(run, stateOf());
    expect(run.host.begun).toEqual([]);
    await observe(run, stateOf({ seen: undefined, turn: 2 }));
    expect(run.host.begun).toEqual(['observe:2']);
  });
  it('reads the history once, and only for a decision that depends on it', async () => {
    const run = runOf();
    const sight = { facts: { lit: false }, at: NOW };
    const judged = { state: stateOf({ turn: 1 }), sight, decision: { ...NOTHING, needsHistory: true } } as const;
    expect(await withHistory(run, judged)).toMatchObject({ state: { history: EMPTY } });
    expect(run.host.begun).toEqual(['history:1']);
    await withHistory(run, { ...judged, decision: NOTHING });
    await withHistory(run, { ...judged, state: stateOf({ history: EMPTY }) });
    await withHistory(run, { ...judged, state: stateOf({ history: 'lost' }) });
    expect(run.host.begun).toEqual(['history:1']);
  });
  it('asks a ledger again that did not answer before, once time has passed, and only where something depends on it', async () => {
    const sight = { facts: { lit: false }, at: NOW };
    const judged = (kind: 'act' | 'nothing', turn = 1) => ({
      state: stateOf({ history: 'lost', turn }),
      sight,
      decision: decisionOf(kind),
    });
    const run = runOf();
    await withHistory(run, judged('nothing'));
    await withHistory(run, judged('act', 0));
    await withHistory(runOf({ runbook: { ledgerLost: 'proceed' } }), judged('act'));
    expect(run.host.begun).toEqual([]);
    expect(await withHistory(run, judged('act'))).toMatchObject({ state: { history: EMPTY } });
    expect(run.host.begun).toEqual(['history:1']);
  });
  it('without a ledger ends a run that needs one and has something to do', () => {
    const sight = { facts: { lit: false }, at: NOW };
    const judged = (kind: 'act' | 'nothing' | 'wait' | 'refuse', history: 'lost' | 'unread' = 'lost') => ({
      state: stateOf({ history }),
      sight,
      decision: decisionOf(kind),
    });
    for (const kind of ['act', 'wait', 'refuse'] as const)
      expect(needsLedger(runOf(), judged(kind))).toMatchObject({
        outcome: 'refused',
        code: 'ledger-lost',
        because: 'the ledger does not answer, and nothing is done without it',
        attention: true,
      });
    expect(needsLedger(runOf(), judged('nothing'))).toMatchObject({ decision: { kind: 'nothing' } });
    expect(needsLedger(runOf(), judged('act', 'unread'))).toMatchObject({ decision: { kind: 'act' } });
    const proceeds = runOf({ runbook: { ledgerLost: 'proceed' } });
    expect(needsLedger(proceeds, judged('act'))).toMatchObject({ decision: { kind: 'act' } });
  });
});

describe('a run that is kept from acting, and that nobody else would look at', () => {
  const barred = { state: stateOf({ history: 'lost' }), decision: decisionOf('act') };

  it('looks again, and fails in the end', async () => {
    expect(await failing.withoutAnswer(runOf(), barred, NO_LEDGER)).toMatchObject({ looks: 1, history: 'unread' });
    const worn = { ...barred, state: stateOf({ history: 'lost', looks: 99 }) };
    expect(await failing.withoutAnswer(runOf(), worn, NO_LEDGER)).toMatchObject({
      outcome: 'failed',
      fault: { class: 'retryable', name: 'LedgerLost', effect: 'none' },
    });
  });

  it('fails where another run has the lease', () => {
    expect(failing.heldUp(barred, 'held by r-2')).toMatchObject({
      outcome: 'failed',
      code: 'leased',
      fault: { class: 'retryable', name: 'Leased', message: 'held by r-2' },
    });
  });
});
