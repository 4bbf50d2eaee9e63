/** In which mode a run is: by the ledger's word, the deployment's, or what was done before. */

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { readControls } from '../../../shared/kernel/ledger/access.ts';
import { modeOf, switchOf } from '../../../shared/kernel/ledger/items.ts';
import type { Ledger, Mode } from '../../../shared/kernel/ledger/ledger.ts';
import { memoryLedger, type MemoryLedger } from '../../../simulator/engine/ledger.ts';
import { hostOf } from './run/parts.ts';
import { stoppedEvent, tick, useToys } from './toy-runbook.ts';

const toy = useToys();
const AT = '2026-11-22T08:00:00.000Z';
const row = (mode: Mode, scope = 'all') => ({ scope, mode, reason: 'r', by: 'kim', at: AT });
const lost = (): Promise<never> => Promise.reject(Object.assign(new Error('none'), { name: 'TimeoutError' }));

/** What a run comes to, in which mode, and what stands in the ledger then. */
async function modeOfRun(
  ledger: MemoryLedger,
  { event = stoppedEvent(), ledgerLost = 'refuse' }: { event?: object; ledgerLost?: 'refuse' | 'proceed' } = {},
): Promise<{ readonly outcome: string; readonly mode: unknown; readonly rows: readonly string[] }> {
  const [result] = await toy(() => ({ ledgerLost }), ledger).give(event);
  const rows = ledger.dump().modes.map(({ scope, mode, by, reason }) => `${scope} ${mode} ${by}: ${reason}`);
  return { outcome: result?.outcome ?? '', mode: result?.mode, rows };
}

describe('the mode of a run', () => {
  beforeEach(() => void vi.stubEnv('RUNBOOK_MODE', 'none'));

  it('is that of its row, of the runbook before that of all, whatever the deployment says', async () => {
    vi.stubEnv('RUNBOOK_MODE', 'apply');
    const planning = memoryLedger({ modes: [row('plan')] });
    expect(await modeOfRun(planning)).toEqual({
      outcome: 'planned',
      mode: { mode: 'plan', from: 'row all' },
      rows: ['all plan kim: r'],
    });
    expect(planning.dump().records).toMatchObject([{ body: { outcome: 'planned', mode: { from: 'row all' } } }]);
    vi.stubEnv('RUNBOOK_MODE', 'plan');
    for (const modes of [
      [row('plan'), row('apply', 'light-lamps')],
      [row('apply', 'light-lamps'), row('plan')],
    ])
      expect(await modeOfRun(memoryLedger({ modes }))).toMatchObject({
        outcome: 'done',
        mode: { mode: 'apply', from: 'row light-lamps' },
      });
    expect(await modeOfRun(memoryLedger({ modes: [row('apply'), row('plan', 'another')] }))).toMatchObject({
      outcome: 'done',
    });
  });

  it.each(['plan', 'apply'] as const)(
    'is the parameter where there is no row, and is written down: %s',
    async (mode) => {
      vi.stubEnv('RUNBOOK_MODE', mode);
      expect(await modeOfRun(memoryLedger({ modes: [] }))).toEqual({
        outcome: mode === 'plan' ? 'planned' : 'done',
        mode: { mode, from: 'parameter' },
        rows: [`all ${mode} light-lamps: first run, by parameter`],
      });
    },
  );

  it('is else to act where a run has acted, and to plan where none has, and is written down', async () => {
    const ledger = memoryLedger({ modes: [] });
    const first = { outcome: 'planned', mode: { mode: 'plan', from: 'records' } };
    expect(await modeOfRun(ledger)).toEqual({ ...first, rows: ['all plan light-lamps: first run, by records'] });
    vi.stubEnv('RUNBOOK_MODE', 'apply');
    expect(await modeOfRun(ledger)).toMatchObject({ outcome: 'planned', mode: { from: 'row all' } });
    vi.stubEnv('RUNBOOK_MODE', 'none');

    const acted = memoryLedger({ modes: [] });
    await acted.record({ runbook: 'r', run: '1', target: 't', at: AT, body: { outcome: 'done' } });
    expect(await modeOfRun(acted)).toEqual({
      outcome: 'done',
      mode: { mode: 'apply', from: 'records' },
      rows: ['all apply light-lamps: first run, by records'],
    });
  });

  it('is what another has written first, and what was found where it cannot be written', async () => {
    const made = memoryLedger({ modes: [] });
    const createMode: Ledger['createMode'] = async () => {
      await made.setMode(row('apply'));
      return false;
    };
    expect(await modeOfRun({ ...made, createMode })).toMatchObject({ outcome: 'done', mode: { from: 'row all' } });

    vi.stubEnv('RUNBOOK_MODE', 'apply');
    const closed = { ...memoryLedger({ modes: [] }), createMode: lost };
    expect(await modeOfRun(closed)).toMatchObject({ outcome: 'done', mode: { from: 'parameter' }, rows: [] });
  });

  it('is read once more: a single read that is lost keeps nobody from acting', async () => {
    const ledger = memoryLedger({ modes: [row('apply')] });
    const modes = vi.fn<Ledger['modes']>(ledger.modes).mockImplementationOnce(lost);
    expect(await modeOfRun({ ...ledger, modes })).toMatchObject({ outcome: 'done', mode: { from: 'row all' } });
  });

  it('is the parameter where it cannot be read, and to plan, with a word to people, where there is none', async () => {
    const unread = () => ({ ...memoryLedger(), modes: lost });
    const planned = toy(() => ({}), unread());
    expect(await planned.give(stoppedEvent())).toMatchObject([
      { outcome: 'planned', mode: { mode: 'plan', from: 'unread' } },
    ]);
    expect(planned.lines).toContainEqual(expect.objectContaining({ Attention: 1 }));
    const acted = { ...memoryLedger({ modes: [] }), hasActed: lost };
    expect(await modeOfRun(acted)).toMatchObject({ mode: { from: 'unread' }, rows: [] });

    const gone = () => ({ ...unread(), switches: lost, resource: lost, resources: lost, acquire: lost, renew: lost });
    expect(await modeOfRun(gone(), { ledgerLost: 'proceed' })).toMatchObject({ outcome: 'planned' });
    vi.stubEnv('RUNBOOK_MODE', 'apply');
    expect(await modeOfRun(unread())).toMatchObject({ outcome: 'done', mode: { mode: 'apply', from: 'parameter' } });
    expect(await modeOfRun(gone(), { ledgerLost: 'proceed' })).toMatchObject({ outcome: 'done' });
    vi.stubEnv('RUNBOOK_MODE', 'plan');
    expect(await modeOfRun(gone(), { ledgerLost: 'proceed' })).toMatchObject({ outcome: 'planned' });
  });

  it('is what was read, also where the kill switch was not: that is read again before anything is done', async () => {
    const ledger = memoryLedger({ modes: [row('apply')] });
    const switches = vi.fn<Ledger['switches']>(ledger.switches).mockImplementationOnce(lost);
    const applied = { mode: 'apply', from: 'row all' };
    expect(await modeOfRun({ ...ledger, switches })).toMatchObject({ outcome: 'done', mode: applied });
    expect(switches.mock.calls.length).toBeGreaterThan(1);
    const silent = () => ({ ...memoryLedger({ modes: [row('apply')] }), switches: lost });
    expect(await modeOfRun(silent())).toMatchObject({ outcome: 'refused', mode: applied });
    expect(await modeOfRun(silent(), { ledgerLost: 'proceed' })).toMatchObject({ mode: applied });

    const thrown = memoryLedger({
      modes: [row('apply')],
      switches: [{ scope: 'all', reason: 'r', by: 'kim', at: AT }],
    });
    const late = vi.fn<Ledger['switches']>(thrown.switches).mockImplementationOnce(lost);
    expect(await modeOfRun({ ...thrown, switches: late })).toMatchObject({ outcome: 'refused', mode: applied });
  });

  it('is to plan wherever only the plan is asked for, which says nothing of the stack', async () => {
    const ledger = memoryLedger({ modes: [] });
    const asked = { runbook: 'light-lamps', dryRun: true };
    const modes = { modes: lost };
    expect(await modeOfRun({ ...ledger, ...modes }, { event: asked })).toEqual({
      outcome: 'planned',
      mode: { mode: 'plan', from: 'request' },
      rows: [],
    });
    vi.stubEnv('RUNBOOK_DRY_RUN', 'true');
    vi.stubEnv('RUNBOOK_MODE', 'apply');
    expect(await modeOfRun({ ...ledger, ...modes }, { event: tick() })).toMatchObject({
      outcome: 'planned',
      mode: { mode: 'plan', from: 'dryRun' },
      rows: [],
    });
  });
});

describe('the step that reads both', () => {
  const times = { startedAt: AT, endedAt: '2026-11-22T08:00:01.000Z' };
  const applied = { mode: 'apply', from: 'row all' } as const;
  const read = { on: undefined, lost: false, at: times.endedAt };

  /** What is made of what an execution has kept. */
  function replayed(kept: object): ReturnType<typeof readControls> {
    const step = <T>(): Promise<T> => {
      const value: T = JSON.parse(JSON.stringify({ ...times, ...kept }));
      return Promise.resolve(value);
    };
    return readControls({ ...hostOf('durable'), step }, memoryLedger(), 'light-lamps', 'none');
  }

  it('keeps that the switches are lost beside the mode, and the time at which it ended', async () => {
    const kept = { ok: true, value: { on: null, lost: true, mode: applied } };
    expect(await replayed(kept)).toEqual({ switches: { ...read, lost: true }, mode: applied });
  });

  it('may have been kept by an older version, which said nothing of that, or failed as a whole', async () => {
    expect(await replayed({ ok: true, value: { on: null, mode: applied } })).toEqual({ switches: read, mode: applied });
    expect(await replayed({ ok: false, fault: {} })).toEqual({
      switches: { ...read, lost: true },
      mode: { mode: 'plan', from: 'unread' },
    });
  });
});

describe('what people have written by hand', () => {
  it('is to plan unless it says apply, and a switch that holds whatever its times are', () => {
    const item = { pk: { S: 'mode' }, sk: { S: 'all' } };
    expect(modeOf(item)).toEqual({ scope: 'all', mode: 'plan', reason: '', by: '', at: '' });
    expect(modeOf({ ...item, mode: { S: 'Apply' } })).toMatchObject({ mode: 'plan' });
    expect(modeOf({ ...item, mode: { S: 'apply' } })).toMatchObject({ mode: 'apply' });
    const thrown = { scope: 'all', reason: '', by: '', at: '' };
    expect(switchOf(item)).toEqual(thrown);
    expect(switchOf({ ...item, from: { N: '17' }, until: { S: 'then' } })).toEqual({
      ...thrown,
      from: '',
      until: 'then',
    });
  });
});
