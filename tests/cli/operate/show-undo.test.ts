/** What `show` says of how a run is taken back now. */

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Stack } from '../../../cli/operate/place.ts';
import { run, type Ran } from '../terminal.ts';
import { ADDRESS, fakePlace, fakeStack, MOVED, record, state, type Rows } from './fake-place.ts';

function show(argv: readonly string[], stacks: readonly Stack[]): Promise<Ran> {
  return run(['show', ...argv], { openPlace: () => Promise.resolve(fakePlace(stacks)) });
}

const shown = async (rows: Rows): Promise<string> =>
  (await show(['0b8f6d'], [fakeStack({ records: [record()], ...rows })])).out;

const { undoRequest } = z
  .object({ undoRequest: z.object({ params: z.record(z.string(), z.string()) }) })
  .parse(MOVED['commands']);

describe('undo today', () => {
  const row = { scope: 'all', reason: 'game day', by: 'kim', at: '2026-11-22T07:00:00.000Z' };
  const acted = (at: string): Rows => ({
    resources: [state({ runbook: 'stop-marked', history: { epoch: 1, actions: [at, at, at, at], memory: {} } })],
  });
  const later = { ...MOVED, outcome: 'done', reason: 'moved: back' };

  it.each<[string, Rows]>([
    ['refused: all is switched off, by kim: game day', { switches: [row] }],
    [
      'refused: all is switched off until 11-23 09:00:00, by kim',
      { switches: [{ ...row, from: row.at, until: '2026-11-23T09:00:00Z' }] },
    ],
    ['only planned: the mode of reassign-elastic-ip is plan', { modes: [{ ...row, mode: 'plan' }] }],
    [
      'refused: a run of stop-marked has eipalloc-04c8e2a6f1b3d9570 in hand until 08:05:30',
      { resources: [state({ runbook: 'stop-marked', owner: `other|${ADDRESS}`, until: '2026-11-22T08:05:30.000Z' })] },
    ],
    [
      'stale: reassign-elastic-ip ffffaa has changed eipalloc-04c8e2a6f1b3d9570 since, 08:03:00 done',
      { records: [record(), record({ run: 'ffffaaaa', at: '2026-11-22T08:03:00.000Z' }, later)] },
    ],
    [
      'may be refused, as ffffaa was at 08:03:00: candidate-not-good: it is quarantined',
      {
        records: [
          record(),
          record(
            { run: 'ffffaaaa', at: '2026-11-22T08:03:00.000Z' },
            { ...MOVED, outcome: 'refused', reason: 'candidate-not-good: it is quarantined' },
          ),
        ],
      },
    ],
  ])('would be: %s', async (words, rows) => {
    const out = await shown(rows);
    expect(out).toContain(words);
    expect(out).not.toContain('nothing in the ledger is in its way');
  });

  it.each([
    [
      '2026-11-22T08:04:30.000Z',
      ['may be refused: cool-down until 08:05:30', 'may be refused: 4 actions of at most 4, until 09:04:30'],
    ],
    ['2026-11-22T06:00:00.000Z', ['nothing in the ledger is in its way now']],
  ])('reckons with the budget of the runbook: last action %s', async (at, words) => {
    const own = record({ runbook: 'stop-marked' });
    const { out } = await show(['0b8f6d'], [fakeStack({ records: [own], ...acted(at) })]);
    for (const word of words) expect(out).toContain(word);
  });

  it.each([
    ['kill-switch: all is off', 'done', '2026-11-22T08:02:00.000Z'],
    ['candidate-not-good: it is stopped', 'refused', '2026-11-22T08:02:00.000Z'],
    ['kill-switch: all is off', 'refused', '2026-11-22T08:03:00.000Z'],
  ])('is not held up by what is over, or stands as it is now: %s, %s at %s', async (reason, outcome, at) => {
    const tried = record({ run: 'ffffaaaa', at }, { ...MOVED, outcome, reason, phases: [] });
    expect(await shown({ records: [record(), tried] })).toContain('nothing in the ledger is in its way now');
  });

  const start = (more: object) => ({
    at: '2026-11-22T08:03:30.000Z',
    by: 'kim',
    what: 'run',
    scope: 'reassign-elastic-ip',
    reason: 'takes back run 0b8f6d',
    more: { run: 'ffffaaaa', token: 't', target: ADDRESS, params: undoRequest.params, undoes: record().run, ...more },
  });

  it('is not offered once more for what was taken back, by whom and when is said', async () => {
    const taken = record({ run: 'ffffaaaa', at: '2026-11-22T08:03:40.000Z' }, later);
    const out = await shown({ records: [record(), taken], operations: [start({})] });
    expect(out).toContain('it was taken back already. The run that takes it back (ffffaa): done; started by kim');
    expect(out).not.toContain('would it be refused?');
    expect(out).not.toContain('stale:');
  });

  it('says who came through, also where another was refused before', async () => {
    const refused = record(
      { run: 'eeeebbbb', at: '2026-11-22T08:03:20.000Z' },
      { ...MOVED, outcome: 'refused', reason: 'cooldown: wait' },
    );
    const done = record({ run: 'ffffaaaa', at: '2026-11-22T08:03:40.000Z' }, later);
    const operations = [start({ run: 'eeeebbbb', token: 'u' }), start({})];
    const out = await shown({ records: [record(), refused, done], operations });
    expect(out).toContain('it was taken back already. The run that takes it back (ffffaa): done; started by kim');
  });

  it('that was only asked about, or asked for, has not begun the run that it is about', async () => {
    const asked = await shown({ operations: [start({ dryRun: true })] });
    expect(asked).not.toContain('started by kim');
    expect(asked).toContain('nothing in the ledger is in its way now');
    const begun = await shown({ operations: [start({ undoes: 'another', run: record().run })] });
    expect(begun).toContain('started by kim: takes back run 0b8f6d');
  });

  it('does not take what was not read for nothing', async () => {
    const stack = fakeStack({ records: [record()] });
    const blind = { ...stack, book: { ...stack.book, switches: () => Promise.reject(new Error('throttled')) } };
    const { out } = await show(['0b8f6d'], [blind]);
    expect(out).toContain('not all could be read: something may be in its way');
    expect(out).toContain('cannot be read: switches: Error: throttled');
    expect(out).not.toContain('nothing in the ledger is in its way');
  });

  it('is not offered for what has only been planned', async () => {
    const planned = record({}, { ...MOVED, outcome: 'planned' });
    const { code, out } = await show(['0b8f6d', '--plan-exit-code'], [fakeStack({ records: [planned] })]);
    expect(code).toBe(5);
    expect(out).not.toContain('undo');
    expect(out).toContain('would change');
    expect(await show(['0b8f6d', '--plan-exit-code'], [fakeStack({ records: [record()] })])).toMatchObject({ code: 0 });
  });
});
