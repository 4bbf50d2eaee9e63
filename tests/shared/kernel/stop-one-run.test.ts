/** One run is stopped, on either host: it ends before its next call, and every other run goes on. */

import { describe, expect, it, vi } from 'vitest';
import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import type { Controls } from '../../../simulator/engine/simulation.ts';
import { held, outcomes, recycle, recycler } from './recycling.ts';
import { judge, lightUp, stoppedEvent, useToys, type Toy } from './toy-runbook.ts';

const toy = useToys();

const STOP = { reason: 'not now', by: 'kim', at: '2026-11-22T08:00:00Z', until: '2027-11-23T08:00:00.000Z' };
const PLAN: readonly PlannedCall[] = [
  { call: 'toy:Warn', input: {}, because: 'people look up' },
  { call: 'toy:Light', input: {}, because: 'it is dark' },
];

/** Lights in two calls; `scope` is stopped while the first of them is under way. */
function stoppedMeanwhile(scope: string): Toy {
  const lamp: Toy = toy((account, sent) => ({
    decide: (facts) => (facts.lit ? judge(facts) : lightUp(PLAN)),
    apply: {
      'toy:Warn': () => {
        sent.push('Warn');
        lamp.ledger.switchOn({ ...STOP, scope });
        vi.setSystemTime(Date.now() + 11_000);
        return Promise.resolve(null);
      },
      'toy:Light': () => {
        sent.push('Light');
        account.lit = true;
        return Promise.resolve(null);
      },
    },
  }));
  return lamp;
}

describe('a plain run that is stopped', () => {
  it('ends before its next call, says by whom and why, and hands back its lease; another finishes what it has left', async () => {
    const lamp = stoppedMeanwhile('run:run-1');
    expect(await lamp.give(stoppedEvent(), 'run-1')).toMatchObject([
      {
        outcome: 'refused',
        reason:
          'kill-switch: switched off for run:run-1 by kim at 2026-11-22T08:00:00Z until 2027-11-23T08:00:00.000Z: not now',
      },
    ]);
    expect(lamp.sent).toEqual(['Warn']);
    const [left] = lamp.ledger.dump().resources;
    expect(left).not.toHaveProperty('owner');
    expect(left?.history.pending?.intent).toBe('lamp 1 lit');
    expect(await lamp.give(stoppedEvent(), 'run-2')).toMatchObject([{ outcome: 'done' }]);
    expect(lamp.sent).toEqual(['Warn', 'Warn', 'Light']);
    // Lambda's own repeat is the same run.
    lamp.account.lit = false;
    expect(await lamp.give(stoppedEvent(), 'run-1')).toMatchObject([{ outcome: 'refused' }]);
    expect(lamp.sent).toHaveLength(3);
  });

  it('is no other that begins like it', async () => {
    const lamp = stoppedMeanwhile('run:run');
    expect(await lamp.give(stoppedEvent(), 'run-1')).toMatchObject([{ outcome: 'done' }]);
  });
});

/** Stops whoever has a lease, so many seconds after the beginning. */
function stopAfter(seconds: number): (controls: Controls) => void {
  return ({ clock, ledger }) => {
    clock.after(seconds * 1_000 + 500, () => {
      for (const { owner = '' } of ledger.dump().resources)
        if (owner !== '') ledger.switchOn({ ...STOP, scope: `run:${owner.split('|')[0]}` });
    });
  };
}

describe('a durable run that is stopped', () => {
  it.each([5, 15, 25])('after %i s ends, and the next run finishes what it has left', async (seconds) => {
    const request = { runbook: 'recycle-instances', params: { ticket: 'T-7' }, requestedBy: 'kim' };
    const events = [0, 1_800_000].map((afterMs) => ({ event: request, afterMs }));
    const end = await recycle(recycler(), { events }, stopAfter(seconds));
    const [first = '', second = ''] = end.executions.map(({ arn }) => arn.split('/').slice(-2).join('/'));
    const of = (run: string) => end.results.filter(({ result }) => result.run === run).map(({ result }) => result);
    expect(of(first).map(({ outcome }) => outcome)).toEqual(['refused', 'refused']);
    for (const { reason } of of(first)) expect(reason).toContain(`kill-switch: switched off for run:${first} by kim`);
    expect(of(second).map(({ outcome }) => outcome)).toEqual(['done', 'done']);
    expect(held(end)).toEqual([]);
    expect(end.ledger.resources.filter(({ history }) => history.pending !== undefined)).toEqual([]);
    expect(outcomes(end)).toHaveLength(4);
  });
});
