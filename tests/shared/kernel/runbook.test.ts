import { describe, expect, it, vi } from 'vitest';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import { judge, LAMP, lightUp, stoppedEvent, tick, useToys } from './toy-runbook.ts';

const toy = useToys();

describe('a run that acts', () => {
  it('applies the plan, verifies it, and says done with the reason of the decision', async () => {
    const lamp = toy();
    const [result] = await lamp.give(stoppedEvent());
    expect(result).toMatchObject({
      runbook: 'light-lamps',
      run: 'run-1',
      target: LAMP,
      outcome: 'done',
      reason: 'dark: the lamp is dark',
      evidence: { lit: false },
    });
    expect(result?.plan.map(({ call }) => call)).toEqual(['toy:Light']);
    expect(result?.phases.map(({ name }) => name)).toEqual([
      'gate',
      'locate',
      'observe',
      'lease',
      'toy:Light',
      'verify',
    ]);
    expect(lamp.sent).toEqual(['Light']);
  });
  it('leaves a settled intent, a free lease and a record with the way back', async () => {
    const lamp = toy();
    await lamp.give(stoppedEvent());
    const { resources, records } = lamp.ledger.dump();
    expect(resources).toHaveLength(1);
    expect(resources[0]?.owner).toBeUndefined();
    expect(resources[0]?.history).toMatchObject({ epoch: 1, memory: {} });
    expect(resources[0]?.history.pending).toBeUndefined();
    expect(resources[0]?.history.actions).toHaveLength(1);
    expect(records[0]).toMatchObject({
      runbook: 'light-lamps',
      run: 'run-1',
      target: LAMP,
      body: { outcome: 'done', commands: { undo: [`aws toy douse --cli-input-json '{"Lamp":1}'`] } },
    });
  });
  it('does nothing, and writes nothing, when the goal stands already', async () => {
    const lamp = toy();
    lamp.account.lit = true;
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'nothing', reason: 'lit: the lamp is lit' }]);
    expect(lamp.ledger.dump()).toMatchObject({ resources: [], records: [] });
  });
  it('does nothing on the second of two deliveries', async () => {
    const lamp = toy();
    const both = await Promise.all([lamp.give(stoppedEvent(), 'a'), lamp.give(stoppedEvent(), 'b')]);
    expect(both.flat().map(({ outcome }) => outcome)).toEqual(['done', 'nothing']);
    expect(lamp.sent).toEqual(['Light']);
  });
  it('sends the calls after an optional one that was refused', async () => {
    const lamp = toy((_account, sent) => ({
      decide: (facts) =>
        facts.lit
          ? judge(facts)
          : lightUp([{ call: 'toy:Warn', input: {}, because: '', optional: true }, ...lightUp().plan]),
      apply: {
        'toy:Warn': () => Promise.reject(new TerminalError('no horn')),
        'toy:Light': () => {
          sent.push('Light');
          return Promise.resolve(null);
        },
      },
    }));
    const [result] = await lamp.give(stoppedEvent());
    expect(result).toMatchObject({ outcome: 'done', evidence: { notes: { 'toy:Warn': 'TerminalError: no horn' } } });
    expect(lamp.sent).toEqual(['Light']);
  });
});

describe('the door', () => {
  it.each([
    [
      'of another account',
      { account: '999999999999' },
      'not-mine',
      'foreign-account: the event is about account 999999999999',
    ],
    ['of another region', { region: 'us-east-1' }, 'not-mine', 'foreign-region: the event is about region us-east-1'],
    [
      'that is 901 s old',
      { time: '2026-11-22T07:44:59Z' },
      'refused',
      'stale: the event is 901 s old, the limit is 900 s; the schedule looks at the present state',
    ],
    [
      'from tomorrow',
      { time: '2026-11-23T08:00:00Z' },
      'refused',
      'from-the-future: the event is dated 86400 s from now',
    ],
    [
      'that no trigger takes',
      { detail: { 'instance-id': 'i-0123456789abcdef0', state: 'running' } },
      'not-mine',
      'no-trigger: light-lamps is not started by this',
    ],
  ])('ends an event %s', async (_what, change, outcome, reason) => {
    const lamp = toy();
    expect(await lamp.give(stoppedEvent(change))).toMatchObject([{ outcome, reason }]);
    expect(lamp.sent).toEqual([]);
  });
  it('takes an event that is exactly as old as the limit', async () => {
    expect(await toy().give(stoppedEvent({ time: '2026-11-22T07:45:00Z' }))).toMatchObject([{ outcome: 'done' }]);
  });
  it('throws bad input after recording it, with the path of the fault', async () => {
    const lamp = toy();
    await expect(lamp.give(stoppedEvent({ detail: { 'instance-id': 7, state: 'stopped' } }))).rejects.toThrow(
      /detail\.instance-id/u,
    );
    expect(lamp.logged()).toMatchObject([
      { outcome: 'failed', reason: expect.stringMatching(/^bad-input: detail\.instance-id/u) },
    ]);
  });
  it('says that nothing is tagged when an event finds no target', async () => {
    const lamp = toy(() => ({ locate: () => Promise.resolve([]) }));
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'not-mine' }]);
    expect(await lamp.give(tick())).toMatchObject([
      { outcome: 'nothing', reason: expect.stringMatching(/^no-target/u) },
    ]);
    expect(await lamp.give({ runbook: 'light-lamps', target: 'lamp-9' })).toMatchObject([
      { outcome: 'refused', reason: 'no-target: lamp-9 names nothing that is tagged for this runbook' },
    ]);
  });
});

describe('guards', () => {
  it.each(['all', 'light-lamps'])('refuses while the kill switch is on for %s', async (scope) => {
    const lamp = toy();
    lamp.ledger.switchOn({ scope, reason: 'game day', by: 'kim', at: '2026-11-22T07:00:00Z' });
    expect(await lamp.give(stoppedEvent())).toMatchObject([
      { outcome: 'refused', reason: `kill-switch: switched off for ${scope} by kim at 2026-11-22T07:00:00Z: game day` },
    ]);
    expect(lamp.sent).toEqual([]);
  });
  it('does not care about another runbook that is switched off', async () => {
    const lamp = toy();
    lamp.ledger.switchOn({ scope: 'carry-volumes', reason: '', by: 'kim', at: '2026-11-22T07:00:00Z' });
    expect(await lamp.give(stoppedEvent())).toMatchObject([{ outcome: 'done' }]);
  });
  it('refuses a plan with more calls than the limit', async () => {
    const lamp = toy(() => ({
      decide: () => lightUp(Array.from({ length: 5 }, () => ({ call: 'toy:Light', input: {}, because: '' }))),
    }));
    expect(await lamp.give(stoppedEvent())).toMatchObject([
      { outcome: 'refused', reason: 'too-many-calls: the plan has 5 calls, the limit is 4' },
    ]);
  });
  it('refuses a second action within the cool-down, and asks for attention', async () => {
    const lamp = toy();
    await lamp.give(stoppedEvent(), 'a');
    lamp.account.lit = false;
    vi.setSystemTime(new Date('2026-11-22T08:04:00Z'));
    expect(await lamp.give(stoppedEvent({ time: '2026-11-22T08:04:00Z' }), 'b')).toMatchObject([
      { outcome: 'refused', reason: expect.stringMatching(/^cooldown: the lamp is dark; but/u) },
    ]);
    expect(lamp.lines).toContainEqual(expect.objectContaining({ Attention: 1, Refused: 1 }));
    expect(lamp.sent).toEqual(['Light']);
  });
  it('refuses a third action within the window, and allows it after', async () => {
    const lamp = toy();
    const outcomes: string[] = [];
    for (const time of ['08:00:00', '08:06:00', '08:12:00', '09:01:00']) {
      vi.setSystemTime(new Date(`2026-11-22T${time}Z`));
      lamp.account.lit = false;
      const [result] = await lamp.give(stoppedEvent({ time: `2026-11-22T${time}Z` }), time);
      outcomes.push(`${result?.outcome} ${result?.reason.split(':')[0]}`);
    }
    expect(outcomes).toEqual(['done dark', 'done dark', 'refused window', 'done dark']);
  });
  it('looks again, and then refuses, while another run holds the lease', async () => {
    const lamp = toy();
    await lamp.ledger.acquire({
      resource: LAMP,
      runbook: 'x',
      owner: 'somebody',
      now: '2026-11-22T08:00:00.000Z',
      until: '2026-11-22T09:00:00.000Z',
    });
    expect(await lamp.give(stoppedEvent())).toMatchObject([
      { outcome: 'refused', reason: expect.stringMatching(/^leased: .*somebody/u) },
    ]);
    expect(lamp.sent).toEqual([]);
  });
  it('gives the budget back when the history that comes with the lease changes the decision', async () => {
    const lamp = toy(() => ({
      decide: (facts) =>
        facts.history === 'unread'
          ? lightUp()
          : { kind: 'refuse', code: 'seen-enough', because: 'the history says no', evidence: {} },
    }));
    expect(await lamp.give(stoppedEvent())).toMatchObject([
      { outcome: 'refused', reason: 'seen-enough: the history says no' },
    ]);
    const [state] = lamp.ledger.dump().resources;
    expect(state?.history.actions).toEqual([]);
    expect(state?.history.pending).toBeUndefined();
    expect(state?.owner).toBeUndefined();
  });
});
