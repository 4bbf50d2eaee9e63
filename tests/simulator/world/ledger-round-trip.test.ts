import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { worldAfter } from '../../../cli/world-run.ts';
import { concerned, loadDrills, runDrill } from '../../../rehearsal/drill.ts';
import { discoverFunctions } from '../../../rehearsal/functions.ts';
import { NO_FAULTS } from '../../../simulator/engine/run-types.ts';
import { ledgerSection, type WorldLedger } from '../../../simulator/world/ledger.ts';
import { CALLS_KEPT } from '../../../simulator/world/run-calls.ts';
import { parseWorld } from '../../../simulator/world/world-file.ts';

const FRAME = { now: '2026-11-22T08:00:00.000Z', account: '111122223333', region: 'eu-west-1', whole: true };
const ROOT = new URL('../../../', import.meta.url);

const time = fc
  .integer({ min: Date.parse('2024-01-01'), max: Date.parse('2030-01-01') })
  .map((ms) => new Date(ms).toISOString());
const scope = fc.constantFrom('all', 'heal-bastion', 'carry-volumes');
const text = fc.string({ maxLength: 20 });
const name = fc.string({ minLength: 1, maxLength: 20 });
const bag = fc.dictionary(
  fc.string({ maxLength: 8 }).filter((key) => key !== '__proto__'),
  fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)),
  { maxKeys: 3, noNullPrototype: true },
);
const told = { reason: text, by: text, at: time };

const killSwitch = fc.record(
  { scope, ...told, from: time, until: time },
  { requiredKeys: ['scope', 'reason', 'by', 'at'] },
);
const mode = fc.record({ scope, mode: fc.constantFrom('plan' as const, 'apply' as const), ...told });
const runRecord = fc.record({ runbook: scope, run: name, target: text, at: time, body: bag });
const operation = fc.record({ ...told, what: name, scope, more: bag });
const history = fc.record(
  {
    epoch: fc.nat(),
    actions: fc.array(time, { maxLength: 8 }),
    memory: fc.dictionary(fc.constantFrom('trouble', 'ended'), text, { noNullPrototype: true }),
    pending: fc.record({ intent: text, at: time, note: bag }),
  },
  { requiredKeys: ['epoch', 'actions', 'memory'] },
);
const free = fc.record({ resource: fc.constantFrom('arn:aws:x', 'claim/y', 'runbook/z'), runbook: scope, history });
const held = fc.tuple(free, text, time).map(([state, owner, until]) => ({ ...state, owner, until }));
const call = fc.record(
  { at: time, endedAt: time, kind: fc.constantFrom('read' as const, 'write' as const), name, input: bag, error: text },
  { requiredKeys: ['at', 'kind', 'name'] },
);

const word = fc.record({
  person: name,
  run: name,
  target: name,
  planHash: name,
  verdict: fc.constantFrom('approve' as const, 'reject' as const),
  at: time,
  by: name,
  reason: text,
  until: time,
});

const ledger: fc.Arbitrary<WorldLedger> = fc.record({
  lost: fc.boolean(),
  asks: fc.boolean(),
  approvals: fc.array(word, { maxLength: 3 }),
  switches: fc.array(killSwitch, { maxLength: 3 }),
  modes: fc.array(mode, { maxLength: 3 }),
  resources: fc.array(fc.oneof(free, held), { maxLength: 3 }),
  runs: fc.array(runRecord, { maxLength: 3 }),
  calls: fc.array(fc.record({ runbook: scope, run: name, calls: fc.array(call, { maxLength: 3 }) }), { maxLength: 2 }),
  operations: fc.array(operation, { maxLength: 3 }),
  data: fc.array(
    fc.record({ partition: fc.constant('block'), key: name, version: fc.integer({ min: 1, max: 9 }), value: bag }),
    { maxLength: 3 },
  ),
});

describe("what a world's ledger holds", () => {
  it('is the same when it is written and read again', () => {
    fc.assert(
      fc.property(ledger, (given) => {
        const file: unknown = JSON.parse(JSON.stringify({ ...FRAME, ledger: ledgerSection(given) }));
        expect(parseWorld(file).ledger).toEqual(given);
      }),
      { numRuns: 200 },
    );
  });

  it('is left out where there is nothing', () => {
    const { ledger: empty } = parseWorld(FRAME);
    expect(ledgerSection(empty)).toBe(undefined);
  });
});

const SAMPLE = [
  'instance-dies',
  'block-on-a-host',
  'bastion-standby-steps-in',
  'carry-names-alike',
  'flush-tenants',
  'redrive-some',
  'hpc-three-of-four',
];

describe.each(SAMPLE)('the drill %s', (drillName) => {
  it('hands its ledger on: records, intents, memory, budgets, requests', async () => {
    const functions = await discoverFunctions(new URL('functions', ROOT).pathname);
    const [drill] = loadDrills(new URL('drills', ROOT).pathname, [drillName]);
    if (drill === undefined) throw new Error('there is no such drill');
    const { result } = await runDrill(drill, concerned(drill, functions), { seed: 1, faults: NO_FAULTS });
    const after = parseWorld(JSON.parse(JSON.stringify(worldAfter(drill.world, result))));
    const { switches, resources, records } = result.ledger;
    expect(after.ledger).toMatchObject({ switches, resources, runs: records, data: result.data });
    expect(after.nowMs).toBe(Date.parse(result.world.clock.iso()));
    expect(after.simulated).toBe(1);
    expect(after.ledger.calls.every(({ calls }) => calls.length <= CALLS_KEPT)).toBe(true);
    const known = new Set(records.map(({ run }) => run));
    expect(after.ledger.calls.every(({ run }) => known.has(run))).toBe(true);
  });
});
