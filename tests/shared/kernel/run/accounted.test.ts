/** What a run tells that fails between two pieces of its bulk work. */

import { describe, expect, it } from 'vitest';
import type { Bulk, Doing } from '../../../../shared/kernel/definition.ts';
import { fault } from '../../../../shared/kernel/errors.ts';
import { accounted } from '../../../../shared/kernel/run/accounted.ts';
import { endOf, failed, type End } from '../../../../shared/kernel/run/end.ts';
import type { RunState } from '../../../../shared/kernel/run/state.ts';
import type { Seen } from '../toy-runbook.ts';
import { runOf, stateOf } from './parts.ts';

const CALL = { call: 'work:sweep', input: {}, because: 'they are dusty' };
const OTHER = { ...CALL, call: 'lamp:On' };
const DENIED = fault('terminal', 'AccessDenied', 'no');

const sweeping: Bulk = {
  piece: () => Promise.resolve(null),
  means: {},
  account: (told, now) => ({ swept: told, at: now }),
};

function evidenceOf(of: Partial<RunState<Seen>>, doing: Doing = sweeping, end?: End): unknown {
  const state = stateOf({ sent: [OTHER, CALL], work: { lost: 0, told: 7 }, ...of });
  const run = runOf({ runbook: { apply: { 'lamp:On': () => Promise.resolve(), 'work:sweep': doing } } });
  return accounted(run, state, end ?? failed(state, DENIED, { why: 'x' })).evidence;
}

describe('a run that fails between two pieces', () => {
  it('tells what these have done, and why it has failed', () => {
    expect(evidenceOf({})).toEqual({ swept: 7, at: stateOf({}).now, why: 'x' });
  });

  it('says no more of what it has seen than the decision said', () => {
    expect(evidenceOf({}, { ...sweeping, account: () => ({ why: 'y', swept: 7 }) })).toEqual({ swept: 7, why: 'x' });
  });

  it.each<[string, Partial<RunState<Seen>>, Doing]>([
    ['nothing was told', { work: { lost: 1 } }, sweeping],
    ['none has begun', { work: undefined }, sweeping],
    ['nothing of it was sent', { sent: [OTHER] }, sweeping],
    ['it has no account', {}, { piece: sweeping.piece, means: {} }],
    [
      'its account cannot be given',
      {},
      {
        ...sweeping,
        account: () => {
          throw new Error('they do not add up');
        },
      },
    ],
  ])('tells nothing of them where %s', (_why, of, doing) => {
    expect(evidenceOf(of, doing)).toEqual({ why: 'x' });
  });

  it('is told of where it failed only: every other end has its own evidence', () => {
    const state = stateOf({});
    const end = endOf(state, 'done', { code: 'swept', because: 'all', evidence: {}, attention: true });
    expect(evidenceOf({}, sweeping, end)).toEqual({});
  });
});
