/** What a run has announced about a target that a look at everything does not find any more. */

import { describe, expect, it } from 'vitest';
import { leftTargets } from '../../../../shared/kernel/run/left-over.ts';
import type { ResourceState } from '../../../../shared/kernel/ledger/ledger.ts';

const NOW = '2026-11-22T08:00:00.000Z';
const PENDING = { intent: 'db leaves i-1', at: '2026-11-22T07:59:30.000Z', note: {} };

function leftOf(change: Partial<ResourceState> = {}, found: readonly string[] = []): readonly string[] {
  const history = { epoch: 1, actions: [], memory: {}, pending: PENDING };
  const state: ResourceState = { resource: 'i-1', runbook: 'carry', history, ...change };
  const located = found.map((target) => ({ target }));
  return leftTargets(new Map([[state.resource, state]]), 'carry', located, NOW).map(({ target }) => target);
}

describe('an intent about a target that is not found any more', () => {
  it('is looked at by the tick', () => {
    expect(leftOf()).toEqual(['i-1']);
    expect(leftOf({ owner: 'run-1', until: NOW })).toEqual(['i-1']);
  });

  it('is left to the run of a target that is found, to the run that holds it, and to its own runbook', () => {
    expect(leftOf({}, ['i-2', 'i-1'])).toEqual([]);
    expect(leftOf({ owner: 'run-1', until: '2026-11-22T08:00:00.001Z' })).toEqual([]);
    expect(leftOf({ runbook: 'other' })).toEqual([]);
    expect(leftOf({ resource: 'runbook/carry' })).toEqual([]);
  });

  it('is none while it is young, and when it is settled', () => {
    const young = { ...PENDING, at: '2026-11-22T07:59:30.001Z' };
    expect(leftOf({ history: { epoch: 1, actions: [], memory: {}, pending: young } })).toEqual([]);
    expect(leftOf({ history: { epoch: 1, actions: [], memory: {} } })).toEqual([]);
  });

  it('is one of twenty a tick, where there are hundreds', () => {
    const history = { epoch: 1, actions: [], memory: {}, pending: PENDING };
    const all = Array.from({ length: 200 }, (_none, index): ResourceState => ({
      resource: `i-${index}`,
      runbook: 'carry',
      history,
    }));
    const left = leftTargets(new Map(all.map((state) => [state.resource, state])), 'carry', [], NOW);
    expect(left.map(({ target }) => target)).toEqual(all.slice(0, 20).map(({ resource }) => resource));
  });

  it('is unknown without the ledger', () => {
    expect(leftTargets('lost', 'carry', [], NOW)).toEqual([]);
    expect(leftTargets(undefined, 'carry', [], NOW)).toEqual([]);
  });
});
