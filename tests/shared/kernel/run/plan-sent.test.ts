/** A plan on its way: in which order its calls leave, and what of it goes on. */

import { describe, expect, it } from 'vitest';
import type { JsonObject, PlannedCall } from '../../../../shared/kernel/decision.ts';
import type { Change, Send } from '../../../../shared/kernel/definition.ts';
import { applyPlan, type Applied } from '../../../../shared/kernel/run/apply-plan.ts';
import { patientIo } from '../../../../shared/kernel/run/io.ts';
import { memoryLedger } from '../../../../simulator/engine/ledger.ts';
import { heldLease, runOf } from './parts.ts';

function call(name: string, more: Partial<PlannedCall> = {}): PlannedCall {
  return { call: name, input: {}, because: 'x', ...more };
}

const FRESH = { on: undefined, lost: false, at: new Date(8_640_000_000_000).toISOString() };

function send(apply: { readonly [call: string]: Send | Change }, plan: readonly PlannedCall[]): Promise<Applied> {
  const run = runOf();
  return applyPlan(
    {
      definition: { name: 'light-lamps', ledgerLost: 'refuse', apply },
      host: run.host,
      ledger: run.ledger,
      patient: (lease) => patientIo(run, lease),
      turn: 0,
      work: undefined,
    },
    plan,
    { switches: FRESH, lease: undefined },
  );
}

function failing(name: string, status = 400): () => Promise<never> {
  const error = Object.assign(new Error('no'), { name, $metadata: { httpStatusCode: status } });
  return () => Promise.reject(error);
}

describe('the calls of a plan', () => {
  it('are sent in their order, each with its own input, also behind one that was tolerated', async () => {
    const inputs: JsonObject[] = [];
    const take: Send = (input) => Promise.resolve(inputs.push(input));
    const { sent, tolerated } = await send({ a: take, b: failing('AccessDenied'), c: take }, [
      call('a', { input: { Of: 1 } }),
      call('b', { optional: true }),
      call('c', { input: { Of: 2 } }),
    ]);
    expect(inputs).toEqual([{ Of: 1 }, { Of: 2 }]);
    expect(sent.map(({ call: name }) => name)).toEqual(['a', 'c']);
    expect(tolerated).toEqual({ b: 'AccessDenied: no' });
  });
});

describe('a call that may fail', () => {
  const after = async (change: Send | Change): Promise<readonly [readonly string[], unknown]> => {
    const { sent, stopped } = await send({ a: change, b: () => Promise.resolve(null) }, [
      call('a', { optional: true }),
      call('b'),
    ]);
    return [sent.map(({ call: name }) => name), stopped];
  };
  it('lets the plan go on where it was refused', async () => {
    expect(await after(failing('AccessDenied'))).toEqual([['b'], undefined]);
    expect(await after({ send: failing('NoBulb'), means: { NoBulb: 'refused' } })).toEqual([['b'], undefined]);
  });
  it('stops it where a repeat may help, or the world has moved', async () => {
    expect(await after(failing('Throttling'))).toMatchObject([[], { by: 'fault', fault: { name: 'Throttling' } }]);
    expect(await after({ send: failing('Moved'), means: { Moved: 'conflict' } })).toMatchObject([
      [],
      { by: 'refusal', refusal: { meaning: 'conflict' } },
    ]);
    expect(await after({ send: failing('Busy'), means: { Busy: 'wait' } })).toMatchObject([
      [],
      { by: 'fault', fault: { class: 'retryable', name: 'Busy', message: 'no', effect: 'none' } },
    ]);
  });
});

describe('a plan', () => {
  it('ends at the call that stopped it', async () => {
    let asked = 0;
    const { steps } = await send({ a: failing('AccessDenied'), b: () => Promise.resolve((asked += 1)) }, [
      call('a'),
      call('b'),
    ]);
    expect([steps.length, asked]).toEqual([1, 0]);
  });
  it('with a call that the runbook does not know ends there, for a person', async () => {
    expect((await send({}, [call('a')])).stopped).toEqual({
      by: 'fault',
      fault: { class: 'terminal', name: 'UnknownCall', message: 'the runbook cannot send a', effect: 'none' },
    });
  });
  it('whose lease another run took ends before its next call, and is looked at again', async () => {
    const run = runOf({ ledger: { ...memoryLedger(), renew: () => Promise.resolve(false) } });
    const { stopped, sent, begun } = await applyPlan(
      {
        definition: { name: 'light-lamps', ledgerLost: 'refuse', apply: { a: () => Promise.resolve(null) } },
        host: run.host,
        ledger: run.ledger,
        patient: (lease) => patientIo(run, lease),
        turn: 0,
        work: undefined,
      },
      [call('a')],
      { switches: FRESH, lease: heldLease().held },
    );
    expect([sent, begun]).toEqual([[], false]);
    expect(stopped).toEqual({
      by: 'fault',
      fault: { class: 'retryable', name: 'LeaseLost', message: 'another run took the lease', effect: 'none' },
    });
  });
});
