/** What `show` says is to be done about a run that was refused or has failed. */

import { describe, expect, it } from 'vitest';
import { run } from '../terminal.ts';
import { fakePlace, fakeStack, MOVED, record, type Rows } from './fake-place.ts';

const OFF = { scope: 'reassign-elastic-ip', reason: 'game day', by: 'kim', at: '2026-11-22T07:00:00.000Z' };
const PAGE = 'functions/reassign-elastic-ip/README.md';

async function lastLines(outcome: string, reason: string, rows: Rows = {}): Promise<string> {
  const stack = fakeStack({ records: [record({}, { ...MOVED, outcome, reason })], ...rows });
  const { out } = await run(['show', '0b8f6d'], { openPlace: () => Promise.resolve(fakePlace([stack])) });
  return out.slice(out.indexOf('\nended: '));
}

describe('what is to be done', () => {
  it.each<[string, string, Rows, string]>([
    [
      'refused',
      'kill-switch: switched off for all by kim',
      { switches: [OFF] },
      'do: it is still switched off; to let it act again:\n    npx runbook switch on reassign-elastic-ip\n',
    ],
    ['refused', 'kill-switch: switched off', {}, 'do: nothing is switched off any more: a schedule looks again'],
    [
      'refused',
      'cooldown: allowed again at 2026-11-22T08:07:07.000Z',
      {},
      'do: it is allowed again at 2026-11-22 08:07:07Z\n',
    ],
    ['refused', 'window: allowed again at 2026-11-22T08:04:00.000Z', {}, 'do: it is allowed again since 2026-11-22'],
    ['refused', 'cooldown: of an older version', {}, 'do: the next run goes on when the limit allows it\n'],
    ['refused', 'stale: the event is 1000 s old', {}, 'do: the event is too old to act on'],
    [
      'refused',
      'candidate-not-good: i-1 is stopped',
      {},
      `do: what candidate-not-good means, and what to do: ${PAGE}, "Refuses when"\n`,
    ],
    ['failed', 'verification-failed: x', {}, `and what to do: ${PAGE}, "Alarms, and what to do"\n`],
  ])('%s (%s)', async (outcome, reason, rows, words) => {
    expect(await lastLines(outcome, reason, rows)).toContain(words);
  });

  it.each<[string, string, number, string]>([
    [
      'is to be answered',
      '2026-11-22T08:02:07.000Z',
      3_600,
      'do: it waits for a person until 2026-11-22 09:02:07Z; to see the plan, and the line that approves of it:\n    npx runbook approve 0b8f6d3e-5c41-4a7e-9d20-000000000005/eipalloc-04c8e2a6f1b3d9570\n',
    ],
    ['is not to be answered any more', '2026-11-22T08:02:07.000Z', 60, 'do: its time was over at 2026-11-22 08:03:07Z'],
  ])('where a person is asked %s', async (_how, at, expiresInSeconds, words) => {
    const approval = { callbackId: 'callback-1', planHash: '3f0c', expiresInSeconds };
    const body = { ...MOVED, outcome: 'awaiting-approval', approval };
    expect(await lastLines('awaiting-approval', 'x: y', { records: [record({ at }, body)] })).toContain(words);
  });

  it.each(['done', 'planned', 'nothing', 'waiting'])('is nothing where it is %s', async (outcome) => {
    expect(await lastLines(outcome, 'code: why')).not.toContain('\ndo: ');
  });
});
