import { describe, expect, it } from 'vitest';
import type { Stack } from '../../../cli/operate/place.ts';
import type { RunRecord } from '../../../shared/kernel/ledger/ledger.ts';
import { run, type Ran } from '../terminal.ts';
import { fakeBook, fakePlace, fakeStack, record } from './fake-place.ts';
import { stopped } from './stopped.ts';

function show(text: string, stack: Stack): Promise<Ran> {
  return run(['show', text], { openPlace: () => Promise.resolve(fakePlace([stack])) });
}

describe('the run that is named', () => {
  const named = (id: string): string => `carry-volumes_i-0a1_1c16d3d00bc37d2f919a${id}`;
  const [first, attempt] = [named('/2f9c1f6e-0a'), named('_2/2f9c1f6e-0b')];
  const records = [
    record({ run: 'abcd1234' }),
    record({ run: 'abcd12345' }),
    record({ run: first }),
    record({ run: attempt }),
  ];

  it.each([
    ['its id, which another one begins with', 'abcd1234', 'abcd1234'],
    ['its id', first, first],
    ['the name of its execution', named(''), first],
    ['the name of a later attempt', named('_2'), attempt],
  ])('is the one of %s', async (_what, text, id) => {
    const { code, out } = await show(text, fakeStack({ records }));
    expect(code).toBe(0);
    expect(out).toContain(`run ${id}\n`);
  });

  it('has its target recorded while it is followed by the name of its execution', async () => {
    const known: RunRecord[] = [];
    const standing: Stack['standing'] = (runbook) =>
      Promise.resolve(
        runbook === 'stop-marked' ? undefined : known.length > 0 ? { kind: 'ended' } : { kind: 'running' },
      );
    const stack = fakeStack({}, { book: fakeBook({}, known), standing });
    setTimeout(() => known.push(record({ run: first })), 20);
    const { ran } = await stopped(
      ['show', named(''), '-f'],
      { openPlace: () => Promise.resolve(fakePlace([stack])) },
      4_000,
      'itself',
    );
    expect(ran.out).toContain('done (failed-over)');
  });
});
