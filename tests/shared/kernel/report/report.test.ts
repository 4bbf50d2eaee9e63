/** What is told of the end of a run, to whom, and in which order. */

import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { surroundWith } from '../../../../shared/aws/clients.ts';
import type { PlannedCall } from '../../../../shared/kernel/decision.ts';
import { fault } from '../../../../shared/kernel/errors.ts';
import { doChores } from '../../../../shared/kernel/report/chores.ts';
import { reportLeft } from '../../../../shared/kernel/report/left.ts';
import { commandsOf, publishOutcome } from '../../../../shared/kernel/report/outcome.ts';
import { tell } from '../../../../shared/kernel/report/report.ts';
import type { RunResult } from '../../../../shared/kernel/report/result.ts';
import { conditionalWrite } from '../../../../shared/kernel/run/conditional-write.ts';
import { endOf, failed, resultOf, type End } from '../../../../shared/kernel/run/end.ts';
import type { Ledger } from '../../../../shared/kernel/ledger/ledger.ts';
import { memoryLedger } from '../../../../simulator/engine/ledger.ts';
import { LAMP, lightUp } from '../toy-runbook.ts';
import { heldLease, NOTHING, NOW, runOf, stateOf, type Change } from '../run/parts.ts';

let lines: { readonly [key: string]: unknown }[] = [];
const mockBus = () => mockClient(EventBridgeClient);
let bus = mockBus();
let restore = (): void => undefined;
bus.restore();

beforeEach(() => {
  vi.useFakeTimers({ now: new Date(NOW), toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  vi.setTimerTickMode('nextTimerAsync');
  lines = [];
  bus = mockBus();
  bus.on(PutEventsCommand).resolves({ FailedEntryCount: 0 });
  restore = surroundWith({
    write: (line) => {
      const parsed: unknown = JSON.parse(line);
      if (typeof parsed === 'object') lines.push({ ...parsed });
    },
  });
});
afterEach(() => {
  restore();
  bus.restore();
  vi.useRealTimers();
});

const UNDO: PlannedCall = {
  call: 'toy:Light',
  input: { Lamp: 1 },
  because: 'it is dark',
  undo: { call: 'toy:Douse', input: { Lamp: "o'one" } },
};

function resultFor(change: Partial<RunResult> = {}): RunResult {
  return {
    runbook: 'light-lamps',
    run: 'run-1',
    target: LAMP,
    outcome: 'done',
    reason: 'dark: the lamp is dark',
    evidence: {},
    plan: [],
    phases: [],
    ...change,
  };
}

const CONFIG = { outcomeBus: 'runbooks', controlTable: 'runbooks-control' };

function published(): readonly { readonly [key: string]: unknown }[] {
  return bus.commandCalls(PutEventsCommand).flatMap(({ args }) => {
    const detail: unknown = JSON.parse(args[0].input.Entries?.[0]?.Detail ?? 'null');
    return typeof detail === 'object' ? [{ ...detail }] : [];
  });
}

/** A ledger that keeps the order in which it is written to. */
function written(): { readonly ledger: Ledger; readonly writes: string[] } {
  const writes: string[] = [];
  const ledger: Ledger = {
    ...memoryLedger(),
    record: ({ target, at }) => Promise.resolve(void writes.push(`record ${target} ${at}`)),
    remember: (resource, runbook, values) =>
      Promise.resolve(void writes.push(`remember ${resource} ${runbook} ${JSON.stringify(values)}`)),
    release: (how) => {
      writes.push(`release ${how.lease.resource} ${how.intent}${how.refund === true ? ' refund' : ''}`);
      return Promise.resolve(true);
    },
  };
  return { ledger, writes };
}

async function told(end: End, change: Change = {}): Promise<readonly string[]> {
  const { ledger, writes } = written();
  const run = runOf({ ledger, config: CONFIG, ...change });
  await tell(run, end, resultOf(run, end));
  return writes;
}

function counts(): readonly object[] {
  return lines.flatMap(({ _aws, Stack: _stack, Runbook: _runbook, Target: _target, ...rest }) =>
    _aws === undefined ? [] : [rest],
  );
}

const EMPTY = { epoch: 0, actions: [], memory: {} };
const PHASE = { name: 'observe', startedAt: NOW, endedAt: '2026-11-22T08:00:01.000Z' };

describe('the end of a run', () => {
  it('that did something is recorded and published, and then the lease and the claims are handed back', async () => {
    const claim = { ...heldLease().held, resource: 'claim/bulb' };
    const state = stateOf({
      history: EMPTY,
      lease: heldLease(),
      claims: [claim],
      applied: [lightUp()],
      phases: [PHASE],
    });
    expect(await told(endOf(state, 'done', { ...NOTHING, metrics: { Lit: 3 } }))).toEqual([
      `record ${LAMP} 2026-11-22T08:00:01.000Z`,
      `release ${LAMP} settle`,
      'release claim/bulb settle',
    ]);
    expect(published()).toMatchObject([{ outcome: 'done', target: LAMP, reason: 'lit: the lamp is lit' }]);
    expect(counts()).toEqual([{ Lit: 3, Done: 1 }]);
    expect(lines.at(-1)).toMatchObject({ level: 'INFO', message: 'outcome', result: { outcome: 'done' } });
  });
  it('that never began gives the booking back', async () => {
    expect(await told(endOf(stateOf({ history: EMPTY, lease: heldLease() }), 'waiting', NOTHING))).toEqual([
      `record ${LAMP} `,
      `remember ${LAMP} light-lamps {"trouble":"waiting:lit"}`,
      `release ${LAMP} settle refund`,
    ]);
  });
  it('that did nothing is one line in the log', async () => {
    expect(await told(endOf(stateOf({ history: EMPTY }), 'nothing', NOTHING))).toEqual([]);
    expect(published()).toEqual([]);
    expect(lines.at(-1)).toMatchObject({ level: 'INFO' });
  });
  it('that is trouble is kept in mind, and told of once', async () => {
    const refused = (memory: { readonly [key: string]: string }) =>
      endOf(stateOf({ history: { ...EMPTY, memory } }), 'refused', { ...NOTHING, attention: true });
    expect(await told(refused({}))).toEqual([
      `record ${LAMP} `,
      `remember ${LAMP} light-lamps {"trouble":"refused:lit"}`,
    ]);
    expect(await told(refused({ trouble: 'refused:lit' }))).toEqual([]);
    const REFUSED = { Refused: 1, Attention: 1, Look: 1 };
    expect(counts()).toEqual([REFUSED, REFUSED]);
    expect(published()).toHaveLength(1);
    expect(await told(refused({ trouble: 'refused:other' }))).toHaveLength(2);
    expect(lines.at(-1)).toMatchObject({ level: 'WARN' });
  });
  it('that is about something else is news, whatever its code', async () => {
    const refused = (news: string, trouble: string) =>
      endOf(stateOf({ history: { ...EMPTY, memory: { trouble } } }), 'refused', { ...NOTHING, news });
    expect(await told(refused('hall', 'refused:lit'))).toEqual([
      `record ${LAMP} `,
      `remember ${LAMP} light-lamps {"trouble":"refused:lit:hall"}`,
    ]);
    expect(await told(refused('hall', 'refused:lit:hall'))).toEqual([]);
    expect(await told(refused('hall, stairs', 'refused:lit:hall'))).toHaveLength(2);
  });

  it('of the trouble is kept in mind too, and nothing is forgotten that is not known', async () => {
    const well = (history: typeof EMPTY | 'unread' | 'lost') => told(endOf(stateOf({ history }), 'nothing', NOTHING));
    expect(await well({ ...EMPTY, memory: { trouble: 'refused:lit' } })).toEqual([
      `remember ${LAMP} light-lamps {"trouble":null}`,
    ]);
    expect(await well('unread')).toEqual([]);
    const remembering = endOf(stateOf(), 'nothing', { ...NOTHING, remember: { seen: 'x', gone: null } });
    expect(await told(remembering)).toEqual([`remember ${LAMP} light-lamps {"seen":"x"}`]);
  });
  it('because another run is at work is no trouble of the target', async () => {
    const leased = { ...NOTHING, code: 'leased' };
    expect(await told(endOf(stateOf({ history: EMPTY }), 'refused', leased))).toEqual([`record ${LAMP} `]);
  });
  it('that no repeat can mend is kept in mind with its run, if it had acted', async () => {
    const why = fault('terminal', 'AccessDenied', 'no', 'none');
    const acted = stateOf({ history: EMPTY, applied: [lightUp()] });
    expect(await told(failed(acted, why))).toContain(
      `remember ${LAMP} light-lamps {"ended":"run-1","trouble":"failed:access-denied"}`,
    );
    expect(lines.at(-1)).toMatchObject({ level: 'ERROR' });
    expect(counts()).toMatchObject([{ Failed: 1, Attention: 1 }]);
    const onlyTrouble = `remember ${LAMP} light-lamps {"trouble":"failed:access-denied"}`;
    expect(await told(failed(stateOf({ history: EMPTY }), why))).toContain(onlyTrouble);
    expect(await told(failed(acted, { ...why, class: 'retryable' }))).toContain(onlyTrouble);
    expect(await told({ ...failed(acted, why), repeat: true })).toEqual([]);
  });
});

describe('the end of what a person has asked for', () => {
  it('is on record also where there was nothing to do, or it was told before; nobody else hears of that', async () => {
    const nothing = endOf(stateOf({ history: EMPTY }), 'nothing', NOTHING);
    const known = endOf(stateOf({ history: { ...EMPTY, memory: { trouble: 'refused:lit' } } }), 'refused', NOTHING);
    const asked = { isAsked: true };
    expect(await told(nothing, asked)).toEqual([`record ${LAMP} `]);
    expect(await told(known, asked)).toEqual([`record ${LAMP} `]);
    expect(await told({ ...nothing, repeat: true }, asked)).toEqual([]);
    expect(published()).toEqual([]);
    expect([await told(nothing), await told(known)]).toEqual([[], []]);
  });
});

describe('the end of a dry run', () => {
  const WORD = 'planned:492c9eabf560f4b399879459c435c4d2';
  const planned = (memory: { readonly [key: string]: string } | 'unread' = {}, plan: readonly PlannedCall[] = [UNDO]) =>
    endOf(stateOf({ history: memory === 'unread' ? memory : { ...EMPTY, memory } }), 'planned', NOTHING, plan);
  const ticking = { dryRun: true, isTick: true };

  it('is told like any other, and what is kept of it is kept apart', async () => {
    const writes = await told(planned(), { dryRun: true });
    expect(writes).toEqual([`record ${LAMP} `, `remember ${LAMP} light-lamps {"planned":"${WORD}"}`]);
    expect(published()).toMatchObject([{ outcome: 'planned', plan: [UNDO], commands: { undo: [] } }]);
    expect(lines.at(-1)).toMatchObject({ level: 'INFO', result: { outcome: 'planned' } });
    const refused = endOf(stateOf({ history: { ...EMPTY, memory: { trouble: 'refused:lit' } } }), 'refused', NOTHING);
    expect(await told(refused, { dryRun: true })).toEqual([
      `record ${LAMP} `,
      `remember ${LAMP} light-lamps {"planned":"refused:lit"}`,
    ]);
    expect(counts()).toEqual([{ Refused: 1 }]);
  });
  it('is told once of as many ticks as make the same plan, and again of another one', async () => {
    expect(await told(planned(), ticking)).toHaveLength(2);
    expect(await told(planned({ planned: WORD }), ticking)).toEqual([]);
    expect(await told(planned({ planned: 'refused:lit' }), ticking)).toHaveLength(2);
    const other = { ...UNDO, input: { Lamp: 2 } };
    expect(await told(planned({ planned: WORD }, [other]), ticking)).toHaveLength(2);
    expect(published()).toHaveLength(3);
    // Whoever asks is answered each time.
    expect(await told(planned({ planned: WORD }), { dryRun: true })).toEqual([`record ${LAMP} `]);
  });
  it('of a tick that cannot know what was told is in the log alone', async () => {
    expect(await told(planned('unread'), { ...ticking, runbook: { safety: conditionalWrite } })).toEqual([]);
    expect(published()).toEqual([]);
    expect(await told(planned('unread'), { dryRun: true, runbook: { safety: conditionalWrite } })).toHaveLength(1);
  });
  it('is over where nothing would be done, and where it is acted', async () => {
    const nothing = endOf(stateOf({ history: { ...EMPTY, memory: { planned: WORD } } }), 'nothing', NOTHING);
    const forgotten = [`remember ${LAMP} light-lamps {"planned":null}`];
    expect(await told(nothing, ticking)).toEqual(forgotten);
    expect(await told(nothing)).toEqual(forgotten);
  });
});

describe('the command lines of a result', () => {
  const SHOW =
    'aws dynamodb get-item --cli-input-json \'{"TableName":"runbooks-control","Key":{"pk":{"S":"run"},"sk":{"S":"light-lamps#run-1#x"}}}\'';
  it('show its record, and take back what was done, the last call first', () => {
    const { undo: _none, ...forGood } = UNDO;
    const second: PlannedCall = { ...UNDO, undo: { call: 'toy:Second', input: {} } };
    const result = resultFor({ target: 'x', plan: [UNDO, forGood, second] });
    const { show, undo, undoRequest } = commandsOf(result, 'runbooks-control', () => ({ back: true }));
    expect(show).toBe(SHOW);
    expect(undo.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual(['aws toy second', 'aws toy douse']);
    expect(undo[1]).toContain("o'\\''one");
    expect(undoRequest).toEqual({ back: true });
  });
  it.each([
    ['done', 1],
    ['failed', 1],
    ['waiting', 1],
    ['refused', 0],
    ['planned', 0],
    ['nothing', 0],
  ] as const)('of what is %s take back %i calls', (outcome, calls) => {
    const commands = commandsOf(resultFor({ outcome, plan: [UNDO] }), 't', () => ({ back: true }));
    expect(commands.undo).toHaveLength(calls);
    expect('undoRequest' in commands).toBe(calls === 1);
  });
  it('of what was refused behind some calls take these back', () => {
    const refused = resultFor({ outcome: 'refused', plan: [UNDO] });
    expect(commandsOf(refused, 't', () => ({ back: true }), true)).toMatchObject({
      undo: [expect.stringContaining('toy douse')],
      undoRequest: { back: true },
    });
  });
  it('name no request where there is none, or none can be made', () => {
    const how = (undoRequest?: () => never) => commandsOf(resultFor({ plan: [UNDO] }), 't', undoRequest);
    expect(how()).not.toHaveProperty('undoRequest');
    const breaks = (): never => {
      throw new Error('no');
    };
    expect(how(breaks)).not.toHaveProperty('undoRequest');
    const { target: _none, ...whole } = resultFor({ plan: [UNDO] });
    expect(commandsOf(whole, 't', () => ({ back: true }))).not.toHaveProperty('undoRequest');
    expect(commandsOf(whole, 't').show).toContain('light-lamps#run-1#');
  });
});

describe('an outcome event', () => {
  const config = { ...runOf().config, ...CONFIG };

  it('goes to the bus under its source and type, and names the target', async () => {
    await publishOutcome(config, resultFor(), undefined, { approval: { callbackId: 'x' } });
    expect(bus.commandCalls(PutEventsCommand)[0]?.args[0].input.Entries).toMatchObject([
      { Source: 'runbook', DetailType: 'Runbook Outcome', EventBusName: 'runbooks', Resources: [LAMP] },
    ]);
    expect(published()).toMatchObject([{ outcome: 'done', approval: { callbackId: 'x' }, commands: { undo: [] } }]);
    const { target: _none, ...whole } = resultFor();
    await publishOutcome(config, whole);
    expect(bus.commandCalls(PutEventsCommand)[1]?.args[0].input.Entries?.[0]?.Resources).toEqual([]);
  });
  it('is none where there is no bus', async () => {
    await publishOutcome({ ...config, outcomeBus: '' }, resultFor());
    expect(published()).toEqual([]);
  });
  it('is refused by its entry, although the request succeeds', async () => {
    const Entries = [{ ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' }];
    bus.on(PutEventsCommand).resolves({ FailedEntryCount: 1, Entries });
    const refused = publishOutcome(config, resultFor());
    await expect(refused).rejects.toThrow('outcome event refused: ThrottlingException: slow down');
    bus.on(PutEventsCommand).resolves({ FailedEntryCount: 1 });
    await expect(publishOutcome(config, resultFor())).rejects.toThrow('outcome event refused: unknown: ');
  });
  it('that would not fit loses reasons and ways back before any call of its plan, and says how much', async () => {
    const plan = Array.from({ length: 1_000 }, () => ({ ...UNDO, because: 'x'.repeat(300) }));
    await publishOutcome(config, resultFor({ plan, evidence: { why: 'dark' } }));
    const [detail] = published();
    expect(detail).toMatchObject({ evidence: { why: 'dark' }, commands: { undo: [] } });
    expect(detail?.['plan']).toHaveLength(1_000);
    expect(detail?.['cut']).toHaveProperty(['commands.undo']);
    await publishOutcome(config, resultFor({ plan: plan.slice(0, 100) }));
    expect(published()[1]).not.toHaveProperty('cut');
  });
});

describe('targets that there is no room for', () => {
  const left = Array.from({ length: 201 }, (_, index) => `lamp-${index}`);

  it('are each named in the log, and told of once', async () => {
    const { ledger, writes } = written();
    const results = await reportLeft(runOf({ ledger, config: CONFIG }), left, 7);
    expect(results).toHaveLength(201);
    const reason =
      'left-for-the-next-run: one run had room for 7 targets that need one of their own, and 201 more wait for the next';
    expect(results[0]).toEqual(resultFor({ target: 'lamp-0', outcome: 'waiting', reason }));
    expect(writes).toEqual([`record  ${NOW}`]);
    expect(published()).toMatchObject([
      { outcome: 'waiting', reason, evidence: { left: left.slice(0, 200), count: 201 } },
    ]);
    expect(counts()).toEqual([{ Attention: 1, Look: 1 }]);
    expect(lines.filter(({ level, message }) => level === 'WARN' && message === 'outcome')).toHaveLength(201);
  });
});

describe('a chore', () => {
  const failing = (times: number) => {
    let tries = 0;
    const work = (): Promise<null> => ((tries += 1) <= times ? Promise.reject(new Error('no')) : Promise.resolve(null));
    return { work, tries: () => tries };
  };
  it('that fails is done again after a fifth of a second, and after a second more', async () => {
    const { work, tries } = failing(2);
    await doChores('light-lamps', [['record', work]]);
    expect(tries()).toBe(3);
    expect(Date.now() - Date.parse(NOW)).toBe(1_200);
    expect(lines).toEqual([]);
  });
  it('that fails three times is given up and counted, by what it was', async () => {
    await doChores('light-lamps', [
      ['record', failing(9).work],
      ['publish', failing(9).work],
      ['release', failing(0).work],
    ]);
    expect(lines.filter(({ message }) => message !== undefined)).toMatchObject([
      { level: 'ERROR', message: 'chore failed', runbook: 'light-lamps', chore: 'record' },
      { level: 'ERROR', message: 'chore failed', runbook: 'light-lamps', chore: 'publish' },
    ]);
    expect(counts()).toEqual([
      { LedgerLost: 1, Page: 1 },
      { OutcomeNotPublished: 1, Page: 1 },
    ]);
    expect(Date.now() - Date.parse(NOW)).toBe(1_200);
  });
});
