import { describe, expect, it } from 'vitest';
import { applyPlan } from '../../../../shared/kernel/run/apply-plan.ts';
import type { Guards } from '../../../../shared/kernel/run/guards.ts';
import type { Host } from '../../../../shared/kernel/hosts/host.ts';
import type { Ledger } from '../../../../shared/kernel/ledger/ledger.ts';
import { patientIo } from '../../../../shared/kernel/run/io.ts';
import { memoryLedger } from '../../../../simulator/engine/ledger.ts';
import { LIMITS, type Seen, type ToyRequest } from '../toy-runbook.ts';
import type { RunbookDefinition } from '../../../../shared/kernel/definition.ts';
import { plain } from '../../../../shared/kernel/hosts/plain-host.ts';

const HOST: Host = {
  kind: 'plain',
  run: 'run-1',
  account: '111122223333',
  region: 'eu-west-1',
  remainingMs: () => 60_000,
  step: (_name, effect) => effect(),
  operationsLeft: () => Infinity,
  wait: () => Promise.resolve(),
  approval: () => Promise.resolve({ kind: 'unanswered' }),
  each: async (_name, items, work) =>
    Promise.all(items.map(async ({ value }) => ({ ok: true, value: await work(value, HOST) }) as const)),
};
/** Older than the minute for which a reading counts. */
const OLD: Guards = { switches: { on: undefined, lost: false, at: '2026-11-22T07:00:00.000Z' }, lease: undefined };

function silent(): Ledger {
  return {
    ...memoryLedger(),
    switches: () => Promise.reject(Object.assign(new Error('no answer'), { name: 'TimeoutError' })),
  };
}

function applied(sent: string[], ledger: Ledger, ledgerLost: 'refuse' | 'proceed') {
  const definition: RunbookDefinition<ToyRequest, Seen, typeof LIMITS> = {
    name: 'light-lamps',
    host: plain,
    disruptive: false,
    timeoutSeconds: 60,
    triggers: [],
    limits: LIMITS,
    ledgerLost,
    locate: () => Promise.resolve([]),
    observe: () => Promise.resolve({ lit: false }),
    decide: () => ({ kind: 'nothing', code: 'lit', because: '', evidence: {} }),
    apply: { 'toy:Light': () => (sent.push('Light'), Promise.resolve(null)) },
    verify: () => Promise.resolve({ ok: true }),
  };
  return applyPlan(
    {
      definition,
      host: HOST,
      ledger,
      patient: (lease) => patientIo({ host: HOST, ledger, target: 'lamp' }, lease),
      turn: 0,
      work: undefined,
    },
    [{ call: 'toy:Light', input: {}, because: 'it is dark' }],
    OLD,
  );
}

describe('a guard that cannot be asked', () => {
  it('stops a runbook that refuses without its ledger, before anything was sent: it is no try', async () => {
    const sent: string[] = [];
    expect(await applied(sent, silent(), 'refuse')).toMatchObject({
      begun: false,
      sent: [],
      stopped: { by: 'fault', fault: { class: 'retryable', name: 'TimeoutError' } },
    });
    expect(sent).toEqual([]);
  });

  it('does not stop a runbook that proceeds', async () => {
    const sent: string[] = [];
    expect(await applied(sent, silent(), 'proceed')).toMatchObject({ begun: true, sent: [{ call: 'toy:Light' }] });
    expect(sent).toEqual(['Light']);
  });
});

describe('guards that answer', () => {
  it('let the call go, and it counts as begun', async () => {
    const sent: string[] = [];
    expect(await applied(sent, memoryLedger(), 'refuse')).toMatchObject({ begun: true, sent: [{ call: 'toy:Light' }] });
  });
});
