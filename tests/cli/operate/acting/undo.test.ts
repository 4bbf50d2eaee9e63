import { describe, expect, it } from 'vitest';
import type { ManualRequest, Operation, Place, Stack } from '../../../../cli/operate/place.ts';
import { run, type Ran } from '../../terminal.ts';
import { ADDRESS, fakePlace, fakeStack, MOVED, record, type Rows } from '../fake-place.ts';

interface Undoing {
  readonly undo: (...words: readonly string[]) => Promise<Ran>;
  readonly started: readonly ManualRequest[];
}

/** The command beside a ledger, and what it starts. */
function undoing(rows: Rows, more: Partial<Stack> = {}, others: readonly Stack[] = []): Undoing {
  const started: ManualRequest[] = [];
  const stack = fakeStack(rows, {
    start: (request, token) => {
      started.push(request);
      return Promise.resolve({ run: `${token}/1`, isRepeated: false });
    },
    ...more,
  });
  const openPlace = (): Promise<Place> => Promise.resolve(fakePlace([stack, ...others]));
  return { started, undo: (...words) => run(['undo', ...words], { openPlace }) };
}

const BACK = { action: 'move', to: 'eni-0a5d7c31e8f2b9046', privateIp: '10.0.1.10' };
const RUN = '0b8f6d3e-5c41-4a7e-9d20-000000000005';

const asked = (more: Operation['more'], at = '2026-11-22T08:04:00.000Z'): Operation => ({
  at,
  by: 'kim',
  what: 'run',
  scope: 'reassign-elastic-ip',
  reason: '',
  more: { run: 'cccc0000', undoes: RUN, undoesOf: ADDRESS, ...more },
});

const later = { ...MOVED, outcome: 'done', reason: 'moved: elsewhere' };

describe('undo', () => {
  it('sends the request that the record has, with its reason, and puts on record what it takes back', async () => {
    const { undo, started } = undoing({ records: [record()] });
    const { code, out } = await undo('0b8f6d');
    expect({ code, started }).toEqual({
      code: 0,
      started: [
        {
          runbook: 'reassign-elastic-ip',
          target: ADDRESS,
          params: BACK,
          reason: `takes back run ${RUN}`,
          requestedBy: 'arn:aws:sts::111122223333:assumed-role/oncall/kim',
        },
      ],
    });
    expect(out).toMatch(/^reassign-elastic-ip started: run [\da-f-]{36}\/1\nnpx runbook show /u);
  });

  it('asks for a plan, and says why as it was typed', async () => {
    const { undo, started } = undoing({ records: [record()] });
    expect((await undo('0b8f6d', '--dry-run', '--reason', 'it is well again')).code).toBe(0);
    expect(started).toMatchObject([{ dryRun: true, reason: 'it is well again' }]);
  });

  it('is sent once: whoever asks again is told what became of it', async () => {
    const { undo, started } = undoing({ records: [record()] });
    await undo('0b8f6d');
    const again = await undo('0b8f6d');
    expect(again.code).toBe(4);
    expect(again.err).toContain('nothing was sent: it is being taken back, asked for at 2026-11-22 08:05:00Z by ');
    expect(again.out).toMatch(/^npx runbook show [\da-f-]{36}\/1\n$/u);
    expect(started).toHaveLength(1);
  });

  it('is sent once on another day than that of the run, too', async () => {
    const old = record({ at: '2026-11-18T08:02:07.000Z' }, { ...MOVED, phases: [] });
    const { undo, started } = undoing({ records: [old], operations: [asked({})] });
    const { code, err } = await undo('0b8f6d');
    expect({ code, started }).toEqual({ code: 4, started: [] });
    expect(err).toContain('it is being taken back');
  });

  it('is over once it has ended well, also where only the name of its execution is on record', async () => {
    const back = record({ run: 'cccc0000/0b8f', at: '2026-11-22T08:04:10.000Z' }, later);
    const { undo, started } = undoing({ records: [record(), back], operations: [asked({})] });
    expect({ code: (await undo('0b8f6d')).code, started }).toEqual({ code: 0, started: [] });
  });

  it('is over once it has ended well', async () => {
    const back = record({ run: 'cccc0000', at: '2026-11-22T08:04:10.000Z' }, later);
    const { undo, started } = undoing({ records: [record(), back], operations: [asked({})] });
    const { code, out } = await undo('0b8f6d', '--json');
    expect({ code, started, said: JSON.parse(out) }).toMatchObject({
      code: 0,
      started: [],
      said: { run: RUN, code: 'taken-back', lines: ['npx runbook show cccc0000'] },
    });
  });

  it.each<[string, Rows]>([
    [
      'was refused',
      {
        records: [record(), record({ run: 'cccc0000' }, { ...later, outcome: 'refused', phases: [] })],
        operations: [asked({})],
      },
    ],
    ['was a question', { records: [record()], operations: [asked({ dryRun: true })] }],
    ['was of another target', { records: [record()], operations: [asked({ undoesOf: 'eipalloc-2' })] }],
    ['was never heard of again', { records: [record()], operations: [asked({}, '2026-11-22T07:49:00.000Z')] }],
  ])('may be asked for again where the first time %s', async (_why, rows) => {
    const { undo, started } = undoing(rows);
    expect((await undo('0b8f6d')).code).toBe(0);
    expect(started).toHaveLength(1);
  });

  it('is not sent where another run has changed the same since, unless it is to be anyway', async () => {
    const records = [record(), record({ run: 'ffffaaaa', at: '2026-11-22T08:03:00.000Z' }, later)];
    const { undo, started } = undoing({ records });
    const refused = await undo('0b8f6d');
    expect(refused.code).toBe(4);
    expect(refused.err).toContain(
      'nothing was sent: reassign-elastic-ip ffffaa has changed eipalloc-04c8e2a6f1b3d9570 since, 08:03:00 done: what stood before this run is not what stands now. With --anyway it is asked for all the same',
    );
    expect(started).toEqual([]);
    const dry = await undo('0b8f6d', '--dry-run');
    expect({ code: dry.code, isTold: dry.err.includes('without --dry-run nothing would be sent: ') }).toEqual({
      code: 0,
      isTold: true,
    });
    expect((await undo('0b8f6d', '--anyway')).code).toBe(0);
    expect(started.map(({ dryRun = false }) => dryRun)).toEqual([true, false]);
  });

  it('says in one line of its own what keeps the run from acting', async () => {
    const switches = [{ scope: 'all', reason: 'x\nnpx runbook switch on', by: 'kim', at: '2026-11-22T08:00:00.000Z' }];
    const { undo } = undoing({ records: [record()], switches });
    expect((await undo('0b8f6d')).err).toContain('refused: all is switched off, by kim: x npx runbook switch on\n');
  });

  it('is not sent where a run since has changed the same before it was refused', async () => {
    const stopped = { ...later, outcome: 'refused', reason: 'kill-switch: switched off for run:ffffaaaa' };
    const other = { run: 'ffffaaaa', at: '2026-11-22T08:03:00.000Z' };
    const { undo, started } = undoing({ records: [record(), record(other, stopped)] });
    const refused = await undo('0b8f6d');
    expect({ code: refused.code, started }).toEqual({ code: 4, started: [] });
    expect(refused.err).toContain('reassign-elastic-ip ffffaa has changed eipalloc-04c8e2a6f1b3d9570 since');
    // Of what is lost of its record nobody knows that nothing was sent.
    const lost = undoing({ records: [record(), record(other, { ...stopped, truncated: true, plan: [], phases: [] })] });
    expect({ code: (await lost.undo('0b8f6d')).code, started: lost.started }).toEqual({ code: 4, started: [] });
    const idle = undoing({ records: [record(), record(other, { ...stopped, phases: [] })] });
    expect({ code: (await idle.undo('0b8f6d')).code, times: idle.started.length }).toEqual({ code: 0, times: 1 });
  });

  it('is not sent where more runs were refused since than are looked into', async () => {
    const refused = { ...later, outcome: 'refused', phases: [] };
    const many = Array.from({ length: 51 }, (_, index) =>
      record({ run: `ffff${1_000 + index}`, at: '2026-11-22T08:03:00.000Z' }, refused),
    );
    const { undo, started } = undoing({ records: [record(), ...many] });
    const { code, err } = await undo('0b8f6d');
    expect({ code, started }).toEqual({ code: 1, started: [] });
    expect(err).toContain('51 runs were refused since, of which at most 50 are looked into');
    expect((await undoing({ records: [record(), ...many.slice(1)] }).undo('0b8f6d')).code).toBe(0);
  });

  it('is not sent where a run of the same millisecond has changed the same', async () => {
    const { undo, started } = undoing({ records: [record(), record({ run: 'ffffaaaa' }, later)] });
    expect({ code: (await undo('0b8f6d')).code, started }).toEqual({ code: 4, started: [] });
  });

  it('is not sent where another run has changed one of the targets that the request is for', async () => {
    const second = { target: `${ADDRESS}2` };
    const body = { ...MOVED, target: second.target };
    const since = record({ ...second, run: 'ffffaaaa', at: '2026-11-22T08:03:00.000Z' }, later);
    const { undo, started } = undoing({ records: [record(), record(second, body), since] });
    const { code, err } = await undo('0b8f6d');
    expect({ code, started }).toEqual({ code: 4, started: [] });
    expect(err).toContain('has changed eipalloc-04c8e2a6f1b3d95702 since');
    expect((await undoing({ records: [record(), record(second, body)] }).undo('0b8f6d')).code).toBe(0);
  });

  it('takes no target back for all where others have no request', async () => {
    const target = `${ADDRESS}2`;
    const byHand = record({ target }, { ...MOVED, target, commands: { undo: [] } });
    const { undo, started } = undoing({ records: [record(), byHand] });
    const { code, err } = await undo('0b8f6d');
    expect({ code, started }).toEqual({ code: 2, started: [] });
    expect(err).toContain(`say which: npx runbook undo ${RUN}/eipalloc-04c8e2a6f1b3d9570, npx runbook undo ${RUN}/`);
    expect((await undo('0b8f6d/eipalloc-04c8e2a6f1b3d9570')).code).toBe(0);
    expect((await undo('0b8f6d/eipalloc-04c8e2a6f1b3d95702')).code).toBe(4);
  });

  it('is not over where what took it back was taken back', async () => {
    const back = record({ run: 'cccc0000', at: '2026-11-22T08:04:10.000Z' }, later);
    const again = record({ run: 'dddd0000', at: '2026-11-22T08:04:20.000Z' }, later);
    const { undo, started } = undoing({ records: [record(), back, again], operations: [asked({})] });
    const refused = await undo('0b8f6d');
    expect({ code: refused.code, started }).toEqual({ code: 4, started: [] });
    expect(refused.err).toContain('has changed eipalloc-04c8e2a6f1b3d9570 since');
    expect((await undo('0b8f6d', '--anyway')).code).toBe(0);
    expect(started).toHaveLength(1);
  });

  it('is under way while it waits for a person', async () => {
    const back = record(
      { run: 'cccc0000', at: '2026-11-22T08:04:10.000Z' },
      { ...later, outcome: 'awaiting-approval', phases: [] },
    );
    const { undo, started } = undoing({
      records: [record(), back],
      operations: [asked({}, '2026-11-22T07:20:00.000Z')],
    });
    const { code, err } = await undo('0b8f6d');
    expect({ code, started }).toEqual({ code: 4, started: [] });
    expect(err).toContain('it is being taken back');
  });

  it('is not sent where nobody knows what came after it', async () => {
    const rows = { records: [record()] };
    const { book } = fakeStack(rows);
    const about = (): Promise<never> => Promise.reject(new Error('throttled'));
    const { undo, started } = undoing(rows, { book: { ...book, about } });
    const { code, err } = await undo('0b8f6d');
    expect({ code, started }).toEqual({ code: 1, started: [] });
    expect(err).toContain('is not known (runs on the targets: Error: throttled). With --anyway');
  });

  it.each([
    ['refused, with nothing done', { ...MOVED, outcome: 'refused', phases: [] }],
    ['planned', { ...MOVED, outcome: 'planned' }],
    ['nothing', { ...MOVED, outcome: 'nothing', plan: [] }],
  ])('says that there is nothing to take back: %s', async (_what, body) => {
    const { undo, started } = undoing({ records: [record({}, body)] });
    const { code, out } = await undo('0b8f6d');
    expect({ code, out, started }).toEqual({ code: 0, out: `${RUN} has changed nothing\n`, started: [] });
  });

  it('leaves to a person what has no request', async () => {
    const { commands: _none, ...body } = MOVED;
    const { undo, started } = undoing({ records: [record({}, body)] });
    const { code, err } = await undo('0b8f6d');
    expect({ code, started }).toEqual({ code: 4, started: [] });
    expect(err).toContain('reassign-elastic-ip has no request that takes this back; nor are there calls that do');
  });

  it('never takes the request of a record to another runbook, or an option in it', async () => {
    for (const undoRequest of [
      { runbook: 'stop-marked', params: {} },
      { runbook: 'reassign-elastic-ip', target: '--account' },
    ]) {
      const { undo, started } = undoing({ records: [record({}, { ...MOVED, commands: { undo: [], undoRequest } })] });
      expect({ code: (await undo('0b8f6d')).code, started }).toEqual({ code: 4, started: [] });
    }
  });

  it('takes one target at a time, and one run', async () => {
    const second = `${ADDRESS}2`;
    const undoRequest = { runbook: 'reassign-elastic-ip', target: second, params: BACK };
    const of = record({ target: second }, { ...MOVED, target: second, commands: { undo: [], undoRequest } });
    const { undo, started } = undoing({ records: [record(), of, record({ run: '0b8f9999' })] });
    const both = await undo('0b8f6d');
    expect({ code: both.code, started }).toEqual({ code: 2, started: [] });
    expect(both.err).toContain(
      `say which: npx runbook undo ${RUN}/eipalloc-04c8e2a6f1b3d9570, npx runbook undo ${RUN}/eipalloc-04c8e2a6f1b3d95702`,
    );
    expect((await undo('0b8f6d/eipalloc-04c8e2a6f1b3d95702')).code).toBe(0);
    expect(started).toMatchObject([{ target: second }]);
    expect((await undo('0b8f')).code).toBe(2);
    expect((await undo('beef')).code).toBe(2);
  });

  it('waits for the end of one that is under way', async () => {
    const { undo, started } = undoing(
      {},
      { standing: (name) => Promise.resolve(name === 'stop-marked' ? undefined : { kind: 'running' }) },
    );
    const { code, err } = await undo(RUN);
    expect({ code, started }).toEqual({ code: 4, started: [] });
    expect(err).toContain('has not ended');
  });
});
