/** Lines to type next lead to where the one before has led, and not past what it has asked for. */

import { describe, expect, it } from 'vitest';
import type { Place, Stack } from '../../../cli/operate/place.ts';
import { UnknownStartError } from '../../../cli/operate/unknown-start.ts';
import { run } from '../terminal.ts';
import { ADDRESS, fakePlace, fakeStack, MOVED, NOW, record, state, type Rows } from './fake-place.ts';

const ROW = { scope: 'all', reason: 'change', by: 'mara', at: '2026-11-22T07:00:00.000Z' };
const LEFT = {
  owner: `gone|${ADDRESS}`,
  until: '2026-11-22T07:00:00.000Z',
  history: { epoch: 1, actions: [], memory: {}, pending: { intent: 'move', at: '2026-11-22T06:00:00.000Z', note: {} } },
};
const BUSY = { ...LEFT, until: '2026-11-22T08:06:00.000Z' };
const BAD = { ...MOVED, outcome: 'failed', reason: 'no-zone: nothing is there' };
const ASKS = {
  ...MOVED,
  outcome: 'awaiting-approval',
  reason: 'fence: waits 3600 s for a person: it has to be stopped',
};
const PLANS = { ...MOVED, outcome: 'planned' };
const plan = [{ ...ROW, mode: 'plan' as const }];
const rings = { alarms: () => Promise.resolve([{ name: 'b-stop-marked-errors', since: NOW, why: 'errors' }]) };
const started = (id: string): Partial<Stack> => ({
  start: () => Promise.resolve({ run: id, isRepeated: false }),
});
const unanswered: Partial<Stack> = {
  start: () => Promise.reject(new UnknownStartError('stop-marked may have been started')),
};
const unread = {
  book: { ...fakeStack().book, switches: () => Promise.reject(new Error('throttled')) },
};

/** What stands in the stack, and what is typed. */
const CASES: readonly (readonly [what: string, words: readonly string[], rows: Rows, more: Partial<Stack>])[] = [
  [
    'a failure',
    ['status'],
    { records: [record({}, BAD)], resources: [state({ memory: { trouble: 'failed:no-zone' } })] },
    {},
  ],
  [
    'trouble of which nothing is recorded',
    ['status'],
    { resources: [state({ memory: { trouble: 'failed:no-zone' } })] },
    {},
  ],
  ['a question', ['status'], { records: [record({}, ASKS)] }, {}],
  ['a plan', ['status'], { records: [record({}, PLANS)], modes: plan }, {}],
  ['a run that died', ['status'], { resources: [state(LEFT)] }, {}],
  ['a run at work', ['status'], { resources: [state(BUSY)] }, {}],
  ['an alarm', ['status'], {}, rings],
  ['a late schedule', ['status'], {}, { heartbeats: () => Promise.resolve(new Map()) }],
  ['what cannot be read', ['status'], {}, unread],
  ['how it is taken back', ['show', '0b8f6d'], { records: [record()] }, {}],
  ['what was started', ['run', 'stop-marked'], {}, started('abcd1234')],
  ['a start without a name', ['run', 'stop-marked'], {}, started('')],
  ['a start without an answer', ['run', 'stop-marked'], {}, unanswered],
  ['all that is still off', ['switch', 'on', 'stop-marked'], { switches: [ROW, { ...ROW, scope: 'stop-marked' }] }, {}],
];

async function linesOf(words: readonly string[], stacks: readonly Stack[]): Promise<readonly string[]> {
  const openPlace = (): Promise<Place> => Promise.resolve(fakePlace(stacks));
  const { out, err } = await run(words, { openPlace });
  return `${out}\n${err}`.split('\n').flatMap((line) => /npx runbook .*/u.exec(line) ?? []);
}

describe('a line to type next', () => {
  it.each(CASES)('keeps to the stack and the account that were asked for: %s', async (...[, words, rows, more]) => {
    const named = ['--stack', 'b', '--account', '111122223333'];
    const lines = await linesOf([...words, ...named], [fakeStack(rows, { ...more, prefix: 'b' })]);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.filter((line) => !line.includes('--stack b --account 111122223333'))).toEqual([]);
  });

  it.each(CASES)('names its stack where there are several: %s', async (...[, words, rows, more]) => {
    const others = { prefix: 'a', ...(words[0] === 'run' ? { runbooks: [] } : {}) };
    const lines = await linesOf(words, [fakeStack({}, others), fakeStack(rows, { ...more, prefix: 'b' })]);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.filter((line) => !/ --stack b\b/u.test(line))).toEqual([]);
  });

  it.each(CASES)(
    'names no stack where there is but one and none was asked for: %s',
    async (...[, words, rows, more]) => {
      const lines = await linesOf(words, [fakeStack(rows, more)]);
      expect(lines.filter((line) => line.includes('--stack') || line.includes('--account'))).toEqual([]);
    },
  );
});
