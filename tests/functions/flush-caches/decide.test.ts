import { describe, expect, it } from 'vitest';
import { decided, gone, planned, REFERENCE, saidNo, taken } from './flush-facts.ts';

function batch(attempt: number, ...Items: readonly string[]) {
  const sent = { CallerReference: `${REFERENCE}${attempt}`, Paths: { Quantity: Items.length, Items } };
  return ['cloudfront:CreateInvalidation', sent];
}

function booked(attempt: number) {
  return ['ledger:write', `2026-11/E1ABCDEFGHIJKL/${REFERENCE}${attempt}`];
}

describe('a request', () => {
  it('goes in one invalidation, under a reference that is known before', () => {
    const decision = decided();
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'flushing',
      because: 'flush 2 paths of E1ABCDEFGHIJKL for kim: it costs 2 paths',
      budget: 'free',
      more: true,
      evidence: { paths: 2, thisMonthByUs: 7, cost: 'it costs 2 paths' },
    });
    expect(planned(decision)).toEqual([batch(1, '/a', '/b')]);
  });

  it('says what it costs, and what it would collapsed', () => {
    const counts = { files: 9, wildcards: 0, tags: 0 };
    expect(decided({ ask: { counts, collapsedPaths: 2 } }).evidence['cost']).toBe(
      'it costs 9 paths; collapsed ("collapse": true) it would be 2',
    );
    expect(decided({ ask: { asked: 40, isCollapsed: true, collapsedPaths: 2 } }).evidence['cost']).toBe(
      'it costs 2 paths, collapsed out of 40',
    );
    expect(decided({ ask: { counts: { files: 1, wildcards: 0, tags: 0 }, collapsedPaths: 1 } }).evidence['cost']).toBe(
      'it costs 1 path',
    );
  });

  it('says what cannot be named, and what is odd about the distribution', () => {
    const decision = decided({
      ask: { widened: 1, widenedFirst: [{ asked: '/a~', sent: '/a*' }] },
      distribution: { isEnabled: false, status: 'InProgress', notFlushed: ['its twin'] },
    });
    expect(decision.because).toBe(
      'flush 2 paths of E1ABCDEFGHIJKL for kim: it costs 2 paths; 1 of them cannot be named, and the narrowest wildcard goes instead; the distribution is disabled: nobody is served by it; the distribution is InProgress: its last change is on its way; not flushed: its twin',
    );
    expect(decision.evidence).toMatchObject({ widened: 1, widenedFirst: [{ asked: '/a~', sent: '/a*' }] });
  });

  it('goes on where a run before it has come to, with what was taken written down first', () => {
    const progress = { accepted: [taken(1)], used: [`${REFERENCE}1`], open: ['/b'], openPaths: 1 };
    expect(planned(decided({ progress }))).toEqual([booked(1), batch(2, '/b')]);
    expect(planned(decided({ progress: { ...progress, open: [], openPaths: 0 } }))).toEqual([booked(1)]);
  });

  it('never takes a reference twice, whoever has used it or was refused with it', () => {
    const used = [`${REFERENCE}1`, `${REFERENCE}4`, 'flush-caches-other-202611290900-9', `${REFERENCE}x`];
    const refusals = [saidNo(['/a', '/b'], 'refused', 6)];
    expect(planned(decided({ progress: { used }, refusals }))).toEqual([batch(7, '/a')]);
    // Where there was no room it is the same attempt still.
    expect(planned(decided({ refusals: [saidNo(['/a'], 'capacity')], now: '2026-11-29T09:02:00.000Z' }))).toEqual([
      batch(1, '/a', '/b'),
    ]);
  });

  it('waits where CloudFront has taken what it does not list yet', () => {
    const hidden = [{ reference: `${REFERENCE}1`, at: '2026-11-29T09:00:30.000Z' }];
    expect(decided({ progress: { hidden } })).toMatchObject({ kind: 'wait', code: 'not-shown-yet', seconds: 5 });
    expect(decided({ progress: { hidden }, now: '2026-11-29T09:10:29.000Z' })).toMatchObject({ kind: 'wait' });
    expect(decided({ progress: { hidden }, now: '2026-11-29T09:10:30.000Z' })).toMatchObject({
      kind: 'refuse',
      code: 'never-shown',
      attention: true,
      over: true,
    });
  });
});

describe('what may not be', () => {
  it.each([
    ['no-such-distribution', { distribution: null }],
    ['not-tagged', { distribution: { isTagged: false } }],
    ['no-cache-tags', { ask: { counts: { files: 0, wildcards: 0, tags: 1 } } }],
    ['too-many-paths', { ask: { counts: { files: 9, wildcards: 1, tags: 1 } }, distribution: { hasCacheTags: true } }],
  ])('is refused: %s', (code, change) => {
    expect(decided(change)).toMatchObject({ kind: 'refuse', code, attention: true });
  });

  it('is not what is just within the limit', () => {
    const counts = { files: 8, wildcards: 1, tags: 1 };
    expect(decided({ ask: { counts }, distribution: { hasCacheTags: true } })).toMatchObject({ kind: 'act' });
  });

  it('a run that died is told of, and is over', () => {
    const pending = { intent: 'x', at: '2026-11-29T08:00:00.000Z', note: { by: 'kim', paths: 3 } };
    expect(decided({ ask: null, history: { epoch: 1, actions: [], memory: {}, pending } })).toMatchObject({
      kind: 'refuse',
      code: 'left-behind',
      attention: true,
      over: true,
      evidence: { by: 'kim', paths: 3 },
    });
    expect(decided({ ask: null, history: 'lost' })).toMatchObject({ code: 'left-behind' });
  });
});

describe('room', () => {
  const full = { inProgress: { files: 3_000, wildcards: 15, others: 2, unread: 0 } };

  it('is waited for without the lease, at most two hours', () => {
    expect(decided({ progress: full })).toMatchObject({
      kind: 'wait',
      code: 'no-room',
      seconds: 20,
      handsBack: true,
    });
    expect(decided({ progress: full, now: '2026-11-29T10:59:59.000Z' })).toMatchObject({ kind: 'wait' });
    expect(decided({ progress: full, now: '2026-11-29T11:00:00.000Z' })).toMatchObject({
      kind: 'refuse',
      code: 'no-room',
      over: true,
      attention: true,
    });
  });

  it('is used as far as there is any, for files and wildcards apart', () => {
    const progress = { open: ['/a', '/b', '/c/*', '/d/*'], openPaths: 4 };
    const inProgress = { files: 2_999, wildcards: 14, others: 0, unread: 0 };
    expect(planned(decided({ progress: { ...progress, inProgress } }))).toEqual([batch(1, '/a', '/c/*')]);
  });

  it('that CloudFront says there is none is believed, and waited for longer each time', () => {
    const refusals = [saidNo(['/a'], 'capacity')];
    expect(decided({ refusals })).toMatchObject({ kind: 'wait', code: 'no-room', seconds: 15 });
    expect(decided({ refusals: [...refusals, ...refusals] })).toMatchObject({ seconds: 35 });
    expect(decided({ refusals: Array.from({ length: 9 }, () => saidNo(['/a'], 'capacity')) })).toMatchObject({
      seconds: 295,
    });
    expect(decided({ refusals, now: '2026-11-29T09:01:15.000Z' })).toMatchObject({ kind: 'act' });
  });

  it('is waited for where of all that is open nothing can go now', () => {
    expect(decided({ progress: { open: [], openPaths: 5 } })).toMatchObject({ kind: 'wait', code: 'no-room' });
  });
});

describe('what was sent', () => {
  it('is followed without the lease, often at first and seldom then', () => {
    const progress = gone(taken(1));
    expect(decided({ progress })).toMatchObject({
      kind: 'wait',
      code: 'in-progress',
      seconds: 15,
      handsBack: true,
      because: 'invalidation I1 of E1ABCDEFGHIJKL is in progress since 2026-11-29T09:00:30.000Z',
    });
    expect(decided({ progress, now: '2026-11-29T09:02:30.000Z' })).toMatchObject({ seconds: 60 });
    expect(decided({ progress, now: '2026-11-29T11:00:29.000Z' })).toMatchObject({ kind: 'wait' });
    expect(decided({ progress, now: '2026-11-29T11:00:30.000Z' })).toMatchObject({
      kind: 'refuse',
      code: 'still-under-way',
      over: true,
      attention: true,
    });
  });

  it('is done when all of it is completed', () => {
    const one = taken(1, { isCompleted: true });
    expect(decided({ progress: gone(one, taken(2)) })).toMatchObject({ kind: 'wait' });
    expect(decided({ progress: gone(one, taken(2, { isCompleted: true, paths: 3 })) })).toMatchObject({
      kind: 'nothing',
      code: 'flushed',
      because: '5 paths of E1ABCDEFGHIJKL flushed for kim',
      metrics: { PathsInvalidated: 5 },
      tells: true,
    });
  });
});

describe('a path that CloudFront does not take', () => {
  it('is told when the others are flushed', () => {
    const progress = { ...gone(taken(1, { isCompleted: true, paths: 1 })), open: ['/b'], openPaths: 1 };
    expect(decided({ progress, refusals: [saidNo(['/a', '/b']), saidNo(['/b'])] })).toMatchObject({
      kind: 'nothing',
      code: 'path-refused',
      because: 'CloudFront does not take /b; 1 path of E1ABCDEFGHIJKL flushed',
      attention: true,
      tells: true,
      evidence: { refused: ['/b'] },
    });
  });

  it('is all that there is to tell where it is the only one', () => {
    const progress = { open: ['/b'], openPaths: 1 };
    expect(decided({ progress, refusals: [saidNo(['/b'])] })).toMatchObject({
      kind: 'refuse',
      code: 'path-refused',
      over: true,
    });
  });

  it('is looked for so many times', () => {
    const refusals = ['/1', '/2', '/3', '/4'].map((path) => saidNo([path]));
    expect(decided({ refusals: refusals.slice(0, 3) })).toMatchObject({ kind: 'act' });
    expect(decided({ refusals })).toMatchObject({
      kind: 'refuse',
      code: 'too-many-refused',
      over: true,
      attention: true,
    });
  });
});
