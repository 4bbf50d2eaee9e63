/** What bounds a run besides its limits. */

import { describe, expect, it } from 'vitest';
import {
  fitOperations,
  hasTime,
  operationsFor,
  operationsNeeded,
  outOfRoom,
  roomIn,
} from '../../../../shared/kernel/run/room.ts';
import { actingOf, decisionOf, hostOf, runOf, stateOf } from './parts.ts';
import { lightUp } from '../toy-runbook.ts';

const ASKING = { config: { approval: 'always' } } as const;

describe('operations', () => {
  it('of a target are those of its longest plan and of the choreography around it', () => {
    expect(operationsFor(runOf())).toBe(51);
    expect(operationsFor(runOf({ limits: { maxCalls: 9 } }))).toBe(56);
    expect(operationsFor(runOf(ASKING))).toBe(61);
  });
  it('that a decision needs are fewer, where the run comes to its goal at once', () => {
    expect(operationsNeeded(runOf(), lightUp())).toBe(20);
    expect(operationsNeeded(runOf(), lightUp(undefined, { claims: ['a', 'b'] }))).toBe(24);
    expect(operationsNeeded(runOf(ASKING), lightUp())).toBe(30);
    expect(operationsNeeded(runOf(), lightUp(undefined, { more: true }))).toBe(51);
    expect(operationsNeeded(runOf(), lightUp(undefined, { approval: 'always' }))).toBe(30);
    expect(operationsNeeded(runOf(), lightUp(undefined, { approval: 'always', more: true }))).toBe(61);
    for (const kind of ['nothing', 'wait', 'refuse'] as const)
      expect(operationsNeeded(runOf(), decisionOf(kind))).toBe(51);
  });
  it('are kept for what comes after the targets', () => {
    expect(roomIn({ operationsLeft: () => 100 })).toBe(70);
  });
  it('that are used up leave the rest to the next run, before another turn', () => {
    const left = (operations: number) => runOf({ host: hostOf('durable', { operationsLeft: () => operations }) });
    expect(outOfRoom(left(6), stateOf({ turn: 1 }))).toBeUndefined();
    expect(outOfRoom(left(5), stateOf({ turn: 1 }))).toMatchObject({
      outcome: 'waiting',
      code: 'operations-used-up',
      because: 'this execution has begun as many operations as there are for the target; the next run goes on',
    });
    expect(outOfRoom(left(0), stateOf({ turn: 0 }))).toBeUndefined();
  });
  it('that a plan needs are there before anything is announced', () => {
    const left = (operations: number, more = {}) =>
      fitOperations(
        runOf({ host: hostOf('durable', { operationsLeft: () => operations }), ...more }),
        actingOf({}, { claims: ['a'] }),
      );
    expect(left(10)).toMatchObject({ decision: { kind: 'act' } });
    expect(left(9)).toMatchObject({ outcome: 'waiting', code: 'operations-used-up', plan: [{ call: 'toy:Light' }] });
    expect(left(19, ASKING)).toMatchObject({ outcome: 'waiting' });
    expect(left(20, ASKING)).toMatchObject({ decision: { kind: 'act' } });
    const host = hostOf('durable', { operationsLeft: () => 15 });
    expect(fitOperations(runOf({ host }), actingOf({}, { approval: 'always' }))).toMatchObject({ outcome: 'waiting' });
    expect(fitOperations(runOf({ host }), actingOf())).toMatchObject({ decision: { kind: 'act' } });
  });
});

describe('time', () => {
  it('of an invocation must last for a lease behind the wait', () => {
    expect(hasTime({ kind: 'plain', remainingMs: () => 30_000 })).toBe(true);
    expect(hasTime({ kind: 'plain', remainingMs: () => 29_999 })).toBe(false);
    expect(hasTime({ kind: 'plain', remainingMs: () => 30_000 }, 1)).toBe(false);
    expect(hasTime({ kind: 'plain', remainingMs: () => 31_000 }, 1)).toBe(true);
  });
  it('does not bound an execution', () => {
    expect(hasTime({ kind: 'durable', remainingMs: () => 0 }, 600)).toBe(true);
  });
  it('that is up keeps a target from being begun, and no turn from being ended', () => {
    const late = runOf({ host: hostOf('plain', { remainingMs: () => 29_999 }) });
    expect(outOfRoom(late, stateOf())).toMatchObject({
      outcome: 'waiting',
      code: 'no-time',
      because: 'this invocation is about to end; the next run goes on',
    });
    expect(outOfRoom(runOf(), stateOf())).toBeUndefined();
    expect(outOfRoom(late, stateOf({ turn: 1 }))).toBeUndefined();
  });
});
