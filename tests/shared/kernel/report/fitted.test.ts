import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, describe, expect, it } from 'vitest';
import { surroundWith } from '../../../../shared/aws/clients.ts';
import type { PlannedCall } from '../../../../shared/kernel/decision.ts';
import { attempt } from '../../../../shared/kernel/hosts/attempt.ts';
import { fitted } from '../../../../shared/kernel/report/fitted.ts';
import { publishOutcome } from '../../../../shared/kernel/report/outcome.ts';
import type { RunResult } from '../../../../shared/kernel/report/result.ts';
import { shortened } from '../../../../shared/kernel/report/shortened.ts';
import { log, logOutcome } from '../../../../shared/kernel/report/telemetry.ts';
import { hostOf } from '../run/parts.ts';
import { LAMP, stoppedEvent, useToys } from '../toy-runbook.ts';

const STOP: PlannedCall = {
  call: 'ec2:StopInstances',
  input: { InstanceIds: ['i-0a1'] },
  because: 'it holds the address',
  undo: { call: 'ec2:StartInstances', input: { InstanceIds: ['i-0a1'] } },
};

const SHORT: RunResult = {
  runbook: 'light-lamps',
  run: 'run-1',
  target: LAMP,
  outcome: 'refused',
  reason: 'no-bulb: the lamp has none',
  evidence: { lit: false },
  plan: [STOP],
  phases: [{ name: 'gate', startedAt: '2026-11-22T08:00:00.000Z', endedAt: '2026-11-22T08:00:00.100Z' }],
};

const CJK = '健'.repeat(255);
const ALARMS = Array.from({ length: 400 }, (_unit, index) => `${index} ${CJK}`);
const LONG: RunResult = { ...SHORT, evidence: { lit: false, alarms: ALARMS, why: 'x'.repeat(300) } };

const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

describe('a value that is made shorter', () => {
  it('stays as it is where it fits', () => {
    expect(shortened({ a: ['x', 1, null, true] }, 100)).toEqual({ a: ['x', 1, null, true] });
  });

  it('loses the end of a text, counted in UTF-8, between two characters', () => {
    expect(shortened('健'.repeat(1_000), 162)).toBe(`${'健'.repeat(33)}… (2901 bytes more)`);
    expect(shortened('🙂'.repeat(1_000), 163)).toBe(`${'🙂'.repeat(25)}… (3900 bytes more)`);
  });

  it('counts a character that is not printed as it is by what is written instead', () => {
    expect(shortened('\u202e'.repeat(1_000), 162)).toBe(`${'\u202e'.repeat(16)}… (5904 bytes more)`);
  });

  it('loses the last entries of a list, and says how many', () => {
    const list = Array.from({ length: 100 }, (_unit, index) => `${index}`.padStart(96, '0'));
    expect(shortened(list, 1_060)).toEqual([...list.slice(0, 10), '… 90 more (8910 bytes)']);
  });

  it('loses of an object what is longest, and keeps the rest whole', () => {
    const told = shortened({ short: 'stays', long: 'x'.repeat(5_000), longer: 'y'.repeat(50_000) }, 2_000);
    expect(told).toEqual({
      short: 'stays',
      long: `${'x'.repeat(930)}… (4070 bytes more)`,
      longer: `${'y'.repeat(928)}… (49072 bytes more)`,
    });
  });
});

describe('a result that is too long for what keeps it', () => {
  it('is left alone as long as it is not', () => {
    expect(fitted(LONG, 400_000)).toBe(LONG);
  });

  it('loses its longest evidence, and says how much of what', () => {
    const fit = fitted(LONG, 100_000);
    expect(bytes(fit)).toBeLessThanOrEqual(100_000);
    expect(bytes(fit)).toBeGreaterThan(98_000);
    expect(fit).toMatchObject({ ...SHORT, evidence: { lit: false, why: 'x'.repeat(300) } });
    expect(fit.evidence['alarms']).toMatchObject({ 0: ALARMS[0], 128: '… 272 more (209984 bytes)' });
    expect(fit.cut).toEqual({ 'evidence.alarms': 209_954 });
  });

  it('adds up what is lost on the way from one to the next', () => {
    const twice = fitted(fitted(LONG, 200_000), 100_000);
    const alarms = bytes(LONG.evidence['alarms']) - bytes(twice.evidence['alarms']);
    expect(twice.cut).toEqual({ 'evidence.alarms': alarms });
  });

  it('keeps runbook, run, target, outcome, reason and every call, whatever else is long', () => {
    const input = { UserData: 'x'.repeat(40_000) };
    const call = { ...STOP, input, because: 'y'.repeat(40_000), undo: { call: 'ec2:StartInstances', input } };
    const phases = Array.from({ length: 220 }, () => ({ name: 'z'.repeat(1_000), startedAt: '', endedAt: '' }));
    const commands = {
      show: 'aws dynamodb get-item',
      undo: ['x'.repeat(500_000)],
      undoRequest: { by: 'x'.repeat(9_000) },
    };
    const reason = `no-bulb: ${'é'.repeat(90_000)}`;
    const fit = fitted({ ...LONG, reason, phases, commands, plan: [call, call, call] }, 50_000);
    expect(bytes(fit)).toBeLessThanOrEqual(50_000);
    expect(fit).toMatchObject({ runbook: 'light-lamps', run: 'run-1', target: LAMP, outcome: 'refused' });
    expect(fit.reason).toMatch(/^no-bulb: é{9000,}… \(\d+ bytes more\)$/u);
    expect(fit.plan.map((planned) => planned.call)).toEqual([
      'ec2:StopInstances',
      'ec2:StopInstances',
      'ec2:StopInstances',
    ]);
    expect(fit.commands).toEqual({ show: 'aws dynamodb get-item', undo: [] });
    expect(Object.keys(fit.cut ?? {})).toEqual([
      'evidence.alarms',
      'phases',
      'reason',
      'plan.because',
      'commands.undo',
      'plan.undo',
      'evidence.lit',
      'evidence.why',
      'plan.input',
    ]);
  });

  it('keeps the first calls of a plan of ten thousand', () => {
    const fit = fitted({ ...SHORT, plan: Array.from({ length: 10_000 }, () => STOP) }, 100_000);
    expect(bytes(fit)).toBeLessThanOrEqual(100_000);
    expect(fit.plan.length).toBeGreaterThan(1_500);
    expect(fit.plan[0]).toEqual({ call: 'ec2:StopInstances', input: {}, because: '' });
    expect(fit.cut?.['plan']).toBe(860_466);
  });
});

function linesOf(work: () => void): readonly string[] {
  const lines: string[] = [];
  const restore = surroundWith({ write: (line) => void lines.push(line) });
  work();
  restore();
  return lines;
}

describe('whoever listens', () => {
  const events = mockClient(EventBridgeClient);
  events.on(PutEventsCommand).resolves({ FailedEntryCount: 0, Entries: [{ EventId: '1' }] });
  afterAll(() => events.restore());
  const config = {
    controlTable: 'control',
    outcomeBus: 'bus',
    dryRun: false,
    mode: 'none',
    approval: 'never',
    approvalSeconds: 60,
  } as const;

  it.each([
    ['健', 400],
    ['x', 4_000],
    ['\u202e', 200],
    ['"\\', 2_000],
  ])(
    'hears of a result with the evidence %j × 255 × %d, in a line and an event that are small enough',
    async (unit, count) => {
      events.resetHistory();
      const alarms = Array.from({ length: count }, () => unit.repeat(255));
      const long: RunResult = { ...SHORT, target: `${LAMP}健`, evidence: { alarms } };
      const [line = ''] = linesOf(() => logOutcome('WARN', long));
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(200_000);
      expect(JSON.parse(line)).toMatchObject({
        message: 'outcome',
        result: { ...SHORT, target: `${LAMP}健`, evidence: {} },
      });
      expect(line).toContain('"cut":{"evidence.alarms":');
      await publishOutcome(config, long);
      const [entry] = events.commandCalls(PutEventsCommand)[0]?.args[0].input.Entries ?? [];
      const fields = [entry?.Source, entry?.DetailType, entry?.Detail, ...(entry?.Resources ?? [])];
      const total = fields.reduce((sum, field) => sum + Buffer.byteLength(field ?? ''), 0);
      expect(total).toBeLessThanOrEqual(240_000);
      expect(total).toBeGreaterThan(150_000);
      expect(JSON.parse(entry?.Detail ?? '')).toMatchObject({ outcome: 'refused', reason: SHORT.reason, plan: [STOP] });
    },
  );

  it('hears what to answer with, however long the evidence is', async () => {
    events.resetHistory();
    const approval = { callbackId: 'Ab3'.repeat(100), planHash: '0123', expiresInSeconds: 60 };
    await publishOutcome(config, LONG, undefined, { approval });
    const [entry] = events.commandCalls(PutEventsCommand)[0]?.args[0].input.Entries ?? [];
    expect(JSON.parse(entry?.Detail ?? '')).toMatchObject({ approval });
  });

  it('is not told half a line of any other kind either', () => {
    const [line = ''] = linesOf(() => log('WARN', 'acts without the ledger', { runbook: 'r', plan: ALARMS }));
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(200_000);
    expect(JSON.parse(line)).toMatchObject({
      message: 'acts without the ledger',
      runbook: 'r',
      plan: { 0: ALARMS[0] },
    });
  });
});

describe('a run whose evidence is too long', () => {
  const makeToy = useToys();

  it('is recorded, logged and answered with, as much as there is room for', async () => {
    const toy = makeToy(() => ({
      decide: () => ({ kind: 'refuse', code: 'no-bulb', because: 'the lamp has none', evidence: { alarms: ALARMS } }),
    }));
    const [result] = await toy.give(stoppedEvent());
    expect(result).toMatchObject({ outcome: 'refused', reason: SHORT.reason, cut: { 'evidence.alarms': 119_630 } });
    expect(toy.logged()).toMatchObject([{ outcome: 'refused', cut: { 'evidence.alarms': 119_630 } }]);
    const [record] = toy.ledger.dump().records;
    expect(record?.body).toMatchObject({ outcome: 'refused', reason: SHORT.reason });
    expect(bytes(record?.body)).toBeLessThanOrEqual(200_000);
  });

  it('gives Lambda no more than it takes, when there are many', async () => {
    const targets = Array.from({ length: 28 }, (_unit, index) => `${LAMP}${index}`);
    const toy = makeToy((account) => ({
      locate: () => Promise.resolve(targets.map((target) => ({ target }))),
      observe: () => Promise.resolve({ lit: account.lit }),
      decide: () => ({ kind: 'refuse', code: 'no-bulb', because: 'the lamp has none', evidence: { alarms: ALARMS } }),
    }));
    const results = await toy.give(stoppedEvent());
    expect(results).toHaveLength(28);
    expect(bytes({ results })).toBeLessThan(6_000_000);
    expect(results.every(({ reason }) => reason === SHORT.reason)).toBe(true);
  });
});

describe('an error that says too much', () => {
  it('is kept by a step as far as a step has room', async () => {
    const made = await attempt(hostOf('durable'), 'observe:0', () => Promise.reject(new Error('健'.repeat(100_000))));
    if (made.ok) throw new Error('it should have failed');
    expect(made.fault.message).toBe(`${'健'.repeat(6_646)}… (280062 bytes more)`);
  });
});
