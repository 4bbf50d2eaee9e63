/** Bulk work: one entry of a plan that is carried out in pieces, each of which tells how far it has come. */

import { describe, expect, it } from 'vitest';
import type { Json, WorkDone } from '../../../../shared/kernel/decision.ts';
import type { Bulk } from '../../../../shared/kernel/definition.ts';
import { apply } from '../../../../shared/kernel/run/apply.ts';
import { isEnd, leaves, notAmong } from '../../../../shared/kernel/run/end.ts';
import { judge, observe } from '../../../../shared/kernel/run/look.ts';
import type { RunState } from '../../../../shared/kernel/run/state.ts';
import type { Seen } from '../toy-runbook.ts';
import { actingOf, hostOf, runOf, stateOf } from './parts.ts';

const CALL = { call: 'work:sweep', input: { select: 'lamps' }, because: 'they are dusty' };

/** Sweeps lamps, one a piece; what it was given stands in what it tells. */
const sweeping: Bulk = {
  piece: (_input, _io, before) => Promise.resolve([...(Array.isArray(before) ? before : []), 'lamp']),
  means: {},
};

async function afterPiece(state: Partial<RunState<Seen>>, bulk: Bulk = sweeping): Promise<RunState<Seen>> {
  const run = runOf({ runbook: { apply: { 'work:sweep': bulk } } });
  const acting = actingOf({ lease: undefined, ...state }, { plan: [CALL], more: true });
  const next = await apply(run, acting);
  if (leaves(next) && isEnd(next)) throw new Error(next.because);
  return leaves(next) ? next : next.state;
}

describe('a piece of bulk work', () => {
  it('is told to the next one, and to the decision in between', async () => {
    const first = await afterPiece({});
    expect(first.work).toEqual({ lost: 0, told: ['lamp'] });
    const second = await afterPiece({ work: first.work });
    expect(second.work).toEqual({ lost: 0, told: ['lamp', 'lamp'] });
    let heard: WorkDone | undefined;
    const run = runOf({
      runbook: {
        decide: ({ work }: { readonly work?: WorkDone }) => {
          heard = work;
          return { kind: 'nothing', code: 'x', because: 'x', evidence: {} };
        },
      },
    });
    judge(run, { state: stateOf({ work: second.work }), sight: { facts: { lit: true }, at: second.now } });
    expect(heard).toEqual({ lost: 0, told: ['lamp', 'lamp'] });
  });

  it('is told to the next look, which sees nothing before the first', async () => {
    const heard: unknown[] = [];
    const run = runOf({
      runbook: {
        observe: (target, _io, work) => {
          heard.push([target, work]);
          return Promise.resolve({ lit: true });
        },
      },
    });
    await observe(run, stateOf({ seen: undefined }));
    const work = { lost: 1, told: ['lamp'] };
    await observe(run, stateOf({ seen: undefined, work }));
    expect(heard).toEqual([
      [run.target, undefined],
      [run.target, work],
    ]);
  });

  it('is no try, and is told once however many there were', async () => {
    const first = await afterPiece({ tries: 7 });
    const second = await afterPiece({ tries: first.tries, work: first.work, sent: first.sent });
    expect([second.tries, second.sent]).toEqual([7, [CALL]]);
  });

  it('that fails is a try, and leaves what was told before', async () => {
    const failing: Bulk = {
      piece: () =>
        Promise.reject(Object.assign(new Error('no'), { name: 'AccessDenied', $metadata: { httpStatusCode: 400 } })),
      means: { AccessDenied: 'capacity' },
    };
    const told: Json = ['lamp'];
    const next = await afterPiece({ tries: 7, work: { lost: 0, told } }, failing);
    expect([next.tries, next.work]).toEqual([8, { lost: 0, told }]);
  });

  it('that breaks off with the invocation is counted', async () => {
    const host = hostOf('durable');
    const breaking = {
      ...host,
      step: <T>(name: string, run: () => Promise<T>): Promise<T> =>
        name.endsWith(':work:sweep') ? Promise.reject(new Error('interrupted')) : host.step(name, run),
    };
    const run = runOf({ host: breaking, runbook: { apply: { 'work:sweep': sweeping } } });
    const next = await apply(run, actingOf({ work: { lost: 1, told: ['lamp'] } }, { plan: [CALL], more: true }));
    expect(next).toMatchObject({ work: { lost: 2, told: ['lamp'] } });
  });
});

describe('what is told already', () => {
  it('is known by call and input, whatever the reason', () => {
    const other = { ...CALL, input: { select: 'bulbs' } };
    expect(notAmong([CALL], [{ ...CALL, because: 'again' }, other])).toEqual([other]);
  });
});
