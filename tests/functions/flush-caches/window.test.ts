/** What is decided about what was collected in a window. */

import { describe, expect, it } from 'vitest';
import type { CollectedWindow } from '../../../functions/flush-caches/decide/facts.ts';
import { decided, gone, taken } from './flush-facts.ts';

const OPEN: CollectedWindow = {
  name: 'flush-caches_site_w_0123456789abcdef0123',
  bucket: 'site',
  from: '2026-11-29T09:00:00.000Z',
  to: '2026-11-29T09:01:00.000Z',
  sealedAt: null,
  triedBy: null,
  version: 1,
};
const SEALED = { ...OPEN, sealedAt: '2026-11-29T09:01:10.000Z', version: 2 };

const at = (now: string, window: CollectedWindow = OPEN) => decided({ ask: null, window, now });

describe('a window that is open', () => {
  it.each([
    ['2026-11-29T09:00:01.000Z', 69],
    ['2026-11-29T09:01:00.000Z', 10],
    ['2026-11-29T09:01:09.500Z', 1],
  ])('is waited for, and a little longer, without a lease: at %s for %i s', (now, seconds) => {
    expect(at(now)).toMatchObject({ kind: 'wait', code: 'collecting', seconds, handsBack: true });
  });

  it('is sealed when it is over, on the condition that nobody has', () => {
    expect(at('2026-11-29T09:01:10.000Z')).toMatchObject({
      kind: 'act',
      code: 'sealing',
      more: true,
      budget: 'free',
      plan: [
        {
          call: 'ledger:write',
          input: {
            partition: 'flush-window',
            key: OPEN.name,
            ifVersion: 1,
            value: { bucket: 'site', from: OPEN.from, to: OPEN.to, sealedAt: '2026-11-29T09:01:10.000Z' },
            expiresAt: '2026-12-02T09:01:00.000Z',
          },
        },
      ],
    });
  });

  it('keeps who has had it tried again', () => {
    const decision = at('2026-11-29T09:20:00.000Z', { ...OPEN, triedBy: 'r-1' });
    expect(decision.kind === 'act' && decision.plan[0]?.input['value']).toMatchObject({ triedBy: 'r-1' });
  });

  it('is left alone where the distribution is gone, or not tagged any more', () => {
    expect(decided({ ask: null, window: OPEN, distribution: null })).toMatchObject({ code: 'no-such-distribution' });
    expect(decided({ ask: null, window: OPEN, distribution: { isTagged: false } })).toMatchObject({
      code: 'not-tagged',
    });
  });
});

describe('a window that is sealed', () => {
  it('is flushed as a request is', () => {
    expect(decided({ window: SEALED })).toMatchObject({ kind: 'act', code: 'flushing' });
  });

  it('is told where nothing of it is seen', () => {
    const ask = { counts: { files: 0, wildcards: 0, tags: 0 }, asked: 3 };
    expect(decided({ window: SEALED, ask })).toMatchObject({
      kind: 'nothing',
      code: 'not-served',
      because: 'none of the 3 changed objects is seen at E1ABCDEFGHIJKL',
      tells: true,
    });
  });

  it('is told where all of it was flushed since it changed, and nothing is sent', () => {
    expect(decided({ window: SEALED, progress: { open: [], openPaths: 0 } })).toMatchObject({
      kind: 'nothing',
      code: 'flushed-before',
      tells: true,
    });
    const done = gone(taken(1, { isCompleted: true }));
    expect(decided({ window: SEALED, progress: done })).toMatchObject({ kind: 'nothing', code: 'flushed' });
  });
});
