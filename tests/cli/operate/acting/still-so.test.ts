/** Whether the plan that waits is still what would be done: what is no plan is another answer, and who does not wait says nothing. */

import { describe, expect, it } from 'vitest';
import { driftOf } from '../../../../cli/operate/acting/still-so.ts';
import { askedOf } from '../../../../cli/operate/acting/token.ts';
import { recordOf } from '../../../../cli/operate/show/record.ts';
import { StoppedError, type CommandIo } from '../../../../cli/terminal.ts';
import { fakeBook, fakePlace, fakeStack, MOVED, record, type Rows } from '../fake-place.ts';

const silent = { write: () => undefined, isTTY: false, columns: () => 80 };
const IO: CommandIo = {
  stdout: silent,
  stderr: silent,
  env: {},
  functions: () => Promise.resolve([]),
  drills: '/nowhere',
  onInterrupt: () => () => undefined,
};
const WAITING = record({}, { ...MOVED, outcome: 'awaiting-approval' });
const STARTED: Rows = {
  operations: [
    {
      at: '2026-11-22T08:02:00.000Z',
      by: 'mara',
      what: 'run',
      scope: 'reassign-elastic-ip',
      reason: '',
      more: { run: WAITING.run, ...askedOf({ runbook: 'reassign-elastic-ip' }) },
    },
  ],
};

/** Asks it; the question comes to this, or to nothing yet. */
function asking(body: typeof MOVED | undefined, onInterrupt: CommandIo['onInterrupt'] = IO.onInterrupt) {
  const records = [WAITING];
  const stack = fakeStack(STARTED, {
    book: fakeBook(STARTED, records),
    start: () => {
      if (body !== undefined) records.push(record({ run: 'dddd0000' }, body));
      return Promise.resolve({ run: 'dddd0000', isRepeated: false });
    },
    standing: () => Promise.resolve(body === undefined ? { kind: 'running' } : { kind: 'ended' }),
  });
  return driftOf({ ...IO, onInterrupt }, fakePlace([stack]), stack, recordOf(WAITING, WAITING.body));
}

describe('a plan that waits', () => {
  it('is still the same where the runbook says so', async () => {
    expect(await asking({ ...MOVED, outcome: 'planned' })).toEqual({ kind: 'same' });
  });

  it.each(['refused', 'nothing', 'waiting'])(
    'is not, although it has the same calls, where the runbook says %s',
    async (outcome) => {
      const why = `now it would be ${outcome}: cooldown: it moved`;
      expect(await asking({ ...MOVED, outcome, reason: 'cooldown: it moved' })).toEqual({
        kind: 'drifted',
        why,
        run: 'dddd0000',
      });
    },
  );

  it('is nothing that anybody hears of who does not wait for the answer', async () => {
    const atOnce: CommandIo['onInterrupt'] = (listener) => {
      listener();
      return () => undefined;
    };
    await expect(asking(undefined, atOnce)).rejects.toThrow(StoppedError);
  });
});
